from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intake.codes import (
    credit_code_check,
    credit_code_flaws,
    is_resident_number,
    organisation_code_check,
    read_code,
    read_number,
)
from domain.intake.problem import Cell

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
INDEPENDENT = Path(__file__).parents[4] / "shared/data/codes/uscc_check.py"


def codes_of(cell: Cell, read: Callable[[Cell], tuple[str | None, tuple[object, ...]]]) -> str:
    value, flaws = read(cell)
    return f"{value} {' '.join(flaw.code for flaw in flaws)}".rstrip()  # type: ignore[attr-defined]


def credit_code(division: str, organisation: str) -> str:
    first = "91" + division + organisation + organisation_code_check(organisation)
    return first + credit_code_check(first)


VALID = credit_code("371302", "MA3C1234")


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43"])
def test_codes_seen_in_use_pass_the_check_of_the_whole(code: str) -> None:
    assert credit_code_check(code[:17]) == code[17]


@given(st.text(ALPHABET, min_size=17, max_size=17))
def test_check_agrees_with_an_independent_one(first: str) -> None:
    if not INDEPENDENT.exists():
        pytest.skip(f"the independent check is not here: {INDEPENDENT}")
    spec = importlib.util.spec_from_file_location("uscc_check", INDEPENDENT)
    assert spec
    assert spec.loader
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    assert credit_code_check(first) == other.check(first)
    assert organisation_code_check(first[:8]) == other.org_check(first[:8])


@given(st.text("0123456789", min_size=6, max_size=6), st.text(ALPHABET, min_size=8, max_size=8))
def test_good_credit_code_passes(division: str, organisation: str) -> None:
    code = credit_code(division, organisation)
    assert credit_code_flaws(code) == ()
    assert read_code(code) == (code, ())


@given(st.integers(2, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_seen(place: int, char: str) -> None:
    good = credit_code("371302", "MA3C1234")
    wrong = good[:place] + char + good[place + 1 :]
    assert bool(credit_code_flaws(wrong)) == (wrong != good)


def test_both_checks_are_made_and_name_the_right_character() -> None:
    good = credit_code("371302", "60003734")
    wrong_inside = good[:16] + ("0" if good[16] != "0" else "2")
    flaws = credit_code_flaws(wrong_inside + credit_code_check(wrong_inside))
    assert [(flaw.code, flaw.detail) for flaw in flaws] == [("uscc_organisation_check", good[16])]
    flaws = credit_code_flaws(good[:17] + ("0" if good[17] != "0" else "1"))
    assert [(flaw.code, flaw.detail) for flaw in flaws] == [("uscc_check", good[17])]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("CCN015009", "CCN015009"),
        (" 015009 ", "015009"),
        ("９Ａ－１", "9A-1"),
        ("a1", "a1"),
        ("1E5", "1E5"),
        ("=1+1", "=1+1"),
        ("A\u200b1", "A1 control_characters"),
        ("A\x001", "A1 control_characters"),
        ("91371302600037341I", "91371302600037341I uscc_letters"),
        (VALID, VALID),
        (VALID.lower(), VALID),
        (f"{VALID[:4]} {VALID[4:]}", VALID),
        (VALID[:17] + "3", f"{VALID[:17]}3 uscc_check"),
        (371302000000123, "371302000000123 numeric_code"),
        (37130200001, "None numeric_code_may_lack_zeros"),
        (-37130200000012, "None numeric_code_may_lack_zeros"),
        (0, "None numeric_code_may_lack_zeros"),
        (123.5, "None float_code"),
        (3.71302e17, "None float_code"),
        ("9.13713E+17", "None float_code"),
        ("9.13713e17", "None float_code"),
        ("9E+17", "None float_code"),
        ("371302001.0", "None float_code"),
        ("11010519491231002X", "None personal_id_as_code"),
        ("11010519491231002x", "None personal_id_as_code"),
        ("A1、A2", "None several_codes"),
        ("A1\nA2", "None several_codes"),
        ("A" * 64, "A" * 64),
        ("A" * 65, "None overlong_code"),
        ("A" * 20_000, "None overlong_code"),
        (None, "None missing_code"),
        ("", "None missing_code"),
        (" / ", "None missing_code"),
        ("无", "None missing_code"),
        ("nan", "None missing_code"),
    ],
)  # fmt: skip
def test_code(cell: Cell, read: str) -> None:
    assert codes_of(cell, read_code) == read


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("11010519491231002X", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),
        ("010105194912310021", False),
        ("1101051949123100", False),
    ],
)
def test_resident_number(number: str, valid: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_resident_number(number) == valid


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("D000001", "D000001"),
        (17, "17"),
        ("１７", "17"),
        ("3.1", "3.1"),
        (17.5, "None float_number"),
        ("2.02405E+11", "None float_number"),
        ("N" * 100, "N" * 100),
        ("N" * 101, "None overlong_number"),
        (None, "None missing_number"),
        ("/", "None missing_number"),
        ("D\u202e1", "D1 control_characters"),
    ],
)
def test_number(cell: Cell, read: str) -> None:
    assert codes_of(cell, read_number) == read


@given(st.text() | st.integers() | st.floats())
def test_no_cell_is_too_odd(cell: Cell) -> None:
    for read in (read_code, read_number):
        value, flaws = read(cell)
        assert value or flaws
