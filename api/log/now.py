"""Publishing at once, for the command line: what is recorded so far, and then no more."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING

from api import home
from api.log.publisher import Press, begin
from domain.errors import Unavailable
from projections.log import Log, Tiles
from projections.runner import Runner

if TYPE_CHECKING:
    from api.settings import Settings
    from domain.ledger import Ledger, Published

_PATIENCE = 15.0
_PAUSE = 0.1


def catch_up(ledger: Ledger) -> None:
    """Bring the tiles up to the ledger's end, in this process.

    Raises:
        Unavailable: the database cannot be reached, or a fact cannot be applied.
    """
    runner = Runner(ledger.conninfo, [Tiles()], schema=ledger.schema)
    try:
        runner.catch_up()
    finally:
        runner.stop()


def publish_now(ledger: Ledger, settings: Settings) -> Published:
    """Return a published checkpoint of all that is recorded so far, made here if nobody else does.

    Raises:
        Rewritten: the ledger no longer holds what was signed.
        Unavailable: a key, a witness or the database is out of reach, or whoever publishes is slow.
    """
    keys = home.log_keys_of(settings, ledger.origin)
    begin(ledger, keys, now=datetime.now(UTC), random=os.urandom)
    wanted = ledger.head().position
    catch_up(ledger)
    log = Log(ledger)
    press = Press(ledger, keys, home.log_policy_of(settings))
    deadline = monotonic() + _PATIENCE
    try:
        while (found := log.covering(wanted)) is None:
            with ledger.checkpoints.leading() as leader:
                if leader is not None:
                    press.publish(leader)
                    continue
            if monotonic() > deadline:
                raise _slow(wanted)
            sleep(_PAUSE)
    finally:
        press.close()
    return found


def _slow(wanted: int) -> Unavailable:
    return Unavailable(
        f"服务正在公布检查点，但尚未到第 {wanted} 条",
        f"the server publishes, and has not come to {wanted} yet",
        todo_zh="看 /health 中 log 一项的说明",
        todo_en="see what /health says under log",
    )
