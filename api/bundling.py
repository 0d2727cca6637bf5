"""Making evidence bundles 证据包: gathering the facts that show a matter, and what bounds them.

What is gathered is only what a published checkpoint covers. To the facts about the matter come: the
organisations, people and posts that they name, each with its record from the first fact on; the
signing keys, with who vouched for them; and the first rolls taken after each signature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args
from uuid import UUID

import orjson

from api.rolls_told import roll_taken
from domain.correction import FactCorrected
from domain.errors import GateClosed, NotFound, Unavailable
from domain.fact import TOPICS, canonical, read_leaf
from domain.ledger import Query
from domain.listing import ListedFact
from domain.moment import first_day, local_day, month_of, months_between
from domain.monthly_report import ReportFiled, report_id
from domain.people import PersonRegistered, PostCreated
from domain.policy.bearers import known_to_enterprise
from domain.policy.duty import Docket
from domain.policy.settings import Settings
from domain.proof.bundle import About, Asked, Disclosed, make_bundle
from domain.proof.leaf import follow
from domain.proof.roll import look_up
from domain.proof.taken import KEYS, POSTS, REPORTS
from domain.reading import read_case
from domain.roll import RollTaken, roll_name, roll_record
from domain.setting import SETTINGS
from domain.signing import SignatureMade, key_record
from domain.trace import trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from domain.fact import Entry
    from domain.ledger import Ledger, Published, RawEntry
    from domain.trace import Question
    from projections.log import Log

RecordKind = Literal["order", "hazard", "inspection", "expert_inspection"]
_KINDS: dict[str, RecordKind] = {kind: kind for kind in get_args(RecordKind)}
_EXTRACTED = ("hazard", "grade", "listing", "correction")
"""What an extract for a bank is made of, by noun."""
_YEARS_BACK = 2
"""How far back to look for the last roll that an enterprise is on."""


class Bundler:
    """Makes bundles from a ledger and its log.

    Args:
        ledger: where the facts are.
        log: proves that they stand in it.
        published: the checkpoint that bounds them; the newest, if None.

    Raises:
        NotFound: there is no such matter, as far as a checkpoint covers.
        Unavailable: no checkpoint is published yet.
    """

    def __init__(self, ledger: Ledger, log: Log, published: Published | None = None) -> None:
        self._ledger = ledger
        self._log = log
        self._bounds = published

    def of_report(self, enterprise: UUID, month: str, *, mask: bool = False) -> bytes:
        """Return the bundle of an enterprise's report of a month; ``mask`` keeps words back."""
        record = report_id(enterprise, month)
        gathered = self._gathered(f"report:{record}", record)
        self._round_off(gathered)
        self._add_hazards(gathered, enterprise, month)
        gathered.complete()
        rolls = [*self._after_signatures(gathered)]
        rolls += self._of_month(gathered, month, str(enterprise))
        return self._write(About(kind="report", id=str(record)), gathered, rolls, mask=mask)

    def of_record(self, kind: RecordKind, record: UUID, *, mask: bool = False) -> bytes:
        """Return the bundle of an order or an inspection, or of a hazard's whole life."""
        gathered = self._gathered(f"{kind}:{record}", record)
        self._round_off(gathered)
        rolls = [*self._after_signatures(gathered)]
        return self._write(About(kind=kind, id=str(record)), gathered, rolls, mask=mask)

    def of_document(self, entry: Entry, *, mask: bool = False) -> bytes | None:
        """Return the bundle of what a document is about; None where there is no such bundle."""
        fact = entry.fact
        if isinstance(fact, ReportFiled):
            return self.of_report(fact.enterprise, fact.month, mask=mask)
        if isinstance(fact, ListedFact):
            return self.of_record("hazard", fact.hazard, mask=mask)
        kind = _KINDS.get(fact.topic.noun)
        return self.of_record(kind, entry.record, mask=mask) if kind else None

    def of_trace(self, enterprise: UUID, question: Question, *, mask: bool = False) -> bytes:
        """Return the bundle of a trace, with every fact of the case that it was made from."""
        published = self._published()
        upto = published.size
        if question.known_at is not None:
            upto = min(upto, self._ledger.position_at(question.known_at))
        gathered = _Gathered(self._ledger, published, upto)
        gathered.add(read_case(self._ledger, enterprise, upto=upto))
        if not any(f"org:{enterprise}" in entry.tags for entry in gathered.entries.values()):
            raise _nothing(str(enterprise))
        gathered.complete()
        entries = [read_leaf(raw.leaf) for raw in gathered.raw()] if mask else gathered.all()
        told = retrace(enterprise, entries, question) | {"head": upto}
        rolls = [*self._last(gathered, str(enterprise))]
        about = About(kind="trace", id=str(enterprise))
        return self._write(about, gathered, rolls, mask=mask, told=told)

    def of_extract(self, enterprise: UUID) -> bytes:
        """Return what a bank may check of an enterprise: its hazards' steps and its grades (4.2c).

        Words and names of people are kept back. It goes beyond the words of the text, and can be
        switched off by its setting.

        Raises:
            GateClosed: the setting ``4.2c.extract`` switches it off.
        """
        published = self._published()
        gathered = _Gathered(self._ledger, published, published.size)
        rules = self._ledger.records([SETTINGS], upto=published.size)
        if Settings(rules).at("4.2c.extract", gathered.latest()).value is None:
            raise GateClosed(
                "可供银行核验的摘要已按规则设置停用",
                "the extract for banks is switched off by a rule setting",
                todo_zh="如须恢复，更改设置 4.2c.extract",
                todo_en="to have it again, change the setting 4.2c.extract",
                clause="4.2c",
            )
        topics = tuple(name for name, topic in TOPICS.items() if topic.noun in _EXTRACTED)
        found = self._ledger.read(Query((f"org:{enterprise}",), topics), upto=published.size)
        gathered.add(each for each in found if getattr(each.fact, "enterprise", None) == enterprise)
        gathered.add(each for each in found if isinstance(each.fact, FactCorrected))
        gathered.records([enterprise])
        if not any(entry.record == enterprise for entry in gathered.entries.values()):
            raise _nothing(str(enterprise))
        gathered.records(_bodies_named(gathered.all()))
        gathered.add([self._ledger.genesis()])
        gathered.complete()
        return self._write(About(kind="extract", id=str(enterprise)), gathered, [], mask=True)

    # Gathering.

    def _published(self) -> Published:
        published = self._bounds or self._log.latest()
        if published is None:
            raise Unavailable(
                "尚未公布检查点，不能出具证据包",
                "no checkpoint is published yet, so nothing can be proved",
                todo_zh="运行 daocha serve（自动公布），或 daocha log publish",
                todo_en="run daocha serve, which publishes by itself, or daocha log publish",
            )
        return published

    def _gathered(self, tag: str, record: UUID) -> _Gathered:
        published = self._published()
        gathered = _Gathered(self._ledger, published, published.size)
        gathered.add(self._ledger.read(Query((tag,)), upto=published.size))
        if not any(entry.record == record for entry in gathered.entries.values()):
            raise _nothing(tag)
        return gathered

    def _add_hazards(self, gathered: _Gathered, enterprise: UUID, month: str) -> None:
        """Add what shows the hazards that a report lists as open, and those found in its month.

        Of the latter also how the enterprise knew of it: with that, a signer is contradicted.
        """
        case = read_case(self._ledger, enterprise, upto=gathered.upto)
        recorded = {entry.position: entry for entry in case}
        docket = Docket(enterprise, case, max(entry.recorded for entry in case))
        listed = {each.hazard for _, fact in gathered.of(ReportFiled) for each in fact.older}
        for hazard in docket.hazards.values():
            if month_of(hazard.found) == month or hazard.id in listed:
                ways = (hazard.origin, known_to_enterprise(docket, hazard))
                # As recorded: where a correction takes a fact's place, the docket shows its words.
                gathered.add(recorded[each.position] for each in ways if each)

    def _round_off(self, gathered: _Gathered) -> None:
        """Add what the facts name, what the signatures rest on, and the log's first fact."""
        signatures = [fact.statement for _, fact in gathered.of(SignatureMade)]
        keys = [Query((f"key:{key_record(each.key)}",)) for each in signatures]
        about_keys = ("key.registered", "key.revoked")
        found = self._ledger.read(*keys, upto=gathered.upto)
        gathered.add(entry for entry in found if entry.topic in about_keys)
        gathered.records(gathered.named())
        gathered.records({fact.organisation for _, fact in gathered.of(PostCreated)})
        gathered.add([self._ledger.genesis()])
        gathered.complete()

    # Rolls.

    def _after_signatures(self, gathered: _Gathered) -> Iterator[Asked]:
        """Yield what the first rolls after each signature say of its post and its key."""
        made = gathered.of(SignatureMade)
        wanted = {(POSTS, str(fact.statement.post), entry) for entry, fact in made}
        wanted |= {(KEYS, str(key_record(fact.statement.key)), entry) for entry, fact in made}
        seen = set()
        for kind, ident, signature in wanted:
            taken = self._first_after(gathered, kind, signature)
            if taken and (taken.position, ident) not in seen:
                seen.add((taken.position, ident))
                yield self._ask(gathered, taken, ident)

    def _first_after(self, gathered: _Gathered, kind: str, signature: Entry) -> Entry | None:
        months = months_between(local_day(signature.recorded), local_day(gathered.latest()))
        rolls = self._taken(gathered, kind, months)
        reflecting = (each for each in rolls if _upto(each) >= signature.position)
        return next(reflecting, None)

    def _of_month(self, gathered: _Gathered, month: str, ident: str) -> Iterator[Asked]:
        try:
            taken = roll_taken(self._ledger, REPORTS, month)
        except NotFound:
            return
        if taken.position <= gathered.upto:
            yield self._ask(gathered, taken, ident)

    def _last(self, gathered: _Gathered, enterprise: str) -> Iterator[Asked]:
        """Yield what the last roll of reports says that the enterprise is on."""
        last = local_day(gathered.latest())
        since = first_day(f"{last.year - _YEARS_BACK}-{last.month:02d}")
        for taken in reversed(self._taken(gathered, REPORTS, months_between(since, last))):
            asked = self._prove(taken, enterprise)
            if look_up(_head(taken).head, enterprise, asked.proof) is not None:
                gathered.add([taken])
                yield asked
                return

    def _taken(self, gathered: _Gathered, kind: str, months: Iterable[str]) -> list[Entry]:
        records = {roll_record(roll_name(kind, month)) for month in months}
        return self._ledger.records(records, upto=gathered.upto)

    def _ask(self, gathered: _Gathered, taken: Entry, ident: str) -> Asked:
        gathered.add([taken])
        return self._prove(taken, ident)

    def _prove(self, taken: Entry, ident: str) -> Asked:
        proof = self._ledger.rolls.stored(_head(taken).head).prove(ident)
        return Asked(taken.position, ident, proof)

    def _write(
        self,
        about: About,
        gathered: _Gathered,
        rolls: list[Asked],
        *,
        mask: bool,
        told: dict[str, Any] | None = None,
    ) -> bytes:
        published = gathered.published
        return make_bundle(
            about,
            published.note,
            published.size,
            [raw.leaf for raw in gathered.raw()],
            self._log.reader(published.size),
            rolls=rolls,
            disclosed=() if mask else _disclosures(gathered.all()),
            trace=None if told is None else canonical(told).decode(),
        ).write()


@dataclass
class _Gathered:
    """The facts for one bundle, by position, and the checkpoint that covers them."""

    ledger: Ledger
    published: Published
    upto: int
    entries: dict[int, Entry] = field(default_factory=dict)

    def add(self, found: Iterable[Entry]) -> None:
        self.entries |= {each.position: each for each in found if each.position <= self.upto}

    def records(self, ids: Iterable[UUID]) -> None:
        """Add all facts of these records."""
        self.add(self.ledger.records(ids, upto=self.upto))

    def all(self) -> list[Entry]:
        """Return them in order."""
        return [self.entries[position] for position in sorted(self.entries)]

    def raw(self) -> list[RawEntry]:
        """Return them as stored, in order."""
        return self.ledger.at(sorted(self.entries))

    def of(self, kind: type[Any]) -> list[tuple[Entry, Any]]:
        """Return those of a kind with their content."""
        return [(each, each.fact) for each in self.all() if isinstance(each.fact, kind)]

    def named(self) -> set[UUID]:
        """Return the organisations, people and posts that they name, and who did them."""
        found = {each.by.person for each in self.entries.values() if each.by.person}
        for entry in self.entries.values():
            marked = entry.fact.names()
            found |= {ident for _, kind, ident in marked if kind in ("org", "person", "post")}
        return found

    def complete(self) -> None:
        """Add the earlier facts of every record that has one among them."""
        last: dict[UUID, int] = {}
        for entry in self.entries.values():
            last[entry.record] = max(last.get(entry.record, 0), entry.version)
        whole = self.ledger.records(last, upto=self.upto)
        self.add(each for each in whole if each.version <= last[each.record])

    def latest(self) -> datetime:
        """Return when the last fact that is reached was recorded."""
        (last,) = self.ledger.range_raw(self.upto - 1, 1)
        return last.recorded


def retrace(enterprise: UUID, entries: Iterable[Entry], question: Question) -> dict[str, Any]:
    """Return the trace that follows from facts, as plain JSON."""
    told: dict[str, Any] = orjson.loads(trace(enterprise, entries, question).model_dump_json())
    return told


def _disclosures(entries: Iterable[Entry]) -> Iterator[Disclosed]:
    """Yield what is sealed in the facts and still to be had; of a person, the name alone."""
    for entry in entries:
        data = entry.fact.model_dump(mode="json", exclude_none=True)
        for path, sealed in entry.fact.sealed():
            kept_back = isinstance(entry.fact, PersonRegistered) and path != "name"
            if sealed.value is None or sealed.salt is None or kept_back:
                continue
            place = entry.fact.stands_at(path)
            if follow(data, place) is not None:
                yield Disclosed(
                    position=entry.position, path=place, salt=sealed.salt.hex(), value=sealed.value
                )


def _bodies_named(entries: Iterable[Entry]) -> set[UUID]:
    """Return the organisations that facts name, whose names stand in the extract."""
    return {ident for e in entries for _, kind, ident in e.fact.names() if kind == "org"}


def _head(taken: Entry) -> RollTaken:
    assert isinstance(taken.fact, RollTaken)  # noqa: S101 - as its record says
    return taken.fact


def _upto(taken: Entry) -> int:
    return _head(taken).upto


def _nothing(what: str) -> NotFound:
    return NotFound(
        f"在已公布的检查点所及范围内没有 {what}",
        f"nothing is on record about {what}, as far as a published checkpoint covers",
        todo_zh="核对编号；刚录入的须待下一个检查点公布（daocha log publish）",
        todo_en="check the id; what was just recorded waits for the next checkpoint",
    )
