"""A duty's bar 义务条: its time within the deadline, its time beyond, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.pages.figures import svg
from api.pages.figures.measure import shorten
from api.pages.figures.svg import Label, Span
from api.pages.story import Standing, mark, standing

if TYPE_CHECKING:
    from markupsafe import Markup

    from api.pages.words import Speech
    from domain.answer import DutyLine

HEIGHT = 12
_TITLE_LIMIT = 330
_COLOURS = {
    Standing.BROKEN: svg.RED,
    Standing.LATE: svg.RED,
    Standing.ON_WORD: svg.AMBER,
    Standing.KEPT: svg.GREEN,
    Standing.OPEN: svg.MUTED,
    Standing.WAIVED: svg.MUTED,
}
END_MARKS = {
    Standing.BROKEN: svg.cross(svg.RED),
    Standing.LATE: svg.check(svg.RED),
    Standing.KEPT: svg.check(svg.GREEN),
    Standing.ON_WORD: svg.check(svg.AMBER),
}
"""What a bar ends with, to be defined once in a figure as ``end-broken`` and so on."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A duty laid out: x of its beginning, end and deadline, of its words, and its whole extent."""

    item: DutyLine
    label: Label
    left: float
    right: float
    due: float | None
    words_x: float
    extent: tuple[float, float]
    clipped: bool


def bar_label(item: DutyLine, number: str, due: str, tags: list[str], say: Speech) -> Label:
    """Return the words above a bar: what was owed, by when, how it stands."""
    pieces = [Span(shorten(number + title_of(item, say), svg.SIZE, _TITLE_LIMIT))]
    if due:
        pieces.append(Span(say("due_short", due=due), svg.MUTED, gap=8))
    pieces.append(Span(mark(item, say), _COLOURS[standing(item)], bold=True, gap=8))
    pieces += [Span(tag, svg.AMBER, gap=6) for tag in tags]
    return Label(tuple(pieces), svg.SIZE)


def title_of(item: DutyLine, say: Speech) -> str:
    """Return what is owed, with its subject where that is no hazard (a month, an order)."""
    title = say.of(item.title)
    label = item.subject.label
    if item.subject.kind == "hazard" or not label or label in title:
        return title
    return f"{title}{say.pick('：', ': ')}{label}"


def draw_words(bar: Bar, y: float) -> Markup:
    """Draw the words of a bar that is drawn from ``y`` down."""
    return bar.label.draw(bar.words_x, y + 12.5)


def draw_bar(bar: Bar, y: float, late: str) -> Markup:
    """Draw a bar from ``y`` down, below its words; ``late`` is the id of the hatching."""
    top = y + 19
    middle = top + HEIGHT / 2
    how = standing(bar.item)
    parts = [*_body(bar, top, how, late), *_deadline(bar, top, how)]
    if bar.clipped:
        parts.append(
            svg.path("M", bar.left + 8, top - 1, "l", -8, 7, "l", 8, 7, "Z", fill=svg.MUTED)
        )
    if how in END_MARKS:
        parts.append(
            svg.use(f"end-{how}", bar.right - (2 if how is Standing.BROKEN else 0), middle)
        )
    return svg.group(*parts)


def _body(bar: Bar, top: float, how: Standing, late: str) -> list[Markup]:
    """Draw the time that ran: within the deadline plain, beyond it hatched."""
    fill, stroke = {
        Standing.KEPT: (svg.PALE_GREEN, svg.GREEN),
        Standing.ON_WORD: ("#fbeecf", svg.AMBER),
        Standing.WAIVED: ("#eef1f5", svg.GREY),
    }.get(how, (svg.PALE_BLUE, svg.BLUE))
    turn = bar.right
    if how.against and bar.due is not None:
        turn = min(max(bar.due, bar.left), bar.right)
    dashes = "4 3" if how in (Standing.ON_WORD, Standing.WAIVED) else None
    parts = []
    if turn > bar.left:
        parts.append(_part(bar.left, turn, top, fill, stroke, dashes))
    if turn < bar.right:
        parts.append(_part(turn, bar.right, top, f"url(#{late})", svg.RED, None))
    return parts


def _part(
    left: float, right: float, top: float, fill: str, stroke: str, dashes: str | None
) -> Markup:
    return svg.tag(
        "rect",
        class_="bar",
        x=left,
        y=top,
        width=right - left,
        height=HEIGHT,
        rx=2,
        fill=fill,
        stroke=stroke,
        stroke_dasharray=dashes,
    )


def _deadline(bar: Bar, top: float, how: Standing) -> list[Markup]:
    """Draw the tick of the deadline, and dashes to it where it was not reached."""
    if bar.due is None or bar.due < bar.left:
        return []
    colour = svg.GREEN if how is Standing.KEPT else svg.GREY
    parts = []
    if bar.due > bar.right + 1:
        parts.append(
            svg.path("M", bar.right, top + 1, "H", bar.due, "M", bar.right, top + HEIGHT - 1, "H",
                     bar.due, stroke=colour, stroke_dasharray="4 3", fill="none")
        )  # fmt: skip
    parts.append(svg.path("M", bar.due, top - 4, "v", HEIGHT + 8, stroke=svg.INK, stroke_width=2))
    return parts
