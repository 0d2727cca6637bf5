"""Rolls 名册 derived again from the facts alone, as an audit does: no read model is asked.

What a read model comes to by taking every fact in, one after the other, is told here of one id by
looking up its facts; the two are held to each other by every roll that is audited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import UUID

from domain.fact import leaf_hash
from domain.moment import last_day
from domain.monthly_report import report_id
from domain.policy.duty import Docket
from domain.proof.roll import RollEntry
from domain.proof.taken import EMPTY_CHAIN, POSTS, REPORTS, chain
from domain.roll import deadline_of
from projections.reports import MONTHLY
from projections.rolls import filings, in_time

if TYPE_CHECKING:
    from domain.fact import Entry
    from domain.ledger import RawEntry


class Tables(Protocol):
    """The ledger's tables, read by positions and tags (:class:`domain.ledger.LedgerTables`)."""

    def rows_at(self, positions: Sequence[int]) -> Sequence[RawEntry]:
        """Return the facts at some positions."""
        ...

    def tagged(
        self, wanted: Sequence[tuple[str, int]], upto: int
    ) -> Sequence[tuple[str, RawEntry]]:
        """Return the facts that carry a tag after a position, with the tag, in order."""
        ...


class Asked(NamedTuple):
    """An id, and what is known of it.

    Args:
        id: what may stand on the roll.
        by: where the facts stand that put it there.
        after: the position that the last roll of reports reflects, if the id is on it; else 0.
        facts, chained: count and chain of the facts about it, as that roll says.
    """

    id: str
    by: tuple[int, ...]
    after: int = 0
    facts: int = 0
    chained: bytes = EMPTY_CHAIN


def derive(
    kind: str, month: str, upto: int, asked: Sequence[Asked], tables: Tables
) -> list[bytes | None]:
    """Return the entry of each id on a roll in its canonical form; None of one not on it.

    Args:
        kind: what the roll is of.
        month: at whose end it was taken.
        upto: the last position that it reflects.
        asked: the ids.
        tables: where the facts lie.
    """
    positions = sorted({1, *(at for each in asked for at in each.by)})
    rows = {row.position: row for row in tables.rows_at(positions)}
    found = [(each, [rows[at] for at in each.by if at in rows]) for each in asked]
    if kind == REPORTS:
        entries = _owed(found, rows[1].entry, month, upto, tables)
    else:
        make = _held if kind == POSTS else _in_force
        entries = {each.id: make(each.id, own) for each, own in found}
    leaves = (entries.get(each.id) for each in asked)
    return [entry.leaf if entry else None for entry in leaves]


# Reports: who owed, what they had filed, and the chain of all facts about them.


def _owed(
    found: Sequence[tuple[Asked, list[RawEntry]]],
    genesis: Entry,
    month: str,
    upto: int,
    tables: Tables,
) -> dict[str, RollEntry | None]:
    owing = [each for each, own in found if own and _owes(each.id, genesis, own, month)]
    about = _grouped(tables.tagged([(f"org:{each.id}", each.after) for each in owing], upto))
    reports = {each.id: str(report_id(UUID(each.id), month)) for each in owing}
    filed = _grouped(tables.tagged([(f"report:{of}", 0) for of in reports.values()], upto))
    entries: dict[str, RollEntry | None] = {}
    for each in owing:
        facts = about.get(f"org:{each.id}", [])
        content = {
            "chain": chain([leaf_hash(row.leaf) for row in facts], each.chained).hex(),
            "count": each.facts + len(facts),
            "filed": _filed(reports[each.id], filed, month),
        }
        entries[each.id] = RollEntry.model_construct(id=each.id, content=content)
    return entries


# 3.2a, asked of the policy's own rule.
def _owes(of: str, genesis: Entry, own: Sequence[RawEntry], month: str) -> bool:
    entries = [genesis, *(row.entry for row in own)]
    docket = Docket(UUID(of), entries, last_day(month) + timedelta(days=1))
    return any(opening.detail == month for rule in MONTHLY for opening in rule.opens(docket))


def _filed(
    report: str, facts: Mapping[str, Sequence[RawEntry]], month: str
) -> list[dict[str, str]]:
    entries = [row.entry for row in facts.get(f"report:{report}", ())]
    due = deadline_of(month)
    return [told for filing in filings(report, entries) for told in in_time(filing[4:], due)]


def _grouped(rows: Sequence[tuple[str, RawEntry]]) -> dict[str, list[RawEntry]]:
    found: dict[str, list[RawEntry]] = defaultdict(list)
    for tag, row in rows:
        found[tag].append(row)
    return found


# Posts and keys.


def _held(post: str, rows: Sequence[RawEntry]) -> RollEntry | None:
    created: dict[str, Any] | None = None
    held: list[dict[str, Any]] = []
    for row in (row for row in rows if str(row.record) == post):
        data = row.body["data"]
        if row.topic == "post.created":
            created = {"kind": data["kind"], "organisation": data["organisation"]}
        elif row.topic == "appointment.made":
            held.append({"person": data["person"], "since": row.position})
        elif row.topic in ("appointment.ended", "post.abolished"):
            for each in held:
                if data.get("person") in (None, each["person"]):
                    each.setdefault("until", row.position)
    return (
        RollEntry.model_construct(id=post, content={**created, "held": held}) if created else None
    )


def _in_force(record: str, rows: Sequence[RawEntry]) -> RollEntry | None:
    content: dict[str, Any] | None = None
    for row in rows:
        data = row.body["data"]
        if row.topic == "key.registered" and str(row.record) == record:
            key = row.entry.fact.key.id  # type: ignore[attr-defined]
            content = {"key": key, "person": data["person"], "since": row.position}
        elif content and content["key"] in (data.get("replaces"), data.get("key")):
            content.setdefault("until", row.position)
    return RollEntry.model_construct(id=record, content=content) if content else None
