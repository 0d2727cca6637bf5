"""五 Assurance 保障: the real-name directory, timely entry, and the review after an accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.moment import earlier, late, local_day
from domain.people import PostKind
from domain.policy.bearers import head
from domain.policy.duty import Breach, BreachRule, DutyRule, Opening, Section, Who, by_topics
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from domain.directory import Naming
    from domain.fact import Entry
    from domain.policy.duty import Docket


# 5.1a a named responsible leader and person at every moment


def _unnamed(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """Within each department's supervision, the times for which nobody was named."""
    for supervision in docket.directory.supervisions(docket.enterprise):
        until = supervision.until or docket.at
        namings = [
            each
            for each in docket.directory.namings(docket.enterprise)
            if each.department == supervision.department
        ]
        for begins, ends in _uncovered(namings, supervision.since, until):
            yield Breach(
                rule=rule,
                subject=f"org:{docket.enterprise}",
                at=begins,
                until=None if ends == docket.at else ends,
                who=head(supervision.department),
                by=(supervision.entry, *(each.entry for each in namings)),
                zh=f"{docket.directory.name(supervision.department)}未实名确定责任领导和责任人",
                en="no responsible leader and person named by "
                f"{docket.directory.name(supervision.department)}",
            )


def _uncovered(
    namings: list[Naming], since: date | datetime, until: date | datetime
) -> Iterator[tuple[date | datetime, date | datetime]]:
    free_from = since
    for each in namings:
        if earlier(until, each.since):
            break
        if local_day(free_from) < local_day(each.since):
            yield free_from, each.since
        if each.until is None:
            return
        free_from = each.until
    if local_day(free_from) < local_day(until):
        yield free_from, until


# 5.1c entered in time


def _late_entries(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """A fact of the world entered later than the setting allows; imports are judged as imports."""
    for entry in docket.entries:
        if entry.fact.topic.of_record or entry.by.authentication in ("import", "system"):
            continue
        if f"org:{docket.enterprise}" not in entry.tags:
            continue
        applied = docket.settings.at("5.1c.enter", entry.happened)
        if applied.period is None or not late(entry.recorded, applied.period.after(entry.happened)):
            continue
        days = (local_day(entry.recorded) - local_day(entry.happened)).days
        yield Breach(
            rule=rule,
            subject=entry.tags[0] if not entry.tags else _own_tag(entry),
            at=entry.happened,
            until=entry.recorded,
            who=_who_entered(docket, entry),
            by=(entry,),
            zh=f"“{entry.fact.topic.zh}”发生{days}天后才录入",
            en=f"“{entry.fact.topic.en}” entered {days} days after it happened",
            person=entry.by.person,
            applied=applied,
        )


def _own_tag(entry: Entry) -> str:
    return f"{entry.fact.topic.noun}:{entry.record}"


def _who_entered(docket: Docket, entry: Entry) -> Who:
    """The post in which it was entered; else the principal of the organisation it is about."""
    post = docket.directory.posts.get(entry.by.post) if entry.by.post else None
    if post:
        return Who(post.organisation, post.kind, post.id)
    return Who(docket.enterprise, PostKind.PRINCIPAL)


# 5.4d a review after every accident


def _accidents(docket: Docket) -> Iterator[Opening]:
    for entry, incident in docket.incidents:
        yield Opening(
            subject=f"incident:{entry.record}",
            at=moment_of(entry),
            who=head(docket.government()),
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
            "5.1c",
            "late-entry",
            Line.ENTERPRISE,
            "迟延录入",
            "Entered late",
            _late_entries,
        ),
    ),
)
