"""What stands behind the answers: the clauses, and the settings in force."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access import TheCaller
from api.documentation import ERRORS_OF_QUESTIONS
from api.routes.questions import KnownAt, QueryMoment
from api.routes.strict import StrictRoute
from api.serving import TheServing
from domain.moment import Day, Instant, Moment
from domain.policy.clauses import CLAUSES
from domain.policy.settings import SETTINGS, Settings
from domain.setting import SETTINGS as RECORD

if TYPE_CHECKING:
    from domain.policy.settings import Applied

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


class SettingAnswer(BaseModel):
    """A setting as it stood at a moment: its value, since when, and from what source."""

    key: str = Field(examples=["3.2b.report"])
    clause: str
    title: str
    value: str | None = Field(description="空为关闭 · null: switched off", examples=["24 hours"])
    default: str | None
    since: Day | None = Field(description="空为默认值 · null: by default")
    source: str
    inferred: bool


class SettingsAnswer(BaseModel):
    """The settings by which duties that open at a moment are judged."""

    as_at: Moment
    known_at: Instant | None
    version: int
    settings: list[SettingAnswer]


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
    upto = here.ledger.position_at(known_at) if known_at else None
    record = here.ledger.record(RECORD, upto=upto)
    moment = here.now() if as_at is None else as_at
    in_force = Settings(record)
    return SettingsAnswer(
        as_at=moment,
        known_at=known_at,
        version=len(record),
        settings=[_setting(in_force.at(key, moment)) for key in SETTINGS],
    )


def _setting(applied: Applied) -> SettingAnswer:
    setting = applied.setting
    return SettingAnswer(
        key=setting.key,
        clause=setting.clause,
        title=setting.zh,
        value=applied.value,
        default=setting.value,
        since=applied.since if isinstance(applied.since, date) else None,
        source=applied.source,
        inferred=setting.inferred,
    )
