"""``daocha sign-in``: let somebody make their own sign-in, and take it back."""

from __future__ import annotations

import sys
from typing import Annotated
from uuid import UUID

import typer
from uuid_utils.compat import uuid7

from api import home
from api.terminal import BY, AsJson, now, out, print_json
from domain.ledger import Accounts

sign_in = typer.Typer(
    help="登录：登记码、登录凭据 · enrolment codes and credentials", no_args_is_help=True
)
_Person = Annotated[UUID, typer.Argument(help="人员的档案编号 · the person's record id")]


@sign_in.command("enrol")
def enrol(
    context: typer.Context,
    person: _Person,
    hours: Annotated[
        int | None, typer.Option(min=1, max=168, help="有效小时数 · for how many hours it is good")
    ] = None,
) -> None:
    """发给一个人一个登记码，凭码自设一种登录方式。只显示这一次。"""
    from api.sign_in import CODE_HOURS, issue_code

    with home.opened(context.obj) as ledger:
        code = issue_code(
            ledger, person, hours=hours or CODE_HOURS, command=uuid7(), now=now(), by=BY
        )
    sys.stdout.write(code + "\n")


@sign_in.command("list")
def list_credentials(context: typer.Context, person: _Person, as_json: AsJson = False) -> None:
    """列出一个人有效的登录凭据。"""
    from api.sign_in import credentials_of

    with home.opened(context.obj) as ledger:
        known = credentials_of(ledger, person)
    told = [{"credential": str(each), "manner": f.manner.value} for each, f in known.items()]
    if as_json:
        print_json(told)
        return
    for each in told:
        out.print(each["credential"], each["manner"])


@sign_in.command("revoke")
def revoke(
    context: typer.Context,
    credential: Annotated[UUID, typer.Argument(help="登录凭据的编号 · its record id")],
) -> None:
    """吊销一个登录凭据，其本人的会话全部结束。"""
    from api.sign_in import revoke as take_back

    with home.opened(context.obj) as ledger:
        accounts = Accounts(ledger.conninfo, ledger.schema)
        try:
            take_back(ledger, accounts, credential, now=now(), by=BY)
        finally:
            accounts.close()
