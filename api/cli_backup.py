"""``daocha backup``, ``restore`` and ``rehearse``."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr
from rich.text import Text

from api import home
from api.backup.archive import Archive, stamp
from api.backup.noted import note
from api.terminal import AsJson, err, now, out, print_json
from api.when import read_known_at
from domain.errors import Contradiction, DaochaError, Invalid
from domain.moment import format_moment

if TYPE_CHECKING:
    from subprocess import Popen

    from api.backup.proving import Proof
    from api.backup.restoring import Restored
    from api.backup.taking import Backup, Taken
    from api.settings import Settings

_ARCHIVE = typer.Argument(help="备份库目录，宜在另一块盘或另一台机器 · where the backups are kept")
_UNTIL = typer.Option(help="恢复到何时，含 · a moment, inclusive")
_BASE = typer.Option("--base", help="从哪一份备份开始 · which backup to begin from")
_KEPT = typer.Option("--checkpoint", help="另存的检查点文件 · a checkpoint that somebody kept")
_MEGABYTE = 1024**2
_LOOK = 10.0
"""Seconds between two looks at which history the server writes."""
_SHOWN = 6
"""Heads of the log that are named, the largest; ``--json`` has all."""


def backup(
    context: typer.Context,
    archive: Annotated[Path, _ARCHIVE],
    full: Annotated[bool, typer.Option("--full", help="完整备份 · copy everything")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="持续接收日志，直到停止 · go on, as it is written")
    ] = False,
    every: Annotated[
        int, typer.Option(min=1, help="持续备份时每隔几分钟 · minutes between copies")
    ] = 60,
    keep: Annotated[
        int | None, typer.Option(min=1, help="保留几份完整备份 · how many full ones stay")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """备份：自上次以来的变化（首次为全部）和其间的日志。不含密钥。"""
    from api.backup.taking import Backup

    settings: Settings = context.obj
    with home.opened(settings) as ledger:
        taking = Backup(ledger, Archive(archive), now=now, random=os.urandom, home=settings.home)
        if follow:
            _follow(taking, settings, archive, every, keep)
            return
        _report(_take(taking, settings, archive, keep, full=full), as_json=as_json)


def _take(
    taking: Backup, settings: Settings, archive: Path, keep: int | None, *, full: bool
) -> Taken:
    taking.begin()
    with Archive(archive).alone():
        taken = taking.take(full=full)
        if keep:
            taking.prune(keep)
    told = {"archive": str(archive.absolute()), **taken.base.as_dict(), "checkpoint": None}
    note(settings.home, settings.ledger, "backup", told)
    return taken


def _report(taken: Taken, *, as_json: bool) -> None:
    if as_json:
        print_json({**taken.base.as_dict(), "remark": taken.remark})
        return
    base = taken.base
    kind = "完整备份 full" if base.parent is None else f"增量备份 incremental on {base.parent}"
    if taken.remark:
        out.print(f"不能增量，改为完整备份 · {taken.remark}")
    out.print(
        f"{base.name}　{kind}　{base.bytes / _MEGABYTE:.1f} MiB，"
        f"含至第{base.position}条及其后的日志 · holds fact {base.position} and the log after it"
    )


def _follow(
    taking: Backup, settings: Settings, archive: Path, every: int, keep: int | None
) -> None:
    """Receive the log until interrupted, and take a copy from time to time.

    After a failover the server writes another history: that is received anew, from a full copy on.
    """
    taking.begin()
    with Archive(archive).alone(), suppress(KeyboardInterrupt):
        while True:
            history = taking.history
            with taking.following() as receiver:
                while receiver.poll() is None and taking.history == history:
                    _copy(taking, settings, archive, keep)
                    _wait(taking, receiver, history, every * 60)


def _copy(taking: Backup, settings: Settings, archive: Path, keep: int | None) -> None:
    taken = taking.copy()
    if keep:
        taking.prune(keep)
    told = {"archive": str(archive.absolute()), **taken.base.as_dict(), "checkpoint": None}
    note(settings.home, settings.ledger, "backup", {**told, "follows": True})
    err.print(f"{taken.base.name} {taken.base.bytes / _MEGABYTE:.1f} MiB {taken.remark}")


def _wait(taking: Backup, receiver: Popen[bytes], history: str, seconds: float) -> None:
    """Wait for the next copy, or until the receiver ends or the server writes another history."""
    until = monotonic() + seconds
    while monotonic() < until and receiver.poll() is None:
        sleep(_LOOK)
        if taking.history != history:
            return


def restore(
    context: typer.Context,
    archive: Annotated[Path, _ARCHIVE],
    until: Annotated[str | None, _UNTIL] = None,
    base: Annotated[str | None, _BASE] = None,
    into: Annotated[
        Path | None, typer.Option(help="恢复到哪个目录；默认取代内置数据库 · where to")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="现有数据改名留存 · keep what is there beside it")
    ] = False,
    kept: Annotated[list[Path] | None, _KEPT] = None,
    as_json: AsJson = False,
) -> None:
    """恢复：从备份和日志重建，对照签署过的检查点自证，说出缺了什么。"""
    from api.backup.files import give_back
    from api.backup.restoring import put_in_place, restored

    settings: Settings = context.obj
    moment = read_known_at(until, "--until") if until else None
    place, new = _places(settings, into, replace=replace)
    source = Archive(archive)
    with restored(source, new, until=moment, base=base) as found:
        proof = _prove(settings, source, found, kept or [])
    before = None
    if not proof.is_rewritten:
        give_back(source, settings.home)
    if into is None and not proof.is_rewritten:
        before = put_in_place(new, place, stamp(now()))
    where = new if proof.is_rewritten else place
    if as_json:
        print_json({"data": str(where / "data"), **_told(found, proof)})
    else:
        out.print(_words(found, proof))
        out.print(f"数据在 {where / 'data'} · the data is there")
        if before:
            out.print(f"原有数据留在 {before} · what was there before")
    if not proof.is_whole:
        raise typer.Exit(1)


def _places(settings: Settings, into: Path | None, *, replace: bool) -> tuple[Path, Path]:
    """Return where the restored server will be, and where it is restored first."""
    if into is not None:
        return into.absolute(), into.absolute()
    if settings.database_url:
        raise Invalid(
            "设有 DATABASE_URL，须以 --into 指明恢复到哪个目录",
            "with DATABASE_URL set, --into must say where to restore",
            todo_zh="恢复后由您自己的 PostgreSQL 使用该目录下的 data",
            todo_en="your own PostgreSQL then runs on the data under it",
            where="--into",
        )
    place = settings.home / "postgres"
    if (place / "data").exists() and not replace:
        raise Contradiction(
            f"{place} 中已有数据库",
            f"there is a database in {place}",
            todo_zh="确要以备份取代它，加 --replace（现有数据改名留存），或以 --into 另指目录",
            todo_en="to put the backup in its place add --replace (it is kept beside), or --into",
        )
    new = place.with_name("postgres.restoring")
    shutil.rmtree(new, ignore_errors=True)  # of a restore that was broken off
    return place, new


def rehearse(
    context: typer.Context,
    archive: Annotated[Path, _ARCHIVE],
    until: Annotated[str | None, _UNTIL] = None,
    base: Annotated[str | None, _BASE] = None,
    scratch: Annotated[
        Path | None, typer.Option(help="临时空间所在目录 · where there is room")
    ] = None,
    kept: Annotated[list[Path] | None, _KEPT] = None,
    as_json: AsJson = False,
) -> None:
    """演练：在临时处完整恢复一次并自证，然后删除。不影响现用数据。"""
    from api.backup.restoring import restored

    settings: Settings = context.obj
    moment = read_known_at(until, "--until") if until else None
    source = Archive(archive)
    began = monotonic()
    place = Path(tempfile.mkdtemp(prefix="daocha-rehearsal-", dir=scratch))
    try:
        with restored(source, place / "postgres", until=moment, base=base) as found:
            proof = _prove(settings, source, found, kept or [])
    except DaochaError as error:
        failed = {"at": now().isoformat(), "whole": False, "problem": error.zh}
        note(settings.home, settings.ledger, "rehearsal", failed)
        raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
    told = {"seconds": round(monotonic() - began, 1), **_told(found, proof)}
    summary = {name: told[name] for name in ("seconds", "base", "position", "whole", "missing")}
    note(settings.home, settings.ledger, "rehearsal", {"at": now().isoformat(), **summary})
    if as_json:
        print_json(told)
    else:
        out.print(_words(found, proof))
        out.print(f"用时{told['seconds']}秒 · {told['seconds']} s")
    if not proof.is_whole:
        raise typer.Exit(1)


def _prove(settings: Settings, source: Archive, found: Restored, kept: list[Path]) -> Proof:
    from api.backup.proving import prove
    from domain.ledger.upgrading import upgrade

    ledger_name = source.card().ledger
    url = SecretStr(found.url)
    there = settings.model_copy(update={"database_url": url, "ledger": ledger_name})
    upgrade(found.url, ledger_name)  # it may be from before one
    with home.opened(there) as ledger:
        return prove(ledger, there, source, kept, found)


def _told(found: Restored, proof: Proof) -> dict[str, object]:
    return {
        "base": found.base.name,
        **proof.as_dict(),
    }


def _words(found: Restored, proof: Proof) -> Text:
    """Say what was restored, what it was compared with, and exactly what is missing."""
    lines = [
        f"自备份 {found.base.name} 恢复至第{proof.position}条事实，此前录入的都在："
        + format_moment(proof.recorded),
        f"restored to fact {proof.position}; all that was recorded up to then is there",
    ]
    gap = found.gap
    if gap.missing:
        lines.append(
            f"日志文件 {gap.missing} 缺失，其后的未能恢复"
            f" · the log's file {gap.missing} is missing: nothing after it could be restored"
        )
    lines += [f"日志文件 {name} 已损坏 · the log's file {name} is damaged" for name in gap.corrupt]
    words = {
        "held": ("相符", "holds"),
        "missing": ("不全", "is longer than what is here"),
        "rewritten": ("不符：不是签署过的历史", "does NOT hold: another history"),
    }
    for each in proof.compared[:_SHOWN]:
        zh, en = words[each.state]
        lines.append(f"{each.zh}（{each.size}条）：{zh} · {each.en} ({each.size}): {en}")
    lines += [f"未能询问 · not asked: {each}" for each in proof.unasked]
    if proof.missing:
        first, last = proof.missing
        lines.append(
            f"缺第{first}至{last}条，录入于 {format_moment(proof.recorded)} 之后"
            f" · missing: facts {first} to {last}, recorded after that moment"
        )
    if not proof.compared:
        lines.append("没有可对照的检查点，未能自证 · no checkpoint to compare with: not proved")
    lines += [f"照片 {name} 已损坏 · the photograph {name} is damaged" for name in proof.damaged]
    if proof.short_of:
        lines.append(
            f"日志曾收到第{proof.short_of}条，未能恢复到那里"
            f" · the log was received up to fact {proof.short_of}, and that was not reached"
        )
    if proof.erased:
        lines.append(
            f"备份之后依法删除的{len(proof.erased)}人已再次删除，其删除依据不在所恢复的记录中，"
            f"须补录 · erased again: {len(proof.erased)}; record the basis again:"
            f" {'、'.join(map(str, proof.erased))}"
        )
    if proof.is_whole:
        lines.append("已签署的全部在案，未被改动 · all that was signed is there, unchanged")
    return Text("\n".join(lines), style="" if proof.is_whole else "red")


def add_to(app: typer.Typer) -> None:
    """Attach the commands."""
    app.command()(backup)
    app.command()(restore)
    app.command()(rehearse)
