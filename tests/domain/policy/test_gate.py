from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from domain.errors import GateClosed
from domain.fact import Actor, Draft
from domain.hazard import HazardRectified
from domain.policy.duty import Docket
from domain.policy.gate import Gate, Shut, pass_gates
from domain.policy.settings import SETTINGS
from domain.setting import SETTINGS as SETTINGS_RECORD
from domain.setting import SettingChanged
from tests.support.plant import HAZARD, PLANT, county

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2024, 3, 5)
NOW = datetime(2024, 3, 5, 4, tzinfo=UTC)
DRAFT = Draft(HAZARD, 1, HazardRectified(enterprise=PLANT), Actor(authentication="cli"), DAY, NOW)
SHUT = Shut("未满足", "not met", "先办", "do that first")


def gate(clause: str, *topics: str, shut: Shut | None = SHUT, setting: str | None = None) -> Gate:
    check: Callable[[Docket, Draft], Shut | None] = lambda *_: shut  # noqa: E731
    return Gate(clause, topics, check, setting)


def docket(setting: SettingChanged | None = None) -> Docket:
    book = county()
    if setting:
        book.act(SETTINGS_RECORD, setting, setting.since)
    return Docket(PLANT, book.entries, NOW)


def test_a_closed_gate_cites_its_clause_and_says_what_to_do() -> None:
    with pytest.raises(GateClosed) as closed:
        pass_gates([gate("3.1b", "hazard.rectified")], docket(), DRAFT)
    error = closed.value
    assert (error.clause, error.zh, error.en) == ("3.1b", "未满足", "not met")
    assert (error.todo_zh, error.todo_en) == ("先办", "do that first")


def test_the_first_closed_gate_answers() -> None:
    gates = [
        gate("1.2c", "inspection.file_closed"),
        gate("3.1b", "hazard.rectified", shut=None),
        gate("3.1c", "hazard.closed", "hazard.rectified"),
        gate("3.2e", "hazard.rectified"),
    ]
    with pytest.raises(GateClosed) as closed:
        pass_gates(gates, docket(), DRAFT)
    assert closed.value.clause == "3.1c"


def test_gates_of_other_facts_are_not_asked() -> None:
    pass_gates([gate("1.2c", "inspection.file_closed")], docket(), DRAFT)


def test_an_inferred_gate_can_be_switched_off() -> None:
    key = "3.3f.two_bodies"
    assert SETTINGS[key].inferred
    guarded = [gate("3.3f", "hazard.rectified", setting=key)]
    with pytest.raises(GateClosed):
        pass_gates(guarded, docket(), DRAFT)
    off = SettingChanged(key=key, value=None, since=date(2024, 2, 1), source="通知")
    pass_gates(guarded, docket(off), DRAFT)
