"""The pages people look at: Jinja2 templates, one style sheet, figures drawn by the server."""
