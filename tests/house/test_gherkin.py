"""The Gherkin checker against a small sample of every trap, and each trap against pytest-bdd."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.gherkin import attacks_shown, clauses_shown, problems, scenario_names
from tests.house.step_audit import audit_steps

CLAUSES = {"3.2c", "3.2a"}
TOP = "# language: zh-CN\n@条款-3.2c\n功能: 零报告\n"
GOOD = "  场景: 甲\n    假如 有企业\n    那么 成立\n"
OUTLINE = "  场景大纲: 甲\n    假如 过了<天数>天\n    那么 成立\n"
STEPS = """
from pathlib import Path

from pytest_bdd import parsers, scenarios, step

scenarios(".")

@step(parsers.re("(?P<text>.*)"))
def _(text):
    with Path(__file__).with_name("ran.txt").open("a", encoding="utf-8") as file:
        file.write(text + "\\n")
"""


@dataclass(frozen=True)
class Trap:
    """A sample, what the checker says of it, and the steps that pytest-bdd runs, all green.

    No steps: pytest-bdd complains by itself, and the checker passes the complaint on.
    """

    text: str
    says: str
    steps: tuple[str, ...] | None


ONE = ("有企业", "成立")
TRAPS = {
    "two scenarios of one name": Trap(
        TOP + GOOD + "  场景: 甲\n    假如 无企业\n    那么 成立\n",
        "another scenario has this name: 甲",
        ("无企业", "成立"),
    ),
    "two scenarios of one name under two rules": Trap(
        TOP + "  规则: 一\n" + GOOD + "  规则: 二\n" + GOOD,
        "another scenario has this name: 甲",
        ONE,
    ),
    "full-width colon after 场景": Trap(
        TOP + "  场景：乙\n    假如 无企业\n    那么 成立\n" + GOOD,
        "taken for description: 场景：乙",
        ONE,
    ),
    "full-width colon after a later 场景": Trap(
        TOP + GOOD + "  场景：乙\n    假如 无企业\n", "got '场景：乙'", None
    ),
    "full-width colon after 背景": Trap(
        TOP + "  背景：\n    假如 前提\n" + GOOD, "taken for description: 背景：", ONE
    ),
    "full-width colon after 规则": Trap(
        TOP + "  规则：一\n" + GOOD, "taken for description: 规则：一", ONE
    ),
    "full-width colon after 场景大纲": Trap(
        TOP + "  场景大纲：乙\n    假如 无企业\n" + GOOD,
        "taken for description: 场景大纲：乙",
        ONE,
    ),
    "full-width colon after 功能": Trap(
        "# language: zh-CN\n功能：零报告\n" + GOOD, "got '功能：零报告'", None
    ),
    "full-width colon after 例子": Trap(
        TOP + OUTLINE + "    例子：\n      | 天数 |\n      | 1 |\n", "got '例子：'", None
    ),
    "full-width colon after 例子 before the steps": Trap(
        TOP + "  场景大纲: 甲\n    例子：\n    假如 有企业\n    那么 成立\n",
        "taken for description: 例子：",
        ONE,
    ),
    "space before the colon": Trap(
        TOP + "  场景 : 乙\n    假如 无企业\n" + GOOD, "taken for description: 场景 : 乙", ONE
    ),
    "step before the first scenario": Trap(
        TOP + "  假如 前提\n" + GOOD, "taken for description: 假如 前提", ONE
    ),
    "full-width tag": Trap(
        TOP + "  ＠条款-3.2a\n" + GOOD, "taken for description: ＠条款-3.2a", ONE
    ),
    "full-width bars": Trap(
        TOP + OUTLINE + "    例子:\n      ｜ 天数 ｜\n      ｜ 1 ｜\n",
        "taken for description: ｜ 天数 ｜",
        ("过了<天数>天", "成立"),
    ),
    "full-width bars between half-width ones": Trap(
        TOP + "  场景: 甲\n    假如 有企业\n      | 甲 ｜ 乙 |\n    那么 成立\n",
        "full-width bars make no columns: 甲 ｜ 乙",
        ONE,
    ),
    "full-width bars under a step": Trap(
        TOP + "  场景: 甲\n    假如 有企业\n      ｜ 甲 ｜\n", "got '｜ 甲 ｜'", None
    ),
    "empty 例子": Trap(
        TOP + OUTLINE + "    例子:\n", "例子 without rows", ("过了<天数>天", "成立")
    ),
    "例子 with a header only": Trap(
        TOP + OUTLINE + "    例子:\n      | 天数 |\n",
        "例子 without rows",
        ("过了<天数>天", "成立"),
    ),
    "no 例子": Trap(TOP + OUTLINE, "a 场景大纲 without 例子", ("过了<天数>天", "成立")),
    "placeholder in a plain 场景": Trap(
        TOP + OUTLINE.replace("场景大纲", "场景"),
        "no 例子 to fill it: <天数>",
        ("过了<天数>天", "成立"),
    ),
    "misspelt placeholder": Trap(
        TOP + OUTLINE + "    例子:\n      | 日数 |\n      | 1 |\n",
        "no column for: <天数>",
        ("过了<天数>天", "成立"),
    ),
    "column that no step uses": Trap(
        TOP + OUTLINE + "    例子:\n      | 天数 | 结果 |\n      | 1 | 逾期 |\n",
        "a column of 例子 that no step uses: 结果",
        ("过了1天", "成立"),
    ),
    "full-width angle brackets": Trap(
        TOP + OUTLINE.replace("<天数>", "＜天数＞") + "    例子:\n      | 天数 |\n      | 1 |\n",
        "full-width angle brackets",
        ("过了＜天数＞天", "成立"),
    ),
    "placeholder in a 背景": Trap(
        TOP + "  背景:\n    假如 前提<甲>\n" + GOOD,
        "a placeholder in a 背景: <甲>",
        ("前提<甲>", *ONE),
    ),
    "scenario without steps": Trap(TOP + "  场景: 甲\n", "a scenario without steps", ()),
    "背景 without steps": Trap(TOP + "  背景:\n" + GOOD, "a 背景 without steps", ONE),
    "scenario that shows nothing": Trap(
        TOP + "  场景: 甲\n    假如 有企业\n", "a scenario without 那么", ("有企业",)
    ),
    "scenario without a name": Trap(
        TOP + "  场景:\n    那么 成立\n", "a scenario without a name", ("成立",)
    ),
    "rule without scenarios": Trap(
        TOP + "  规则: 一\n  规则: 二\n" + GOOD, "no scenario under this rule: 一", ONE
    ),
    "file without scenarios": Trap(TOP, "no scenario in this file", None),
    "empty file": Trap("", "the file holds no 功能", None),
    "English": Trap(
        "@条款-3.2c\nFeature: 零\n  Scenario: 甲\n    Given 有企业\n    Then 成立\n",
        "no '# language: zh-CN'",
        ONE,
    ),
    "no language": Trap(TOP.removeprefix("# language: zh-CN\n") + GOOD, "got '功能: 零报告'", None),
    "unknown language": Trap(TOP.replace("zh-CN", "zh-XX") + GOOD, "not supported: zh-XX", None),
    "tag that is no clause": Trap(
        TOP + "  @以后再说\n" + GOOD, "a tag that is no clause and no attack: @以后再说", ONE
    ),
    "tag of a clause that does not exist": Trap(
        TOP + "  @条款-9.9z\n" + GOOD, "a tag that is no clause and no attack: @条款-9.9z", ONE
    ),
    "tag in brackets": Trap(
        TOP + "  @条款-3（2）c\n" + GOOD,
        "a tag that is no clause and no attack: @条款-3（2）c",
        ONE,
    ),
    "tag of an attack that does not exist": Trap(
        TOP + "  @证明-咒语\n" + GOOD, "a tag that is no clause and no attack: @证明-咒语", ONE
    ),
    "scenario without a clause": Trap(
        TOP.replace("@条款-3.2c\n", "") + GOOD, "a scenario without a tag", ONE
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_checker_catches(name: str) -> None:
    trap = TRAPS[name]
    found = [str(problem) for problem in problems(trap.text, CLAUSES)]
    assert any(trap.says in problem for problem in found), found


def test_trap_is_real(tmp_path: Path) -> None:
    """pytest-bdd passes each trap in silence, running what the table says and no more."""
    for number, trap in enumerate(TRAPS.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "sample.feature").write_text(trap.text, "utf-8")
        (folder / "test_sample.py").write_text(STEPS, "utf-8")
    output = _pytest(tmp_path, "-v", "--continue-on-collection-errors")
    for number, (name, trap) in enumerate(TRAPS.items()):
        passed = len(re.findall(rf"^{number}/test_sample.py::\S+ PASSED", output, re.MULTILINE))
        refused = f"ERROR {number}/test_sample.py" in output
        ran = tmp_path / str(number) / "ran.txt"
        steps = tuple(ran.read_text("utf-8").split()) if ran.exists() else ()
        expected = (0, True, ()) if trap.steps is None else (1, False, trap.steps)
        assert (name, passed, refused, steps) == (name, *expected)


def test_sound_file_has_no_problems() -> None:
    text = f"""# language: zh-CN
@条款-3.2c
功能: 零报告
  一个月没有发现隐患的，经两个岗位签字。

  背景:
    假如 有企业

{GOOD}
  规则: 逾期
    @条款-3.2a
{OUTLINE}
    例子: 天数
      | 天数 |
      | 1 |
"""
    text = text.replace("场景大纲: 甲", "场景大纲: 乙")
    assert problems(text, CLAUSES) == []
    assert scenario_names(text) == ["甲", "乙"]
    assert clauses_shown(text) == {"3.2c", "3.2a"}


def test_an_attack_stands_for_a_clause() -> None:
    text = TOP.replace("@条款-3.2c", "@证明-改动") + GOOD
    assert problems(text, CLAUSES, {"改动"}) == []
    assert attacks_shown(text) == {"改动"}
    assert problems(text, CLAUSES) != []


def test_one_name_in_two_files_is_no_trap(tmp_path: Path) -> None:
    for file in ("a", "b"):
        (tmp_path / f"{file}.feature").write_text(TOP + GOOD, "utf-8")
    (tmp_path / "test_sample.py").write_text(STEPS, "utf-8")
    assert "2 passed" in _pytest(tmp_path)


def test_clause_tag_selects(tmp_path: Path) -> None:
    (tmp_path / "a.feature").write_text(TOP + GOOD, "utf-8")
    (tmp_path / "test_sample.py").write_text(STEPS, "utf-8")
    assert "1 passed" in _pytest(tmp_path, "-m", "条款-3.2c")
    assert "1 deselected" in _pytest(tmp_path, "-m", "条款-3.2a")


def test_audit_catches_steps_not_found_once(tmp_path: Path) -> None:
    """No step definition, two, two of one text on two levels; and a file that no test binds."""
    (tmp_path / "a.feature").write_text(
        TOP + OUTLINE + "    而且 无人写过\n    而且 上下各一\n"
        "    例子:\n      | 天数 |\n      | 1 |\n      | 十 |\n",
        "utf-8",
    )
    (tmp_path / "b.feature").write_text(TOP + GOOD, "utf-8")
    (tmp_path / "conftest.py").write_text(
        "from pytest_bdd import then\n\n@then('上下各一')\ndef _(): pass\n", "utf-8"
    )
    (tmp_path / "test_sample.py").write_text(
        """
from pytest_bdd import given, parsers, scenarios, then

scenarios("a.feature")

@given(parsers.parse("过了{days:d}天"))
@given(parsers.parse("过了{days}天"))
def _(days): pass

@then("成立")
@then("上下各一")
def _(): pass
""",
        "utf-8",
    )
    assert "2 passed" not in _pytest(tmp_path)  # 无人写过 is the one that pytest-bdd itself reports
    audit = audit_steps(tmp_path, tmp_path)
    assert audit.bound == {(str(tmp_path / "a.feature"), "甲")}
    assert audit.wrong == {
        "a.feature:5: 假如过了1天": 2,
        "a.feature:7: 而且无人写过": 0,
        "a.feature:8: 而且上下各一": 2,
    }


def _pytest(folder: Path, *arguments: str) -> str:
    """Run pytest on a folder that has nothing to do with this project; return what it prints."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n", "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout
