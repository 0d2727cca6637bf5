"""Codes of enterprises and numbers of rows: text, never arithmetic.

A spreadsheet that stores a code as a number drops its leading zeros and every digit after the
fifteenth, without a sign. An enterprise that stands in the ledger under a wrong code stands there
for ever, so a code that may be damaged sets its row aside.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from domain.intake.problem import Cell, Flaw
from domain.intake.values import BLANK, Flaws, read_text

MAX_CODE = 64
MAX_NUMBER = 100

_DECIMAL = re.compile(r"\d+\.\d+|\d+(?:\.\d+)?[Ee]\+\d+|\d\.\d+[Ee]\d+")
_SEPARATORS = re.compile(r"[\s,;、，；]")
_CREDIT_CODE_LENGTH = 18
_REGISTRATION_LENGTH = 15

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_NEVER_USED = "IOSVZ"
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT = re.compile(
    r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]"
)
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))


def credit_code_check(first: str) -> str:
    """Return the last character of a 统一社会信用代码: 31 - Σ wc mod 31 (GB 32100-2015)."""
    total = sum(_VALUES[char] * weight for char, weight in zip(first, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def organisation_code_check(first: str) -> str:
    """Return the last character of an 组织机构代码: 11 - Σ wc mod 11 (GB 11714-1997)."""
    weighted = zip(first, _ORGANISATION_WEIGHTS, strict=True)
    return "0123456789X"[-sum(int(char, 36) * weight for char, weight in weighted) % 11]


def credit_code_flaws(code: str) -> Flaws:
    """Return what is wrong with a 统一社会信用代码 of 18 capital letters and digits.

    Both checks are made: that of the whole, and that of the organisation code in places 9 to 17.
    """
    if unused := sorted({char for char in code if char not in _VALUES}):
        return (Flaw("uscc_letters", "".join(unused)),)
    flaws = []
    if code[17] != (right := credit_code_check(code[:17])):
        flaws.append(Flaw("uscc_check", right))
    if code[16] != (right := organisation_code_check(code[8:16])):
        flaws.append(Flaw("uscc_organisation_check", right))
    return tuple(flaws)


def is_resident_number(code: str) -> bool:
    """Tell whether ``code`` is a valid 公民身份号码 (GB 11643-1999, ISO 7064 MOD 11-2)."""
    if _RESIDENT.fullmatch(code) is None:
        return False
    total = sum(int(char) * weight for char, weight in zip(code, _RESIDENT_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == code[17]


@lru_cache(maxsize=1 << 15, typed=True)
def read_code(cell: Cell) -> tuple[str | None, Flaws]:
    """Read 单位编码.

    A code of 18 letters and digits is taken for a 统一社会信用代码 and checked; a failed check is a
    warning. Codes of other systems are taken as they are. A whole number is taken only if it has 15
    digits (营业执照注册号, which begins with a division code and so never with 0): of any other,
    leading zeros may be lost. None sets the row aside.
    """
    if isinstance(cell, float):
        return None, (Flaw("float_code"),)
    if isinstance(cell, int):
        return _numeric_code(cell)
    text, flaws = read_text(cell)
    text = normalize("NFKC", text)
    joined = "".join(text.split()).upper()
    if len(joined) == _CREDIT_CODE_LENGTH and joined.isascii() and joined.isalnum():
        wrong = credit_code_flaws(joined)
        if wrong and is_resident_number(joined):
            return None, (Flaw("personal_id_as_code"),)
        return joined, flaws + wrong
    if refusal := _why_no_code(text):
        return None, (refusal,)
    return text, flaws


def _numeric_code(number: int) -> tuple[str | None, Flaws]:
    if number > 0 and len(str(number)) == _REGISTRATION_LENGTH:
        return str(number), (Flaw("numeric_code"),)
    return None, (Flaw("numeric_code_may_lack_zeros"),)


def _why_no_code(text: str) -> Flaw | None:
    if text in BLANK:
        return Flaw("missing_code")
    if _DECIMAL.fullmatch(text):
        return Flaw("float_code")
    if _SEPARATORS.search(text):
        return Flaw("several_codes")
    if len(text) > MAX_CODE:
        return Flaw("overlong_code", str(MAX_CODE))
    return None


def read_number(cell: Cell) -> tuple[str | None, Flaws]:
    """Read 隐患编号 or 事故编号: text; a whole number is text too, a decimal one cannot be used."""
    if isinstance(cell, float):
        return None, (Flaw("float_number"),)
    text, flaws = read_text(cell)
    text = normalize("NFKC", text)
    if text in BLANK:
        return None, (Flaw("missing_number"),)
    if _DECIMAL.fullmatch(text) and "e" in text.lower():
        return None, (Flaw("float_number"),)
    if len(text) > MAX_NUMBER:
        return None, (Flaw("overlong_number", str(MAX_NUMBER)),)
    return text, flaws
