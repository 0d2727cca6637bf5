"""Whatever a correction takes back, what is left can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from domain.organisation import organisation_id
from domain.reading import read_case
from domain.trace import Question, trace

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from tests.api.demo.conftest import Played


def test_the_trace_is_told_without_any_one_kind_of_fact(played: Played) -> None:
    """Without the first of each kind, and without all of it, as if a correction had taken it."""
    shown = played.shown
    enterprise = organisation_id(shown.enterprise)
    case = read_case(cast("Ledger", played.tape), enterprise)
    question = Question(shown.at, incident=shown.incident)
    failed = []
    for topic in sorted({entry.topic for entry in case} - {"ledger.opened"}):
        first = next(entry for entry in case if entry.topic == topic)
        for left in (
            [entry for entry in case if entry is not first],
            [entry for entry in case if entry.topic != topic],
        ):
            try:
                trace(enterprise, left, question)
            except Exception as error:  # noqa: BLE001 - all of them are told at once
                failed.append((topic, len(case) - len(left), repr(error)))
    assert failed == []
