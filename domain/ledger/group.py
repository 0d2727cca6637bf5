"""Group append: commands that wait at the same moment share one call and one commit.

Appends are serialised by the database anyway, so while one call is under way the others gather
here, and go together in the next. A command that meets nobody goes at once.
"""

from __future__ import annotations

from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LARGEST = 200
"""Most commands in one call: the last one's answer should not be long in coming."""


class _Waiting:
    """A request, and the place where its thread waits for the answer or for its turn to send."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.woken = Event()
        self.answer: Any = None


class Group:
    """Sends requests of many threads together.

    Args:
        send: sends requests in one call and answers each; what it raises, every sender gets.
    """

    def __init__(self, send: Callable[[Sequence[dict[str, Any]]], Sequence[Any]]) -> None:
        self._send = send
        self._lock = Lock()
        self._sending = False
        self._queue: list[_Waiting] = []

    def send(self, request: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever `send` answers
        """Send one request, alone or with others, and return its answer."""
        mine = _Waiting(request)
        with self._lock:
            self._queue.append(mine)
            leads = not self._sending
            self._sending = True
        if not leads:
            self._wait(mine)
        if mine.answer is None:
            self._lead()
        if isinstance(mine.answer, BaseException):
            raise mine.answer
        return mine.answer

    def _wait(self, mine: _Waiting) -> None:
        try:
            mine.woken.wait()
        except BaseException:  # this thread is interrupted: leave without holding up the others
            with self._lock:
                if mine in self._queue:
                    self._queue.remove(mine)
                    if mine.woken.is_set():
                        self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the lead to whoever waits longest; expects the lock to be held."""
        self._sending = bool(self._queue)
        for waiting in self._queue[:1]:
            waiting.woken.set()

    def _lead(self) -> None:
        """Send what waits, the leader's own request among it, and pass the lead on."""
        with self._lock:
            batch, self._queue = self._queue[:_LARGEST], self._queue[_LARGEST:]
        answers: Sequence[Any] = [_interrupted() for _ in batch]
        try:
            answers = self._send([waiting.request for waiting in batch])
        except Exception as error:  # noqa: BLE001 - told to everybody who waits for this call
            answers = [error for _ in batch]
        finally:
            for waiting, answer in zip(batch, answers, strict=True):
                waiting.answer = answer
                waiting.woken.set()
            with self._lock:
                self._pass_on()


def _interrupted() -> Unavailable:
    return Unavailable(
        "写入被中断，是否已记录尚不确定",
        "the write was interrupted; whether it is recorded is not known",
        todo_zh="请用同一命令编号重试。",
        todo_en="Send it again with the same id.",
    )
