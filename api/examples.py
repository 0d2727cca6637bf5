"""Examples 示例: one invented story, told act by act, from which every operation takes its example.

Posted in their order to an empty ledger, all of them are accepted (a test does so). A kind of fact
that the story does not know yet gets an example made from its model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from api.operations import operations

if TYPE_CHECKING:
    from api.operations import Operation

_SOME_ID = "01900a00-0000-7000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Example:
    """One act of the story: what is posted where."""

    topic: str
    address: dict[str, str]
    body: dict[str, Any]

    @property
    def path(self) -> str:
        """Return where it is posted, below ``/api/v1``."""
        return operations()[self.topic].path.format(**self.address)


@cache
def story() -> tuple[Example, ...]:
    """Return the story, act by act."""
    told = json.loads(files("api").joinpath("examples.json").read_text("utf-8"))
    return tuple(Example(**act) for act in told)


def example_of(operation: Operation) -> dict[str, Any]:
    """Return the body of an example request for an operation."""
    told = [each for each in story() if each.topic == operation.topic.name]
    if told:
        return max(told, key=lambda each: len(each.body)).body
    schema = operation.body.model_json_schema()
    made: dict[str, Any] = _made(schema, schema.get("$defs", {}))
    return made


def example_of_commands() -> dict[str, Any]:
    """Return an example of several acts in one command: an inspection and what it found."""
    wanted = (
        *("inspection.held", "hazard.found", "inspection.finding_recorded"),
        *("order.issued", "inspection.finding_disposed"),
    )
    firsts = [next(each for each in story() if each.topic == topic) for topic in wanted]
    return {"acts": [_listed(each) for each in firsts]}


def _listed(example: Example) -> dict[str, Any]:
    envelope = {"record", "happened", "by_post"}
    return {
        "topic": example.topic,
        **example.address,
        **{name: value for name, value in example.body.items() if name in envelope},
        "data": {name: value for name, value in example.body.items() if name not in envelope},
    }


def _made(schema: dict[str, Any], parts: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Return an example made from a JSON Schema: what must be given, and what has an example."""
    if "$ref" in schema:
        return _made(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    for choices in ("examples", "enum", "anyOf", "oneOf"):
        if choices in schema:
            first = schema[choices][0]
            return _made(first, parts) if isinstance(first, dict) else first
    if schema.get("type") == "object":
        fields = schema.get("properties", {}).items()
        wanted = schema.get("required", ())
        return {n: _made(f, parts) for n, f in fields if n in wanted or "examples" in f}
    if schema.get("type") == "array":
        return [_made(schema["items"], parts)]
    if schema.get("format") == "uuid":
        return _SOME_ID
    simple = {"integer": schema.get("minimum", 1), "boolean": False}
    return schema.get("const", simple.get(schema["type"], "……"))
