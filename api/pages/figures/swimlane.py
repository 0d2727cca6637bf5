"""The swim-lane timeline 泳道时间轴: every post's duties and facts up to the accident."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from api.pages import show
from api.pages.figures import svg
from api.pages.figures.axis import Axis
from api.pages.figures.bars import END_MARKS, Bar, bar_label, draw_bar, draw_words
from api.pages.figures.folded import fold_words
from api.pages.figures.lanes import Event, Lane, Lanes, Mark
from api.pages.figures.measure import rows, shorten, width, wrap
from api.pages.figures.svg import Label, Span
from api.pages.story import Standing, arose, standing
from domain.answer import BreachLine, DutyLine
from domain.moment import SHANGHAI, end, local_day, start

if TYPE_CHECKING:
    from datetime import date

    from api.pages.story import Item, Story
    from api.pages.words import Speech
    from domain.answer import Trace

WIDTH = 1360
_LEFT, _RIGHT = 232, 1352
_HEAD = 74
"""Pixels above the first lane: the accident's flag and the axis."""
_STRIP, _EVENT_ROW, _BAR_ROW, _NOTE_ROW = 24, 28, 42, 20
_TEXT, _SMALL = 13, 12.5
_LABEL_LIMIT = 300
_MOST_LANES, _MOST_BARS, _MOST_EVENTS = 14, 7, 8
_CROWD = 40
"""With more items than this, those kept in time that do not concern the direct cause are folded."""
_SHORTEST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A mark with its words: ``x`` of the mark, extent of the whole, and its row."""

    event: Event | BreachLine
    label: Label
    x: float
    extent: tuple[float, float]

    @property
    def words_x(self) -> float:
        left = self.extent[0]
        return self.x + 12 if left >= self.x - 10 else left


@dataclass(slots=True)
class _Plan:
    """One lane laid out: where it begins, how high it is, what stands in which row."""

    lane: Lane
    spots: list[tuple[_Spot, int]]
    bars: list[tuple[Bar, int]]
    notes: list[tuple[str, str]]
    label: list[tuple[Label, float]] = field(default_factory=list)
    top: float = 0

    @property
    def event_rows(self) -> int:
        return 1 + max((row for _, row in self.spots), default=-1)

    @property
    def bar_rows(self) -> int:
        return 1 + max((row for _, row in self.bars), default=-1)

    @property
    def height(self) -> float:
        drawn = self.event_rows * _EVENT_ROW + self.bar_rows * _BAR_ROW
        label = self.label[-1][1] + 14 if self.label else 0
        return max(drawn + len(self.notes) * _NOTE_ROW + 16, label)

    def event_y(self, row: int) -> float:
        return self.top + 22 + row * _EVENT_ROW

    def bar_y(self, row: int) -> float:
        return self.top + 10 + self.event_rows * _EVENT_ROW + row * _BAR_ROW

    def note_y(self, row: int) -> float:
        return self.bar_y(self.bar_rows) + 10 + row * _NOTE_ROW


class Swimlane:
    """The timeline of a story, laid out and ready to be drawn.

    Args:
        story: the trace as told.
        say: the language.
    """

    def __init__(self, story: Story, say: Speech) -> None:
        self._story = story
        self._say = say
        self._found = Lanes(story, say)
        self.left_out = self._found.left_out
        self._year = local_day(story.trace.at).year
        shown, self._folded = _most_telling(list(self._found.lanes.values()), story)
        begin, finish = window(story, shown)
        self.axis = Axis(begin, finish, _LEFT, _RIGHT)
        self._at = self.axis.x(story.trace.at)
        crowded = sum(len(lane.items) for lane in shown) > _CROWD
        self._plans = [self._plan(lane, crowded=crowded) for lane in shown]

    # Laying out

    def _plan(self, lane: Lane, *, crowded: bool) -> _Plan:
        items, folded = self._choose(lane, crowded=crowded)
        breaches = [item for item in items if isinstance(item, BreachLine)]
        events, unseen = self._choose_events(lane, len(breaches))
        spots = sorted(
            [self._spot(each) for each in (*breaches, *events)], key=lambda spot: spot.extent
        )
        bars = [self._bar(item) for item in items if isinstance(item, DutyLine)]
        plan = _Plan(
            lane,
            list(zip(spots, rows([spot.extent for spot in spots], 14), strict=True)),
            list(zip(bars, rows([bar.extent for bar in bars], 16), strict=True)),
            fold_words(folded, self._say),
        )
        if unseen:
            plan.notes.append((self._say("more_events", n=unseen), svg.MUTED))
        plan.label = self._lane_label(lane)
        return plan

    def _choose(self, lane: Lane, *, crowded: bool) -> tuple[list[Item], list[Item]]:
        """Part a lane's items into those drawn, the most telling ones, and those folded."""
        ranked = sorted(lane.items, key=lambda item: (_rank(item, self._story), start(arose(item))))
        shown: list[Item] = []
        folded: list[Item] = []
        for item in ranked:
            quiet = crowded and standing(item) is Standing.KEPT
            hidden = quiet and not self._story.touches_cause(item)
            early = start(_finish(item, self._story.trace)) < self.axis.start
            full = len(shown) >= _MOST_BARS
            (folded if hidden or early or full else shown).append(item)
        return sorted(shown, key=lambda item: start(arose(item))), folded

    def _choose_events(self, lane: Lane, breaches: int) -> tuple[list[Event], int]:
        inside = [event for event in lane.events if start(event.at) >= self.axis.start]
        self.left_out["early"] += len(lane.events) - len(inside)
        best = sorted(inside, key=lambda event: (not event.cause, -start(event.at).timestamp()))
        room = max(_MOST_EVENTS - breaches, 2)
        return best[:room], len(best[room:])

    def _spot(self, what: Event | BreachLine) -> _Spot:
        at = what.at
        when = Span(self._when(what), svg.MUTED)
        if isinstance(what, BreachLine):
            number = self._number(what.id)
            words = shorten(number + self._say.of(what.title), _TEXT, _LABEL_LIMIT, bold=True)
            pieces = [when, Span(words, svg.RED, bold=True, gap=7)]
        else:
            bold = what.mark is Mark.ORDER
            words = shorten(what.words, _TEXT, _LABEL_LIMIT - 40, bold=bold)
            pieces = [when, Span(words, bold=bold, gap=7)]
        pieces += [Span(tag, svg.AMBER, gap=6) for tag in self._tags(what)]
        label = Label(tuple(pieces), _TEXT)
        x = self.axis.x(at)
        right = x + 12 + label.width
        limit = self._at - 12
        extent = (x - 9, right) if right <= limit else (x - 13 - label.width, x + 9)
        return _Spot(what, label, x, extent)

    def _when(self, what: Event | BreachLine) -> str:
        day = show.short(what.at, self._year)
        until = what.until if isinstance(what, BreachLine) else None
        return f"{day}–{show.short(until, self._year)}" if until else day

    def _tags(self, what: Event | Item) -> list[str]:
        late = getattr(what, "afterwards", False) or getattr(what, "entered_afterwards", False)
        late = late or getattr(what, "done_by_late_entry", False)
        return [
            self._say(key)
            for key, on in (("tag.afterwards", late), ("tag.imported_short", what.imported))
            if on
        ]

    def _number(self, identity: str) -> str:
        number = self._story.matters.get(identity)
        return svg.circled(number) if number else ""

    def _bar(self, item: DutyLine) -> Bar:
        label = bar_label(
            item,
            self._number(item.id),
            [tag for tag in self._tags(item) if standing(item) is not Standing.ON_WORD],
            self._year,
            self._say,
        )
        left, right = self.axis.x(item.opened), self.axis.x(_finish(item, self._story.trace))
        due = self.axis.x(item.due) if item.due else None
        right = max(right, left + 6)
        words_x = min(left, self._at - 12 - label.width)
        reach = max(right + 9, due or 0, words_x + label.width)
        clipped = start(item.opened) < self.axis.start
        return Bar(item, label, left, right, due, words_x, (min(words_x, left), reach), clipped)

    def _lane_label(self, lane: Lane) -> list[tuple[Label, float]]:
        """Return the lines of a lane's name with their baselines below its top."""
        limit = _LEFT - 34
        people = "、".join(lane.people[:3])
        if len(lane.people) > len(lane.people[:3]):
            people += self._say("and_others", n=len(lane.people))
        blocks = (
            (lane.title, 15, svg.INK, 2, True, 20),
            (people, 13.5, svg.INK, 2, False, 19),
            (lane.organisation, _SMALL, svg.MUTED, 2, False, 18),
            (self._counts(lane), 12, svg.MUTED, 2, False, 17),
        )
        lines: list[tuple[Label, float]] = []
        y = 8.0
        for text, size, fill, most, bold, step in blocks:
            for line in wrap(text, size, limit, most, bold=bold):
                y += step
                lines.append((svg.label(line, size, fill=fill, bold=bold), y))
        return lines

    def _counts(self, lane: Lane) -> str:
        counts = Counter(standing(item) for item in lane.items)
        return " · ".join(
            f"{self._say(f'standing.{how}')} {counts[how]}" for how in Standing if counts[how]
        )

    # Drawing

    def draw(self) -> Markup:
        """Return the figure."""
        body: list[Markup] = []
        y: float = _HEAD
        for line, plans in groupby(self._plans, key=lambda plan: plan.lane.line):
            body.append(self._strip(y, str(line) if line else "none"))
            y += _STRIP
            for plan in plans:
                plan.top = y
                y += plan.height
        bottom = y
        lanes = [self._draw_lane(plan) for plan in self._plans]
        folded, y = self._draw_folded(y)
        legend, y = self._legend(y + 34)
        words = self._words()
        return svg.picture(
            "lanes",
            (WIDTH, y),
            words,
            [
                _definitions(),
                self._grid(bottom),
                *body,
                svg.group(*(self._label_cell(plan) for plan in self._plans)),
                self._arrows(),
                self._accident(bottom),
                *lanes,
                svg.halo(*(text for plan in self._plans for text in self._lane_words(plan))),
                folded,
                legend,
            ],
        )

    def _words(self) -> tuple[str, str]:
        drawn = [bar.item for plan in self._plans for bar, _ in plan.bars]
        breaches = [
            spot for plan in self._plans for spot, _ in plan.spots
            if isinstance(spot.event, BreachLine)
        ]  # fmt: skip
        return self._say("swimlane"), self._say(
            "swimlane_desc",
            lanes=len(self._plans),
            start=local_day(self.axis.start),
            end=show.moment(self._story.trace.at),
            duties=len(drawn),
            breaches=len(breaches),
        )

    def _grid(self, bottom: float) -> Markup:
        lines, words = [], []
        for tick in self.axis.ticks(self._say, _SMALL):
            top = _HEAD - 26 if tick.major else _HEAD - 8
            lines.append(
                svg.path(
                    "M", tick.x, top, "V", bottom, stroke=svg.RULE if tick.major else "#eceff4"
                )
            )
            wide = width(tick.words, _SMALL)
            x = tick.x + 6 if tick.major else tick.x - wide / 2
            words.append(
                svg.fit(
                    tick.words,
                    _SMALL,
                    200,
                    fill=svg.INK if tick.major else svg.MUTED,
                    bold=tick.major,
                ).draw(x, _HEAD - 13)
            )
        rule = svg.path("M", 4, _HEAD - 0.5, "H", WIDTH - 4, stroke=svg.INK, stroke_width=1.4)
        return svg.group(*lines, *words, rule)

    def _strip(self, y: float, line: str) -> Markup:
        return svg.group(
            svg.tag("rect", x=4, y=y, width=WIDTH - 8, height=_STRIP, fill="#e9eef5"),
            svg.label(self._say(f"line.{line}"), _SMALL, fill=svg.MUTED, bold=True).draw(
                18, y + 16.5
            ),
        )

    def _label_cell(self, plan: _Plan) -> Markup:
        stripe = _stripe({standing(item) for item in plan.lane.items})
        bottom = plan.top + plan.height
        pad = (plan.height - plan.label[-1][1] - 8) / 2 if plan.label else 0
        return svg.group(
            svg.tag("rect", x=4, y=plan.top, width=_LEFT - 14, height=plan.height, fill=svg.PAPER),
            svg.tag("rect", x=4, y=plan.top, width=5, height=plan.height, fill=stripe),
            svg.path("M", 4, bottom, "H", WIDTH - 4, stroke=svg.RULE),
            *(label.draw(20, plan.top + pad + y) for label, y in plan.label),
        )

    def _draw_lane(self, plan: _Plan) -> Markup:
        bars = [draw_bar(bar, plan.bar_y(row), "hatch") for bar, row in plan.bars]
        marks = [
            svg.use(_mark_id(spot.event), spot.x, plan.event_y(row)) for spot, row in plan.spots
        ]
        return svg.group(*bars, *marks)

    def _lane_words(self, plan: _Plan) -> list[Markup]:
        return [
            *(draw_words(bar, plan.bar_y(row)) for bar, row in plan.bars),
            *(spot.label.draw(spot.words_x, plan.event_y(row) + 4.6) for spot, row in plan.spots),
            *(
                svg.label(words, _SMALL, fill=fill, bold=True).draw(_LEFT + 8, plan.note_y(row))
                for row, (words, fill) in enumerate(plan.notes)
            ),
        ]

    def _arrows(self) -> Markup:
        places = {
            (plan.lane.key, spot.event.position): (spot.x, plan.event_y(row))
            for plan in self._plans
            for spot, row in plan.spots
            if isinstance(spot.event, Event)
        }
        ends = (
            (places.get((each.sender, each.sent)), places.get((each.receiver, each.received)))
            for each in self._found.servings
        )
        return _dashed(*(_arrow(sent, got) for sent, got in ends if sent and got))

    def _accident(self, bottom: float) -> Markup:
        """Draw the line of the accident with its flag, and beside it what happened."""
        trace, say = self._story.trace, self._say
        incident = trace.incident
        key = "accident_flag" if incident else "moment_flag"
        flag = say(key, day=show.short(trace.at, self._year))
        wide = width(flag, 14, bold=True) + 24
        left = min(self._at - wide / 2, WIDTH - 4 - wide)
        colour = svg.RED if incident else svg.BLUE
        parts = [
            svg.path("M", self._at, 34, "V", bottom + 6, stroke=colour, stroke_width=3),
            svg.tag("rect", x=left, y=4, width=wide, height=28, rx=5, fill=colour),
            svg.path("M", self._at - 6, 31, "h", 12, "l", -6, 8, "Z", fill=colour),
            svg.label(flag, 14, fill="#fff", bold=True).draw(left + 12, 23),
        ]
        if incident:
            words = [incident.name, say.name("accident_level", incident.level)]
            words += [say("deaths", n=incident.deaths)] if incident.deaths else []
            words += (
                [say("injured", n=incident.serious_injuries)] if incident.serious_injuries else []
            )
            beside = svg.fit("，".join(words), 14, left - 40, fill=svg.RED, bold=True)
            parts.append(beside.draw(left - 14 - beside.width, 23))
        return svg.group(*parts)

    def _draw_folded(self, y: float) -> tuple[Markup, float]:
        """Say what the posts without a lane bore."""
        if not self._folded:
            return Markup(), y
        items = [item for lane in self._folded for item in lane.items]
        words = [
            self._say("more_posts", n=len(self._folded)),
            *(w for w, _ in fold_words(items, self._say)),
        ]
        events = sum(len(lane.events) for lane in self._folded)
        words += [self._say("more_events", n=events)] if events else []
        text = svg.fit(" · ".join(words), 14, WIDTH - 40, bold=True)
        return text.draw(20, y + 24), y + 34

    def _legend(self, y: float) -> tuple[Markup, float]:
        """Draw the legend in as many rows as it takes."""
        say = self._say
        entries: list[tuple[float, Markup, str]] = [
            (44, _kept_sample(), "legend.kept"),
            (64, _late_sample(), "legend.late"),
            (18, svg.use("mark-order", 8, 0), "legend.order"),
            (18, svg.use("mark-done", 8, 0), "legend.done"),
            (18, svg.use("mark-event", 8, 0), "legend.event"),
            (20, svg.use("mark-breach", 9, 0), "legend.breach"),
            (50, _dashed(svg.path("M", 0, 0, "H", 40)), "legend.serving"),
            (0, Markup(), "legend.end"),
            (0, Markup(), "legend.number"),
        ]
        x, parts = 74.0, [svg.label(say("legend"), 13, bold=True).draw(20, y + 4.6)]
        for wide, sample, key in entries:
            words = svg.label(say(key), 13, fill=svg.MUTED)
            full = wide + 7 + words.width + 26
            if x + full > WIDTH:
                x, y = 74.0, y + 26
            parts += [
                svg.group(sample, transform=f"translate({svg.number(x)} {svg.number(y)})"),
                words.draw(x + (wide + 7 if wide else 0), y + 4.6),
            ]
            x += full
        return svg.group(*parts), y + 18


def swimlane(story: Story, say: Speech) -> tuple[Markup, Counter[str]]:
    """Return the timeline of a story, and how many facts it does not show, by reason."""
    figure = Swimlane(story, say)
    return figure.draw(), figure.left_out


def window(story: Story, lanes: list[Lane]) -> tuple[datetime, datetime]:
    """Return from when to when the timeline runs.

    It begins with the first item not kept or concerning the direct cause (with the first of all
    where there is none), but not before the look-back, and ends a little after the moment.
    """
    trace = story.trace
    at = _instant(trace.at)
    items = [item for lane in lanes for item in lane.items]
    telling = [arose(item) for item in items if _rank(item, story) < _rank_of_kept()]
    telling += [event.at for lane in lanes for event in lane.events if event.cause]
    telling = telling or [arose(item) for item in items]
    telling = telling or [event.at for lane in lanes for event in lane.events]
    first = min((_instant(each) for each in telling), default=at - timedelta(days=30))
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
    return _rank_of_kept()


def _rank_of_kept() -> int:
    return 3


def _most_telling(lanes: list[Lane], story: Story) -> tuple[list[Lane], list[Lane]]:
    """Part the lanes into those drawn, in their order, and those folded."""

    def rank(lane: Lane) -> tuple[int, bool, int]:
        best = min((_rank(item, story) for item in lane.items), default=4)
        return best, not any(event.cause for event in lane.events), -len(lane.items)

    order = sorted(lanes, key=rank)
    drawn = {lane.key for lane in order[:_MOST_LANES]}
    return [each for each in lanes if each.key in drawn], [
        each for each in lanes if each.key not in drawn
    ]


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


def _mark_id(what: Event | BreachLine) -> str:
    return "mark-breach" if isinstance(what, BreachLine) else f"mark-{what.mark}"


def _stripe(found: set[Standing]) -> str:
    """Return a lane's colour; its words say the same."""
    if any(how.against for how in found):
        return svg.RED
    if Standing.ON_WORD in found:
        return svg.AMBER
    return svg.GREEN if Standing.KEPT in found else svg.GREY


def _definitions() -> Markup:
    """Return what is drawn many times, each once."""
    ring = svg.tag("circle", r=5, fill="#fff", stroke=svg.MUTED, stroke_width=2.6)
    triangle = svg.group(
        svg.path("M", 0, -8, "l", 8.5, 15, "h", -17, "Z", fill=svg.RED, stroke=svg.RED,
                 stroke_linejoin="round"),
        svg.path("M", 0, -3.4, "v", 5, "m", 0, 2.4, "v", 1.4, stroke="#fff", stroke_width=1.8),
    )  # fmt: skip
    marks = {
        "mark-order": svg.tag("rect", x=-6.5, y=-6.5, width=13, height=13, rx=1.5, fill=svg.BLUE),
        "mark-done": svg.tag("circle", r=6.5, fill=svg.GREEN),
        "mark-event": ring,
        "mark-breach": triangle,
        **{f"end-{how}": drawn for how, drawn in END_MARKS.items()},
    }
    return svg.tag(
        "defs",
        svg.hatch("hatch"),
        svg.tip("tip-sent", svg.BLUE),
        *(svg.group(mark, id=name) for name, mark in marks.items()),
    )


def _arrow(sender: tuple[float, float], receiver: tuple[float, float]) -> Markup:
    """Draw a line from one mark to another in another lane; the arrowhead needs its last 8."""
    (x, y), (to_x, to_y) = sender, receiver
    down = to_y > y
    y, end_y = (y + 10, to_y - 17) if down else (y - 10, to_y + 17)
    bend = (y + end_y) / 2
    return svg.path("M", x, y, "C", x, bend, to_x, bend, to_x, end_y)


def _dashed(*arrows: str) -> Markup:
    return svg.group(
        *arrows,
        fill="none",
        stroke=svg.BLUE,
        stroke_width=1.5,
        stroke_dasharray="5 4",
        marker_end="url(#tip-sent)",
    )


def _kept_sample() -> Markup:
    return svg.tag("rect", y=-6, width=40, height=12, rx=2, fill=svg.PALE_GREEN, stroke=svg.GREEN)


def _late_sample() -> Markup:
    return svg.group(
        svg.tag("rect", y=-6, width=26, height=12, rx=2, fill=svg.PALE_BLUE, stroke=svg.BLUE),
        svg.tag("rect", x=26, y=-6, width=36, height=12, fill="url(#hatch)", stroke=svg.RED),
        svg.path("M", 26, -10, "V", 10, stroke=svg.INK, stroke_width=2),
    )
