"""Reading one record, as at a moment and as known at one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from api.answers import RecordAnswer, fact_answer
from api.folds import fold
from domain.errors import NotFound
from domain.fact import Entry
from domain.ledger import Query
from domain.moment import no_later
from domain.policy.duty import Docket
from domain.reading import read_case
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from api.operations import Noun
    from domain.ledger import Ledger


def read_record(
    ledger: Ledger,
    noun: Noun,
    record: UUID,
    *,
    now: datetime,
    as_at: date | datetime | None = None,
    known_at: datetime | None = None,
) -> RecordAnswer:
    """Return a record and what it comes to.

    Args:
        ledger: where to read.
        noun: what the record is about.
        record: its id.
        now: the server's clock, the moment asked about where ``as_at`` is None.
        as_at: leave out what happened later.
        known_at: leave out what was recorded later.

    Raises:
        NotFound: there is no such record of this noun, as known then.
    """
    upto = ledger.position_at(known_at) if known_at else None
    own = ledger.record(record, upto=upto)
    if not own or own[0].fact.topic.noun != noun.name:
        raise NotFound(
            f"没有编号为 {record} 的{noun.zh}档案",
            f"there is no record {record} among {noun.en.lower()}",
            todo_zh="核对编号；若问“截至某时所知”，当时可能尚未录入",
            todo_en="check the id; as known at an earlier time it may not have been entered yet",
        )
    case = Docket(_place(own), _with_context(ledger, own, upto), as_at or now)
    told = own if as_at is None else [e for e in own if no_later(moment_of(e), as_at)]
    return RecordAnswer(
        record=record,
        noun=noun.name,
        version=len(own),
        as_at=as_at,
        known_at=known_at,
        state=fold(noun.name, record, case),
        facts=[fact_answer(entry, case.corrected_by.get(entry.position)) for entry in told],
    )


def _place(entries: Iterable[Entry]) -> UUID:
    """Return the organisation that a record is about; where there is none, the record itself."""
    orgs = sorted(_organisations(entries))
    first = next(iter(entries))
    about = getattr(first.fact, "enterprise", None)
    return about or (orgs[0] if orgs else first.record)


def _organisations(entries: Iterable[Entry]) -> set[UUID]:
    return _ids(entries, "org")


def _ids(entries: Iterable[Entry], noun: str) -> set[UUID]:
    tags = {tag for entry in entries for tag in entry.tags if tag.startswith(f"{noun}:")}
    return {UUID(tag.split(":")[1]) for tag in tags}


def _with_context(ledger: Ledger, own: list[Entry], upto: int | None) -> list[Entry]:
    """Return a record's facts, those that bear on it, and the corrections among these.

    On a hazard bear the facts that name it and the orders among them, which set deadlines; on a
    report all that is on record about its enterprise, which may contradict it.
    """
    noun = own[0].fact.topic.noun
    if noun == "report":
        return read_case(ledger, _place(own), upto=upto)
    entries = {entry.position: entry for entry in own}
    if noun == "hazard":
        naming = ledger.read(Query((f"hazard:{own[0].record}",)), upto=upto)
        orders = [Query((f"order:{each}",)) for each in _ids(naming, "order")]
        entries |= {e.position: e for e in (*naming, *ledger.read(*orders, upto=upto))}
    queries = [
        Query((f"org:{org}",), ("fact.corrected",))
        for org in _organisations(list(entries.values()))
    ]
    entries |= {entry.position: entry for entry in ledger.read(*queries, upto=upto)}
    return [entries[position] for position in sorted(entries)]
