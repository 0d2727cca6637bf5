"""Filling in 填报: what somebody sends by a form on a page becomes an act, as over the API.

A form carries the id of its command from the moment it was made out, so that sending it twice, or
going back and sending it again, records nothing twice.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import ValidationError

from api.commands import Asked, perform
from api.complaints import complaints
from api.me import posts_held
from api.operations import operations
from api.problems import BadRequest, invalid
from domain.errors import GateClosed, Unavailable
from domain.moment import parse_moment
from domain.policy.gate import pass_gates
from domain.policy.rules import GATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from api.caller import Caller
    from api.serving import Serving
    from domain.directory import Post
    from domain.fact import Draft
    from domain.ledger import Receipt
    from domain.policy.duty import Docket

COMMAND, POST = "command", "by_post"
_PATIENCE = 3.0
"""Seconds to wait until the lists show what was recorded: the page that follows should."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as somebody sent it: of each field the values, without space around them."""

    fields: Mapping[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> str:
        """Return the last value of a field; an empty text where there is none."""
        return self.fields.get(name, ("",))[-1]

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that is not empty."""
        return tuple(value for value in self.fields.get(name, ()) if value)

    def under(self, prefix: str) -> dict[str, str]:
        """Return the fields ``prefix.…`` by what follows the dot."""
        start = f"{prefix}."
        return {n[len(start) :]: self[n] for n in self.fields if n.startswith(start)}

    @property
    def values(self) -> dict[str, str]:
        """What was typed, for the form to come back filled in."""
        return {name: self[name] for name in self.fields}

    @property
    def command(self) -> UUID:
        """The id of the command, made when the form was made out."""
        return self._id(COMMAND)

    @property
    def post(self) -> UUID | None:
        """The post in which whoever sent it acts."""
        return self._id(POST) if self[POST] else None

    def _id(self, name: str) -> UUID:
        try:
            return UUID(self[name])
        except ValueError:
            raise BadRequest(
                "表单不完整",
                "the form is not complete",
                todo_zh="重新打开页面后再提交",
                todo_en="open the page again and send it from there",
                where=name,
            ) from None


async def _filled(request: Request) -> Filled:
    sent: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            sent.setdefault(name, []).append(value.replace("\r\n", "\n").strip())
    return Filled({name: tuple(values) for name, values in sent.items()})


TheForm = Annotated[Filled, Depends(_filled)]
"""What a form on one of our pages sent."""


def act(
    topic: str,
    data: Mapping[str, Any],
    *,
    record: UUID | None = None,
    happened: str = "",
) -> Asked:
    """Return an act as a form asks for it.

    Args:
        topic: which kind of fact.
        data: its fields as the API takes them; what is empty is left out.
        record: the record that it goes on, where nothing else fixes it.
        happened: a day, or a local time as a ``datetime-local`` field gives it; empty: now.

    Raises:
        Invalid: a field is not of the form it must have; names it.
    """
    operation = operations()[topic]
    given = {name: value for name, value in data.items() if value not in ("", None, ())}
    try:
        sent = operation.data.model_validate(given)
    except ValidationError as error:
        raise invalid(complaints(error.errors(include_input=False))) from error
    address = {} if record is None else {"record": record}
    return Asked(operation, sent, address, read_happened(happened))


def read_happened(text: str) -> date | datetime | None:
    """Return a day, or a moment of Beijing time, as a field of a form gives it; None if empty.

    Raises:
        Invalid: it is neither.
    """
    if not text:
        return None
    zoned = text if "T" not in text or text.endswith("Z") or "+" in text else f"{text}:00+08:00"
    try:
        return parse_moment(zoned)
    except (ValueError, OverflowError):
        raise BadRequest(
            "时间须为日期，或日期加时间",
            "a day is expected, or a day and a time",
            todo_zh="如 2024-05-03 14:30",
            todo_en="such as 2024-05-03 14:30",
            where="happened",
        ) from None


def send(
    here: Serving,
    caller: Caller,
    form: Filled,
    acts: Sequence[Asked],
    *,
    shown_in: Sequence[str] = (),
) -> Receipt:
    """Record what a form asks for, and wait for a moment until the lists show it.

    Args:
        here: the ledger, the clock, and chance.
        caller: who sent it.
        form: what was sent: its command, and the post in which they act.
        acts: what it comes to.
        shown_in: the read models that the next page is made of.

    Raises:
        DaochaError: as :func:`api.commands.perform` does.
    """
    receipt = perform(here, caller, form.command, acts, form.post)
    if shown_in:
        with suppress(Unavailable):  # recorded all the same
            here.runner.wait_for(receipt.positions[-1], _PATIENCE, shown_in)
    return receipt


def posts_to_act_in(here: Serving, caller: Caller, organisations: Sequence[UUID]) -> list[Post]:
    """Return the caller's own posts at some organisations; none for the owner of the machine."""
    if caller.person is None:
        return []
    return [post for post in posts_held(here, caller.person) if post.organisation in organisations]


def shut(docket: Docket, draft: Draft) -> GateClosed | None:
    """Return what would refuse an act, before anybody sends it; None where nothing would."""
    try:
        pass_gates(GATES, docket, draft)
    except GateClosed as closed:
        return closed
    return None
