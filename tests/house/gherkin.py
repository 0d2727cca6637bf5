"""What is wrong with a feature file, although pytest-bdd would run it and be green.

Chinese Gherkin is written with Chinese punctuation, and most slips of that kind are taken for
description or for literal text: what was meant as a scenario is then never run, or runs without
what it was to test. Each check here stands for a trap reproduced in ``test_gherkin.py``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from gherkin.dialect import DIALECTS
from gherkin.errors import CompositeParserException, ParserException
from gherkin.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Node = dict[str, Any]
"""A node of the syntax tree, as gherkin-official gives it."""

LANGUAGE = "zh-CN"
_WORDS = DIALECTS[LANGUAGE]
_HEADINGS = "|".join(
    word
    for kind in ("feature", "background", "rule", "scenarioOutline", "scenario", "examples")
    for word in _WORDS[kind]
)
_STEPS = "|".join(
    word
    for kind in ("given", "when", "then", "and", "but")
    for word in _WORDS[kind]
    if word != "* "
)
_LOOKS_LIKE_SYNTAX = re.compile(
    rf"(?:{_HEADINGS})(?:\s|$|[:：﹕︰])|(?:{_STEPS})[\s:：]|[@＠|｜＃]"
)
_PLACEHOLDER = re.compile(r"<(.+?)>")
_CLAUSE_TAG = re.compile(r"@条款-(.+)")
_ATTACK_TAG = re.compile(r"@证明-(.+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a line (counted from 1) of a feature file."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.line}: {self.message}"


def problems(text: str, clauses: Collection[str], attacks: Collection[str] = ()) -> list[Problem]:
    """List what is wrong with a feature file.

    Args:
        text: the file's content.
        clauses: numbers of the clauses that a tag may name, such as ``3.2c``.
        attacks: names of the attacks that a tag may name instead, such as ``改动``.
    """
    try:
        feature = _parse(text)
    except CompositeParserException as error:
        return [Problem(e.location["line"], str(e)) for e in error.errors]
    except ParserException as error:
        return [Problem(error.location["line"], str(error))]
    if feature is None:
        return [Problem(1, "the file holds no 功能")]
    return sorted(
        (
            *_in_language(feature),
            *_in_descriptions(feature),
            *_in_names(feature),
            *_in_tags(feature, clauses, attacks),
            *_in_backgrounds(feature),
            *(problem for scenario in scenarios(feature) for problem in _in_scenario(scenario)),
        ),
        key=lambda problem: problem.line,
    )


def scenario_names(text: str) -> list[str]:
    """List the names of a feature file's scenarios, those under rules included."""
    return [scenario["name"] for scenario in scenarios(_parse(text) or {"children": []})]


def clauses_shown(text: str) -> set[str]:
    """Return the numbers of the clauses that a feature file's scenarios are tagged with."""
    feature = _parse(text) or {"children": []}
    return {
        found[1]
        for scenario in scenarios(feature)
        for tag in _tags_on(feature, scenario)
        if (found := _CLAUSE_TAG.fullmatch(tag["name"]))
    }


def attacks_shown(text: str) -> set[str]:
    """Return the names of the attacks that a feature file's scenarios are tagged with."""
    feature = _parse(text) or {"children": []}
    return {
        found[1]
        for scenario in scenarios(feature)
        for tag in _tags_on(feature, scenario)
        if (found := _ATTACK_TAG.fullmatch(tag["name"]))
    }


def scenarios(feature: Node) -> Iterator[Node]:
    """Yield a feature's scenarios, those under rules included."""
    for group in _groups(feature):
        yield from _children(group, "scenario")


def _parse(text: str) -> Node | None:
    return cast("Node | None", Parser().parse(text).get("feature"))


def _groups(feature: Node) -> Iterator[Node]:
    """Yield the feature and its rules: whatever has scenarios of its own."""
    yield feature
    yield from _children(feature, "rule")


def _children(group: Node, kind: str) -> Iterator[Node]:
    return (child[kind] for child in group["children"] if kind in child)


def _line(node: Node) -> int:
    return int(node["location"]["line"])


def _in_language(feature: Node) -> Iterator[Problem]:
    if feature["language"] != LANGUAGE:
        yield Problem(1, f"no '# language: {LANGUAGE}' at the top")


def _in_descriptions(feature: Node) -> Iterator[Problem]:
    """Find lines meant as syntax that were swallowed as description.

    Between a heading and its first step every line that is no syntax is description, so a
    full-width colon, tag or bar there loses what it begins.
    """
    parts = [*_groups(feature), *scenarios(feature)]
    for group in _groups(feature):
        parts += _children(group, "background")
    for scenario in scenarios(feature):
        parts += scenario["examples"]
    for part in parts:
        for line in part["description"].splitlines():
            if _LOOKS_LIKE_SYNTAX.match(line.strip()):
                yield Problem(_line(part), f"taken for description: {line.strip()}")


def _in_names(feature: Node) -> Iterator[Problem]:
    """Find names given twice (pytest-bdd runs only the last of one name) and groups without any."""
    count = Counter(scenario["name"] for scenario in scenarios(feature))
    for scenario in scenarios(feature):
        if not scenario["name"]:
            yield Problem(_line(scenario), "a scenario without a name")
        elif count[scenario["name"]] > 1:
            yield Problem(_line(scenario), f"another scenario has this name: {scenario['name']}")
    if not count:
        yield Problem(_line(feature), "no scenario in this file")
    for rule in _children(feature, "rule"):
        if not any(_children(rule, "scenario")):
            yield Problem(_line(rule), f"no scenario under this rule: {rule['name']}")


def _tags_on(feature: Node, scenario: Node) -> list[Node]:
    """Return the tags of a scenario and what it inherits from feature, rule and its examples."""
    above = [
        group
        for group in _groups(feature)
        if group is feature or scenario in _children(group, "scenario")
    ]
    return [tag for node in (*above, scenario, *scenario["examples"]) for tag in node["tags"]]


def _in_tags(
    feature: Node, clauses: Collection[str], attacks: Collection[str]
) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for scenario in scenarios(feature):
        tags = _tags_on(feature, scenario)
        seen.update({tag["id"]: tag for tag in tags})
        if not any(_known_family(tag["name"]) for tag in tags):
            yield Problem(_line(scenario), "a scenario without a tag @条款-… or @证明-…")
    for tag in seen.values():
        clause, attack = (each.fullmatch(tag["name"]) for each in (_CLAUSE_TAG, _ATTACK_TAG))
        if not (clause and clause[1] in clauses) and not (attack and attack[1] in attacks):
            yield Problem(_line(tag), f"a tag that is no clause and no attack: {tag['name']}")


def _known_family(tag: str) -> bool:
    return bool(_CLAUSE_TAG.fullmatch(tag) or _ATTACK_TAG.fullmatch(tag))


def _in_backgrounds(feature: Node) -> Iterator[Problem]:
    for group in _groups(feature):
        for background in _children(group, "background"):
            if not background["steps"]:
                yield Problem(_line(background), "a 背景 without steps")
            for name in _placeholders(background):
                yield Problem(_line(background), f"a placeholder in a 背景: <{name}>")


def _in_scenario(scenario: Node) -> Iterator[Problem]:
    """Find what a scenario lacks."""
    line = _line(scenario)
    if not scenario["steps"]:
        yield Problem(line, "a scenario without steps")
    elif not any(step["keywordType"] == "Outcome" for step in scenario["steps"]):
        yield Problem(line, "a scenario without 那么 shows nothing")
    if scenario["keyword"] in _WORDS["scenarioOutline"] and not scenario["examples"]:
        yield Problem(line, "a 场景大纲 without 例子")
    yield from _in_tables(scenario)


def _in_tables(scenario: Node) -> Iterator[Problem]:
    """Find tables and placeholders that do not fit together."""
    for text in _texts(scenario):
        if "＜" in text or "＞" in text:
            yield Problem(_line(scenario), f"full-width angle brackets: {text}")
    for cell in _cells(scenario):
        if "｜" in cell["value"]:
            yield Problem(_line(cell), f"full-width bars make no columns: {cell['value']}")
    used = _placeholders(scenario)
    if not scenario["examples"]:
        for name in sorted(used):
            yield Problem(_line(scenario), f"a placeholder, and no 例子 to fill it: <{name}>")
    for table in scenario["examples"]:
        yield from _in_examples(table, used)


def _in_examples(table: Node, used: set[str]) -> Iterator[Problem]:
    line = _line(table)
    if not table.get("tableBody"):
        yield Problem(line, "例子 without rows: the scenario runs once with its <placeholders>")
        return
    columns = {cell["value"] for cell in table["tableHeader"]["cells"]}
    for name in sorted(used - columns):
        yield Problem(line, f"a placeholder that 例子 has no column for: <{name}>")
    for name in sorted(columns - used):
        yield Problem(line, f"a column of 例子 that no step uses: {name}")


def _cells(scenario: Node) -> Iterator[Node]:
    """Yield every cell of a scenario's tables, those of its examples included."""
    rows = [row for step in scenario["steps"] for row in step.get("dataTable", {}).get("rows", [])]
    for table in scenario.get("examples", []):
        rows += [table["tableHeader"]] if table.get("tableHeader") else []
        rows += table.get("tableBody", [])
    for row in rows:
        yield from row["cells"]


def _texts(scenario: Node) -> Iterator[str]:
    """Yield every text of a scenario or background in which a placeholder may stand."""
    yield scenario["name"]
    for step in scenario["steps"]:
        yield step["text"]
        yield step.get("docString", {}).get("content", "")
        for row in step.get("dataTable", {}).get("rows", []):
            yield from (cell["value"] for cell in row["cells"])


def _placeholders(scenario: Node) -> set[str]:
    return {name for text in _texts(scenario) for name in _PLACEHOLDER.findall(text)}
