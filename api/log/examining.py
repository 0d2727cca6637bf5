"""What ``daocha doctor`` looks at in the transparency log: keys, what was signed, witnesses, tiles.

It signs nothing. Whatever would keep the publisher from publishing, it finds too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api import home
from api.log.keys import signers
from api.log.publisher import Press
from api.log.signed import NewestSigned
from api.log.witnesses import read_policy
from domain.errors import Contradiction, DaochaError, Forbidden
from domain.fact import leaf_hash
from domain.log import in_use, log_id
from domain.proof.encoding import HASH_SIZE
from domain.proof.tiles import WIDTH, Tile
from projections.log import Log

if TYPE_CHECKING:
    from api.log.keys import LogKeys
    from api.settings import Settings
    from domain.ledger import Ledger

SAMPLE = 2_000
"""Leaves at the end of the tree that are compared with the facts; ``audit`` compares all."""


def examine_log(ledger: Ledger, settings: Settings) -> list[str]:
    """Return what is to be seen of a log that is in order, a line for each thing looked at.

    Raises:
        DaochaError: the first thing that is not in order, with what to do.
    """
    using = in_use(ledger.record(log_id(ledger.origin)))
    keys = home.log_keys_of(settings, ledger.origin)
    if not using and NewestSigned(keys).read() is None:
        return ["尚无密钥，启动服务时生成 (no key yet: starting the server makes one)"]
    policy = home.log_policy_of(settings)
    trust = read_policy(policy)
    press = Press(ledger, keys, policy)
    try:
        latest = press.latest()
        press.examine(latest)
    finally:
        press.close()
    signers(ledger, keys)
    _check_private(keys)
    compared = _compare_leaves(ledger)
    size = latest.size if latest else 0
    return [
        f"{len(using)} 把密钥在用：{'、'.join(key.split('+')[1] for key in using)}",
        f"已公布 {size} 条，待公布 {ledger.head().position - size} 条",
        f"见证方 {len(trust.witnesses)} 个，须附署：{trust.quorum}",
        f"末尾 {compared} 片叶与事实逐一相符",
    ]


def _check_private(keys: LogKeys) -> None:
    if not keys.is_private():
        raise Forbidden(
            f"{keys.path} 他人可读",
            f"others can read {keys.path}",
            todo_zh=f"chmod 600 {keys.path}；若可能已泄露：daocha log rotate，再 retire 旧的",
            todo_en=f"chmod 600 {keys.path}; if it may have leaked, rotate and retire it",
        )


def _compare_leaves(ledger: Ledger) -> int:
    """Compare the last leaves of the tree with the facts; return how many.

    Raises:
        Contradiction: one of them is not the hash of its fact; ``where`` is the position.
    """
    log = Log(ledger)
    size = log.size()
    first = max(0, size - SAMPLE) // WIDTH
    for number in range(first, -(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        hashes = log.stored(Tile(0, number, width))
        leaves = log.leaves(number * WIDTH, number * WIDTH + width)
        for index, leaf in enumerate(leaves):
            if leaf_hash(leaf) != hashes[index * HASH_SIZE : (index + 1) * HASH_SIZE]:
                raise _not_its_hash(number * WIDTH + index + 1)
    return size - first * WIDTH


def _not_its_hash(position: int) -> DaochaError:
    return Contradiction(
        f"第 {position} 条事实与透明日志中的叶不符",
        f"the fact at {position} is not the leaf that stands in the transparency log",
        todo_zh="台账可能被改动：停止写入，保全数据库和备份，运行 daocha audit",
        todo_en="it may have been tampered with: stop, preserve everything, run daocha audit",
        where=str(position),
    )
