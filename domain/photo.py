"""Photographs of a hazard 隐患照片: what is on record of a picture kept outside the ledger."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText
from domain.moment import Moment


class Shows(StrEnum):
    """What a photograph of a hazard shows 照片内容."""

    FOUND = "found"
    RECTIFIED = "rectified"
    ACCEPTED = "accepted"


class PhotoKind(StrEnum):
    """What kind of file a photograph is 照片格式."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


class HazardPhotographed(
    EnterpriseFact,
    topic="hazard.photographed",
    zh="隐患照片",
    en="Photograph of the hazard",
):
    """A photograph as it was received: the hash of its bytes, which stand outside the ledger.

    ``captured`` is when the camera says it was taken, by the file's own word; that it was received
    is this fact's own moment. Neither the place nor anything else that a camera writes into a file
    is on record. ``fingerprint`` tells pictures of the same thing apart from others, and nothing
    about what is to be seen.
    """

    digest: str = Field(
        pattern=r"^[0-9a-f]{64}$",
        description="照片文件的 SHA-256",
        examples=["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"],
    )
    size: int = Field(ge=1, description="照片文件的字节数")
    kind: PhotoKind = Field(description="照片格式")
    width: int = Field(ge=1, description="宽度（像素）")
    height: int = Field(ge=1, description="高度（像素）")
    fingerprint: str = Field(
        pattern=r"^[0-9a-f]{16}$",
        description="差异散列（64 位），用于识别近似照片",
        examples=["c3c1e0f0787c3e1f"],
    )
    captured: Moment | None = Field(default=None, description="拍摄时间（照片文件自带）")
    shows: Shows = Field(default=Shows.FOUND, description="照片内容")
    caption: FreeText | None = Field(default=None, description="照片说明")
