"""The newest head ever signed 最新签署: what the log remembers outside its database.

A database can be restored from an old backup, or rewritten by whoever owns it, and its own
checkpoints with it. So whatever is to be signed is compared with what was signed before, and noted
in a small file beside the key *before* the signature leaves the process: the log is its own first
witness. It never signs a smaller tree, nor one that does not begin with the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.log.keys import write_durably
from domain.errors import Contradiction, Invalid, NotProved
from domain.proof.checkpoint import Checkpoint, read_checkpoint
from domain.proof.merkle import verify_consistency

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.log.keys import LogKeys

FILE = "log.head"


class Rewritten(Contradiction):
    """The ledger no longer holds what was signed: rolled back, or rewritten."""


class NewestSigned:
    """The head that was signed last, by any process of this machine.

    Args:
        keys: the log's keys; the file is beside theirs.
    """

    def __init__(self, keys: LogKeys) -> None:
        self.path = keys.directory / FILE
        self._keys = keys

    def read(self) -> Checkpoint | None:
        """Return the head, or None where nothing was signed from here yet.

        Raises:
            Contradiction: the file holds something else.
        """
        try:
            head = read_checkpoint(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (Invalid, OSError, UnicodeDecodeError) as error:
            raise self._foreign() from error
        if head.origin != self._keys.origin:
            raise self._foreign()
        return head

    def advance(self, new: Checkpoint, prove: Callable[[int], list[bytes]]) -> None:
        """Note that ``new`` is about to be signed; only then may it be.

        Args:
            new: the head.
            prove: gives the proof that its tree begins with that of a size.

        Raises:
            Rewritten: it does not begin with what was signed before.
            Unavailable: it cannot be noted.
        """
        with self._keys.alone():
            last = self.read()
            if last is not None:
                compare(last, new, prove)
            if last != new:
                write_durably(self.path, new.text.encode())

    def _foreign(self) -> Contradiction:
        return Contradiction(
            f"{self.path} 不是此日志的签署记录",
            f"{self.path} does not hold what this log signed last",
            todo_zh="从其原处恢复该文件；没有它，日志不知道自己签署过什么",
            todo_en="restore it from where it was: without it the log does not know what it signed",
        )


def compare(last: Checkpoint, new: Checkpoint, prove: Callable[[int], list[bytes]]) -> None:
    """Refuse a head whose tree does not begin with that of the last one.

    Raises:
        Rewritten: it is smaller, or does not begin with it; ``where`` is the last one's size.
    """
    if new.size < last.size:
        raise rolled_back(last.size, new.size)
    try:
        verify_consistency(last.size, new.size, prove(last.size), last.root, new.root)
    except NotProved as error:
        raise rewritten(last.size) from error


def rolled_back(signed: int, held: int) -> Rewritten:
    """Return what is to be said of a ledger that holds fewer facts than were signed."""
    return Rewritten(
        f"台账被回退：已签署第 1 至 {signed} 条事实，现只有 {held} 条，缺第 {held + 1} 条起",
        f"the ledger was rolled back: facts 1 to {signed} were signed, it holds {held}",
        todo_zh="停止写入，保全现状；从更新的备份或备库恢复到所签署之处后自动继续。"
        "不要删除签署记录：见证方和此前的证据同样记得",
        todo_en="stop writing and preserve what there is; restore a later backup or a standby that"
        " reaches what was signed, and it goes on by itself. Do not delete the memory of what was"
        " signed: witnesses and earlier evidence remember it too",
        where=str(signed),
    )


def rewritten(signed: int, agreed: int | None = None) -> Rewritten:
    """Return what is to be said of a ledger that does not begin with what was signed.

    Args:
        signed: the size of the tree that was signed.
        agreed: the largest published tree with which the facts still agree, if it was looked for.
    """
    zh = "" if agreed is None else f"；第 1 至 {agreed} 条相符，此后有改动"
    en = "" if agreed is None else f"; 1 to {agreed} agree, after that something was changed"
    return Rewritten(
        f"历史被改写：现有的第 1 至 {signed} 条事实与所签署的不符{zh}",
        f"history was rewritten: facts 1 to {signed} are not those that were signed{en}",
        todo_zh="停止写入，保全数据库、备份和日志；daocha rebuild 后若仍如此，即事实被改："
        "运行 daocha audit 查明第一处改动，与备份和见证方核对后从可信的备份恢复",
        todo_en="stop writing and preserve database, backups and logs; if it is still so after"
        " daocha rebuild, facts were changed: daocha audit names the first one; compare with"
        " backups and witnesses, and restore a good backup",
        where=str(signed),
    )
