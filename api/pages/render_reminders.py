"""The page of reminders 提醒页面."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.pages import show
from api.pages.render import Page, Switches, render
from api.pages.table import Cell, Column, Table, Tag
from api.pages.words import Lang, Speech

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from api.pages.table import Tone
    from domain.errors import DaochaError

_TONES: dict[str, Tone] = {
    "waiting": "amber",
    "sending": "blue",
    "sent": "green",
    "uncertain": "amber",
    "dead": "red",
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar feed that is open, and since when."""

    record: UUID
    opened: datetime


@dataclass(frozen=True, slots=True)
class RemindersTold:
    """What the page of reminders shows.

    Args:
        person: whose; None for the machine's owner.
        address: of the feed that was just opened: it is shown once.
        feeds: those that are open.
        mailbox: where mail goes, and what was ``typed`` last.
        mail_server: whether there is a server that mail can be handed to.
        before: how many days before a deadline somebody is reminded.
        escalation: after how many days overdue who is told besides.
        webhooks: the programs that are told.
        outbox: what was to be sent lately, for the owner.
        problem: what was wrong with what was typed.
    """

    person: UUID | None
    address: str
    feeds: Sequence[Feed]
    mailbox: str | None
    typed: str
    mail_server: bool
    before: Sequence[int]
    escalation: Sequence[tuple[int, str]]
    webhooks: Sequence[str]
    outbox: Sequence[Mapping[str, Any]]
    problem: DaochaError | None


def reminders_page(told: RemindersTold, lang: Lang, switches: Switches) -> str:
    """Return the page of reminders."""
    say = Speech(lang)
    page = Page(lang, switches, {})
    days = say.pick("、", ", ").join(str(each) for each in told.before)
    rules = [
        say("remind.escalated", days=after, to=say(f"remind.to.{to}"))
        for after, to in told.escalation
    ]
    table = _outbox(told.outbox, say)
    return render(
        "duties/reminders.html", page, lang, told=told, days=days, rules=rules, sent=table
    )


def _outbox(rows: Sequence[Mapping[str, Any]], say: Speech) -> Table[Row]:
    return Table(
        (
            Column[Row]("remind.col.made", lambda row: show.moment(row["made"])),
            Column[Row]("remind.col.channel", lambda row: say(f"remind.channel.{row['channel']}")),
            Column[Row]("remind.col.recipient", lambda row: str(row["recipient"])),
            Column[Row](
                "remind.col.state",
                lambda row: Cell(
                    tags=(Tag(say(f"remind.state.{row['state']}"), _TONES[row["state"]]),),
                    note=row["failure"] or "",
                ),
            ),
            Column[Row]("remind.col.attempts", lambda row: str(row["attempts"])),
        ),
        [dict(row) for row in rows],
    )
