"""``daocha tip``: receipt codes, the office's own key, sealing and opening what informants send.

Sealing and opening need no ledger and no server: the private half of a key stays where the office
keeps it, in a file that only its keeper can read.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import orjson
import pyrage
import typer
from pyrage import x25519

from api import home
from api.terminal import AsJson, now, out, print_json
from api.tips import follow as follow_code
from domain.age import is_recipient, read_header
from domain.errors import Invalid
from domain.fact import canonical, seal_digest
from domain.tip import receipt_of, write_receipt
from domain.tip_followed import REWARDS, STATES
from domain.tip_office import tip_key_id

tip = typer.Typer(
    help="举报：查询码、受理密钥、封存和打开 · tips: receipt codes, keys, sealing and opening",
    no_args_is_help=True,
)
_CODE_BYTES, _SALT_BYTES = 10, 16


@tip.command("code")
def new_code(as_json: AsJson = False) -> None:
    """生成一个查询码：交给举报人；台账只记其摘要。"""
    code = write_receipt(os.urandom(_CODE_BYTES))
    told = {"code": code, "receipt": receipt_of(code)}
    if as_json:
        print_json(told)
    else:
        out.print(f"查询码 {told['code']}\nreceipt {told['receipt']}")


@tip.command("key")
def new_key(
    file: Annotated[Path, typer.Argument(help="私钥存入何处（不得已存在）", metavar="FILE")],
    as_json: AsJson = False,
) -> None:
    """生成受理密钥：私钥只存入文件，公钥用于 tip-keys 登记。"""
    identity = x25519.Identity.generate()
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
            opened.write(f"{identity}\n")
    except OSError as error:
        raise Invalid(
            f"不能写入 {file}：{error.strerror}",
            f"cannot write {file}: {error.strerror}",
            todo_zh="换一个尚不存在的文件",
            todo_en="name a file that does not exist yet",
        ) from error
    recipient = str(identity.to_public())
    told = {"recipient": recipient, "record": str(tip_key_id(recipient))}
    if as_json:
        print_json(told)
    else:
        out.print(f"公钥 {recipient}\n档案编号 {told['record']}\n私钥在 {file}，只此一份")


@tip.command("seal")
def seal(
    to: Annotated[
        list[str],
        typer.Option(help="公钥（age1…）；两把的，外层在前 · the outermost first", metavar="KEY"),
    ],
) -> None:
    """把标准输入的文字封给公钥，写出 tip.received 的 content 或 identity。"""
    wrong = next((each for each in to if not is_recipient(each)), None)
    if wrong is not None:
        raise Invalid(
            f"不是公钥：{wrong}",
            f"not a key: {wrong}",
            todo_zh="写以 age1 开头的公钥",
            todo_en="give the key that begins with age1",
        )
    words, salt = sys.stdin.read().strip(), os.urandom(_SALT_BYTES)
    data = canonical({"salt": salt.hex(), "text": words})
    for key in reversed(to):
        data = pyrage.encrypt(data, [x25519.Recipient.from_str(key)], armored=True)
    print_json(
        {
            "keys": [str(tip_key_id(key)) for key in to],
            "commitment": seal_digest(words, salt),
            "ciphertext": data.decode().strip(),
        }
    )


@tip.command("open")
def unseal(
    key: Annotated[
        list[Path], typer.Option(help="私钥文件；两把的，外层在前", metavar="FILE", exists=True)
    ],
    as_json: AsJson = False,
) -> None:
    """打开标准输入的密文或密封件（JSON），并核对其摘要。"""
    given = sys.stdin.read().strip()
    envelope = orjson.loads(given) if given.startswith("{") else {"ciphertext": given}
    data = str(envelope["ciphertext"]).encode()
    try:
        for file in key:
            data = pyrage.decrypt(data + b"\n", [x25519.Identity.from_str(_secret(file))])
        inner = orjson.loads(data)
    except (pyrage.DecryptError, pyrage.IdentityError, orjson.JSONDecodeError) as error:
        two = read_header(data.decode("utf-8", "replace")) is not None and len(key) == 1
        raise Invalid(
            "这把密钥打不开它",
            "this key does not open it",
            todo_zh="两把密钥封存的，依次给出两个私钥文件" if two else "核对私钥文件",
            todo_en="give both key files, the outermost first" if two else "check the key file",
        ) from error
    words, salt = str(inner["text"]), bytes.fromhex(inner["salt"])
    same = envelope.get("commitment") in (None, seal_digest(words, salt))
    if not same:
        raise Invalid(
            "打开的文字与台账所记的摘要不符",
            "the words are not those that the ledger holds a commitment to",
            todo_zh="核对密文是否完整、是否属于这件举报",
            todo_en="check that the ciphertext is whole and of this tip",
        )
    if as_json:
        print_json({"text": words, "salt": salt.hex(), "commitment": seal_digest(words, salt)})
    else:
        out.print(words, markup=False)


def _secret(file: Path) -> str:
    lines = (line.strip() for line in file.read_text("utf-8").splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


@tip.command("follow")
def follow(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="查询码 · the receipt code", metavar="CODE")],
    as_json: AsJson = False,
) -> None:
    """凭查询码查看一件举报的状态和答复。"""
    with home.opened(context.obj) as ledger:
        found, office = follow_code(ledger, code, now())
    if as_json:
        print_json(
            {
                "office": office,
                "received": found.received.isoformat(),
                "state": found.state.value,
                "since": found.since.isoformat(),
                "answer": found.words,
                "reward": found.reward.value,
                "reward_amount": found.amount,
            }
        )
        return
    out.print(f"{STATES[found.state][0]}（{found.since}），承办单位：{office}", markup=False)
    if found.words:
        out.print(found.words, markup=False)
    out.print(f"奖励：{REWARDS[found.reward][0]}", markup=False)
