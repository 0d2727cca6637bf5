"""Rolls 名册 held against the record: what is kept of each, and all that it says.

What a roll must say of an id follows from the facts up to its position and from the policy. The
facts are found here; the policy is not known here, and what follows from it is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.audit.faults import Fault
from domain.errors import Invalid
from domain.fact import Entry
from domain.monthly_report import MONTH
from domain.proof.roll import Roll, RollHead
from domain.roll import KINDS, RollTaken, deadline_of, roll_record


class Taken(NamedTuple):
    """A roll that was taken: where its fact stands, and what that says."""

    position: int
    head: RollHead
    upto: int
    deadline: datetime

    @property
    def kind(self) -> str:
        """What it is of."""
        return self.head.of.partition(" ")[0]

    @property
    def month(self) -> str:
        """The month at whose end it was taken."""
        return self.head.of.partition(" ")[2]


def read_taken(entry: Entry, fact: RollTaken) -> Taken | Fault:
    """Return the roll that a fact takes, or what is wrong with the fact by itself."""
    taken = Taken(entry.position, fact.head, fact.upto, fact.deadline)
    known = taken.kind in KINDS and re.fullmatch(MONTH, taken.month, re.ASCII)
    if not known or entry.record != roll_record(fact.head.of):
        zh = f"{fact.head.of}：不是应封存的名册，或不在其档案中"
        return Fault(
            entry.position, "roll", zh, f"{fact.head.of} is no roll, or in no place of one"
        )
    if fact.deadline != deadline_of(taken.month) or not fact.upto < entry.position:
        zh, en = "所载截止时刻或末条序号有误", "it states another deadline, or a position to come"
        return Fault(entry.position, "roll", f"名册 {fact.head.of} {zh}", f"{fact.head.of}: {en}")
    return taken


def check_kept(taken: Taken, leaves: Sequence[bytes]) -> Fault | None:
    """Hold the entries kept of a roll against its fact: sorted, canonical, of that root."""
    try:
        whole = Roll.read(leaves).head(taken.head.of) == taken.head
    except Invalid:
        whole = False
    if whole:
        return None
    zh = f"名册 {taken.head.of} 所存的条目与其树根不符：条目被改动或缺失"
    en = f"the entries kept of the roll {taken.head.of} do not lead to its root"
    return Fault(taken.position, "roll", zh, en)


def check_reached(taken: Taken, recorded_by_deadline: int) -> Fault | None:
    """Tell whether a roll leaves out facts that were recorded before its deadline.

    Args:
        taken: the roll.
        recorded_by_deadline: the last position recorded by its deadline.
    """
    if taken.upto >= recorded_by_deadline:
        return None
    zh = f"名册 {taken.head.of} 只反映至第{taken.upto}条，截止前还有至第{recorded_by_deadline}条"
    en = f"{taken.head.of} reflects facts to {taken.upto}, and not those to {recorded_by_deadline}"
    return Fault(taken.position, "roll", zh, f"{en} that its deadline found recorded")


def check_said(
    taken: Taken, kept: Mapping[str, bytes], derived: Mapping[str, bytes]
) -> Fault | None:
    """Hold what a roll says against what the record says; name the first id where they differ.

    Args:
        taken: the roll.
        kept: its entries, by id.
        derived: the entries that the facts up to its position come to.
    """
    other = [each for each in kept.keys() | derived.keys() if kept.get(each) != derived.get(each)]
    if not other:
        return None
    first = min(other)
    if first not in kept:
        zh, en = "依事实应列入，名册中没有", "should be on it by the facts, and is not"
    elif first not in derived:
        zh, en = "依事实不应列入，名册中却有", "is on it, and should not be by the facts"
    else:
        zh, en = "名册所载与事实不符", "is on it with something else than the facts come to"
    zh = f"名册 {taken.head.of}：{first} {zh}"
    return Fault(taken.position, "roll", zh, f"the roll {taken.head.of}: {first} {en}")
