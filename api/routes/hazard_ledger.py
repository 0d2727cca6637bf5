"""The hazard ledger 隐患台账: a list with filters, and the same as a spreadsheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.access import TheAuthority
from api.hazard_ledger import STAGES, count, every_line, lines, up_to_date
from api.pages.render_hazard_ledger import LedgerPage, hazard_ledger_page, hazard_table
from api.pages.words import Speech
from api.routes.questions import Cursor
from api.routes.shown import Shown, fresh, view_of
from api.routes.strict import StrictRoute
from api.sent import Text
from api.serving import TheServing
from api.sheets import MEDIA_TYPE
from domain.moment import local_day
from domain.organisation import OrganisationRegistered, OrgKind
from domain.record import facts_of
from projections.enterprises import Chosen, areas
from projections.hazards import OPEN, Asked, Hazards

if TYPE_CHECKING:
    from api.authority import Authority
    from api.serving import Serving

_PAGE = 50
"""Hazards on a page."""
_CODE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}", re.IGNORECASE)
"""A unified social credit code 统一社会信用代码 (GB 32100), by its form."""

hazard_ledger = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)


@dataclass(frozen=True, slots=True)
class Filters:
    """By what the hazard ledger is filtered."""

    q: str = ""
    stage: str = OPEN
    level: str = ""
    area: str = ""
    industry: str = ""
    enterprise: str = ""
    overdue: str = ""

    def values(self) -> dict[str, str]:
        """By name, for the form and the address."""
        told = {name: str(getattr(self, name)) for name in self.__slots__}
        return {
            name: value
            for name, value in told.items()
            if value and (name, value) != ("stage", OPEN)
        }

    def asked(self, here: Serving, authority: Authority) -> Asked:
        """Return what they come to: letters and digits begin a number, or are a code."""
        is_number = bool(self.q) and self.q.isascii() and not _CODE.fullmatch(self.q)
        enterprises = Chosen(
            scope=authority.scope,
            words="" if is_number else self.q,
            area=self.area,
            industry=self.industry,
            enterprise=UUID(self.enterprise) if self.enterprise else None,
        )
        return Asked(
            enterprises,
            local_day(here.now()),
            number=self.q if is_number else "",
            stage=self.stage,
            level=self.level,
            overdue=self.overdue == "1",
        )


def _filters(
    *,
    q: Annotated[Text, Query(max_length=100)] = "",
    stage: Annotated[str, Query(pattern=f"^({'|'.join(STAGES)})$")] = OPEN,
    level: Annotated[str, Query(pattern="^(general|major)?$")] = "",
    area: Annotated[Text, Query(max_length=100)] = "",
    industry: Annotated[str, Query(pattern="^[A-T]?$")] = "",
    enterprise: Annotated[UUID | None, Query()] = None,
    overdue: Annotated[str, Query(pattern="^1?$")] = "",
) -> Filters:
    chosen = str(enterprise) if enterprise else ""
    return Filters(q.strip(), stage, level, area, industry, chosen, overdue)


TheFilters = Annotated[Filters, Depends(_filters)]


@hazard_ledger.get("/hazards")
def ledger(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    chosen: TheFilters,
    _: Shown,
    after: Annotated[str | None, Query(max_length=300)] = None,
) -> HTMLResponse:
    """Return the hazard ledger, a page of it."""
    up_to_date(here)
    asked = chosen.asked(here, authority)
    paging = Cursor("hazard ledger", chosen)
    found = lines(
        here, asked, limit=_PAGE + 1, after=paging.read(after or None, date.fromisoformat, UUID)
    )
    following = (
        paging.write(found[_PAGE - 1].key, found[_PAGE - 1].id) if len(found) > _PAGE else None
    )
    query = urlencode(chosen.values())
    shown = LedgerPage(
        rows=found[:_PAGE],
        asked=chosen.values(),
        places=areas(here.views) if of_a_body(here, authority) else [],
        counted=count(here, asked),
        next=following,
        after=after or None,
        export=f"/hazards.xlsx?{query}" if query else "/hazards.xlsx",
        fresh=fresh(here, Hazards.name),
    )
    page = hazard_ledger_page(shown, *view_of(request))
    return HTMLResponse(page)


def of_a_body(here: Serving, authority: Authority) -> bool:
    """Tell whether somebody is of a body, or the owner: an enterprise's people choose nothing."""
    if authority.standing.owner:
        return True
    orgs = sorted(authority.standing.organisations)
    entries = [*here.ledger.records(orgs, open_sealed=False)] if orgs else []
    known = facts_of(entries, OrganisationRegistered)
    return any(fact.kind is not OrgKind.ENTERPRISE for _, fact in known)


@hazard_ledger.get("/hazards.xlsx")
def spreadsheet(
    request: Request, here: TheServing, authority: TheAuthority, chosen: TheFilters, _: Shown
) -> Response:
    """Return the hazard ledger as a spreadsheet, as it is filtered."""
    lang, _switches = view_of(request)
    say = Speech(lang)
    up_to_date(here)
    table = hazard_table(every_line(here, chosen.asked(here, authority)), say)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote('隐患台账.xlsx')}"}
    return Response(table.spreadsheet(say("menu.hazards"), say), 200, headers, MEDIA_TYPE)
