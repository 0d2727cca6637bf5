"""The terminal 终端: what every command of ``daocha`` prints with, and who records from there."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from domain.fact import Actor

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
