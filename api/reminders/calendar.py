"""A person's calendar of deadlines (iCalendar, RFC 5545): what they owe, and what is coming up.

A deadline that ends a day is an event of that day, one in hours an event at its instant; each rings
some days before. What is overdue stands on its day and says so. The feed tells clause, duty and
subject; names and free text it does not hold.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from icalendar import Alarm, Calendar, Event

from api.owing import desk_of, own_duties
from api.pages import show
from domain.moment import end, local_day
from projections.owed_asked import Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from api.owing import DutyTold
    from api.serving import Reads

_MOST = 300
"""Events of each kind: nobody reads more, and some programs take no more."""
_HOURS = 4
_TICK = timedelta(microseconds=1)
_PRODUCT = "-//daocha//deadlines//ZH"


def calendar_of(here: Reads, person: UUID, before: Sequence[int]) -> bytes:
    """Return a person's deadlines as an iCalendar file.

    Args:
        here: the record, and the clock.
        person: whose.
        before: how many days before a deadline it rings.
    """
    desk = desk_of(here, person)
    now = here.now()
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "履职期限")
    calendar.add("x-published-ttl", f"PT{_HOURS}H")
    calendar.add("refresh-interval", timedelta(hours=_HOURS), parameters={"VALUE": "DURATION"})
    for part in (Part.OVERDUE, Part.SOON, Part.LATER, Part.COMING):
        for duty in own_duties(here, desk, part, _MOST, named=False):
            if duty.due:
                calendar.add_component(_event(here, duty, duty.due, now, before))
    return bytes(calendar.to_ical())


def _event(
    here: Reads, duty: DutyTold, due: datetime, now: datetime, before: Sequence[int]
) -> Event:
    event = Event()
    key = uuid5(NAMESPACE_URL, f"{here.ledger.origin}/{duty.docket}/{duty.id}")
    event.add("uid", f"{key}@{here.ledger.origin.partition('/')[0]}")
    event.add("dtstamp", now)
    late = "【逾期】" if duty.state == "broken" else ""
    event.add("summary", f"{late}{duty.title.zh}：{duty.subject}".rstrip("："))
    day = local_day(due - _TICK)
    if due == end(day):
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
    else:
        event.add("dtstart", due)
        event.add("dtend", due)
    lines = [
        f"{show.clause(duty.clause)} {show.clause_words(duty.clause)}",
        f"期限 {show.deadline(due)}",
        *([f"应向 {duty.owed_to}"] if duty.owed_to else []),
        *([duty.note.zh] if duty.note else []),
    ]
    event.add("description", "\n".join(lines))
    event.add("transp", "TRANSPARENT")
    if here.settings.public_url:
        event.add("url", here.settings.public_url + (duty.href or "/"))
    for days in before if duty.state == "open" else ():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", duty.title.zh)
        alarm.add("trigger", timedelta(days=-days))
        event.add_component(alarm)
    return event
