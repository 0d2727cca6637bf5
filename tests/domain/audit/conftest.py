from __future__ import annotations

from tests.support.ledger import ledger, place

__all__ = ["ledger", "place"]
