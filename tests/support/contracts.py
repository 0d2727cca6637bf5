"""The event sourcing library's contract tests, importable without pycryptodome.

They import ``eventsourcing.cipher`` for tests of other things. Its twin on ``cryptography``, which
is here anyway, stands in for it.
"""

import sys

import eventsourcing.cryptography

sys.modules.setdefault("eventsourcing.cipher", eventsourcing.cryptography)

from eventsourcing.tests import persistence  # noqa: E402 - only now can it be imported

__all__ = ["persistence"]
