"""The routes: commands generated from the facts, and what can be asked."""
