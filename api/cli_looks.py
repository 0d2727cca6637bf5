"""``daocha looks``: who saw what is sensitive, checked against the digests on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from api import home
from api.looks import KINDS, Kind, looks_of
from api.terminal import AsJson, now, out, print_json
from domain.ledger import Waiting

looks = typer.Typer(help="查阅记录 · who saw what is sensitive", no_args_is_help=True)


@looks.command("list")
def list_looks(
    context: typer.Context,
    person: Annotated[
        UUID | None, typer.Option(help="只列查阅此人或由此人查阅的", metavar="PERSON")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="最近多少天")] = 30,
    as_json: AsJson = False,
) -> None:
    """谁、何时、以何岗位、为何查阅；逐批核对台账所记的摘要。"""
    since = max(now() - timedelta(days=days), datetime(2000, 1, 1, tzinfo=UTC))
    with home.opened(context.obj) as ledger:
        waiting = Waiting(ledger.conninfo, ledger.schema)
        try:
            found = list(looks_of(ledger, waiting, person=person, since=since))
        finally:
            waiting.close()
    if as_json:
        print_json(found)
        return
    for each in found:
        who = each["person"] or "本机所有者"
        about = " ".join(each["about"].values())
        what = KINDS[Kind(each["kind"])][0]
        purpose = each["purpose"] or "未写明"
        out.print(f"{each['at']} {who} 查阅{what} {about}（{purpose}）", markup=False)
    out.print(f"共{len(found)}条，与台账所记摘要一致", markup=False)
