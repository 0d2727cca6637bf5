"""录入: when and by whom what follows is entered; corrections; rule settings."""

from __future__ import annotations

from datetime import date, datetime

from pytest_bdd import step

from domain.calendar import CALENDAR, DayDecided
from domain.correction import FactCorrected, Replacement
from domain.fact import Actor, EnterpriseFact, Fact
from domain.policy.settings import SETTINGS
from domain.setting import SETTINGS as SETTINGS_RECORD
from domain.setting import SettingChanged
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support.book import ident, text

KEYS = {setting.zh: key for key, setting in SETTINGS.items()}


@step(phrase("以下事项于{when:moment}才录入"))
def _(world: World, when: datetime) -> None:
    assert isinstance(when, datetime), "录入须有时刻"
    world.entering = when


@step("以下事项随办随录")
def _(world: World) -> None:
    world.entering = None


@step(phrase("以下事项由“{org:name}”{post:title}“{person:name}”录入"))
def _(world: World, org: str, post: str, person: str) -> None:
    world.by = Actor(authentication="cli", person=world.person(person), post=world.post(org, post))


@step(phrase("自{since:day}起，“{setting:name}”定为{value:value}"))
def _(world: World, since: date, setting: str, value: str) -> None:
    fact = SettingChanged(key=KEYS[setting], value=value, since=since, source="沂应急发〔2024〕3号")
    world.record(SETTINGS_RECORD, fact, since)


@step(phrase("自{since:day}起，“{setting:name}”定为每年{month:d}月{day:d}日"))
def _(world: World, since: date, setting: str, month: int, day: int) -> None:
    value = f"{month:02d}-{day:02d}"
    fact = SettingChanged(key=KEYS[setting], value=value, since=since, source="沂应急发〔2024〕3号")
    world.record(SETTINGS_RECORD, fact, since)


@step(phrase("自{since:day}起，“{setting:name}”停用"))
def _(world: World, since: date, setting: str) -> None:
    fact = SettingChanged(key=KEYS[setting], value=None, since=since, source="沂应急发〔2024〕3号")
    world.record(SETTINGS_RECORD, fact, since)


@step(phrase("{when:day}决定{day:day}{works:works}", works=one_of({"放假": False, "上班": True})))
def _(world: World, when: date, day: date, works: bool) -> None:  # noqa: FBT001 - as written
    world.record(CALENDAR, DayDecided(day=day, works=works, source="沂政办发〔2024〕5号"), when)


@step(phrase("{when:moment}更正上一条记录，发生时间应为{happened:moment}"))
def _(world: World, when: date | datetime, happened: date | datetime) -> None:
    correct_last(world, when, happened)


@step(phrase("{when:moment}更正上一条记录的错字"))
def _(world: World, when: date | datetime) -> None:
    """Only words are put right: what is decided stays the same."""
    correct_last(world, when, world.book.entries[-1].happened)


@step(phrase("{when:moment}撤回上一条记录"))
def _(world: World, when: date | datetime) -> None:
    correct_last(world, when, None)


def correct_last(
    world: World,
    when: date | datetime,
    happened: date | datetime | None,
    right: Fact | None = None,
) -> None:
    """Correct the last fact: give it another moment or content, or take it back."""
    wrong = world.book.entries[-1]
    about = (wrong.fact.enterprise,) if isinstance(wrong.fact, EnterpriseFact) else ()
    fact = FactCorrected(
        positions=(wrong.position,),
        about=about,
        reason=text("记录有误"),
        replacement=Replacement(happened=happened, fact=right or wrong.fact) if happened else None,
    )
    world.record(ident(f"correction {wrong.position}"), fact, when)
