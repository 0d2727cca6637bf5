"""``daocha personal``: everything that is kept about a person, for that person."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from api import home
from api.answers import fact_answer
from api.looks import Kind, looks_of, put_line
from api.terminal import print_json
from domain.errors import NotFound
from domain.ledger import Accounts, Ledger, Query, Waiting

personal = typer.Typer(help="个人信息 · personal data", no_args_is_help=True)

_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@personal.command("export")
def export(
    context: typer.Context,
    person: Annotated[UUID, typer.Argument(help="人员档案编号", metavar="PERSON")],
) -> None:
    """以 JSON 写出台账及其旁所存的关于此人的一切；表见 docs/personal-data.md。"""
    with home.opened(context.obj) as ledger:
        print_json(everything_about(ledger, person))


def everything_about(ledger: Ledger, person: UUID) -> dict[str, Any]:
    """Return all that is kept about a person.

    Args:
        ledger: where the facts are; accounts and looks stand beside it.
        person: their record.

    Raises:
        NotFound: there is no such record.
    """
    own = {entry.position: entry for entry in ledger.record(person)}
    if not own:
        raise NotFound(
            f"没有人员档案 {person}",
            f"there is no record of the person {person}",
            todo_zh="核对编号",
            todo_en="check the id",
        )
    own |= {entry.position: entry for entry in ledger.read(Query((f"person:{person}",)))}
    accounts = Accounts(ledger.conninfo, ledger.schema)
    waiting = Waiting(ledger.conninfo, ledger.schema)
    try:
        has_password = accounts.of(person) is not None
        seen = list(
            looks_of(ledger, waiting, person=person, since=datetime(2000, 1, 1, tzinfo=UTC))
        )
        _put_down(waiting, person)
    finally:
        accounts.close()
        waiting.close()
    facts = [fact_answer(own[position]) for position in sorted(own)]
    return {
        "person": str(person),
        "facts": [each.model_dump(mode="json") for each in facts],
        "has_password": has_password,
        "looks": seen,
    }


def _put_down(waiting: Waiting, person: UUID) -> None:
    """Keep that somebody at this machine took it all: an export is a look as well."""
    by: dict[str, Any] = {"by": "cli", "person": None, "posts": [], "request": None}
    by["purpose"] = "export"
    put_line(waiting, Kind.PERSON, {"record": str(person)}, by, datetime.now(UTC), os.urandom(16))
