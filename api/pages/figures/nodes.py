"""Nodes, edges and columns 节点与连线 of the chain."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup

from api.pages.figures import svg
from api.pages.figures.measure import Box, shorten, width, wrap

if TYPE_CHECKING:
    from api.pages.words import Speech

_TITLE, _SUB = 14.5, 12.5
_LINE, _SUB_LINE = 18, 17
_PAD = 8
_BADGE_TEXT = 12
_BADGE = 10
"""Half the height of a badge, which straddles the lower edge."""
_PORT = 10
"""Pixels between two edges that end at one node."""
GAP = 22
"""Pixels between two nodes, one above the other."""
_GREY_LINE = "#b8c2cf"


@dataclass(frozen=True, slots=True)
class Badge:
    """A word or two on a node's lower edge."""

    words: str
    fill: str


@dataclass(frozen=True, eq=False)
class Node:
    """A box with a title, a smaller line, and perhaps badges on its lower edge.

    ``strong`` marks what lies on a path not kept, ``dashed`` what stands for several or for nobody,
    ``solid`` the accident. ``high`` is given where it does not follow from the words.
    """

    x: float
    wide: float
    title: str
    sub: str
    colour: str
    badges: tuple[Badge, ...] = ()
    strong: bool = False
    dashed: bool = False
    solid: bool = False
    given: float = 0
    lines: int = 2

    @cached_property
    def title_lines(self) -> list[str]:
        """The title as it is broken into lines."""
        return wrap(self.title, _TITLE, self.wide - 26, self.lines, bold=True)

    @cached_property
    def high(self) -> float:
        """Its height."""
        words = len(self.title_lines) * _LINE + (_SUB_LINE if self.sub else 0)
        return self.given or words + 2 * _PAD + (_BADGE - 4 if self.badges else 0)


@dataclass(frozen=True, eq=False)
class Placed:
    """A node in its place; ``middle`` is where edges meet it."""

    node: Node
    middle: float

    @property
    def box(self) -> Box:
        """The rectangle it takes."""
        half = self.node.high / 2
        x = self.node.x
        return Box(x, self.middle - half, x + self.node.wide, self.middle + half)

    def words(self) -> tuple[list[Markup], Markup]:
        """Return the lines of the title and the smaller line."""
        node, x = self.node, self.node.x + 16
        fill = "#fff" if node.solid else None
        block = len(node.title_lines) * _LINE + (_SUB_LINE if node.sub else 0)
        room = node.high - (_BADGE - 4 if node.badges else 0)
        y = self.box.top + (room - block) / 2 + 14
        titles = [
            svg.tag("text", line, x=x, y=y + _LINE * n, fill=fill)
            for n, line in enumerate(node.title_lines)
        ]
        if not node.sub:
            return titles, Markup()
        y += _LINE * len(titles)
        sub = shorten(node.sub, _SUB, node.wide - 26)
        return titles, svg.tag("text", sub, x=x, y=y - 1, fill=fill)

    def frame(self) -> Markup:
        """Return the box without its words."""
        node, box = self.node, self.box
        return svg.tag(
            "rect",
            x=box.left,
            y=box.top,
            width=node.wide,
            height=node.high,
            rx=6,
            fill=node.colour if node.solid else None,
            stroke=svg.RED if node.strong or node.solid else None,
            stroke_width=1.8 if node.strong else None,
            stroke_dasharray="5 4" if node.dashed else None,
        )

    def stripe(self) -> Markup:
        """Return the coloured stripe on the box's left."""
        box = self.box
        return svg.path(
            "M", box.left + 3.5, box.top + 3, "V", box.bottom - 3, stroke=self.node.colour
        )

    def badges(self) -> Markup:
        """Return the badges, the first at the right; one that finds no room is left out."""
        box = self.box
        right = box.right - 5
        drawn = []
        for badge in self.node.badges:
            words = shorten(badge.words, _BADGE_TEXT, self.node.wide - 32, bold=True)
            wide = svg.pill_width(words, _BADGE_TEXT)
            if right - wide < box.left + 2:
                break
            drawn.append(svg.pill(words, right, box.bottom, badge.fill, size=_BADGE_TEXT))
            right -= wide + 4
        return svg.group(*drawn)


def draw_nodes(placed: list[Placed]) -> Markup:
    """Draw nodes: boxes, stripes, words and badges, each kind with its looks said once."""
    words = [each.words() for each in placed]
    return svg.group(
        svg.group(*(each.frame() for each in placed), fill="#fff", stroke=_GREY_LINE),
        svg.group(*(each.stripe() for each in placed), stroke_width=5),
        svg.group(
            *(line for titles, _ in words for line in titles), font_size=_TITLE, font_weight="bold"
        ),
        svg.group(*(sub for _, sub in words), font_size=_SUB, fill=svg.MUTED),
        svg.group(*(each.badges() for each in placed)),
    )


def stack(nodes: list[Node], top: float, room: float) -> list[Placed]:
    """Place nodes one below the other, in the middle of the ``room`` below ``top``."""
    y = top + (room - stack_height(nodes)) / 2
    placed = []
    for node in nodes:
        placed.append(Placed(node, y + node.high / 2))
        y += node.high + GAP
    return placed


def stack_height(nodes: list[Node]) -> float:
    """Return how high nodes are, one below the other."""
    return sum(node.high for node in nodes) + GAP * max(len(nodes) - 1, 0)


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one node to another; ``strong`` where it was not kept."""

    source: Placed
    target: Placed
    strong: bool


def draw_edges(edges: list[Edge]) -> Markup:
    """Draw the edges, the strong ones above; those that meet at a node end side by side."""
    leaving = _ports([(edge.source, edge.target.middle) for edge in edges])
    arriving = _ports([(edge.target, edge.source.middle) for edge in edges])
    drawn: dict[bool, list[Markup]] = {False: [], True: []}
    for edge, out, into in zip(edges, leaving, arriving, strict=True):
        x, y = edge.source.box.right, edge.source.middle + out
        to_x, to_y = edge.target.node.x, edge.target.middle + into
        bend = (x + to_x) / 2
        drawn[edge.strong].append(svg.path("M", x, y, "C", bend, y, bend, to_y, to_x - 8, to_y))
    return svg.group(
        svg.group(*drawn[False], stroke=svg.GREY, stroke_width=1.2, marker_end="url(#tip-kept)"),
        svg.group(*drawn[True], stroke=svg.RED, stroke_width=2.2, marker_end="url(#tip-against)"),
        fill="none",
    )


def _ports(ends: list[tuple[Placed, float]]) -> list[float]:
    """Return for each edge how far from its node's middle it ends, in the order of its far end."""
    by_node: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for index, (placed, far) in enumerate(ends):
        by_node[id(placed)].append((far, index))
    offsets = [0.0] * len(ends)
    for met in by_node.values():
        high = ends[met[0][1]][0].node.high
        step = min(_PORT, (high - 16) / len(met))
        for place, (_, index) in enumerate(sorted(met)):
            offsets[index] = (place - (len(met) - 1) / 2) * step
    return offsets


def tips() -> Markup:
    """Return the arrowheads of the edges."""
    return svg.tag("defs", svg.tip("tip-kept", svg.GREY), svg.tip("tip-against", svg.RED))


@dataclass(frozen=True, slots=True)
class Column:
    """A column's place, name, colour and count."""

    x: float
    wide: float
    key: str
    colour: str
    count: int


def draw_columns(columns: list[Column], bottom: float, say: Speech) -> Markup:
    """Draw the columns' grounds, coloured heads, names and counts."""
    parts = []
    for column in columns:
        left, wide = column.x - 8, column.wide + 16
        count = str(column.count)
        parts += [
            svg.tag("rect", x=left, y=8, width=wide, height=bottom - 8, fill=svg.PAPER),
            svg.tag("rect", x=left, y=4, width=wide, height=4, rx=2, fill=column.colour),
            svg.label(say(column.key), 14.5, fill=column.colour, bold=True).draw(left + 10, 31),
            svg.label(count, 14, fill=svg.MUTED).draw(left + wide - 10 - width(count, 14), 31),
        ]
    return svg.group(*parts)
