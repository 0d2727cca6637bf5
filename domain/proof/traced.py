"""Traces 倒查结论 in a bundle: that what a trace says rests on the facts beside it.

Checked is that every position the trace cites is a fact of the bundle, that each fact it lists is
told with that fact's own topic and times, and that each name it gives is the disclosed name of that
person. *Not* checked here is that the program's rules lead from these facts to these findings:
whoever has the program can ask it the same question of the same facts (``daocha verify`` does).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain.errors import Invalid, NotProved
from domain.fact import canonical
from domain.proof.leaf import Leaf

_CORRECTED = "fact.corrected"


def read_trace(
    text: str, leaves: Mapping[int, Leaf], names: Mapping[tuple[int, str], str], enterprise: str
) -> dict[str, Any]:
    """Return the trace in canonical JSON, after checking that it rests on these facts.

    Args:
        text: the trace.
        leaves: the facts, by position.
        names: what is disclosed, by position and path.
        enterprise: the record of the enterprise that it must be about.

    Raises:
        Invalid: it is no trace, or not canonical JSON.
        NotProved: it says of a fact what does not stand there; ``where`` is the position.
    """
    try:
        trace = json.loads(text)
        exact = canonical(trace) == text.encode()
        parts = list(_parts(trace))
    except (ValueError, RecursionError, Invalid) as error:
        raise Invalid("不是倒查结论", f"not a trace: {error}") from error
    if not exact or not isinstance(trace, dict) or not isinstance(trace.get("facts"), list):
        raise Invalid("倒查结论不是规范形式", "the trace is not in its canonical form")
    place = trace.get("place")
    if not isinstance(place, dict) or place.get("id") != enterprise:
        raise NotProved("倒查的是另一家单位", "the trace is about another enterprise")
    known = {leaf.record: leaf.position for leaf in leaves.values() if leaf.version == 1}
    for part in parts:
        _check_cited(part, leaves)
        _check_names(part, known, names)
    for line in trace["facts"]:
        _check_line(line, leaves)
    return trace


def _parts(value: object) -> Iterator[dict[str, Any]]:
    """Yield every object in a trace."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _parts(item)


def _check_cited(part: dict[str, Any], leaves: Mapping[int, Leaf]) -> None:
    facts = part.get("facts", [])
    for position in facts if isinstance(facts, list) else [facts]:
        if not isinstance(position, dict) and position not in leaves:
            raise _not_there(position)


def _check_names(
    part: dict[str, Any], known: Mapping[str, int], names: Mapping[tuple[int, str], str]
) -> None:
    person = part.get("person")
    if person is None:
        return
    name = part.get("person_name", part.get("name"))
    if name is not None and name != names.get((known.get(str(person), 0), "name")):
        raise NotProved("倒查中的姓名与公开的不符", "a name in the trace is not the disclosed one")


def _check_line(line: object, leaves: Mapping[int, Leaf]) -> None:
    position = line.get("position") if isinstance(line, dict) else None
    leaf = leaves.get(position) if isinstance(position, int) else None
    if leaf is None or not isinstance(line, dict):
        raise _not_there(position)
    said = line.get("topic"), line.get("happened"), line.get("recorded")
    recorded = leaf.recorded.replace(".000000Z", "Z")
    told = {(leaf.topic, leaf.happened, recorded)}
    replacement = leaf.data.get("replacement") if leaf.topic == _CORRECTED else None
    if isinstance(replacement, dict):
        fact = replacement.get("fact")
        topic = fact.get("topic") if isinstance(fact, dict) else None
        told.add((str(topic), str(replacement.get("happened")), recorded))
    if said not in told:
        where = f"{position}"
        raise NotProved("倒查所述与事实不符", "the trace tells a fact otherwise", where=where)


def _not_there(position: object) -> NotProved:
    return NotProved(
        "倒查所依据的事实不在证据包中", "a fact of the trace is not here", where=f"{position}"
    )
