"""Leaves 叶 as a stranger reads them: facts by their stored shape, without the rest of daocha.

Whoever checks a bundle knows of a fact only what stands in it. So nothing here looks up what a
topic means; a leaf must be canonical JSON, so that there is one way to read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import Invalid
from domain.fact import canonical, leaf_hash
from domain.proof.encoding import Exact

Part = TypeVar("Part", bound=Exact)


class _Read(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Body(_Read):
    actor: dict[str, Any]
    command: str
    data: dict[str, Any]
    happened: str
    nonce: str
    received: str
    schema_: int = Field(alias="schema")


class _Stored(_Read):
    body: _Body
    position: Annotated[int, Field(ge=1)]
    record: str
    recorded: str
    tags: list[str]
    topic: str
    version: Annotated[int, Field(ge=1)]


class Leaf:
    """A fact as it was read.

    Args:
        text: the leaf itself.
        stored: its parts.
    """

    def __init__(self, text: str, stored: _Stored) -> None:
        self.text = text
        self.position = stored.position
        self.record = stored.record
        self.recorded = stored.recorded
        self.tags = frozenset(stored.tags)
        self.topic = stored.topic
        self.version = stored.version
        self.actor = stored.body.actor
        self.data = stored.body.data
        self.happened = stored.body.happened
        self.received = stored.body.received
        self.hash = leaf_hash(text.encode())

    @cached_property
    def about(self) -> frozenset[str]:
        """The ids of what the fact is about: its record, and what its tags name."""
        return frozenset({self.record, *(tag.partition(":")[2] for tag in self.tags)})


def read_leaf(data: bytes) -> Leaf:
    """Return the fact in a leaf.

    Raises:
        Invalid: it is no fact, or not canonical JSON.
    """
    try:
        content = json.loads(data)
        stored = _Stored.model_validate(content)
        exact = canonical(content) == data
    except (ValueError, RecursionError, Invalid) as error:
        raise Invalid("不是事实", f"not a fact: {error}") from error
    if not exact:
        raise Invalid("事实不是规范 JSON", "the fact is not canonical JSON")
    return Leaf(data.decode(), stored)


def read_part(kind: type[Part], leaf: Leaf, name: str) -> Part:
    """Return a part of a fact, which must stand there in the one form that it has.

    Raises:
        Invalid: it is not there, or not in that form.
    """
    try:
        part = kind.model_validate(leaf.data.get(name))
    except ValidationError as error:
        raise Invalid(f"{name} 的内容有误", f"{name} is malformed: {error}") from error
    if part.model_dump(mode="json", exclude_none=True) != leaf.data[name]:
        raise Invalid(f"{name} 不是规范形式", f"{name} is not in its canonical form")
    return part


def follow(data: object, path: str) -> object:
    """Return what stands at a path such as ``items.0.text``, or None."""
    for step in path.split("."):
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step in map(str, range(len(data))):
            data = data[int(step)]
        else:
            return None
    return data


@contextmanager
def at(leaf: Leaf) -> Iterator[None]:
    """Say of whatever goes wrong inside that it went wrong at this leaf."""
    try:
        yield
    except Invalid as error:
        zh, en = f"第 {leaf.position} 条事实：{error.zh}", f"fact {leaf.position}: {error.en}"
        raise type(error)(zh, en, where=f"{leaf.position}") from error
