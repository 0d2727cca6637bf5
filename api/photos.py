"""Photographs taken on site 现场照片: kept outside the ledger under their hash, which is a fact.

A file is written once, under the SHA-256 of its bytes, and is the same for ever or it is not shown.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

from domain.errors import Invalid, NotFound

if TYPE_CHECKING:
    from pathlib import Path

JPEG = b"\xff\xd8\xff"
"""How every JPEG file begins."""


def check(data: bytes) -> str:
    """Return the digest of a photograph taken on site.

    Args:
        data: a JPEG file.

    Raises:
        Invalid: it is no JPEG file.
    """
    if not data.startswith(JPEG):
        raise Invalid(
            "照片须为 JPEG 文件",
            "a photograph must be a JPEG file",
            todo_zh="重新拍照",
            todo_en="take it again",
        )
    return sha256(data).hexdigest()


def store(home: Path, data: bytes) -> str:
    """Keep a file that was examined, and return its digest; the same one twice is kept once.

    Args:
        home: where all state lives.
        data: the file as it was received.
    """
    digest = sha256(data).hexdigest()
    place = _place(home, digest)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    return digest


def find(home: Path, digest: str) -> bytes:
    """Return a photograph by its digest.

    Raises:
        NotFound: it is not here, or not the file any more that it was.
    """
    place = _place(home, digest)
    data = place.read_bytes() if place.exists() else b""
    if sha256(data).hexdigest() != digest:
        raise NotFound(
            "照片文件不在本机，或已与台账所记摘要不符",
            "the photograph is not here, or no longer the file whose hash is on record",
            todo_zh="从备份恢复照片目录",
            todo_en="restore the folder of photographs from the backup",
        )
    return data


def _place(home: Path, digest: str) -> Path:
    return home / "photos" / digest[:2] / f"{digest}.jpg"
