"""三（一） 班组班前查、车间每日查、企业每周查: the rhythm of an enterprise's own checks (3.1a).

Every check that is owed is a :class:`Round`, derived and never stored: of each team before each of
its shifts, of each workshop every day, of the enterprise every week. A tier is there as long as its
post is, and one that is not there owes nothing. What is told is not each round but each stretch:
consecutive months of one post in which every check was made in time, or not every one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.check import CheckMade, ShiftsSet
from domain.halt import HaltOrdered, ProductionPaused
from domain.moment import (
    SHANGHAI,
    end,
    first_day,
    last_day,
    late,
    local_day,
    no_later,
    span_of,
    spans_between,
    start,
)
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.policy.bearers import principal
from domain.policy.duty import Done, DutyRule, Opening, Section, Who, found_with_it
from domain.policy.s3_2_reporting import ISSUED
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from domain.directory import Post
    from domain.fact import Entry
    from domain.policy.duty import Docket

_AHEAD = timedelta(hours=4)
"""A check that names no shift is for the one that begins within this time."""
_NAMED = 6
"""Missed rounds named one by one; more are told by month."""


class Tier(StrEnum):
    """Who checks 检查层级."""

    TEAM = "team"
    WORKSHOP = "workshop"
    ENTERPRISE = "enterprise"


_KINDS = {Tier.TEAM: PostKind.TEAM_LEADER, Tier.WORKSHOP: PostKind.WORKSHOP_HEAD}


class Standing(StrEnum):
    """How a round stands at the docket's moment."""

    MADE = "made"
    LATE = "late"
    MISSED = "missed"
    OPEN = "open"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Round:
    """One check that is owed, and what the record shows of it.

    Args:
        name: the shift (``2024-05-03 08:00``), day or week that it is of.
        opens: from when it can be made.
        due: by when it must be: the shift's beginning, or 24:00 of the day or of Sunday.
        standing: how it stands.
        check: the check that was made, the earliest where there are several.
        excused_by: the halts and pauses of production that excuse it.
    """

    name: str
    opens: date | datetime
    due: datetime
    standing: Standing
    check: Entry | None = None
    excused_by: tuple[Entry, ...] = ()


# rounds


def rounds(docket: Docket, tier: Tier) -> Iterator[tuple[Post | None, list[Round]]]:
    """Yield each post of a tier with the rounds that it owed up to the docket's moment, in order.

    The enterprise itself owes by no post of its own. An enterprise known from imports only owes
    none, and nothing is asked about times before the ledger was opened.
    """
    time_owed = _time_owed(docket)
    if time_owed is None:
        return
    checks = _Checks(docket)
    if tier is Tier.ENTERPRISE:
        weeks = spans_between(*time_owed, "week")
        owed = [_of_span(docket, week, checks.of_the_enterprise) for week in weeks]
        yield None, [replace(owed[0], opens=max(local_day(owed[0].opens), time_owed[0])), *owed[1:]]
        return
    idle = _Idle(docket)
    for post in docket.directory.all_posts(docket.enterprise):
        first, last = _of_post(post, *time_owed)
        if post.kind is not _KINDS[tier] or last < first:
            continue
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        if tier is Tier.TEAM:
            yield post, _of_team(docket, post, days, checks, idle)
        else:
            made = checks.of_post(post.id)
            yield (
                post,
                [idle.excuse(_of_span(docket, day.isoformat(), made), day) for day in days],
            )


def _time_owed(docket: Docket) -> tuple[date, date] | None:
    """Return the days from which and to which the enterprise operates; None where it does not."""
    known = docket.directory.organisations.get(docket.enterprise)
    since = docket.operating_since
    if known is None or since is None or known.kind is not OrgKind.ENTERPRISE:
        return None
    first = max(local_day(docket.silent_since(since)), ISSUED)
    last = min(local_day(known.closed or docket.at), local_day(docket.at))
    return (first, last) if first <= last else None


def _of_post(post: Post, first: date, last: date) -> tuple[date, date]:
    """Return from which to which day a post is there, within two days."""
    abolished = local_day(post.abolished) - timedelta(days=1) if post.abolished else last
    return max(first, local_day(post.created)), min(last, abolished)


def _of_span(docket: Docket, span: str, made: dict[date, Entry]) -> Round:
    """Return the round of a day or a week: made by a check on any of its days."""
    first, last = first_day(span), last_day(span)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    check = next((made[day] for day in days if day in made), None)
    return _judged(docket, span, first, end(last), check)


def _of_team(
    docket: Docket, post: Post, days: list[date], checks: _Checks, idle: _Idle
) -> list[Round]:
    """Return a team's rounds: before each shift; where no shifts are set, one a day."""
    shifts = _shifts_between(docket, post, days)
    begun = [_begins(day, clock) for day, clocks in shifts for clock in clocks or ()]
    before = checks.before_shifts(post.id, begun)
    made = checks.of_post(post.id)
    found = []
    for day, clocks in shifts:
        if clocks is None:
            found.append(idle.excuse(_of_span(docket, day.isoformat(), made), day))
            continue
        for clock in clocks:
            due = _begins(day, clock)
            one = _judged(docket, f"{day} {clock}", day, due, before.get(due))
            found.append(idle.excuse(one, due))
    return found


def _shifts_between(
    docket: Docket, post: Post, days: list[date]
) -> list[tuple[date, tuple[str, ...] | None]]:
    """Return the shifts of each day by the time they begin; None for a day when none were set."""
    changes = sorted(
        (local_day(moment_of(entry)), entry.position, fact)
        for entry, fact in facts_of(docket.about(f"post:{post.id}"), ShiftsSet)
    )
    found: list[tuple[date, tuple[str, ...] | None]] = []
    pattern: ShiftsSet | None = None
    following = 0
    for day in days:
        while following < len(changes) and changes[following][0] <= day:
            pattern = changes[following][2]
            following += 1
        if pattern is None:
            found.append((day, None))
        else:
            works = day.isoweekday() in pattern.days
            found.append((day, tuple(sorted(set(pattern.starts))) if works else ()))
    return found


def _begins(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI).astimezone(UTC)


def _judged(docket: Docket, name: str, opens: date, due: datetime, check: Entry | None) -> Round:
    if check:
        standing = Standing.LATE if late(moment_of(check), due) else Standing.MADE
    else:
        standing = Standing.MISSED if late(docket.at, due) else Standing.OPEN
    return Round(name, opens, due, standing, check)


class _Checks:
    """The checks on record, by whose they are and on which day."""

    def __init__(self, docket: Docket) -> None:
        posts = docket.directory.posts
        tiers = {kind: tier for tier, kind in _KINDS.items()}
        self.of_the_enterprise: dict[date, Entry] = {}
        self._of_posts: dict[UUID, list[tuple[Entry, CheckMade]]] = defaultdict(list)
        for entry, fact in facts_of(docket.entries, CheckMade):
            if fact.enterprise != docket.enterprise:
                continue
            post = posts.get(fact.post) if fact.post else None
            if post and post.kind in tiers:
                self._of_posts[post.id].append((entry, fact))
            else:
                self.of_the_enterprise.setdefault(local_day(moment_of(entry)), entry)

    def of_post(self, post: UUID) -> dict[date, Entry]:
        """Return a post's checks by their day, the first entered of each."""
        made: dict[date, Entry] = {}
        for entry, _ in self._of_posts[post]:
            made.setdefault(local_day(moment_of(entry)), entry)
        return made

    def before_shifts(self, post: UUID, begun: list[datetime]) -> dict[datetime, Entry]:
        """Return a team's checks by the beginning of the shift they are for, the earliest of each.

        A check is for the shift it names; else for the one that begins within four hours, else for
        the last that has begun.
        """
        made: dict[datetime, Entry] = {}
        for entry, fact in sorted(self._of_posts[post], key=lambda pair: start(moment_of(pair[0]))):
            shift = fact.shift or _shift_of(moment_of(entry), begun)
            if shift:
                made.setdefault(shift, entry)
        return made


def _shift_of(made: date | datetime, begun: list[datetime]) -> datetime | None:
    """Return the shift that a check which names none is for; of a day alone its first shift."""
    if not isinstance(made, datetime):
        place = bisect_left(begun, start(made))
        return begun[place] if place < len(begun) and local_day(begun[place]) == made else None
    place = bisect_left(begun, made)
    following = begun[place] if place < len(begun) else None
    before = begun[place - 1] if place else None
    return following if following and (not before or following - made <= _AHEAD) else before


class _Idle:
    """When the whole enterprise did not produce: halted, or paused by its own arrangement."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        self._times = [*self._halted(), *self._paused()]
        self._seen = {
            local_day(entry.happened)
            for entry in docket.entries
            if entry.topic in ("production.observed", "production.resumed")
            and f"org:{docket.enterprise}" in entry.tags
        }

    def _halted(self) -> Iterator[tuple[date | datetime, date | datetime | None, Entry]]:
        """Yield the halts of the whole enterprise; one of a part may leave this team at work.

        Lifted, or disregarded: whoever produces again, however unlawfully, is to check again.
        """
        for halt in self._docket.halts:
            ordered, lifted = halt.first("halt.ordered"), halt.first("halt.lifted")
            if ordered and isinstance(ordered.fact, HaltOrdered) and ordered.fact.scope is None:
                ends = [*([moment_of(lifted)] if lifted else []), *self._resumed(ordered)]
                yield ordered.happened, min(ends, key=start, default=None), ordered

    def _paused(self) -> Iterator[tuple[date | datetime, date | datetime | None, Entry]]:
        for entry, fact in facts_of(self._docket.entries, ProductionPaused):
            if fact.enterprise == self._docket.enterprise:
                ends = [end(fact.until), *self._resumed(entry)]
                yield entry.happened, min(ends, key=start), entry

    def _resumed(self, since: Entry) -> list[date | datetime]:
        """Return when production began again after ``since``."""
        return [
            entry.happened
            for entry in self._docket.own
            if entry.topic == "production.resumed" and no_later(since.happened, entry.happened)
        ]

    def excuse(self, owed: Round, at: date | datetime) -> Round:
        """Return a round not made as excused, where production stood all of ``at``.

        Days without production excuse team and workshop where the setting says so.
        """
        if owed.check or not self._times or local_day(at) in self._seen:
            return owed
        by = tuple(
            entry
            for begins, ends, entry in self._times
            if no_later(begins, start(at)) and (ends is None or no_later(end(at), ends))
        )
        excuses = self._docket.settings.at("3.1a.idle", owed.opens).number
        if not by or not excuses:
            return owed
        return Round(owed.name, owed.opens, owed.due, Standing.EXCUSED, None, by)


# what is told of them


def _told(tier: Tier) -> Callable[[Docket], Iterator[Opening]]:
    """Make the openings of a tier: one a stretch of months, and one for what is not yet due."""

    def opens(docket: Docket) -> Iterator[Opening]:
        for post, owed in rounds(docket, tier):
            who = Who(docket.enterprise, post.kind, post.id) if post else principal(docket)
            subject = f"post:{post.id}" if post else f"org:{docket.enterprise}"
            basis = _basis(docket, post)
            for stretch in _stretches(owed):
                yield _opening(docket, subject, who, basis, stretch)

    return opens


def _basis(docket: Docket, post: Post | None) -> tuple[Entry, ...]:
    """Return the facts that make the rounds owed: the post and its shifts, or the enterprise."""
    if post is None:
        registered = docket.about(f"org:{docket.enterprise}")
        return tuple(e for e in registered if e.record == docket.enterprise and e.version == 1)
    topics = ("post.created", "post.shifts_set", "post.abolished")
    return tuple(e for e in docket.about(f"post:{post.id}") if e.topic in topics)


def _stretches(owed: list[Round]) -> Iterator[list[Round]]:
    """Yield rounds that are told together: months of one kind in a row, then what is still open.

    A stretch in which nothing was owed is not told; months without production part no others.
    """
    months: dict[str, list[Round]] = defaultdict(list)
    for each in owed:
        if each.standing is not Standing.OPEN:
            months[span_of(each.opens, "month")].append(each)
    stretch: list[Round] = []
    kept: bool | None = None
    for month in months.values():
        made = {each.standing for each in month} - {Standing.EXCUSED}
        if made and kept not in (None, made == {Standing.MADE}):
            yield stretch
            stretch = []
        if made:
            kept = made == {Standing.MADE}
        stretch = [*stretch, *month]
    if kept is not None:
        yield stretch
    still_open = [each for each in owed if each.standing is Standing.OPEN]
    if still_open:
        yield still_open


def _opening(
    docket: Docket, subject: str, who: Who, basis: tuple[Entry, ...], stretch: list[Round]
) -> Opening:
    """Return a stretch as one duty: broken since its first missed round, or late by its first."""
    owed = [each for each in stretch if each.standing is not Standing.EXCUSED]
    missed = [each for each in owed if each.standing is Standing.MISSED]
    overdue = [each for each in owed if each.standing is Standing.LATE]
    told = (missed or overdue or owed[-1:])[0]
    if owed[0].standing is Standing.OPEN:
        told, detail = owed[0], owed[0].name
    else:
        detail = "至".join(
            dict.fromkeys(span_of(each.opens, "month") for each in (owed[0], owed[-1]))
        )
    excuses = {entry.position: entry for each in stretch for entry in each.excused_by}
    return Opening(
        subject=subject,
        at=owed[0].opens,
        who=who,
        by=(*basis, *excuses.values()),
        due=told.due,
        detail=detail,
        note=_note(docket, stretch, owed),
        done=_done(docket, owed, told),
    )


def _done(docket: Docket, owed: list[Round], told: Round) -> Done | None:
    """Return the check that a stretch rests on: the one told; one entered afterwards, if any."""
    if told.check is None:
        return None
    checks = [each.check for each in owed if each.check] if told.standing is Standing.MADE else []
    afterwards = [entry for entry in checks if docket.entered_afterwards(entry)]
    entry = (afterwards or [told.check])[-1]
    return Done(entry, moment_of(entry))


def _note(docket: Docket, stretch: list[Round], owed: list[Round]) -> tuple[str, str]:
    """Tell a stretch in numbers; missed rounds by name or, where they are many, by month."""
    count = Counter(each.standing for each in stretch)
    checks = [each.check for each in owed if each.check]
    entered_late = sum(_entered_late(docket, entry) for entry in checks)
    afterwards = sum(docket.entered_afterwards(entry) for entry in checks)
    parts = (
        (len(owed), "应查{}次", "{} owed"),
        (count[Standing.MADE], "按时{}次", "{} in time"),
        (count[Standing.LATE], "迟查{}次", "{} late"),
        (count[Standing.MISSED], "未查{}次", "{} not made"),
        (count[Standing.OPEN], "未到时限{}次", "{} not yet due"),
        (count[Standing.EXCUSED], "停产免查{}次", "{} excused by a halt"),
        (entered_late, "其中迟录{}次", "{} of them entered late"),
        (afterwards, "其中事后补录{}次", "{} of them entered afterwards"),
    )
    zh = "，".join(words.format(number) for number, words, _ in parts if number)
    en = ", ".join(words.format(number) for number, _, words in parts if number)
    missed = [each for each in owed if each.standing is Standing.MISSED]
    if not missed:
        return zh, en
    if len(missed) <= _NAMED:
        listed = [each.name for each in missed]
        return f"{zh}：{'、'.join(listed)}", f"{en}: {', '.join(listed)}"
    months = Counter(span_of(each.opens, "month") for each in missed)
    worst = months.most_common(_NAMED)
    more = "等" if len(months) > len(worst) else ""
    told_zh = "、".join(f"{month}共{number}次" for month, number in sorted(worst))
    told_en = ", ".join(f"{number} in {month}" for month, number in sorted(worst))
    return f"{zh}：{told_zh}{more}", f"{en}: {told_en}{' and more' if more else ''}"


def _entered_late(docket: Docket, check: Entry) -> bool:
    """Tell whether a check was entered later than 5.1c allows."""
    opened = docket.silent_since(check.happened)
    period = docket.settings.at("5.1c.enter", opened).period
    return period is not None and late(check.recorded, docket.after(period, opened))


SECTION = Section(
    duties=(
        DutyRule(
            "3.1a",
            "team",
            Line.ENTERPRISE,
            "班组班前检查",
            "The team checks before its shift",
            _told(Tier.TEAM),
            found_with_it,
        ),
        DutyRule(
            "3.1a",
            "workshop",
            Line.ENTERPRISE,
            "车间每日检查",
            "The workshop checks every day",
            _told(Tier.WORKSHOP),
            found_with_it,
        ),
        DutyRule(
            "3.1a",
            "week",
            Line.ENTERPRISE,
            "企业每周检查",
            "The enterprise checks every week",
            _told(Tier.ENTERPRISE),
            found_with_it,
        ),
    ),
)
