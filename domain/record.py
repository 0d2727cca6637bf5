"""Records 档案: the facts of one subject in order. A record does not judge.

A record is read at a moment: facts that happened later are not in it. Everything else about a
subject (its level, its deadline, whether it is closed) is asked of the facts, never stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from domain.fact import Fact
from domain.moment import earlier, end, late, start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from domain.fact import Entry

F = TypeVar("F", bound=Fact)

LATENESS_GRACE_SECONDS = 120
"""A fact counts as of its arrival if it was recorded within this time of it (decision 2)."""


def moment_of(entry: Entry) -> date | datetime:
    """Return the moment at which the act counts as done.

    An act of the record (filing, signing, issuing) counts from its arrival, or from its recording
    where that came more than two minutes later; an act in the world by the actor's word. A
    correction that leaves an act of the record what it was leaves it its moment, too (ADR 34).
    """
    if not entry.fact.topic.of_record:
        return entry.happened
    if entry.counts:
        return entry.counts
    waited = (entry.recorded - entry.received).total_seconds()
    return entry.received if waited <= LATENESS_GRACE_SECONDS else entry.recorded


def follows(entry: Entry, other: Entry) -> bool:
    """Tell whether ``entry`` comes after ``other``: by moment, else by place in the ledger.

    A fact dated before the other comes before it, however late it was entered.
    """
    mine, others = moment_of(entry), moment_of(other)
    return earlier(others, mine) or (not earlier(mine, others) and entry.position > other.position)


def set_in_time(told: Iterable[tuple[Entry, date]]) -> list[tuple[Entry, date, bool]]:
    """Tell of each deadline that somebody set themselves whether it took effect.

    The first does, and every other that was set before the one in force had passed: a new date
    does not undo lateness.

    Args:
        told: by which fact each was set, earliest first.
    """
    found: list[tuple[Entry, date, bool]] = []
    in_force: date | None = None
    for entry, day in told:
        effective = in_force is None or not late(moment_of(entry), end(in_force))
        found.append((entry, day, effective))
        in_force = day if effective else in_force
    return found


def by_moment(entries: list[Entry]) -> list[Entry]:
    """Sort entries by the moment they count from; those of one moment by position."""
    return sorted(entries, key=lambda entry: (start(moment_of(entry)), entry.position))


def earliest(*entries: Entry | None) -> Entry | None:
    """Return the entry that counts from the earliest moment; None where there is none at all."""
    return next(iter(by_moment([entry for entry in entries if entry])), None)


class Record:
    """The facts of one subject, in the order in which they happened.

    Args:
        subject: its tag, such as ``hazard:0192…``.
        entries: its facts, and those that name it.
    """

    def __init__(self, subject: str, entries: list[Entry]) -> None:
        self.subject = subject
        self.entries = by_moment(entries)

    @property
    def key(self) -> str:
        """The id, as text."""
        return self.subject.split(":", 1)[1]

    def all(self, *topics: str) -> list[Entry]:
        """Return the facts of these topics, earliest first."""
        return [entry for entry in self.entries if entry.topic in topics]

    def first(self, *topics: str) -> Entry | None:
        """Return the earliest fact of these topics."""
        return next((entry for entry in self.entries if entry.topic in topics), None)

    def last(self, *topics: str) -> Entry | None:
        """Return the latest fact of these topics."""
        return next((entry for entry in reversed(self.entries) if entry.topic in topics), None)

    def fact(self, topic: str) -> Any:  # noqa: ANN401 - its class follows from the topic
        """Return the content of the latest fact of ``topic``, or None."""
        entry = self.last(topic)
        return entry.fact if entry else None

    def positions(self) -> list[int]:
        """Return where its facts stand in the ledger."""
        return sorted(entry.position for entry in self.entries)


def facts_of(entries: list[Entry], kind: type[F]) -> Iterator[tuple[Entry, F]]:
    """Yield the entries whose fact is of ``kind`` together with that fact, typed."""
    for entry in entries:
        if isinstance(entry.fact, kind):
            yield entry, entry.fact
