"""Facts 事实: what somebody did, immutable, in the past tense, and how they are written for ever.

A :class:`Fact` is the content of one act. An :class:`Entry` is that fact as it stands in the
ledger: at a position, in a record, with who acted, when it happened and when it was recorded.
The stored form of an entry is its *leaf*: one canonical JSON (RFC 8785) with the keys ``body,
position, record, recorded, tags, topic, version``, composed by the database under its lock. This
module reads leaves and writes bodies; nothing ever re-serialises a leaf.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    Self,
    get_args,
    get_origin,
)
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from domain.errors import Invalid
from domain.moment import Instant, Moment, format_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

MAX_LEAF = 65_535
"""Bytes of the largest leaf (C2SP tlog-tiles gives an entry's length in 16 bits)."""
MAX_INTEGER = 2**53 - 1
"""The largest integer of canonical JSON: beyond it, numbers are no longer exact everywhere."""
_LEAF = hashlib.sha256(b"\x00")


class Frozen(BaseModel):
    """A value: it cannot be changed, and it has no field that nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class Tag:
    """Marks an id field whose value becomes a tag of the fact, such as ``hazard:0192…``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Names:
    """Marks an id field that names a record of some kind without tagging the fact with it."""

    kind: str


OrgId = Annotated[UUID, Tag("org")]
"""An organisation that the fact is about. (One that merely acted there is an ``OrgRef``.)"""
OrgRef = Annotated[UUID, Names("org")]
PersonId = Annotated[UUID, Tag("person")]
PostId = Annotated[UUID, Tag("post")]
HazardId = Annotated[UUID, Tag("hazard")]
InspectionId = Annotated[UUID, Tag("inspection")]
OrderId = Annotated[UUID, Tag("order")]
HaltId = Annotated[UUID, Tag("halt")]
ListingId = Annotated[UUID, Tag("listing")]
ReportId = Annotated[UUID, Tag("report")]
IncidentId = Annotated[UUID, Tag("incident")]
ExpertInspectionId = Annotated[UUID, Tag("expert_inspection")]
PenaltyId = Annotated[UUID, Tag("penalty")]


class Sealed(Frozen):
    """A personal value or free text 封存值: the leaf holds a salted digest, never the value.

    The value and its 128-bit salt are kept encrypted beside the ledger under the key of
    ``subject`` (a person, or an organisation for free text); deleting that key erases it while
    every proof still verifies. A sealed value that was not or can no longer be opened has
    ``value`` None.
    """

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    subject: UUID
    _value: str | None = PrivateAttr(default=None)
    _salt: bytes | None = PrivateAttr(default=None)

    @classmethod
    def close(cls, value: str, subject: UUID, salt: bytes) -> Self:
        """Seal ``value`` for ``subject`` with 16 random bytes of ``salt``."""
        return cls(digest=seal_digest(value, salt), subject=subject).opened(value, salt)

    def opened(self, value: str, salt: bytes) -> Self:
        """Return this with its value; ``Invalid`` when value and salt do not give the digest."""
        copy = self.model_copy()
        copy.fill(value, salt)
        return copy

    def fill(self, value: str, salt: bytes) -> None:
        """Give this, just read from the ledger, its value; ``Invalid`` when it does not match."""
        if seal_digest(value, salt) != self.digest:
            raise Invalid("封存值与摘要不符", "the sealed value does not match its digest")
        self._value, self._salt = value, salt

    @property
    def value(self) -> str | None:
        """The plain value, or None when it is erased or was not opened."""
        return self._value

    @property
    def salt(self) -> bytes | None:
        """The salt, with the value."""
        return self._salt

    def __str__(self) -> str:
        """Return the value for people to read, or the mark of an erased one."""
        return "〔已删除〕" if self._value is None else self._value


class Withheld(Sealed):
    """A sealed value that is not handed out with the facts: only to who asks for it, on record.

    What it holds is itself encrypted, to a key that is not the ledger's.
    """


def seal_digest(value: str, salt: bytes) -> str:
    """Return the hex SHA-256 that stands in the leaf for ``value``."""
    return hashlib.sha256(b"daocha.sealed/v1\n" + salt + value.encode()).hexdigest()


FreeText = Sealed
"""Words that somebody wrote: they can name people, so they are sealed like personal values."""


class Actor(Frozen):
    """Who acted: the person, the post they acted in, and how they were authenticated."""

    authentication: Literal["cli", "token", "passkey", "password", "demo", "import", "system"]
    person: PersonId | None = None
    post: PostId | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """What the registry knows of a kind of fact."""

    name: str
    noun: str
    schema: int
    zh: str
    en: str
    fact: type[Fact]
    of_record: bool
    starts: bool
    final: bool
    upcasters: dict[int, Callable[[dict[str, Any]], dict[str, Any]]]


TOPICS: dict[str, Topic] = {}
"""Every kind of fact by its stored name, which is for good."""


class Fact(Frozen):
    """The content of one act.

    A subclass names itself by class arguments::

        class HazardFound(Fact, topic="hazard.found", zh="发现隐患", en="Hazard found", starts=True)

    Args:
        topic: the stored name, for good; the part before the dot is the noun whose record the
            fact belongs to, unless ``noun`` says otherwise.
        zh, en: what users read.
        of_record: an act of the record itself (filing, signing, issuing): its moment is when the
            record received it, whatever the actor claims.
        starts: the fact begins its record; every other needs the record to exist.
        final: no correction touches it: it is revoked or withdrawn by a fact of its own.
        schema: the version of the shape; ``upcasters[n]`` turns stored data of version n into n+1.
    """

    topic: ClassVar[Topic]

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401
        """Take the class arguments off; pydantic reads the fields after this."""
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(  # type: ignore[override]  # noqa: PLR0913 - one a property
        cls,
        *,
        topic: str = "",
        zh: str = "",
        en: str = "",
        noun: str = "",
        of_record: bool = False,
        starts: bool = False,
        final: bool = False,
        schema: int = 1,
        upcasters: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] | None = None,
    ) -> None:
        """Enter the fact into the registry; a class without a topic is a base for others."""
        if not topic:
            return
        if topic in TOPICS:
            message = f"topic {topic} is declared twice"
            raise TypeError(message)
        cls.topic = TOPICS[topic] = Topic(
            name=topic,
            noun=noun or topic.split(".", maxsplit=1)[0],
            schema=schema,
            zh=zh,
            en=en,
            fact=cls,
            of_record=of_record,
            starts=starts,
            final=final,
            upcasters=upcasters or {},
        )

    def tags(self) -> Iterator[str]:
        """Yield the tag of every id that a field marks with :class:`Tag`, nested ones included."""
        return _tags_of(self)

    def names(self) -> Iterator[tuple[str, str, UUID]]:
        """Yield (field, kind, id) for every record that the fact names, tagged or not."""
        for name, mark, value in _marked_of(self):
            yield name, mark.kind, value

    def sealed(self) -> Iterator[tuple[str, Sealed]]:
        """Yield every sealed value with its path, such as ``items.0.text``."""
        return _sealed_of(self, "")

    def stands_at(self, path: str) -> str:
        """Return where in the leaf a sealed value stands: nearly always at its path."""
        return path


class EnterpriseFact(Fact):
    """A fact about one enterprise: it carries that enterprise's tag."""

    enterprise: OrgId


class BodyFact(Fact):
    """A fact about one body: a government, zone, department or expert body. It carries its tag.

    It is read with the case of every enterprise that the body answers for.
    """

    body: OrgId


Mark = Tag | Names


@cache
def _marked_fields(model: type[BaseModel]) -> tuple[tuple[str, Mark | None], ...]:
    """Return the fields that hold marked ids, or models that do (those with None)."""
    found: list[tuple[str, Mark | None]] = []
    for name, field in model.model_fields.items():
        marks = [*_marks_among(field.metadata), *_marks_in(field.annotation)]
        if marks:
            found.append((name, marks[0]))
        elif any(_marked_fields(part) for part in _models_in(field.annotation)):
            found.append((name, None))
    return tuple(found)


def _marks_among(metadata: Iterable[object]) -> list[Mark]:
    return [each for each in metadata if isinstance(each, Tag | Names)]


def _marks_in(annotation: Any) -> list[Mark]:  # noqa: ANN401 - an annotation can be anything
    if get_origin(annotation) is Annotated:
        return _marks_among(get_args(annotation)[1:])
    return [mark for part in get_args(annotation) for mark in _marks_in(part)]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _marked_of(model: BaseModel) -> Iterator[tuple[str, Mark, UUID]]:
    """Yield (field, mark, id) for every marked id in a model, nested ones included."""
    for name, mark in _marked_fields(type(model)):
        value = getattr(model, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                yield from _marked_of(item)
            elif item is not None and mark is not None:
                yield name, mark, item


def _tags_of(model: BaseModel) -> Iterator[str]:
    for _, mark, value in _marked_of(model):
        if isinstance(mark, Tag):
            yield f"{mark.kind}:{value}"


def _sealed_of(model: BaseModel, prefix: str) -> Iterator[tuple[str, Sealed]]:
    for name in _sealable_fields(type(model)):
        value = getattr(model, name)
        if isinstance(value, Sealed):
            yield prefix + name, value
        elif isinstance(value, BaseModel):
            yield from _sealed_of(value, f"{prefix}{name}.")
        elif isinstance(value, dict):
            for key, item in value.items():
                yield f"{prefix}{name}.{key}", item
        elif value is not None:
            for index, item in enumerate(value):
                if isinstance(item, Sealed):
                    yield f"{prefix}{name}.{index}", item
                else:
                    yield from _sealed_of(item, f"{prefix}{name}.{index}.")


@cache
def _sealable_fields(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(
        name
        for name, field in model.model_fields.items()
        if any(
            issubclass(part, Sealed) or _sealable_fields(part)
            for part in _models_in(field.annotation)
        )
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact about to be recorded: at ``version`` of ``record``, by whom, and when it happened.

    ``received`` is when the server had it in hand, in UTC; lateness is judged by it.
    """

    record: UUID
    version: int
    fact: Fact
    by: Actor
    happened: date | datetime
    received: datetime

    def tags(self) -> list[str]:
        """Return the fact's tags, its record's, and its actor's, sorted."""
        own = f"{self.fact.topic.noun}:{self.record}"
        return sorted({own, *self.fact.tags(), *_tags_of(self.by)})

    def leaf(self, position: int, recorded: datetime, command: UUID, nonce: bytes) -> bytes:
        """Return the leaf that the ledger composes of this at a position.

        The database composes its own, under its lock; a test holds the two to the same bytes.

        Args:
            position: where it stands.
            recorded: when it was recorded, aware.
            command: the id of the command that records it.
            nonce: 16 random bytes.
        """
        stamp = recorded.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        tail = {
            "position": position,
            "record": str(self.record),
            "recorded": stamp,
            "tags": self.tags(),
            "topic": self.fact.topic.name,
            "version": self.version,
        }
        body = self.body(command, nonce).encode()
        return b'{"body":' + body + b"," + canonical(tail)[1:]

    def body(self, command: UUID, nonce: bytes) -> str:
        """Return the canonical JSON that becomes the leaf's ``body``.

        Args:
            command: the id of the command that records it.
            nonce: 16 random bytes, so that nobody can confirm a guessed fact by its hash.
        """
        return canonical(
            {
                "actor": self.by.model_dump(mode="json", exclude_none=True),
                "command": str(command),
                "data": self.fact.model_dump(mode="json", exclude_none=True),
                "happened": format_moment(self.happened),
                "nonce": nonce.hex(),
                "received": format_moment(self.received),
                "schema": self.fact.topic.schema,
            }
        ).decode()


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as it stands in the ledger.

    ``happened`` is the actor's word, a day or an instant; ``received`` and ``recorded`` are the
    server's and the database's clocks, in UTC. ``hash`` is the hash of its leaf in the transparency
    log, which a signature names; it is empty while the fact has none yet. ``counts`` is from when
    an act of the record counts, where its own clocks do not say it: one written down anew by a
    correction was done when it was first written down.
    """

    position: int
    record: UUID
    version: int
    recorded: datetime
    received: datetime
    tags: tuple[str, ...]
    by: Actor
    happened: date | datetime
    command: UUID
    fact: Fact
    hash: bytes = b""
    counts: datetime | None = None

    @property
    def topic(self) -> str:
        """The stored name of the kind of fact."""
        return self.fact.topic.name

    @property
    def originator_id(self) -> UUID:
        """The record, in the event sourcing library's word."""
        return self.record

    @property
    def originator_version(self) -> int:
        """The version, in the event sourcing library's word."""
        return self.version


class _Body(Frozen):
    actor: Actor
    command: UUID
    data: dict[str, Any]
    happened: Moment
    nonce: str
    received: Instant
    schema_: int = Field(alias="schema")


class _Leaf(Frozen):
    body: _Body
    position: int
    record: UUID
    recorded: Instant
    tags: tuple[str, ...]
    topic: str
    version: int


def canonical(value: object) -> bytes:
    """Return the canonical JSON of ``value`` (RFC 8785, our profile).

    The profile: ASCII keys, no floats, integers within ±(2^53-1). Inside it, orjson with sorted
    keys gives the bytes that RFC 8785 asks for (a property test holds it to that).

    Raises:
        Invalid: ``value`` is outside the profile.
    """
    _check_profile(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise Invalid("内容不能写成规范 JSON", f"not canonical JSON: {error}") from error


def _check_profile(value: object) -> None:
    if isinstance(value, str):  # most values are: asked first, since this is asked of every fact
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise Invalid(f"键名须为 ASCII: {key!r}", f"a key must be ASCII: {key!r}")
            if type(item) is not str:
                _check_profile(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_profile(item)
    elif isinstance(value, float):
        raise Invalid("不得使用浮点数", "floats are not allowed")
    elif isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise Invalid("整数超出 ±(2^53-1)", "an integer lies outside ±(2^53-1)")


def read_leaf(leaf: bytes) -> Entry:
    """Read a stored leaf into an entry, upcasting old shapes and checking every value.

    Raises:
        Invalid: the leaf is of an unknown topic or a newer shape, or a value is not valid.
    """
    raw = _Leaf.model_validate(orjson.loads(leaf))
    return Entry(
        position=raw.position,
        record=raw.record,
        version=raw.version,
        recorded=raw.recorded,
        received=raw.body.received,
        tags=raw.tags,
        by=raw.body.actor,
        happened=raw.body.happened,
        command=raw.body.command,
        fact=read_fact(raw.topic, raw.body.schema_, raw.body.data),
        hash=leaf_hash(leaf),
    )


# RFC 9162 §2.1.1: MTH({d[0]}) = HASH(0x00 || d[0]).
def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf in the transparency log's tree."""
    digest = _LEAF.copy()
    digest.update(leaf)
    return digest.digest()


def read_fact(topic: str, schema: int, data: dict[str, Any]) -> Fact:
    """Read the stored ``data`` of a fact written with version ``schema`` of its shape."""
    known = TOPICS.get(topic)
    if known is None:
        raise Invalid(f"未知的事实类型 {topic}", f"unknown topic {topic}")
    if schema > known.schema:
        raise Invalid(
            f"{topic} 的格式版本 {schema} 比本程序新",
            f"{topic} was written by a newer program (shape {schema})",
            todo_zh="请升级程序",
            todo_en="upgrade this program",
        )
    for version in range(schema, known.schema):
        data = known.upcasters[version](data)
    return known.fact.model_validate(data)
