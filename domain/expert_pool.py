"""Expert pools 专家库: what is needed of each specialty (2.3a)."""

from __future__ import annotations

from pydantic import Field

from domain.fact import BodyFact, FreeText


class DemandSet(
    BodyFact,
    topic="pool.demand_set",
    zh="确定专家需求",
    en="Demand for experts set",
    starts=True,
):
    """The pool of ``body`` needs so many experts of a specialty, until it says otherwise."""

    specialty: str = Field(min_length=1, max_length=60)
    number: int = Field(ge=0, le=10_000)
    basis: FreeText | None = None
