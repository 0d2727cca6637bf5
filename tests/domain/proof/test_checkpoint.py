from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, NotProved
from domain.proof.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from domain.proof.cosignature import (
    ED25519_COSIGNATURE,
    ML_DSA_44,
    CosignatureVerifier,
    Cosigner,
    Ed25519Cosigner,
    MlDsaCosigner,
    MlDsaVerifier,
    cosigned_at,
    read_cosigner,
)
from domain.proof.note import ED25519, Key, NoteSigner, NoteVerifier, write_note

HEAD = Checkpoint("example.com/log", 20_852_163, sha256(b"root").digest())
LOG = NoteSigner("example.com/log", bytes(range(32)))
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ED, ML = (
    Ed25519Cosigner("witness.example", bytes([1]) * 32),
    MlDsaCosigner("witness.example", bytes([2]) * 32),
)
COSIGNERS: list[Cosigner] = [ED, ML]
both = pytest.mark.parametrize("cosigner", COSIGNERS, ids=["Ed25519", "ML-DSA-44"])


# C2SP tlog-checkpoint.


def test_text() -> None:
    assert HEAD.text == "example.com/log\n20852163\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"


lines = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)
hashes = st.binary(min_size=32, max_size=32)


@given(lines, st.integers(0, 2**63 - 1), hashes, st.lists(lines))
def test_what_is_written_is_read(origin: str, size: int, root: bytes, more: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(more))
    assert read_checkpoint(checkpoint.text) == checkpoint


ROOT = "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I="


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "a\n1\n", f"a\n1\n{ROOT}", f"\n1\n{ROOT}\n", f"a\n1\n{ROOT}\n\n"),
        *(f"a\n1\n{ROOT}\nx\n\ny\n", f"a\n\n{ROOT}\n", "a\n1\n\n"),
        *(f"a\n{size}\n{ROOT}\n" for size in ("01", "-1", "+1", " 1", "1 ", "1.0", "x", "１")),
        *(f"a\n{size}\n{ROOT}\n" for size in (2**63, 10**19, "00")),
        *(f"a\n1\n{root}\n" for root in (ROOT[:-1], ROOT + "=", ROOT[:-2] + "J=", ROOT[4:], "*")),
    ],
)
def test_no_checkpoint(text: str) -> None:
    with pytest.raises(Invalid):
        read_checkpoint(text)


def test_only_the_log_makes_a_checkpoint() -> None:
    log, witness = [NoteVerifier(LOG.key)], [CosignatureVerifier(ED.key)]
    signature, cosignature = LOG.sign(HEAD.text), ED.cosign(HEAD.text, TIME)
    note = write_note(HEAD.text, [signature, cosignature])
    checkpoint, opened = open_checkpoint(note, "example.com/log", log, witness)
    assert (checkpoint, opened.signatures) == (HEAD, (signature, cosignature))
    checkpoint, opened = open_checkpoint(note, "example.com/log", log)
    assert (opened.signatures, opened.unknown) == ((signature,), (cosignature,))
    with pytest.raises(NotProved, match="another log"):
        open_checkpoint(note, "example.com/other", log, witness)
    with pytest.raises(NotProved, match="did not sign"):
        open_checkpoint(write_note(HEAD.text, [cosignature]), "example.com/log", log, witness)


def test_what_the_log_signed_must_be_a_checkpoint() -> None:
    with pytest.raises(Invalid, match="not a checkpoint"):
        open_checkpoint(
            write_note("hello\n", [LOG.sign("hello\n")]), "hello", [NoteVerifier(LOG.key)]
        )


# C2SP tlog-cosignature.


@both
def test_cosignature(cosigner: Cosigner) -> None:
    signature = cosigner.cosign(HEAD.text, TIME)
    verifier = read_cosigner(str(cosigner.key))
    assert verifier.key == cosigner.key
    assert signature[:2] == (cosigner.key.name, cosigner.key.id)
    assert verifier.verify(HEAD.text.encode(), signature.value)
    assert cosigned_at(signature) == TIME
    for at in (0, 7, 8, 40, len(signature.value) - 1):
        changed = bytearray(signature.value)
        changed[at] ^= 1
        assert not verifier.verify(HEAD.text.encode(), bytes(changed))
    for value in (b"", signature.value[:7], signature.value[:-1], signature.value + b"\0"):
        assert not verifier.verify(HEAD.text.encode(), value)
    other = Checkpoint(HEAD.origin, HEAD.size + 1, HEAD.root).text
    assert not verifier.verify(other.encode(), signature.value)


def test_message_of_the_specification() -> None:
    """The bytes are those of the specification's example, signed with a key of our own."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    signature = ED.cosign(text, datetime.fromtimestamp(1_679_315_147, UTC))
    signed = f"cosignature/v1\ntime 1679315147\n{text}".encode()
    plain = NoteVerifier(Key("any", ED25519, ED.key.public))
    assert signature.value[:8] == (1_679_315_147).to_bytes(8)
    assert plain.verify(signed, signature.value[8:])


def test_extension_lines_are_signed_by_ed25519_only() -> None:
    extended = Checkpoint(HEAD.origin, HEAD.size, HEAD.root, ("extension",)).text.encode()
    assert not CosignatureVerifier(ED.key).verify(extended, ED.cosign(HEAD.text, TIME).value)
    assert MlDsaVerifier(ML.key).verify(extended, ML.cosign(HEAD.text, TIME).value)


def test_ml_dsa_names_the_witness() -> None:
    renamed = MlDsaVerifier(Key("other.example", ML_DSA_44, ML.key.public))
    assert not renamed.verify(HEAD.text.encode(), ML.cosign(HEAD.text, TIME).value)
    long_name = MlDsaVerifier(Key("x" * 256, ML_DSA_44, ML.key.public))
    assert not long_name.verify(HEAD.text.encode(), ML.cosign(HEAD.text, TIME).value)


@both
def test_only_checkpoints_are_cosigned_by_ml_dsa(cosigner: Cosigner) -> None:
    verifier = read_cosigner(str(cosigner.key))
    assert not verifier.verify(b"hello\n", cosigner.cosign(HEAD.text, TIME).value)


@both
def test_moments(cosigner: Cosigner) -> None:
    """None is stated by 0; one past the year 9999 is a future that is refused."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, tzinfo=UTC)
    verifier = read_cosigner(str(cosigner.key))
    assert cosigned_at(cosigner.cosign(HEAD.text, epoch)) is None
    assert cosigned_at(cosigner.cosign(HEAD.text, last)) == last
    assert verifier.verify(HEAD.text.encode(), cosigner.cosign(HEAD.text, last).value)
    later = cosigner.cosign(HEAD.text, last.replace(hour=1))
    assert not verifier.verify(HEAD.text.encode(), later.value)


def test_keys_of_the_wrong_kind() -> None:
    for key in (LOG.key, Key("a", ED25519_COSIGNATURE, bytes(32)), Key("a", 0x05, ED.key.public)):
        with pytest.raises(Invalid):
            read_cosigner(str(key))
    with pytest.raises(Invalid, match="good ML-DSA-44 key"):
        MlDsaVerifier(ED.key)
    with pytest.raises(Invalid, match="good ML-DSA-44 key"):
        read_cosigner(str(Key("a", ML_DSA_44, ED.key.public)))
    with pytest.raises(Invalid, match="good Ed25519 key"):
        NoteVerifier(ED.key)


def test_one_key_of_each_kind_has_an_id_of_its_own() -> None:
    kinds = (ED25519, ED25519_COSIGNATURE, ML_DSA_44)
    assert len({Key("a", kind, ED.key.public).id for kind in kinds}) == len(kinds)
