"""Coverage 条款落实: for each clause its rules and where they live, its settings, its scenarios.

Everything is read off the product itself: the tables of rules, the docstrings that name a clause,
the settings, and the results of the scenarios (``scenarios.json``, written by ``tests.scenarios``).
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from api.settings_told import SettingAnswer
from domain.errors import NotFound
from domain.fact import TOPICS
from domain.policy.clauses import CLAUSES
from domain.policy.rules import BREACHES, DUTIES, GATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from api.settings_told import SettingsAnswer
    from domain.policy.duty import BreachRule, DutyRule
    from domain.policy.gate import Gate

SCENARIOS = Path(__file__).with_name("scenarios.json")
"""What each scenario came to when the features were last run."""
_ROOT = Path(__file__).parents[1]
_PACKAGES = ("domain", "projections", "api")
_NUMBER = re.compile(r"(?<![\d.])([1-5]\.[1-9][a-n])(?![a-z0-9])")
_RANGE = re.compile(
    r"(?<![\d.])([1-5]\.[1-9])([a-n])((?:[,、/] ?[a-n])*)(?:,? (?:and|or) ([a-n]))?(?![a-z])"
)
_SECTION = re.compile(r"([一二三四五])（([一二三四五])）|([1-5])\.([1-9])")
_NUMERALS = "一二三四五"


class Place(BaseModel):
    """Where something stands in the source: file, function or class, line."""

    file: str = Field(examples=["domain/policy/s3_2_reporting.py"])
    name: str = Field(examples=["_monthly"])
    line: int


class RuleTold(BaseModel):
    """A rule of a clause: what it says and where it lives."""

    kind: Literal["duty", "breach", "gate"]
    key: str
    zh: str
    en: str
    places: list[Place]
    settings: list[str] = Field(default_factory=list)


class ScenarioTold(BaseModel):
    """A scenario of a clause and what it last came to."""

    feature: str
    name: str
    line: int
    rows: int
    result: Literal["passed", "failed", "not_run"]


class FiguresTold(BaseModel):
    """What is owed under a clause as the ledger was last counted: duties, each once."""

    open: int
    overdue: int
    kept: int = Field(description="今年履行的 · kept this year, late or not")


class ClauseTold(BaseModel):
    """A clause of the policy and how it lives in the product."""

    number: str = Field(examples=["3.2c"])
    section: str = Field(examples=["三（二）"])
    text: str
    kinds: list[str]
    inferred: bool
    implemented: bool
    rules: list[RuleTold]
    places: list[Place] = Field(
        description="提及该条款的程序处 · where the source names the clause"
    )
    settings: list[SettingAnswer]
    scenarios: list[ScenarioTold]
    figures: FiguresTold | None = None


def tell_clauses(
    settings: SettingsAnswer, figures: Mapping[str, FiguresTold] | None = None
) -> list[ClauseTold]:
    """Return every clause in the policy's order.

    Args:
        settings: the rule settings as they stand.
        figures: by clause, what is owed as last counted; None where it never was.
    """
    return [_told(number, settings, figures) for number in CLAUSES]


def find_clause(
    settings: SettingsAnswer, number: str, figures: Mapping[str, FiguresTold] | None = None
) -> ClauseTold:
    """Return one clause.

    Raises:
        NotFound: the policy has none of that number.
    """
    if number not in CLAUSES:
        raise NotFound(
            f"没有条款 {number}",
            f"there is no clause {number}",
            todo_zh="写作 3.2c；全部条款见条款落实",
            todo_en="write 3.2c; all clauses are on the page of the policy",
        )
    return _told(number, settings, figures)


def chosen(told: Sequence[ClauseTold], asked: str) -> list[ClauseTold]:
    """Return the clauses that somebody asks for: 3.2c, 3.2 or 三（二）; all for nothing."""
    number = _NUMBER.search(asked)
    if number:
        return [each for each in told if each.number == number[1]]
    section = _SECTION.search(asked.replace("(", "（").replace(")", "）"))
    if not section:
        return list(told) if not asked.strip() else []
    part = (
        f"{_NUMERALS.index(section[1]) + 1}.{_NUMERALS.index(section[2]) + 1}"
        if section[1]
        else f"{section[3]}.{section[4]}"
    )
    return [each for each in told if each.number.startswith(part)]


def _told(
    number: str, settings: SettingsAnswer, figures: Mapping[str, FiguresTold] | None
) -> ClauseTold:
    clause = CLAUSES[number]
    rules = list(_rules(number))
    in_tables = {(place.file, place.name) for rule in rules for place in rule.places}
    return ClauseTold(
        number=number,
        section=clause.section,
        text=clause.text,
        kinds=list(clause.kinds),
        inferred=clause.inferred,
        implemented=clause.implemented,
        rules=rules,
        places=[p for p in mentions().get(number, []) if (p.file, p.name) not in in_tables],
        settings=[each for each in settings.settings if each.clause == number],
        scenarios=scenarios().get(number, []),
        figures=None if figures is None else figures.get(number, _NOTHING),
    )


_NOTHING = FiguresTold(open=0, overdue=0, kept=0)


# rules


def _rules(number: str) -> Iterator[RuleTold]:
    for duty in DUTIES:
        if duty.clause == number:
            yield _duty(duty)
    for breach in BREACHES:
        if breach.clause == number:
            yield _breach(breach)
    for gate in GATES:
        if gate.clause == number:
            yield _gate(gate)


def _duty(rule: DutyRule) -> RuleTold:
    functions: list[Callable[..., object]] = [rule.opens, rule.done]
    functions += [rule.until] if rule.until else []
    return RuleTold(
        kind="duty",
        key=rule.key,
        zh=rule.zh,
        en=rule.en,
        places=[_place(each) for each in functions],
        settings=[rule.within] if rule.within else [],
    )


def _breach(rule: BreachRule) -> RuleTold:
    return RuleTold(
        kind="breach", key=rule.key, zh=rule.zh, en=rule.en, places=[_place(rule.finds)]
    )


def _gate(rule: Gate) -> RuleTold:
    topics = [TOPICS[name] for name in rule.topics if name in TOPICS]
    return RuleTold(
        kind="gate",
        key="+".join(rule.topics),
        zh="、".join(f"“{topic.zh}”" for topic in topics) + "须符合条件",
        en=", ".join(topic.en for topic in topics) + " only under its condition",
        places=[_place(rule.check)],
        settings=[rule.setting] if rule.setting else [],
    )


def _place(function: Callable[..., object]) -> Place:
    code = inspect.unwrap(function).__code__
    name = function.__qualname__.split(".<locals>")[0]
    return Place(file=_relative(Path(code.co_filename)), name=name, line=code.co_firstlineno)


def _relative(file: Path) -> str:
    return file.relative_to(_ROOT).as_posix()


# where the source names a clause


@cache
def mentions() -> dict[str, list[Place]]:
    """Return, by clause, every module, class and function whose docstring names it."""
    found: dict[str, list[Place]] = {}
    for package in _PACKAGES:
        folder = Path(str(import_module(package).__file__)).parent
        for file in sorted(folder.rglob("*.py")):
            for place, text in _documented(file):
                for number in sorted(numbers_in(text)):
                    found.setdefault(number, []).append(place)
    return found


def _documented(file: Path) -> Iterator[tuple[Place, str]]:
    tree = ast.parse(file.read_text("utf-8"))
    where = _relative(file)
    yield Place(file=where, name=file.stem, line=1), ast.get_docstring(tree) or ""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node) or ""
            yield Place(file=where, name=node.name, line=node.lineno), text


def numbers_in(text: str) -> set[str]:
    """Return the clauses that a text names: 3.2c, or 3.2f, g and j after one another."""
    found = set()
    for part, first, more, last in _RANGE.findall(text):
        letters = {first, *re.findall(r"[a-n]", more), *([last] if last else [])}
        found |= {f"{part}{letter}" for letter in letters}
    return found & CLAUSES.keys()


# scenarios


def digest_of(file: Path) -> str:
    """Return what tells one text of a feature file from another."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


@cache
def scenarios() -> dict[str, list[ScenarioTold]]:
    """Return the scenarios of each clause, with their last result.

    Where the feature files are at hand (in the source, not in an installed product), one that has
    changed since counts as not run.
    """
    found: dict[str, list[ScenarioTold]] = {}
    features = json.loads(SCENARIOS.read_text("utf-8"))["features"]
    for feature, told in features.items():
        file = _ROOT / feature
        stale = file.exists() and digest_of(file) != told["digest"]
        for each in told["scenarios"]:
            shown = ScenarioTold(
                feature=feature,
                name=each["name"],
                line=each["line"],
                rows=each["rows"],
                result="not_run" if stale else each["result"],
            )
            for clause in each["clauses"]:
                found.setdefault(clause, []).append(shown)
    return found
