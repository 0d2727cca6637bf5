"""Where the texts, bars and marks of a figure stand, read from the SVG itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from api.pages.figures.measure import Box, width

if TYPE_CHECKING:
    from collections.abc import Iterator

_NS = "{http://www.w3.org/2000/svg}"
_MARK = 6.5
"""Half the size of a mark; its white rim may touch a neighbour."""


@dataclass(frozen=True)
class Thing:
    """A text, a bar or a mark with the rectangle it takes."""

    what: str
    box: Box


@dataclass(frozen=True)
class _Pen:
    x: float
    y: float
    size: float
    bold: bool

    def moved(self, element: ET.Element) -> _Pen:
        found = re.match(r"translate\(([\d.]+) ([\d.]+)\)", element.get("transform", ""))
        x, y = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
        bold = element.get("font-weight")
        size = float(element.get("font-size", self.size))
        return _Pen(self.x + x, self.y + y, size, bold == "bold" if bold else self.bold)


def things(svg: str) -> Iterator[Thing]:
    """Yield every text, bar and mark of a figure."""
    yield from _walk(ET.fromstring(svg), _Pen(0, 0, 16, bold=False))  # noqa: S314 (our own)


def _walk(element: ET.Element, pen: _Pen) -> Iterator[Thing]:
    name = element.tag.removeprefix(_NS)
    pen = pen.moved(element)
    if name == "defs":
        return
    if name == "text":
        yield _text(element, pen)
    elif name == "rect" and element.get("class") == "bar":
        left, top = pen.x + float(element.get("x", 0)), pen.y + float(element.get("y", 0))
        wide, high = float(element.get("width", 0)), float(element.get("height", 0))
        yield Thing("bar", Box(left, top, left + wide, top + high))
    elif name == "use":
        x, y = pen.x + float(element.get("x", 0)), pen.y + float(element.get("y", 0))
        href = element.get("href", "")
        kind = "end" if href.startswith("#end-") else "mark"
        yield Thing(kind, Box(x - _MARK, y - _MARK, x + _MARK, y + _MARK))
    else:
        for child in element:
            yield from _walk(child, pen)


def _text(element: ET.Element, pen: _Pen) -> Thing:
    x, y = pen.x + float(element.get("x", 0)), pen.y + float(element.get("y", 0))
    wide = width(element.text or "", pen.size, bold=pen.bold)
    for span in element:
        inner = pen.moved(span)
        wide += float(span.get("dx", 0)) + width(span.text or "", pen.size, bold=inner.bold)
    words = "".join(element.itertext())
    return Thing(f"text {words}", Box(x, y - 0.8 * pen.size, x + wide, y + 0.12 * pen.size))
