"""Acting through a form 办理: who may, in which post, and the command that a form becomes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import ValidationError
from uuid_utils.compat import uuid7

from api.commands import Asked, perform
from api.complaints import complaints
from api.me import posts_held
from api.operations import operations
from api.pages.acts import COMMAND, HAPPENED, POST, Read, Tried, moment, read
from api.problems import invalid
from domain.errors import CommandReused, DaochaError, Forbidden, Invalid, Unavailable
from domain.moment import SHANGHAI, parse_moment
from domain.permissions import Standing, may, row_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from api.authority import Authority
    from api.caller import Caller
    from api.pages.acts import ActForm, Given
    from api.serving import Serving
    from domain.directory import Post
    from domain.permissions import Matter

_PATIENCE = 5
"""Seconds to wait until lists show what was recorded."""


class Hands:
    """The posts in which somebody can act on a matter: what their forms offer.

    Args:
        here: the ledger and the clock.
        caller: who looks; the owner of the machine acts through the API, not through forms.
        authority: what they may.
        matter: the organisation that is acted on.
        names: returns what an organisation is called.
    """

    def __init__(self, here: Serving, caller: Caller, authority: Authority, matter: Matter) -> None:
        self._now = here.now()
        self._authority = authority
        self._matter = matter
        held = posts_held(here, caller.person) if caller.person else []
        self.posts: dict[UUID, Post] = {post.id: post for post in held}

    @property
    def organisations(self) -> list[UUID]:
        """The organisations in which they hold a post."""
        return [post.organisation for post in self.posts.values()]

    def may(self, form: ActForm, *, bodies: Sequence[UUID] | None = None) -> list[Post]:
        """Return the posts in which this person may do an act.

        Args:
            form: the act's.
            bodies: only posts of these; None: of any that the form takes.
        """
        topic = operations()[form.topic].topic
        row, who = row_for(topic.name, topic.noun), self._authority.standing
        found = []
        for post in who.posts:
            own = post.organisation == self._matter.organisation
            fits = form.side == "any" or own is (form.side == "enterprise")
            wanted = bodies is None or post.organisation in bodies
            alone = Standing(who.person, (post,))
            if fits and wanted and may(alone, row, self._matter, self._now):
                found.append(self.posts[post.post])
        return found


def now_in_a_form(now: datetime) -> str:
    """Return a moment as a form's field holds it: Beijing time, to the minute."""
    return now.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def fresh_command() -> str:
    """Return the id of a command yet to be sent."""
    return str(uuid7())


def attempt(
    here: Serving,
    caller: Caller,
    form: ActForm,
    given: Given,
    hands: Hands,
    *,
    address: Mapping[str, Any],
    with_it: Callable[[], Sequence[Asked]] = tuple,
    also: Callable[[], Mapping[str, Any]] = dict,
) -> int | Tried:
    """Record what a form asks for; return its position, or the form with what is wrong.

    Args:
        here: the ledger, the clock, chance.
        caller: who sent it.
        form: which.
        given: what it was filled in with.
        hands: the posts of theirs.
        address: the record that it is about, or that it begins.
        with_it: returns what is recorded with it, all or nothing.
        also: returns fields of the fact that the page knows.
    """
    found = read(form, given)
    command = (given.get(COMMAND) or [""])[0]
    try:
        post = _post(given, hands)
        asked = _asked(form, found, given, post, address, also())
        receipt = perform(here, caller, _command(command), [asked, *with_it()], post.id)
    except CommandReused as problem:
        return Tried(form.topic, given, problem, command=fresh_command())
    except ValidationError as error:
        faults = complaints(error.errors(include_input=False))
        told = {found.place(each.where): (each.zh, each.en) for each in faults}
        # Rows that are wrong are not missing, whatever a list of the right ones would say.
        errors = {n: w for n, w in told.items() if not any(o.startswith(f"{n}.") for o in told)}
        return Tried(form.topic, given, invalid(faults), errors, command)
    except DaochaError as problem:
        where = found.place(problem.where.removeprefix("acts.0.data.")) if problem.where else ""
        errors = {where: (problem.zh, problem.en)} if where else {}
        return Tried(form.topic, given, problem, errors, command)
    with suppress(Unavailable):  # recorded all the same; lists show it in a moment
        here.runner.wait_for(receipt.positions[-1], _PATIENCE)
    return receipt.positions[0]


def _post(given: Given, hands: Hands) -> Post:
    """Return the post acted in; ``Forbidden`` where it is none of theirs."""
    told = (given.get(POST) or [""])[0]
    post = next((each for each in hands.posts.values() if str(each.id) == told), None)
    if post is None:
        raise Forbidden(
            "请选择以何岗位办理",
            "choose the post in which you act",
            todo_zh="选择本人现任的岗位",
            todo_en="choose one of the posts you hold now",
            where=POST,
        )
    return post


def _command(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(
            "页面不完整",
            "the page is not complete",
            todo_zh="重新打开页面后再提交",
            todo_en="open the page anew and send it again",
        ) from error


def _asked(
    form: ActForm,
    found: Read,
    given: Given,
    post: Post,
    address: Mapping[str, Any],
    also: Mapping[str, Any],
) -> Asked:
    operation = operations()[form.topic]
    values = {n: v for n, v in found.values.items() if n not in form.aside} | dict(also)
    if form.body:
        values[form.body] = str(post.organisation)
    sent = operation.data.model_validate(values)
    return Asked(operation, sent, dict(address), _happened(form, given))


def _happened(form: ActForm, given: Given) -> date | datetime | None:
    text = (given.get(HAPPENED) or [""])[0].strip()
    if not form.happened or not text:
        return None
    try:
        return parse_moment(moment(text))
    except ValueError as error:
        raise Invalid(
            "发生时间须为日期或时间",
            "when it happened must be a day or a time",
            todo_zh="如 2024-05-03T14:30",
            todo_en="such as 2024-05-03T14:30",
            where=HAPPENED,
        ) from error
