"""A fork is proved by two notes of one size; nothing less counts, and no other spelling."""

from __future__ import annotations

import pytest

from domain.errors import Invalid, NotProved
from domain.fact import canonical
from domain.proof.checkpoint import Checkpoint
from domain.proof.fork import Fork, make_fork, open_fork
from domain.proof.note import NoteSigner, write_note
from tests.support.evidence import LOG, STRANGER, TIME, TRUST, WITNESS


def note(size: int, root: int, *, signer: NoteSigner = LOG) -> bytes:
    text = Checkpoint(signer.key.name, size, bytes([root]) * 32).text
    return write_note(text, [signer.sign(text), WITNESS.cosign(text, TIME)])


def test_two_roots_of_one_size_convict_the_log() -> None:
    fork = make_fork(note(5, 2), note(5, 1), TRUST)
    assert fork == make_fork(note(5, 1), note(5, 2), TRUST)
    forked = open_fork(fork.write(), TRUST)
    assert (forked.origin, forked.size) == (LOG.key.name, 5)
    assert set(forked.roots) == {bytes([1]) * 32, bytes([2]) * 32}
    assert "为同样的5条事实签发了两个不同的树根" in forked.zh
    assert "signed two different roots at 5" in forked.en


@pytest.mark.parametrize("other", [note(5, 1), note(6, 2)])
def test_what_is_no_contradiction(other: bytes) -> None:
    with pytest.raises(NotProved, match="do not contradict"):
        make_fork(note(5, 1), other, TRUST)


def test_a_log_that_is_not_trusted() -> None:
    other = NoteSigner("other.example/log", bytes([9]) * 32)
    with pytest.raises(NotProved, match="no such log"):
        make_fork(note(5, 1, signer=other), note(5, 2, signer=other), TRUST)


def test_signed_by_a_witness_only_or_by_strangers() -> None:
    text = Checkpoint(LOG.key.name, 5, bytes([2]) * 32).text
    only = write_note(text, [WITNESS.cosign(text, TIME)])
    with pytest.raises(NotProved, match="did not sign both"):
        make_fork(note(5, 1), only, TRUST)
    strange = write_note(text, [LOG.sign(text), STRANGER.cosign(text, TIME)])
    with pytest.raises(NotProved, match="did not sign both"):
        make_fork(note(5, 1), strange, TRUST)


def test_it_has_one_spelling() -> None:
    good = make_fork(note(5, 1), note(5, 2), TRUST)
    turned = Fork(one=good.other, other=good.one)
    spaced = good.write().replace(b":", b": ", 1)
    named = canonical({**good.model_dump(), "fork": "daocha.fork/v2"})
    for wrong in (turned.write(), spaced, named, b"", b"{}"):
        with pytest.raises(Invalid):
            open_fork(wrong, TRUST)
