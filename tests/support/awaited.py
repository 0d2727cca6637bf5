"""Run a coroutine from a test, whatever else runs in the test's thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


def awaited(ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What the coroutine function answers, run on an event loop in a thread of its own.

    Tests share a process with those that drive a browser, and the driver keeps an event loop
    running in the test's own thread: `asyncio.run` refuses there, which shows only when chance
    puts the two into one worker.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result()  # noqa: TID251 - the one place
