"""The command line as its user meets it: answers, refusals with what to do, exit codes."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import CalamineWorkbook

from api import home
from api.importing import importer as importing
from api.settings import Settings
from domain.errors import Unavailable
from domain.fact import Actor, Sealed
from domain.ledger import Ledger
from domain.people import PersonRegistered
from domain.recording import Act, record
from tests.support.cli import Run, Told
from tests.support.imports import accident, hazard, write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROGRAM = Path(sys.executable).with_name("daocha")
OPEN = {"整改完成日期": "", "销号情况": "", "整改期限": "2024-09-01"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [hazard(), hazard("YH-2", **OPEN), hazard("YH-3", 检查时间="2024-02-30")]
    return write_csv(tmp_path / "台账.csv", rows)


@pytest.fixture
def accidents(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "事故.csv", [accident()])


def outcomes(summary: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in summary["outcomes"].items() if count}


# import


def test_import_tells_what_became_of_the_rows(daocha: Run, file: Path, accidents: Path) -> None:
    told = daocha("import", "ledger", file, "--accidents", accidents)
    assert told.code == 0
    for words in ("台账.csv", "已导入 imported", "搁置，未导入 set aside", "事故.csv"):
        assert words in told.out
    assert told.err == ""


@pytest.mark.parametrize("form", ["csv", "csv.gz", "xlsx"])
def test_import_takes_every_form(daocha: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"ledger.{form}"
    if form == "xlsx":
        write_xlsx(path, [hazard(), hazard("YH-2")])
    else:
        plain = write_csv(tmp_path / "plain", [hazard(), hazard("YH-2")]).read_bytes()
        path.write_bytes(gzip.compress(plain) if form == "csv.gz" else plain)
    (summary,) = daocha("import", "ledger", path, "--json").json
    assert outcomes(summary) == {"imported": 2}
    assert summary["complete"]
    (again,) = daocha("import", "ledger", path, "--json").json
    assert outcomes(again) == {"unchanged": 2}


def test_import_two_sheets_of_one_workbook(daocha: Run, tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, row in (("说明", {"说明": "一"}), ("隐患", hazard()), ("事故", accident())):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, row.keys())
            sheet.write_row(1, 0, row.values())
    asked = ["--sheet", "隐患", "--accidents", path, "--accidents-sheet", "事故", "--json"]
    for outcome in ("imported", "unchanged"):
        summaries = daocha("import", "ledger", path, *asked).json
        assert [outcomes(summary) for summary in summaries] == [{outcome: 1}] * 2


def test_import_by_a_mapping(daocha: Run, tmp_path: Path) -> None:
    row = hazard()
    row["看现场的日子"] = row.pop("检查时间")
    path = write_csv(tmp_path / "ledger.csv", [row])
    daocha("import", "ledger", path).refuses("检查时间", "列名对照")
    mapping = tmp_path / "mapping.csv"
    mapping.write_text("看现场的日子,检查时间\n", "utf-8")
    (summary,) = daocha("import", "ledger", path, "--mapping", mapping, "--json").json
    assert outcomes(summary) == {"imported": 1}


def test_import_writes_a_report(daocha: Run, tmp_path: Path, file: Path, accidents: Path) -> None:
    report = tmp_path / "报告.xlsx"
    told = daocha("import", "ledger", file, "--accidents", accidents, "--report", report)
    assert told.code == 0
    lines = CalamineWorkbook.from_path(report).get_sheet_by_index(1).to_python()
    assert [line[:2] for line in lines[1:]] == [[4, "搁置，未导入 set aside"]]
    assert (tmp_path / "报告-accidents.xlsx").exists()


def wrong_columns(path: Path) -> Path:
    path.write_text("甲,乙\n1,2\n", "utf-8")
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


def missing(path: Path) -> Path:
    return path


def damaged(path: Path) -> Path:
    path.write_bytes(gzip.compress(b"x" * 1_000)[:-20])
    return path


@pytest.mark.parametrize(
    ("option", "make"),
    [
        *product(["FILE", "--accidents"], [wrong_columns, empty, missing, damaged]),
        *product(["--mapping"], [wrong_columns, missing, damaged]),
    ],
)
def test_import_refuses_files_before_anything_is_written(
    daocha: Run, tmp_path: Path, file: Path, make: Callable[[Path], Path], option: str
) -> None:
    bad = make(tmp_path / "坏.toml")
    arguments: list[object] = [bad] if option == "FILE" else [file, option, bad]
    daocha("import", "ledger", *arguments).refuses()
    assert not (tmp_path / "home").exists()  # there is no ledger yet


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--report", "report.csv"], ".xlsx"),
        (["--report", "{file}.xlsx"], "覆盖"),
        (["--source", " "], "--source"),
        (["--source", "甲" * 101], "--source"),
        (["--sheet", "没有这一页"], "台账"),
    ],
)
def test_import_refuses_options(
    daocha: Run, tmp_path: Path, arguments: list[str], words: str
) -> None:
    path = write_xlsx(tmp_path / "ledger.xlsx", [hazard()])
    before = path.read_bytes()
    filled = [each.replace("{file}.xlsx", str(path)) for each in arguments]
    daocha("import", "ledger", path, *filled).refuses(words)
    assert path.read_bytes() == before
    assert not (tmp_path / "home").exists()


def test_an_import_that_breaks_off_tells_how_far_it_came(
    daocha: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "ledger.csv", [hazard(f"YH-{n}") for n in range(20)])
    append_many = Ledger.append_many

    def gone(ledger: Ledger, commands: Sequence[Any]) -> Any:  # noqa: ANN401 - as it was
        if any(getattr(c.drafts[0].fact, "number", "") == "YH-10" for c in commands):
            raise Unavailable("数据库不可用", "gone", todo_zh="请检查。", todo_en="Check it.")
        return append_many(ledger, commands)

    monkeypatch.setattr(importing, "BATCH", 5)
    monkeypatch.setattr(Ledger, "append_many", gone)
    told = daocha("import", "ledger", path)
    assert told.code == 2
    assert "导入尚未完成" in told.out
    assert "10" in told.out
    assert "再次导入同一文件即可续完，不会重复" in told.err
    monkeypatch.setattr(Ledger, "append_many", append_many)
    (summary,) = daocha("import", "ledger", path, "--json").json
    assert outcomes(summary) == {"imported": 10, "unchanged": 10}


# trace


@pytest.fixture
def imported(daocha: Run, file: Path, accidents: Path) -> Run:
    """The command line, with a ledger in which something is."""
    assert daocha("import", "ledger", file, "--accidents", accidents).code == 0
    return daocha


def test_trace_tells_a_unit_and_a_day(imported: Run) -> None:
    told = imported("trace", "--enterprise", "A0001", "--at", "2024-09-18")
    assert told.code == 0
    assert "沂河化工有限公司（A0001）" in told.out
    assert "此前发现隐患 2 项，未闭合 1 项，其中逾期 1 项：YH-2" in told.out
    assert "不构成责任认定" in told.out


def test_trace_answers_in_json(imported: Run) -> None:
    told = imported("trace", "--enterprise", "a0001", "--at", "2024-09-18", "--json")
    answer = told.json
    assert list(answer["lines"]) == ["leadership", "supervision", "enterprise", "expert"]
    assert {"findings", "entered_afterwards", "facts", "known_at"} <= answer.keys()
    assert (answer["enterprise"], answer["at"]) == ("A0001", "2024-09-18")
    assert answer["hazards"]["prior"] == 2
    assert answer["hazards"]["open"] == answer["hazards"]["overdue"] == ["YH-2"]


@pytest.mark.parametrize(
    ("at", "prior"),
    [
        ("2024-05-03", 0),
        ("2024-05-04", 2),
        ("2024-05-03 23:59", 0),
        ("2024-05-04T00:00:00+08:00", 2),
        ("2024-05-03T16:00:00Z", 2),
        ("2024-05-03T15:59:59Z", 0),
    ],
)
def test_trace_takes_days_and_times(imported: Run, at: str, prior: int) -> None:
    told = imported("trace", "--enterprise", "A0001", "--at", at, "--json")
    assert told.json["hazards"]["prior"] == prior


@pytest.mark.parametrize(
    "at",
    [
        *("昨天", "", "20240918", "2024-9-18", "2024-09-31", "2024-09-18 25:00", "2024-W38-3"),
        *("1899-12-31", "2024", "45553", "2200-12-31T23:00:00-12:00", "0001-01-01T00:00+14:00"),
    ],
)
@pytest.mark.parametrize("option", ["--at", "--known-at"])
def test_trace_refuses_what_is_no_moment(daocha: Run, at: str, option: str) -> None:
    moments = {"--at": "2024-09-18"} | {option: at}
    options = [word for pair in moments.items() for word in pair]
    told = daocha("trace", "--enterprise", "A0001", *options)
    told.refuses(option, "2024-09-18 14:20")


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["--at", "2024-09-18"], ["--enterprise", "A0001"]),
        ["--enterprise", "A0001", "--incident", "SG-1", "--at", "2024-09-18"],
        ["--enterprise", "A0001", "--at", "2024-09-18", "--each", "x.csv"],
        *(["--incident", "SG-1", "--at", "2024-09-18"], ["--each", "x.csv", "--at", "2024-09-18"]),
    ],
)
def test_trace_asks_for_one_question(daocha: Run, arguments: list[str]) -> None:
    daocha("trace", *arguments).refuses("--enterprise")


def test_trace_looks_back_as_far_as_there_are_records(imported: Run) -> None:
    asked = ["--enterprise", "A0001", "--at", "1950-01-01", "--look-back", "36500"]
    assert imported("trace", *asked, "--json").json["look_back"] == "1900-01-01"


def test_trace_knows_no_other_unit(imported: Run) -> None:
    imported("trace", "--enterprise", "B0002", "--at", "2024-09-18").refuses(
        "B0002", "核对单位编码"
    )


def test_trace_as_known_before_the_import(imported: Run) -> None:
    asked = ["--enterprise", "A0001", "--at", "2024-09-18"]
    imported("trace", *asked, "--known-at", "2024-09-18").refuses("A0001", "当时可能尚未录入")
    known = imported("trace", *asked, "--known-at", "2199-12-31", "--json").json
    assert known["known_at"] == "2199-12-31T16:00:00Z"
    assert known["hazards"]["prior"] == 2


def test_trace_without_a_ledger(daocha: Run) -> None:
    daocha("trace", "--enterprise", "A0001", "--at", "2024-09-18").refuses("没有台账")


def test_trace_of_an_accident(imported: Run) -> None:
    answer = imported("trace", "--incident", "SG-1", "--json").json
    assert answer["at"] == "2024-09-18T06:20:00Z"
    assert answer["incident"]["number"] == "SG-1"
    assert answer["hazards"]["open"] == ["YH-2"]
    imported("trace", "--incident", "SG-2").refuses("SG-2", "核对事故编号")


def test_nothing_from_a_file_is_taken_for_markup(daocha: Run, tmp_path: Path) -> None:
    name = "[red]甲[/x] :warning: 厂"
    path = write_csv(tmp_path / "[b]台账[x].csv", [hazard("[link=x]1[/]", 单位名称=name, **OPEN)])
    assert "[b]台账[x].csv" in daocha("import", "ledger", path).out
    told = daocha("trace", "--enterprise", "A0001", "--at", "2024-09-18")
    assert name in told.out
    assert "[link=x]1[/]" in told.out
    daocha("trace", "--enterprise", "[/b]", "--at", "2024-09-18").refuses("[/b]")


# many questions


def questions(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_each_line_is_answered(imported: Run, tmp_path: Path) -> None:
    text = "accident,enterprise,day,prior\r\na,A0001,2024-09-18,2\r\nb, a0001 ,2024-05-03,0\r\n"
    path = questions(tmp_path / "q.csv", text, "utf-8-sig")
    assert imported("trace", "--each", path).out.splitlines() == [
        "A0001  2024-09-18  在案 2  未闭合 1  逾期 1",
        "A0001  2024-05-03  在案 0  未闭合 0  逾期 0",
    ]
    packed = tmp_path / "q.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    answers = imported("trace", "--each", packed, "--json").lines
    assert [each["hazards"]["prior"] for each in answers] == [2, 0]


def test_a_line_about_an_unknown_unit_is_told_and_the_others_answered(
    imported: Run, tmp_path: Path
) -> None:
    lines = "enterprise,day\nA0001,2024-09-18\nB0002,2024-09-18\nA0001,2024-05-03\n"
    path = questions(tmp_path / "q.csv", lines)
    told = imported("trace", "--each", path, "--json")
    assert told.code == 2
    first, second, third = told.lines
    assert (first["hazards"]["prior"], third["hazards"]["prior"]) == (2, 0)
    assert (second["enterprise"], second["at"]) == ("B0002", "2024-09-18")
    assert second["refused"]["where"] == "q.csv:3"
    assert "B0002" in second["refused"]["zh"]
    assert "hazards" not in second
    in_words = imported("trace", "--each", path)
    assert (in_words.code, len(in_words.out.splitlines())) == (2, 2)
    assert "位置：q.csv:3" in in_words.err


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "enterprise、day"),
        ("enterprise,date\nA0001,2024-09-18\n", "day"),
        ("enterprise;day\nA0001;2024-09-18\n", "enterprise、day"),
        ("enterprise,day\nA0001,2024-09-18\nA0001,2024-09-31\n", "q.csv:3"),
        ("enterprise,day\nA0001,2024-09-18\n\nA0001\n", "q.csv:4"),
        ("enterprise,day\n,2024-09-18\n", "q.csv:2"),
    ],
)
def test_questions_are_read_before_any_is_answered(
    imported: Run, tmp_path: Path, text: str, where: str
) -> None:
    imported("trace", "--each", questions(tmp_path / "q.csv", text)).refuses(where)


def test_questions_that_cannot_be_read(imported: Run, tmp_path: Path) -> None:
    gb = questions(tmp_path / "gb.csv", "enterprise,day,备注\nA0001,2024-09-18,事故\n", "gb18030")
    for path in (gb, damaged(tmp_path / "q.csv.gz"), tmp_path / "none.csv", tmp_path):
        imported("trace", "--each", path).refuses(str(path), "UTF-8")


# doctor


def checks(told: Told) -> dict[str, dict[str, Any]]:
    return {check["en"]: check for check in told.json}


def test_doctor_on_an_empty_home(daocha: Run) -> None:
    told = daocha("doctor", "--json")
    assert told.code == 0
    assert "尚无台账" in checks(told)["ledger"]["seen"]
    assert "尚无台账" in daocha("doctor").out


def test_doctor_on_a_good_ledger(imported: Run) -> None:
    told = imported("doctor", "--json")
    assert (told.code, [check for check in told.json if not check["well"]]) == (0, [])
    assert {"ledger", "key store", "rights and guards", "leaves", "clock", "disk"} <= set(
        checks(told)
    )


def test_doctor_on_a_ledger_without_its_keys(imported: Run, tmp_path: Path) -> None:
    (tmp_path / "home/keys").rename(tmp_path / "elsewhere")
    told = imported("doctor", "--json")
    assert told.code == 1
    (bad,) = [check for check in told.json if not check["well"]]
    assert "没有密钥库" in bad["seen"]
    assert "恢复" in bad["todo_zh"]
    assert bad["todo_en"]


def test_doctor_on_keys_without_their_ledger(
    imported: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path
) -> None:
    """The database was lost, or DATABASE_URL is forgotten: no second ledger is made in silence."""
    keys = tmp_path / "home/keys"
    (found,) = keys.iterdir()
    (keys / "test_gone").symlink_to(found)
    monkeypatch.setenv("DAOCHA_LEDGER", "test_gone")
    told = imported("doctor", "--json")
    assert told.code == 1
    assert "DATABASE_URL" in checks(told)["ledger"]["todo_zh"]
    imported("import", "ledger", file).refuses("DATABASE_URL")
    assert "✗" in imported("doctor").out


# the first start


@pytest.mark.parametrize("step", ["_begin", "create"])
def test_a_ledger_whose_making_was_cut_short_is_made(
    daocha: Run, file: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(home, step, killed)
        assert daocha("import", "ledger", file).code != 0
    assert daocha("doctor").code == 0
    assert daocha("import", "ledger", file).code == 0
    assert not (home.keys_of(Settings()) / "making").exists()
    assert daocha("doctor").code == 0


def test_two_first_imports_at_the_same_time(environment: dict[str, str], file: Path) -> None:
    command = [str(PROGRAM), "import", "ledger", str(file), "--json"]
    both = [
        subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(json.loads(each)[0]["rows"] for each in said) == 6


@pytest.mark.parametrize("folder", ["file/home", "file"])
def test_a_home_that_cannot_be_made(
    daocha: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path, folder: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DAOCHA_HOME", str(tmp_path / folder))
    daocha("import", "ledger", file).refuses("DAOCHA_HOME")
    monkeypatch.delenv("DATABASE_URL")
    daocha("import", "ledger", file).refuses("DAOCHA_HOME")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAOCHA_ORIGIN", "不是名字"),
        ("DAOCHA_JURISDICTION", "甲" * 101),
        ("DAOCHA_PORT", "x"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/none"),
        ("DATABASE_URL", "no such thing"),
        ("DAOCHA_LEDGER", "No Such Name"),
    ],
)
def test_settings_that_do_not_do(
    daocha: Run, monkeypatch: pytest.MonkeyPatch, file: Path, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    told = daocha("import", "ledger", file)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("✗ ")
    assert "Traceback" not in told.err


# as a program


def test_a_reader_that_has_had_enough(
    imported: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    path = questions(tmp_path / "q.csv", "enterprise,day\n" + "A0001,2024-09-18\n" * 100)
    with subprocess.Popen(
        [PROGRAM, "trace", "--each", path, "--json"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["hazards"]["prior"] == 2
        process.stdout.close()
        said = process.stderr.read().decode()
    assert process.returncode == 1
    assert said == ""


def test_on_a_machine_where_nothing_was_set_up(file: Path, accidents: Path) -> None:
    """With the embedded PostgreSQL, in a home that is not there yet."""
    with TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as folder:
        bare = {"PATH": "", "DAOCHA_HOME": f"{folder}/home", "PYTHONIOENCODING": "utf-8"}

        def run(*arguments: object) -> str:
            command = [str(PROGRAM), *map(str, arguments)]
            return subprocess.run(
                command, env=bare, check=True, capture_output=True
            ).stdout.decode()

        run("import", "ledger", file, "--accidents", accidents)
        answer = json.loads(run("trace", "--enterprise", "A0001", "--at", "2024-09-18", "--json"))
        assert answer["hazards"]["open"] == ["YH-2"]
        assert "体检" in run("doctor")


# tokens


def test_a_token_is_shown_once_and_revoked(imported: Run) -> None:
    person = UUID("01900000-0000-7000-8000-0000000000aa")
    name = PersonRegistered(name=Sealed.close("张三", person, bytes(16)))
    now = datetime.now(UTC)
    with home.opened(Settings()) as ledger:
        act = Act(person, name, now)
        record(ledger, [act], command=person, by=Actor(authentication="cli"), received=now)
    told = imported("token", "issue", person, "--label", "接口")
    assert told.out.startswith("daocha_")
    imported("token", "issue", UUID(int=5)).refuses("不在案")
    assert imported("token", "revoke", told.out.strip()).code == 0
    imported("token", "revoke", "daocha_nothing").refuses()
