"""The crowd at the door 门口: on the last evening of a month, whom the server still lets in.

Requests that wait for a thread are counted, and how fast those before them go. Whoever would have
to wait too long is told at once, and when to come again: so those who are in are served as fast as
ever, and nobody's request lies in a queue until its sender has given up. What is to be recorded is
let in longer than what is only looked at.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from api.problems import TooOften

if TYPE_CHECKING:
    from starlette.types import Scope

PATIENCE = 1.0
"""Seconds for which whoever looks at something may be kept waiting."""
PATIENCE_OF_WRITERS = 3.0
"""Seconds for whoever records something: to send it again costs them and us more."""
MOST = 2_000
"""Requests inside at once, however fast they go: each takes memory."""
_FIRST_GUESS = 0.02
_WEIGHT = 0.1
"""Of the newest of the times between two departures, in their average."""
_OPEN = ("/health", "/metrics", "/static/", "/log/checkpoint")
_LOOKS = ("GET", "HEAD", "OPTIONS")


class Crowded(TooOften):
    """Too many are inside: nobody in particular asked too often."""


class Crowd:
    """Who is inside; asked from the event loop alone.

    Args:
        threads: how many requests are worked on at once; the others wait.
    """

    def __init__(self, threads: int) -> None:
        self.inside = 0
        self.turned_away = 0
        self._threads = threads
        self._apart = _FIRST_GUESS
        self._left_last: float | None = None

    def wait(self) -> float:
        """Return for how many seconds somebody who enters now would wait, as things go."""
        return max(0, self.inside - self._threads) * self._apart

    def enter(self, scope: Scope) -> None:
        """Let a request in.

        Raises:
            Crowded: it would wait too long; says when to come again.
        """
        patience = PATIENCE if scope["method"] in _LOOKS else PATIENCE_OF_WRITERS
        wait = self.wait()
        if (wait > patience or self.inside >= MOST) and not scope["path"].startswith(_OPEN):
            self.turned_away += 1
            raise _crowded(ceil(wait) + 1)
        self.inside += 1

    def leave(self, now: float) -> None:
        """Let a request out.

        Args:
            now: seconds on a clock that never goes back.
        """
        if self.inside > self._threads and self._left_last is not None:
            apart = now - self._left_last
            self._apart += _WEIGHT * (apart - self._apart)
        self.inside -= 1
        self._left_last = now if self.inside > self._threads else None


def _crowded(seconds: int) -> Crowded:
    return Crowded(
        f"此刻请求太多，请 {seconds} 秒后再试",
        f"too many requests at this moment: try again in {seconds} seconds",
        seconds=seconds,
        todo_zh="尚未收到，没有录入；以同一命令编号重发即可。已收到的不会丢失，按收到时刻计",
        todo_en="nothing was recorded: send it again with the same id. What was accepted is not"
        " lost, and counts from its arrival",
    )
