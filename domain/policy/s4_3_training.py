"""四（三） Training 职工安全培训: proof for the post, training before work, contracts, checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.measure import ClosingRequested, MeasureDecided, MeasureGround
from domain.moment import earlier, end, late, local_day, no_later, spans_between, start, uncovered
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.policy.bearers import due_or_now, head, officer, principal, regulator_until
from domain.policy.duty import (
    Breach,
    BreachRule,
    DutyRule,
    Opening,
    Section,
    find,
    first_about,
    registration,
)
from domain.record import facts_of, moment_of
from domain.training import (
    CertificateKind,
    Engagement,
    TrainingChecked,
    certified,
    passed_times,
    trained,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.directory import Holding, Post
    from domain.fact import Entry
    from domain.moment import Time
    from domain.policy.duty import Docket

_MANAGERS = (PostKind.PRINCIPAL, PostKind.SAFETY_MANAGER)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What would prove that somebody may hold a post: from when to when, and by which facts."""

    times: list[Time]
    by: tuple[Entry, ...]
    zh: str
    en: str


# 4.3a the proof that each case needs, on every day in the post


def _managers_without(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """Principals and safety staff: the assessment in a high-risk enterprise, else a training."""
    if docket.operating_since is None:
        return
    found: dict[str, Breach] = {}
    for post in docket.directory.all_posts(docket.enterprise):
        for holding in docket.directory.holdings(post.id) if post.kind in _MANAGERS else ():
            for breach in _unproved(docket, rule, post, holding):
                found.setdefault(breach.id, breach)  # appointed twice, a person holds it once
    yield from found.values()


def _unproved(docket: Docket, rule: BreachRule, post: Post, holding: Holding) -> Iterator[Breach]:
    """Judge each stretch of somebody's time in a post by what the enterprise was then."""
    assert docket.operating_since is not None  # noqa: S101 - as the caller asked
    begins = docket.silent_since(max(holding.since, docket.operating_since, key=start))
    ends = _first(holding.until, _closed(docket))
    for since, until, high_risk in docket.directory.risks(docket.enterprise, begins, ends):
        proof = _management_proof(docket, holding.person, high_risk=high_risk)
        for gap_from, gap_to in _lacking(docket, proof.times, since, until):
            yield Breach(
                rule=rule,
                subject=f"post:{post.id}",
                at=gap_from,
                until=gap_to,
                lasts=True,
                who=principal(docket),
                by=(*holding.entries, *proof.by),
                zh=f"{post.title}{proof.zh}",
                en=f"{post.title}: {proof.en}",
                detail=str(holding.person),
            )


def _management_proof(docket: Docket, person: UUID, *, high_risk: bool) -> _Proof:
    assessed = certified(docket.about(f"person:{person}"), CertificateKind.ASSESSMENT)
    times = [time for _, time in assessed]
    by = [entry for entry, _ in assessed]
    if high_risk:
        words = ("没有有效的安全生产知识和管理能力考核合格证明", "no valid assessment")
        return _Proof(times, tuple(by), *words)
    taken = _trainings(docket, person)
    times += passed_times(taken, person)
    by += [entry for entry, _ in trained(taken, person)]
    return _Proof(times, tuple(by), "没有安全培训合格的证明", "no passed training")


def _trainings(docket: Docket, person: UUID) -> list[Entry]:
    """Return the facts about a person that are this enterprise's: its own trainings count."""
    own = f"org:{docket.enterprise}"
    return [entry for entry in docket.about(f"person:{person}") if own in entry.tags]


def _operators_without(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """Special-operation workers 特种作业人员: a certificate of that kind, always."""
    for employment in docket.employments:
        if employment.began is None:
            continue
        began, fact = employment.began
        facts = docket.about(f"person:{fact.person}")
        for work in employment.works:
            special = work.fact.special_operation
            if special is None:
                continue
            held = certified(facts, CertificateKind.SPECIAL_OPERATION, special)
            since = docket.silent_since(work.since)
            until = _first(work.until, _closed(docket))
            for gap_from, gap_to in _lacking(docket, [time for _, time in held], since, until):
                yield Breach(
                    rule=rule,
                    subject=employment.subject,
                    at=gap_from,
                    until=gap_to,
                    lasts=True,
                    who=principal(docket),
                    by=(began, work.entry, *(entry for entry, _ in held)),
                    zh=f"{special}人员没有有效的特种作业操作证而上岗",
                    en=f"{special}: at work without a valid certificate",
                    detail=str(work.entry.position),
                )


def _lacking(
    docket: Docket,
    times: Iterable[Time],
    since: date | datetime,
    until: date | datetime | None,
) -> Iterator[tuple[date | datetime, date | datetime | None]]:
    """Yield from when to when something needed from ``since`` to ``until`` was missing.

    It is needed for every day as a whole, the day asked about included.

    Args:
        docket: for its moment, up to which what goes on is judged.
        times: when it was there.
        since: from when it is needed.
        until: till when, that day included; None where it is needed still.
    """
    last = _after(until or local_day(docket.at))
    for begins, ends in uncovered(times, since, last):
        if begins == since and _may_come_after(since, docket.at):
            continue
        yield begins, ends if ends != last else until


def _may_come_after(day: date | datetime, moment: date | datetime) -> bool:
    """Tell whether a day without a time is the day of an instant: then either may come first."""
    return _is_day(day) and not _is_day(moment) and day == local_day(moment)


def _after(moment: date | datetime) -> date | datetime:
    """Return the first moment past ``moment``: of a day, the next day."""
    return moment if not _is_day(moment) else moment + timedelta(days=1)


def _first(*moments: date | datetime | None) -> date | datetime | None:
    return min((each for each in moments if each is not None), key=end, default=None)


def _closed(docket: Docket) -> date | datetime | None:
    org = docket.directory.organisations.get(docket.enterprise)
    return org.closed if org else None


# 4.3b a passed training before the work


def _untrained(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for employment in docket.employments:
        if employment.began is None:
            continue
        began, fact = employment.began
        taken = _trainings(docket, fact.person)
        times = passed_times(taken, fact.person)
        by = [entry for entry, _ in trained(taken, fact.person)]
        for work in employment.works:
            if earlier(work.since, docket.silent_since(work.since)):
                continue
            until = _first(work.until, _closed(docket))
            first = next(_lacking(docket, times, work.since, until), None)
            if first is None or first[0] != work.since:
                continue
            yield Breach(
                rule=rule,
                subject=employment.subject,
                at=work.since,
                until=first[1],
                lasts=True,
                who=principal(docket),
                by=(began, work.entry, *by),
                zh=f"{work.fact.work}未经培训合格即上岗",
                en=f"{work.fact.work}: put to work before a passed training",
                detail=str(work.entry.position),
            )


# 4.3d one campaign on training a year


def _campaigns(docket: Docket) -> Iterator[Opening]:
    """Each regulator's, for each calendar year in which it supervised, or exists."""
    for body, times in _regulators(docket).items():
        known = docket.directory.organisations.get(body)
        if known is None:
            continue
        began = local_day(docket.silent_since(known.began))
        years = {
            year
            for since, until in times
            for year in spans_between(
                local_day(docket.silent_since(since)), local_day(until or docket.at), "year"
            )
        }
        for year in sorted(years):
            opened = max(date(int(year), 1, 1), began)
            last = docket.settings.at("4.3d.by", opened).day_in(int(year))
            yield Opening(
                subject=f"org:{body}",
                at=opened,
                who=head(body),
                owed_to=docket.government(body),
                by=registration(docket, body) if body == docket.enterprise else (),
                due=end(last) if last else None,
                detail=year,
            )


def _regulators(docket: Docket) -> dict[UUID, list[Time]]:
    """Return when each regulator answered for the enterprise; of a department itself: always."""
    own = docket.directory.organisations.get(docket.enterprise)
    if own and own.kind in (OrgKind.DEPARTMENT, OrgKind.ZONE):
        return {own.id: [(own.began, own.closed)]}
    found: dict[UUID, list[Time]] = {}
    for each in docket.directory.supervisions(docket.enterprise):
        found.setdefault(each.department, []).append((each.since, each.until))
    return found


def _campaign(docket: Docket, about: Opening) -> Entry | None:
    """A campaign counts for the year that it is of, held in that year or late."""
    for entry, fact in facts_of(docket.about(about.subject), TrainingChecked):
        of_it = fact.body == about.who.org and str(fact.year) == about.detail
        if of_it and no_later(date(fact.year, 1, 1), moment_of(entry)):
            return entry
    return None


# 4.3e what follows a breach of 4.3a or 4.3b, however it came to light


def _to_decide(docket: Docket) -> Iterator[Opening]:
    """From when it could be read from the record; what came after its beginning moves nothing."""
    for breach in find(docket, _GROUNDS):
        shown = (e.recorded for e in breach.by if no_later(moment_of(e), breach.at))
        at = max([start(breach.at), *shown])
        if earlier(docket.at, at):
            continue
        regulator = regulator_until(docket, at, "4.3e.decide")
        yield Opening(
            subject=breach.subject,
            at=at,
            who=officer(docket, regulator, at, due_or_now(docket, at, "4.3e.decide")),
            owed_to=docket.government(regulator) if regulator else None,
            by=breach.by,
            detail=f"{breach.rule.clause}/{breach.rule.key}/{breach.detail}/{local_day(breach.at)}",
            note=(breach.zh, breach.en),
        )


def _decided(docket: Docket, about: Opening) -> Entry | None:
    """A decision after the breach was on record, about everybody or about this person.

    To ask the government to close the enterprise is one.
    """
    persons = {getattr(entry.fact, "person", None) for entry in about.by}
    for entry in docket.entries:
        fact = entry.fact
        if not isinstance(fact, MeasureDecided | ClosingRequested):
            continue
        suits = isinstance(fact, ClosingRequested) or _suits(fact, persons)
        at = moment_of(entry)
        by_regulator = fact.by_org in (about.who.org, docket.regulator(at))
        after = by_regulator and no_later(about.at, at)
        if fact.ground is MeasureGround.TRAINING and suits and after:
            return entry
    return None


def _suits(fact: MeasureDecided, persons: set[UUID | None]) -> bool:
    names = not fact.persons or bool(set(fact.persons) & persons)
    return names and (bool(fact.measures) or fact.reason is not None)


def _enterprise_closed(docket: Docket, _: Opening) -> Entry | None:
    return first_about(docket, f"org:{docket.enterprise}", "organisation.closed")


# 4.3f a labour contract, after the grace


def _without_contract(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """Only of its own employees: whoever is dispatched or an intern has one elsewhere."""
    for employment in docket.employments:
        if employment.began is None or employment.began[1].engagement is not Engagement.OWN:
            continue
        began = employment.began[0]
        since = docket.silent_since(moment_of(began))
        until = _first(employment.ended, _closed(docket))
        for gap_from, gap_to in _lacking(docket, employment.contracts, since, until):
            applied = docket.settings.at("4.3f.grace", gap_from)
            assert applied.period is not None  # noqa: S101 - it cannot be switched off
            over = docket.after(applied.period, gap_from)
            last = docket.at if gap_to is None else gap_to
            if not late(last, over):
                continue
            yield Breach(
                rule=rule,
                subject=employment.subject,
                at=over,
                until=gap_to,
                lasts=True,
                who=principal(docket),
                by=(began, *employment.all("employment.contract_signed")),
                zh="用工之日起超过宽限期未订立劳动合同",
                en="at work with no contract on record after the grace",
                applied=applied,
            )


def _is_day(moment: date | datetime) -> bool:
    return type(moment) is date


_GROUNDS = (
    BreachRule(
        "4.3a",
        "manager",
        Line.ENTERPRISE,
        "主要负责人、安全生产管理人员未经考核培训任职",
        "Management without the proof that it needs",
        _managers_without,
    ),
    BreachRule(
        "4.3a",
        "operator",
        Line.ENTERPRISE,
        "特种作业人员无证上岗",
        "Special operation without a certificate",
        _operators_without,
    ),
    BreachRule(
        "4.3b",
        "untrained",
        Line.ENTERPRISE,
        "未经培训合格上岗",
        "Put to work untrained",
        _untrained,
    ),
)

SECTION = Section(
    duties=(
        DutyRule(
            "4.3d",
            "check",
            Line.SUPERVISION,
            "开展培训情况专项检查",
            "Check the training of enterprises",
            _campaigns,
            _campaign,
            within="4.3d.by",
        ),
        DutyRule(
            "4.3e",
            "decide",
            Line.SUPERVISION,
            "对未经培训、无证上岗作出处理决定",
            "Decide on work without training or proof",
            _to_decide,
            _decided,
            within="4.3e.decide",
            until=_enterprise_closed,
        ),
    ),
    breaches=(
        *_GROUNDS,
        BreachRule(
            "4.3f",
            "contract",
            Line.ENTERPRISE,
            "未订立劳动合同",
            "No labour contract",
            _without_contract,
        ),
    ),
)
