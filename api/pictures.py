"""Pictures 图片: what is taken for one, what is read from it, and how it is shown harmlessly.

A file counts as a picture if it can be decoded whole. What is shown is always made anew from its
pixels, so that nothing else that a file may hold ever reaches a browser.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image, ImageOps

from domain.errors import Invalid
from domain.moment import SHANGHAI
from domain.photo import PhotoKind

KINDS = {"JPEG": PhotoKind.JPEG, "PNG": PhotoKind.PNG, "WEBP": PhotoKind.WEBP}
MOST_PIXELS = 50_000_000
"""A phone's picture has twelve to fifty million."""
LARGE, SMALL = 1600, 320
_QUALITY = 82
_BLACK, _WIDE, _HIGH = "L", 9, 8
_EXIF, _TAKEN, _OFFSET = 0x8769, 0x9003, 0x9011
"""Exif 2.32: the Exif IFD, DateTimeOriginal and OffsetTimeOriginal. Nothing else is read."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is read from a picture: see :class:`domain.photo.HazardPhotographed`."""

    kind: PhotoKind
    width: int
    height: int
    fingerprint: str
    captured: datetime | None


def examine(data: bytes, now: datetime) -> Picture:
    """Decode a picture whole and return what is read from it.

    Args:
        data: the file.
        now: the server's clock: a camera that is ahead of it is not believed.

    Raises:
        Invalid: it is no JPEG, PNG or WebP file, is broken, or is too large to be decoded.
    """
    image = _decoded(data)
    return Picture(
        kind=KINDS[image.format or ""],
        width=image.width,
        height=image.height,
        fingerprint=fingerprint(image),
        captured=_captured(image, now),
    )


def _decoded(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = Image.open(BytesIO(data), formats=list(KINDS))
            if image.width * image.height > MOST_PIXELS:
                raise _no_picture()
            image.load()
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise _no_picture() from error
    return image


def _no_picture() -> Invalid:
    return Invalid(
        "不是可用的照片：须为完整的 JPEG、PNG 或 WebP 文件，不超过5000万像素",
        "no photograph: a whole JPEG, PNG or WebP file of at most 50 million pixels is expected",
        todo_zh="重新选择照片；截断或损坏的文件请重新导出",
        todo_en="choose another file; export a broken one again",
        where="photo",
    )


def fingerprint(image: Image.Image) -> str:
    """Return the difference hash (dHash) of a picture: 64 bits in hexadecimal.

    Each bit says whether one of 8 × 8 points is darker than its right neighbour, in the picture as
    it is meant to be seen, in grey, shrunk to 9 × 8. Scaling and re-encoding leave nearly all.
    """
    upright = ImageOps.exif_transpose(image)
    small = upright.convert(_BLACK).resize((_WIDE, _HIGH), Image.Resampling.LANCZOS)
    grey = small.tobytes()
    bits = 0
    for row in range(_HIGH):
        for column in range(_WIDE - 1):
            at = row * _WIDE + column
            bits = bits << 1 | (grey[at] < grey[at + 1])
    return f"{bits:016x}"


def _captured(image: Image.Image, now: datetime) -> datetime | None:
    """Return when the camera says it took the picture; without a zone it is Beijing time."""
    told = image.getexif().get_ifd(_EXIF)
    text, offset = str(told.get(_TAKEN, "")).strip("\0 "), str(told.get(_OFFSET, "")).strip("\0 ")
    try:
        taken = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=SHANGHAI)
        if offset:
            taken = datetime.strptime(f"{text} {offset}", "%Y:%m:%d %H:%M:%S %z")
    except ValueError:
        return None
    return taken if taken <= now + timedelta(minutes=2) else None


def shown(data: bytes, longest: int) -> bytes:
    """Return a picture made anew as a JPEG file, upright, without anything but its pixels.

    Args:
        data: the file as it was received.
        longest: of its longer side, in pixels, at the most.

    Raises:
        Invalid: it cannot be decoded.
    """
    image = _decoded(data)
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((longest, longest))
    file = BytesIO()
    upright.convert("RGB").save(file, "JPEG", quality=_QUALITY, exif=b"")
    return file.getvalue()
