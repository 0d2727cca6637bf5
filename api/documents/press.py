"""Setting a filled-in form as PDF/A-3 (ISO 19005-3), with its evidence attached.

The same values give the same bytes: fonts come with a pinned package, and the time in the file is
the record's, not this machine's. A character that no font has is set as its code point, as
〔U+20BB7〕, and never as an empty box: a name must not be lost on paper.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import segno
import typst
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from datetime import datetime

    from api.documents.paper import Paper

LAYOUT = 1
"""The version of the layout: raised whenever the same values would give other bytes."""
_SERIF = "Noto Serif SC"
_SANS = "Noto Sans SC"
_FALLBACK = (
    *("HanaMinA", "HanaMinB", "Plangothic P1", "Plangothic P2", "BabelStone Han"),
    *("Noto Serif CJK SC", "Noto Sans CJK SC", "SimSun-ExtB", "MingLiU-ExtB"),
)
"""Fonts of the machine for characters that the packaged ones lack: rare ones, in names above all.

Debian's ``fonts-hanazono`` has every character of Unicode's extensions A to F.
"""
_FONTS_PACKAGE = "pylopdf_fonts_zh_cn"
_TEMPLATE = Path(__file__).with_name("paper.typ")
_FIRST_PRINTABLE = " "
_NAMED = 25
"""Facts that a page's foot names one by one; a dossier lists its own."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What ties a paper to the record.

    Args:
        code: the check code 查验码 of the fact whose paper it is.
        address: what its QR code says: the address of the check page, or the bare code.
        facts: where the facts stand that it was filled in from.
        size: how many facts the record held, by the checkpoint that the evidence goes by.
        at: when the last of these was recorded, UTC.
        simulated: the record is a demonstration; every page says so.
        evidence: the evidence bundle to attach, or None.
    """

    code: str
    address: str
    facts: tuple[int, ...]
    size: int
    at: datetime
    simulated: bool
    evidence: bytes | None = None


def press(paper: Paper, mark: Mark) -> bytes:
    """Return the PDF of a paper."""
    return _press().set(paper, mark)


@cache
def _press() -> _Press:
    return _Press()


class _Press:
    """A compiler with its fonts, made once: the first document costs 0.1 s, the next ones 0.01 s.

    A compiler is of one thread at a time.
    """

    def __init__(self) -> None:
        spec = find_spec(_FONTS_PACKAGE)
        assert spec is not None and spec.origin is not None  # noqa: PT018, S101 - it is locked
        self._fonts = typst.Fonts(
            include_system_fonts=True,
            include_embedded_fonts=False,
            font_paths=[str(Path(spec.origin).parent)],
        )
        self._compiler = typst.Compiler(str(_TEMPLATE), font_paths=self._fonts)
        self._lock = Lock()

    def set(self, paper: Paper, mark: Mark) -> bytes:
        told = {
            "code": mark.code,
            "facts": _resting_on(mark),
            "simulated": mark.simulated,
            "qr": _qr(mark.address),
            "evidence": {"name": f"{mark.code}.bundle.json"} if mark.evidence else None,
            "serif": [_SERIF, *self._fallback],
            "sans": [_SANS, *self._fallback],
        }
        inputs = {
            "paper": _json(self._legible(paper.plain())),
            "mark": _json(told),
            "evidence": (mark.evidence or b"").decode(),
        }
        with self._lock:
            data, warnings = self._compiler.compile_with_warnings(
                sys_inputs=inputs, pdf_standards=["a-3b"], timestamp=int(mark.at.timestamp())
            )
        assert isinstance(data, bytes)  # noqa: S101 - one file, since it is a PDF
        if warnings:
            message = "; ".join(each.message for each in warnings)
            raise RuntimeError(message)
        return data

    @cached_property
    def _fallback(self) -> list[str]:
        known = set(self._fonts.families())
        return [name for name in _FALLBACK if name in known]

    @cached_property
    def _drawn(self) -> frozenset[int]:
        """The code points that every text can be set with: in both fonts, or in one to fall on."""
        serif, sans = (self._points([name]) for name in (_SERIF, _SANS))
        return serif & sans | self._points(self._fallback)

    def _points(self, families: list[str]) -> frozenset[int]:
        found: set[int] = set()
        for font in self._fonts.fonts():
            if font.family in families and font.path:
                with TTFont(font.path, fontNumber=font.index, lazy=True) as opened:
                    found |= set(opened.getBestCmap() or ())
        return frozenset(found)

    def _legible(self, value: Any) -> Any:  # noqa: ANN401 - plain data, whatever it holds
        """Return plain data with every character that no font has as its code point."""
        if isinstance(value, str):
            return "".join(map(self._character, value))
        if isinstance(value, dict):
            return {key: self._legible(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._legible(each) for each in value]
        return value

    def _character(self, character: str) -> str:
        if ord(character) in self._drawn or character == "\n":
            return character
        return f"〔U+{ord(character):04X}〕" if character >= _FIRST_PRINTABLE else " "


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _qr(address: str) -> str:
    image = segno.make(address, error="m", micro=False)
    svg = BytesIO()
    image.save(svg, kind="svg", omitsize=True)
    return svg.getvalue().decode()


def _resting_on(mark: Mark) -> str:
    """Return in one line on which facts the paper rests; of many only how many."""
    told = f"第{_stretches(mark.facts)}条" if len(mark.facts) <= _NAMED else f"{len(mark.facts)}条"
    return f"依据台账{told}事实，截至第{mark.size}条"


def _stretches(positions: tuple[int, ...]) -> str:
    """Return positions in words: 12、15–18."""
    found: list[list[int]] = []
    for position in sorted(set(positions)):
        if found and position == found[-1][1] + 1:
            found[-1][1] = position
        else:
            found.append([position, position])
    return "、".join(str(a) if a == b else f"{a}–{b}" for a, b in found)
