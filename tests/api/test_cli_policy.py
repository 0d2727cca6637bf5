from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.policy.clauses import CLAUSES
from tests.support.cli import Run
from tests.support.imports import hazard, write_csv

OPEN = {"整改完成日期": "", "销号情况": "", "整改期限": "2024-09-01"}


@pytest.fixture
def ledger(daocha: Run, tmp_path: Path) -> Run:
    """The command line in front of a ledger with one hazard open past its deadline."""
    done = daocha("import", "ledger", write_csv(tmp_path / "台账.csv", [hazard(**OPEN)]))
    assert done.code == 0, done
    return daocha


def test_every_clause_stands_in_the_table(ledger: Run) -> None:
    told = ledger("policy")
    assert told.code == 0
    assert all(number in told.out for number in CLAUSES)


@pytest.mark.parametrize("asked", ["3.2b", "三（二）"])
def test_where_is_it_and_does_it_hold(ledger: Run, asked: str) -> None:
    told = ledger("policy", asked).out.replace("\n", "")
    for words in ("domain/policy/s3_2_reporting.py", "3.2b.report", "24小时", "✓"):
        assert words in told
    ledger("policy", "九（九）").refuses("没有条款")


def test_what_is_owed_is_counted_when_asked(ledger: Run) -> None:
    (before,) = ledger("policy", "1.2f", "--json").json["clauses"]
    assert before["figures"] is None
    told = ledger("policy", "1.2f", "--count", "--json").json
    assert told["clauses"][0]["figures"] == {"open": 0, "overdue": 1, "kept": 0}
    assert told["as_of"] is not None
    assert ledger("policy", "1.2f", "--json").json["as_of"] == told["as_of"]
    assert "逾期 1" in ledger("policy", "1.2f").out


def test_a_trace_by_other_settings(ledger: Run, tmp_path: Path) -> None:
    unit = hazard()["单位编码"]
    asked = ("trace", "--enterprise", unit, "--at", "2024-10-01")
    draft = tmp_path / "草案.json"
    draft.write_text(json.dumps({"3.2b.report": "1 hours"}), "utf-8")
    told = ledger(*asked, "--settings", draft, "--json").json
    assert (told["changes"], told["findings_now"]) == ([], told["findings_then"])
    toml = tmp_path / "草案.toml"
    toml.write_text('"1.2f.recheck" = "off"\n', "utf-8")
    assert "问题由" in ledger(*asked, "--settings", toml).out.replace("\n", "")
    by_day = ledger(*asked, "--settings-at", "2024-01-01").out.replace("\n", "")
    assert "2024-01-01的设置" in by_day


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "不能读取设置草案"),
        ("[]", "不能读取设置草案"),
        ("{}", "不能读取设置草案"),
        ('{"3.2b.report": 12}', "不能读取设置草案"),
        ('{"3.2b.reprot": "1 days"}', "没有设置项"),
    ],
)
def test_a_draft_that_cannot_be_supposed(ledger: Run, tmp_path: Path, text: str, says: str) -> None:
    draft = tmp_path / "草案.json"
    draft.write_text(text, "utf-8")
    told = ledger("trace", "--enterprise", "X", "--at", "2024-10-01", "--settings", draft)
    told.refuses(says)
    both = ("--settings", draft, "--settings-at", "2024-01-01")
    ledger("trace", "--enterprise", "X", "--at", "2024-10-01", *both).refuses("只给出一项")
