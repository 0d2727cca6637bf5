"""Forks 分叉: two checkpoints of one size and different roots, both signed by the log.

An honest log never signs two. So the two notes together convict it, to whoever trusts its key and
nothing else; neither server nor witness is needed. Whoever was shown one history and meets somebody
who was shown another puts the two into one small file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from domain.errors import Invalid, NotProved
from domain.fact import canonical
from domain.proof.checkpoint import read_checkpoint
from domain.proof.encoding import Exact
from domain.proof.note import open_note
from domain.proof.trust import Trust


class Fork(Exact):
    """The file: the two signed notes, the one whose bytes sort first in front."""

    fork: Literal["daocha.fork/v1"] = "daocha.fork/v1"
    one: str
    other: str

    def write(self) -> bytes:
        """Return the file's bytes: canonical JSON (RFC 8785)."""
        return canonical(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Forked:
    """What a fork proves: this log signed two trees of one size."""

    origin: str
    size: int
    roots: tuple[bytes, bytes]

    @property
    def zh(self) -> str:
        """What is proved, in Chinese."""
        return f"日志 {self.origin} 为同样的{self.size}条事实签发了两个不同的树根：有两种历史"

    @property
    def en(self) -> str:
        """The same in English."""
        return f"the log {self.origin} signed two different roots at {self.size}: two histories"


def make_fork(one: bytes, other: bytes, trust: Trust) -> Fork:
    """Return the file that two checkpoints make up.

    Raises:
        Invalid, NotProved: as for :func:`open_fork`: they prove no fork.
    """
    first, second = sorted((one.decode(), other.decode()))
    fork = Fork(one=first, other=second)
    open_fork(fork.write(), trust)
    return fork


def is_fork(data: bytes) -> bool:
    """Tell whether a file says it is a fork; whether it proves one, :func:`open_fork` tells."""
    return data.startswith(b'{"fork":')


def open_fork(data: bytes, trust: Trust) -> Forked:
    """Check a fork and return what it proves.

    Args:
        data: the file.
        trust: whose log it is of; its witnesses are not asked.

    Raises:
        Invalid: it is no such file, or not written in its one form.
        NotProved: the log did not sign both, or they do not contradict each other.
    """
    try:
        fork = Fork.model_validate_json(data)
    except ValidationError as error:
        raise Invalid("不是分叉的证明", f"not the proof of a fork: {error}") from error
    if fork.write() != data or fork.one > fork.other:
        raise Invalid("分叉的证明不是规范形式", "the proof of a fork is not in its one form")
    origin = fork.one.partition("\n")[0]
    if origin not in trust.logs:
        raise NotProved("信任策略中没有该日志", "the policy has no such log", where=origin)
    known = [*trust.logs[origin], *trust.witnesses.values()]
    opened = [open_note(note.encode(), known) for note in (fork.one, fork.other)]
    log = {(verifier.key.name, verifier.key.id) for verifier in trust.logs[origin]}
    for note in opened:
        if note.unknown or not any(each[:2] in log for each in note.signatures):
            raise NotProved("日志没有签署其中一份", "the log did not sign both of them")
    one, other = (read_checkpoint(note.text) for note in opened)
    if one.origin != other.origin or one.size != other.size or one.root == other.root:
        raise NotProved(
            "两份检查点并不矛盾",
            "the two checkpoints do not contradict each other",
            todo_zh="须是同一日志、同样大小、树根不同的两份",
            todo_en="give two of one log and one size, with different roots",
        )
    return Forked(one.origin, one.size, (one.root, other.root))
