from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from api.backup.noted import note
from api.pages.render import Switches
from api.pages.render_system import system_page
from api.pages.words import WORDS
from api.system_told import DocketTold, ModelTold, SystemTold, _judged, tell_system
from domain.errors import Unavailable
from projections.counts import Counts
from projections.models import read_models

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.ledger import RawEntry
    from tests.support.web import Web

NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
GOOD = SystemTold(
    origin="test.example/ledger",
    jurisdiction="某县",
    position=1_000,
    recorded=NOW,
    models=(ModelTold("hazard", 1_000, 0, None, None, None),),
    unjudged=(),
    published=1_000,
    problem=None,
    audit={"at": NOW.isoformat(), "position": 900, "holds": True},
    backup={"finished": NOW.isoformat(), "parent": None, "position": 990},
    rehearsal={"at": NOW.isoformat(), "whole": True, "position": 990, "seconds": 4.2},
    inside=1,
    turned_away=0,
    free=10**12,
    wrong=(),
)


def shown(told: SystemTold) -> str:
    return system_page(_judged(told, NOW, simulated=False), "zh", Switches())


def test_all_is_well() -> None:
    page = shown(GOOD)
    assert "一切正常" in page
    assert "核验至第900条，全部相符" in page
    assert "完整，含至第990条" in page
    assert "恢复至第990条，用时4.2秒" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"models": (ModelTold("hazard", 5, 995, 6, "KeyError", None),)}, "停在第6条"),
        ({"models": (ModelTold("other", 5, 20_000, None, None, 40),)}, "正在旁边重建，已40%"),
        ({"unjudged": (DocketTold(UUID(int=7), "某厂", 9, "KeyError: x"),)}, "KeyError: x"),
        ({"problem": Unavailable("见证方不足", "too few")}, "见证方不足"),
        ({"audit": {"at": NOW.isoformat(), "position": 7, "holds": False}}, "第7条不符"),
        ({"backup": None}, "本机尚未备份过"),
        (
            {"backup": {"finished": "2026-11-20T00:00:00+00:00", "parent": "x", "position": 9}},
            "增量",
        ),
        ({"rehearsal": None}, "尚未演练过"),
        ({"rehearsal": {"at": NOW.isoformat(), "whole": False}}, "演练未通过"),
        ({"free": 10**6}, "清出空间"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(change: dict[str, object], words: str) -> None:
    page = shown(replace(GOOD, **change))  # type: ignore[arg-type] # a field's own type
    assert words in page
    assert "有1项要处理" in page


def test_every_read_model_is_told_by_a_name_of_its_own() -> None:
    assert [each.name for each in read_models("x") if f"model.{each.name}" not in WORDS] == []


def test_a_demonstration_needs_no_backup() -> None:
    told = replace(GOOD, backup=None, rehearsal=None, audit=None)
    assert _judged(told, NOW, simulated=True).wrong == ()
    assert set(_judged(told, NOW + timedelta(days=9), simulated=False).wrong) == {
        "backup",
        "rehearsal",
    }


def test_what_is_noted_illegibly_is_as_good_as_not_noted(tmp_path: Path) -> None:
    (tmp_path / "backups.json").write_text("[1")
    note(tmp_path, "x", "backup", {"finished": "soon"})
    told = replace(GOOD, backup={"finished": "soon", "parent": None, "position": 1})
    assert "backup" in _judged(told, NOW, simulated=False).wrong


def test_a_poisoned_fact_is_told_and_the_others_go_on(
    own_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Counts, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        if any(entry.topic == "organisation.registered" for entry in entries):
            message = "a fact that nobody can count"
            raise RuntimeError(message)

    monkeypatch.setattr(Counts, "apply", refuse)
    body = {"kind": "government", "code": "P1", "name": "某县政府"}
    position = own_web.post("/organisations", body).json()["position"]
    own_web.here.runner.wait_for(position, 60, ["organisation"])
    with pytest.raises(Unavailable):
        own_web.here.runner.wait_for(position, 60, ["counts"])
    answer = own_web.client.get("/system")
    assert answer.status_code == 200
    assert f"停在第{position}条" in answer.text
    assert "daocha rebuild" in answer.text
    told = tell_system(own_web.here, own_web.app.state.crowd)
    assert [each.name for each in told.models if each.stopped_at] == ["counts"]
    assert own_web.get("/organisations").json()["organisations"][0]["code"] == "P1"
