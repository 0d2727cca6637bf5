from __future__ import annotations

import pytest

from domain.policy.clauses import CLAUSES
from domain.policy.rules import BREACHES, DUTIES, GATES
from domain.policy.settings import SETTINGS


@pytest.mark.parametrize(
    ("number", "section"), [("1.1a", "一（一）"), ("3.2c", "三（二）"), ("5.4d", "五（四）")]
)
def test_a_clause_stands_in_its_section(number: str, section: str) -> None:
    assert CLAUSES[number].section == section


def test_the_clauses_stand_in_the_policys_order() -> None:
    assert list(CLAUSES) == sorted(CLAUSES)
    assert all(clause.number == number for number, clause in CLAUSES.items())


def test_every_rule_is_of_a_clause_that_is_in_force_and_of_its_kind() -> None:
    for rules, kind in ((DUTIES, "duty"), (BREACHES, "breach"), (GATES, "gate")):
        for rule in rules:
            assert CLAUSES[rule.clause].implemented, rule
            known = {*CLAUSES[rule.clause].kinds, *_BESIDE.get(rule.clause, ())}
            assert kind in known, rule


_BESIDE = {
    "1.1a": ("breach",),
    "1.2a": ("breach", "gate"),
    "3.1d": ("gate",),
    "3.2c": ("duty",),
    "4.1c": ("gate",),
    "4.2a": ("gate",),
    "5.1a": ("breach",),
}
"""What the words of a row say beside the kind that heads it."""


def test_every_clause_that_owes_or_forbids_something_has_a_rule() -> None:
    ruled = {rule.clause for rules in (DUTIES, BREACHES, GATES) for rule in rules}
    active = {
        number
        for number, clause in CLAUSES.items()
        if clause.implemented and {"duty", "gate", "breach"} & set(clause.kinds)
    }
    assert active <= ruled


def test_every_setting_is_of_a_clause_and_every_period_of_a_rule_is_a_setting() -> None:
    assert all(setting.clause in CLAUSES for setting in SETTINGS.values())
    assert all(key.startswith(setting.clause) for key, setting in SETTINGS.items())
    for rule in DUTIES:
        assert rule.within is None or SETTINGS[rule.within].clause == rule.clause
    assert {gate.setting for gate in GATES} - {None} <= SETTINGS.keys()
    assert all(key.startswith(rule.clause) for rule in GATES if (key := rule.setting))


def test_no_two_rules_of_a_clause_have_one_key() -> None:
    for rules in (DUTIES, BREACHES):
        keys = [(rule.clause, rule.key) for rule in rules]
        assert len(keys) == len(set(keys))
