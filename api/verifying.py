"""Verifying evidence bundles 核验证据包: with a file and a trust policy, and nothing else.

To what :func:`~domain.proof.bundle.open_bundle` checks, this adds one thing for traces: the same
question is asked of the facts in the bundle again, by this program's own rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import ValidationError

from api.attached import attached_to, is_pdf
from api.bundling import retrace
from domain.errors import DaochaError, NotProved
from domain.fact import read_leaf
from domain.moment import local_day, parse_moment, utc
from domain.proof.bundle import Bundle, Evidence, open_bundle
from domain.proof.claims import Claim, Claims, claims_of
from domain.proof.taken import TAKEN
from domain.trace import Question

if TYPE_CHECKING:
    from domain.fact import Entry
    from domain.proof.trust import Trust


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle that holds, and what it proves."""

    evidence: Evidence
    claims: Claims


def verify(data: bytes, trust: Trust) -> Verified:
    """Check a bundle, its trace included, and return what it proves.

    Args:
        data: the bundle, or a document on paper that carries one.
        trust: whom to trust.

    Raises:
        Invalid: it is no bundle, and carries none.
        NotProved: something in it does not hold, or its trace is not what its facts lead to.
    """
    if not is_pdf(data):
        return _verify(data, trust)
    found = _verify(attached_to(data), trust)
    left_open = (Claim("printed_words", {}), *found.claims.open)
    return Verified(found.evidence, Claims(found.claims.proved, left_open))


def _verify(data: bytes, trust: Trust) -> Verified:
    evidence = open_bundle(data, trust)
    claims = claims_of(evidence)
    if evidence.trace is None:
        return Verified(evidence, claims)
    try:
        entries = _entries(evidence, Bundle.model_validate_json(data))
        question = _question(evidence.trace)
    except (DaochaError, ValidationError, ValueError, KeyError, TypeError):
        return Verified(evidence, claims)  # facts of another version of the program
    told = retrace(UUID(evidence.about.id), entries, question) | {"head": evidence.trace["head"]}
    if told != evidence.trace:
        raise NotProved(
            "倒查结论与由这些事实重新计算的结果不同",
            "the trace is not what the rules of this program lead to from these facts",
            todo_zh="结论被改动，或出自规则不同的程序版本",
            todo_en="it was altered, or made by a version of the program with other rules",
            where="trace",
        )
    proved = (*claims.proved, Claim("rules_checked", {}))
    left_open = tuple(each for each in claims.open if each.key != "rules_not_checked")
    return Verified(evidence, Claims(proved, left_open))


def _entries(evidence: Evidence, bundle: Bundle) -> list[Entry]:
    """Return the facts as the program reads them, with the words that are disclosed."""
    entries = [
        read_leaf(leaf.text.encode()) for leaf in evidence.leaves.values() if leaf.topic != TAKEN
    ]
    disclosed = {(each.position, each.path): each for each in bundle.disclosed}
    for entry in entries:
        for path, sealed in entry.fact.sealed():
            found = disclosed.get((entry.position, entry.fact.stands_at(path)))
            if found:
                sealed.fill(found.value, bytes.fromhex(found.salt))
    return entries


def _question(trace: dict[str, Any]) -> Question:
    at = parse_moment(trace["at"])
    known_at = trace["known_at"] and utc(parse_moment(trace["known_at"]))  # type: ignore[arg-type]
    incident = trace["incident"] and UUID(trace["incident"]["id"])
    look_back = local_day(at) - date.fromisoformat(trace["look_back"])
    return Question(at, known_at or None, incident or None, look_back)


def told(claim: Claim) -> dict[str, Any]:
    """Return a claim as JSON: key, words in both languages, the facts that show it."""
    return {
        "key": claim.key,
        "zh": claim.words("zh"),
        "en": claim.words("en"),
        "facts": list(claim.facts),
    }
