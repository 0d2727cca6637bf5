"""The terminal 终端: what every command of ``daocha`` prints with, and who records from there."""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from domain.fact import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator

BY = Actor(authentication="cli")
"""Whoever sits at the machine."""
# Names and numbers come from other people's files: nothing in them is markup.
out = Console(markup=False, emoji=False)
err = Console(markup=False, emoji=False, stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")]


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def now() -> datetime:
    """Return the machine's clock, aware."""
    return datetime.now(UTC)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress]:
    """Yield what shows progress on a terminal; nothing is shown elsewhere, or where it is quiet."""
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=quiet or not err.is_terminal,
    ) as progress:
        yield progress


_PIECES = re.compile(r"\s+|(?:[!-~]+|\S)[。，、；：？！”’）》」〕…]*")


def in_lines(text: str, width: int) -> Iterator[str]:
    """Yield a text in lines of so many columns, broken as Chinese is: anywhere but within a number.

    No line begins with a mark that closes something.
    """
    line = ""
    for piece in _PIECES.findall(text):
        if line and cell_len(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = piece.lstrip()
        else:
            line += piece
    yield line.rstrip()
