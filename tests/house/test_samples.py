"""Every kind of fact ever stored can be read: what was written once is read for ever."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

import orjson
import pytest

from api.sent import own_topics
from domain.fact import Fact, canonical, read_fact
from tests.samples.make import FOLDER, facts, make, path_of, sample_of

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("topic", own_topics())
def test_every_version_of_every_fact_has_a_sample(topic: str) -> None:
    versions = range(1, own_topics()[topic].schema + 1)
    missing = [v for v in versions if not path_of(topic, v).exists()]
    assert missing == [], "run python -m tests.samples.make, and commit what it writes"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_still_reads(path: Path) -> None:
    sample = orjson.loads(path.read_bytes())
    topic, body = sample["topic"], sample["body"]
    assert path.name == f"{topic}.{body['schema']}.json"
    fact = read_fact(topic, body["schema"], body["data"])
    assert fact.topic.name == topic
    if body["schema"] == fact.topic.schema:
        assert fact.model_dump(mode="json", exclude_none=True) == body["data"]
    assert canonical(body)


def test_no_sample_is_made_again() -> None:
    assert make() == []


def test_one_of_every_kind_is_made() -> None:
    assert {fact.topic.name for fact in facts()} == own_topics().keys()


def test_they_are_always_the_same() -> None:
    assert [sample_of(fact) for fact in facts()] == [sample_of(fact) for fact in facts()]


@pytest.mark.parametrize("fact", [topic.fact for topic in own_topics().values()])
def test_what_is_left_out_when_stored_is_not_asked_for_when_read(fact: type[Fact]) -> None:
    """Nulls are not stored: a field that must be given and may be null could not be read back."""
    wanted = {
        name: field
        for name, field in fact.model_fields.items()
        if field.is_required() and NoneType in _parts(field.annotation)
    }
    assert wanted == {}


def _parts(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any annotation
    return get_args(annotation)
