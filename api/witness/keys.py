"""The witness's private keys: one text file that nobody else may read, one key a line.

A line is in the form of golang.org/x/mod/sumdb/note, ``PRIVATE+KEY+<name>+<id>+<base64>``, with the
type of the cosignature in the first byte of what is encoded, so that a key says for itself what it
is for.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import Invalid, NotFound
from domain.proof import ml_dsa
from domain.proof.cosignature import (
    ED25519_COSIGNATURE,
    ML_DSA_44,
    Cosigner,
    Ed25519Cosigner,
    MlDsaCosigner,
)
from domain.proof.encoding import read_base64, write_base64

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEED_SIZE = 32
_ML_DSA_PUBLIC = 1312
_SECRET = "PRIVATE+KEY+"  # noqa: S105 - what a private key's text begins with
_COSIGNERS: dict[int, type[Ed25519Cosigner | MlDsaCosigner]] = {
    ED25519_COSIGNATURE: Ed25519Cosigner,
    ML_DSA_44: MlDsaCosigner,
}


def make_keys(file: Path, name: str, kinds: Sequence[int], random: Callable[[int], bytes]) -> None:
    """Make new keys and write them to ``file``, which must not exist.

    Args:
        file: where they go; readable by its owner only.
        name: the witness's name, by which logs and readers know it.
        kinds: the types of cosignature, a key for each.
        random: gives that many unpredictable bytes.

    Raises:
        Invalid: the name is not one, or keys are there already: a witness keeps its keys for good,
            and whoever needs others makes another witness.
    """
    if ML_DSA_44 in kinds and not ml_dsa.is_key(bytes(_ML_DSA_PUBLIC)):
        raise Invalid(
            "此处的 OpenSSL 没有 ML-DSA-44",
            "the OpenSSL here has no ML-DSA-44",
            todo_zh="请去掉 --ml-dsa，或安装 cryptography 的官方轮子",
            todo_en="leave --ml-dsa out, or install the wheel of cryptography",
        )
    lines = []
    for kind in kinds:
        seed = random(SEED_SIZE)
        key = _COSIGNERS[kind](name, seed).key
        lines.append(f"{_SECRET}{key.name}+{key.id.hex()}+{write_base64(bytes([kind]) + seed)}\n")
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Invalid(
            f"这里已有一个见证方：{file.parent}",
            f"there is a witness here already: {file.parent}",
            todo_zh="见证方的密钥不能更换；请另选一个目录",
            todo_en="a witness keeps its keys for good; choose another folder",
        ) from error
    with os.fdopen(opened, "w", encoding="utf-8") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())


def read_keys(file: Path) -> list[Cosigner]:
    """Return the witness's keys.

    Raises:
        NotFound: there are none.
        Invalid: a line is no private key of a witness, or does not fit its own id.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise NotFound(
            f"这里没有见证方：{file.parent}",
            f"there is no witness here: {file.parent}",
            todo_zh="请先运行 daocha witness init",
            todo_en="run daocha witness init first",
        ) from error
    return [_read_key(line) for line in lines]


def _read_key(line: str) -> Cosigner:
    name, _, rest = line.removeprefix(_SECRET).partition("+")
    key_id, _, material = rest.partition("+")
    data = read_base64(material)
    kind = _COSIGNERS.get(data[0]) if len(data) == 1 + SEED_SIZE else None
    if kind is None or not line.startswith(_SECRET):
        raise Invalid("不是见证方的私钥", "not a witness's private key", where=name[:100])
    cosigner = kind(name, data[1:])
    if cosigner.key.id.hex() != key_id:
        raise Invalid("私钥与其编号不符", "the private key does not fit its id", where=name)
    return cosigner
