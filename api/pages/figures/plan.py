"""What the timeline shows and where 布局: which lanes, which items, in which row of which lane.

What is not kept and what concerns the direct cause comes first; what is folded is counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from api.pages import show
from api.pages.figures import svg
from api.pages.figures.axis import Axis
from api.pages.figures.bars import Bar, bar_label
from api.pages.figures.folded import fold_words
from api.pages.figures.lanes import Event, Lane, Lanes
from api.pages.figures.measure import rows, shorten, unbroken, wrap
from api.pages.figures.svg import Label, Span
from api.pages.figures.topics import Mark
from api.pages.story import Standing, arose, standing
from domain.answer import BreachLine, DutyLine
from domain.moment import SHANGHAI, end, local_day, start

if TYPE_CHECKING:
    from datetime import date

    from api.pages.figures.lanes import Serving
    from api.pages.story import Item, Story
    from api.pages.words import Speech
    from domain.answer import Line, Trace

LEFT, RIGHT = 232, 1352
"""Where the time axis begins and ends."""
HEAD = 74
"""Pixels above the first lane: the accident's flag and the axis."""
STRIP = 24
_EVENT_ROW, _BAR_ROW, _NOTE_ROW = 28, 42, 20
_LABEL_LIMIT = 380
_MOST_LANES = 14
_CROWD = 40
"""With more items than this, the quiet ones that do not concern the direct cause are folded."""
_FEW = 2
"""A lane of no more items than this keeps its quiet ones even in a crowd."""
_MANY_LANES = 10
_MOST_BARS, _MOST_BREACHES, _MOST_EVENTS = 7, 4, 7
_MOST_BARS_OF_MANY, _MOST_BREACHES_OF_MANY, _MOST_EVENTS_OF_MANY = 4, 3, 5
_SHORTEST = timedelta(hours=6)
_BY_THE_CLOCK = timedelta(days=3)
"""Up to this length the marks say the time of day."""
_WIDEST = 4
"""How many times as long as the story of the direct cause the whole may be."""
_QUIET = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """A fact or breach laid out: ``x`` of its mark, its words, and the extent of both."""

    event: Event | BreachLine
    label: Label
    x: float
    words_x: float
    extent: tuple[float, float]


@dataclass(slots=True)
class Plan:
    """One lane laid out: its name's lines, and what stands in which row; then where it begins."""

    lane: Lane
    label: list[tuple[Label, float]]
    spots: list[tuple[Spot, int]]
    bars: list[tuple[Bar, int]]
    note: Label | None
    top: float = 0
    event_rows: int = field(init=False)
    bar_rows: int = field(init=False)

    def __post_init__(self) -> None:
        self.event_rows = 1 + max((row for _, row in self.spots), default=-1)
        self.bar_rows = 1 + max((row for _, row in self.bars), default=-1)

    @property
    def height(self) -> float:
        """How high the lane is."""
        drawn = self.event_rows * _EVENT_ROW + self.bar_rows * _BAR_ROW
        note = _NOTE_ROW if self.note else 0
        return max(drawn + note + 16, self.label[-1][1] + 14)

    def event_y(self, row: int) -> float:
        """Return the middle of a row of marks."""
        return self.top + 22 + row * _EVENT_ROW

    def bar_y(self, row: int) -> float:
        """Return the upper edge of a row of bars."""
        return self.top + 10 + self.event_rows * _EVENT_ROW + row * _BAR_ROW

    @property
    def note_y(self) -> float:
        """The baseline of the note that says what is folded."""
        return self.bar_y(self.bar_rows) + 12


class Layout:
    """A story's timeline laid out.

    Args:
        story: the trace as told.
        say: the language.
    """

    def __init__(self, story: Story, say: Speech) -> None:
        self.story = story
        self.say = say
        self._year = local_day(story.trace.at).year
        found = Lanes(story, say)
        self.servings: list[Serving] = found.servings
        self._ends = {(each.sender, each.sent) for each in found.servings}
        self._ends |= {(each.receiver, each.received) for each in found.servings}
        self.left_out: Counter[str] = found.left_out
        """How many facts are not drawn, and why."""
        shown, self.folded = _most_telling(list(found.lanes.values()), story)
        self.axis = Axis(*window(story, shown), LEFT, RIGHT)
        self.at = self.axis.x(story.trace.at)
        self._crowded = sum(len(lane.items) for lane in shown) > _CROWD
        self._many = sum(bool(lane.items) for lane in shown) > _MANY_LANES
        plans = [self._plan(lane) for lane in shown]
        self.plans = [plan for plan in plans if plan.spots or plan.bars or plan.note]
        self.line_tops: list[tuple[Line | None, float]] = []
        self.bottom = self._stack()

    def _stack(self) -> float:
        """Place the lanes below each other, with a strip above each line; return the bottom."""
        y: float = HEAD
        for line, plans in groupby(self.plans, key=lambda plan: plan.lane.line):
            self.line_tops.append((line, y))
            y += STRIP
            for plan in plans:
                plan.top = y
                y += plan.height
        return y

    def _plan(self, lane: Lane) -> Plan:
        items, folded = self._choose(lane)
        breaches = [item for item in items if isinstance(item, BreachLine)]
        events, unseen = self._choose_events(lane, len(breaches))
        spots = [self._spot(breach) for breach in breaches] + [self._spot(e) for e in events]
        spots.sort(key=lambda spot: spot.extent)
        bars = [self._bar(item) for item in items if isinstance(item, DutyLine)]
        notes = fold_words(folded, self.say)
        if unseen:
            notes.append((self.say("more_events", n=unseen), svg.MUTED))
        spans = tuple(
            Span(words, fill, bold=True, gap=18 if n else 0)
            for n, (words, fill) in enumerate(notes)
        )
        return Plan(
            lane,
            self._lane_label(lane),
            list(zip(spots, rows([spot.extent for spot in spots], 14), strict=True)),
            list(zip(bars, rows([bar.extent for bar in bars], 16), strict=True)),
            Label(spans, 12.5) if spans else None,
        )

    def _choose(self, lane: Lane) -> tuple[list[Item], list[Item]]:
        """Part a lane's items into those drawn, the most telling ones, and those folded."""
        room = {DutyLine: _MOST_BARS, BreachLine: _MOST_BREACHES}
        if self._many:
            room = {DutyLine: _MOST_BARS_OF_MANY, BreachLine: _MOST_BREACHES_OF_MANY}
        ranked = sorted(lane.items, key=lambda item: (_rank(item, self.story), start(arose(item))))
        shown: list[Item] = []
        folded: list[Item] = []
        fold_quiet = self._crowded and len(lane.items) > _FEW
        for item in ranked:
            hidden = fold_quiet and _rank(item, self.story) == _QUIET
            early = start(_finish(item, self.story.trace)) < self.axis.start
            if hidden or early or not room[type(item)]:
                folded.append(item)
            else:
                room[type(item)] -= 1
                shown.append(item)
        return sorted(shown, key=lambda item: start(arose(item))), folded

    def _choose_events(self, lane: Lane, breaches: int) -> tuple[list[Event], int]:
        """Return a lane's most telling facts within the time drawn, and how many more there are."""
        most = _MOST_EVENTS_OF_MANY if self._many else _MOST_EVENTS
        inside = [event for event in lane.events if start(event.at) >= self.axis.start]
        self.left_out += Counter(early=len(lane.events) - len(inside))

        def rank(event: Event) -> tuple[int, float]:
            sent_or_got = (lane.key, event.position) in self._ends
            return event.weight - sent_or_got, -start(event.at).timestamp()

        best = sorted(inside, key=rank)
        room = max(most - breaches, _FEW)
        return best[:room], len(best[room:])

    def _spot(self, what: Event | BreachLine) -> Spot:
        label = self._spot_label(what)
        x = self.axis.x(what.at)
        if x + 12 + label.width <= self.at - 12:
            return Spot(what, label, x, x + 12, (x - 9, x + 12 + label.width))
        words_x = x - 13 - label.width
        return Spot(what, label, x, words_x, (words_x, x + 9))

    def _spot_label(self, what: Event | BreachLine) -> Label:
        when = Span(self._when(what), svg.MUTED)
        if isinstance(what, BreachLine):
            words = self._number(what.id) + self.say.of(what.title)
            fill, bold = svg.RED, True
        else:
            words, fill, bold = what.words, svg.INK, what.mark is Mark.ORDER
        words = shorten(words, svg.SIZE, _LABEL_LIMIT, bold=bold)
        tags = [Span(tag, svg.AMBER, gap=6) for tag in self._tags(what)]
        return Label((when, Span(words, fill, bold, gap=7), *tags), svg.SIZE)

    def _when(self, what: Event | BreachLine) -> str:
        stamp = self._stamp(what.at)
        until = what.until if isinstance(what, BreachLine) else None
        return f"{stamp}–{self._stamp(until)}" if until else stamp

    def _stamp(self, moment: date | datetime) -> str:
        """Return the day of a moment, or the time of day where the whole takes a few days."""
        by_the_clock = self.axis.end - self.axis.start <= _BY_THE_CLOCK
        if by_the_clock and isinstance(moment, datetime):
            return f"{moment.astimezone(SHANGHAI):%H:%M}"
        return show.short(moment, self._year)

    def _due_stamp(self, due: datetime) -> str:
        if self.axis.end - self.axis.start <= _BY_THE_CLOCK:
            return self._stamp(due)
        return show.short_deadline(due, self._year)

    def _tags(self, what: Event | Item) -> list[str]:
        if isinstance(what, Event):
            afterwards = what.afterwards
        elif isinstance(what, BreachLine):
            afterwards = what.entered_afterwards
        else:
            afterwards = what.done_by_late_entry and standing(what) is not Standing.ON_WORD
        tags = (("tag.afterwards", afterwards), ("tag.imported_short", what.imported))
        return [self.say(key) for key, on in tags if on]

    def _number(self, identity: str) -> str:
        number = self.story.matters.get(identity)
        return svg.circled(number) if number else ""

    def _bar(self, item: DutyLine) -> Bar:
        due_words = self._due_stamp(item.due) if item.due else ""
        label = bar_label(item, self._number(item.id), due_words, self._tags(item), self.say)
        left, right = self.axis.x(item.opened), self.axis.x(_finish(item, self.story.trace))
        due = self.axis.x(item.due) if item.due else None
        right = max(right, left + 6)
        words_x = min(left, self.at - 12 - label.width)
        reach = max(right + 9, due or 0, words_x + label.width)
        clipped = start(item.opened) < self.axis.start
        return Bar(item, label, left, right, due, words_x, (min(words_x, left), reach), clipped)

    def _lane_label(self, lane: Lane) -> list[tuple[Label, float]]:
        """Return the lines of a lane's name with their baselines below its top."""
        named = lane.people[:3]
        people = "、".join(named)
        if len(lane.people) > len(named):
            people += self.say("and_others", n=len(lane.people))
        counts = Counter(standing(item) for item in lane.items)
        comma = self.say.pick("、", ", ")
        sums = comma.join(
            unbroken(f"{self.say(f'standing.{how}')} {counts[how]}")
            for how in Standing
            if counts[how]
        )
        blocks = (
            (lane.title, 15, svg.INK, True, 20),
            (people, 13.5, svg.INK, False, 19),
            (lane.organisation, 12.5, svg.MUTED, False, 18),
            (sums, 12, svg.MUTED, False, 17),
        )
        lines: list[tuple[Label, float]] = []
        y = 8.0
        for text, size, fill, bold, step in blocks:
            for line in wrap(text, size, LEFT - 34, 2, bold=bold):
                y += step
                lines.append((svg.label(line, size, fill=fill, bold=bold), y))
        return lines


def window(story: Story, lanes: list[Lane]) -> tuple[datetime, datetime]:
    """Return from when to when the timeline runs.

    It begins with the first item not kept or concerning the direct cause (with the first of all
    where there is none), but not before the look-back, and not so early that the story of the
    direct cause would shrink to an edge; what began earlier is drawn from the edge on. It ends a
    little after the moment.
    """
    trace = story.trace
    at = _instant(trace.at)
    items = [item for lane in lanes for item in lane.items]
    events = [event for lane in lanes for event in lane.events]
    cause = [arose(item) for item in items if story.touches_cause(item)]
    cause += [event.at for event in events if event.cause]
    telling = cause + [arose(item) for item in items if _rank(item, story) < _QUIET]
    telling = telling or [arose(item) for item in items] or [event.at for event in events]
    first = min(map(_instant, telling), default=at - timedelta(days=30))
    if cause:
        first = max(first, at - _WIDEST * max(at - min(map(_instant, cause)), _SHORTEST))
    if trace.look_back:
        first = max(first, start(trace.look_back))
    length = max(at - first, _SHORTEST)
    return at - length * 1.04, at + length * 0.04


def _rank(item: Item, story: Story) -> int:
    """Return how telling an item is, the most telling first."""
    if standing(item).against:
        return 0 if story.touches_cause(item) else 1
    if standing(item) is Standing.ON_WORD or story.touches_cause(item):
        return 2
    return _QUIET


def _most_telling(lanes: list[Lane], story: Story) -> tuple[list[Lane], list[Lane]]:
    """Part the lanes into those drawn, in their order, and those folded."""

    def rank(lane: Lane) -> tuple[int, bool, int]:
        best = min((_rank(item, story) for item in lane.items), default=_QUIET + 1)
        return best, not any(event.cause for event in lane.events), -len(lane.items)

    best = {lane.key for lane in sorted(lanes, key=rank)[:_MOST_LANES]}
    return [lane for lane in lanes if lane.key in best], [x for x in lanes if x.key not in best]


def _finish(item: Item, trace: Trace) -> date | datetime:
    """Return up to when an item is drawn: until it was done, or the moment."""
    if isinstance(item, BreachLine):
        return item.at
    if standing(item) is Standing.WAIVED and item.due and item.due < end(trace.at):
        return item.due
    return item.done or trace.at


def _instant(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(12), SHANGHAI)
