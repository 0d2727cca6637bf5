"""The published JSON Schemas 格式; ``python -m api.schemas`` writes the files."""

from __future__ import annotations

from pathlib import Path

import orjson

from domain.answer import Trace
from domain.proof.bundle import Bundle

FILE = Path("docs/schema/trace.schema.json")
BUNDLE = Path("docs/schema/bundle.schema.json")
"""Where they stand in the repository."""


def trace_schema() -> bytes:
    """Return the JSON Schema (draft 2020-12) of what ``daocha trace --json`` answers."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Trace.model_json_schema(mode="serialization"),
    }
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def bundle_schema() -> bytes:
    """Return the JSON Schema of an evidence bundle; what else must hold is in docs/verifying.md."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Bundle.model_json_schema(mode="serialization"),
    }
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(trace_schema())
    BUNDLE.write_bytes(bundle_schema())
