"""Settings supposed 设想的设置: another day's, or a draft from a file or a request."""

from __future__ import annotations

import json
import tomllib
from functools import partial
from typing import TYPE_CHECKING

from domain.errors import Invalid
from domain.policy.settings import Drafted, OfOneDay, check_change
from domain.setting import SettingChanged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from pathlib import Path

    from domain.trace import JudgedBy
    from domain.what_if import WhatIf

_LARGEST = 100_000


def of_day(day: date | datetime) -> tuple[JudgedBy, str]:
    """Return what judges everything by the settings of one day, and what that is called."""
    return partial(OfOneDay, day=day), f"{day}的设置 (the settings of {day})"


def of_draft(values: Mapping[str, str | None], today: date) -> tuple[JudgedBy, str]:
    """Return what judges everything by a draft, and what that is called.

    Raises:
        Invalid: it names a setting that does not exist, or gives a value that it cannot have.
    """
    for key, value in values.items():
        try:
            check_change(SettingChanged(key=key, value=value, since=today, source="draft"))
        except Invalid as error:
            error.where = f"settings.{key}"
            raise
    listed = "、".join(f"{key}={value or 'off'}" for key, value in sorted(values.items()))
    return partial(Drafted, draft=dict(values)), f"草案 (a draft): {listed}"


def read_draft(file: Path) -> dict[str, str | None]:
    """Read a draft of settings from TOML or JSON: each key with its value, ``off`` for none.

    Raises:
        Invalid: it cannot be read, or is no such list.
    """
    try:
        text = file.read_bytes()[:_LARGEST].decode()
        read = tomllib.loads if file.suffix == ".toml" else json.loads
        values = read(text)
    except (OSError, ValueError) as error:
        raise _unreadable(file, str(error)) from error
    if not isinstance(values, dict):
        raise _unreadable(file, "not a list of settings")
    draft = {str(key): None if value in ("off", None) else value for key, value in values.items()}
    wrong = [key for key, value in draft.items() if not isinstance(value, str | None)]
    if wrong or not draft:
        raise _unreadable(file, f"no text: {', '.join(wrong) or 'nothing in it'}")
    return draft


def _unreadable(file: Path, why: str) -> Invalid:
    return Invalid(
        f"不能读取设置草案 {file}",
        f"the draft of settings {file} cannot be read: {why}",
        todo_zh='写作 JSON：{"3.2b.report": "12 hours"}，或 TOML："3.2b.report" = "12 hours"',
        todo_en='write JSON: {"3.2b.report": "12 hours"}, or TOML: "3.2b.report" = "12 hours"',
        where="--settings",
    )


def in_words(answer: WhatIf) -> str:
    """Tell in one line what other settings change."""
    count = {
        kind: sum(each.change == kind for each in answer.changes)
        for kind in ("appears", "vanishes", "changes")
    }
    return (
        f"{answer.settings}：问题由{answer.findings_now}项变为{answer.findings_then}项，"
        f"新出现{count['appears']}项，消失{count['vanishes']}项，变化{count['changes']}项"
    )
