"""Corrections 更正: for any fact, with reason and author; the original stays visible for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from domain.fact import Fact, FreeText, Frozen, OrgId, Sealed, read_fact
from domain.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator


def _read(value: Any) -> Any:  # noqa: ANN401 - whatever was sent
    if isinstance(value, dict):
        return read_fact(value["topic"], value.get("schema", 1), value["data"])
    return value


def _write(fact: Fact) -> dict[str, Any]:
    data = fact.model_dump(mode="json", exclude_none=True)
    return {"topic": fact.topic.name, "schema": fact.topic.schema, "data": data}


AnyFact = Annotated[
    Fact,
    BeforeValidator(_read),
    PlainSerializer(_write, return_type=dict),
    WithJsonSchema({"type": "object", "required": ["topic", "data"]}),
]


class Replacement(Frozen):
    """What should have been written, and when it happened."""

    happened: Moment
    fact: AnyFact


class FactCorrected(
    Fact,
    topic="fact.corrected",
    noun="correction",
    zh="更正记录",
    en="Record corrected",
    starts=True,
    of_record=True,
):
    """The facts at ``positions`` are replaced, or taken back where there is no replacement.

    ``about`` are the organisations that the corrected facts are about.
    """

    positions: tuple[int, ...] = Field(min_length=1)
    about: tuple[OrgId, ...] = ()
    reason: FreeText
    replacement: Replacement | None = None

    def tags(self) -> Iterator[str]:
        """Yield the replacement's tags as well, so that a reader of those finds the correction."""
        yield from super().tags()
        if self.replacement:
            yield from self.replacement.fact.tags()

    def sealed(self) -> Iterator[tuple[str, Sealed]]:
        """Yield the replacement's sealed values as well."""
        yield from super().sealed()
        if self.replacement:
            for path, value in self.replacement.fact.sealed():
                yield f"replacement.fact.{path}", value
