"""The published JSON Schema 格式 of a trace's answer; ``python -m api.schemas`` writes the file."""

from __future__ import annotations

from pathlib import Path

import orjson

from domain.answer import Trace

FILE = Path("docs/schema/trace.schema.json")
"""Where it stands in the repository."""


def trace_schema() -> bytes:
    """Return the JSON Schema (draft 2020-12) of what ``daocha trace --json`` answers."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Trace.model_json_schema(mode="serialization"),
    }
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(trace_schema())
