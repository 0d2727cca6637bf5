"""Figures drawn from the record: of a year with what lies behind each, of a quarter, of a fund."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.access import TheCaller
from api.charges import read_charge
from api.documentation import ERRORS_OF_QUESTIONS
from api.figures_told import (
    Assessments,
    FigureItems,
    PublicFundTold,
    QuarterFigures,
    YearFigures,
    tell_assessments,
    tell_items,
    tell_public_fund,
    tell_quarter,
    tell_year,
)
from api.routes.questions import OnlyNow
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey
from api.serving import TheServing
from domain.quarter import QUARTER
from domain.yearly import Key

if TYPE_CHECKING:
    from datetime import datetime

    from api.charges import Charge
    from api.serving import Serving

figures = APIRouter(
    route_class=StrictRoute, responses=ERRORS_OF_QUESTIONS, tags=["考核与数据 · Figures"]
)
Body = Annotated[OrganisationKey, Path(description="单位编码或档案编号 · the body's code or id")]
Year = Annotated[int, Query(ge=1990, le=2100, description="年度 · which year", examples=[2024])]


def _charge(here: Serving, body: UUID) -> tuple[Charge, datetime]:
    at = here.now().astimezone(UTC)
    return read_charge(here.ledger, here.views, here.runner, body), at


@figures.get(
    "/organisations/{organisation}/yearly-figures",
    summary="一年的考核数据，均从台账提取 · A body's figures of a year, drawn from the record",
)
def yearly(
    *, organisation: Body, year: Year, here: TheServing, _: TheCaller, __: OnlyNow
) -> YearFigures:
    """How far its charge and itself did what fell due in the year; experts first (5.4a)."""
    charge, at = _charge(here, organisation)
    return tell_year(charge, year, at)


@figures.get(
    "/organisations/{organisation}/yearly-figures/{key}",
    summary="一项考核数据背后的每一件事 · Everything behind one figure of a year",
)
def behind_figure(
    *,
    organisation: Body,
    key: Annotated[Key, Path(description="考核指标 · the indicator")],
    year: Year,
    here: TheServing,
    _: TheCaller,
    __: OnlyNow,
) -> FigureItems:
    """Each duty or hazard that is counted, with the facts that show it (5.4a)."""
    charge, at = _charge(here, organisation)
    return tell_items(charge, year, key, at)


@figures.get(
    "/organisations/{organisation}/quarter-figures",
    summary="一个季度的分析数据，按地区和行业 · A regulator's figures of a quarter",
)
def quarterly(
    *,
    organisation: Body,
    quarter: Annotated[
        str, Query(pattern=QUARTER, description="季度 · which quarter", examples=["2024-Q2"])
    ],
    here: TheServing,
    _: TheCaller,
    __: OnlyNow,
) -> QuarterFigures:
    """What ``POST /quarters`` records where the figures are left out (3.2f)."""
    charge, _at = _charge(here, organisation)
    return tell_quarter(charge, quarter)


@figures.get(
    "/organisations/{organisation}/assessments",
    summary="应考核的下级政府和部门 · Whom a government assesses for a year",
)
def assessments(
    *, organisation: Body, year: Year, here: TheServing, _: TheCaller, __: OnlyNow
) -> Assessments:
    """Each body next below, and how its assessment stands (5.4c)."""
    charge, at = _charge(here, organisation)
    return tell_assessments(charge, year, at)


@figures.get(
    "/organisations/{organisation}/public-fund",
    summary="专项资金和政府购买服务 · A government's fund of a year, and what it purchased",
)
def fund(
    *, organisation: Body, year: Year, here: TheServing, _: TheCaller, __: OnlyNow
) -> PublicFundTold:
    """Planned, agreed, and which purchased inspections were held (5.3a)."""
    charge, at = _charge(here, organisation)
    return tell_public_fund(charge, year, at)
