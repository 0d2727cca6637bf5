"""A record's page with what can be done about it 办理页面: shown, tried, shown again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access import TheAuthority, TheCaller
from api.acting import Hands, attempt, fresh_command, now_in_a_form
from api.pages.acts import Tried, show
from api.pages.render import VIEW
from api.problems import kind_of
from api.routes.shown import Shown as ShownAs
from api.routes.shown import view_of
from api.scene import Scene, scene_of
from api.serving import TheServing
from domain.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.authority import Authority
    from api.caller import Caller
    from api.commands import Asked
    from api.pages.acts import ActForm, Given, Options, Shown
    from api.pages.render import Switches
    from api.pages.words import Lang
    from api.serving import Serving
    from domain.directory import Post

SEE_OTHER = 303


async def sent_form(request: Request) -> dict[str, list[str]]:
    """Return what a form sent, by the names of its fields."""
    form = await request.form()
    return {name: [str(each) for each in form.getlist(name)] for name in form}


SentForm = Annotated[dict[str, list[str]], Depends(sent_form)]
RecordedAt = Annotated[int | None, Query(ge=1, le=2**53 - 1)]
"""Where what was just recorded stands: the page says so."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a page with forms.

    Args:
        request: what was asked.
        here: the ledger and the clock.
        caller: who asks.
        authority: what they may.
    """

    request: Request
    here: Serving
    caller: Caller
    authority: Authority


def _visit(request: Request, here: TheServing, caller: TheCaller, authority: TheAuthority) -> Visit:
    return Visit(request, here, caller, authority)


TheVisit = Annotated[Visit, Depends(_visit)]


class Desk:
    """What somebody sees of a record, and can do about it.

    Args:
        visit: who is at the page.
        scene: the enterprise that it is about.

    ``forms`` are of what can be done; ``keeps`` what of the address the page that follows keeps.
    """

    forms: ClassVar[tuple[ActForm, ...]]
    keeps: ClassVar[tuple[str, ...]] = ()

    def __init__(self, visit: Visit, scene: Scene) -> None:
        self.request = visit.request
        self.here = visit.here
        self.caller = visit.caller
        self.authority = visit.authority
        self.scene = scene
        matter = self.authority.about(scene.enterprise)
        self.hands = Hands(self.here, self.caller, self.authority, matter)

    # what differs

    @property
    def address(self) -> str:
        """Where the page stands."""
        raise NotImplementedError

    @property
    def posted(self) -> Mapping[str, Any]:
        """The record's address in a command."""
        raise NotImplementedError

    def address_of(self, form: ActForm) -> Mapping[str, Any]:  # noqa: ARG002 - for others
        """Return the address of an act's record: this one."""
        return self.posted

    def offers(self) -> Mapping[str, Sequence[UUID] | None]:
        """Return what can be done now, by topic, and whose posts do it; None: any that may."""
        raise NotImplementedError

    def options(self) -> Options:
        """Return what can be chosen in the forms."""
        raise NotImplementedError

    def given(self, form: ActForm) -> Given:  # noqa: ARG002 - for others
        """Return what a fresh form holds."""
        return {}

    def render(self, tried: Tried | None, recorded: int | None) -> str:
        """Return the page."""
        raise NotImplementedError

    def with_it(self, form: ActForm, given: Given) -> Sequence[Asked]:  # noqa: ARG002 - for others
        """Return what is recorded together with an act."""
        return ()

    def known(self, form: ActForm) -> Mapping[str, Any]:  # noqa: ARG002 - for others
        """Return the fields of an act's fact that the page knows."""
        return {}

    def shaped(self, form: ActForm, given: Given) -> Mapping[str, Any]:  # noqa: ARG002 - for others
        """Return the fields of an act's fact that it holds in another shape than the form."""
        return {}

    def after(self, form: ActForm) -> str:  # noqa: ARG002 - for others
        """Return where to go on to once an act is recorded."""
        return self.address

    # what all have in common

    @property
    def view(self) -> tuple[Lang, Switches]:
        """How the page is shown."""
        return view_of(self.request)

    def acts(self, tried: Tried | None) -> list[Shown]:
        """Return the forms of what this person can do now."""
        offered, shown = self.offers(), []
        lang = self.view[0]
        query = self.request.url.query
        for form in self.forms:
            if form.topic not in offered:
                continue
            posts = self.hands.may(form, bodies=offered[form.topic])
            if posts or (tried and tried.topic == form.topic):
                shown.append(
                    show(
                        form,
                        action=f"{self.action(form)}{f'?{query}' if query else ''}",
                        posts=[(str(post.id), self._post(post)) for post in posts],
                        options=self.options(),
                        given=self.given(form),
                        command=fresh_command(),
                        zh=lang == "zh",
                        now=now_in_a_form(self.here.now()),
                        tried=tried,
                    )
                )
        return shown

    def action(self, form: ActForm) -> str:
        """Return where an act's form is sent."""
        return f"{self.address}/{form.act.replace('_', '-')}"

    def _post(self, post: Post) -> str:
        name = self.scene.name(post.organisation)
        return f"{name} · {post.title}"

    def page(self, recorded: int | None = None) -> HTMLResponse:
        """Return the page as it is."""
        return HTMLResponse(self.render(None, recorded))

    def act(self, name: str, given: Given) -> Response:
        """Record what a form asks for, and go on; or show it again with what is wrong.

        Raises:
            NotFound: there is no such act.
        """
        form = next((f for f in self.forms if f.act.replace("_", "-") == name), None)
        if form is None:
            raise NotFound(
                "没有这种办理事项",
                "there is no such act",
                todo_zh="从页面上办理",
                todo_en="do it from the page",
            )
        told = attempt(
            self.here,
            self.caller,
            form,
            given,
            self.hands,
            address=self.address_of(form),
            with_it=lambda: self.with_it(form, given),
            also=lambda: {**self.known(form), **self.shaped(form, given)},
        )
        if isinstance(told, Tried):
            status = kind_of(told.problem).status if told.problem else 422
            return HTMLResponse(self.render(told, None), status)
        shown = {n: v for n, v in self.request.query_params.items() if n in (*VIEW, *self.keeps)}
        query = urlencode({**shown, "recorded": str(told)})
        return RedirectResponse(f"{self.after(form)}?{query}", SEE_OTHER)


class RecordDesk(Desk):
    """The desk of a record that is there."""

    noun: ClassVar[str]
    path: ClassVar[str]

    def __init__(self, visit: Visit, record: UUID) -> None:
        super().__init__(visit, scene_of(visit.here, self.noun, record, visit.authority))
        self.record = record

    @property
    def address(self) -> str:
        """Where the page stands."""
        return f"{self.path}/{self.record}"

    @property
    def posted(self) -> Mapping[str, Any]:
        """The record's address in a command."""
        return {"record": self.record}

    @property
    def tag(self) -> str:
        """The record's tag."""
        return f"{self.noun}:{self.record}"


def serve_record(pages: APIRouter, forms: APIRouter, kind: type[RecordDesk]) -> None:
    """Serve the page of a kind of record, and take the forms on it.

    Args:
        pages: the router of pages.
        forms: the router of what forms send.
        kind: what the page shows, and what can be done there.
    """

    @pages.get(f"{kind.path}/{{record}}")
    def shown(
        visit: TheVisit, record: UUID, _: ShownAs, recorded: RecordedAt = None
    ) -> HTMLResponse:
        """Return a record with what can be done about it."""
        return kind(visit, record).page(recorded)

    @forms.post(f"{kind.path}/{{record}}/{{act}}", response_model=None)
    def acted(
        visit: TheVisit,
        record: UUID,
        act: str,
        sent: SentForm,
        _: ShownAs,
        recorded: RecordedAt = None,  # noqa: ARG001 - of the page it was sent from
    ) -> Response:
        """Do something about a record."""
        return kind(visit, record).act(act, sent)
