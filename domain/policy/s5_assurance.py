"""五 Assurance 保障: the real-name directory, timely entry, and the review after an accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.moment import earlier, late, local_day, start, uncovered
from domain.policy.bearers import head
from domain.policy.duty import (
    Breach,
    BreachRule,
    DutyRule,
    Opening,
    Section,
    Who,
    by_topics,
    registration,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry
    from domain.policy.duty import Docket


# 5.1a a named responsible leader and person at every moment


def _unnamed(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """Within each department's supervision, the times for which nobody was named."""
    supervisions = docket.directory.supervisions(docket.enterprise)
    for department in dict.fromkeys(each.department for each in supervisions):
        named = [
            n for n in docket.directory.namings(docket.enterprise) if n.department == department
        ]
        by = [each.entry for each in supervisions if each.department == department]
        by += [each.entry for each in named]
        name = docket.directory.name(department)
        for begins, ends in _supervised(docket, department):
            for since, until in uncovered(((n.since, n.until) for n in named), begins, ends):
                yield Breach(
                    rule=rule,
                    subject=f"org:{docket.enterprise}",
                    at=since,
                    until=None if until == docket.at else until,
                    lasts=True,
                    who=head(department),
                    by=tuple(by),
                    zh=f"{name}未实名确定责任领导和责任人",
                    en=f"no responsible leader and person named by {name}",
                    detail=str(department),
                )


def _supervised(
    docket: Docket, department: UUID
) -> Iterator[tuple[date | datetime, date | datetime]]:
    """Yield the times for which a department supervised, on whatever grounds, one after another.

    Nobody supervises an enterprise that has closed.
    """
    free_from: date | datetime | None = None
    for each in docket.directory.supervisions(docket.enterprise):
        until = _open_until(docket, each.until)
        begins = docket.silent_since(each.since)
        begins = begins if free_from is None else max(begins, free_from, key=start)
        if each.department == department and earlier(begins, until):
            yield begins, until
            free_from = until


def _open_until(docket: Docket, until: date | datetime | None) -> date | datetime:
    """Return when something about the enterprise ended: at the latest when that closed, or now."""
    known = docket.directory.organisations.get(docket.enterprise)
    closed = known.closed if known else None
    return min((each for each in (until, closed, docket.at) if each is not None), key=start)


def _posts_empty(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """A naming names posts: while nobody holds one of them, nobody is named."""
    for naming in docket.directory.namings(docket.enterprise):
        since, until = docket.silent_since(naming.since), _open_until(docket, naming.until)
        for post in dict.fromkeys((naming.leader, naming.officer)):
            known = docket.directory.posts.get(post)
            for begins, ends in docket.directory.vacancies(post, since, until):
                title = known.title if known else str(post)
                yield Breach(
                    rule=rule,
                    subject=f"org:{docket.enterprise}",
                    at=begins,
                    until=None if ends == docket.at else ends,
                    lasts=True,
                    who=head(naming.department),
                    by=(naming.entry, *docket.about(f"post:{post}")),
                    zh=f"实名确定的{docket.directory.name(naming.department)}{title}空缺",
                    en=f"the named post {title} was vacant",
                    detail=str(post),
                )


# 5.1c entered in time


_SET_UP = ("org", "post", "person", "supervision", "check")
"""What describes who there is, entered when the record is set up, is no supervision late.

Nor are the enterprise's own checks, hundreds of them: 3.1a tells how many were entered late.
"""


def _late_entries(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """A fact of the world entered later than the setting allows; imports are judged as imports.

    Nothing can be entered of an enterprise before that is on record: its past is asked for from
    then on.
    """
    on_record = [entry.recorded for entry in registration(docket, docket.enterprise)]
    for entry in docket.entries:
        if entry.fact.topic.of_record or entry.by.authentication in ("import", "system"):
            continue
        if f"org:{docket.enterprise}" not in entry.tags or entry.fact.topic.noun in _SET_UP:
            continue
        first = docket.replaced.get(entry.position, entry)  # a correction is no late entry
        opened = max((docket.silent_since(entry.happened), *on_record), key=start)
        applied = docket.settings.at("5.1c.enter", opened)
        if applied.period is None or not late(first.recorded, docket.after(applied.period, opened)):
            continue
        days = (local_day(first.recorded) - local_day(entry.happened)).days
        who, person = _who_entered(docket, entry)
        yield Breach(
            rule=rule,
            subject=f"{entry.fact.topic.noun}:{entry.record}",
            at=entry.happened,
            until=first.recorded,
            who=who,
            by=(entry,),
            zh=f"“{entry.fact.topic.zh}”发生{days}天后才录入",
            en=f"“{entry.fact.topic.en}” entered {days} days after it happened",
            person=person,
            applied=applied,
            detail=str(entry.position),
        )


def _who_entered(docket: Docket, entry: Entry) -> tuple[Who, UUID | None]:
    """Who was late: whoever entered an act of their own body; else the head of whoever acted.

    Somebody of another body who enters what was kept from the record is not late with it.
    """
    acted = (getattr(entry.fact, field, None) for field in ("by_org", "finder_org"))
    body = next((org for org in acted if org), docket.enterprise)
    post = docket.directory.posts.get(entry.by.post) if entry.by.post else None
    if post and post.organisation == body:
        return Who(body, post.kind, post.id), entry.by.person
    return head(body), None


# 5.4d a review after every accident


def _accidents(docket: Docket) -> Iterator[Opening]:
    """From when the record first showed the accident: who kept it back answers for that (5.1c)."""
    for entry, incident in docket.incidents:
        at = max(entry.happened, entry.recorded, key=start)
        if earlier(docket.at, at):
            continue
        yield Opening(
            subject=f"incident:{entry.record}",
            at=at,
            who=head(docket.government(at=entry.happened, towns=False)),
            by=(entry,),
            hazards=tuple(h for h in incident.hazards if h in docket.hazards),
        )


SECTION = Section(
    duties=(
        DutyRule(
            "5.4d",
            "review",
            Line.LEADERSHIP,
            "启动事故隐患责任倒查",
            "Open the accountability review",
            _accidents,
            by_topics("review.opened"),
            within="5.4d.review",
        ),
    ),
    breaches=(
        BreachRule(
            "5.1a",
            "unnamed",
            Line.SUPERVISION,
            "未落实实名责任",
            "Nobody named as responsible",
            _unnamed,
        ),
        BreachRule(
            "5.1a",
            "vacant",
            Line.SUPERVISION,
            "实名责任岗位空缺",
            "A named post was vacant",
            _posts_empty,
        ),
        BreachRule(
            "5.1c",
            "late-entry",
            Line.ENTERPRISE,
            "迟延录入",
            "Entered late",
            _late_entries,
        ),
    ),
)
