"""Which facts have a paper, and how its form is filled in (law: statutory forms)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.documents.forms.experts import expert_recheck, expert_report
from api.documents.forms.hazards import acceptance, closing, special_report
from api.documents.forms.inspections import inspection_record
from api.documents.forms.listings import (
    delisting,
    delisting_application,
    first_acceptance,
    listing_notice,
    second_acceptance,
)
from api.documents.forms.orders import recheck_opinion, rectification_order
from api.documents.forms.reports import monthly_report
from domain.hazard import ReportKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.documents.forms.filling import Filling
    from api.documents.paper import Paper
    from domain.fact import Entry


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a kind of document.

    Args:
        topic: the fact whose paper it is.
        zh, en: what it is called.
        fill: fills it in; None for a dossier, which tells the whole case.
        takes: whether a fact of the topic has this paper.
    """

    topic: str
    zh: str
    en: str
    fill: Callable[[Filling], Paper] | None
    takes: Callable[[Any], bool] = lambda _: True


FORMS: dict[str, Form] = {
    form.topic: form
    for form in (
        Form("inspection.held", "现场检查记录", "Inspection record", inspection_record),
        Form("order.issued", "责令限期整改指令书", "Rectification order", rectification_order),
        Form("order.rechecked", "整改复查意见书", "Recheck opinion", recheck_opinion),
        Form(
            "hazard.reported",
            "重大事故隐患专项报告",
            "Report of a major hazard",
            special_report,
            lambda fact: fact.kind is not ReportKind.COMPANY,
        ),
        Form("hazard.accepted", "隐患整改验收意见书", "Acceptance", acceptance),
        Form("hazard.closed", "隐患销号单", "Hazard struck off", closing),
        Form("listing.made", "重大事故隐患挂牌督办通知书", "Listing notice", listing_notice),
        Form("listing.first_accepted", "责任单位验收意见", "First acceptance", first_acceptance),
        Form(
            "listing.delisting_applied", "销号申请", "Delisting application", delisting_application
        ),
        Form("listing.second_accepted", "督办单位验收意见", "Second acceptance", second_acceptance),
        Form("listing.delisted", "销号通知书", "Delisting", delisting),
        Form("report.filed", "月报、零报告", "Monthly or zero report", monthly_report),
        Form(
            "expert_inspection.report_delivered", "专家安全检查报告", "Expert report", expert_report
        ),
        Form("expert_inspection.rechecked", "专家复查记录", "Expert recheck", expert_recheck),
        Form("incident.occurred", "事故责任倒查卷宗", "Accountability dossier", None),
        Form("accident_row.imported", "事故责任倒查卷宗", "Accountability dossier", None),
    )
}
"""Every form by the topic of the fact whose paper it is."""


def form_of(entry: Entry) -> Form | None:
    """Return the form of a fact's paper; None where it has none."""
    form = FORMS.get(entry.topic)
    return form if form and form.takes(entry.fact) else None
