from __future__ import annotations

import json

import pytest

from domain.errors import Invalid
from domain.fact import canonical, leaf_hash
from domain.proof.leaf import read_leaf, read_part
from domain.proof.statement import Statement
from tests.support.evidence import DEPUTY, ENTERPRISE, REPORT, known_signers

GOOD = known_signers().leaves[1]


def test_a_fact() -> None:
    leaf = read_leaf(GOOD)
    assert (leaf.position, leaf.topic, leaf.version) == (2, "organisation.registered", 1)
    assert leaf.data["name"] == "沂河化工有限公司"
    assert leaf.hash == leaf_hash(GOOD)
    assert leaf.about == {str(ENTERPRISE)}
    assert str(REPORT) not in leaf.about


def other(**changes: object) -> bytes:
    return canonical({**json.loads(GOOD), **changes})


@pytest.mark.parametrize(
    "leaf",
    [
        *(b"", b"{}", b"[]", b'"text"', GOOD + b" ", b" " + GOOD, b"\xef\xbb\xbf" + GOOD, b"\xff"),
        *(other(position=0), other(position="2"), other(version=0), other(version="1")),
        *(other(extra=1), other(body={}), other(tags="org"), other(recorded=1)),
        GOOD.replace(b'{"body"', b'{"body":{},"body"'),
        GOOD.replace(b'"enterprise"', b"1.5"),
        GOOD.replace(b'"enterprise"', b"1e400"),
        GOOD.replace(b'"enterprise"', b"NaN"),
        GOOD.replace(b'"enterprise"', b'"\\ud800"'),
        GOOD.replace(b'"enterprise"', b"[" * 5000 + b"]" * 5000),
        GOOD.replace(b'"enterprise"', b"9" * 5000),
    ],
)  # fmt: skip
def test_what_is_no_fact(leaf: bytes) -> None:
    with pytest.raises(Invalid):
        read_leaf(leaf)


def test_a_part_has_one_form() -> None:
    log = known_signers()
    content = json.loads(log.sign(DEPUTY, log.report()))
    assert read_part(Statement, read_leaf(canonical(content)), "statement").seen.size == 11
    content["body"]["data"]["statement"]["seen"]["size"] = "11"
    with pytest.raises(Invalid, match="not in its canonical form"):
        read_part(Statement, read_leaf(canonical(content)), "statement")
    with pytest.raises(Invalid, match="malformed"):
        read_part(Statement, read_leaf(canonical(content)), "else")
