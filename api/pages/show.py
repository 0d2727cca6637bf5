"""How single values look to people: moments, clauses, names, money.

Moments are shown in Asia/Shanghai: a day as a day, an instant to the minute.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from domain.moment import SHANGHAI, local_day
from domain.policy.clauses import CLAUSES
from domain.policy.settings import parse_period

if TYPE_CHECKING:
    from api.pages.words import Speech
    from domain.answer import Bearer, Holder, SettingApplied

NUMERALS = "〇一二三四五六七八九"
_CLAUSE = re.compile(r"([1-9])\.([1-9])([a-z]?)")
_BOTH = re.compile(r"(.*[^ -~].*?) \(([ -~]+)\)")
_PERIOD_SETTING = re.compile(r"\d+ (hours|days|working_days|months)")
_YEARLY_SETTING = re.compile(r"\d{2}-\d{2}")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def moment(value: date | datetime | None) -> str:
    """Return ``2024-06-12`` for a day, ``2024-06-12 09:30`` for an instant, a dash for none."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return value.isoformat()


def deadline(value: datetime | None) -> str:
    """Return a deadline; one that ends with a day is written 24:00 of that day."""
    if value is None:
        return "—"
    if _ends_a_day(value):
        return f"{_last_day(value)} 24:00"
    return moment(value)


def short(value: date | datetime, year: int) -> str:
    """Return the day of a moment as ``06-12``, with its year where that is not ``year``."""
    day = local_day(value)
    return f"{day:%m-%d}" if day.year == year else day.isoformat()


def short_deadline(value: datetime, year: int) -> str:
    """Return the day with which, or on which, a deadline ends, as :func:`short` does."""
    return short(_last_day(value), year)


def month_name(month: int) -> str:
    """Return a month's English name in three letters."""
    return _MONTHS[month - 1]


def _ends_a_day(value: datetime) -> bool:
    return value.astimezone(SHANGHAI).time() == time.min


def _last_day(value: datetime) -> date:
    day = local_day(value)
    return day - timedelta(days=1) if _ends_a_day(value) else day


def clause(number: str) -> str:
    """Return the place of a clause as the paper numbers it: 三（二） for ``3.2c``."""
    found = _CLAUSE.fullmatch(number)
    if not found:
        return number
    return f"{NUMERALS[int(found[1])]}（{NUMERALS[int(found[2])]}）"


def clause_words(number: str) -> str:
    """Return a clause's number and operative words, for a tooltip."""
    known = CLAUSES.get(number)
    return f"{number} {known.text}" if known else number


def person(name: str | None, identity: UUID | None, say: Speech) -> str:
    """Return a person's name, the mark of an erased one, or a dash where nobody is named."""
    if name:
        return name
    return say("erased") if identity else say("none")


def holder(who: Holder, say: Speech) -> str:
    """Return a holder's name, with the mark of acting."""
    name = person(who.name, who.person, say)
    return say("acting_short", name=name) if who.acting else name


def bearer_people(bearer: Bearer, say: Speech) -> str:
    """Return everybody who held the bearing post, or who answers for its vacancy."""
    if bearer.holders:
        return "、".join(dict.fromkeys(holder(each, say) for each in bearer.holders))
    if not bearer.vacant:
        return say("holder_unknown")
    return say("vacant_answers", who=bearer.answers) if bearer.answers else say("vacant_alone")


def tenure(who: Holder, say: Speech) -> str:
    """Return from when to when a person held a post."""
    since = local_day(who.since)
    if who.until is None:
        return say("tenure", since=since)
    return say("tenure_until", since=since, until=local_day(who.until))


def tenure_months(who: Holder, say: Speech) -> str:
    """Return from which month to which a person held a post, for where there is little room."""
    since = f"{local_day(who.since):%Y-%m}"
    if who.until is None:
        return say("tenure", since=since)
    return say("tenure_until", since=since, until=f"{local_day(who.until):%Y-%m}")


def money(fen: int, say: Speech) -> str:
    """Return an amount given in fen 分: in 万元 in Chinese, in CNY in English."""
    yuan = Decimal(fen) / 100
    return say.pick(f"{_plain(yuan / 10_000)}万元", f"CNY {_plain(yuan)}")


def _plain(amount: Decimal) -> str:
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def setting(applied: SettingApplied, say: Speech) -> str:
    """Return the setting by which a duty was judged, named as a setting and never as the text."""
    value = value_of_setting(applied.value, say)
    key = "said.setting" if applied.since is None else "said.setting_since"
    words = say(key, value=value, source=source(applied.source, say), since=applied.since)
    return f"{words}{say.pick('，', ', ')}{say('said.inferred')}" if applied.inferred else words


def value_of_setting(value: str | None, say: Speech) -> str:
    """Return a setting's value in words: 24小时, 1月31日, 3; 停用 for None."""
    if not value:
        return say("setting.off")
    if _PERIOD_SETTING.fullmatch(value):
        period = parse_period(value)
        return say(f"period.{period.unit}", n=period.amount)
    if _YEARLY_SETTING.fullmatch(value):
        return say("setting.yearly", month=int(value[:2]), day=int(value[3:]))
    return value


def source(text: str, say: Speech) -> str:
    """Return a setting's source; of one in both languages, ``中文 (English)``, this language's."""
    both = _BOTH.fullmatch(text)
    return say.pick(both[1], both[2]) if both else text


def form_value(value: datetime | None) -> str:
    """Return an instant as a ``datetime-local`` field holds it: Beijing time, to the minute."""
    return "" if value is None else f"{value.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
