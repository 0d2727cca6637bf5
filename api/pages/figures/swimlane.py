"""The swim-lane timeline 泳道时间轴: every post's duties and facts up to the accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from api.pages import show
from api.pages.figures import svg
from api.pages.figures.bars import END_MARKS, draw_bar, draw_words
from api.pages.figures.folded import fold_words
from api.pages.figures.lanes import Event
from api.pages.figures.measure import width
from api.pages.figures.plan import HEAD, LEFT, STRIP, Layout
from api.pages.story import Standing, standing
from domain.answer import BreachLine
from domain.moment import local_day

if TYPE_CHECKING:
    from collections import Counter

    from api.pages.figures.plan import Plan
    from api.pages.figures.svg import Figure
    from api.pages.story import Story
    from api.pages.words import Speech

WIDTH = 1360
_SMALL = 12.5


def swimlane(story: Story, say: Speech) -> tuple[Figure, Counter[str]]:
    """Return the timeline of a story, and how many facts it does not show, by reason."""
    layout = Layout(story, say)
    return Swimlane(layout).draw(), layout.left_out


class Swimlane:
    """Draws a layout.

    Args:
        layout: the story's timeline laid out.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._plans = layout.plans
        self._story = layout.story
        self._say = layout.say
        self._year = local_day(layout.story.trace.at).year

    def draw(self) -> Figure:
        """Return the figure."""
        folded, y = self._folded(self._layout.bottom)
        legend, y = self._legend(y + 34)
        return svg.picture(
            "lanes",
            (WIDTH, y),
            self._words(),
            [
                _definitions(),
                self._grid(),
                self._strips(),
                self._label_cells(),
                self._arrows(),
                self._accident(),
                *(self._marks(plan) for plan in self._plans),
                svg.halo(*(text for plan in self._plans for text in self._lane_words(plan))),
                folded,
                legend,
            ],
        )

    def _words(self) -> tuple[str, str]:
        """Return what is read out in place of the picture."""
        spots = [spot for plan in self._plans for spot, _ in plan.spots]
        return self._say("swimlane"), self._say(
            "swimlane_desc",
            lanes=len(self._plans),
            start=local_day(self._layout.axis.start),
            end=show.moment(self._story.trace.at),
            duties=sum(len(plan.bars) for plan in self._plans),
            breaches=sum(isinstance(spot.event, BreachLine) for spot in spots),
        )

    def _grid(self) -> Markup:
        strong: list[str | float] = []
        weak: list[str | float] = []
        words = []
        for tick in self._layout.axis.ticks(self._say, _SMALL):
            top = HEAD - (26 if tick.major else 8)
            lines = strong if tick.major else weak
            lines += ["M", tick.x, top, "V", self._layout.bottom]
            x = tick.x + 6 if tick.major else tick.x - width(tick.words, _SMALL) / 2
            look = {"font_weight": "bold", "fill": svg.INK} if tick.major else {}
            words.append(svg.tag("text", tick.words, x=x, y=HEAD - 13, **look))
        return svg.group(
            svg.path(*weak, stroke="#eceff4") if weak else "",
            svg.path(*strong, stroke=svg.RULE) if strong else "",
            svg.path("M", 4, HEAD - 0.5, "H", WIDTH - 4, stroke=svg.INK, stroke_width=1.4),
            svg.group(*words, font_size=_SMALL, fill=svg.MUTED),
        )

    def _strips(self) -> Markup:
        """Draw a strip with its name above the first lane of every line of responsibility."""
        parts = []
        for line, y in self._layout.line_tops:
            words = self._say(f"line.{line or 'none'}")
            parts += [
                svg.tag("rect", x=4, y=y, width=WIDTH - 8, height=STRIP, fill="#e9eef5"),
                svg.label(words, _SMALL, fill=svg.MUTED, bold=True).draw(18, y + 16.5),
            ]
        return svg.group(*parts)

    def _label_cells(self) -> Markup:
        """Draw what stands left of the lanes: a stripe, the post, its people, its organisation."""
        cells = []
        rules: list[str | float] = []
        for plan in self._plans:
            high = plan.height
            stripe = _stripe({standing(item) for item in plan.lane.items})
            cells += [
                svg.tag("rect", x=4, y=plan.top, width=LEFT - 14, height=high, fill=svg.PAPER),
                svg.tag("rect", x=4, y=plan.top, width=5, height=high, fill=stripe),
            ]
            rules += ["M", 4, plan.top + high, "H", WIDTH - 4]
            pad = (high - plan.label[-1][1] - 8) / 2
            cells += [label.draw(20, plan.top + pad + y) for label, y in plan.label]
        return svg.group(*cells, svg.path(*rules, stroke=svg.RULE) if rules else "")

    def _marks(self, plan: Plan) -> Markup:
        bars = [draw_bar(bar, plan.bar_y(row), "hatch") for bar, row in plan.bars]
        marks = [
            svg.use(_mark_id(spot.event), spot.x, plan.event_y(row)) for spot, row in plan.spots
        ]
        return svg.group(*bars, *marks)

    def _lane_words(self, plan: Plan) -> list[Markup]:
        return [
            *(draw_words(bar, plan.bar_y(row)) for bar, row in plan.bars),
            *(spot.label.draw(spot.words_x, plan.event_y(row) + 4.6) for spot, row in plan.spots),
            plan.note.draw(LEFT + 8, plan.note_y) if plan.note else Markup(),
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
            for each in self._layout.servings
        )
        return _dashed(*(_arrow(sent, got) for sent, got in ends if sent and got))

    def _accident(self) -> Markup:
        """Draw the line of the accident with its flag, and beside it what happened."""
        trace, say, x = self._story.trace, self._say, self._layout.at
        incident = trace.incident
        key = "accident_flag" if incident else "moment_flag"
        flag = say(key, day=show.short(trace.at, self._year))
        wide = width(flag, 14, bold=True) + 24
        left = min(x - wide / 2, WIDTH - 4 - wide)
        colour = svg.RED if incident else svg.BLUE
        parts = [
            svg.path("M", x, 34, "V", self._layout.bottom + 6, stroke=colour, stroke_width=3),
            svg.tag("rect", x=left, y=4, width=wide, height=28, rx=5, fill=colour),
            svg.path("M", x - 6, 31, "h", 12, "l", -6, 8, "Z", fill=colour),
            svg.label(flag, 14, fill="#fff", bold=True).draw(left + 12, 23),
        ]
        if incident:
            words = [incident.name, say.name("accident_level", incident.level)]
            words += [say("deaths", n=incident.deaths)] if incident.deaths else []
            injured = incident.serious_injuries
            words += [say("injured", n=injured)] if injured else []
            joined = say.pick("，", ", ").join(words)
            beside = svg.fit(joined, 14, left - 40, fill=svg.RED, bold=True)
            parts.append(beside.draw(left - 14 - beside.width, 23))
        return svg.group(*parts)

    def _folded(self, y: float) -> tuple[Markup, float]:
        """Say what the posts without a lane bore."""
        folded = self._layout.folded
        if not folded:
            return Markup(), y
        items = [item for lane in folded for item in lane.items]
        words = [self._say("more_posts", n=len(folded))]
        words += [text for text, _ in fold_words(items, self._say)]
        events = sum(len(lane.events) for lane in folded)
        words += [self._say("more_events", n=events)] if events else []
        text = svg.fit(" · ".join(words), 14, WIDTH - 40, bold=True)
        return text.draw(20, y + 24), y + 34

    def _legend(self, y: float) -> tuple[Markup, float]:
        """Draw the legend in as many rows as it takes."""
        say = self._say
        entries = [
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
            place = f"translate({svg.number(x)} {svg.number(y)})"
            parts += [
                svg.group(sample, transform=place),
                words.draw(x + (wide + 7 if wide else 0), y + 4.6),
            ]
            x += full
        return svg.group(*parts), y + 18


def _stripe(found: set[Standing]) -> str:
    """Return a lane's colour; its words say the same."""
    if any(how.against for how in found):
        return svg.RED
    if Standing.ON_WORD in found:
        return svg.AMBER
    return svg.GREEN if Standing.KEPT in found else svg.GREY


def _mark_id(what: Event | BreachLine) -> str:
    return "mark-breach" if isinstance(what, BreachLine) else f"mark-{what.mark}"


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
