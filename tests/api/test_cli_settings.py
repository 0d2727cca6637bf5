from __future__ import annotations

from pathlib import Path

import pytest

from domain.policy.settings import SETTINGS
from tests.support.cli import Run
from tests.support.imports import hazard, write_csv


@pytest.fixture
def ledger(daocha: Run, tmp_path: Path) -> Run:
    """The command line in front of a ledger that is there."""
    done = daocha("import", "ledger", write_csv(tmp_path / "台账.csv", [hazard()]))
    assert done.code == 0, done
    return daocha


def test_every_setting_is_told_with_its_source(ledger: Run) -> None:
    told = ledger("settings", "--json").json
    assert [each["key"] for each in told["settings"]] == list(SETTINGS)
    by_default = {each["changed_by"] for each in told["settings"]}
    assert by_default == {None}
    shown = ledger("settings").out
    assert all(key in shown for key in SETTINGS)


def test_a_setting_is_changed_by_a_fact(ledger: Run) -> None:
    done = ledger(
        *("settings", "set", "3.2b.report", "2 hours"),
        *("--since", "2024-07-01", "--source", "沂应急发〔2024〕3号"),
    )
    assert (done.code, "2小时" in done.out) == (0, True), done
    told = {each["key"]: each for each in ledger("settings", "--json").json["settings"]}
    report = told["3.2b.report"]
    assert (report["value"], report["since"]) == ("2 hours", "2024-07-01")
    assert report["source"] == "沂应急发〔2024〕3号"
    assert f"第 {report['changed_by']} 条事实" in done.out
    before = ledger("settings", "--at", "2024-06-30", "--json").json["settings"]
    assert {each["key"]: each["value"] for each in before}["3.2b.report"] == "24 hours"


def test_an_inferred_setting_is_switched_off(ledger: Run) -> None:
    options = ("--since", "2024-07-01", "--source", "某文")
    assert "停用" in ledger("settings", "set", "1.2f.recheck", "off", *options).out
    ledger("settings", "set", "3.2b.report", "off", *options).refuses("不能停用")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("3.2b.reprot", "2 hours", "--since", "2024-07-01"), "没有设置项"),
        (("3.2b.report", "soon", "--since", "2024-07-01"), "不是期限"),
        (("3.2b.report", "2 hours", "--since", "2024-07-01 09:00"), "--since 须为日期"),
        (("3.2b.report", "2 hours", "--since", "某日"), "不是日期或时间"),
    ],
)
def test_what_no_duty_could_be_judged_by_is_refused(
    ledger: Run, arguments: tuple[str, ...], word: str
) -> None:
    ledger("settings", "set", *arguments, "--source", "某文").refuses(word)
