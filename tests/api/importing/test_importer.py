"""What rows become in the ledger: one fact each, whatever is imported again and in what order."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest

from api.importing import importer as importing
from domain.errors import Invalid
from domain.fact import Actor, Draft, Sealed
from domain.hazard import HazardAssessed, HazardLevel
from domain.imported import (
    AccidentRowImported,
    ImportFinished,
    LedgerRowImported,
    RowSetAside,
    imported_hazard_id,
    imported_incident_id,
)
from domain.ledger import Command, Receipt
from domain.organisation import OrganisationRegistered, OrgKind
from tests.support.imports import (
    accident,
    became,
    bring_in,
    entries,
    hazard,
    now,
    shown,
    unit,
    write_csv,
    write_xlsx,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from domain.errors import DaochaError
    from domain.fact import Entry
    from domain.ledger import Ledger
    from tests.support.ledger import Place

CLI = Actor(authentication="cli")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.csv"


def rows_of(ledger: Ledger) -> list[LedgerRowImported]:
    found = entries(ledger, LedgerRowImported)
    return [each.fact for each in found if isinstance(each.fact, LedgerRowImported)]


def words(cells: Sequence[object]) -> dict[str, str | None]:
    return {cell.column: cell.text.value for cell in cells}  # type: ignore[attr-defined]


def test_a_row_is_one_fact_with_its_fields(ledger: Ledger, file: Path) -> None:
    summary = bring_in(ledger, write_csv(file, [hazard(备注="复查")]))
    assert became(summary) == {"imported": 1}
    (entry,) = entries(ledger, LedgerRowImported)
    assert entry.record == imported_hazard_id("台账", unit("A0001"), "YH-1", 1)
    assert (entry.version, entry.by.authentication) == (1, "import")
    assert entry.happened == date(2024, 5, 3)
    assert set(entry.tags) == {f"hazard:{entry.record}", f"org:{unit('A0001')}"}
    fact = entry.fact
    assert isinstance(fact, LedgerRowImported)
    assert fact.origin.source == "台账"
    assert (fact.origin.file, fact.origin.row) == (summary["sha256"], 2)
    assert fact.enterprise_name == "沂河化工有限公司"
    assert (fact.number, fact.inspected_by, fact.category) == ("YH-1", "县应急局", "电气")
    assert (fact.level, fact.status) == (HazardLevel.GENERAL, "已销号")
    assert (fact.found, fact.deadline) == (date(2024, 5, 3), date(2024, 6, 2))
    assert (fact.closed, fact.warnings) == (date(2024, 5, 20), ())
    assert words(fact.persons) == {"检查人": "王检查", "整改责任人": "李整改"}
    assert words(fact.texts) == {
        "隐患问题描述": "配电箱未接地",
        "整改要求": "接地并复测",
        "备注": "复查",
    }
    subjects = {cell.text.subject for cell in fact.persons}
    assert len(subjects) == 2
    assert unit("A0001") not in subjects
    assert {cell.text.subject for cell in fact.texts} == {unit("A0001")}


def test_a_spreadsheet_says_the_same_as_text(ledger: Ledger, tmp_path: Path) -> None:
    said = [hazard(), hazard("YH-2", 检查时间="2024-05-04 09:30", 整改完成日期="", 销号情况="")]
    kept = [
        hazard(
            检查时间=date(2024, 5, 3), 整改期限=date(2024, 6, 2), 整改完成日期=date(2024, 5, 20)
        ),
        hazard("YH-2", 检查时间="2024-05-04 09:30", 整改完成日期=None, 销号情况=None),
    ]
    bring_in(ledger, write_csv(tmp_path / "a.csv", said))
    head = ledger.head().position
    summary = bring_in(ledger, write_xlsx(tmp_path / "a.xlsx", kept))
    assert became(summary) == {"unchanged": 2}
    assert entries(ledger, LedgerRowImported)[-1].happened == datetime(
        2024, 5, 4, 1, 30, tzinfo=UTC
    )
    (told,) = ledger.range(head, 10)  # another file, so its import is a fact
    assert isinstance(told.fact, ImportFinished)
    assert (told.fact.rows, told.fact.added, told.fact.unchanged) == (2, 0, 2)


def test_one_person_has_one_key_at_each_unit(ledger: Ledger, file: Path) -> None:
    rows = [hazard(), hazard("YH-2"), hazard("YH-3", 单位编码="B0002")]
    bring_in(ledger, write_csv(file, rows))
    first, second, elsewhere = [
        {cell.column: cell.text.subject for cell in fact.persons} for fact in rows_of(ledger)
    ]
    assert first == second
    assert not set(first.values()) & set(elsewhere.values())


def test_no_words_stand_outside_their_boxes(place: Place, ledger: Ledger, file: Path) -> None:
    kept = ["王检查", "李整改", "配电箱未接地", "接地并复测", "特别备注", "昨天下午", "赵某某"]
    rows = [hazard(备注="特别备注"), hazard("YH-2", 检查时间="昨天下午")]
    bring_in(ledger, write_csv(file, rows))
    accidents = write_csv(file.with_name("accidents.csv"), [accident()])
    bring_in(ledger, accidents, "accidents")
    everything = dump(place)
    assert "沂河化工有限公司".encode() in everything  # so the words would be found, too
    assert "县应急局".encode() in everything
    for text in kept:
        for form in (text.encode(), text.encode("utf-16-le"), json.dumps(text)[1:-1].encode()):
            assert form not in everything
    opened = json.dumps([fact for entry in entries(ledger) for fact in opened_words(entry)])
    assert [text for text in kept if json.dumps(text)[1:-1] not in opened] == []


def dump(place: Place) -> bytes:
    """Return the bytes of every table of the ledger, and of its key store."""
    names = place.sql(
        "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name)"
        " FROM information_schema.tables WHERE table_schema LIKE %s AND table_type = 'BASE TABLE'",
        place.schema + "%",
    )
    assert {f"{place.schema}.{table}" for table in ("fact", "sealed", "tag", "command")} <= {
        name for (name,) in names
    }
    parts = [file.read_bytes() for file in place.keys.iterdir()]
    with psycopg.connect(place.url) as connection, connection.cursor() as cursor:
        for (name,) in names:
            with cursor.copy(f"COPY {name} TO STDOUT (FORMAT binary)".encode()) as rows:
                parts += [bytes(row) for row in rows]
    return b"\n".join(parts)


def opened_words(entry: Entry) -> list[str | None]:
    return [sealed.value for _, sealed in entry.fact.sealed()]


def test_the_same_file_again_adds_nothing(ledger: Ledger, file: Path) -> None:
    rows = [hazard(), hazard("YH-2"), hazard("YH-3", 检查时间="2024-02-30")]
    write_csv(file, rows)
    first = bring_in(ledger, file)
    head = ledger.head().position
    again = bring_in(ledger, file)
    assert became(first) == {"imported": 2, "set_aside": 1}
    assert became(again) == {"unchanged": 2, "set_aside": 1}
    assert again["problems"] == first["problems"]
    assert ledger.head().position == head


def test_the_same_rows_in_another_file_add_only_its_import(ledger: Ledger, tmp_path: Path) -> None:
    rows = [hazard(), hazard("YH-2"), hazard("YH-3", 检查时间="2024-02-30")]
    bring_in(ledger, write_csv(tmp_path / "may.csv", rows))
    head = ledger.head().position
    later = [hazard("YH-0"), *reversed(rows)]
    summary = bring_in(ledger, write_csv(tmp_path / "june.csv", later))
    assert became(summary) == {"imported": 1, "unchanged": 2, "set_aside": 1}
    row, told = ledger.range(head, 10)
    assert isinstance(row.fact, LedgerRowImported)
    assert (row.fact.number, row.fact.origin.row) == ("YH-0", 2)
    assert isinstance(told.fact, ImportFinished)


def test_a_changed_row_is_a_new_version(ledger: Ledger, tmp_path: Path) -> None:
    still_open = hazard(整改完成日期="", 销号情况="整改中")
    bring_in(ledger, write_csv(tmp_path / "may.csv", [still_open, hazard("YH-2")]))
    summary = bring_in(ledger, write_csv(tmp_path / "june.csv", [hazard(), hazard("YH-2")]))
    assert became(summary) == {"changed": 1, "unchanged": 1}
    record = ledger.record(imported_hazard_id("台账", unit("A0001"), "YH-1", 1))
    assert [(entry.version, entry.fact.closed) for entry in record] == [  # type: ignore[attr-defined]
        (1, None),
        (2, date(2024, 5, 20)),
    ]
    told = shown(ledger, "A0001", "2024-07-01")
    assert (told.hazards.prior, told.hazards.open) == (2, [])


def test_a_row_may_change_back(ledger: Ledger, tmp_path: Path) -> None:
    a = write_csv(tmp_path / "a.csv", [hazard()])
    b = write_csv(tmp_path / "b.csv", [hazard(整改期限="2024-07-02")])
    outcomes = [became(bring_in(ledger, file)) for file in (a, b, b, a, a, b, a, b, b)]
    assert outcomes == [
        *({"imported": 1}, {"changed": 1}, {"unchanged": 1}),
        *({"changed": 1}, {"unchanged": 1}, {"changed": 1}),
        *({"changed": 1}, {"changed": 1}, {"unchanged": 1}),
    ]
    assert [fact.deadline for fact in rows_of(ledger)] == [
        *(date(2024, 6, 2), date(2024, 7, 2), date(2024, 6, 2)),
        *(date(2024, 7, 2), date(2024, 6, 2), date(2024, 7, 2)),
    ]
    told = [entry.fact for entry in entries(ledger, ImportFinished)]
    assert [fact.added for fact in told if isinstance(fact, ImportFinished)] == [1] * 6


def test_a_row_written_twice_is_one_fact(ledger: Ledger, file: Path) -> None:
    rows = [hazard(), hazard("YH-2"), hazard()]
    summary = bring_in(ledger, write_csv(file, rows))
    assert became(summary) == {"imported": 2, "repeated": 1}
    assert summary["problems"][0]["rows"] == [4]
    assert [fact.number for fact in rows_of(ledger)] == ["YH-1", "YH-2"]


def test_a_number_used_twice_stands_for_two_hazards(ledger: Ledger, file: Path) -> None:
    rows = [hazard(), hazard(隐患问题描述="安全通道堵塞"), hazard(单位编码="B0002")]
    write_csv(file, rows)
    assert became(bring_in(ledger, file)) == {"imported": 3}
    records = [entry.record for entry in entries(ledger, LedgerRowImported)]
    assert len(set(records)) == 3
    assert [fact.warnings for fact in rows_of(ledger)] == [(), ("number_used_again",), ()]
    assert shown(ledger, "A0001", "2024-07-01").hazards.prior == 2
    assert became(bring_in(ledger, file)) == {"unchanged": 3}


def test_rows_without_a_number_are_told_apart_by_what_they_say(ledger: Ledger, file: Path) -> None:
    rows = [hazard(""), hazard("", 隐患问题描述="安全通道堵塞"), hazard("")]
    write_csv(file, rows)
    assert became(bring_in(ledger, file)) == {"imported": 2, "repeated": 1}
    numbers = [fact.number for fact in rows_of(ledger)]
    assert len(set(numbers)) == 2
    assert all(number.startswith("#") for number in numbers)
    assert became(bring_in(ledger, file)) == {"unchanged": 2, "repeated": 1}


def test_rows_set_aside_are_kept_whole(ledger: Ledger, file: Path) -> None:
    rows = [
        hazard("YH-1", 检查时间="2024-02-30"),
        hazard("YH-2", 单位编码="9.13713E+17"),
        hazard("YH-3", 单位编码="", 检查时间=""),
    ]
    summary = bring_in(ledger, write_csv(file, rows))
    assert became(summary) == {"set_aside": 3}
    found = entries(ledger, RowSetAside)
    facts = [entry.fact for entry in found if isinstance(entry.fact, RowSetAside)]
    assert [fact.reasons for fact in facts] == [
        ("impossible_date",),
        ("float_code",),
        ("missing_code", "missing_date"),
    ]
    assert [json.loads(fact.cells.value or "") for fact in facts] == rows
    assert [fact.origin.row for fact in facts] == [2, 3, 4]
    assert [fact.enterprise for fact in facts] == [unit("A0001"), None, None]
    assert f"org:{unit('A0001')}" in found[0].tags
    assert not [tag for entry in found[1:] for tag in entry.tags if tag.startswith("org:")]
    (registered,) = entries(ledger, OrganisationRegistered)
    assert registered.record == unit("A0001")


def test_a_row_set_aside_twice_is_one_fact(ledger: Ledger, tmp_path: Path) -> None:
    odd = hazard(检查时间="2024-02-30")
    first = bring_in(ledger, write_csv(tmp_path / "a.csv", [odd, odd]))
    again = bring_in(ledger, write_csv(tmp_path / "b.csv", [hazard("YH-2"), odd]))
    assert (became(first), became(again)) == ({"set_aside": 2}, {"imported": 1, "set_aside": 1})
    assert len(entries(ledger, RowSetAside)) == 1


def test_a_trace_of_the_unit_tells_of_a_row_set_aside(ledger: Ledger, file: Path) -> None:
    bring_in(ledger, write_csv(file, [hazard(检查时间="2024-02-30")]))
    told = shown(ledger, "A0001", "2024-09-18")
    (afterwards,) = told.entered_afterwards
    assert afterwards.count == 1
    assert [each.topic for each in told.facts] == ["ledger_row.set_aside"]


def test_a_row_too_large_for_a_fact_is_set_aside(ledger: Ledger, file: Path) -> None:
    columns = {f"附加栏目{'甲' * 80}{n}": "x" for n in range(180)}
    summary = bring_in(ledger, write_csv(file, [hazard(), hazard("YH-2") | columns]))
    assert became(summary) == {"imported": 1, "set_aside": 1}
    assert {each["code"]: each["rows"] for each in summary["problems"]} == {"too_much": [3]}
    (entry,) = entries(ledger, RowSetAside)
    assert isinstance(entry.fact, RowSetAside)
    assert json.loads(entry.fact.cells.value or "")["隐患编号"] == "YH-2"
    assert entry.fact.enterprise == unit("A0001")


def test_lines_that_are_no_rows_are_counted(ledger: Ledger, file: Path) -> None:
    total = dict.fromkeys(hazard(), "") | {"隐患编号": "合计"}
    assert became(bring_in(ledger, write_csv(file, [hazard(), total]))) == {
        "imported": 1,
        "not_data": 1,
    }
    (told,) = entries(ledger, ImportFinished)
    assert isinstance(told.fact, ImportFinished)
    assert (told.fact.rows, told.fact.added, told.fact.unchanged) == (2, 1, 1)


def test_an_accident_is_one_fact(ledger: Ledger, file: Path) -> None:
    rows = [accident(), accident("SG-2", 死亡人数="", 事故时间="2024-09-18")]
    write_csv(file, rows)
    assert became(bring_in(ledger, file, "accidents")) == {"imported": 2}
    first, second = entries(ledger, AccidentRowImported)
    assert first.record == imported_incident_id("台账", unit("A0001"), "SG-1")
    fact = first.fact
    assert isinstance(fact, AccidentRowImported)
    assert fact.occurred == first.happened == datetime(2024, 9, 18, 6, 20, tzinfo=UTC)
    assert (fact.category, fact.deaths, fact.serious_injuries) == ("机械伤害", 1, 2)
    assert fact.loss == 120_000_050
    assert words(fact.texts) == {"简要情况": "赵某某清理反应釜时被卷入"}
    assert isinstance(second.fact, AccidentRowImported)
    assert (second.fact.deaths, second.happened) == (None, date(2024, 9, 18))
    head = ledger.head().position
    assert became(bring_in(ledger, file, "accidents")) == {"unchanged": 2}
    assert ledger.head().position == head


def test_a_unit_is_registered_once(ledger: Ledger, tmp_path: Path) -> None:
    bring_in(ledger, write_csv(tmp_path / "a.csv", [hazard(), hazard("YH-2")]))
    renamed = hazard("YH-3", 单位编码="a0001", 单位名称="沂河化工（集团）")
    nameless = hazard("YH-4", 单位编码="B0002", 单位名称="/")
    bring_in(ledger, write_csv(tmp_path / "b.csv", [renamed, nameless]))
    registered = entries(ledger, OrganisationRegistered)
    facts = [each.fact for each in registered if isinstance(each.fact, OrganisationRegistered)]
    assert [(fact.code, fact.name) for fact in facts] == [
        ("A0001", "沂河化工有限公司"),
        ("B0002", "B0002"),
    ]
    assert {fact.kind for fact in facts} == {OrgKind.ENTERPRISE}
    assert [fact.enterprise_name for fact in rows_of(ledger)[2:]] == ["沂河化工（集团）", None]


def register(ledger: Ledger, code: str) -> None:
    fact = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code=code, name="已登记")
    draft = Draft(unit(code), 1, fact, CLI, now(), now())
    ledger.append(Command(uuid4(), (draft,), b"by somebody"))


def test_a_unit_on_record_is_left_alone(ledger: Ledger, file: Path) -> None:
    register(ledger, "A0001")
    bring_in(ledger, write_csv(file, [hazard()]))
    (registered,) = entries(ledger, OrganisationRegistered)
    assert registered.by.authentication == "cli"


def test_a_unit_registered_meanwhile_is_left_alone(
    ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(ledger, "A0001")
    monkeypatch.setattr(type(ledger), "existing", lambda *_: set())  # looked before it was there
    assert became(bring_in(ledger, write_csv(file, [hazard()]))) == {"imported": 1}
    assert len(entries(ledger, OrganisationRegistered)) == 1


def assess(ledger: Ledger, record: UUID, version: int) -> None:
    fact = HazardAssessed(enterprise=unit("A0001"), level=HazardLevel.MAJOR)
    draft = Draft(record, version, fact, CLI, now(), now())
    ledger.append(Command(uuid4(), (draft,), b"assessed"))


def test_what_is_recorded_here_goes_on_in_the_imported_record(
    ledger: Ledger, tmp_path: Path
) -> None:
    a = write_csv(tmp_path / "a.csv", [hazard(整改完成日期="", 销号情况="")])
    b = write_csv(tmp_path / "b.csv", [hazard()])
    record = imported_hazard_id("台账", unit("A0001"), "YH-1", 1)
    bring_in(ledger, a)
    assess(ledger, record, 2)
    assert became(bring_in(ledger, a)) == {"unchanged": 1}
    assert became(bring_in(ledger, b)) == {"changed": 1}
    assess(ledger, record, 4)
    assert became(bring_in(ledger, b)) == {"unchanged": 1}
    assert became(bring_in(ledger, a)) == {"changed": 1}
    assert [entry.topic for entry in ledger.record(record)] == [
        *("ledger_row.imported", "hazard.assessed", "ledger_row.imported"),
        *("hazard.assessed", "ledger_row.imported"),
    ]


def test_a_record_that_moves_on_meanwhile_is_read_again(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts come in between reading a record and writing to it, three times in a row."""
    record = imported_hazard_id("台账", unit("A0001"), "YH-1", 1)
    bring_in(ledger, write_csv(tmp_path / "a.csv", [hazard(), hazard("YH-2")]))
    append_many, versions = type(ledger).append_many, iter([2, 3, 4])

    def slow(ledger: Ledger, commands: list[Command]) -> list[Receipt | DaochaError]:
        if commands and commands[0].drafts[0].record == record and (v := next(versions, 0)):
            assess(ledger, record, v)
        return append_many(ledger, commands)

    monkeypatch.setattr(type(ledger), "append_many", slow)
    rows = [hazard(整改期限="2024-07-01"), hazard("YH-2", 整改期限="2024-07-01")]
    assert became(bring_in(ledger, write_csv(tmp_path / "b.csv", rows))) == {"changed": 2}
    assert [entry.version for entry in ledger.record(record)] == [1, 2, 3, 4, 5]
    assert next(versions, None) is None


def test_two_readings_at_the_same_time_follow_one_another(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another file with another reading of the row comes in between."""
    a, b, c = (
        write_csv(tmp_path / f"{month}.csv", [hazard(整改期限=f"2024-{month}-01")])
        for month in ("06", "07", "08")
    )
    bring_in(ledger, a)
    records_raw = type(ledger).records_raw
    others = iter([b])

    def stale(ledger: Ledger, ids: object) -> object:
        found = records_raw(ledger, ids)  # type: ignore[arg-type]
        for other in others:
            bring_in(ledger, other)
        return found

    monkeypatch.setattr(type(ledger), "records_raw", stale)
    assert became(bring_in(ledger, c)) == {"changed": 1}
    assert [str(fact.deadline) for fact in rows_of(ledger)] == [
        *("2024-06-01", "2024-07-01", "2024-08-01"),
    ]


def test_ledgers_of_two_sources_are_kept_apart(ledger: Ledger, file: Path) -> None:
    write_csv(file, [hazard(), hazard("YH-2", 检查时间="")])
    bring_in(ledger, file, source="应急局")
    assert became(bring_in(ledger, file, source="住建局")) == {"imported": 1, "set_aside": 1}
    assert became(bring_in(ledger, file, source=" 住建局 ")) == {"unchanged": 1, "set_aside": 1}
    assert len({entry.record for entry in entries(ledger, LedgerRowImported, RowSetAside)}) == 4


@pytest.mark.parametrize("source", ["", "  ", "甲" * 101, "a\nb", "a\x00"])
def test_a_source_has_a_name(ledger: Ledger, file: Path, source: str) -> None:
    write_csv(file, [hazard()])
    with pytest.raises(Invalid) as caught:
        bring_in(ledger, file, source=source)
    assert caught.value.todo_zh
    assert ledger.head().position == 1


def test_an_erased_key_leaves_the_record_standing(ledger: Ledger, file: Path) -> None:
    write_csv(file, [hazard(整改完成日期="", 销号情况=""), hazard("YH-2")])
    bring_in(ledger, file)
    before = shown(ledger, "A0001", "2024-09-18")
    person = rows_of(ledger)[0].persons[0].text.subject
    assert ledger.forget(person) == 2
    assert {cell.text.value for fact in rows_of(ledger) for cell in fact.persons} == {
        None,
        "李整改",
    }
    assert ledger.forget(unit("A0001")) == 4
    told = shown(ledger, "A0001", "2024-09-18")
    assert [item.description for item in before.hazards.items] == ["配电箱未接地"] * 2
    assert [item.description for item in told.hazards.items] == [None, None]
    assert (told.hazards.prior, told.hazards.overdue) == (2, ["YH-1"])
    assert became(bring_in(ledger, file)) == {"unchanged": 2}  # what is erased stays erased
    assert shown(ledger, "A0001", "2024-09-18") == told
    assert not ledger.vault._keys.find([person, unit("A0001")])


def test_batches_end_where_they_end(
    ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    rows = [hazard(f"YH-{n}") for n in range(7)]
    rows.insert(2, rows[0])
    done: list[int] = []
    summary = bring_in(ledger, write_csv(file, rows), progress=done.append)
    assert became(summary) == {"imported": 7, "repeated": 1}
    assert sum(done) == summary["rows"] == 8
    assert [fact.number for fact in rows_of(ledger)] == [f"YH-{n}" for n in range(7)]


def test_an_empty_ledger_is_an_import_of_nothing(ledger: Ledger, file: Path) -> None:
    file.write_text(",".join(hazard()) + "\n", "utf-8")
    assert became(bring_in(ledger, file)) == {}
    (told,) = entries(ledger, ImportFinished)
    assert isinstance(told.fact, ImportFinished)
    assert told.fact.rows == 0


def test_a_file_of_any_name_is_imported(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / b"l\xff.csv".decode("utf-8", "surrogateescape")
    assert became(bring_in(ledger, write_csv(file, [hazard()]))) == {"imported": 1}
    (told,) = entries(ledger, ImportFinished)
    assert isinstance(told.fact, ImportFinished)
    assert told.fact.name == "l?.csv"


def test_a_refusal_of_the_ledger_is_not_hidden(
    ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot even be set aside, or a unit that cannot be registered, stops the import."""
    refused = Invalid("不行", "no")
    write_csv(file, [hazard(检查时间="")])
    monkeypatch.setattr(
        type(ledger), "append_many", lambda _, commands: [refused for _ in commands]
    )
    with pytest.raises(Invalid) as caught:
        bring_in(ledger, file)
    assert caught.value is refused
    write_csv(file, [hazard(单位编码="", 检查时间="")])
    with pytest.raises(Invalid) as caught:
        bring_in(ledger, file)
    assert caught.value is refused


def test_sealed_words_are_salted(ledger: Ledger, file: Path) -> None:
    bring_in(ledger, write_csv(file, [hazard(), hazard("YH-2")]))
    first, second = rows_of(ledger)
    assert first.description is not None
    assert second.description is not None
    assert first.description.value == second.description.value
    assert first.description.digest != second.description.digest
    assert isinstance(first.description, Sealed)
