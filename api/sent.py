"""What clients send: the shape of every fact as plain JSON, and facts made from it.

A fact's model in ``domain`` is the one source. Here each becomes a model for requests, in which a
personal value is a plain string (the server seals it), an organisation may be named by its code,
and nothing is read leniently: no number in quotes, no day given in seconds since 1970.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError, PydanticUndefined

from api.glossary import FIELDS
from domain.fact import TOPICS, Fact, Names, Sealed, Tag, Withheld
from domain.moment import format_moment, parse_moment
from domain.organisation import organisation_id

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from domain.fact import Topic

LONGEST_TEXT = 20_000
"""Characters of the longest free text; longer matter is attached, and its digest recorded."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MEANT_AS_UUID = re.compile(r"[^-]{8}(-[^-]{4}){3}-[^-]{12}")
_CODE = re.compile(r"[^\s,;、，；]{1,64}")  # ledgers kept elsewhere have codes of their own
_MAY_BE_WRITTEN = "\t\n\r"
_TURNS_TEXT_ROUND = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Sent(BaseModel):
    """Something a client sends: no field that nobody declared, no space around the words."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, validate_default=False
    )


def _readable(text: str) -> str:
    """Refuse characters that cannot be read, or that make a text read otherwise than it is."""
    for character in text:
        hidden = unicodedata.category(character) == "Cc" and character not in _MAY_BE_WRITTEN
        if hidden or character in _TURNS_TEXT_ROUND:
            raise PydanticCustomError(
                "unreadable", "character {code} is not allowed", {"code": f"U+{ord(character):04X}"}
            )
    return text


def _day(value: object) -> object:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("day", "a day is expected, such as 2024-05-03")
    return _moment(value)


def _instant(value: object) -> object:
    moment = _moment(value)
    if not isinstance(moment, datetime):
        raise PydanticCustomError("instant", "a time with its zone is expected")
    return moment


def _moment(value: object) -> date | datetime:
    try:
        if isinstance(value, str):
            return parse_moment(value.strip())
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("moment", "no such day or time, or no zone") from error
    raise PydanticCustomError("moment", "a day or a time with its zone is expected")


def _organisation(value: object) -> UUID:
    text = value.strip() if isinstance(value, str) else ""
    if _UUID.fullmatch(text):
        return UUID(text)
    if _CODE.fullmatch(text) and not _MEANT_AS_UUID.fullmatch(text):
        return organisation_id(_readable(text))
    raise PydanticCustomError("organisation", "an organisation's id or code is expected")


Text = Annotated[str, AfterValidator(_readable)]
FreeWords = Annotated[Text, Field(min_length=1, max_length=LONGEST_TEXT)]
"""Words that the server seals."""
SentDay = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2024-05-20"]}),
]
SentInstant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(format_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
SentMoment = Annotated[
    date | datetime,
    BeforeValidator(_moment),
    PlainSerializer(format_moment, return_type=str),
    WithJsonSchema(
        {"type": "string", "examples": ["2024-05-20T14:30:00+08:00", "2024-05-20"]},
    ),
]
OrganisationKey = Annotated[
    UUID,
    BeforeValidator(_organisation),
    WithJsonSchema(
        {
            "type": "string",
            "description": "单位的档案编号（UUID）或单位编码 · an organisation's id or its code",
            "examples": ["91371399MA3C00003U"],
        }
    ),
]
_PLAIN: dict[Any, Any] = {
    Sealed: FreeWords,
    Withheld: FreeWords,
    str: Text,
    bool: Annotated[bool, Strict()],
    int: Annotated[int, Strict()],
    date: SentDay,
    datetime: SentInstant,
}
_MADE_ANEW = (BeforeValidator, PlainSerializer, WithJsonSchema)


@cache
def sent_model(model: type[BaseModel]) -> type[Sent]:
    """Return the request's model of a fact or of a part of one, field by field."""
    fields = {name: sent_field(name, field) for name, field in model.model_fields.items()}
    return make_model(f"{model.__name__}Data", fields, model.__doc__)


def make_model(name: str, fields: Mapping[str, Any], doc: str | None) -> type[Sent]:
    """Make a model of fields given as (annotation, field) pairs."""
    return create_model(name, __base__=Sent, __doc__=doc, **dict(fields))


def sent_field(
    name: str, field: FieldInfo, *, optional: bool = False, required: bool = False
) -> tuple[Any, Any]:
    """Return annotation and field for a request's model.

    Args:
        name: its name, for its Chinese description.
        field: the fact's own field.
        optional: it may be left out, because the record knows it.
        required: it must be said, if only with a null.
    """
    annotation = _sent(field.annotation, tuple(field.metadata))
    kept = [each for each in field.metadata if not isinstance(each, _MADE_ANEW)]
    if kept and field.annotation is not Fact:
        annotation = _narrowed(annotation, kept)
    default = field.get_default(call_default_factory=True)
    if optional:
        annotation, default = annotation | None, None
    told = Field(
        default=... if required or default is PydanticUndefined else default,
        description=field.description or FIELDS.get(name),
        examples=field.examples,
    )
    return annotation, told


def _sent(  # noqa: PLR0911 - one answer a kind of type
    annotation: Any,  # noqa: ANN401 - any annotation
    marks: tuple[Any, ...] = (),
) -> Any:  # noqa: ANN401 - as above
    """Return what stands in a request for a type of a fact's field."""
    if annotation is UUID and any(_is_organisation(mark) for mark in marks):
        return OrganisationKey
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        kept = [each for each in parts[1:] if not isinstance(each, _MADE_ANEW)]
        return _narrowed(_sent(parts[0], parts[1:]), kept) if kept else _sent(parts[0])
    if origin in (Union, UnionType):
        if set(parts) == {date, datetime}:
            return SentMoment
        return Union[tuple(_sent(part) for part in parts)]  # noqa: UP007 - made at run time
    if origin is tuple:
        return tuple[_sent(parts[0]), ...]  # type: ignore[misc] # made at run time
    if annotation is Fact:
        return _any_fact()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return sent_model(annotation)
    return annotation


def _narrowed(annotation: Any, constraints: list[Any]) -> Any:  # noqa: ANN401 - as above
    """Return a type with the fact's own constraints, which come before our own checks."""
    if get_origin(annotation) is Annotated:
        first, *checks = get_args(annotation)
        return Annotated[(first, *constraints, *checks)]
    return Annotated[(annotation, *constraints)]


def _is_organisation(mark: object) -> bool:
    return isinstance(mark, Tag | Names) and mark.kind == "org"


NOT_REPLACED = ("correction", "ledger", "import", "token")
"""Nouns whose facts are taken back or made anew instead of replaced."""


@cache
def stated_models() -> tuple[type[Sent], ...]:
    """Return a model of ``{"topic": …, "data": …}`` for every fact that can replace another."""
    return tuple(
        make_model(
            f"{topic.fact.__name__}Stated",
            {"topic": (Literal[name], ...), "data": (sent_model(topic.fact), ...)},
            topic.fact.__doc__,
        )
        for name, topic in own_topics().items()
        if topic.noun not in NOT_REPLACED and not topic.final
    )


def own_topics() -> dict[str, Topic]:
    """Return every kind of fact that the product itself declares, by its name."""
    return {n: t for n, t in TOPICS.items() if t.fact.__module__.split(".")[0] == "domain"}


def _any_fact() -> Any:  # noqa: ANN401 - a type made at run time
    return Annotated[Union[stated_models()], Field(discriminator="topic")]  # noqa: UP007 - as above


Seal = Callable[[str, type[Sealed]], Sealed]
"""Seals words, as a value of a kind: one that facts are handed out with, or one withheld."""


def to_fact(model: type[Fact], sent: Sent, given: Mapping[str, Any], seal: Seal) -> Fact:
    """Make the fact that ``sent`` describes.

    Args:
        model: the fact's class.
        sent: what the client sent, of a model made above.
        given: fields that come from elsewhere: the address, or the record.
        seal: seals the words of a personal value or free text.

    Raises:
        ValidationError: a field that the record does not know is missing.
    """
    return model(**{**given, **_values(model, sent, seal)})


def _values(model: type[BaseModel], sent: Sent, seal: Seal) -> dict[str, Any]:
    return {
        name: _value(field.annotation, getattr(sent, name), seal)
        for name, field in model.model_fields.items()
        if name in sent.model_fields_set and getattr(sent, name) is not None
    }


def _value(  # noqa: PLR0911 - one answer a kind of type
    annotation: Any,  # noqa: ANN401 - any annotation
    value: Any,  # noqa: ANN401 - any value
    seal: Seal,
) -> Any:  # noqa: ANN401 - as above
    """Return a sent value as the fact's field takes it."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation in (Sealed, Withheld):
        return seal(value, annotation)
    if annotation is Fact:
        return to_fact(TOPICS[value.topic].fact, value.data, {}, seal)
    if origin is Annotated:
        return _value(parts[0], value, seal)
    if origin is tuple:
        return tuple(_value(parts[0], item, seal) for item in value)
    if origin in (Union, UnionType):
        (only,) = [part for part in parts if part is not NoneType][:1]
        return _value(only, value, seal)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation(**_values(annotation, value, seal))
    return value
