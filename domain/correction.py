"""Corrections 更正: for any fact, with reason and author; the original stays visible for good."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_origin
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from domain.calendar import DayDecided
from domain.fact import Fact, FreeText, Frozen, OrgId, Sealed, read_fact
from domain.moment import Moment
from domain.setting import SettingChanged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.fact import Entry


def _read(value: Any) -> Any:  # noqa: ANN401 - whatever was sent
    if isinstance(value, dict):
        return read_fact(value["topic"], value.get("schema", 1), value["data"])
    return value


def _write(fact: Fact) -> dict[str, Any]:
    data = fact.model_dump(mode="json", exclude_none=True)
    return {"topic": fact.topic.name, "schema": fact.topic.schema, "data": data}


_WITHIN = "replacement.fact."

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
                yield f"{_WITHIN}{path}", value

    def stands_at(self, path: str) -> str:
        """Return where in the leaf a sealed value stands; the replacement's stand in its data."""
        if self.replacement is None or not path.startswith(_WITHIN):
            return path
        return f"{_WITHIN}data.{self.replacement.fact.stands_at(path.removeprefix(_WITHIN))}"


def aims_of(
    fact: FactCorrected, known: Mapping[int, Entry], before: int | None = None
) -> list[int]:
    """Return the earlier facts that a correction corrects, by position.

    One that replaces an earlier correction corrects what that one did.

    Args:
        fact: the correction.
        known: the facts in hand, by position.
        before: where the correction stands; None where it is yet to be recorded.
    """
    aims = [p for p in fact.positions if p in known and (before is None or p < before)]
    for position in tuple(aims):
        earlier = known[position].fact
        if fact.replacement and isinstance(earlier, FactCorrected):
            aims += aims_of(earlier, known, position)
    return list(dict.fromkeys(aims))


@dataclass(frozen=True, slots=True)
class Anew:
    """What a correction writes down anew: the fact, what takes its place, and all that it corrects.

    ``aims`` are the positions of what no longer stands once the correction is recorded.
    """

    original: Entry
    replacement: Replacement
    aims: tuple[int, ...]


def written_anew(fact: Fact, known: Mapping[int, Entry]) -> Anew | None:
    """Return what a correction, yet to be recorded, writes down anew.

    None where it only takes back, or corrects nothing that can be corrected.
    """
    if not isinstance(fact, FactCorrected) or fact.replacement is None:
        return None
    aims = aims_of(fact, known)
    found = [known[p] for p in aims]
    plain = (e for e in found if not (isinstance(e.fact, FactCorrected) or e.fact.topic.final))
    original = next(plain, None)
    return Anew(original, fact.replacement, tuple(aims)) if original else None


def same_act(original: Entry, replacement: Replacement) -> bool:
    """Tell whether a replacement only mends how an act was written down (ADR 34).

    It does where kind and moment stay as they were, and so does whom it names, what it chose of a
    few, what it answered with yes or no, and how much it says; words, numbers and dates may differ.
    What sets a rule or a working day is nothing but such words, and never holds from before it was
    recorded.
    """
    fact = original.fact
    return (
        type(fact) is type(replacement.fact)
        and not isinstance(fact, SettingChanged | DayDecided)
        and original.happened == replacement.happened
        and _decided(fact) == _decided(replacement.fact)
    )


def _decided(value: object) -> object:
    """Return what a fact decides, with a mark in the place of what is merely wording."""
    if isinstance(value, Sealed):
        return ...
    if isinstance(value, BaseModel):
        return {
            name: getattr(value, name)
            if get_origin(field.annotation) is Literal
            else _decided(getattr(value, name))
            for name, field in type(value).model_fields.items()
        }
    if isinstance(value, tuple):
        return [_decided(each) for each in value]
    return value if value is None or isinstance(value, UUID | Enum | bool) else ...
