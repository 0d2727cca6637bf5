"""The map of enterprises and months 月报热力图: who has reported, who is missing, late, alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access import TheAuthority
from api.hazard_ledger import up_to_date
from api.pages.render_heat import HeatPage, heat_page, heat_table
from api.pages.words import Speech
from api.routes.hazard_ledger import of_a_body
from api.routes.questions import Cursor
from api.routes.shown import Shown, fresh, view_of
from api.routes.strict import StrictRoute
from api.sent import Text
from api.serving import TheServing
from api.sheets import MEDIA_TYPE
from domain.moment import local_day
from projections.enterprises import Chosen, areas, departments
from projections.heat import WANTED, HeatAsked, heat
from projections.reports import Reports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.authority import Authority
    from api.serving import Serving
    from projections.heat import HeatRow

_SEE_OTHER = 303
_PAGE = 40
"""Enterprises on a page."""
_MOST, _CHUNK = 100_000, 5_000
_FIRST_YEAR, _LAST_YEAR = 2014, 2100

heat_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)


@dataclass(frozen=True, slots=True)
class Filters:
    """By what the map is filtered."""

    q: str = ""
    year: int | None = None
    month: int | None = None
    mark: str = ""
    area: str = ""
    industry: str = ""
    department: str = ""

    def values(self) -> dict[str, str]:
        """By name, for the form and the address."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) for name, value in told.items() if value}

    def asked(self, here: Serving, authority: Authority) -> HeatAsked:
        """Return what they come to: by default this year, and the month that is due next."""
        today = local_day(here.now())
        enterprises = Chosen(
            scope=authority.scope,
            words=self.q,
            area=self.area,
            industry=self.industry,
            department=UUID(self.department) if self.department else None,
        )
        year = self.year or today.year
        month = self.month or (today.month if year == today.year else 12)
        return HeatAsked(enterprises, year, today, month, self.mark)


def _filters(
    *,
    q: Annotated[Text, Query(max_length=100)] = "",
    year: Annotated[int | None, Query(ge=_FIRST_YEAR, le=_LAST_YEAR)] = None,
    month: Annotated[int | None, Query(ge=1, le=12)] = None,
    mark: Annotated[str, Query(pattern=f"^({'|'.join(WANTED)})?$")] = "",
    area: Annotated[Text, Query(max_length=100)] = "",
    industry: Annotated[str, Query(pattern="^[A-T]?$")] = "",
    department: Annotated[str, Query(pattern="^([0-9a-f-]{36})?$")] = "",
) -> Filters:
    return Filters(q.strip(), year, month, mark, area, industry, department)


TheFilters = Annotated[Filters, Depends(_filters)]


@heat_pages.get("/reports", response_model=None)
def reports(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    chosen: TheFilters,
    _: Shown,
    after: Annotated[str | None, Query(max_length=600)] = None,
) -> Response:
    """Return the map; an enterprise's own people are led to their own report."""
    own = sorted(authority.standing.organisations)
    if len(own) == 1 and not of_a_body(here, authority):
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/reports/{own[0]}{query}", _SEE_OTHER)
    up_to_date(here, Reports.name)
    asked = chosen.asked(here, authority)
    paging = Cursor("heat", chosen, asked.today)
    last = paging.read(after or None, float, UUID)
    found = heat(here.views, asked, limit=_PAGE + 1, after=last)
    following = _cursor(paging, found.rows[_PAGE - 1]) if len(found.rows) > _PAGE else None
    del found.rows[_PAGE:]
    query = urlencode(chosen.values())
    shown = HeatPage(
        heat=found,
        asked=asked,
        values=chosen.values(),
        places=areas(here.views),
        departments=departments(here.views, authority.scope),
        next=following,
        after=after or None,
        export=f"/reports.xlsx?{query}" if query else "/reports.xlsx",
        fresh=fresh(here, Reports.name),
    )
    return HTMLResponse(heat_page(shown, *view_of(request)))


def _cursor(paging: Cursor, row: HeatRow) -> str:
    return paging.write(row.rate, row.id)


@heat_pages.get("/reports.xlsx")
def spreadsheet(
    request: Request, here: TheServing, authority: TheAuthority, chosen: TheFilters, _: Shown
) -> Response:
    """Return the map as a spreadsheet, as it is filtered."""
    lang, _switches = view_of(request)
    say = Speech(lang)
    asked = chosen.asked(here, authority)
    table = heat_table(_every_row(here, asked), say)
    name = quote(f"月报报送情况{asked.year}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(table.spreadsheet(str(asked.year), say), 200, headers, MEDIA_TYPE)


def _every_row(here: Serving, asked: HeatAsked) -> Iterator[HeatRow]:
    after: tuple[float, UUID] | None = None
    for _ in range(_MOST // _CHUNK):
        found = heat(here.views, asked, limit=_CHUNK, after=after).rows
        yield from found
        if len(found) < _CHUNK:
            return
        after = (found[-1].rate, found[-1].id)
