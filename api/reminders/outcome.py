"""What can become of something that is handed over, other than that it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class NotTaken(Exception):
    """It was refused, for good or for now: ``again`` says after what time to try once more."""

    def __init__(self, reason: str, again: timedelta | None) -> None:
        super().__init__(reason)
        self.again = again


class Uncertain(Exception):
    """The connection was lost while it was handed over: nobody knows whether it was taken."""
