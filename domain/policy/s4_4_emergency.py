"""四（四） Emergency rescue 应急救援: plans and drills, and the power to stop and evacuate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.emergency import DrillHeld, PlanFiled, PlanKind, PlanReviewed, PlanRevised
from domain.evacuation import AllClearGiven, Commander, DangerPassed, DangerSeen, EvacuationOrdered
from domain.incident import CasualtiesUpdated
from domain.moment import (
    earlier,
    end,
    last_day,
    late,
    local_day,
    no_later,
    span_of,
    uncovered,
)
from domain.policy.bearers import head, principal
from domain.policy.duty import (
    Breach,
    BreachRule,
    DutyRule,
    Opening,
    Section,
    first_about,
    registration,
)
from domain.record import by_moment, facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.directory import Organisation
    from domain.fact import Entry
    from domain.incident import IncidentOccurred
    from domain.moment import Span, Time
    from domain.policy.duty import Docket

_SPANS: dict[int, Span] = {1: "month", 3: "quarter", 6: "half_year", 12: "year"}
_WHOLE = (PlanKind.COMPREHENSIVE, PlanKind.SPECIAL)
"""What an enterprise's own drill must be of (山东条例 art. 63 综合或者专项)."""
_MINUTE = timedelta(minutes=1)


# 4.4b plans filed, and kept current


def _to_file(docket: Docket) -> Iterator[Opening]:
    if docket.operating_since is not None:
        yield _of_enterprise(docket, docket.silent_since(docket.operating_since))


def _of_enterprise(docket: Docket, at: date | datetime) -> Opening:
    return Opening(
        subject=f"org:{docket.enterprise}",
        at=at,
        who=principal(docket),
        owed_to=docket.regulator(at),
        by=registration(docket, docket.enterprise),
    )


def _filed(docket: Docket, about: Opening) -> Entry | None:
    return next((e for e, _ in facts_of(docket.about(about.subject), PlanFiled)), None)


def _plans(docket: Docket, *kinds: PlanKind) -> Iterator[tuple[str, Entry, PlanFiled]]:
    """Yield the enterprise's plans of some kinds on record: the plan's tag and its first filing."""
    for entry, fact in facts_of(docket.entries, PlanFiled):
        if fact.organisation == docket.enterprise and fact.kind in kinds:
            yield f"emergency_plan:{entry.record}", entry, fact


def _to_keep_current(docket: Docket) -> Iterator[Opening]:
    """From each filing, revision or review that found nothing to revise, the next is owed."""
    for subject, _, _ in _plans(docket, *PlanKind):
        for number, entry in enumerate(_made_current(docket, subject), 1):
            at = moment_of(entry)
            yield Opening(
                subject=subject,
                at=at,
                who=principal(docket),
                owed_to=docket.regulator(at),
                by=(entry,),
                detail=f"第{number}期",
            )


def _made_current(docket: Docket, subject: str) -> list[Entry]:
    return by_moment(
        [
            entry
            for entry in docket.about(subject)
            if isinstance(entry.fact, PlanFiled | PlanRevised)
            or (isinstance(entry.fact, PlanReviewed) and not entry.fact.to_revise)
        ]
    )


def _kept_current(docket: Docket, about: Opening) -> Entry | None:
    """The filing, revision or review after the one that opened this."""
    made = _made_current(docket, about.subject)
    return next(iter(made[made.index(about.by[0]) + 1 :]), None)


def _ended(docket: Docket, about: Opening) -> Entry | None:
    """The plan was abolished, or the enterprise closed: then there is nothing left to drill."""
    ends = [
        first_about(docket, about.subject, "emergency_plan.abolished"),
        first_about(docket, f"org:{about.who.org}", "organisation.closed"),
    ]
    return next(iter(by_moment([each for each in ends if each])), None)


# 4.4b drills


def _drilled_often(docket: Docket, at: date | datetime) -> bool:
    """Tell whether the enterprise was high-risk, or a crowded place, at ``at``."""
    standing = docket.directory.standing(docket.enterprise, at)
    return standing is not None and (standing.high_risk or standing.crowded)


def _spans(
    docket: Docket, key: str, began: date | datetime
) -> Iterator[tuple[str, date | datetime, date]]:
    """Yield each span of the calendar that a setting gives: its name, beginning and last day.

    A period of one, three, six or twelve months is the month, quarter, half-year or year of the
    calendar, and the first one is that in which ``began`` lies; any other runs on from there.
    """
    at = began
    while no_later(at, docket.at):
        period = docket.settings.at(key, at).period
        assert period is not None  # noqa: S101 - it cannot be switched off
        unit = _SPANS.get(period.amount) if period.unit == "months" else None
        name = span_of(at, unit) if unit else local_day(at).isoformat()
        last = last_day(name) if unit else local_day(docket.after(period, at)) - timedelta(days=1)
        yield name, at, last
        at = max(last, local_day(at)) + timedelta(days=1)


def _half_yearly(docket: Docket) -> Iterator[Opening]:
    if docket.operating_since is None:
        return
    began = docket.silent_since(docket.operating_since)
    for name, at, last in _spans(docket, "4.4b.half_yearly", began):
        if _drilled_often(docket, at):
            yield _by(_of_enterprise(docket, at), last, name)


def _yearly(docket: Docket) -> Iterator[Opening]:
    """Of other enterprises, and of the governments, zones and departments."""
    began = docket.operating_since
    if began is not None:
        for name, at, last in _spans(docket, "4.4b.yearly", docket.silent_since(began)):
            if not _drilled_often(docket, at):
                yield _by(_of_enterprise(docket, at), last, name)
    for body in docket.bodies:
        yield from _yearly_of_body(docket, docket.directory.organisations[body])


def _yearly_of_body(docket: Docket, body: Organisation) -> Iterator[Opening]:
    """Of a body over an enterprise, only the years in which there was the enterprise."""
    place = docket.directory.organisations.get(docket.enterprise)
    since = place.began if place else body.began
    for name, at, last in _spans(docket, "4.4b.yearly", docket.silent_since(body.began)):
        if not earlier(last, since) and not (body.closed and earlier(body.closed, at)):
            opening = Opening(
                subject=f"org:{body.id}",
                at=at,
                who=head(body.id),
                owed_to=docket.government(body.id),
                by=registration(docket, body.id),
            )
            yield _by(opening, last, name)


def _by(opening: Opening, last: date, name: str) -> Opening:
    """Return the opening of a duty that is owed within a span of the calendar."""
    return replace(opening, due=end(last), detail=name)


def _drilled(docket: Docket, about: Opening) -> Entry | None:
    """A drill counts for the span it falls in: a late one does not make up for another span."""
    own = about.who.org == docket.enterprise and docket.operating_since is not None
    for entry, fact in facts_of(by_moment(docket.about(about.subject)), DrillHeld):
        of_kind = fact.organisation == about.who.org and (fact.kind in _WHOLE or not own)
        if of_kind and _within(about, entry):
            return entry
    return None


def _within(about: Opening, entry: Entry) -> bool:
    in_time = about.due is None or not late(moment_of(entry), about.due)
    return no_later(about.at, moment_of(entry)) and in_time


def _on_site(docket: Docket) -> Iterator[Opening]:
    for subject, filed, _ in _plans(docket, PlanKind.ON_SITE):
        for name, at, last in _spans(docket, "4.4b.on_site", moment_of(filed)):
            if _drilled_often(docket, at):
                opening = replace(_of_enterprise(docket, at), subject=subject, by=(filed,))
                yield _by(opening, last, name)


def _plan_drilled(docket: Docket, about: Opening) -> Entry | None:
    drills = facts_of(by_moment(docket.about(about.subject)), DrillHeld)
    return next((entry for entry, _ in drills if _within(about, entry)), None)


def _special(docket: Docket) -> Iterator[Opening]:
    """From the filing of each special plan, and from each drill of it, the next one is owed."""
    for subject, filed, _ in _plans(docket, PlanKind.SPECIAL):
        since = [filed, *_drills_of(docket, subject, filed)]
        for number, entry in enumerate(since, 1):
            at = moment_of(entry)
            if _drilled_often(docket, at):
                opening = replace(_of_enterprise(docket, at), subject=subject, by=(entry,))
                yield replace(opening, detail=f"第{number}期")


def _drills_of(docket: Docket, subject: str, filed: Entry) -> list[Entry]:
    drills = [entry for entry, _ in facts_of(docket.about(subject), DrillHeld)]
    return by_moment([entry for entry in drills if no_later(moment_of(filed), moment_of(entry))])


def _special_drilled(docket: Docket, about: Opening) -> Entry | None:
    after = [e for e in _drills_of(docket, about.subject, about.by[0]) if follows(e, about.by[0])]
    return next(iter(after), None)


# 4.4d danger on record, no order to evacuate, then an accident with casualties


def _not_evacuated(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for entry, incident in docket.incidents:
        seen = _unheeded(docket, entry.happened)
        if not seen or not _casualties(docket, entry, incident):
            continue
        at = seen[0].happened
        zh, en = _between(at, entry.happened)
        yield Breach(
            rule=rule,
            subject=f"incident:{entry.record}",
            at=at,
            until=entry.happened,
            who=principal(docket),
            by=(*seen, entry),
            zh=f"{zh}，其间没有停产撤人命令的记录",
            en=f"{en}, and no order to evacuate is on record between",
            hazards=tuple(h for h in incident.hazards if h in docket.hazards),
        )


def _unheeded(docket: Docket, accident: date | datetime) -> list[Entry]:
    """Return the signs before the accident that stood while nobody had ordered people out."""
    return by_moment(
        [
            entry
            for entry, _ in facts_of(docket.entries, DangerSeen)
            if earlier(entry.happened, accident)
            and not _over(docket, entry, accident)
            and not _evacuated(docket, entry.happened, accident)
        ]
    )


def _over(docket: Docket, seen: Entry, accident: date | datetime) -> bool:
    """Tell whether the danger had passed before the accident."""
    passed = facts_of(docket.about(f"danger:{seen.record}"), DangerPassed)
    return any(earlier(entry.happened, accident) for entry, _ in passed)


def _evacuated(docket: Docket, seen: date | datetime, accident: date | datetime) -> bool:
    """Tell whether an order was given between, or one given before was still in force.

    One of the accident's own day without a time may have come before it: nothing is claimed.
    """
    for entry, _ in facts_of(docket.entries, EvacuationOrdered):
        ordered = entry.happened
        cleared = facts_of(docket.about(f"evacuation:{entry.record}"), AllClearGiven)
        over = any(no_later(each.happened, seen) for each, _ in cleared)
        if _may_precede(ordered, accident) and (no_later(seen, ordered) or not over):
            return True
    return False


def _may_precede(first: date | datetime, second: date | datetime) -> bool:
    exact = isinstance(first, datetime) and isinstance(second, datetime)
    return earlier(first, second) if exact else no_later(first, second)


def _casualties(docket: Docket, entry: Entry, incident: IncidentOccurred) -> bool:
    """Tell whether anybody was killed or seriously injured, by the latest figures on record."""
    deaths, injuries = incident.deaths, incident.serious_injuries
    for _, fact in facts_of(docket.whenever(f"incident:{entry.record}"), CasualtiesUpdated):
        deaths = deaths if fact.deaths is None else fact.deaths
        injuries = injuries if fact.serious_injuries is None else fact.serious_injuries
    return deaths + injuries > 0


def _between(seen: date | datetime, accident: date | datetime) -> tuple[str, str]:
    """State the minutes from the first sign to the accident, or the days where no time is known."""
    if isinstance(seen, datetime) and isinstance(accident, datetime):
        minutes = (accident - seen) // _MINUTE
        zh, en = f"{minutes}分钟", f"{minutes} minutes"
    else:
        days = (local_day(accident) - local_day(seen)).days
        zh, en = f"{days}天", f"{days} days"
    return f"险情出现后{zh}发生事故", f"an accident {en} after danger was seen"


# 4.4e the written grant to the three posts

_POSTS = {
    Commander.SHIFT_LEADER: ("现场带班人员", "shift leaders"),
    Commander.TEAM_LEADER: ("班组长", "team leaders"),
    Commander.DISPATCHER: ("调度人员", "dispatchers"),
}


def _to_grant(docket: Docket) -> Iterator[Opening]:
    if docket.operating_since is not None:
        yield _of_enterprise(docket, docket.silent_since(docket.operating_since))


def _granted(docket: Docket, _: Opening) -> Entry | None:
    """Done by the grant with which all three posts are covered at once."""
    issued = [grant.issued for grant in docket.grants if grant.issued]
    for entry in by_moment(issued):
        at = moment_of(entry)
        if all(_covered(docket, post, at) for post in Commander):
            return entry
    return None


def _grants_to(docket: Docket, post: Commander) -> list[Time]:
    """Return when the grants to a post held: from the day that each was issued, that day whole."""
    return [
        (local_day(moment_of(grant.issued)), moment_of(grant.ended) if grant.ended else None)
        for grant in docket.grants
        if grant.issued and grant.covers(post)
    ]


def _covered(docket: Docket, post: Commander, at: date | datetime) -> bool:
    times = _grants_to(docket, post)
    return any(no_later(since, at) and (e is None or no_later(at, e)) for since, e in times)


def _not_granted(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    if docket.operating_since is None:
        return
    org = docket.directory.organisations[docket.enterprise]
    since, until = docket.silent_since(docket.operating_since), org.closed or docket.at
    for post, (zh, en) in _POSTS.items():
        for begins, ends in uncovered(_grants_to(docket, post), since, until):
            over = org.closed is not None or _covered(docket, post, docket.at)
            yield Breach(
                rule=rule,
                subject=f"org:{docket.enterprise}",
                at=begins,
                until=ends if over or ends != docket.at else None,
                lasts=True,
                who=principal(docket),
                by=tuple(
                    entry
                    for entry in docket.about(f"org:{docket.enterprise}")
                    if entry.topic in ("organisation.registered", "grant.issued", "grant.revoked")
                ),
                zh=f"未书面赋予{zh}停产撤人的直接决策权和指挥权",
                en=f"no written grant of the power to evacuate to {en}",
                detail=post.value,
            )


SECTION = Section(
    duties=(
        DutyRule(
            "4.4b",
            "file",
            Line.ENTERPRISE,
            "报备应急预案",
            "File emergency plans",
            _to_file,
            _filed,
            within="4.4b.current",
            until=_ended,
        ),
        DutyRule(
            "4.4b",
            "current",
            Line.ENTERPRISE,
            "评估修订应急预案",
            "Keep the emergency plan current",
            _to_keep_current,
            _kept_current,
            within="4.4b.current",
            until=_ended,
        ),
        DutyRule(
            "4.4b",
            "half_yearly",
            Line.ENTERPRISE,
            "每半年开展应急演练",
            "Hold the half-yearly drill",
            _half_yearly,
            _drilled,
            within="4.4b.half_yearly",
            until=_ended,
        ),
        DutyRule(
            "4.4b",
            "special",
            Line.ENTERPRISE,
            "演练专项应急预案",
            "Drill the special plan",
            _special,
            _special_drilled,
            within="4.4b.special",
            until=_ended,
        ),
        DutyRule(
            "4.4b",
            "on_site",
            Line.ENTERPRISE,
            "演练现场处置方案",
            "Drill the on-site plan",
            _on_site,
            _plan_drilled,
            within="4.4b.on_site",
            until=_ended,
        ),
        DutyRule(
            "4.4b",
            "yearly",
            Line.ENTERPRISE,
            "定期开展应急演练",
            "Hold the periodic drill",
            _yearly,
            _drilled,
            within="4.4b.yearly",
            until=_ended,
        ),
        DutyRule(
            "4.4e",
            "grant",
            Line.ENTERPRISE,
            "书面赋予停产撤人的直接决策权和指挥权",
            "Grant the power to evacuate in writing",
            _to_grant,
            _granted,
        ),
    ),
    breaches=(
        BreachRule(
            "4.4d",
            "not_evacuated",
            Line.ENTERPRISE,
            "险情后无停产撤人命令而发生伤亡事故",
            "Danger, no evacuation, an accident with casualties",
            _not_evacuated,
        ),
        BreachRule(
            "4.4e",
            "not_granted",
            Line.ENTERPRISE,
            "未赋予停产撤人的直接决策权和指挥权",
            "The power to evacuate not granted",
            _not_granted,
        ),
    ),
)
