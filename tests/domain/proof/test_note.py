from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, NotProved
from domain.proof.note import (
    ED25519,
    Key,
    NoteSigner,
    NoteVerifier,
    Signature,
    Verifier,
    is_name,
    open_note,
    read_key,
    split_note,
    write_note,
)
from tests.support.vectors import load, needs_vectors

# golang.org/x/mod/sumdb/note/note_test.go.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
NOT_IN_THE_FOLDER = {
    "sunlight cmd/skylight/testdata/witness (Ed25519 cosignature/v1, time 1767139200)",
    "sunlight mirror cosignature over a 300-leaf tile tree whose tiles are alongside",
}
"""Their notes are files of another repository, which the vectors only point at."""

SIGNER = NoteSigner("example.com/log", bytes(range(32)))


def verifiers(*vkeys: str) -> list[Verifier]:
    return [NoteVerifier.read(vkey) for vkey in vkeys]


def note(*lines: str, text: str = TEXT) -> bytes:
    return "\n".join((text, "".join(lines))).encode()


# Published vectors.


@needs_vectors
def test_published_notes() -> None:
    vectors = load("notes/notes.json")
    left_out = set()
    for vector in vectors["valid"]:
        if "note" not in vector:
            left_out.add(vector["source"])
            continue
        opened = open_note(vector["note"].encode(), verifiers(vector["vkey"]))
        assert vector["note"].startswith(opened.text + "\n— ")
        assert [s.name for s in opened.signatures] == [vector["vkey"].split("+")[0]]
        if "skey" in vector:
            signer = NoteSigner.read(vector["skey"])
            assert signer.secret == vector["skey"]
            assert str(signer.key) == vector["vkey"]
            assert write_note(opened.text, [signer.sign(opened.text)]).decode() == vector["note"]
    assert left_out == NOT_IN_THE_FOLDER
    for vkey in vectors["bad_vkeys"]:
        with pytest.raises(Invalid):
            NoteVerifier.read(vkey)


# Keys.


def test_every_mangled_key_is_refused() -> None:
    for start in range(len(PETER) + 1):
        for end in range(start, len(PETER) + 1):
            if (start, end) != (0, len(PETER)):
                with pytest.raises(Invalid):
                    NoteVerifier.read(PETER[start:end])
    for at, letter in enumerate(PETER):
        with pytest.raises(Invalid):
            NoteVerifier.read(PETER[:at] + chr(ord(letter) + 1) + PETER[at + 1 :])


def test_every_mangled_signer_is_refused() -> None:
    for start in range(len(SIGNER.secret)):
        with pytest.raises(Invalid):
            NoteSigner.read(SIGNER.secret[start + 1 :])
        with pytest.raises(Invalid):
            NoteSigner.read(SIGNER.secret[:start])
        changed = chr(ord(SIGNER.secret[start]) ^ 1)
        with pytest.raises(Invalid):
            NoteSigner.read(SIGNER.secret[:start] + changed + SIGNER.secret[start + 1 :])
    assert NoteSigner.read(SIGNER.secret).key == SIGNER.key


def test_key_of_small_order_is_refused() -> None:
    for public in (bytes(32), bytes([1]) + bytes(31), bytes([236]) + b"\xff" * 30 + b"\x7f"):
        with pytest.raises(Invalid, match="good Ed25519 key"):
            NoteVerifier(Key("example.com", ED25519, public))


@pytest.mark.parametrize("name", ["a", "example.com/log", "临沂市", "a-b_c", "—"])
def test_name(name: str) -> None:
    assert is_name(name)
    assert read_key(str(Key(name, ED25519, SIGNER.key.public))).name == name


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u3000b", "a\u0085b", "a\u2028", "\t", "a\x01"]
)
def test_no_name(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(Invalid, match="key name"):
        Key(name, ED25519, SIGNER.key.public)


# Opening.


def test_known_signatures_are_checked_and_others_kept_aside() -> None:
    both = note(PETER_LINE, ENOCH_LINE)
    opened = open_note(both, verifiers(PETER))
    assert opened.text == TEXT
    assert [s.line for s in opened.signatures] == [PETER_LINE]
    assert [s.line for s in opened.unknown] == [ENOCH_LINE]
    opened = open_note(both, verifiers(ENOCH, PETER))
    assert [s.line for s in opened.signatures] == [PETER_LINE, ENOCH_LINE]
    assert opened.unknown == ()


def test_a_note_that_nobody_known_signed_is_refused() -> None:
    for known in ([], verifiers(ENOCH)):
        with pytest.raises(NotProved, match="trusted key"):
            open_note(note(PETER_LINE), known)


def test_repeated_signatures_count_once() -> None:
    changed = ENOCH_LINE.replace("rwz+eBzm", "rwz+eBzn")
    opened = open_note(
        note(PETER_LINE, PETER_LINE, ENOCH_LINE, ENOCH_LINE, changed), verifiers(PETER)
    )
    assert [s.line for s in opened.signatures] == [PETER_LINE]
    assert [s.line for s in opened.unknown] == [ENOCH_LINE, changed]


def test_a_bad_signature_spoils_the_note() -> None:
    """Also after a good one of the same key, which Go would not look at any more."""
    bad = PETER_LINE.replace("x08go/ZJ", "x08go/ZK")
    for lines in ((bad,), (bad, ENOCH_LINE), (PETER_LINE, bad)):
        with pytest.raises(NotProved, match="invalid signature"):
            open_note(note(*lines), verifiers(PETER, ENOCH))


def test_two_keys_of_one_name_and_id() -> None:
    impostor = NoteVerifier(Key("PeterNeumann", ED25519, SIGNER.key.public))
    impostor.key.__dict__["id"] = read_key(PETER).id  # such a key is found in hours
    with pytest.raises(Invalid, match="one name and id"):
        open_note(note(PETER_LINE), [*verifiers(PETER), impostor])
    assert open_note(note(PETER_LINE), verifiers(PETER, PETER)).text == TEXT


@pytest.mark.parametrize(
    "data",
    [
        *(TEXT.encode(), b"", b"\n", b"\n\n"[:1] + PETER_LINE.encode()),
        *(b"\x01" + note(PETER_LINE), b"\xff" + note(PETER_LINE), note(PETER_LINE, "\r\n")),
        *(note(PETER_LINE, text="a\tb\n"), b"x" * 1_000_001 + note(PETER_LINE)),
    ],
)
def test_no_note(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        open_note(data, verifiers(PETER))
    assert type(caught.value) is Invalid


PETER_BASE64 = PETER_LINE.split(" ")[2]


@pytest.mark.parametrize(
    "lines",
    [
        *("", "\n", PETER_LINE[:-1], PETER_LINE + "Unexpected line.\n", PETER_LINE[2:]),
        *(f"— Bad Name {PETER_BASE64}", f"— {PETER_BASE64}", f"—  {PETER_BASE64}", "— name\n"),
        *("— name \n", "— name AAAA\n", "— name AAAAAA==\n", "— name AAAAAAB=\n"),
        *(PETER_LINE.replace("AM=", "AN="), PETER_LINE.replace("=", ""), "— a+b AAAAAAA=\n"),
        *(PETER_LINE.replace("=\n", "= \n"), PETER_LINE.replace("— ", "- ")),
        *(PETER_LINE * 101, "— name ААААААА=\n"),
    ],
)
def test_what_stands_under_the_text_must_be_signatures(lines: str) -> None:
    with pytest.raises(NotProved):
        open_note(note(lines), verifiers(PETER))


def test_the_text_ends_at_the_last_empty_line() -> None:
    text = "first\n\nsecond\n\n\n"
    message = write_note(text, [SIGNER.sign(text)])
    assert open_note(message, [NoteVerifier(SIGNER.key)]).text == text
    empty = write_note("\n", [SIGNER.sign("\n")])
    assert open_note(empty, [NoteVerifier(SIGNER.key)]).text == "\n"


# Writing.


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n"), max_size=50))
def test_what_is_written_is_read(text: str) -> None:
    text += "\n"
    other = Signature("other", b"abcd", b"x")
    message = write_note(text, [SIGNER.sign(text), other])
    opened = open_note(message, [NoteVerifier(SIGNER.key)])
    assert (opened.text, opened.unknown) == (text, (other,))
    assert split_note(message)[1][1] == other


@pytest.mark.parametrize("text", ["", "no newline", "control\x07\n", "tab\t\n", "return\r\n"])
def test_text_that_no_note_can_have(text: str) -> None:
    with pytest.raises(Invalid, match="malformed"):
        write_note(text, [SIGNER.sign(text)])


def test_nobody_signed() -> None:
    with pytest.raises(Invalid, match="nobody signed"):
        write_note(TEXT, [])


def test_signer_key_of_another_key() -> None:
    other = NoteSigner("example.com/log", bytes(32))
    mixed = SIGNER.secret.rsplit("+", 1)[0] + "+" + other.secret.rsplit("+", 1)[1]
    with pytest.raises(Invalid, match="does not fit its id"):
        NoteSigner.read(mixed)
