"""A filled-in form 文书, before it is set: what stands on it, in the order in which it is read.

Everything is Chinese text; nothing is left to be looked up. The same values give the same bytes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Fields:
    """Pairs of a label and what is filled in beside it; an empty value leaves room to write."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Numbered items under headings; ``widths`` are shares of the line, 0 for as little as fits."""

    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs, with a heading where there is one."""

    paragraphs: tuple[str, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A place to sign: in what quality, and how it is signed; empty leaves room for a pen."""

    role: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """The places to sign."""

    places: tuple[Signature, ...]


Block = Fields | Table | Text | Signatures


@dataclass(frozen=True, slots=True)
class Paper:
    """A filled-in form.

    Args:
        title: what it is called, such as 责令限期整改指令书.
        number: its own number; the check code where it has none.
        issuer: whose document it is, set above the title and beside the seal.
        addressee: to whom it is addressed; empty for a record.
        blocks: what stands on it.
        dated: its day, beside the seal.
        copies: what becomes of it: 一式两份…
        seal: whether the issuer's seal 印章 belongs on it.
    """

    title: str
    number: str
    issuer: str
    blocks: tuple[Block, ...]
    dated: date
    addressee: str = ""
    copies: str = ""
    seal: bool = True

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, each block with its kind."""
        told = asdict(self)
        told["blocks"] = [
            {"kind": type(block).__name__.lower(), **asdict(block)} for block in self.blocks
        ]
        day = self.dated
        told["dated"] = f"{day.year}年{day.month}月{day.day}日"
        return told
