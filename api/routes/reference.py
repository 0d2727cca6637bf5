"""What stands behind the answers: the clauses, and the settings in force."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.access import TheCaller
from api.coverage import ClauseTold, find_clause
from api.coverage_asked import ask_figures
from api.documentation import ERRORS_OF_QUESTIONS
from api.routes.questions import KnownAt, QueryMoment
from api.routes.strict import StrictRoute
from api.sent import Text
from api.serving import TheServing
from api.settings_told import SettingsAnswer, tell_settings
from domain.policy.clauses import CLAUSES

reference = APIRouter(route_class=StrictRoute, responses=ERRORS_OF_QUESTIONS)


class ClauseAnswer(BaseModel):
    """A clause of the policy, with the words it rests on and how it acts here."""

    number: str = Field(examples=["3.2c"])
    section: str = Field(examples=["三（二）"])
    text: str
    kinds: list[str] = Field(examples=[["duty", "gate"]])
    inferred: bool = Field(description="超出条文字面、可关闭的 · beyond the words of the text")
    implemented: bool


class Clauses(BaseModel):
    """Every clause of 临政办发〔2014〕40号, in its order."""

    clauses: list[ClauseAnswer]


@reference.get("/clauses", tags=["条款 · Clauses"], summary="条款目录 · The clauses of the policy")
def clauses(_: TheCaller) -> Clauses:
    """The clauses with their operative words; which of them are in force as code."""
    told = [
        ClauseAnswer(
            number=clause.number,
            section=clause.section,
            text=clause.text,
            kinds=list(clause.kinds),
            inferred=clause.inferred,
            implemented=clause.implemented,
        )
        for clause in CLAUSES.values()
    ]
    return Clauses(clauses=told)


@reference.get(
    "/clauses/{clause}",
    tags=["条款 · Clauses"],
    summary="一条条款的落实情况 · How one clause lives here",
)
def one_clause(
    clause: Annotated[Text, Path(max_length=20, examples=["3.2c"])], here: TheServing, _: TheCaller
) -> ClauseTold:
    """Its rules and where they live, its settings, its scenarios, and what is owed by it."""
    figures = ask_figures(here.views).figures
    return find_clause(tell_settings(here.ledger, here.now()), clause, figures)


@reference.get(
    "/settings",
    tags=["规则设置 · Rule settings"],
    summary="现行规则设置 · The settings in force",
)
def settings(
    here: TheServing,
    _: TheCaller,
    known_at: KnownAt,
    as_at: Annotated[
        QueryMoment | None, Query(description="到那时为止 · as at this moment")
    ] = None,
) -> SettingsAnswer:
    """Every number and period that the policy leaves to be set, with its source."""
    return tell_settings(here.ledger, here.now() if as_at is None else as_at, known_at)
