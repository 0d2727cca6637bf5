from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.hazard_acts import ACTS
from api.pages.story import Standing
from api.pages.words import WORDS, Speech
from api.system_told import WRONG
from domain.answer import Line
from domain.halt import HaltGround
from domain.hazard import STEPS, Finder
from domain.hazard import Stage as HazardStage
from domain.incident import AccidentLevel
from domain.listing import Stage
from domain.order import OrderState
from domain.policy.clauses import CLAUSES
from projections.cells import CELLS
from projections.enterprises import SECTIONS

_PAGES = Path(__file__).parents[3] / "api" / "pages"
_GROUPS = (
    "line.", "standing.", "count.", "mark.", "more.", "fold.", "not_drawn.", "tile_", "said.",
    "period.", "kind.", "result.", "badge.", "tag.", "column.", "state.", "hazard_level.",
    "accident_level.", "authentication.", "found_by.", "axis.", "legend.", "at_", "lead_",
    "accident_flag",
    "exposure_ground.", "what_if.",
    "order_state.", "site.", "inspection_state.", "inspection_kind.", "disposition.",
    "inspections.", "schedule.", "plan.", "stage.", "step.", "halt_ground.",
    "orders.", "listings.", "halts.", "experts.", "owed.", "ledger.", "progress.",
    "tips.new.how.",
    "report.step.", "report.kind.", "report.role.", "report_state.", "cell.", "mark_of.",
    "heat.month.",
    "hazard.person.", "hazard.side.", "hazard.listing.", "hazard_stage.", "hazard_step.",
    "listing_step.", "photo_shows.", "duties.standing.",
    "gaps.1.", "gaps.5.", "remind.to.", "remind.channel.", "remind.state.",
    "field.", "choice.", "owed.", "industry.", "model.", "system.wrong.", "system.todo.",
    "moment_flag", "chain_table", "swimlane_table", "findings_nav", "knowledge_nav", "facts_nav",
)  # fmt: skip
"""Keys that code puts together; the tests below say that each group is complete."""


def test_every_key_has_words_in_both_languages() -> None:
    for key, (zh, en) in WORDS.items():
        assert zh.strip(), key
        assert en.strip(), key


def test_both_languages_fill_in_the_same() -> None:
    # Chinese numbers its months and spells its quarters; English the other way about.
    dates = {"axis.month", "axis.month_year", "axis.day", "axis.day_year", "axis.quarter"}
    for key, (zh, en) in WORDS.items():
        if key not in dates:
            assert sorted(re.findall(r"{(\w+)}", zh)) == sorted(re.findall(r"{(\w+)}", en)), key


def test_english_is_english() -> None:
    allowed = {"other_language", "erased", "vacant"}
    for key, (_, en) in WORDS.items():
        assert key in allowed or not re.search("[\u4e00-\u9fff]", en), key


def _sources() -> str:
    told = _PAGES.parent.glob("*.py")  # what a page shows may be told outside it
    files = [*_PAGES.rglob("*.py"), *_PAGES.rglob("*.html"), *told]
    return "\n".join(file.read_text() for file in files if not file.name.startswith("words"))


def test_every_key_asked_for_is_in_the_table() -> None:
    asked = re.findall(
        r"""\b(?:say|self\._say|self\.say)\(\s*["']([\w.]+)["']\s*[,)]""", _sources()
    )
    assert asked
    assert set(asked) <= set(WORDS)


def test_no_words_are_left_over() -> None:
    quoted = set(re.findall(r"""["']([\w.]+)["']""", _sources()))
    assert {key for key in WORDS if not key.startswith(_GROUPS)} <= quoted


def test_every_state_of_a_record_has_words() -> None:
    for group, states in (
        ("order_state", OrderState),
        ("stage", Stage),
        ("halt_ground", HaltGround),
    ):
        for each in states:
            assert f"{group}.{each.value}" in WORDS


def test_whatever_may_be_wrong_with_the_system_has_words() -> None:
    for wrong in WRONG:
        assert f"system.wrong.{wrong}" in WORDS
        assert f"system.todo.{wrong}" in WORDS


def test_every_group_put_together_by_code_is_complete() -> None:
    for line in (*Line, "none"):
        assert f"line.{line}" in WORDS
    for how in Standing:
        assert f"standing.{how}" in WORDS
        assert f"count.{how}" in WORDS
    for step in STEPS:
        assert f"state.{step}" in WORDS
    for finder in Finder:
        assert f"found_by.{finder}" in WORDS
    for level in AccidentLevel:
        assert f"accident_level.{level}" in WORDS
    for unit in ("hours", "days", "working_days", "months"):
        assert f"period.{unit}" in WORDS
    for way in ("cli", "token", "passkey", "import", "system"):
        assert f"authentication.{way}" in WORDS
    for reason in ("later", "background", "imported", "unplaced", "early"):
        assert f"not_drawn.{reason}" in WORDS
    for group in ("against", "on_word", "kept", "other"):
        assert f"more.{group}" in WORDS


def test_every_group_of_the_pages_of_work_is_complete() -> None:
    for step in STEPS:
        assert f"hazard_step.{step}" in WORDS
    for stage in HazardStage:
        assert f"hazard_stage.{stage}" in WORDS
    for section in SECTIONS:
        assert f"industry.{section}" in WORDS
    for blank in (blank for act in ACTS.values() for blank in act.blanks):
        assert f"field.{blank.name}" in WORDS
        assert all(f"choice.{choice}" in WORDS for choice in blank.choices)
    for cell in CELLS:
        assert f"cell.{cell}" in WORDS
        assert f"mark_of.{cell}" in WORDS


def test_every_group_of_the_page_of_clauses_is_complete() -> None:
    for kind in {kind for clause in CLAUSES.values() for kind in clause.kinds}:
        assert f"kind.{kind}" in WORDS
    for result in ("passed", "failed", "not_run"):
        assert f"result.{result}" in WORDS


def test_an_unknown_code_shows_as_it_is_and_an_unknown_key_is_an_error() -> None:
    say = Speech("zh")
    assert say.name("accident_level", "larger") == "较大事故"
    assert Speech("en").name("accident_level", "较大事故") == "larger accident"
    assert say.name("accident_level", "某级") == "某级"
    assert say.name("accident_level", None) == "—"
    with pytest.raises(KeyError):
        say("no such key")
