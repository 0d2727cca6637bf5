"""What a trace tells 讲述, in the order people read it: findings, and who kept what.

Nothing is judged here: how each duty stands is the trace's own word.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from api.pages import show
from domain.answer import BreachLine, DutyLine, Line, State
from domain.moment import local_day, start
from domain.people import PostKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

    from api.pages.words import Speech
    from domain.answer import Bearer, HazardItem, Holder, Subject, Trace

Item = DutyLine | BreachLine


class Standing(StrEnum):
    """How an item stands, as the page marks it; ``ON_WORD``: kept by a late entry's word only."""

    BROKEN = "broken"
    LATE = "late"
    BREACH = "breach"
    ON_WORD = "on_word"
    KEPT = "kept"
    OPEN = "open"
    WAIVED = "waived"

    @property
    def against(self) -> bool:
        """Whether the record shows the item unperformed, late or breached."""
        return self in (Standing.BROKEN, Standing.LATE, Standing.BREACH)

    @property
    def tone(self) -> str:
        """The colour that goes with the words: red, amber, green or grey."""
        return _TONES[self]


_TONES = {
    Standing.BROKEN: "red",
    Standing.LATE: "red",
    Standing.BREACH: "red",
    Standing.ON_WORD: "amber",
    Standing.KEPT: "green",
    Standing.OPEN: "grey",
    Standing.WAIVED: "grey",
}
_STATES = {
    State.BROKEN: Standing.BROKEN,
    State.KEPT_LATE: Standing.LATE,
    State.OPEN: Standing.OPEN,
    State.WAIVED: Standing.WAIVED,
}
_MANY_HAZARDS = 20
_POST_ORDER = {str(kind): place for place, kind in enumerate(PostKind)}


def standing(item: Item) -> Standing:
    """Return how a duty or breach stands."""
    if isinstance(item, BreachLine):
        return Standing.BREACH
    if item.state is State.KEPT:
        return Standing.ON_WORD if item.done_by_late_entry else Standing.KEPT
    return _STATES[item.state]


def arose(item: Item) -> date | datetime:
    """Return when a duty opened or a breach began."""
    return item.at if isinstance(item, BreachLine) else item.opened


def post_key(bearer: Bearer) -> str:
    """Return what tells a bearing post from others: its id, or its place where it has none."""
    if bearer.post:
        return str(bearer.post)
    return f"{bearer.organisation.id if bearer.organisation else ''}/{bearer.title}"


def handed_on(item: Item, who: Holder) -> bool:
    """Tell whether a holder left the post before a duty fell due, and so left it still to do."""
    if isinstance(item, BreachLine) or item.due is None or who.until is None or who.at_due:
        return False
    return start(who.until) <= item.due


@dataclass(slots=True)
class PersonPart:
    """What one person, in one post, had to do with the items of that post."""

    who: Holder | None
    bearer: Bearer
    items: list[Item] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """How many items of each standing; ``handed_on`` for those left before they fell due."""
        return Counter(
            "handed_on"
            if standing(item).against and self.who and handed_on(item, self.who)
            else standing(item)
            for item in self.items
        )

    @property
    def against(self) -> int:
        """How many items the record shows unperformed, late or breached under this person."""
        return sum(n for name, n in self.counts.items() if name in ("broken", "late", "breach"))

    @property
    def kept(self) -> list[Item]:
        """The items performed in time."""
        return [item for item in self.items if standing(item) is Standing.KEPT]

    @property
    def all_kept(self) -> bool:
        """Whether something fell due and all of it was performed in time."""
        counts = self.counts
        return counts[Standing.KEPT] > 0 and not (counts[Standing.ON_WORD] or self.against)


@dataclass
class PostPart:
    """A post, everybody who held it, and all that it bore."""

    key: str
    bearer: Bearer
    line: Line
    items: list[Item]

    @property
    def against(self) -> list[Item]:
        """The items unperformed, late or breached."""
        return [item for item in self.items if standing(item).against]

    @property
    def size(self) -> int:
        """How many items it bore."""
        return len(self.items)

    @property
    def counts(self) -> Counter[Standing]:
        """How many items of each standing it bore."""
        return Counter(standing(item) for item in self.items)

    @property
    def hazards(self) -> list[str]:
        """The numbers of the hazards that its items concern."""
        return list(dict.fromkeys(number for item in self.items for number in item.hazards))

    @cached_property
    def people(self) -> list[PersonPart]:
        """The post's holders by the time they took it, each with their part; one for a vacancy."""
        parts: dict[UUID | None, PersonPart] = {}
        for item in self.items:
            holders: list[Holder | None] = [*item.bearer.holders]
            for who in holders or [None]:
                part = parts.setdefault(who.person if who else None, PersonPart(who, item.bearer))
                part.items.append(item)
        return sorted(parts.values(), key=_since)


def _since(part: PersonPart) -> tuple[bool, datetime]:
    return (part.who is None, start(part.who.since) if part.who else start(arose(part.items[0])))


def posts(items: Iterable[Item]) -> list[PostPart]:
    """Return the posts that bear ``items``: by line, by organisation, the head first."""
    found: dict[str, PostPart] = {}
    orgs: dict[UUID | None, int] = {}
    for item in items:
        key = post_key(item.bearer)
        part = found.setdefault(key, PostPart(key, item.bearer, item.line, []))
        part.items.append(item)
        orgs.setdefault(_org_id(item.bearer), len(orgs))
    lines = list(Line)
    return sorted(
        found.values(),
        key=lambda post: (
            lines.index(post.line),
            orgs[_org_id(post.bearer)],
            _POST_ORDER.get(post.bearer.kind, len(_POST_ORDER)),
        ),
    )


def _org_id(bearer: Bearer) -> UUID | None:
    return bearer.organisation.id if bearer.organisation else None


@dataclass(frozen=True, slots=True)
class Chapter:
    """One line of responsibility: what is found, and how every post stood."""

    line: Line
    matters: list[tuple[int, Item]]
    posts: list[PostPart]

    @property
    def people(self) -> list[PersonPart]:
        """Everybody of the line, post by post, whether they kept everything or nothing."""
        return [part for post in self.posts for part in post.people]


class Story:
    """A trace in the order it is told.

    Args:
        trace: the answer.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    @cached_property
    def items(self) -> list[Item]:
        """Every duty and breach, by line and within it by time."""
        lines = self.trace.lines
        per_line = (lines.leadership, lines.supervision, lines.enterprise, lines.expert)
        return [item for line in per_line for item in sorted(line, key=_when)]

    @cached_property
    def matters(self) -> dict[str, int]:
        """The findings' numbers by id, in the order told.

        What is kept only by the word of a late entry is told among them.
        """
        told = {item.id: item for item in self.trace.findings}
        for item in self.items:
            if standing(item) is Standing.ON_WORD:
                told.setdefault(item.id, item)
        order = list(Line)
        ordered = sorted(told.values(), key=lambda each: (order.index(each.line), _when(each)))
        return {item.id: number for number, item in enumerate(ordered, 1)}

    @cached_property
    def chapters(self) -> list[Chapter]:
        """The lines of responsibility in the policy's order, the empty ones left out."""
        by_id = {item.id: item for item in (*self.items, *self.trace.findings)}
        chapters = []
        for line in Line:
            matters = [
                (n, by_id[key]) for key, n in self.matters.items() if by_id[key].line is line
            ]
            owed = [item for item in self.items if item.line is line]
            known = {item.id for item in owed}
            owed += [item for _, item in matters if item.id not in known]
            if owed:
                chapters.append(Chapter(line, matters, posts(owed)))
        return chapters

    @cached_property
    def posts(self) -> list[PostPart]:
        """Every post that bears anything, each once, in the order of the lines."""
        return posts(
            item for chapter in self.chapters for post in chapter.posts for item in post.items
        )

    @cached_property
    def counts(self) -> Counter[Standing]:
        """How many items of each standing the trace holds."""
        return Counter(standing(item) for post in self.posts for item in post.items)

    @cached_property
    def causes(self) -> list[HazardItem]:
        """The hazards established as the direct cause."""
        return [each for each in self.trace.hazards.items if each.direct_cause]

    @cached_property
    def direct_cause(self) -> set[str]:
        """Their numbers and their ids."""
        return {name for each in self.causes for name in (each.number, str(each.id))}

    def age(self, hazard: HazardItem) -> int:
        """Return for how many days a hazard had been known at the moment."""
        return (local_day(self.trace.at) - local_day(hazard.found)).days

    @cached_property
    def hazards(self) -> tuple[list[HazardItem], list[HazardItem]]:
        """The hazards, the most telling first; where there are many, the closed ones apart."""
        ordered = sorted(
            self.trace.hazards.items,
            key=lambda h: (not h.direct_cause, not h.overdue, not h.open, start(h.found), h.number),
        )
        if len(ordered) <= _MANY_HAZARDS:
            return ordered, []
        first = [each for each in ordered if each.open or each.direct_cause]
        return first, [each for each in ordered if not (each.open or each.direct_cause)]

    @cached_property
    def cause_facts(self) -> set[int]:
        """The facts on which rests what concerns the direct cause."""
        found = {position for cause in self.causes for position in cause.facts}
        items = (item for item in self.items if self.touches_cause(item))
        return found.union(*(item.facts for item in items))

    @cached_property
    def _described(self) -> dict[str, str]:
        """What each hazard is, by its id and by its number."""
        described = [h for h in self.trace.hazards.items if h.description]
        return {name: h.description or "" for h in described for name in (str(h.id), h.number)}

    def briefly(self, subject: Subject) -> str:
        """Return what a subject is called; a hazard by its description rather than its number."""
        if subject.kind != "hazard":
            return subject.label
        return self._described.get(subject.id) or self._described.get(subject.label, subject.label)

    def about(self, subject: Subject) -> str:
        """Return what a subject is called; a hazard by its number and its description."""
        brief = self.briefly(subject)
        return brief if subject.label in brief else f"{subject.label} {brief}"

    def touches_cause(self, item: Item) -> bool:
        """Tell whether an item concerns a hazard established as the direct cause."""
        return not self.direct_cause.isdisjoint(item.hazards)

    def recorded(self, item: Item) -> datetime | None:
        """Return when the late entry was recorded on whose word alone an item is kept."""
        told = set(item.facts)
        return max(
            (f.recorded for f in self.trace.facts if f.position in told and f.entered_afterwards),
            default=None,
        )


def _when(item: Item) -> tuple[datetime, str]:
    return (start(arose(item)), item.id)


def badge(item: Item, say: Speech) -> str:
    """Return how an item stands, in a word or two."""
    how = standing(item)
    if how is Standing.LATE and isinstance(item, DutyLine):
        return say("badge.late", n=item.late_days) if item.late_days else say("badge.late_short")
    return say(f"standing.{how}")


def mark(item: Item, say: Speech) -> str:
    """Return how an item stands, as written beside its bar."""
    how = standing(item)
    if isinstance(item, BreachLine):
        return say("standing.breach")
    if how in (Standing.BROKEN, Standing.LATE):
        return say(f"mark.{how}", n=item.late_days) if item.late_days else say(f"mark.{how}_short")
    if how is Standing.OPEN and item.due is None:
        return say("mark.no_due")
    return say(f"mark.{how}")


def said(item: Item, story: Story, say: Speech) -> str:
    """Return in plain words what was owed by when and what the record shows."""
    if isinstance(item, BreachLine):
        return _breach_said(item, say)
    at = show.moment(story.trace.at)
    how = standing(item)
    parts = [say("said.due", due=show.deadline(item.due)) if item.due else say("said.no_due")]
    if how in (Standing.BROKEN, Standing.LATE):
        key = f"said.{how}" if item.late_days else f"said.{how}_short"
        parts.append(say(key, at=at, done=show.moment(item.done), n=item.late_days))
    elif how is Standing.OPEN:
        parts.append(say("said.open" if item.due else "said.open_no_due", at=at))
    elif how is Standing.WAIVED:
        parts.append(say("said.waived"))
    elif item.done:
        parts.append(say("said.kept", done=show.moment(item.done)))
    else:
        parts.append(say("said.kept_undated"))
    if item.done_by_late_entry:
        recorded = story.recorded(item)
        key = "said.on_word_at" if recorded else "said.on_word"
        parts.append(say(key, recorded=show.moment(recorded)))
    return say.pick("", " ").join(parts)


def _breach_said(item: BreachLine, say: Speech) -> str:
    span = (
        say("said.breach_span", at=show.moment(item.at), until=show.moment(item.until))
        if item.until
        else say("said.breach_at", at=show.moment(item.at))
    )
    return span + (say.of(item.detail) or say.of(item.title))


def lead(story: Story, say: Speech) -> str:
    """Return the whole trace in a few sentences."""
    trace, counts = story.trace, story.counts
    incident, hazards = trace.incident, trace.hazards
    at, place = show.moment(trace.at), trace.place.name
    sentences = [say("lead_moment", at=at, place=place)]
    if incident:
        level = say.name("accident_level", incident.level)
        deaths, injured = incident.deaths, incident.serious_injuries
        sentences = [
            say("lead_incident", at=at, place=place, name=incident.name, level=level,
                deaths=deaths, injured=injured)
        ]  # fmt: skip
    still_open, overdue = len(hazards.open), len(hazards.overdue)
    sentences.append(say("lead_hazards", prior=hazards.prior, open=still_open, overdue=overdue))
    sentences += [_cause_said(cause, story, say) for cause in story.causes]
    numbers = {how: counts[Standing(how)] for how in ("broken", "late", "kept", "breach")}
    sentences.append(say("lead_duties", posts=len(story.posts), **numbers))
    afterwards = sum(late.count for late in trace.entered_afterwards)
    sentences += [say("lead_afterwards", count=afterwards)] if afterwards else []
    return say.pick("", " ").join(sentences)


def _cause_said(cause: HazardItem, story: Story, say: Speech) -> str:
    key = "lead_cause_open" if cause.open else "lead_cause_closed"
    return say(
        key,
        name=cause.description or cause.number,
        number=cause.number,
        found=show.moment(cause.found),
        days=story.age(cause),
        closed=show.moment(cause.closed),
    )
