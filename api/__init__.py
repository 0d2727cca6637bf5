"""The edges of daocha: HTTP, pages, command line, settings and the embedded PostgreSQL."""
