"""Every kind of fact goes in over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.examples import story
from api.operations import operations

if TYPE_CHECKING:
    from tests.support.web import Web


def test_the_story_is_accepted_act_by_act(web: Web) -> None:
    refused = []
    for position, act in enumerate(story(), 2):
        answer = web.post(act.path, act.body)
        if answer.status_code != 201:
            refused.append((act.topic, answer.json()))
            break
        assert answer.json()["position"] == position
        assert answer.json()["topic"] == act.topic
    assert refused == []


def test_the_story_knows_every_operation() -> None:
    assert operations().keys() - {act.topic for act in story()} == set()
