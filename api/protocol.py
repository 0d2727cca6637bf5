"""How connections are served: nobody holds one by saying nothing, or by saying it slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from api.settings import is_loopback

if TYPE_CHECKING:
    import asyncio

SECONDS_FOR_A_HEAD = 10.0
MOST_OF_ONE_PEER = 128
"""Connections of one peer beyond this machine."""


class Protocol(H11Protocol):
    """HTTP/1.1 that closes a connection on which no whole request head comes in time.

    h11 and not httptools: it limits how large a head may be while it is still incomplete.
    """

    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        """Take a connection, unless its peer has too many."""
        super().connection_made(transport)
        peer = self.client[0] if self.client else ""
        own = sum(1 for each in self.connections if _peer(each) == peer)
        if own > MOST_OF_ONE_PEER and not is_loopback(peer):
            transport.close()
            return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for the rest of a head only so long."""
        super().data_received(data)
        if not self._waits():
            self._stop_waiting()
        elif self._clock is None:
            self._wait_for_head()

    def _wait_for_head(self) -> None:
        self._clock = self.loop.call_later(SECONDS_FOR_A_HEAD, self._give_up)

    def _stop_waiting(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self) -> None:
        self._clock = None
        if self._waits():
            self.transport.close()

    def _waits(self) -> bool:
        """Tell whether no request is being served: there was none, or it has been answered."""
        cycle: Any = self.cycle
        return cycle is None or bool(cycle.response_complete)


def _peer(connection: Any) -> str:  # noqa: ANN401 - any of uvicorn's protocols
    client = getattr(connection, "client", None)
    return str(client[0]) if client else ""
