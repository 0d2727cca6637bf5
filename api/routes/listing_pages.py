"""Listed supervision 挂牌督办: the board, a listing with what is done about it, proposing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.access import TheAuthority
from api.pages.acts_of_orders import LISTING_ACTS, PROPOSE_LISTING
from api.pages.render_matters import (
    BOARD,
    Paging,
    Step,
    board_column,
    days,
    list_page,
    listing_fields,
    listings_table,
    matter_page,
    stage_tone,
)
from api.pages.words import Speech
from api.routes.beginning import Beginning, serve_beginning
from api.routes.desk import RecordDesk, Visit, serve_record
from api.routes.listed import After, most, sheet
from api.routes.lists import next_of
from api.routes.questions import Cursor
from api.routes.shown import Shown, fresh, view_of
from api.routes.strict import FormRoute, StrictRoute
from api.sent import Text
from api.serving import TheServing
from domain.listing import ListingProposed, ListingRecord, Stage
from domain.moment import local_day
from domain.record import moment_of
from projections.listings import list_listings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from api.pages.acts import Options, Tried
    from domain.fact import Entry

listing_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
listing_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_PAGE = 50
_COLUMN = 12
AtStage = Annotated[Stage | None, Query()]
Words = Annotated[Text, Query(max_length=100)]


def read_stage(text: str) -> tuple[Stage, ...]:
    """Return the stages that a list shows: the one asked for, or all."""
    return (Stage(text),) if text in set(Stage) else tuple(Stage)


@listing_pages.get("/listings")
def listings(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    stage: Words = "",
    after: After = None,
) -> HTMLResponse:
    """Return the board of what is listed, and all of it as a list."""
    lang, switches = view_of(request)
    say, today, scope = Speech(lang), local_day(here.now()), authority.scope
    paging = Cursor("listing_page", stage)
    rows = list_listings(
        here.views,
        today=today,
        stages=read_stage(stage),
        limit=_PAGE + 1,
        after=paging.read(after, date.fromisoformat, UUID),
        scope=scope,
    )
    columns = [
        board_column(
            each,
            list_listings(here.views, today=today, stages=(each,), limit=_COLUMN + 1, scope=scope),
            _COLUMN,
            today,
            say,
        )
        for each in BOARD
    ]
    return HTMLResponse(
        list_page(
            "listings",
            listings_table(rows[:_PAGE], today, say),
            listing_fields(stage, say),
            Paging(after, next_of(paging, rows, _PAGE, "began_on")),
            fresh(here, "listing"),
            lang,
            switches,
            export=f"/listings.xlsx?{request.url.query}",
            template="matters/board.html",
            columns=columns,
        )
    )


@listing_pages.get("/listings.xlsx")
def listings_sheet(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    stage: Words = "",
    after: After = None,  # noqa: ARG001 - the sheet holds every page
) -> Response:
    """Return all of them as a spreadsheet."""
    say, today = Speech(view_of(request)[0]), local_day(here.now())
    rows = list_listings(
        here.views, today=today, stages=read_stage(stage), limit=most(), scope=authority.scope
    )
    return sheet(listings_table(rows, today, say), "listings", say)


_STEPS = (
    ("proposed", "listing.proposed"),
    ("made", "listing.made"),
    ("plan_made", "listing.plan_made"),
    ("rectified", ""),
    ("first_accepted", "listing.first_accepted"),
    ("delisting_applied", "listing.delisting_applied"),
    ("second_accepted", "listing.second_accepted"),
    ("delisted", "listing.delisted"),
)


class ListingDesk(RecordDesk):
    """A listing, and what can be done about it by whose turn it is."""

    noun = "listing"
    path = "/listings"
    forms = LISTING_ACTS

    def __init__(self, visit: Visit, record: UUID) -> None:
        super().__init__(visit, record)
        self.listing = ListingRecord(self.tag, self.scene.docket.about(self.tag))
        proposal = self.listing.first("listing.proposed")
        fact = proposal.fact if proposal else None
        self.asked = fact.to_org if isinstance(fact, ListingProposed) else None

    def offers(self) -> Mapping[str, Sequence[UUID] | None]:
        """Return what can be done now, and by which body."""
        terms, stage = self.listing.terms, self.listing.stage
        if stage is Stage.DELISTED:
            return {}
        if terms is None:
            asked = [self.asked] if self.asked else []
            decide: dict[str, Sequence[UUID] | None] = {"listing.made": asked}
            return decide if stage is Stage.DECLINED else {**decide, "listing.declined": asked}
        responsible, unit = [terms.responsible_body], [terms.supervising_unit]
        return {
            "listing.served": None,
            "listing.plan_made": responsible,
            "listing.checked": unit,
            "listing.extended": [terms.by_org],
            "listing.first_accepted": responsible,
            "listing.delisting_applied": responsible,
            "listing.second_accepted": unit,
            "listing.delisted": unit,
        }

    def options(self) -> Options:
        """Return what can be chosen."""
        scene, terms = self.scene, self.listing.terms
        parties = dict.fromkeys(
            (scene.enterprise, *((terms.responsible_body, terms.supervising_unit) if terms else ()))
        )
        return {
            "bodies": scene.bodies if terms is None else (),
            "parties": [(str(org), scene.name(org)) for org in parties],
            "people": scene.people(parties),
            "officers": scene.people(self.hands.organisations),
        }

    def render(self, tried: Tried | None, recorded: int | None) -> str:
        """Return the page."""
        lang, switches = self.view
        scene, listing, terms = self.scene, self.listing, self.listing.terms
        hazard = scene.docket.hazards.get(listing.hazard)
        over = listing.stage in (Stage.DELISTED, Stage.DECLINED)
        left = None if over else days(listing.deadline, scene.today, Speech(lang))
        return matter_page(
            "matters/listing.html",
            scene,
            scene.about(self.tag),
            self.acts(tried),
            recorded,
            lang,
            switches,
            bundle=f"/api/v1/bundles/hazards/{listing.hazard}",
            terms=terms,
            stage=listing.stage,
            tone=stage_tone(listing.stage),
            left=left,
            deadline=listing.deadline,
            hazard=listing.hazard,
            number=hazard.number if hazard else "",
            description=hazard.description if hazard and hazard.description else "",
            authority=scene.name(terms.by_org if terms else self.asked),
            responsible=scene.name(terms.responsible_body) if terms else "",
            supervising=scene.name(terms.supervising_unit) if terms else "",
            steps=[*self._steps()],
            checks=len(listing.all("listing.checked")),
        )

    def _steps(self) -> Iterator[Step]:
        """Yield each step: who has it to do, and when it was done last."""
        listing, terms, scene = self.listing, self.listing.terms, self.scene
        hazard = scene.docket.hazards.get(listing.hazard)
        responsible = scene.name(terms.responsible_body) if terms else ""
        unit = scene.name(terms.supervising_unit) if terms else ""
        proposal = listing.first("listing.proposed")
        proposer = getattr(proposal.fact, "by_org", None) if proposal else None
        who = {
            "proposed": scene.name(proposer),
            "made": scene.name(terms.by_org if terms else self.asked),
            "rectified": scene.place.name,
            "second_accepted": unit,
            "delisted": unit,
        }
        waiting = listing.stage not in (Stage.DELISTED, Stage.DECLINED)
        for key, topic in _STEPS:
            entry: Entry | None = listing.last(topic) if topic else None
            if key == "rectified" and hazard:
                entry = hazard.rectified
            failed = entry is not None and getattr(entry.fact, "passed", True) is False
            current = waiting and (entry is None or failed)
            waiting = waiting and not current
            yield Step(
                key=key,
                who=who.get(key, responsible),
                at=moment_of(entry) if entry else None,
                failed=failed,
                current=current,
            )


class NewListing(Beginning):
    """Proposing a major hazard for listed supervision (3.3a)."""

    forms = (PROPOSE_LISTING,)
    word = "listings.new"
    at = "/listings/new"
    path = "/listings"

    def options(self) -> Options:
        """Return the major hazards still open at the enterprise, and every body."""
        return {
            "hazards": self.scene.open_hazards(major=True),
            "bodies": self.scene.bodies,
        }


serve_beginning(listing_pages, listing_forms, NewListing)
serve_record(listing_pages, listing_forms, ListingDesk)
