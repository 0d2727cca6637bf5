"""Figures 图: SVG drawn by the server with presentation attributes only, for a strict CSP."""
