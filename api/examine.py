"""``daocha doctor`` 体检: is everything in order, and if not, what to do."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import orjson

from api import home, telling
from api.log.examining import examine_log
from domain.errors import DaochaError, NotFound
from domain.fact import canonical
from projections.build import Builds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from api.settings import Settings
    from domain.ledger import Ledger, LedgerOpened, RawEntry
    from projections.build import Progress

SAMPLE = 2_000
"""Facts at the end of the ledger whose leaves are looked into; ``audit`` will look into all."""
_SCARCE = 2 * 1024**3
_BEHIND = 10_000
_CLOCKS_APART = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what, whether it is well, what was seen, what to do if it is not."""

    zh: str
    en: str
    well: bool
    seen: str
    todo_zh: str = ""
    todo_en: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def examine(settings: Settings, now: Callable[[], datetime]) -> list[Check]:
    """Look at database, ledger, keys, rights, leaves, read models, clock and disk.

    What cannot be looked at because something before it failed is left out; the failure is there.
    """
    checks: list[Check] = []
    try:
        with home.opened(settings) as ledger:
            checks += _of_ledger(ledger, now())
            checks += _of_models(ledger, settings)
            checks.append(_of_log(ledger, settings))
    except NotFound:
        checks.append(_absent(settings))
    except DaochaError as error:
        checks.append(_failed("台账", "ledger", error))
    return [*checks, _disk(settings)]


def _absent(settings: Settings) -> Check:
    orphans = home.orphaned_keys(settings)
    if orphans:
        return _failed("台账", "ledger", orphans)
    return Check(
        "台账",
        "ledger",
        well=True,
        seen=f"尚无台账 {settings.ledger} (there is none yet)",
        todo_zh="导入台账或启动服务时会自动建立",
        todo_en="importing a ledger or starting the server makes it",
    )


def _failed(zh: str, en: str, error: DaochaError) -> Check:
    return Check(zh, en, well=False, seen=error.zh, todo_zh=error.todo_zh, todo_en=error.todo_en)


def _of_ledger(ledger: Ledger, now: datetime) -> Iterator[Check]:
    genesis = cast("LedgerOpened", ledger.genesis().fact)
    head = ledger.head()
    seen = f"{genesis.origin}（{genesis.jurisdiction}），{genesis.clock}，{head.position}条事实"
    yield Check("台账", "ledger", well=True, seen=seen)
    yield Check("密钥库", "key store", well=True, seen="与台账相符 (fits the ledger)")
    yield _erasures(ledger)
    faults = ledger.privileges()
    yield Check("权限与防改触发器", "rights and guards", well=not faults, seen=_seen(faults))
    for fault in faults:
        yield _failed("权限与防改触发器", "rights and guards", fault)
    yield _leaves(ledger, head.position)
    ahead = genesis.clock == "real" and head.recorded > now + _CLOCKS_APART
    yield Check(
        "时钟",
        "clock",
        well=not ahead,
        seen=f"末条录入于 {telling.when(head.recorded)}",
        todo_zh="末条事实在本机时间之后：检查本机和数据库主机的时钟" if ahead else "",
        todo_en="the last fact lies ahead of this machine: check the clocks" if ahead else "",
    )


def _erasures(ledger: Ledger) -> Check:
    """Look whether everybody erased by law still is: opening the ledger erased them again."""
    erased, left = ledger.erased(), ledger.unerased()
    return Check(
        "依法删除",
        "erasures",
        well=not left,
        seen=f"{len(erased)}人已删除，其中{len(left)}人尚有残留",
        todo_zh="密钥库正忙，稍后再运行一次；仍有残留，则检查密钥库能否写入" if left else "",
        todo_en="run it again in a moment; if it stays, see whether the key store can be written"
        if left
        else "",
    )


def _seen(faults: list[DaochaError]) -> str:
    return f"{len(faults)} 处问题" if faults else "正常 (in order)"


def _leaves(ledger: Ledger, head: int) -> Check:
    """Look whether the last leaves are dense, canonical, and say what their columns say."""
    after = max(0, head - SAMPLE)
    found = ledger.range_raw(after, SAMPLE)
    dense = [raw.position for raw in found] == list(range(after + 1, head + 1))
    wrong = [raw.position for raw in found if not _agrees(raw)]
    seen = f"末尾{len(found)}条逐字节核对"
    if not dense:
        seen = f"第{after + 1}至{head}条之间序号不连续"
    elif wrong:
        seen = f"第{wrong[0]}条与其存储字节不符（共{len(wrong)}条）"
    bad = bool(wrong) or not dense
    return Check(
        "事实字节",
        "leaves",
        well=not bad,
        seen=seen,
        todo_zh="台账可能被改动：停止写入，保全数据库和备份，比对此前的证据" if bad else "",
        todo_en="it may have been tampered with: stop, preserve everything, compare" if bad else "",
    )


def _agrees(raw: RawEntry) -> bool:
    leaf = orjson.loads(raw.leaf)
    recorded = raw.recorded.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    columns = (raw.position, str(raw.record), recorded, raw.topic, raw.version)
    told = tuple(leaf[key] for key in ("position", "record", "recorded", "topic", "version"))
    return columns == told and canonical(leaf) == raw.leaf


def _of_models(ledger: Ledger, settings: Settings) -> Iterator[Check]:
    head = ledger.head().position
    with home.database(settings) as url:
        builds = Builds(url, settings.ledger, size=2)
        try:
            builds.prepare()
            for each in builds.progress():
                yield _model(each, head)
        finally:
            builds.close()


def _model(progress: Progress, head: int) -> Check:
    behind = head - progress.position
    seen = f"到第{progress.position}条，落后{behind}条"
    if progress.failed_at is not None:
        seen = f"停在第{progress.failed_at}条：{progress.failure}"
    well = progress.failed_at is None and behind <= _BEHIND
    return Check(
        f"查询视图 {progress.name}",
        f"read model {progress.name}",
        well=well,
        seen=seen,
        todo_zh="" if well else "启动服务使其跟上；仍停住则运行 daocha rebuild",
        todo_en="" if well else "start the server to catch up; if it stays, run daocha rebuild",
    )


def _of_log(ledger: Ledger, settings: Settings) -> Check:
    try:
        seen = examine_log(ledger, settings)
    except DaochaError as error:
        return _failed("透明日志", "transparency log", error)
    return Check("透明日志", "transparency log", well=True, seen="；".join(seen))


def _disk(settings: Settings) -> Check:
    place = next(each for each in (settings.home, *settings.home.parents) if each.exists())
    free = shutil.disk_usage(place).free
    well = free >= _SCARCE
    return Check(
        "磁盘",
        "disk",
        well=well,
        seen=f"{place} 剩余 {free / 1024**3:.1f} GiB",
        todo_zh="" if well else "清出空间：台账只增不减",
        todo_en="" if well else "make room: a ledger only grows",
    )
