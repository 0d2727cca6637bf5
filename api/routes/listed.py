"""What pages with lists have in common 列表页面: where they go on, and the spreadsheet of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query, Response

if TYPE_CHECKING:
    from api.pages.table import Table
    from api.pages.words import Speech

After = Annotated[str | None, Query(max_length=400)]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST = 100_000


def most() -> int:
    """Return how many rows a spreadsheet holds at the most."""
    return _MOST


def sheet(table: Table[Any], name: str, say: Speech) -> Response:
    """Return a table as a file to take away.

    Args:
        table: with all its rows.
        name: the name of the words for it, and of the file.
        say: the words.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(table.spreadsheet(say(name), say), media_type=_XLSX, headers=headers)
