"""Rule settings as facts 规则设置: dated, with a source and an author."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from domain.fact import Fact
from domain.moment import Day

SETTINGS = uuid5(NAMESPACE_URL, "https://daocha.example/settings")
"""The one record that holds every change of a setting in a ledger."""


class SettingChanged(
    Fact,
    topic="setting.changed",
    noun="settings",
    zh="变更规则设置",
    en="Setting changed",
    of_record=True,
):
    """From ``since`` on, duties that open are judged by ``value``; None switches the rule off."""

    key: str = Field(max_length=60, examples=["3.2b.within"])
    value: str | None = Field(default=None, max_length=60, examples=["24 hours"])
    since: Day
    source: str = Field(min_length=1, max_length=200, examples=["临应急发〔2024〕3号"])
