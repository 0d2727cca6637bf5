"""``daocha witness``: a superior's witness, a program of its own beside the ledger's."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.witness.keys import make_keys, read_keys
from api.witness.state import State
from domain.proof.cosignature import ED25519_COSIGNATURE, ML_DSA_44

if TYPE_CHECKING:
    from domain.proof.cosignature import Cosigner

witness = typer.Typer(
    help="见证方：为下级的日志附署 · a witness that cosigns the logs of those it supervises",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_SIGNS_AS = {ED25519_COSIGNATURE: "ed25519", ML_DSA_44: "ml-dsa-44"}
Folder = Annotated[Path, typer.Argument(help="见证方的目录 · the witness's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")]


@witness.command()
def init(
    folder: Folder,
    name: Annotated[
        str, typer.Option(help="见证方的名称，如 yj.linyi.example/witness · its name, for good")
    ],
    ml_dsa: Annotated[
        bool,
        typer.Option("--ml-dsa", help="另备抗量子密钥 · an ML-DSA-44 key too"),
    ] = False,
) -> None:
    """新建一个见证方：生成密钥和空白记录。"""
    kinds = [ED25519_COSIGNATURE, *([ML_DSA_44] if ml_dsa else [])]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_keys(_keys(folder), name, kinds, os.urandom)
    State.make(_memory(folder)).close()
    _tell_keys(read_keys(_keys(folder)), None)


@witness.command("add-log")
def add_log(
    folder: Folder,
    vkey: Annotated[str, typer.Argument(help="日志的公钥文本 · the log's public key (vkey)")],
) -> None:
    """从此为一份日志附署；运行中的服务立即知道。"""
    state = State(_memory(folder))
    try:
        typer.echo(state.add_log(vkey))
    finally:
        state.close()


@witness.command()
def key(
    folder: Folder,
    url: Annotated[
        str | None, typer.Option(help="见证方的地址，写入策略行 · its address, for the policy line")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """显示公钥，以及写进下级日志信任策略的那一行。"""
    cosigners = read_keys(_keys(folder))
    if as_json:
        keys = [
            {"type": _SIGNS_AS[each.key.kind], "vkey": str(each.key), "policy": _policy(each, url)}
            for each in cosigners
        ]
        sys.stdout.write(json.dumps(keys, ensure_ascii=False) + "\n")
    else:
        _tell_keys(cosigners, url)


@witness.command()
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(help="监听地址，默认只在本机")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8300,
) -> None:
    """启动见证服务（C2SP tlog-witness）。同一目录可同时运行几个。"""
    import uvicorn

    from api.logs import configure_logs
    from api.witness.service import create_witness

    cosigners = read_keys(_keys(folder))
    state = State(_memory(folder))
    configure_logs()
    uvicorn.run(
        create_witness(state, cosigners, lambda: datetime.now(UTC)),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=200,
        timeout_keep_alive=30,
    )


def _keys(folder: Path) -> Path:
    return folder / "keys"


def _memory(folder: Path) -> Path:
    return folder / "witness.sqlite"


def _policy(cosigner: Cosigner, url: str | None) -> str:
    """Return the line that names this key in a policy; each of a witness's keys needs its own."""
    own = cosigner.key.name
    name = own if cosigner.key.kind == ED25519_COSIGNATURE else f"{own}#{_SIGNS_AS[ML_DSA_44]}"
    return " ".join(filter(None, ("witness", name, str(cosigner.key), url)))


def _tell_keys(cosigners: list[Cosigner], url: str | None) -> None:
    typer.echo("# 写进信任策略的行 · lines for the policy")
    for each in cosigners:
        typer.echo(_policy(each, url))
