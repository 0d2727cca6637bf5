"""The rule settings as they are told: to programs, in the terminal and on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from domain.moment import Day, Instant, Moment
from domain.policy.clauses import CLAUSES
from domain.policy.settings import SETTINGS, Settings
from domain.setting import SETTINGS as RECORD

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.ledger import Ledger
    from domain.policy.settings import Applied


class SettingAnswer(BaseModel):
    """A setting as it stood at a moment: its value, since when, and from what source."""

    key: str = Field(examples=["3.2b.report"])
    clause: str
    section: str = Field(examples=["三（二）"])
    title: str
    value: str | None = Field(description="空为关闭 · null: switched off", examples=["24 hours"])
    default: str | None
    since: Day | None = Field(description="空为默认值 · null: by default")
    source: str
    inferred: bool = Field(description="超出条文字面、可关闭的 · beyond the words of the text")
    changed_by: int | None = Field(
        default=None, description="由第几条事实变更 · the position of the fact that changed it"
    )
    recorded: Instant | None = Field(
        default=None, description="该变更何时录入 · when that was recorded"
    )


class SettingsAnswer(BaseModel):
    """The settings by which duties that open at a moment are judged."""

    as_at: Moment
    known_at: Instant | None
    jurisdiction: str
    version: int
    settings: list[SettingAnswer]


def tell_settings(
    ledger: Ledger, as_at: date | datetime, known_at: datetime | None = None
) -> SettingsAnswer:
    """Return every setting as it stood at a moment, in the policy's order.

    Args:
        ledger: the ledger of one jurisdiction, whose settings they are.
        as_at: the moment.
        known_at: leave out changes recorded later.
    """
    upto = ledger.position_at(known_at) if known_at else None
    record = ledger.record(RECORD, upto=upto)
    in_force = Settings(record)
    return SettingsAnswer(
        as_at=as_at,
        known_at=known_at,
        jurisdiction=getattr(ledger.genesis().fact, "jurisdiction", ""),
        version=len(record),
        settings=[tell_setting(in_force.at(key, as_at)) for key in SETTINGS],
    )


def tell_setting(applied: Applied) -> SettingAnswer:
    """Return one setting with the fact that changed it, if any did."""
    setting, entry = applied.setting, applied.entry
    return SettingAnswer(
        key=setting.key,
        clause=setting.clause,
        section=CLAUSES[setting.clause].section,
        title=setting.zh,
        value=applied.value,
        default=setting.value,
        since=applied.since,
        source=applied.source,
        inferred=setting.inferred,
        changed_by=entry.position if entry else None,
        recorded=entry.recorded if entry else None,
    )
