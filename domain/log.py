"""The transparency log's own keys 日志密钥: which of them sign, since when, as facts.

A checkpoint is signed by every key in use. While a key is being replaced both sign, so that whoever
still trusts only the old one, and whoever already trusts only the new one, can read every
checkpoint. The private halves are in no ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AfterValidator, Field

from domain.errors import Contradiction, Invalid
from domain.fact import Fact
from domain.proof.note import NoteVerifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.fact import Entry

_MAX_KEY = 400


def _checked(vkey: str) -> str:
    try:
        NoteVerifier.read(vkey)
    except Invalid as error:
        raise ValueError(error.en) from error
    return vkey


LogKey = Annotated[
    str,
    Field(
        max_length=_MAX_KEY,
        examples=["ledger.example/yinan+3fb92f23+AdIsS6h0jwMU2XDVJ2xxhyCLoVMGn0WcGLZkDs6Lq2uP"],
    ),
    AfterValidator(_checked),
]
"""A public key in the text form of signed notes (*vkey*); its name is the log's origin."""


class LogKeyAdopted(
    Fact, topic="log.key_adopted", zh="启用日志密钥", en="Log key adopted", of_record=True
):
    """From here on every checkpoint of the log is signed by this key too."""

    key: LogKey


class LogKeyRetired(
    Fact, topic="log.key_retired", zh="停用日志密钥", en="Log key retired", of_record=True
):
    """No checkpoint is signed by this key any more; what it signed before still stands."""

    key: LogKey


def log_id(origin: str) -> UUID:
    """Return the id of the record that holds everything about a log's keys (UUIDv5)."""
    return uuid5(NAMESPACE_URL, f"log\n{origin}")


def adopted(record: Iterable[Entry]) -> list[str]:
    """Return every key that was ever in use, in the order of adoption."""
    return [entry.fact.key for entry in record if isinstance(entry.fact, LogKeyAdopted)]


def in_use(record: Sequence[Entry]) -> list[str]:
    """Return the keys that sign now, the one that has served longest first.

    Args:
        record: the facts of the log's record, in order.
    """
    retired = {entry.fact.key for entry in record if isinstance(entry.fact, LogKeyRetired)}
    return [key for key in adopted(record) if key not in retired]


def check_adopted(fact: LogKeyAdopted, record: Sequence[Entry]) -> None:
    """Refuse to adopt a key that was adopted before, with ``Contradiction``."""
    if fact.key in adopted(record):
        raise Contradiction(
            "此日志密钥已启用过",
            "this log key was adopted before",
            todo_zh="停用的密钥不再启用；请生成新的",
            todo_en="a retired key is not taken up again: make a new one",
            where="key",
        )


def check_retired(fact: LogKeyRetired, record: Sequence[Entry]) -> None:
    """Refuse to retire a key that is not in use, or the only one that is: ``Contradiction``."""
    using = in_use(record)
    if fact.key not in using:
        raise Contradiction(
            "此日志密钥不在使用中",
            "this log key is not in use",
            todo_zh="在用的密钥见 daocha log key",
            todo_en="daocha log key shows those in use",
            where="key",
        )
    if len(using) == 1:
        raise Contradiction(
            "这是唯一在用的日志密钥，停用后日志无人签署",
            "this is the only log key in use: without it nobody signs the log",
            todo_zh="先启用新的：daocha log rotate",
            todo_en="adopt a new one first: daocha log rotate",
            where="key",
        )
