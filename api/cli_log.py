"""``daocha log``: the transparency log's keys, its trust policy, its checkpoints and proofs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api import home
from api.log.keys import LogKeys, retire, rotate
from api.log.now import catch_up, publish_now
from api.log.witnesses import read_policy
from api.terminal import BY, AsJson, now, print_json
from domain.errors import Invalid, NotFound
from domain.fact import leaf_hash
from domain.log import in_use, log_id
from domain.moment import format_moment
from domain.proof.encoding import write_base64
from domain.proof.merkle import verify_consistency, verify_inclusion
from domain.proof.trust import NONE
from projections.log import Log

if TYPE_CHECKING:
    from api.settings import Settings
    from domain.ledger import Ledger, Published
    from domain.proof.trust import Trust

log = typer.Typer(
    help="透明日志：密钥、信任策略、检查点与证明 · the transparency log",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Size = Annotated[
    int | None, typer.Option(min=1, help="树的大小，默认为最新检查点 · of the tree to prove it in")
]


@log.command("key")
def show_keys(context: typer.Context, as_json: AsJson = False) -> None:
    """在用的日志公钥（vkey），服务最久的在前。"""
    with home.opened(context.obj) as ledger:
        using = in_use(ledger.record(log_id(ledger.origin)))
        at_hand = _keys(ledger, context.obj).at_hand()
    if not using:
        raise NotFound(
            "日志尚无密钥",
            "the log has no key yet",
            todo_zh="启动服务时自动生成：daocha serve",
            todo_en="starting the server makes one: daocha serve",
        )
    if as_json:
        print_json([{"key": key, "at_hand": key in at_hand} for key in using])
    else:
        sys.stdout.write("".join(f"{key}\n" for key in using))


@log.command("policy")
def show_policy(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Option(help="日志的公开网址，如 https://…/log · where it is read")
    ] = None,
) -> None:
    """给核验者的信任策略文件（C2SP tlog-policy）：信任哪份日志，须有谁附署。"""
    with home.opened(context.obj) as ledger:
        using = in_use(ledger.record(log_id(ledger.origin)))
    trust = read_policy(home.log_policy_of(context.obj))
    logs = [" ".join(["log", key, *([url] if url else [])]) for key in using]
    sys.stdout.write("".join(f"{line}\n" for line in [*logs, *_superiors(trust)]))


def _superiors(trust: Trust) -> list[str]:
    """Return the lines of a policy that say who must have cosigned."""
    lines = [
        " ".join(
            ["witness", name, str(each.key), *([trust.urls[name]] if name in trust.urls else [])]
        )
        for name, each in trust.witnesses.items()
    ]
    lines += [
        " ".join(["group", name, str(needed), *members])
        for name, (needed, members) in trust.groups.items()
    ]
    return [*lines, f"quorum {trust.quorum or NONE}"]


@log.command("checkpoint")
def show_checkpoint(context: typer.Context, as_json: AsJson = False) -> None:
    """最新公布的检查点。"""
    with home.opened(context.obj) as ledger:
        found = _latest(ledger)
    if as_json:
        print_json(_told(found))
    else:
        sys.stdout.write(found.note.decode())


@log.command("publish")
def publish(context: typer.Context, as_json: AsJson = False) -> None:
    """立即公布一个检查点，包含至此录入的所有事实；服务运行时会自动公布。"""
    with home.opened(context.obj) as ledger:
        found = publish_now(ledger, context.obj)
    if as_json:
        print_json(_told(found))
    else:
        sys.stdout.write(found.note.decode())


@log.command("prove")
def prove(
    context: typer.Context,
    position: Annotated[
        int | None, typer.Argument(min=1, help="事实的序号 · the position of a fact")
    ] = None,
    since: Annotated[
        int | None, typer.Option(min=1, help="证明此大小的树是其前缀 · an older tree's size")
    ] = None,
    size: Size = None,
) -> None:
    """以 JSON 给出证明：某条事实在树中（存在性），或旧树是新树的前缀（一致性）。"""
    if (position is None) == (since is None):
        raise Invalid(
            "须在序号和 --since 中给出且只给出一项",
            "give a position, or --since, and not both",
            todo_zh="例如 daocha log prove 1042，或 daocha log prove --since 1000",
            todo_en="for example daocha log prove 1042, or daocha log prove --since 1000",
        )
    with home.opened(context.obj) as ledger:
        catch_up(ledger)
        wanted = size or _latest(ledger).size
        head = ledger.head().position
        largest = max(position or 0, since or 0)
        if not largest <= wanted <= head:
            raise Invalid(
                f"大小为 {wanted} 的树不能用来证明 {largest}（台账现有 {head} 条）",
                f"a tree of {wanted} does not prove {largest} (the ledger holds {head})",
                todo_zh="换一个 --size；最新的事实在下一个检查点公布后可证",
                todo_en="choose another --size; what is new is proved by the next checkpoint",
                where="size",
            )
        found = (
            _inclusion(ledger, position, wanted)
            if position
            else _consistency(ledger, since or 0, wanted)
        )
        published = ledger.checkpoints.of_size(wanted)
    if published:
        found["checkpoint"] = published.note.decode()
    print_json(found)


def _inclusion(ledger: Ledger, position: int, size: int) -> dict[str, Any]:
    """Return an inclusion proof that was checked before it is handed out."""
    log = Log(ledger)
    root, proof = log.root(size), log.inclusion(position, size)
    (leaf,) = log.leaves(position - 1, position)
    verify_inclusion(position - 1, size, leaf_hash(leaf), proof, root)
    return {
        "proves": "inclusion",
        "origin": ledger.origin,
        "position": position,
        "index": position - 1,
        "leaf_hash": write_base64(leaf_hash(leaf)),
        "size": size,
        "root": write_base64(root),
        "proof": [write_base64(each) for each in proof],
    }


def _consistency(ledger: Ledger, old_size: int, size: int) -> dict[str, Any]:
    """Return a consistency proof that was checked before it is handed out."""
    log = Log(ledger)
    old_root, root, proof = log.root(old_size), log.root(size), log.consistency(old_size, size)
    verify_consistency(old_size, size, proof, old_root, root)
    return {
        "proves": "consistency",
        "origin": ledger.origin,
        "old_size": old_size,
        "old_root": write_base64(old_root),
        "size": size,
        "root": write_base64(root),
        "proof": [write_base64(each) for each in proof],
    }


@log.command("rotate")
def rotate_key(context: typer.Context, as_json: AsJson = False) -> None:
    """启用新的日志密钥：此后新旧两把同时签署，直到停用旧的。"""
    with home.opened(context.obj) as ledger:
        key = rotate(ledger, _keys(ledger, context.obj), now=now(), random=os.urandom, by=BY)
    _tell_key(key, as_json)


@log.command("retire")
def retire_key(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="公钥文本，或其八位编号 · the vkey or its id")],
    as_json: AsJson = False,
) -> None:
    """停用一把日志密钥：它不再签署；此前所签仍然有效。"""
    with home.opened(context.obj) as ledger:
        _tell_key(retire(ledger, key, now=now(), by=BY), as_json)


def _keys(ledger: Ledger, settings: Settings) -> LogKeys:
    return home.log_keys_of(settings, ledger.origin)


def _tell_key(key: str, as_json: bool) -> None:
    if as_json:
        print_json({"key": key})
    else:
        sys.stdout.write(f"{key}\n")


def _latest(ledger: Ledger) -> Published:
    found = Log(ledger).latest()
    if found is None:
        raise NotFound(
            "尚未公布检查点",
            "no checkpoint was published yet",
            todo_zh="启动服务，或运行 daocha log publish",
            todo_en="start the server, or run daocha log publish",
        )
    return found


def _told(found: Published) -> dict[str, Any]:
    return {
        "number": found.number,
        "size": found.size,
        "root": write_base64(found.root),
        "published": format_moment(found.published),
        "note": found.note.decode(),
    }
