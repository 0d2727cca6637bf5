"""What is wrong with a request, field by field, in Chinese and in English.

Pydantic says what it expected; here every kind of complaint gets its words. None of them repeats
what was sent, which may be personal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.glossary import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST = 20
"""Complaints told of one request: who sent rubbish needs no complete list of it."""
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("缺少此项", "this field is missing"),
    "extra_forbidden": ("没有这一项", "there is no such field"),
    "unexpected_query": ("没有这个查询参数", "there is no such query parameter"),
    "string_type": ("须为文字", "text is expected"),
    "string_unicode": ("文字编码有误", "the text is not valid Unicode"),
    "unreadable": ("含有不可见字符 {code}", "it holds an invisible character, {code}"),
    "string_too_short": ("至少须有 {min_length} 个字", "at least {min_length} characters"),
    "string_too_long": ("至多 {max_length} 个字", "at most {max_length} characters"),
    "string_pattern_mismatch": ("格式须为 {pattern}", "it must match {pattern}"),
    "too_short": ("至少须有 {min_length} 项", "at least {min_length} of them"),
    "too_long": ("长度至多 {max_length}", "at most {max_length}"),
    "int_type": ("须为整数", "an integer is expected"),
    "int_parsing": ("须为整数", "an integer is expected"),
    "int_parsing_size": ("整数过大", "the integer is too large"),
    "bool_type": ("须为 true 或 false", "true or false is expected"),
    "bool_parsing": ("须为 true 或 false", "true or false is expected"),
    "greater_than_equal": ("不得小于 {ge}", "it must be at least {ge}"),
    "less_than_equal": ("不得大于 {le}", "it must be at most {le}"),
    "literal_error": ("须为 {expected} 之一", "one of {expected} is expected"),
    "enum": ("须为 {expected} 之一", "one of {expected} is expected"),
    "uuid_type": ("须为 UUID", "a UUID is expected"),
    "uuid_parsing": ("须为 UUID", "a UUID is expected"),
    "organisation": (
        "须为单位的档案编号或单位编码",
        "an organisation's id or its code is expected",
    ),
    "day": ("须为日期，如 2024-05-03", "a day is expected, such as 2024-05-03"),
    "instant": (
        "须为带时区的时间，如 2024-05-03T14:30:00+08:00",
        "a time with its zone is expected, such as 2024-05-03T14:30:00+08:00",
    ),
    "moment": (
        "须为日期，如 2024-05-03，或带时区的时间，如 2024-05-03T14:30:00+08:00",
        "a day or a time with its zone is expected, such as 2024-05-03T14:30:00+08:00",
    ),
    "tuple_type": ("须为数组", "an array is expected"),
    "list_type": ("须为数组", "an array is expected"),
    "dict_type": ("须为对象", "an object is expected"),
    "model_type": ("须为对象", "an object is expected"),
    "model_attributes_type": ("须为对象", "an object is expected"),
    "union_tag_not_found": ("缺少 {discriminator}", "{discriminator} is missing"),
    "union_tag_invalid": (
        "没有这种事实；可用的种类见 /docs",
        "there is no such kind of fact; see /docs for those there are",
    ),
    "json_invalid": ("不是合法的 JSON（第 {at} 个字符处）", "not valid JSON (at character {at})"),
    "cursor": ("不是本列表给出的游标", "this is no cursor that this list gave"),
}
_OTHERWISE = ("不符合要求", "it is not as required")
_PLACES = ("body", "query", "path", "header", "cookie")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one field: where it stands, such as ``items.0.deadline``, and what."""

    where: str
    zh: str
    en: str


def complaints(errors: Iterable[Mapping[str, Any]]) -> list[Complaint]:
    """Return what pydantic found wrong, in words."""
    return [_complaint(error) for error in list(errors)[:MOST]]


def _complaint(error: Mapping[str, Any]) -> Complaint:
    kind, place = error["type"], [str(part) for part in error["loc"]]
    values = dict(error.get("ctx") or {})
    if kind == "json_invalid":
        values["at"], place = place[-1], ["body"]
    zh, en = _WORDS.get(kind, _OTHERWISE)
    path = _path(place)
    name = FIELDS.get(path[-1]) if path else None
    where = ".".join(path)
    return Complaint(
        where=where or place[0],
        zh=f"{name or where or '请求正文'}：{zh.format(**values)}".replace(" or ", "、"),
        en=f"{where or 'the body'}: {en.format(**values)}",
    )


def _path(place: list[str]) -> list[str]:
    """Return the way to a field, without the kind of fact that pydantic puts between."""
    inner = place[1:] if place and place[0] in _PLACES else place
    return [part for part in inner if part.isdigit() or "." not in part]
