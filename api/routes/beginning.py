"""Beginning a record about an enterprise 新办事项: it is chosen, then the form filled in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from api.pages.acts import COMMAND, Tried, row_count
from api.pages.render import VIEW
from api.pages.render_matters import begin_page
from api.routes.desk import Desk, SentForm, TheVisit, Visit
from api.routes.shown import Shown, view_of
from api.scene import Scene
from api.sent import OrganisationKey, Text
from domain.organisation import OrgKind
from projections.organisations import list_organisations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from api.pages.acts import ActForm, Given

_FOUND = 20
MORE = "more"
Name = Annotated[Text, Query(max_length=100)]


class Beginning(Desk):
    """The form that begins a record.

    It has one form. ``word`` is the name of its title, ``at`` where the form stands, ``path`` where
    the record's own page will, and ``grows`` the rows that can be added to.
    """

    word: ClassVar[str]
    at: ClassVar[str]
    path: ClassVar[str]
    grows: ClassVar[str] = ""

    def __init__(self, visit: Visit, scene: Scene) -> None:
        super().__init__(visit, scene)
        self.command = UUID(int=0)

    @property
    def form(self) -> ActForm:
        """What begins it."""
        return self.forms[0]

    @property
    def record(self) -> UUID:
        """The record that the command begins: the same form sent twice begins one."""
        return UUID(int=self.command.int ^ 1)

    @property
    def address(self) -> str:
        """Where the page stands."""
        return self.at

    @property
    def posted(self) -> Mapping[str, Any]:
        """The record that is begun."""
        return {"record": self.record}

    def action(self, form: ActForm) -> str:  # noqa: ARG002 - it has one form
        """Return where the form is sent: to the page itself."""
        return self.address

    def offers(self) -> Mapping[str, Sequence[UUID] | None]:
        """Return the one thing that can be done."""
        return {self.form.topic: None}

    def known(self, form: ActForm) -> dict[str, Any]:  # noqa: ARG002 - as above
        """Return the enterprise that it is about."""
        return {"enterprise": str(self.scene.enterprise)}

    def after(self, form: ActForm) -> str:  # noqa: ARG002 - as above
        """Return the page of what was begun."""
        return f"{self.path}/{self.record}"

    def sent(self, given: Given) -> Response:
        """Record what the form asks for; or add a row to it, and show it again."""
        if MORE in given and self.grows:
            number = row_count(given, self.grows)
            more = {**given, f"{self.grows}.{number}.item": [str(number + 1)]}
            command = (given.get(COMMAND) or [""])[0]
            return HTMLResponse(self.render(Tried(self.form.topic, more, command=command), None))
        with suppress(ValueError):  # refused for it below, whatever it would begin
            self.command = UUID((given.get(COMMAND) or [""])[0])
        return self.act(self.form.act.replace("_", "-"), given)

    def render(self, tried: Tried | None, recorded: int | None) -> str:  # noqa: ARG002 - a fresh form
        """Return the page."""
        kept = {
            name: value
            for name, value in self.request.query_params.items()
            if name not in (*VIEW, "recorded")
        }
        return begin_page(
            self.word,
            self.scene.place,
            self.acts(tried),
            (),
            "",
            kept,
            *self.view,
            more=bool(self.grows),
        )


def serve_beginning(
    pages: APIRouter,
    forms: APIRouter,
    kind: type[Beginning],
    takes: Callable[..., object] = lambda: None,
) -> None:
    """Serve the form that begins a kind of record, and take it.

    Args:
        pages: the router of pages.
        forms: the router of what forms send.
        kind: the form.
        takes: a dependency that takes what else the address may hold; the form reads it itself.
    """
    also = [Depends(takes)]

    @pages.get(kind.at, dependencies=also)
    def shown(
        visit: TheVisit, _: Shown, enterprise: OrganisationKey | None = None, name: Name = ""
    ) -> HTMLResponse:
        """Return the form, once its enterprise is chosen."""
        if enterprise is None:
            return _looked_for(visit, kind.word, name)
        return _begun(kind, visit, enterprise).page()

    @forms.post(kind.at, response_model=None, dependencies=also)
    def begun(visit: TheVisit, sent: SentForm, _: Shown, enterprise: OrganisationKey) -> Response:
        """Record what the form asks for."""
        return _begun(kind, visit, enterprise).sent(sent)


def _begun(kind: type[Beginning], visit: Visit, enterprise: UUID) -> Beginning:
    visit.authority.see_organisation(enterprise)
    return kind(visit, Scene(visit.here, enterprise, visit.authority))


def _looked_for(visit: Visit, word: str, name: str) -> HTMLResponse:
    """Return the page on which an enterprise is looked for by name or code."""
    lang, switches = view_of(visit.request)
    rows = list_organisations(
        visit.here.views,
        limit=_FOUND,
        kind=OrgKind.ENTERPRISE.value,
        name=name or None,
        closed=False,
        scope=visit.authority.scope,
    )
    kept = {n: v for n, v in visit.request.query_params.items() if n not in VIEW}
    return HTMLResponse(begin_page(word, None, (), rows, name, kept, lang, switches))
