"""Reminders 提醒: one's own calendar feed and mailbox, and the feed behind its address."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from uuid_utils.compat import uuid7

from api.access import TheCaller
from api.pages.render_reminders import Feed, RemindersTold, reminders_page
from api.reminders.calendar import calendar_of
from api.reminders.settings import read_settings
from api.reminders.worker import mailboxes
from api.routes.shown import Shown, view_of
from api.routes.strict import FormRoute, StrictRoute
from api.serving import TheServing
from api.sessions import own_origin
from domain.errors import Forbidden, Invalid, NotFound
from domain.fact import Actor, Sealed
from domain.ledger import Query
from domain.record import facts_of
from domain.recording import Act, record
from domain.reminder import (
    FeedClosed,
    FeedOpened,
    MailboxChosen,
    MailboxLeft,
    feed_id,
    reader_of,
)
from projections.outbox import list_outbox

if TYPE_CHECKING:
    from api.caller import Caller
    from api.serving import Serving
    from domain.errors import DaochaError
    from domain.fact import Fact

SEE_OTHER = 303
PREFIX = "cal_"
"""Begins every secret, so that one that was left lying about is recognised."""
_SECRET_BYTES, _SALT_BYTES = 32, 16
_LISTED = 50
_Words = Annotated[str, Form(max_length=254)]
_Command = Annotated[UUID | None, Form()]

feeds = APIRouter(include_in_schema=False)
reminder_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
reminder_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)


@feeds.get("/calendar/{secret}.ics")
def feed(here: TheServing, secret: Annotated[str, Path(max_length=100)]) -> Response:
    """Return the deadlines of whoever opened this feed; the address is all that is asked."""
    person = None
    if secret.startswith(PREFIX) and secret.isascii():
        person = reader_of(here.ledger.record(feed_id(secret), open_sealed=False))
    if person is None:
        raise NotFound(
            "没有这个日历，或已停用",
            "there is no such calendar, or it was closed",
            todo_zh="登录后在“提醒”中重新开通",
            todo_en="sign in and open one under reminders",
        )
    before = read_settings(here.settings.home).before
    return Response(
        calendar_of(here, person, before),
        media_type="text/calendar; charset=utf-8",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": 'inline; filename="daocha.ics"',
        },
    )


@reminder_pages.get("/reminders")
def reminders(request: Request, here: TheServing, caller: TheCaller, _: Shown) -> HTMLResponse:
    """Return the page of one's own reminders; to the machine's owner, what is in the outbox."""
    return HTMLResponse(_page(request, here, caller))


def _page(
    request: Request,
    here: Serving,
    caller: Caller,
    address: str = "",
    problem: DaochaError | None = None,
    typed: str | None = None,
) -> str:
    settings = read_settings(here.settings.home)
    own = _feeds(here, caller.person) if caller.person else []
    mailbox = mailboxes(here, caller.person).get(caller.person) if caller.person else None
    outbox = [] if caller.person else list_outbox(here.views, limit=_LISTED)
    told = RemindersTold(
        person=caller.person,
        address=address,
        feeds=own,
        mailbox=mailbox,
        typed=mailbox or "" if typed is None else typed,
        mail_server=settings.mail is not None,
        before=settings.before,
        escalation=[(each.after, each.to) for each in settings.escalation],
        webhooks=[each.name for each in settings.webhook],
        outbox=outbox,
        problem=problem,
    )
    return reminders_page(told, *view_of(request))


def _feeds(here: Serving, person: UUID) -> list[Feed]:
    """Return the feeds that somebody has open, the latest first."""
    query = Query((f"person:{person}",), ("feed.opened", "feed.closed"))
    entries = here.ledger.read(query, open_sealed=False)
    closed = {entry.record for entry, _ in facts_of(entries, FeedClosed)}
    opened = [entry for entry, _ in facts_of(entries, FeedOpened) if entry.record not in closed]
    return [Feed(entry.record, entry.recorded) for entry in reversed(opened)]


@reminder_forms.post("/reminders/feed", response_model=None)
def open_feed(
    request: Request,
    here: TheServing,
    caller: TheCaller,
    _: Shown,
    csrf: _Words = "",
    command: _Command = None,
) -> Response:
    """Open a calendar feed; its address is shown this once."""
    del csrf  # asked by TheCaller
    person = _person(caller)
    secret = PREFIX + urlsafe_b64encode(here.random(_SECRET_BYTES)).rstrip(b"=").decode()
    _write(here, caller, command, feed_id(secret), FeedOpened(person=person))
    address = f"{own_origin(request)}/calendar/{secret}.ics"
    shown = HTMLResponse(_page(request, here, caller, address))
    shown.headers["Cache-Control"] = "no-store"
    return shown


@reminder_forms.post("/reminders/feed/close", response_model=None)
def close_feed(
    here: TheServing,
    caller: TheCaller,
    _: Shown,
    feed: Annotated[str, Form(max_length=40)],
    csrf: _Words = "",
    command: _Command = None,
) -> Response:
    """Close one of one's own feeds."""
    del csrf
    person = _person(caller)
    for each in _feeds(here, person):
        if str(each.record) == feed:
            _write(here, caller, command, each.record, FeedClosed(person=person))
    return RedirectResponse("/reminders", SEE_OTHER)


@reminder_forms.post("/reminders/mailbox", response_model=None)
def choose_mailbox(
    request: Request,
    here: TheServing,
    caller: TheCaller,
    _: Shown,
    address: _Words = "",
    csrf: _Words = "",
    command: _Command = None,
) -> Response:
    """Have reminders sent to an address, or to none."""
    del csrf
    person = _person(caller)
    text = address.strip()
    if text and not _is_address(text):
        problem = Invalid(
            "这不是一个邮箱地址",
            "this is no e-mail address",
            todo_zh="写成 name@example.gov.cn 的样子",
            todo_en="write it as name@example.gov.cn",
            where="address",
        )
        return HTMLResponse(_page(request, here, caller, "", problem, text), 422)
    known = mailboxes(here, person).get(person)
    if text and text != known:
        sealed = Sealed.close(text, person, here.random(_SALT_BYTES))
        _write(here, caller, command, uuid7(), MailboxChosen(person=person, address=sealed))
    elif not text and known:
        query = Query((f"person:{person}",), ("mailbox.chosen",))
        chosen = list(here.ledger.read(query, open_sealed=False))[-1]
        _write(here, caller, command, chosen.record, MailboxLeft(person=person))
    return RedirectResponse("/reminders", SEE_OTHER)


def _is_address(text: str) -> bool:
    name, at, host = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;<>"()[]\\')
    return bool(name and at and "." in host.strip(".")) and plain


def _person(caller: Caller) -> UUID:
    if caller.person is None:
        raise Forbidden(
            "本机所有者没有个人义务，也就没有提醒",
            "this machine's owner owes nothing in person and is reminded of nothing",
            todo_zh="以本人的身份登录",
            todo_en="sign in as yourself",
        )
    return caller.person


def _write(here: Serving, caller: Caller, command: UUID | None, place: UUID, fact: Fact) -> None:
    """Record something under the id that the form was made out with: sent again, it is the same."""
    now = here.now()
    by = Actor(authentication=caller.authentication, person=caller.person)
    record(here.ledger, [Act(place, fact, now)], command=command or uuid7(), by=by, received=now)
