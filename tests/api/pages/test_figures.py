from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from api.pages.figures.chain import chain
from api.pages.figures.lanes import Lanes
from api.pages.figures.plan import Layout
from api.pages.figures.svg import Figure
from api.pages.figures.swimlane import swimlane
from api.pages.story import Story, standing
from api.pages.words import Lang, Speech
from tests.api.pages.boxes import Thing, things
from tests.api.pages.extremes import ALL, at_once, crowd, hands, hostile, one_day, unplaced
from tests.api.pages.sample import CHEN, WANG, ZHANG, explosion

_SVG = "{http://www.w3.org/2000/svg}"
_LANGS: tuple[Lang, ...] = ("zh", "en")


def drawn(name: str, lang: Lang) -> list[Figure]:
    story, say = Story(ALL[name]()), Speech(lang)
    return [swimlane(story, say)[0], chain(story, say)]


figures = cache(drawn)


def texts(figure: Figure) -> list[str]:
    root = ET.fromstring(figure.drawing)  # noqa: S314 (our own)
    return ["".join(element.itertext()) for element in root.iter(f"{_SVG}text")]


@pytest.mark.parametrize("lang", _LANGS)
@pytest.mark.parametrize("name", ALL)
def test_nothing_that_a_strict_policy_would_refuse_is_in_a_figure(name: str, lang: Lang) -> None:
    for figure in figures(name, lang):
        root = ET.fromstring(figure.drawing)  # noqa: S314 (our own)
        for element in root.iter():
            assert element.tag.startswith(_SVG)
            assert element.tag.removeprefix(_SVG) not in (
                "script",
                "style",
                "foreignObject",
                "image",
            )
            for attribute, value in element.attrib.items():
                assert attribute != "style"
                assert not attribute.startswith("on")
                if attribute == "href" or "url(" in value:
                    assert re.fullmatch(r"#[\w-]+|url\(#[\w-]+\)", value)


@pytest.mark.parametrize("lang", _LANGS)
@pytest.mark.parametrize("name", ALL)
def test_no_words_lie_on_other_words_or_on_a_bar_or_mark(name: str, lang: Lang) -> None:
    for figure in figures(name, lang):
        found = list(things(figure.drawing))
        words = [thing for thing in found if thing.what.startswith("text")]
        # A duty's end mark touches its own bar and, at the accident's line, that of another.
        solid = [thing for thing in found if not thing.what.startswith("text")]
        clashes = [pair for pair in combinations(words, 2) if pair[0].box.meets(pair[1].box)]
        clashes += [(w, s) for w in words for s in solid if w.box.meets(s.box)]
        assert clashes == []


@pytest.mark.parametrize("lang", _LANGS)
@pytest.mark.parametrize("name", ALL)
def test_bars_and_marks_of_facts_do_not_cover_each_other(name: str, lang: Lang) -> None:
    found = list(things(figures(name, lang)[0].drawing))
    bars = [thing for thing in found if thing.what == "bar"]
    marks = [thing for thing in found if thing.what == "mark"]
    # The two parts of one bar share an edge.
    assert [p for p in combinations(bars, 2) if p[0].box.meets(p[1].box, gap=-0.2)] == []
    assert [(m, b) for m in marks for b in bars if m.box.meets(b.box)] == []
    assert [p for p in combinations(marks, 2) if p[0].box.meets(p[1].box, gap=-0.2)] == []


@pytest.mark.parametrize("lang", _LANGS)
@pytest.mark.parametrize("name", ALL)
def test_everything_stands_inside_the_picture(name: str, lang: Lang) -> None:
    for figure in figures(name, lang):
        for thing in things(figure.drawing):
            assert thing.box.left >= 0, thing
            assert thing.box.top >= 0, thing
            assert thing.box.right <= figure.width, thing
            assert thing.box.bottom <= figure.height, thing


@pytest.mark.parametrize("name", ALL)
def test_a_figure_is_drawn_alike_every_time(name: str) -> None:
    assert drawn(name, "zh") == drawn(name, "zh")


@pytest.mark.parametrize("name", ALL)
def test_a_figure_says_what_it_is_to_those_who_cannot_see_it(name: str) -> None:
    for figure in figures(name, "zh"):
        root = ET.fromstring(figure.drawing)  # noqa: S314 (our own)
        ids = {e.get("id"): e.text for e in root if e.tag in (f"{_SVG}title", f"{_SVG}desc")}
        assert root.get("role") == "img"
        assert [ids[key] for key in root.attrib["aria-labelledby"].split()]
        assert all(ids.values())


@pytest.mark.parametrize("name", ALL)
def test_the_timeline_draws_or_counts_every_item(name: str) -> None:
    story = Story(ALL[name]())
    layout = Layout(story, Speech("zh"))
    shown = sum(len(p.bars) for p in layout.plans)
    shown += sum(s.event in story.items for p in layout.plans for s, _ in p.spots)
    folded = sum(_counted(plan.note.spans[0:] if plan.note else ()) for plan in layout.plans)
    in_folded_lanes = sum(len(lane.items) for lane in layout.folded)
    assert shown + folded + in_folded_lanes == len(story.items)


def _counted(spans: tuple[object, ...]) -> int:
    words = [getattr(span, "text", "") for span in spans]
    return sum(int(found[1]) for w in words if (found := re.search(r"另有 (\d+) 项", w)))


@pytest.mark.parametrize("name", ALL)
def test_the_chain_draws_or_counts_every_item_that_is_not_kept(name: str) -> None:
    story = Story(ALL[name]())
    found = " ".join(texts(chain(story, Speech("zh"))))
    against = [item for item in story.items if standing(item).against]
    folded = sum(map(int, re.findall(r"另有 (\d+) 项未履行、迟履行或违反", found)))
    shown = len(re.findall(r"(?<= )(?:迟\d+天|迟办|未履行|违反)(?= )", f" {found} "))
    assert shown + folded == len(against)


def test_a_crowd_is_folded_with_its_numbers_said() -> None:
    figure, _ = swimlane(Story(crowd()), Speech("zh"))
    last = next(text for text in texts(figure) if text.startswith("另有 26 个岗位"))
    assert "未履行、迟履行或违反" in last
    assert "按期履行" in last
    assert "另有 30 个岗位" in texts(chain(Story(crowd()), Speech("zh")))


def test_what_is_not_kept_is_drawn_before_what_is() -> None:
    story = Story(explosion())
    layout = Layout(story, Speech("zh"))
    shown = {bar.item.id for plan in layout.plans for bar, _ in plan.bars}
    shown |= {getattr(s.event, "id", "") for plan in layout.plans for s, _ in plan.spots}
    assert {item.id for item in story.items if standing(item).against} <= shown


def test_a_duty_hangs_on_its_post_and_not_on_the_organisation() -> None:
    figure = chain(Story(explosion()), Speech("zh"))
    paths = re.findall(r'd="M([\d.]+) [\d.]+C[^"]*? ([\d.]+) [\d.]+"', figure.drawing)
    ways = {(float(left), float(right) + 8) for left, right in paths}
    person_to_post, post_to_duty = (334.0, 362.0), (538.0, 594.0)
    assert {person_to_post, post_to_duty} <= ways
    assert all(left > 150 for left, _ in ways), "nothing leaves an organisation"


def test_who_served_whom_follows_from_what_people_knew() -> None:
    lanes = Lanes(Story(explosion()), Speech("zh"))
    keys = {lane.title: key for key, lane in lanes.lanes.items()}
    ways = {(each.sender, each.receiver) for each in lanes.servings}
    assert ways == {
        (keys[WANG.title], keys[ZHANG.title]),
        (keys[ZHANG.title], keys[WANG.title]),
        (keys[ZHANG.title], keys[CHEN.title]),
        (keys[CHEN.title], keys[WANG.title]),
    }


def test_facts_that_are_not_drawn_are_counted_by_reason() -> None:
    _, left_out = swimlane(Story(explosion()), Speech("zh"))
    assert left_out == {"background": 3, "imported": 1}
    _, left_out = swimlane(Story(unplaced()), Speech("zh"))
    assert left_out == {"later": 1, "unplaced": 1}


def test_a_post_that_owes_nothing_gets_a_lane_for_what_it_did() -> None:
    found = texts(swimlane(Story(unplaced()), Speech("zh"))[0])
    assert "其他行为人（名下没有义务）" in found
    assert "宣传科科长" in found


def test_within_a_few_days_the_marks_say_the_time_of_day() -> None:
    found = texts(swimlane(Story(one_day()), Speech("zh"))[0])
    assert any(text.startswith("02:10") for text in found)
    assert any("限01:40" in text for text in found)


def test_what_happens_at_once_stands_in_rows() -> None:
    layout = Layout(Story(at_once()), Speech("zh"))
    (plan,) = layout.plans
    assert len({row for _, row in plan.spots}) == len(plan.spots) == 7
    assert plan.note is not None
    assert [span.text for span in plan.note.spans] == [
        "另有 13 项未履行、迟履行或违反",
        "另有 33 件事实未画出",
    ]


def test_a_person_in_two_posts_is_one_person_in_the_chain() -> None:
    found = texts(chain(Story(hands()), Speech("zh")))
    assert found.count("李卫东") == 1
    assert "一人兼两岗" in found
    assert "〔空缺〕" in found
    assert "任职者0（代理）" in found
    assert "另有 2 人" in found


def test_markup_in_names_stays_text() -> None:
    for figure in (
        swimlane(Story(hostile()), Speech("zh"))[0],
        chain(Story(hostile()), Speech("zh")),
    ):
        assert "<script" not in figure.drawing
        assert "<img" not in figure.drawing
        assert "\x00" not in figure.drawing
        assert any("<script>" in text for text in texts(figure))


def test_the_boxes_of_the_check_are_those_of_the_picture() -> None:
    """The overlap tests above would pass on nothing; they see what is there."""
    found: list[Thing] = list(things(figures("explosion", "zh")[0].drawing))
    kinds = {thing.what.split()[0] for thing in found}
    assert kinds == {"text", "bar", "mark", "end"}
    report = next(t for t in found if t.what.startswith("text ⑦重大事故隐患即查即报"))
    bar = min((t for t in found if t.what == "bar" and t.box.top > report.box.bottom),
              key=lambda t: (t.box.top, abs(t.box.left - report.box.left)))  # fmt: skip
    assert bar.box.top - report.box.bottom < 8
