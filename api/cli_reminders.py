"""``daocha reminders``: send what is due, see what became of it, try again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.table import Table

from api import home
from api.judging import Court, judge_all
from api.reminders.settings import read_settings
from api.reminders.worker import fill
from api.reminders.worker import send as deliver
from api.serving import Reader, clock_of
from api.telling import when
from api.terminal import AsJson, now, out, print_json
from domain.errors import NotFound
from projections.models import read_models
from projections.outbox import Outbox, State, list_outbox
from projections.owed import DutyBook
from projections.runner import Runner
from projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.settings import Settings

reminders = typer.Typer(
    help="提醒：邮件和 webhook 的发送与送达 · reminders by mail and webhook", no_args_is_help=True
)
_LISTED = 100


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Reader, Outbox]]:
    """Yield the record, with what is owed brought up to now, and the outbox."""
    with home.opened(settings) as ledger:
        runner = Runner(ledger.conninfo, read_models(ledger.schema), schema=ledger.schema)
        try:
            runner.catch_up()
        finally:
            runner.stop()
        here = Reader(
            settings, ledger, Views(ledger.conninfo, ledger.schema), clock_of(ledger, now)
        )
        book, outbox = DutyBook(ledger), Outbox(ledger)
        try:
            outbox.prepare()
            judge_all(Court(ledger, here.views, book), here.now())
            yield here, outbox
        finally:
            outbox.close()
            book.close()
            here.views.close()


@reminders.command("send")
def send_reminders(context: typer.Context, as_json: AsJson = False) -> None:
    """现在就发出到时的提醒。服务器运行时每分钟自动进行。"""
    settings = read_settings(context.obj.home)
    with _opened(context.obj) as (here, outbox), outbox.alone():
        outbox.recover(here.now())
        made = fill(here, outbox, settings, mail_too=True)
        taken = deliver(here, outbox, settings)
    if as_json:
        print_json({"made": made, "taken": taken})
    else:
        out.print(f"新产生 {made} 件，送达 {taken} 件。")


@reminders.command("outbox")
def show_outbox(
    context: typer.Context,
    state: Annotated[State | None, typer.Option(help="只看这种状态 · only these")] = None,
    as_json: AsJson = False,
) -> None:
    """发件情况：待发、送达、是否送达不明、已放弃。"""
    with home.opened(context.obj) as ledger:
        outbox = Outbox(ledger)
        views = Views(ledger.conninfo, ledger.schema, size=1)
        try:
            outbox.prepare()
            rows = list_outbox(views, limit=_LISTED, state=state.value if state else None)
        finally:
            views.close()
            outbox.close()
    told = [
        {
            "id": str(row["id"]),
            "channel": row["channel"],
            "recipient": row["recipient"],
            "made": row["made"].isoformat(),
            "state": row["state"],
            "attempts": row["attempts"],
            "failure": row["failure"],
        }
        for row in rows
    ]
    if as_json:
        print_json(told)
        return
    table = Table(title="发件情况", title_justify="left")
    for heading in ("编号", "途径", "发给", "产生", "状态", "次数", "原因"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        made = when(row["made"])
        cells = (row["channel"], row["recipient"], made, row["state"], str(row["attempts"]))
        table.add_row(str(row["id"]), *cells, row["failure"] or "")
    out.print(table)


@reminders.command("again")
def send_again(context: typer.Context, ident: UUID) -> None:
    """把已放弃或不明是否送达的一件重新列入待发。"""
    with home.opened(context.obj) as ledger:
        outbox = Outbox(ledger)
        try:
            outbox.prepare()
            found = outbox.again(ident, clock_of(ledger, now)())
        finally:
            outbox.close()
    if not found:
        raise NotFound(
            f"没有已放弃或不明的 {ident}",
            f"nothing that was given up or is uncertain has the id {ident}",
            todo_zh="先看 daocha reminders outbox",
            todo_en="see daocha reminders outbox",
        )
    out.print("已列入待发。")
