"""A server's transparency log: waiting until it covers what was recorded, and trusting it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from domain.log import in_use, log_id
from domain.proof.trust import read_trust

if TYPE_CHECKING:
    from domain.proof.trust import Trust
    from tests.support.web import Web


def policy(web: Web) -> str:
    """Return the policy by which a server's own log is trusted, with no witness."""
    ledger = web.here.ledger
    keys = in_use(ledger.record(log_id(ledger.origin)))
    return "".join(f"log {key}\n" for key in keys) + "quorum none\n"


def trust(web: Web) -> Trust:
    """Return it, read."""
    return read_trust(policy(web))


def covered(web: Web) -> int:
    """Wait until a published checkpoint covers all there is, and read models know it."""
    position = web.here.ledger.head().position
    web.here.runner.wait_for(position, 60)
    for _ in range(600):
        published = web.here.ledger.checkpoints.latest()
        if published is not None and published.size >= position:
            return position
        time.sleep(0.1)
    raise AssertionError("no checkpoint was published")
