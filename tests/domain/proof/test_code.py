from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.proof.code import read_code, short_code


def test_the_first_eighty_bits() -> None:
    assert short_code(bytes(32)) == "0000-0000-0000-0000"
    assert short_code(b"\xff" * 32) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    assert short_code(bytes(range(32))) == "000G-40R4-0M30-E209"


@given(st.binary(min_size=32, max_size=32))
def test_a_code_is_read_however_it_was_typed(leaf: bytes) -> None:
    code = short_code(leaf)
    assert read_code(code) == code
    assert read_code(code.lower().replace("-", "")) == code
    assert read_code(code.replace("0", "o").replace("1", "l")) == code
    assert read_code(f" {code.replace('-', ' ')} ") == code


@pytest.mark.parametrize(
    "text", ["", "0000", "U" * 16, "0" * 17, "０" * 16, "0000-0000-0000-000\n"]
)
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(Invalid, match="not a check code"):
        read_code(text)
