"""What is wrong with a file as a whole, and what the forms of a table share."""

from __future__ import annotations

from domain.errors import Invalid

HEAD = 12
"""The first rows of a table, among which its header is looked for."""


class TableError(Invalid):
    """The file is no table that can be read; the sentences say where and what to do."""
