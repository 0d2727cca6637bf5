from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from domain.correction import FactCorrected, Replacement
from domain.errors import Invalid
from domain.fact import Actor, Draft, canonical, read_fact, read_leaf
from tests.support.book import ident, text
from tests.support.plant import PLANT, found

CORRECTION = ident("更正")
NOW = datetime(2024, 3, 6, 1, tzinfo=UTC)


def corrected(replacement: Replacement | None) -> FactCorrected:
    return FactCorrected(
        positions=(7,), about=(PLANT,), reason=text("日期有误"), replacement=replacement
    )


REPLACED = corrected(Replacement(happened=date(2024, 3, 4), fact=found()))


def test_what_stood_there_is_found_through_the_replacement_s_tags() -> None:
    assert set(REPLACED.tags()) == {f"org:{PLANT}"}
    assert list(corrected(None).tags()) == [f"org:{PLANT}"]
    other = found().model_copy(update={"finder": ident("张三")})
    tags = corrected(Replacement(happened=date(2024, 3, 4), fact=other)).tags()
    assert f"person:{ident('张三')}" in set(tags)


def test_sealed_values_of_the_replacement_are_sealed_with_it() -> None:
    assert [path for path, _ in REPLACED.sealed()] == [
        "reason",
        "replacement.fact.description",
    ]
    assert [path for path, _ in corrected(None).sealed()] == ["reason"]


def test_it_is_written_and_read_as_any_fact() -> None:
    draft = Draft(CORRECTION, 1, REPLACED, Actor(authentication="cli"), NOW, NOW)
    body = orjson.loads(draft.body(ident("命令"), b"n" * 16))
    leaf: dict[str, Any] = {
        "body": body,
        "position": 8,
        "record": str(CORRECTION),
        "recorded": "2024-03-06T01:00:00Z",
        "tags": draft.tags(),
        "topic": "fact.corrected",
        "version": 1,
    }
    fact = read_leaf(canonical(leaf)).fact
    assert isinstance(fact, FactCorrected)
    assert fact.replacement
    assert fact.replacement.happened == date(2024, 3, 4)
    assert type(fact.replacement.fact) is type(found())
    assert body["data"]["replacement"]["fact"]["topic"] == "hazard.found"
    assert read_fact("fact.corrected", 1, body["data"]) == fact


def test_a_replacement_of_an_unknown_kind_is_refused() -> None:
    unknown = {"topic": "hazard.imagined", "data": {}}
    with pytest.raises(Invalid, match="未知的事实类型"):
        Replacement.model_validate({"happened": "2024-03-04", "fact": unknown})


def test_a_replacement_that_is_no_fact_is_refused() -> None:
    with pytest.raises(ValidationError):
        Replacement.model_validate({"happened": "2024-03-04", "fact": "隐患"})


def test_a_correction_says_of_what() -> None:
    with pytest.raises(ValidationError):
        FactCorrected(positions=(), reason=text("无"))
