"""The chain of responsibility 责任链: organisation, people, posts, duties, hazards, accident.

A duty hangs on the post that bears it, never on the organisation, or whose duty it was would be
lost; the organisation stands beside its people, and a frame embraces them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from api.pages import show
from api.pages.figures import svg
from api.pages.figures.bars import title_of
from api.pages.figures.folded import fold_line
from api.pages.figures.measure import width
from api.pages.figures.nodes import (
    GAP,
    Badge,
    Column,
    Edge,
    Node,
    Placed,
    draw_columns,
    draw_edges,
    draw_nodes,
    stack,
    stack_height,
    tips,
)
from api.pages.story import PersonPart, Standing, badge, standing
from domain.answer import BreachLine
from domain.moment import local_day

if TYPE_CHECKING:
    from api.pages.figures.svg import Figure
    from api.pages.story import Item, PostPart, Story
    from api.pages.words import Speech
    from domain.answer import HazardItem, OrgRef

WIDTH = 1360
_TOP = 62
_MOST_POSTS, _MOST_AGAINST, _MOST_KEPT, _MOST_PEOPLE, _MOST_HAZARDS = 10, 5, 1, 4, 6
_FEW_HAZARDS = 3
"""With no more hazards than this, those with nothing held against anybody are drawn too."""
_SMALL_STORY = 12
"""With no more items than this, every one is drawn."""


class _Place(NamedTuple):
    """A column: where it begins, how wide its nodes are, its colour."""

    x: float
    wide: float
    colour: str


_ORG = _Place(16, 130, "#0c6e6e")
_PERSON = _Place(172, 162, "#5b3fa0")
_POST = _Place(362, 176, svg.BLUE)
_DUTY = _Place(594, 246, "#8a5200")
_HAZARD = _Place(896, 202, "#6b4a12")
_END = _Place(1182, 166, svg.RED)


@dataclass(slots=True)
class _Block:
    """One post with what it owes on its right, and its people not placed yet on its left."""

    post: PostPart
    node: Node
    duties: list[tuple[Node, list[Item]]]
    people: list[tuple[Node, PersonPart]]
    links: list[PersonPart]
    extra: list[Node]

    @property
    def high(self) -> float:
        people = [node for node, _ in self.people] + self.extra
        stacks = ([node for node, _ in self.duties], people, [self.node])
        return max(stack_height(nodes) for nodes in stacks)


class Chain:
    """The chain of a story, laid out and ready to be drawn.

    Args:
        story: the trace as told.
        say: the language.
    """

    def __init__(self, story: Story, say: Speech) -> None:
        self._story = story
        self._say = say
        self._year = local_day(story.trace.at).year
        self._nodes: list[Placed] = []
        self._edges: list[Edge] = []
        self._duties: list[tuple[Placed, list[Item]]] = []
        self._frames: list[Markup] = []
        self._extras: list[Markup] = []
        self._people = _people(story)
        drawn, left_out = _most_telling(story)
        bottom = self._lay_left_out(left_out, self._lay_posts(drawn))
        self._bottom = max(bottom, self._lay_hazards(bottom - GAP)) + 4

    # Laying out

    def _lay_posts(self, drawn: list[PostPart]) -> float:
        """Lay out the posts below each other, organisation by organisation; return the bottom."""
        small = sum(len(post.items) for post in self._story.posts) <= _SMALL_STORY
        y: float = _TOP
        for _, posts in groupby(drawn, key=_org_key):
            top = y
            placed: dict[object, Placed] = {}
            parts = list(posts)
            for post in parts:
                block = self._block(post, set(placed), small=small)
                self._lay_block(block, y, placed)
                y += block.high + GAP
            against = any(post.against for post in parts)
            self._lay_org(parts[0].bearer.organisation, top, y - GAP, against=against)
            y += GAP
        return y

    def _block(self, post: PostPart, placed: set[object], *, small: bool) -> _Block:
        shown, folded = self._choose(post, small=small)
        duties = [(self._duty_node(item), [item]) for item in shown]
        if folded:
            duties.append((self._fold_node(folded), folded))
        chosen = sorted(post.people, key=lambda part: -part.against)[:_MOST_PEOPLE]
        links = [part for part in post.people if part in chosen]
        new = [part for part in links if _person_key(part, post) not in placed]
        org = _org_key(post)
        people = [(self._person_node(self._people[org, _person_key(p, post)]), p) for p in new]
        extra = self._more_people(len(post.people) - len(links))
        title = post.bearer.title
        line = self._say(f"line.{post.line}")
        node = Node(_POST.x, _POST.wide, title, line, _POST.colour, strong=bool(post.against))
        return _Block(post, node, duties, people, links, extra)

    def _choose(self, post: PostPart, *, small: bool) -> tuple[list[Item], list[Item]]:
        """Part a post's items into those drawn, the most telling ones, and those folded."""
        if small:
            return post.items, []

        def off_cause(item: Item) -> bool:
            return not self._story.touches_cause(item)

        against = sorted(post.against, key=off_cause)
        quiet = [item for item in post.items if not standing(item).against]
        on_word = [item for item in quiet if standing(item) is Standing.ON_WORD]
        if len(quiet) > _MOST_KEPT:
            quiet = sorted(on_word, key=off_cause)[:_MOST_KEPT]
        chosen = {item.id for item in (*against[:_MOST_AGAINST], *quiet)}
        return (
            [item for item in post.items if item.id in chosen],
            [item for item in post.items if item.id not in chosen],
        )

    def _lay_block(self, block: _Block, top: float, placed: dict[object, Placed]) -> None:
        """Lay out one post between its people and its duties."""
        room = block.high
        (post,) = stack([block.node], top, room)
        duties = stack([node for node, _ in block.duties], top, room)
        people = stack([*(node for node, _ in block.people), *block.extra], top, room)
        self._nodes += [post, *duties, *people]
        for duty, (_, items) in zip(duties, block.duties, strict=True):
            self._duties.append((duty, items))
            self._edges.append(Edge(post, duty, strong=_against(items)))
        self._edges += [Edge(extra, post, strong=False) for extra in people[len(block.people) :]]
        for person, (_, part) in zip(people, block.people, strict=False):
            placed[_person_key(part, block.post)] = person
        for part in block.links:
            person = placed[_person_key(part, block.post)]
            self._edges.append(Edge(person, post, strong=bool(part.against)))

    def _lay_org(self, org: OrgRef | None, top: float, bottom: float, *, against: bool) -> None:
        """Lay out an organisation, as high as all of its posts, and the frame around them."""
        frame = svg.tag(
            "rect",
            x=_ORG.x - 8,
            y=top - 11,
            width=_POST.x + _POST.wide - _ORG.x + 18,
            height=bottom - top + 24,
            rx=10,
            fill="#fff",
            fill_opacity=0.7,
            stroke="#9db8bb",
            stroke_dasharray="2 3",
        )
        self._frames.append(frame)
        name = org.name if org else self._say("none")
        high = bottom - top
        lines = max(min(int(high / 22), 6), 1)
        node = Node(
            _ORG.x, _ORG.wide, name, "", _ORG.colour, strong=against, given=high, lines=lines
        )
        self._nodes.append(Placed(node, (top + bottom) / 2))

    def _lay_left_out(self, posts: list[PostPart], y: float) -> float:
        """Lay out one pair of nodes for all the posts that are not drawn."""
        if not posts:
            return y
        items = [item for post in posts for item in post.items]
        title = self._say("more_posts", n=len(posts))
        node = Node(_POST.x, _POST.wide, title, self._say("see_table"), _POST.colour, dashed=True)
        fold = self._fold_node(items)
        room = max(node.high, fold.high)
        (post,), (duty,) = stack([node], y, room), stack([fold], y, room)
        self._nodes += [post, duty]
        self._edges.append(Edge(post, duty, strong=_against(items)))
        return y + room + GAP

    def _lay_hazards(self, bottom: float) -> float:
        """Lay out the hazards beside the duties that concern them, then the accident."""
        links: dict[str, list[tuple[Placed, bool]]] = defaultdict(list)
        for duty, items in self._duties:
            for number in dict.fromkeys(n for item in items for n in item.hazards):
                concerned = [item for item in items if number in item.hazards]
                links[number].append((duty, _against(concerned)))
        hazards = self._story.trace.hazards.items
        wanted = [each for each in hazards if self._is_drawn(each, links[each.number])]
        wanted.sort(key=lambda h: (not h.direct_cause, not h.open, -len(links[h.number])))
        middle = (_TOP + bottom) / 2

        def wish(hazard: HazardItem) -> float:
            met = links[hazard.number]
            return sum(duty.middle for duty, _ in met) / len(met) if met else middle

        drawn = sorted(wanted[:_MOST_HAZARDS], key=wish)
        nodes = [self._hazard_node(hazard) for hazard in drawn]
        placed = _apart(nodes, [wish(hazard) for hazard in drawn])
        self._nodes += placed
        for hazard, place in zip(drawn, placed, strict=True):
            self._edges += [Edge(duty, place, strong) for duty, strong in links[hazard.number]]
        causes = [p for h, p in zip(drawn, placed, strict=True) if h.direct_cause]
        self._lay_end(causes, middle)
        lowest = max((place.box.bottom for place in placed), default=_TOP)
        return self._note_hazards({h.number for h in hazards} - {h.number for h in drawn}, lowest)

    def _is_drawn(self, hazard: HazardItem, met: list[tuple[Placed, bool]]) -> bool:
        """Tell whether a hazard is drawn: of many, only those with something to tell."""
        if hazard.direct_cause:
            return True
        few = len(self._story.trace.hazards.items) <= _FEW_HAZARDS
        return bool(met) and (few or hazard.open or any(against for _, against in met))

    def _lay_end(self, causes: list[Placed], middle: float) -> None:
        """Lay out the accident, and the way to it from the hazards behind its direct cause."""
        if causes:
            middle = sum(place.middle for place in causes) / len(causes)
        node = self._end_node()
        end = Placed(node, max(middle, _TOP + node.high / 2))
        self._nodes.append(end)
        self._edges += [Edge(place, end, strong=True) for place in causes]
        if not causes:
            return
        words = self._say("tag.direct_cause")
        wide = width(words, 11.5, bold=True) + 8
        x = (_HAZARD.x + _HAZARD.wide + _END.x) / 2 - wide / 2
        y = end.middle - 32
        self._extras += [
            svg.tag("rect", x=x, y=y, width=wide, height=20, rx=3, fill="#fff", stroke=svg.RED),
            svg.label(words, 11.5, fill=svg.RED, bold=True).draw(x + 4, y + 14.2),
        ]

    def _note_hazards(self, missing: set[str], lowest: float) -> float:
        """Say below the last hazard how many are not drawn; return the bottom."""
        if not missing:
            return lowest + GAP
        y = lowest + 34
        still_open = len(missing.intersection(self._story.trace.hazards.open))
        words = [self._say("more_hazards", n=len(missing))]
        words += [self._say("more_hazards_open", n=still_open)] if still_open else []
        for text in words:
            self._extras.append(
                svg.fit(text, 13, _HAZARD.wide, fill=svg.MUTED, bold=True).draw(_HAZARD.x + 4, y)
            )
            y += 20
        return y

    # Nodes

    def _more_people(self, more: int) -> list[Node]:
        if not more:
            return []
        title = self._say("more_people", n=more)
        return [Node(_PERSON.x, _PERSON.wide, title, "", _PERSON.colour, dashed=True)]

    def _person_node(self, part: PersonPart) -> Node:
        say = self._say
        if part.who is None:
            title = say("vacant") if part.bearer.vacant else say("none")
            sub = part.bearer.answers or show.bearer_people(part.bearer, say)
        else:
            title = show.holder(part.who, say)
            sub = say("two_posts") if part.who.two_posts else show.tenure_months(part.who, say)
        return Node(
            _PERSON.x,
            _PERSON.wide,
            title,
            sub,
            _PERSON.colour,
            self._person_badges(part),
            strong=bool(part.against),
            dashed=part.who is None,
        )

    def _person_badges(self, part: PersonPart) -> tuple[Badge, ...]:
        """Return what was kept beside what was not."""
        counts = part.counts
        found = (
            ("badge.not_kept", part.against, svg.RED),
            ("badge.kept", counts[Standing.KEPT], svg.GREEN),
            ("badge.on_word", counts[Standing.ON_WORD], svg.AMBER),
            ("badge.handed_on", counts["handed_on"], svg.MUTED),
        )
        return tuple(Badge(self._say(key, n=n), fill) for key, n, fill in found if n)[:2]

    def _duty_node(self, item: Item) -> Node:
        say = self._say
        how = standing(item)
        number = self._story.matters.get(item.id)
        if isinstance(item, BreachLine):
            title, when = say.of(item.title), show.short(item.at, self._year)
        else:
            title = title_of(item, say)
            due = item.due and show.short_deadline(item.due, self._year)
            when = say("due_short", due=due) if due else say("mark.no_due")
        title = (svg.circled(number) if number else "") + title
        fill = {"red": svg.RED, "amber": svg.AMBER, "green": svg.GREEN}.get(how.tone, svg.MUTED)
        return Node(
            _DUTY.x,
            _DUTY.wide,
            title,
            f"{show.clause(item.clause)} {when}",
            _DUTY.colour,
            (Badge(badge(item, say), fill),),
            strong=how.against,
        )

    def _fold_node(self, folded: list[Item]) -> Node:
        title, rest = fold_line(folded, self._say)
        return Node(
            _DUTY.x,
            _DUTY.wide,
            title,
            rest,
            _DUTY.colour,
            strong=_against(folded),
            dashed=True,
        )

    def _hazard_node(self, hazard: HazardItem) -> Node:
        say = self._say
        level = say.name("hazard_level", hazard.level or "none")
        key = "overdue" if hazard.overdue else "open" if hazard.open else "closed"
        return Node(
            _HAZARD.x,
            _HAZARD.wide,
            hazard.description or hazard.number,
            f"{hazard.number} {level}",
            _HAZARD.colour,
            (Badge(say(f"badge.{key}"), svg.RED if hazard.open else svg.GREEN),),
            strong=hazard.open or hazard.direct_cause,
        )

    def _end_node(self) -> Node:
        say, trace = self._say, self._story.trace
        incident = trace.incident
        if incident is None:
            title = show.moment(trace.at)
            return Node(_END.x, _END.wide, title, say("column.moment"), svg.BLUE)
        parts = [str(local_day(incident.at))]
        parts += [say("deaths", n=incident.deaths)] if incident.deaths else []
        level = say.name("accident_level", incident.level)
        return Node(
            _END.x,
            _END.wide,
            incident.name,
            " ".join(parts),
            _END.colour,
            (Badge(level, "#6d0b10"),),
            solid=True,
        )

    # Drawing

    def draw(self) -> Figure:
        """Return the figure."""
        posts = self._story.posts
        duties = sum(len(post.items) for post in posts)
        say = self._say
        return svg.picture(
            "chain",
            (WIDTH, self._bottom + 34),
            (say("chain"), say("chain_desc", posts=len(posts), duties=duties)),
            [
                tips(),
                draw_columns(self._columns(), self._bottom, say),
                *self._frames,
                draw_edges(self._edges),
                draw_nodes(self._nodes),
                *self._extras,
                svg.label(say("legend.chain"), 13, fill=svg.MUTED).draw(14, self._bottom + 24),
            ],
        )

    def _columns(self) -> list[Column]:
        trace, posts = self._story.trace, self._story.posts
        parts = [part for post in posts for part in post.people]
        counts = {
            "organisations": (_ORG, len({_org_key(post) for post in posts})),
            "people": (_PERSON, len({part.who.person for part in parts if part.who})),
            "posts": (_POST, len(posts)),
            "duties": (_DUTY, sum(len(post.items) for post in posts)),
            "hazards": (_HAZARD, len(trace.hazards.items)),
            "incident": (_END, 1),
        }
        if trace.incident is None:
            del counts["incident"]
            counts["moment"] = (_END._replace(colour=svg.BLUE), 1)
        return [
            Column(place.x, place.wide, f"column.{key}", place.colour, count)
            for key, (place, count) in counts.items()
        ]


def chain(story: Story, say: Speech) -> Figure:
    """Return the chain of responsibility of a story."""
    return Chain(story, say).draw()


def _against(items: list[Item]) -> bool:
    return any(standing(item).against for item in items)


def _org_key(post: PostPart) -> str:
    org = post.bearer.organisation
    return str(org.id) if org else ""


def _person_key(part: PersonPart, post: PostPart) -> object:
    """Return what tells a person from others; a vacancy is its post's own."""
    return part.who.person if part.who else post.key


def _people(story: Story) -> dict[tuple[str, object], PersonPart]:
    """Return everybody's part in an organisation, over all the posts they held in it."""
    found: dict[tuple[str, object], PersonPart] = {}
    for post in story.posts:
        for part in post.people:
            key = (_org_key(post), _person_key(part, post))
            whole = found.setdefault(key, PersonPart(part.who, part.bearer))
            whole.items += part.items
    return found


def _most_telling(story: Story) -> tuple[list[PostPart], list[PostPart]]:
    """Part the posts into those drawn, in their order, and those left out."""

    def rank(post: PostPart) -> tuple[bool, bool, int]:
        return (not post.against, not any(map(story.touches_cause, post.items)), -len(post.items))

    best = {post.key for post in sorted(story.posts, key=rank)[:_MOST_POSTS]}
    return [p for p in story.posts if p.key in best], [p for p in story.posts if p.key not in best]


def _apart(nodes: list[Node], wishes: list[float]) -> list[Placed]:
    """Place nodes near where they are wished, given in order, none touching the one above it."""
    placed: list[Placed] = []
    for node, wish in zip(nodes, wishes, strict=True):
        least = placed[-1].box.bottom + GAP if placed else _TOP
        placed.append(Placed(node, max(wish, least + node.high / 2)))
    return placed
