from __future__ import annotations

import json

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from api.schemas import BUNDLE, FILE, bundle_schema, trace_schema
from domain.answer import Trace
from tests.support.evidence import DISCLOSED, SHOWN, zero_report
from tests.support.tree import ROOT


def test_the_published_schema_is_current() -> None:
    assert (ROOT / FILE).read_bytes() == trace_schema(), "run: python -m api.schemas"
    assert (ROOT / BUNDLE).read_bytes() == bundle_schema(), "run: python -m api.schemas"


def test_a_bundle_is_of_its_schema() -> None:
    schema = Draft202012Validator(json.loads(bundle_schema()))
    bundle = json.loads(zero_report().bundle(*SHOWN, disclosed=DISCLOSED).write())
    assert schema.is_valid(bundle)
    assert not schema.is_valid({**bundle, "extra": 1})


def test_the_published_schema_is_a_schema_of_a_whole_answer() -> None:
    schema = json.loads(trace_schema())
    Draft202012Validator.check_schema(schema)
    assert set(schema["required"]) == Trace.model_fields.keys()
    assert schema["additionalProperties"] is False


def test_the_schema_refuses_what_is_no_answer() -> None:
    assert not Draft202012Validator(json.loads(trace_schema())).is_valid({"enterprise": "甲"})
