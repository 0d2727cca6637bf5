"""Every fact of the examples' story is taken back in turn: lists and traces go on answering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.correction import FactCorrected
from tests.api.conftest import telling_the_story
from tests.support.web import API

if TYPE_CHECKING:
    from pathlib import Path

LISTS = ("/hazards", "/organisations", "/incidents", "/reports?month=2024-05")


@pytest.mark.parametrize("backwards", [False, True])
def test_whatever_is_taken_back(postgres_url: str, tmp_path: Path, *, backwards: bool) -> None:
    with telling_the_story(postgres_url, tmp_path) as web:
        ledger = web.here.ledger
        told = [
            entry.position
            for entry in ledger.range(0, 10_000)
            if not (entry.fact.topic.final or isinstance(entry.fact, FactCorrected))
            and entry.topic != "ledger.opened"
        ]
        for position in sorted(told, reverse=backwards):
            body = {"positions": [position], "reason": "误录"}
            answer = web.post("/corrections", body)
            assert answer.status_code in {201, 409}, answer.text
        web.here.runner.wait_for(ledger.head().position, 120)
        for path in LISTS:
            assert web.client.get(API + path).status_code == 200, path
        trace = web.get("/enterprises/91371399MA3C00003U/trace", at="2024-12-31")
        assert trace.status_code in {200, 404}, trace.text
