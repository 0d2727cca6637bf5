from __future__ import annotations

import csv
import runpy
from pathlib import Path

import pytest

from api.demo.cast import FIRMS, TITLES
from api.demo.codes import COMPANY, GOVERNMENT, INDIVIDUAL, INSTITUTION, credit_code
from api.demo.words import PROBLEMS

CODES = Path(__file__).parents[4] / "shared" / "data" / "codes"


@pytest.mark.skipif(not CODES.exists(), reason="the shared data folder is not there")
@pytest.mark.parametrize("kind", [GOVERNMENT, INSTITUTION, COMPANY, INDIVIDUAL])
def test_codes_have_both_check_digits(kind: str) -> None:
    check = runpy.run_path(str(CODES / "uscc_check.py"))
    for serial in range(0, 3000, 7):
        code = credit_code(kind, serial)
        assert check["ok"](code)
        assert check["org_check"](code[8:16]) == code[16]


def test_codes_are_of_an_area_that_does_not_exist() -> None:
    assert credit_code(COMPANY, 1) == "91371399000000019T"
    assert credit_code(COMPANY, 1)[2:8] == "371399"


@pytest.mark.skipif(not CODES.exists(), reason="the shared data folder is not there")
def test_no_division_has_that_area() -> None:
    with (CODES / "linyi_divisions.csv").open(encoding="utf-8-sig") as file:
        assert not any(row["code"].startswith("371399") for row in csv.DictReader(file))


@pytest.mark.skipif(not CODES.exists(), reason="the shared data folder is not there")
def test_industries_are_those_of_the_national_standard() -> None:
    with (CODES / "gbt4754_2017.csv").open(encoding="utf-8-sig") as file:
        known = {row["code"] for row in csv.DictReader(file) if row["level"] == "4"}
    assert {firm.industry for firm in FIRMS} <= known


def test_every_trade_has_titles_and_problems() -> None:
    trades = {firm.trade for firm in FIRMS}
    assert trades == set(TITLES) == set(PROBLEMS)
