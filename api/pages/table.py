"""Tables 表格: described once, then shown on a page, printed, and taken away as a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from api.sheets import spreadsheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from api.pages.words import Speech

Row = TypeVar("Row")
Tone = Literal["grey", "red", "amber", "green", "blue"]


@dataclass(frozen=True, slots=True)
class Tag:
    """A few words that say how something stands, in a frame; never by the colour alone."""

    text: str
    tone: Tone = "grey"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table.

    Args:
        text: the words.
        href: where they lead, if anywhere.
        tags: how it stands.
        note: what is said beside it, quietly.
    """

    text: str = ""
    href: str | None = None
    tags: tuple[Tag, ...] = ()
    note: str = ""

    @property
    def plain(self) -> str:
        """All of it as one text, as a spreadsheet holds it."""
        return " ".join(
            each for each in (self.text, *(t.text for t in self.tags), self.note) if each
        )


@dataclass(frozen=True)  # with slots, Python 3.11 cannot make Column[Row]
class Column(Generic[Row]):
    """A column of a table.

    Args:
        head: the name of the words above it.
        cell: what a row has there; a text stands for a cell of that text alone.
        width: how wide it is in a spreadsheet, in characters.
    """

    head: str
    cell: Callable[[Row], Cell | str]
    width: int = 16

    def at(self, row: Row) -> Cell:
        """Return what a row has there."""
        found = self.cell(row)
        return Cell(found) if isinstance(found, str) else found


@dataclass(frozen=True)  # with slots, Python 3.11 cannot make Table[Row]
class Table(Generic[Row]):
    """Rows under columns; the first column names the row.

    The macro ``table`` of ``list.html`` shows one; on a phone each row becomes a card.
    """

    columns: tuple[Column[Row], ...]
    rows: Iterable[Row]

    @property
    def heads(self) -> list[str]:
        """The names of the words above the columns."""
        return [column.head for column in self.columns]

    @property
    def lines(self) -> Iterator[list[Cell]]:
        """The rows as they are shown."""
        return ([column.at(row) for column in self.columns] for row in self.rows)

    def spreadsheet(self, title: str, say: Speech) -> bytes:
        """Return the table as an XLSX file; every cell is text."""
        heads = [(say(column.head), column.width) for column in self.columns]
        return spreadsheet(title, heads, ([cell.plain for cell in line] for line in self.lines))


@dataclass(frozen=True, slots=True)
class Field:
    """A field by which a list is filtered.

    Args:
        name: its name in the address.
        label: the name of the words before it.
        kind: ``text``, ``choice``, ``tick``, or a kind of input: ``date``, ``month``.
        value: what is asked for now.
        options: of a choice: value and text; the first is what is taken for granted.
    """

    name: str
    label: str
    kind: Literal["text", "choice", "tick", "date", "month", "number"] = "text"
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
