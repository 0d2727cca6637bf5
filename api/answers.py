"""What questions are answered with: facts and records as plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, Field

from domain.answer import Words
from domain.fact import Withheld
from domain.moment import Instant, Moment

if TYPE_CHECKING:
    from domain.fact import Entry, Fact


class FactAnswer(BaseModel):
    """A fact as it stands in the ledger; personal values and free text are opened."""

    position: int = Field(description="序号 · its position in the ledger")
    topic: str = Field(examples=["hazard.found"])
    title: Words
    record: UUID
    noun: str = Field(examples=["hazard"])
    version: int = Field(description="在其档案中的版本 · its version in its record")
    happened: Moment
    recorded: Instant
    received: Instant
    authentication: str = Field(description="行为人如何表明身份 · how the actor was known")
    person: UUID | None = None
    post: UUID | None = None
    command: UUID
    data: dict[str, Any]
    erased: list[str] = Field(
        default_factory=list, description="已删除、不能再读的内容 · what was erased"
    )
    corrected_by: int | None = Field(
        default=None, description="更正它的事实 · the fact that corrects it"
    )


def fact_answer(entry: Entry, corrected_by: int | None = None) -> FactAnswer:
    """Return a fact for people and programs to read."""
    topic = entry.fact.topic
    data, erased = plain(entry.fact)
    return FactAnswer(
        position=entry.position,
        topic=topic.name,
        title=Words(zh=topic.zh, en=topic.en),
        record=entry.record,
        noun=topic.noun,
        version=entry.version,
        happened=entry.happened,
        recorded=entry.recorded,
        received=entry.received,
        authentication=entry.by.authentication,
        person=entry.by.person,
        post=entry.by.post,
        command=entry.command,
        data=data,
        erased=erased,
        corrected_by=corrected_by,
    )


def plain(fact: Fact) -> tuple[dict[str, Any], list[str]]:
    """Return a fact's content with its sealed values opened, and the paths of those erased.

    What is withheld is null, and no reader learns here whether it is still there.
    """
    data = fact.model_dump(mode="json", exclude_none=True)
    erased = []
    for path, sealed in fact.sealed():
        # A replacement states its topic beside its data.
        way = path.replace("replacement.fact.", "replacement.fact.data.", 1)
        _put(data, way.split("."), sealed.value)
        if sealed.value is None and not isinstance(sealed, Withheld):
            erased.append(way)
    return data, erased


def _put(place: Any, way: list[str], value: str | None) -> None:  # noqa: ANN401 - object or array
    first, *rest = way
    key = int(first) if isinstance(place, list) else first
    if rest:
        _put(place[key], rest, value)
    else:
        place[key] = value


class RecordAnswer(BaseModel):
    """A record: what it is at the moment asked about, and the facts it is made of."""

    record: UUID
    noun: str = Field(examples=["hazard"])
    version: int = Field(description="版本，即 ETag · its version, which is its ETag")
    as_at: Moment | None = Field(description="到何时为止所发生的 · what had happened by then")
    known_at: Instant | None = Field(description="截至何时所知 · what was on record by then")
    state: dict[str, Any] = Field(description="此时的情况 · how it stands")
    facts: list[FactAnswer]


class FactPage(BaseModel):
    """Facts in order of their positions."""

    facts: list[FactAnswer]
    next: str | None = Field(description="下一页的游标 · the cursor of the next page")
    head: int = Field(description="台账的最后一条 · the ledger's last position")


class StoredFact(FactAnswer):
    """A fact together with its leaf: the bytes that are stored, hashed and proved."""

    leaf: str = Field(description="叶子原文的 base64 · the leaf as stored, in base64")
    sha256: str = Field(description="叶子原文的 SHA-256 · of the leaf as stored, in hex")
    code: str = Field(description="查验码：文书上印它，通向 /check/… · the code for its paper")
