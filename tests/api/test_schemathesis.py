"""The whole of the API's own description, tried by schemathesis as every kind of person.

No request is answered by a fault, no answer breaks its schema, and nothing of another jurisdiction
is in any. The suite takes a slice (every so many operations, another one for each person); the
whole is ``make schemathesis``.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from domain.organisation import organisation_id
from tests.support.land import Land, build

if TYPE_CHECKING:
    import requests

    from tests.support.web import Web

EXAMPLES = int(os.environ.get("DAOCHA_SCHEMA_EXAMPLES", "1"))
EVERY = int(os.environ.get("DAOCHA_SCHEMA_EVERY", "80"))
"""Of the operations, one in so many."""
PEOPLE = ["", "总经理一", "工人一", "局长一", "专管员", "副县长", "倒查组员", "外县局长", "无职者"]
UNAVAILABLE = 503


@pytest.fixture(scope="module")
def land(web: Web) -> Land:
    return build(web)


def others(land: Land, who: str) -> set[str]:
    """Return what no answer to somebody may hold: ids and codes of what is not theirs."""
    if who in ("", "副县长"):
        names = ["FAR", "DX"] if who else []
    elif who == "外县局长":
        names = ["E1", "E2"]
    else:
        names = ["E2"] if who != "无职者" else ["E1", "E2"]
    found = {land.hazards[name] for name in names if name in land.hazards}
    return found | {str(organisation_id(land.code(name))) for name in names if name[0] == "E"}


@pytest.mark.parametrize("who", PEOPLE, ids=[each or "owner" for each in PEOPLE])
def test_every_operation(land: Land, who: str) -> None:
    schema = schemathesis.openapi.from_dict(land.web.app.openapi())
    operations = [each.ok() for each in schema.get_all_operations() if hasattr(each, "ok")]
    start = random.Random(who).randrange(EVERY)  # noqa: S311 - which slice
    headers = {"Authorization": f"Bearer {land.tokens[who]}"} if who else {}
    secret = others(land, who)
    for operation in operations[start::EVERY]:
        _try(operation, str(land.web.client.base_url), headers, secret)


def _try(operation: Any, base_url: str, headers: dict[str, str], secret: set[str]) -> None:  # noqa: ANN401
    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def trying(case: Any) -> None:  # noqa: ANN401 - schemathesis's own
        response = case.call(base_url=base_url, headers=headers)
        told: requests.Response = response
        label = f"{case.method} {case.path} {case.path_parameters} {case.query} {case.body!r:.500}"
        assert told.status_code < 500 or told.status_code == UNAVAILABLE, (label, told.text)
        case.validate_response(response, checks=[not_a_server_error, response_schema_conformance])
        asked = label
        leaked = {each for each in secret if each in told.text and each not in asked}
        assert not leaked, (label, leaked)

    trying()
