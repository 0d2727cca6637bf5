"""Gates 门槛: an act with legal effect is refused while its condition fails, with the clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import GateClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from domain.fact import Draft
    from domain.policy.duty import Docket


@dataclass(frozen=True, slots=True)
class Shut:
    """Why a gate is closed and what opens it, in both languages.

    ``clause`` is the one that asks for it, where a gate stands for more than its own.
    """

    zh: str
    en: str
    todo_zh: str
    todo_en: str
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition on facts of some topics.

    Args:
        clause: the clause that asks for it.
        topics: the facts it guards.
        check: returns why it is closed, or None where it is open.
        setting: the setting that switches it off, where it goes beyond the words of the text.
    """

    clause: str
    topics: tuple[str, ...]
    check: Callable[[Docket, Draft], Shut | None]
    setting: str | None = None


def pass_gates(
    gates: Iterable[Gate], docket: Docket, draft: Draft, instead_of: Draft | None = None
) -> None:
    """Ask every gate that guards the draft's topic, in the policy's order.

    Args:
        gates: all there are.
        docket: the case of the enterprise concerned.
        draft: the act.
        instead_of: the act as it was first written down, where a correction writes it anew; a gate
            that finds the same wanting in both is not asked again by the correction.

    Raises:
        GateClosed: the first gate that is closed, citing its clause.
    """
    for gate in gates:
        shut = _shut(gate, docket, draft)
        if shut and not (instead_of and shut == _shut(gate, docket, instead_of)):
            raise GateClosed(
                shut.zh,
                shut.en,
                todo_zh=shut.todo_zh,
                todo_en=shut.todo_en,
                clause=shut.clause or gate.clause,
            )


def _shut(gate: Gate, docket: Docket, draft: Draft) -> Shut | None:
    """Return why a gate is closed to a draft; a setting of nought switches it off, as none does."""
    if draft.fact.topic.name not in gate.topics:
        return None
    if gate.setting and not docket.settings.at(gate.setting, draft.happened).number:
        return None
    return gate.check(docket, draft)
