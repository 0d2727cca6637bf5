"""What stands in which lane 泳道: every post with its duties, breaches and facts.

A fact goes to the lane of the post it was done in; where that post bears nothing, it gets a lane of
its own. Who served or reported to whom follows from what people knew and by which fact.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.pages import show
from api.pages.figures.measure import shorten
from api.pages.figures.topics import Mark, aside, is_turn, mark_of, passes_on, sent_by
from api.pages.story import arose, post_key
from domain.moment import no_later, start

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

    from api.pages.story import Item, PostPart, Story
    from api.pages.words import Speech
    from domain.answer import FactLine, Knowledge, Line, OrgRef, Subject


_TEXT = 13
_ABOUT_LIMIT = 240
"""Pixels for what a fact is about: more would push its neighbours away."""


@dataclass(frozen=True, slots=True)
class Event:
    """A fact, or the moment at which somebody came to know of one, as a mark in a lane.

    ``position`` is the fact's; with the lane it tells the mark from every other. ``cause``: it is
    about the hazard behind the direct cause. The lower ``weight``, the more it tells.
    """

    position: int
    at: date | datetime
    words: str
    mark: Mark
    cause: bool
    weight: int
    afterwards: bool = False
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Serving:
    """Something went from one lane's mark to another's: served, reported, proposed."""

    sender: str
    sent: int
    receiver: str
    received: int


@dataclass(slots=True)
class Lane:
    """A post's lane; ``line`` is None where the post bears nothing and only acted."""

    key: str
    title: str
    people: list[str]
    organisation: str
    line: Line | None
    items: list[Item] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class Lanes:
    """The lanes of a story, in the order of the lines of responsibility.

    Args:
        story: the trace as told.
        say: the language.
    """

    def __init__(self, story: Story, say: Speech) -> None:
        self._story = story
        self._say = say
        self.lanes: dict[str, Lane] = {post.key: _lane(post, say) for post in story.posts}
        self._by_place = {
            (_org_id(post.bearer.organisation), post.bearer.title): post.key for post in story.posts
        }
        self._by_person = _only_posts(story.posts)
        self._facts = {fact.position: fact for fact in story.trace.facts}
        self.left_out: Counter[str] = Counter()
        """How many facts are not drawn, and why."""
        self._place_facts()
        self.servings = list(dict.fromkeys(self._servings()))

    def _place_facts(self) -> None:
        """Put every fact that somebody did into a lane, and count the others."""
        for fact in sorted(self._story.trace.facts, key=lambda f: (start(f.happened), f.position)):
            reason = self._unfit(fact)
            if reason:
                self.left_out[reason] += 1
                continue
            lane = self._lane_of(fact)
            lane.events.append(
                Event(
                    position=fact.position,
                    at=fact.happened,
                    words=self._words(self._say.of(fact.title), fact.subject),
                    mark=mark_of(fact.topic),
                    cause=self._is_cause(fact),
                    weight=self._weight(fact),
                    afterwards=fact.entered_afterwards,
                    imported=fact.imported,
                )
            )
        for known in self._story.trace.knowledge:
            self._place_knowledge(known)

    def _unfit(self, fact: FactLine) -> str:
        """Say why a fact is not drawn; nothing where it is."""
        reason = aside(fact.topic)
        if reason:
            return reason
        if not no_later(fact.happened, self._story.trace.at):
            return "later"
        if fact.organisation is None or not (fact.post_title or fact.person):
            return "unplaced"
        return ""

    def _lane_of(self, fact: FactLine) -> Lane:
        key = self._key(fact.organisation, fact.post_title, fact.person)
        if key is None:
            name = show.person(fact.person_name, fact.person, self._say)
            title = fact.post_title or name
            key = f"{_org_id(fact.organisation)}/{title}"
            self._by_place[_org_id(fact.organisation), title] = key
            org = fact.organisation.name if fact.organisation else ""
            self.lanes[key] = Lane(key, title, [], org, None)
        lane = self.lanes[key]
        if lane.line is None and fact.person:
            name = show.person(fact.person_name, fact.person, self._say)
            if name not in (*lane.people, lane.title):
                lane.people.append(name)
        return lane

    def _key(self, org: OrgRef | None, title: str | None, person: UUID | None) -> str | None:
        """Find the lane of a post by its place, or by a person who held no other."""
        if title is not None:
            return self._by_place.get((_org_id(org), title))
        return self._by_person.get(person) if person else None

    def _key_of(self, known: Knowledge) -> str | None:
        """Find the lane of whoever knew: by the post if it has a lane, else by the person."""
        by_post = self._key(known.organisation, known.post_title, known.person)
        return by_post or self._key(known.organisation, None, known.person)

    def _place_knowledge(self, known: Knowledge) -> None:
        """Mark when somebody came to know something by a fact that another lane did."""
        key = self._key_of(known)
        if key is None or not no_later(known.at, self._story.trace.at):
            return
        told = [self._facts[position] for position in known.facts if position in self._facts]
        if not told or any(self._fact_key(fact) == key for fact in told):
            return
        lane = self.lanes[key]
        event = Event(
            position=told[0].position,
            at=known.at,
            words=self._words(self._say.of(known.how), known.subject),
            mark=Mark.DONE,
            cause=known.subject.id in self._story.direct_cause,
            weight=self._weight(told[0]),
            afterwards=known.entered_afterwards,
        )
        if all(event.position != other.position for other in lane.events):
            lane.events.append(event)

    def _servings(self) -> Iterable[Serving]:
        for known in self._story.trace.knowledge:
            receiver = self._key_of(known)
            if receiver is None or not no_later(known.at, self._story.trace.at):
                continue
            for fact in (self._facts[p] for p in known.facts if p in self._facts):
                sent = self._sent(fact, receiver) if passes_on(fact.topic) else None
                sender = self._fact_key(sent) if sent else None
                if sent and sender and sender != receiver:
                    yield Serving(sender, sent.position, receiver, fact.position)

    def _sent(self, fact: FactLine, receiver: str) -> FactLine | None:
        """Find the fact that sent what was received: this one, or the issue of what was served."""
        if self._fact_key(fact) != receiver:
            return fact
        issued = (
            other
            for other in self._story.trace.facts
            if other.topic == sent_by(fact.topic)
            and other.record == fact.record
            and other.position < fact.position
        )
        return max(issued, key=lambda other: other.position, default=None)

    def _fact_key(self, fact: FactLine) -> str | None:
        key = self._key(fact.organisation, fact.post_title, fact.person)
        return None if self._unfit(fact) else key

    def _words(self, what: str, about: Subject) -> str:
        brief = shorten(self._story.briefly(about), _TEXT, _ABOUT_LIMIT)
        return f"{what}{self._say.pick('：', ': ')}{brief}" if brief else what

    def _is_cause(self, fact: FactLine) -> bool:
        causes = self._story.direct_cause
        return fact.subject.id in causes or str(fact.record) in causes

    def _weight(self, fact: FactLine) -> int:
        concerns = self._is_cause(fact) or fact.position in self._story.cause_facts
        return 2 - concerns - is_turn(fact.topic)


def _lane(post: PostPart, say: Speech) -> Lane:
    people = [show.holder(part.who, say) for part in post.people if part.who]
    people = people or [show.bearer_people(post.bearer, say)]
    org = post.bearer.organisation
    return Lane(
        key=post.key,
        title=post.bearer.title,
        people=list(dict.fromkeys(people)),
        organisation=org.name if org else "",
        line=post.line,
        items=sorted(post.items, key=lambda item: (start(arose(item)), item.id)),
    )


def _only_posts(posts: list[PostPart]) -> dict[UUID, str]:
    """Return the post of everybody who held exactly one of ``posts``."""
    held: dict[UUID, set[str]] = {}
    for post in posts:
        for item in post.items:
            for who in item.bearer.holders:
                held.setdefault(who.person, set()).add(post_key(item.bearer))
    return {person: next(iter(keys)) for person, keys in held.items() if len(keys) == 1}


def _org_id(org: OrgRef | None) -> str:
    return str(org.id) if org else ""
