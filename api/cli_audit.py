"""``daocha audit``, ``erase`` and ``fork``: the whole ledger read again; a person erased by law."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.text import Text

from api import home
from api.backup.noted import note
from api.terminal import BY, AsJson, now, out, print_json, progress_bar
from domain.errors import Unavailable
from domain.ledger import Accounts
from domain.proof.trust import read_trust

if TYPE_CHECKING:
    from api.auditing import Report


def audit(
    context: typer.Context,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="从第1条起全部重读 · read everything again")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, help="并行进程数，默认每核一个 · processes")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核验：重读整个台账，逐条对照，指出第一处不符。可中断，下次接着做。"""
    from api.auditing import audit as run

    with progress_bar(quiet=as_json) as progress:
        task = progress.add_task("核验 audit", total=None)
        report = run(
            context.obj,
            fresh=fresh,
            jobs=jobs,
            tell=lambda done, of: progress.update(task, completed=done, total=of),
        )
    position = report.fault.position if report.fault else report.position
    told = {"at": now().isoformat(), "position": position, "holds": report.fault is None}
    note(context.obj.home, context.obj.ledger, "audit", told)
    if as_json:
        print_json(report.as_dict())
    else:
        out.print(_told(report))
    if report.fault:
        raise typer.Exit(1)


def _told(report: Report) -> Text:
    lines = [f"台账 {report.origin}"]
    if report.began:
        lines.append(
            f"第1至{report.began}条上次已核验，本次未重读（--fresh 从头重读）"
            f" · up to {report.began} held at the last audit and was not read again"
        )
    if report.closed:
        lines.append(
            f"{report.closed}个封存值没有密钥，只能核对其摘要在案"
            f" · {report.closed} sealed values could not be opened: their keys are gone"
        )
    if report.fault is None:
        signed, published, rolls = report.signatures, report.checkpoints, report.rolls
        lines += [
            f"全部相符：第1至{report.position}条 · all holds, facts 1 to {report.position}",
            f"其中个人签名 {signed}、检查点 {published}、名册 {rolls}，均成立",
            f"signatures {signed}, checkpoints {published}, rolls {rolls}: all good",
            f"树根 root {report.root}",
        ]
        return Text("\n".join(lines))
    at = report.fault.position
    lines += [
        f"不符，首见于第{at}条：{report.fault.zh}",
        f"does not hold, first at fact {at}: {report.fault.en}",
        "停止写入，保全数据库和备份，与见证方的检查点和已出具的证据包比对",
        "stop writing, preserve everything, compare with witnesses and with bundles handed out",
    ]
    return Text("\n".join(lines), style="red")


def erase(
    context: typer.Context,
    person: Annotated[UUID, typer.Argument(help="人员的档案编号 · the person's record id")],
    basis: Annotated[
        str, typer.Option(help="依据：法条与文号，不写姓名 · article and document, no names")
    ],
    as_json: AsJson = False,
) -> None:
    """依法删除一个人的姓名和号码：不可恢复；此前的证明仍然成立。"""
    from domain.erasing import erase as run

    with home.opened(context.obj) as ledger:
        erased = run(ledger, person, basis, by=BY, received=now(), random=os.urandom)
        with closing(Accounts(ledger.conninfo, ledger.schema)) as accounts:
            for each in erased.persons:
                accounts.forget(each)
    if as_json:
        print_json({"persons": [str(each) for each in erased.persons], "position": erased.position})
    else:
        out.print(
            f"已删除 {len(erased.persons)} 份人员档案中的个人信息，依据记于第{erased.position}条"
            f" · erased; the basis stands at fact {erased.position}"
        )


def fork(
    one: Annotated[Path, typer.Argument(help="一份检查点 · a checkpoint")],
    other: Annotated[Path, typer.Argument(help="同样大小的另一份 · another of its size")],
    policy: Annotated[Path, typer.Option(help="信任策略 · whom to trust")],
    output: Annotated[Path, typer.Option("--output", "-o", help="写入哪个文件 · where to")],
) -> None:
    """把两份互相矛盾的检查点写成一个文件：任何人都能用 daocha verify 核验。"""
    from domain.proof.fork import make_fork, open_fork

    trust = read_trust(_bytes(policy).decode("utf-8", "replace"))
    made = make_fork(_bytes(one), _bytes(other), trust).write()
    output.write_bytes(made)
    forked = open_fork(made, trust)
    out.print(f"{forked.zh} · {forked.en}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable(
            f"不能读取 {path}：{error.strerror}",
            f"cannot read {path}: {error.strerror}",
            todo_zh="检查文件名和权限",
            todo_en="check its name and permissions",
            where=str(path),
        ) from error


def add_to(app: typer.Typer) -> None:
    """Attach the commands."""
    app.command()(audit)
    app.command()(erase)
    app.command()(fork)
