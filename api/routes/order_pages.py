"""Orders 指令: the list, an order's page with what is done about it, and issuing one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.access import TheAuthority
from api.commands import Asked
from api.operations import operations
from api.pages.acts import row_count
from api.pages.acts_of_orders import ISSUE_ORDER, MANNERS, ORDER_ACTS
from api.pages.render_matters import (
    Item,
    Paging,
    days,
    list_page,
    matter_page,
    order_fields,
    order_tag,
    orders_table,
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
from domain.errors import NotFound
from domain.inspection import InspectionRecord
from domain.moment import local_day
from domain.order import OrderRecord
from domain.record import moment_of
from projections.orders import list_orders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.pages.acts import ActForm, Given, Options, Tried

order_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
order_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_PAGE = 50
State = Annotated[Text, Query(max_length=20)]
Number = Annotated[Text, Query(max_length=100)]


@order_pages.get("/orders")
def orders(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    state: State = "",
    number: Number = "",
    overdue: Annotated[bool, Query()] = False,
    after: After = None,
) -> HTMLResponse:
    """Return the orders that somebody may see, those issued last first."""
    lang, switches = view_of(request)
    today, say = local_day(here.now()), Speech(lang)
    paging = Cursor("order_page", state, number, overdue)
    rows = list_orders(
        here.views,
        today=today,
        limit=_PAGE + 1,
        state=state or None,
        overdue=overdue,
        number=number or None,
        after=paging.read(after, date.fromisoformat, UUID),
        scope=authority.scope,
    )
    following = next_of(paging, rows, _PAGE, "issued_on")
    return HTMLResponse(
        list_page(
            "orders",
            orders_table(rows[:_PAGE], today, say),
            order_fields(state, number, overdue=overdue, say=say),
            Paging(after, following),
            fresh(here, "rectification_order"),
            lang,
            switches,
            export=f"/orders.xlsx?{request.url.query}",
            new=[("/orders/new", "orders.new")],
        )
    )


@order_pages.get("/orders.xlsx")
def orders_sheet(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    state: State = "",
    number: Number = "",
    overdue: Annotated[bool, Query()] = False,
    after: After = None,  # noqa: ARG001 - the sheet holds every page
) -> Response:
    """Return all of them as a spreadsheet."""
    say, today = Speech(view_of(request)[0]), local_day(here.now())
    rows = list_orders(
        here.views,
        today=today,
        limit=most(),
        state=state or None,
        overdue=overdue,
        number=number or None,
        scope=authority.scope,
    )
    return sheet(orders_table(rows, today, say), "orders", say)


class OrderDesk(RecordDesk):
    """An order, and what can be done about it."""

    noun = "order"
    path = "/orders"
    forms = ORDER_ACTS

    def __init__(self, visit: Visit, record: UUID) -> None:
        super().__init__(visit, record)
        found = OrderRecord(self.tag, self.scene.docket.about(self.tag))
        if found.issued is None:
            raise NotFound("此指令书已更正撤回", "this order was taken back by a correction")
        self.order, self.issued = found, found.issued

    def offers(self) -> Mapping[str, Sequence[UUID] | None]:
        """Return what can be done: nothing more to what is met or taken back."""
        if not self.order.open_items:
            return {}
        issuer = [self.issued.by_org]
        served = {} if self.order.served else {"order.served": None, "order.service_refused": None}
        return {
            **served,
            "order.complied": None,
            "order.rechecked": None,
            "order.extended": issuer,
            "order.breached": None,
            "order.withdrawn": issuer,
        }

    def options(self) -> Options:
        """Return what can be chosen."""
        zh = self.view[0] == "zh"
        texts = {each.item: str(each.text) for each in self.issued.items}
        return {
            "manners": [(key, words[not zh]) for key, words in MANNERS.items()],
            "posts": self.scene.posts(self.scene.enterprise),
            "people": self.scene.people([self.scene.enterprise]),
            "officers": self.scene.people(self.hands.organisations),
            "open_items": [(str(n), f"{n}. {texts[n][:40]}") for n in self.order.open_items],
        }

    def given(self, form: ActForm) -> Given:
        """Return a row for each item that is open."""
        if form.topic != "order.rechecked":
            return {}
        return {f"items.{n}.item": [str(item)] for n, item in enumerate(self.order.open_items)}

    def render(self, tried: Tried | None, recorded: int | None) -> str:
        """Return the page."""
        lang, switches = self.view
        say, scene = Speech(lang), self.scene
        about = scene.about(self.tag, defied=self.order.first("order.breached") is not None)
        first = self.order.first("order.issued")
        tag = order_tag(self.order.state.value, say)
        return matter_page(
            "matters/order.html",
            scene,
            about,
            self.acts(tried),
            recorded,
            lang,
            switches,
            bundle=f"/api/v1/bundles/orders/{self.record}",
            order=self.order,
            state=tag,
            issuer=scene.name(self.issued.by_org),
            issued=moment_of(first) if first else None,
            inspection=self.issued.inspection,
            items=[self._item(each, say) for each in self.issued.items],
            overdue=(self.order.next_deadline or scene.today) < scene.today,
        )

    def _item(self, each: Any, say: Speech) -> Item:  # noqa: ANN401 - an item of the order
        order, docket = self.order, self.scene.docket
        told, deadline = order.verdict(each.item), order.deadline(each.item)
        hazard = docket.hazards.get(each.hazard) if each.hazard else None
        is_open = each.item in order.open_items
        return Item(
            item=each.item,
            text=str(each.text),
            hazard=str(each.hazard) if each.hazard else None,
            number=hazard.number if hazard else "",
            major=each.major,
            first=order.first_deadline(each.item),
            deadline=deadline,
            left=days(deadline, self.scene.today, say) if is_open else None,
            void=[e for e, _, effective in order.extensions(each.item) if not effective],
            verdict=told[1].passed if told else None,
            remarks=str(told[1].remarks) if told and told[1].remarks else "",
        )


class NewOrder(Beginning):
    """Issuing an order: of one's own, or out of the findings of an inspection."""

    forms = (ISSUE_ORDER,)
    word = "orders.new"
    at = "/orders/new"
    path = "/orders"
    grows = "items"

    @property
    def _inspection(self) -> InspectionRecord | None:
        text = self.request.query_params.get("inspection", "")
        found = [each for each in self.scene.docket.inspections if each.key == text]
        return found[0] if found else None

    def options(self) -> Options:
        """Return what can be chosen: the hazards still open at the enterprise."""
        return {
            "hazards": self.scene.open_hazards(),
            "officers": self.scene.people(self.hands.organisations),
        }

    def given(self, form: ActForm) -> Given:  # noqa: ARG002 - it has one form
        """Return a row for each finding that nothing was decided about; else a blank one."""
        inspection = self._inspection
        if inspection is None:
            return {"items.0.item": ["1"]}
        held = inspection.fact("inspection.held")
        rows: dict[str, list[str]] = {}
        for n, item in enumerate(inspection.undisposed):
            finding = inspection.findings[item][1]
            hazard = self.scene.docket.hazards.get(finding.hazard) if finding.hazard else None
            rows[f"items.{n}.item"] = [str(item)]
            rows[f"items.{n}.text"] = [str(finding.text)]
            rows[f"items.{n}.hazard"] = [str(finding.hazard or "")]
            rows[f"items.{n}.major"] = ["yes" if hazard and hazard.level == "major" else "no"]
        if held:
            rows["officers"] = [str(each.person) for each in held.officers]
        return rows or {"items.0.item": ["1"]}

    def known(self, form: ActForm) -> dict[str, Any]:
        """Return the enterprise, and the inspection that it follows."""
        inspection = self._inspection
        return super().known(form) | ({"inspection": inspection.key} if inspection else {})

    def with_it(self, form: ActForm, given: Given) -> Sequence[Asked]:  # noqa: ARG002 - as above
        """Return the disposition of each finding that becomes an item: by this order."""
        inspection = self._inspection
        if inspection is None:
            return ()
        operation = operations()["inspection.finding_disposed"]
        items = [
            int(text)
            for n in range(row_count(given, "items"))
            if any(given.get(f"items.{n}.text", ())) and any(given.get(f"items.{n}.deadline", ()))
            for text in given.get(f"items.{n}.item", ())
            if text.isdecimal()
        ]
        return [
            Asked(
                operation,
                operation.data.model_validate(
                    {"item": item, "disposition": "order", "reference": str(self.record)}
                ),
                {"record": UUID(inspection.key)},
            )
            for item in items
            if item in inspection.undisposed
        ]


def from_inspection(inspection: UUID | None = None) -> None:
    """Take the inspection whose findings the order is about; the desk reads it off the address."""


serve_beginning(order_pages, order_forms, NewOrder, from_inspection)
serve_record(order_pages, order_forms, OrderDesk)
