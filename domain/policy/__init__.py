"""The policy as rules: clauses, settings, duties, gates and breaches, section by section."""
