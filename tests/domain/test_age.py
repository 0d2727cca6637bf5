"""What is seen of an age file from outside: for how many keys it is, and what it is not."""

from __future__ import annotations

import base64

import pytest
from pyrage import encrypt, passphrase, x25519

from domain.age import Header, is_recipient, read_header

KEY = x25519.Identity.generate().to_public()


def armored(*lines: bytes) -> str:
    text = base64.b64encode(b"\n".join(lines)).decode()
    return f"-----BEGIN AGE ENCRYPTED FILE-----\n{text}\n-----END AGE ENCRYPTED FILE-----"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_recipients_are_counted_whatever_grease_there_is(count: int) -> None:
    for _ in range(20):  # each file has a stanza for nobody, or none, by chance
        box = encrypt(b"words", [KEY] * count, armored=True).decode()
        assert read_header(box) == Header(count, ())


def test_a_passphrase_is_another_kind() -> None:
    assert read_header(passphrase.encrypt(b"words", "secret", armored=True).decode()) == Header(
        0, ("scrypt",)
    )


@pytest.mark.parametrize(
    "text",
    [
        "words",
        "-----BEGIN AGE ENCRYPTED FILE-----\n%%%\n-----END AGE ENCRYPTED FILE-----",
        armored(b"age-encryption.org/v2", b"-> X25519 x", b"--- x"),
        armored(b"age-encryption.org/v1", b"-> X25519 x"),
    ],
)
def test_what_is_no_age_file_is_none(text: str) -> None:
    assert read_header(text) is None


def test_a_recipient_has_check_digits() -> None:
    recipient = str(KEY)
    assert is_recipient(recipient)
    assert not is_recipient(recipient[:-1])
    assert not is_recipient(recipient.upper())
    for place in range(4, len(recipient)):
        wrong = "q" if recipient[place] != "q" else "p"
        assert not is_recipient(recipient[:place] + wrong + recipient[place + 1 :])
