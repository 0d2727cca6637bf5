"""``kill -9`` of everything, at random moments, under load.

``DAOCHA_FAULT_ROUNDS=100 DAOCHA_FAULT_SEED=7 python -m pytest tests/faults/test_kills.py`` does a
hundred of them, the same ones for one seed; by default each victim dies once.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.faults.town import Town

VICTIMS = ("server", "postgres", "importer")


def test_whatever_is_killed_nothing_acknowledged_is_lost_or_doubled() -> None:
    rounds = int(os.environ.get("DAOCHA_FAULT_ROUNDS", len(VICTIMS)))
    seed = int(os.environ.get("DAOCHA_FAULT_SEED") or os.urandom(2).hex(), 16)
    print(f"DAOCHA_FAULT_SEED={seed:x}")  # noqa: T201 - shown where it fails
    # Not under pytest's own directory, which every run of pytest closes to other accounts.
    with TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as directory:
        town = Town(Path(directory), Random(seed))  # noqa: S311 - a test's choice is no secret
        with town.at_work():
            town.begin_import()
            victims = [VICTIMS[number % len(VICTIMS)] for number in range(rounds)]
            town.chance.shuffle(victims)
            for victim in victims:
                town.flow(town.chance.randrange(1, 8))
                town.kill(victim)
            town.flow(5)
            town.finish_import()
        assert town.seen, "nothing was published meanwhile"
        town.check()
