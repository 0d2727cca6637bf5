"""What the last backup and the last rehearsal came to: a small file, for the system's page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.log.keys import write_durably

if TYPE_CHECKING:
    from pathlib import Path

FILE = "backups.json"


def note(home: Path, ledger: str, what: str, told: dict[str, Any]) -> None:
    """Note what the last one came to.

    Args:
        home: where all state lives.
        ledger: its schema.
        what: ``backup``, ``rehearsal`` or ``audit``.
        told: plain data.
    """
    found = read(home)
    found.setdefault(ledger, {})[what] = told
    write_durably(home / FILE, json.dumps(found, ensure_ascii=False, indent=1).encode())


def read(home: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what was noted, by ledger and what it was; empty where nothing was, or is legible."""
    try:
        found = json.loads((home / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
