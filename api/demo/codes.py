"""统一社会信用代码 that are valid and cannot be anybody's: their area 371399 does not exist."""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MODULUS = len(_DIGITS)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_MODULUS = 11
_AREA = "371399"

GOVERNMENT = "11"
"""Registered by 机构编制: governments, departments, zone committees."""
INSTITUTION = "12"
"""事业单位."""
COMPANY = "91"
"""企业."""
INDIVIDUAL = "92"
"""个体工商户."""


def credit_code(kind: str, serial: int) -> str:
    """Return a code with both check digits: that of GB 11714 inside, that of GB 32100 at the end.

    Args:
        kind: the first two digits: the registering authority and the kind of organisation.
        serial: what tells it from every other; at most eight digits.
    """
    own = f"{serial:08d}"
    first = f"{kind}{_AREA}{own}{_org_check(own)}"
    return first + _check(first)


def _org_check(own: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(own, _ORG_WEIGHTS, strict=True))
    rest = (_ORG_MODULUS - total % _ORG_MODULUS) % _ORG_MODULUS
    return "X" if rest == _ORG_MODULUS - 1 else str(rest)


def _check(first: str) -> str:
    total = sum(_DIGITS.index(digit) * pow(3, place, _MODULUS) for place, digit in enumerate(first))
    return _DIGITS[-total % _MODULUS]
