"""A month's report as its enterprise sees it 月报填报: what to report, what bars a zero report.

Everything is asked of the policy's own rules, before anybody sends anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from api.asking import ask_docket
from api.facts_told import tell_facts
from api.filling import shut
from api.signing import keys_in_force
from domain.answer import State
from domain.fact import Actor, Draft
from domain.labels import Labels
from domain.moment import end, last_day, local_day, month_of, months_between
from domain.monthly_report import ReportAnswered, ReportFiled, Role, kind_of, report_id
from domain.policy.duty import judge
from domain.policy.reports import POSTS, found_in, standing
from domain.policy.rules import DUTIES
from domain.proof.code import short_code
from domain.record import facts_of, moment_of
from projections.cells import cell_of
from projections.reports import CONTRADICTED, contradicted_months

if TYPE_CHECKING:
    from datetime import date, datetime

    from api.caller import Caller
    from api.facts_told import FactTold
    from api.serving import Serving
    from domain.answer import OrgRef
    from domain.errors import GateClosed
    from domain.fact import Entry
    from domain.hazard import HazardRecord
    from domain.monthly_report import ReportRecord
    from domain.policy.duty import Docket, Duty
    from domain.policy.reports import Standing

MONTHLY = tuple(rule for rule in DUTIES if (rule.clause, rule.key) == ("3.2a", "monthly"))
_OVERTAKEN = tuple(rule for rule in DUTIES if (rule.clause, rule.key) == ("3.2c", "overtaken"))
_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class HazardOfMonth:
    """A hazard that a report lists: how far it is, by the record, and as was filed before."""

    id: UUID
    number: str
    description: str
    level: str | None
    found: date | datetime
    step: str
    deadline: date | None
    overdue: int
    filed_as: str | None


@dataclass(frozen=True, slots=True)
class SignerTold:
    """One of the two posts whose holders sign a zero report.

    Args:
        role: which.
        holders: who holds it now, by name; empty: vacant.
        signed_by: whose name stands under the text and counts, in this post.
        at: since when.
        electronic: by an electronic signature.
        endorsed: somebody put their name to it without one, which gives no effect.
        mine: whoever asks holds the post.
        without_key: the holders who have no signing key.
    """

    role: Role
    holders: tuple[str, ...]
    signed_by: str | None
    at: date | datetime | None
    electronic: bool
    endorsed: bool
    mine: bool
    without_key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedTold:
    """Somebody's name under the text that stands."""

    name: str
    role: Role
    at: date | datetime
    electronic: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves that a report was filed: where it stands, when it arrived, its check code."""

    position: int
    version: int
    code: str
    arrived: date | datetime
    recorded: datetime
    to: OrgRef | None
    kind: str | None
    count: int
    older: int
    text: str | None


@dataclass(frozen=True, slots=True)
class MonthInStrip:
    """One month of the strip above the form: how its report stands."""

    month: str
    cell: str
    days: int


@dataclass(frozen=True, slots=True)
class MonthTold:
    """A month's report: all that the page of it shows.

    Args:
        enterprise: whose.
        month: as ``2024-05``.
        now: the moment asked about.
        due: until when it is owed.
        owed: whether it is owed at all.
        duty: how what is owed stands.
        overtaken: what else is owed, because a zero report was overtaken.
        regulators: whom to report to.
        found, older: the hazards of the month, and those of earlier ones that are still open.
        barred: why a zero report is refused; None where it is not.
        standing: how the report stands.
        receipt: of the filing that stands.
        signers: for a zero report, the two posts.
        signed: whose names stand under the text.
        answers: what the regulator answered.
        facts: all that is on record of it.
        strip: the months around it.
    """

    enterprise: OrgRef
    month: str
    now: datetime
    due: datetime
    owed: bool
    duty: State | None
    overtaken: datetime | None
    regulators: tuple[OrgRef, ...]
    found: tuple[HazardOfMonth, ...]
    older: tuple[HazardOfMonth, ...]
    barred: GateClosed | None
    standing: Standing | None
    receipt: Receipt | None
    signers: tuple[SignerTold, ...]
    signed: tuple[SignedTold, ...]
    answers: tuple[tuple[str, date | datetime], ...]
    facts: tuple[FactTold, ...]
    strip: tuple[MonthInStrip, ...]

    @property
    def days_left(self) -> int:
        """Whole days until the deadline's day; negative once it has passed."""
        return (last_day(self.month) - local_day(self.now)).days


def month_now(here: Serving) -> str:
    """Return the month in which we are."""
    return month_of(here.now())


def tell_month(here: Serving, caller: Caller, enterprise: UUID, month: str) -> MonthTold:
    """Return an enterprise's report of a month as its people see it.

    Args:
        here: the ledger and the clock.
        caller: who asks: whether they hold one of the posts that sign.
        enterprise: whose.
        month: as ``2024-05``.

    Raises:
        NotFound: nothing is on record about the enterprise.
    """
    docket = ask_docket(here.ledger, enterprise, here.now())
    return _Teller(here, caller, docket, month).told()


class _Teller:
    def __init__(self, here: Serving, caller: Caller, docket: Docket, month: str) -> None:
        self._here = here
        self._caller = caller
        self._docket = docket
        self._month = month
        self._labels = Labels(docket)
        self._report: ReportRecord | None = docket.reports.get(month)
        self._how = standing(docket, self._report) if self._report else None
        self._filing = self._how.filing if self._how else None

    def told(self) -> MonthTold:
        docket, month = self._docket, self._month
        duties = {duty.opening.detail: duty for duty in judge(docket, MONTHLY)}
        duty = duties.get(month)
        organisation = self._labels.organisation(docket.enterprise)
        assert organisation is not None  # noqa: S101 - it was asked about by its id
        return MonthTold(
            enterprise=organisation,
            month=month,
            now=self._here.now(),
            due=end(last_day(month)),
            owed=duty is not None,
            duty=duty.state if duty else None,
            overtaken=self._overtaken(),
            regulators=tuple(self._regulators()),
            found=tuple(map(self._hazard, found_in(docket, month))),
            older=tuple(map(self._hazard, self._older())),
            barred=self._barred(),
            standing=self._how,
            receipt=self._receipt(),
            signers=tuple(map(self._signer, Role)) if self._is_zero else (),
            signed=tuple(self._signed()),
            answers=tuple(self._answers()),
            facts=tuple(self._facts()),
            strip=tuple(self._strip(duties)),
        )

    @property
    def _is_zero(self) -> bool:
        return self._filing is not None and kind_of(self._filing) == "zero"

    def _overtaken(self) -> datetime | None:
        owed = [
            duty.due
            for duty in judge(self._docket, _OVERTAKEN)
            if duty.opening.detail.split()[0] == self._month
            and duty.state in (State.OPEN, State.BROKEN)
        ]
        return next((due for due in owed if due), None)

    def _regulators(self) -> list[OrgRef]:
        docket = self._docket
        regulators = docket.directory.regulators(docket.enterprise, docket.at)
        government = docket.government()
        found = regulators or ([government] if government else [])
        told = (self._labels.organisation(body) for body in found)
        return [each for each in told if each]

    # the hazards

    def _older(self) -> list[HazardRecord]:
        return [
            hazard
            for hazard in self._docket.hazards.values()
            if month_of(hazard.found) < self._month and hazard.closed(self._docket.at) is None
        ]

    def _hazard(self, hazard: HazardRecord) -> HazardOfMonth:
        deadline = self._docket.deadline(hazard)
        closed = hazard.closed(self._docket.at)
        today = local_day(self._docket.at)
        overdue = (today - deadline).days if deadline and closed is None else 0
        return HazardOfMonth(
            id=hazard.id,
            number=hazard.number,
            description=str(hazard.description or ""),
            level=hazard.level.value if hazard.level else None,
            found=hazard.found,
            step=hazard.step(self._docket.at),
            deadline=deadline,
            overdue=max(overdue, 0),
            filed_as=self._filed_as(hazard.id),
        )

    def _filed_as(self, hazard: UUID) -> str | None:
        fact = self._filing.fact if self._filing else None
        if not isinstance(fact, ReportFiled):
            return None
        states = {each.hazard: each.state for each in (*fact.hazards, *fact.older)}
        return states.get(hazard)

    def _barred(self) -> GateClosed | None:
        """Return what would refuse a zero report that is filed now."""
        docket, now = self._docket, self._here.now()
        fact = ReportFiled(
            enterprise=docket.enterprise, month=self._month, kind="zero", to_org=docket.enterprise
        )
        record = report_id(docket.enterprise, self._month)
        version = len(self._report.entries) + 1 if self._report else 1
        draft = Draft(record, version, fact, Actor(authentication="system"), now, now)
        return shut(docket, draft)

    # who has signed

    def _receipt(self) -> Receipt | None:
        filing = self._filing
        if filing is None or not isinstance(filing.fact, ReportFiled):
            return None
        fact = filing.fact
        return Receipt(
            position=filing.position,
            version=filing.version,
            code=short_code(filing.hash),
            arrived=moment_of(filing),
            recorded=filing.recorded,
            to=self._labels.organisation(fact.to_org),
            kind=fact.kind,
            count=len(fact.hazards),
            older=len(fact.older),
            text=fact.text.value if fact.text else None,
        )

    def _signer(self, role: Role) -> SignerTold:
        docket = self._docket
        held = docket.directory.holders(docket.enterprise, POSTS[role], docket.at)
        if role is Role.DEPUTY and not docket.directory.posts_of(
            docket.enterprise, POSTS[role], docket.at
        ):
            held = docket.directory.holders(docket.enterprise, POSTS[Role.PRINCIPAL], docket.at)
        persons = tuple(dict.fromkeys(each.person for each in held))
        keys = keys_in_force(self._here, set(persons))
        signings = self._how.signings if self._how else ()
        own = [each for each in signings if each.role is role and each.withdrawn is None]
        signed = next((each for each in own if each.counts), None)
        if signed is None and self._how and role not in self._how.missing:
            signed = next(iter(self._how.signed), None)
        return SignerTold(
            role=role,
            holders=tuple(self._name(person) for person in persons),
            signed_by=self._name(signed.person) if signed else None,
            at=moment_of(signed.entry) if signed else None,
            electronic=bool(signed and signed.electronic),
            endorsed=any(not each.electronic and not each.counts for each in own),
            mine=self._caller.person in persons,
            without_key=tuple(self._name(each) for each in persons if each not in keys),
        )

    def _signed(self) -> list[SignedTold]:
        return [
            SignedTold(self._name(each.person), each.role, moment_of(each.entry), each.electronic)
            for each in (self._how.signings if self._how else ())
            if each.withdrawn is None
        ]

    def _name(self, person: UUID) -> str:
        return self._labels.person_name(person) or "〔已删除〕"

    # what is on record

    def _answers(self) -> list[tuple[str, date | datetime]]:
        entries = self._report.entries if self._report else []
        return [(str(f.answer), moment_of(e)) for e, f in facts_of(entries, ReportAnswered)]

    def _facts(self) -> list[FactTold]:
        if self._report is None:
            return []
        entries: list[Entry] = [e for e in self._docket.all_entries if e.record == self._record]
        signatures = [e for f in entries for e, _ in self._docket.signatures.get(f.position, [])]
        return tell_facts([*entries, *signatures], self._labels)

    @property
    def _record(self) -> UUID:
        return report_id(self._docket.enterprise, self._month)

    def _strip(self, duties: dict[str, Duty]) -> list[MonthInStrip]:
        year = self._month[:4]
        last = local_day(self._docket.at)
        months = months_between(
            last.replace(year=int(year), month=1, day=1),
            last.replace(year=int(year), month=_A_YEAR, day=1),
        )
        return [MonthInStrip(month, *self._cell(month, duties.get(month))) for month in months]

    def _cell(self, month: str, duty: Duty | None) -> tuple[str, int]:
        report = self._docket.reports.get(month)
        how = standing(self._docket, report) if report else None
        state = how.state.value if how and how.state else None
        return cell_of(
            duty.state.value if duty else None,
            CONTRADICTED if month in self._contradicted else state,
            kind_of(how.filing) if how and how.filing else None,
            local_day(moment_of(how.effect)) if how and how.effect else None,
            month,
            bool(how and how.signed),
        )

    @cached_property
    def _contradicted(self) -> set[str]:
        return set(contradicted_months(self._docket))
