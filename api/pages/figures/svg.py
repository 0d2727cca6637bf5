"""SVG elements 图元, written with presentation attributes only and everything escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from api.pages.figures.measure import shorten, width

if TYPE_CHECKING:
    from collections.abc import Iterable

FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
INK = "#17202e"
MUTED = "#556070"
RULE = "#d3dae4"
PAPER = "#f7f9fc"
RED = "#b3141b"
PALE_RED = "#f8d3d3"
GREEN = "#1a7340"
PALE_GREEN = "#dcefe2"
BLUE = "#0b57a4"
PALE_BLUE = "#dce9f7"
AMBER = "#8a5200"
GREY = "#8795a8"
SIZE = 13
"""The font size that goes without saying."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CIRCLED = 20, 35, 50


def clean(text: str) -> str:
    """Return ``text`` without the characters that XML forbids."""
    return _UNPRINTABLE.sub("\ufffd", text)


def number(value: float) -> str:
    """Return a coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def tag(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """Return an element; ``stroke_width`` becomes ``stroke-width``, None is left out.

    Text among the children is escaped, markup is not.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(escape(clean(c) if not isinstance(c, Markup) else c) for c in children)
    return Markup(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")  # noqa: S704 (escaped above)


def _value(value: str | float) -> str:
    return escape(clean(value)) if isinstance(value, str) else number(value)


def group(*children: str, **attributes: str | float | None) -> Markup:
    """Return a ``g`` of what is given, or nothing for nothing."""
    inside = [child for child in children if child]
    return tag("g", *inside, **attributes) if inside else Markup()


def path(*steps: str | float, **attributes: str | float | None) -> Markup:
    """Return a path from letters and coordinates, written as briefly as SVG allows."""
    written = ""
    for step in steps:
        text = step if isinstance(step, str) else number(step)
        joined = written and written[-1].isdigit() and text[0].isdigit()
        written += f" {text}" if joined else text
    return tag("path", d=written, **attributes)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a label in one colour and weight, ``gap`` behind the piece before it."""

    text: str
    fill: str = INK
    bold: bool = False
    gap: float = 0

    @property
    def look(self) -> dict[str, str | None]:
        """Its colour and weight as attributes, left out where they go without saying."""
        return {
            "fill": None if self.fill == INK else self.fill,
            "font_weight": "bold" if self.bold else None,
        }


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text of known width."""

    spans: tuple[Span, ...]
    size: float

    @property
    def width(self) -> float:
        """How wide it is, rather too much."""
        return sum(s.gap + width(s.text, self.size, bold=s.bold) for s in self.spans)

    def draw(self, x: float, y: float) -> Markup:
        """Return the text with its left end at ``x`` on the baseline ``y``."""
        size = None if self.size == SIZE else self.size
        if len(self.spans) == 1:
            return tag("text", self.spans[0].text, x=x, y=y, font_size=size, **self.spans[0].look)
        spans = [tag("tspan", s.text, dx=s.gap or None, **s.look) for s in self.spans]
        return tag("text", *spans, x=x, y=y, font_size=size)


def label(text: str, size: float, *, fill: str = INK, bold: bool = False) -> Label:
    """Return a label of one piece."""
    return Label((Span(text, fill, bold),), size)


def pill_width(text: str, size: float) -> float:
    """Return how wide a badge is."""
    return width(text, size, bold=True) + 14


def pill(text: str, right: float, middle: float, fill: str, *, size: float) -> Markup:
    """Return a badge with white words that ends at ``right``."""
    wide = pill_width(text, size)
    return group(
        tag("rect", x=right - wide, y=middle - 10, width=wide, height=20, rx=10, fill=fill),
        label(text, size, fill="#fff", bold=True).draw(right - wide + 7, middle + 4.3),
    )


def circled(value: int) -> str:
    """Return a number in a circle up to 50, in brackets beyond."""
    first, second, third = _CIRCLED
    if value <= first:
        return chr(0x2460 + value - 1)
    if value <= second:
        return chr(0x3251 + value - first - 1)
    return chr(0x32B1 + value - second - 1) if value <= third else f"[{value}]"


def hatch(identity: str) -> Markup:
    """Return the pattern of what is overdue: red stripes, legible in black and white."""
    return tag(
        "pattern",
        tag("rect", width=7, height=7, fill=PALE_RED),
        path("M", 0, 0, "V", 7, stroke=RED, stroke_width=5),
        id=identity,
        width=7,
        height=7,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(40)",
    )


def tip(identity: str, fill: str) -> Markup:
    """Return an arrowhead for the ends of lines; its tip reaches 8 beyond the line's end."""
    return tag(
        "marker",
        path("M", 0, 0, "L", 10, 5, "L", 0, 10, "Z", fill=fill),
        id=identity,
        viewBox="0 0 10 10",
        refX=1,
        refY=5,
        markerWidth=9,
        markerHeight=9,
        markerUnits="userSpaceOnUse",
        orient="auto",
    )


def check(fill: str) -> Markup:
    """Return ✓ in a disc, about the origin."""
    return group(
        tag("circle", r=7, fill=fill, stroke="#fff", stroke_width=1.5),
        path("M", -3, 0, "l", 2.2, 2.4, 3.8, -4.6, fill="none", stroke="#fff", stroke_width=1.8),
    )


def cross(fill: str) -> Markup:
    """Return ✗ in a disc, about the origin."""
    return group(
        tag("circle", r=7, fill=fill, stroke="#fff", stroke_width=1.5),
        path("M", -2.6, -2.6, "l", 5.2, 5.2, "m", 0, -5.2, "l", -5.2, 5.2,
             fill="none", stroke="#fff", stroke_width=1.8),
    )  # fmt: skip


def use(identity: str, x: float, y: float) -> Markup:
    """Return a mark defined once, moved to (x, y)."""
    return tag("use", href=f"#{identity}", x=x, y=y)


def halo(*texts: str) -> Markup:
    """Return texts with white behind their letters, where lines run under them."""
    return group(*texts, paint_order="stroke", stroke="#fff", stroke_width=4)


@dataclass(frozen=True, slots=True)
class Figure:
    """A whole drawing and its size."""

    drawing: Markup
    width: float
    height: float

    @property
    def wide(self) -> bool:
        """Whether it prints larger on a sheet laid on its side."""
        return self.width > self.height * 1.1


def picture(
    identity: str, size: tuple[float, float], words: tuple[str, str], body: Iterable[str]
) -> Figure:
    """Return a whole figure.

    Args:
        identity: what its ids begin with, so that two figures can stand on one page.
        size: width and height.
        words: title and description, read out in place of the picture.
        body: what is drawn.
    """
    wide, high = size
    title, description = words
    drawing = tag(
        "svg",
        tag("title", title, id=f"{identity}-title"),
        tag("desc", description, id=f"{identity}-desc"),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(wide)} {number(high)}",
        width=wide,
        height=high,
        role="img",
        aria_labelledby=f"{identity}-title {identity}-desc",
        font_family=FONT,
        font_size=SIZE,
        fill=INK,
    )
    return Figure(drawing, wide, high)


def fit(text: str, size: float, limit: float, *, fill: str = INK, bold: bool = False) -> Label:
    """Return a label no wider than ``limit``, cut with … where it must be."""
    return label(shorten(text, size, limit, bold=bold), size, fill=fill, bold=bold)
