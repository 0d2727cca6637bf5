"""The OpenAPI document is whole, in both languages, and its examples are true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import Field

from api.examples import _made, example_of, example_of_commands, story
from api.glossary import FIELDS
from api.operations import operations
from api.sent import make_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.web import Web

CHINESE = re.compile("[\u4e00-\u9fff]")
METHODS = {"get", "post"}


@pytest.fixture(scope="module")
def document(web: Web) -> dict[str, Any]:
    answer = web.client.get("/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    document: dict[str, Any] = answer.json()
    return document


def operations_in(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


def references_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from references_in(item)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(references_in(document)):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, reference
            place = place[part]


def test_every_operation_speaks_both_languages(document: dict[str, Any]) -> None:
    for name, operation in operations_in(document):
        chinese, _, english = operation["summary"].partition(" · ")
        assert CHINESE.search(chinese), name
        assert english.isascii(), name
        assert english, name
        assert operation["tags"], name
    assert CHINESE.search(document["info"]["description"])


def test_every_operation_is_named_once(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations_in(document)]
    assert len(set(names)) == len(names)


def test_every_command_takes_an_id(document: dict[str, Any]) -> None:
    for name, operation in operations_in(document):
        headers = {p["name"]: p["required"] for p in operation.get("parameters", ())}
        records = name.startswith("POST") and name not in ASKING
        assert headers.get("Idempotency-Key") is (True if records else None)


def test_every_kind_of_fact_is_there(document: dict[str, Any]) -> None:
    for operation in operations().values():
        assert "post" in document["paths"][f"/api/v1{operation.path}"]


SIGNING_IN = [
    "POST /api/v1/sign-in/passkey/options",
    "POST /api/v1/sign-in/passkey",
    "POST /api/v1/enrolments/passkey/options",
    "POST /api/v1/enrolments/passkey",
]
INFORMING = [f"POST /api/v1/tips/{each}" for each in ("follow", "inbox", "additions", "proof")]
ASKING = [*INFORMING, "POST /api/v1/traces/what-if", *SIGNING_IN]
"""Questions too long for an address, and what has no retry: the second time is another matter."""
PUBLIC = [
    *(*INFORMING, "GET /api/v1/tips/offices", *SIGNING_IN, "GET /api/v1/exposures"),
    *("GET /health", "GET /log/checkpoint", "GET /log/tile/{address}"),
]


def test_every_operation_tells_how_it_refuses(document: dict[str, Any]) -> None:
    for name, operation in operations_in(document):
        if name == "GET /health" or name.startswith("GET /log/"):  # these speak C2SP
            continue
        for status in ("400", "422", "503", *(() if name in PUBLIC else ("401",))):
            content = operation["responses"][status]["content"]
            assert list(content) == ["application/problem+json"], name


def test_every_operation_but_the_public_ones_takes_a_token(document: dict[str, Any]) -> None:
    open_to_all = [n for n, each in operations_in(document) if not each.get("security")]
    assert sorted(open_to_all) == sorted(PUBLIC)


def test_every_example_is_valid_by_its_own_schema(document: dict[str, Any]) -> None:
    checked = 0
    for name, operation in operations_in(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        schema = {**content["schema"], "components": document["components"]}
        errors = list(Draft202012Validator(schema).iter_errors(content["example"]))
        assert errors == [], name
        checked += 1
    # several acts together; a passkey; a paper; a tip that is read
    assert checked == len(operations()) + 4 + len(ASKING)


def test_every_example_is_taken_by_its_own_model() -> None:
    for act in story():
        operations()[act.topic].body.model_validate(act.body)
    assert example_of_commands()["acts"]


def test_every_field_has_a_chinese_name() -> None:
    nameless = {
        name
        for operation in operations().values()
        for name in operation.body.model_fields
        if name not in FIELDS
    }
    assert nameless == set()


def test_a_kind_of_fact_that_the_story_does_not_know_gets_an_example() -> None:
    """So that a new fact is documented as soon as it is declared."""
    for operation in operations().values():
        schema = operation.body.model_json_schema()
        made = _made(schema, schema.get("$defs", {}))
        if operation.topic.name not in ("fact.corrected", "report.filed", "report.endorsed"):
            errors = list(Draft202012Validator(schema).iter_errors(made))
            assert errors == [], (operation.topic.name, made)
        assert example_of(operation)


def test_an_example_is_made_of_every_kind_of_value() -> None:
    part = make_model("Part", {"words": (str, ...)}, None)
    fields = {
        "number": (int, ...),
        "sure": (bool, ...),
        "parts": (tuple[part, ...], ...),  # type: ignore[valid-type]
        "choice": (part | None, ...),
        "shown": (str, Field(default="", examples=["甲"])),
        "hidden": (str, ""),
    }
    schema = make_model("Whole", fields, None).model_json_schema()
    assert _made(schema, schema["$defs"]) == {
        "number": 1,
        "sure": False,
        "parts": [{"words": "……"}],
        "choice": {"words": "……"},
        "shown": "甲",
    }


class TestThePage:
    def test_it_needs_nothing_from_elsewhere(self, web: Web) -> None:
        page = web.client.get("/docs")
        assert page.status_code == 200
        links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        for link in links:
            assert link.startswith(("/docs/", "data:,"))
            if link.startswith("/"):
                assert web.client.get(link).status_code == 200

    def test_nothing_is_inline(self, web: Web) -> None:
        page = web.client.get("/docs")
        assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page.text) == []
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy

    def test_the_script_starts_it(self, web: Web) -> None:
        script = web.client.get("/docs/start.js")
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert 'url: "/openapi.json"' in script.text
