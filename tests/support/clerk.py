"""A clerk 经办人 who takes a month's rolls, honestly or not: whoever runs the ledger could."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from api import rolls
from domain.proof.roll import Roll, RollEntry
from domain.proof.taken import KEYS, POSTS, REPORTS
from domain.roll import CLOSES, deadline_of
from projections.rolls import compose

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.stage import Stage

    Entries = dict[str, RollEntry]
    Trick = Callable[[Stage, dict[str, Entries]], int | None]

NAMED = {REPORTS: "月报名册", POSTS: "岗位名册", KEYS: "密钥名册"}


def take(stage: Stage, month: str, trick: Trick | None = None) -> None:
    """Take a month's rolls when it closes, changed by a trick; name them on the stage."""
    with stage.opened() as ledger:
        rolls.catch_up(ledger)
        found = compose(ledger, month)
        entries = {
            kind: {entry.id: entry for entry in roll.entries} for kind, roll in found.rolls.items()
        }
        upto = (trick(stage, entries) if trick else None) or found.upto
        facts = [
            rolls.keep(ledger, kind, month, Roll(each.values()), upto)
            for kind, each in entries.items()
        ]
        rolls._write(ledger, facts, deadline_of(month) + CLOSES + timedelta(seconds=1))
        for kind, entry in zip(facts, rolls.taken(ledger, month), strict=True):
            stage.at[NAMED[kind.head.of.partition(" ")[0]]] = entry.position
