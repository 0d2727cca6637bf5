"""Short codes 短码: how a document on paper leads to what the record says of it.

A code is the first 80 bits of the document's leaf hash in Crockford's base32, in four groups of
four: ``7K2M-0QXV-9DTR-4HBC``. Nobody can guess one, and nobody can make a document that has a given
one. Read back, letters that look like digits count as these, and case and dashes do not matter.
"""

from __future__ import annotations

import re

from domain.errors import Invalid

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BYTES = 10
_GROUP = 4
_FORM = re.compile(f"[{_ALPHABET}]{{16}}", re.ASCII)
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


def short_code(leaf: bytes) -> str:
    """Return the code of a document with this leaf hash."""
    number = int.from_bytes(leaf[:_BYTES])
    letters = [_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5)]
    groups = ("".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP))
    return "-".join(groups)


def read_code(text: str) -> str:
    """Return the code that somebody typed, in its one form.

    Raises:
        Invalid: it cannot be one.
    """
    letters = text.upper().translate(_LOOKS_LIKE)
    if not _FORM.fullmatch(letters):
        raise Invalid(
            "不是查验码",
            "not a check code",
            todo_zh="查验码为四组，每组四个字母或数字",
            todo_en="a code is four groups of four letters or digits",
            where="code",
        )
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
