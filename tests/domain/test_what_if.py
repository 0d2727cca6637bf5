from __future__ import annotations

from datetime import date
from functools import partial

from domain.answer import BreachLine, DutyLine
from domain.fact import Actor
from domain.policy.settings import Drafted, OfOneDay
from domain.setting import SETTINGS, SettingChanged
from domain.trace import Question
from domain.what_if import WhatIf, what_if
from tests.support.book import Book, day_end, noon
from tests.support.plant import HAZARD, PLANT, found, staffed

AT = date(2024, 3, 20)


def book() -> Book:
    """Return a book in which a suspected major hazard was found and never reported."""
    made = staffed()
    cli = Actor(authentication="cli")
    fact = found(suspected_major=True)
    made.enter(HAZARD, fact, noon("2024-03-18"), recorded=noon("2024-03-20"), by=cli)
    return made


def asked(made: Book, draft: dict[str, str | None]) -> WhatIf:
    return what_if(PLANT, made.entries, Question(AT), partial(Drafted, draft=draft), "草案")


def test_the_same_settings_change_nothing() -> None:
    told = asked(book(), {"3.2b.report": "24 hours"})
    assert (told.changes, told.findings_now) == ([], told.findings_then)
    assert told.settings == "草案"


def changes(told: WhatIf) -> dict[str, str]:
    """Return, by clause, how its finding is changed."""
    return {each.clause: each.change for each in told.changes}


def test_a_longer_period_lets_a_finding_vanish_and_what_followed_from_it() -> None:
    told = asked(book(), {"3.2b.report": "30 days"})
    assert changes(told) == {"3.2b": "vanishes", "3.2i": "vanishes"}
    change = next(each for each in told.changes if each.clause == "3.2b")
    assert isinstance(change.now, DutyLine)
    assert isinstance(change.then, DutyLine)
    assert change.then.due == day_end("2024-04-17")
    assert told.findings_then < told.findings_now


def test_a_shorter_one_changes_by_how_much_it_was_late() -> None:
    told = asked(book(), {"3.2b.report": "1 hours"})
    assert changes(told)["3.2b"] == "changes"
    change = next(each for each in told.changes if each.clause == "3.2b")
    assert change.now is not None
    assert change.then is not None
    assert change.now != change.then


def test_a_breach_appears() -> None:
    told = asked(book(), {"5.1c.enter": "0 days"})
    (change,) = told.changes
    assert (change.clause, change.change, change.now) == ("5.1c", "appears", None)
    assert isinstance(change.then, BreachLine)


def test_a_rule_switched_off_takes_its_findings_away() -> None:
    assert changes(asked(book(), {"1.2a.unassigned": None})) == {"1.2a": "vanishes"}


def test_by_the_settings_of_one_day_whenever_a_duty_opened() -> None:
    made = staffed()
    longer = SettingChanged(key="3.2b.report", value="9 days", since=date(2024, 3, 19), source="文")
    made.enter(HAZARD, found(suspected_major=True), noon("2024-03-18"))
    made.enter(SETTINGS, longer, noon("2024-03-19"))
    by_day = partial(OfOneDay, day=date(2024, 3, 20))
    told = what_if(PLANT, made.entries, Question(AT), by_day, "3月20日")
    assert changes(told)["3.2b"] == "vanishes"
