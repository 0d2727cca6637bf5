"""How wide a text is, without a font at hand.

A Chinese character is one em wide in every font; Latin letters have the advances of Noto Sans CJK
SC, a little enlarged, since the reader's font (Microsoft YaHei, PingFang SC) may be wider.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_REGULAR = [
    224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392, 555, 555, 555,
    555, 555, 555, 555, 555, 555, 555, 278, 278, 555, 555, 555, 474, 946, 608, 657, 638, 688, 589,
    552, 689, 728, 293, 535, 646, 543, 812, 723, 742, 633, 742, 635, 596, 599, 721, 575, 878, 573,
    531, 603, 338, 392, 338, 555, 559, 606, 563, 618, 510, 620, 554, 325, 564, 607, 275, 275, 552,
    284, 926, 610, 606, 620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338, 270, 338, 555,
]  # fmt: skip
_BOLD = [
    227, 370, 574, 590, 590, 963, 740, 325, 378, 378, 507, 590, 325, 370, 325, 387, 590, 590, 590,
    590, 590, 590, 590, 590, 590, 590, 325, 325, 590, 590, 590, 514, 1007, 641, 681, 656, 714, 615,
    585, 717, 757, 330, 568, 686, 578, 853, 749, 770, 667, 770, 682, 624, 625, 748, 619, 915, 627,
    580, 613, 378, 387, 378, 590, 567, 626, 591, 644, 527, 644, 581, 372, 597, 640, 304, 306, 604,
    315, 964, 641, 626, 644, 644, 436, 495, 421, 637, 576, 863, 562, 574, 511, 378, 296, 378, 590,
]  # fmt: skip
"""Advances of the characters from space to tilde, in thousandths of an em."""
_RESERVE = 1.03
_OTHER = 0.85
"""Width in em of a narrow character outside ASCII, such as é or ✓: generous."""
_ELLIPSIS = "…"
_CLOSING = "，。、；：！？）》〉」』】〕”’,.;:!?)]}%"
_OPENING = "（《〈「『【〔“‘([{"
_JOINER = "\u2060"
"""The word joiner of Unicode: no line ends beside it, and it takes no room."""
_WORD = re.compile(rf"(?:.{_JOINER})+.|[A-Za-z0-9][A-Za-z0-9_./:+#-]*|\s+|.", re.DOTALL)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of ``text`` at a font size of ``size``, rather too much than too little."""
    table = _BOLD if bold else _REGULAR
    return size * sum(_em(character, table) for character in text)


def _em(character: str, table: list[int]) -> float:
    index = ord(character) - ord(" ")
    if 0 <= index < len(table):
        return table[index] * _RESERVE / 1000
    if unicodedata.combining(character) or character == _JOINER:
        return 0
    return 1 if unicodedata.east_asian_width(character) in "WFA" else _OTHER


def shorten(text: str, size: float, limit: float, *, bold: bool = False) -> str:
    """Return ``text``, cut with … where it is wider than ``limit``."""
    if width(text, size, bold=bold) <= limit:
        return text
    room = limit - width(_ELLIPSIS, size, bold=bold)
    table = _BOLD if bold else _REGULAR
    kept, used = "", 0.0
    for character in text:
        used += size * _em(character, table)
        if used > room:
            break
        kept += character
    return kept.rstrip() + _ELLIPSIS


def wrap(text: str, size: float, limit: float, lines: int, *, bold: bool = False) -> list[str]:
    """Return ``text`` in at most ``lines`` lines no wider than ``limit``; the last is cut with ….

    Latin words stay whole where they fit; no line begins with closing punctuation or ends with
    opening punctuation. Lines are made about equally long.
    """
    found = _fill(text, size, limit, lines, bold=bold)
    if len(found) > 1 and not found[-1].endswith(_ELLIPSIS):
        for share in (0.6, 0.7, 0.8, 0.9):
            narrower = _fill(text, size, limit * share, lines, bold=bold)
            if len(narrower) == len(found) and not any(n.endswith(_ELLIPSIS) for n in narrower):
                return narrower
    return found


def unbroken(text: str) -> str:
    """Return ``text`` such that :func:`wrap` does not end a line within it."""
    return _JOINER.join(text)


def _fill(text: str, size: float, limit: float, lines: int, *, bold: bool) -> list[str]:
    """Break a text into lines, each as long as may be."""
    result: list[str] = []
    current = ""
    words = _words(text.strip())
    for index, word in enumerate(words):
        if width(current + word, size, bold=bold) <= limit or not current:
            current += word
        elif len(result) == lines - 1:
            current += "".join(words[index:])
            break
        else:
            result.append(current.rstrip())
            current = word.lstrip()
    result.append(current)
    shown = (line.replace(_JOINER, "") for line in result if line)
    return [shorten(line, size, limit, bold=bold) for line in shown]


def _words(text: str) -> list[str]:
    """Split a text into pieces between which a line may end."""
    words: list[str] = []
    for piece in _WORD.findall(text):
        if words and (piece in _CLOSING or words[-1][-1] in _OPENING):
            words[-1] += piece
        else:
            words.append(piece)
    return words


class Box(NamedTuple):
    """A rectangle on the page, x to the right and y down."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box, gap: float = 0) -> bool:
        """Tell whether two boxes overlap, or come closer to each other than ``gap``."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )


def rows(extents: list[tuple[float, float]], gap: float) -> list[int]:
    """Return for each extent the first row in which it lies clear of those placed before it."""
    taken: list[list[tuple[float, float]]] = []
    places = []
    for left, right in extents:
        for index, row in enumerate(taken):
            if all(
                right + gap <= other_left or other_right + gap <= left
                for other_left, other_right in row
            ):
                row.append((left, right))
                places.append(index)
                break
        else:
            taken.append([(left, right)])
            places.append(len(taken) - 1)
    return places
