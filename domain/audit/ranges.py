"""A range of the ledger looked at by itself: each fact against its leaf and every other table.

The leaf is the fact; everything else in the database can be derived from it. So each leaf must be
its one canonical form, and columns, tags, commands and sealed boxes must say what it says. What
takes more than the range (the tree, signatures, totals) is for :mod:`domain.audit.fold`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

import orjson
from pydantic import ValidationError

from domain.audit.faults import Fault, first
from domain.errors import Invalid
from domain.fact import Entry, Sealed, canonical, read_leaf, seal_digest
from domain.proof.encoding import HASH_SIZE
from domain.proof.merkle import root_of
from domain.proof.tiles import WIDTH

_KEYS = {"body", "position", "record", "recorded", "tags", "topic", "version"}
_MATTERS = (
    *("key.", "signature.", "appointment.", "post.", "roll.", "log."),
    *("organisation.", "supervision.", "person.erased", "tip.erased", "fact.corrected"),
)
"""How the topics begin whose facts are needed to judge later ones."""


class Row(Protocol):
    """A fact as it lies in its table."""

    @property
    def position(self) -> int:
        """Where it stands."""
        ...

    @property
    def record(self) -> UUID:
        """Its record."""
        ...

    @property
    def version(self) -> int:
        """Which of the record's facts it is."""
        ...

    @property
    def topic(self) -> str:
        """Its kind."""
        ...

    @property
    def recorded(self) -> datetime:
        """When it was recorded, in UTC."""
        ...

    @property
    def leaf(self) -> bytes:
        """Its leaf."""
        ...


class CommandRow(NamedTuple):
    """A row of the command table."""

    first: int
    facts: int
    recorded: datetime


class Box(NamedTuple):
    """A row of the table of sealed values."""

    position: int
    path: str
    subject: UUID
    box: bytes


class Misplaced(NamedTuple):
    """A fact whose version does not follow on its record: it lacks its predecessor, or repeats."""

    position: int
    record: UUID
    version: int


class Tables(Protocol):
    """The ledger's tables, read by ranges of positions."""

    def rows(self, after: int, upto: int) -> Sequence[Row]:
        """Return the facts after one position, up to another, by position."""
        ...

    def misplaced(self, after: int, upto: int) -> Misplaced | None:
        """Return the first fact whose version does not follow on its record by position."""
        ...

    def missing_tag(self, tags: Sequence[tuple[int, str]]) -> tuple[int, str] | None:
        """Return the first of these positions and tags that the table of tags lacks."""
        ...

    def commands(self, ids: Iterable[UUID]) -> Mapping[UUID, CommandRow]:
        """Return the rows of these commands."""
        ...

    def boxes(self, after: int, upto: int) -> Sequence[Box]:
        """Return the sealed values of a range, by position."""
        ...

    def leaf_tiles(self, after: int, upto: int) -> Sequence[tuple[int, bytes]]:
        """Return the tiles of leaf hashes in which a range stands: number and hashes, joined."""
        ...


class Opener(Protocol):
    """What opens sealed values (:class:`domain.ledger.Vault`)."""

    def open(self, boxes: Sequence[tuple[Sealed, bytes]]) -> Sequence[tuple[str, bytes] | None]:
        """Return value and salt of each box, or None."""
        ...

    def known(self, subjects: Iterable[UUID]) -> set[UUID]:
        """Return those subjects that have a key."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What a range turned out to be.

    Args:
        after, upto: the positions looked at lie after the one, up to the other.
        fault: the first thing that does not hold in it; what follows is then not complete.
        hashes: the leaf hashes, joined.
        roots: the roots of the full runs of 256 leaves, where the range begins with one.
        recorded: when its first and its last fact were recorded.
        tags: how many rows of the table of tags are its.
        commands: how many commands begin in it.
        closed: how many sealed values could not be opened, for want of their key.
        unsealed: where a sealed value has no box, and whose it is: right only of an erased one.
        matters: the leaves of the facts by which later ones are judged.
    """

    after: int
    upto: int
    fault: Fault | None = None
    hashes: bytes = b""
    roots: tuple[bytes, ...] = ()
    recorded: tuple[datetime, datetime] | None = None
    tags: int = 0
    commands: int = 0
    closed: int = 0
    unsealed: tuple[tuple[int, UUID], ...] = ()
    matters: tuple[bytes, ...] = ()


def check_range(after: int, upto: int, tables: Tables, opener: Opener | None) -> Checked:
    """Look at the facts after one position, up to another.

    Args:
        after: the position before the first.
        upto: the last, which the ledger has reached.
        tables: where they lie.
        opener: opens sealed values; None where the keys are not at hand.
    """
    rows = tables.rows(after, upto)
    entries, broken = _read_all(after, upto, rows)
    if broken:
        return Checked(after, upto, broken)
    commands = tables.commands({entry.command for entry in entries})
    boxes = tables.boxes(after, upto)
    opened = _Opened(entries, boxes, opener)
    fault = first(
        _in_version(tables.misplaced(after, upto)),
        _tagged(tables.missing_tag([(e.position, tag) for e in entries for tag in e.tags])),
        _commanded(entries, commands),
        opened.fault,
        _in_tiles(entries, tables.leaf_tiles(after, upto)),
    )
    hashes = [entry.hash for entry in entries]
    return Checked(
        after,
        upto,
        fault,
        hashes=b"".join(hashes),
        roots=tuple(_full_roots(after, hashes)),
        recorded=(entries[0].recorded, entries[-1].recorded),
        tags=sum(len(entry.tags) for entry in entries),
        commands=sum(commands[e.command].first == e.position for e in entries) if not fault else 0,
        closed=opened.closed,
        unsealed=opened.missing,
        matters=tuple(row.leaf for row in rows if row.topic.startswith(_MATTERS)),
    )


def _full_roots(after: int, hashes: Sequence[bytes]) -> Iterator[bytes]:
    if after % WIDTH == 0:
        for start in range(0, len(hashes) - WIDTH + 1, WIDTH):
            yield root_of(hashes[start : start + WIDTH])


# Leaves.


def _read_all(after: int, upto: int, rows: Sequence[Row]) -> tuple[list[Entry], Fault | None]:
    """Return the facts in order up to the first whose place or leaf does not hold, and why."""
    entries: list[Entry] = []
    for expected, row in enumerate(rows, after + 1):
        fault = _gap(expected, row.position) if row.position != expected else _read(row, entries)
        if fault:
            return entries, fault
    reached = after + len(rows)
    return entries, _gap(reached + 1, None) if reached < upto else None


def _gap(expected: int, found: int | None) -> Fault:
    if found is not None and found < expected:
        return Fault(found, "missing", "此序号出现两次", "two facts stand at this position")
    after = f"其后是第{found}条" if found else "台账在此之前中断"
    en = f"the next is {found}" if found else "the ledger breaks off before it"
    return Fault(expected, "missing", f"缺失：{after}", f"it is missing: {en}")


def _read(row: Row, entries: list[Entry]) -> Fault | None:
    """Read a row's leaf and hold it against its columns and the fact before it."""
    try:
        content = orjson.loads(row.leaf)
        exact = content.keys() == _KEYS and canonical(content) == row.leaf
    except (ValueError, AttributeError, Invalid):
        exact = False
    if not exact:
        zh = "存储字节不是规范形式，曾被改动"
        return Fault(row.position, "leaf", zh, "its leaf is not in its canonical form")
    for name, value in _columns(row):
        if content[name] != value:
            zh = f"{_COLUMNS[name]}一栏（{value}）与其存储字节所载（{content[name]}）不符"
            en = f"the column {name} says {value}, its leaf {content[name]}"
            return Fault(row.position, "column", zh, en)
    try:
        entry = read_leaf(row.leaf)
    except (Invalid, ValidationError) as error:
        zh, en = ("", "") if isinstance(error, ValidationError) else (error.zh, error.en)
        zh, en = zh or "内容不合其类型的格式", en or f"it does not fit its kind: {error}"
        return Fault(row.position, "leaf", zh, en)
    if entries and entry.recorded < entries[-1].recorded:
        return earlier(entry.position)
    entries.append(entry)
    return None


_COLUMNS = {
    "position": "序号",
    "record": "档案",
    "recorded": "录入时间",
    "topic": "类型",
    "version": "版次",
}


def _columns(row: Row) -> tuple[tuple[str, object], ...]:
    return (
        ("position", row.position),
        ("record", str(row.record)),
        ("recorded", row.recorded.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
        ("topic", row.topic),
        ("version", row.version),
    )


def earlier(position: int) -> Fault:
    """Return what to say of a fact that was recorded before the one before it."""
    zh, en = "录入时间早于前一条", "it was recorded before the fact that precedes it"
    return Fault(position, "recorded", zh, en)


# The other tables.


def _in_version(misplaced: Misplaced | None) -> Fault | None:
    if misplaced is None:
        return None
    position, record, version = misplaced
    zh = f"档案 {record} 的第{version}版不接其前一版"
    en = f"version {version} of record {record} does not follow on the one before"
    return Fault(position, "version", zh, en)


def _tagged(missing: tuple[int, str] | None) -> Fault | None:
    if missing is None:
        return None
    position, tag = missing
    zh, en = f"标签表缺少其标签 {tag}", f"the table of tags lacks its tag {tag}"
    return Fault(position, "tag", zh, en)


def _commanded(entries: Sequence[Entry], commands: Mapping[UUID, CommandRow]) -> Fault | None:
    """Find the first fact that the command table does not have as its command says."""
    for entry in entries:
        row = commands.get(entry.command)
        if row is None:
            zh, en = "命令表中没有其命令", "its command is not in the table of commands"
        elif not row.first <= entry.position < row.first + row.facts:
            zh, en = "不在其命令所记的范围内", "its command says that other facts are its own"
        elif row.recorded != entry.recorded:
            zh, en = "与其命令的录入时间不符", "its command was recorded at another time"
        else:
            continue
        return Fault(entry.position, "command", zh, f"{en} ({entry.command})")
    return None


def _in_tiles(entries: Sequence[Entry], tiles: Sequence[tuple[int, bytes]]) -> Fault | None:
    """Find the first fact of which a tile of the transparency log holds another hash."""
    stored = {
        number * WIDTH + n // HASH_SIZE + 1: hashes[n : n + HASH_SIZE]
        for number, hashes in tiles
        for n in range(0, len(hashes), HASH_SIZE)
    }
    for entry in entries:
        if stored.get(entry.position, entry.hash) != entry.hash:
            zh = "与透明日志所存的散列不符：事实或日志在公布后被改动"
            en = "the transparency log holds another hash of it: one of them was changed since"
            return Fault(entry.position, "tile", zh, en)
    return None


class _Opened:
    """The sealed values of a range against what the facts say of them."""

    def __init__(
        self, entries: Sequence[Entry], boxes: Sequence[Box], opener: Opener | None
    ) -> None:
        wanted = {
            (entry.position, path): sealed
            for entry in entries
            for path, sealed in entry.fact.sealed()
        }
        found = {(box.position, box.path): box for box in boxes}
        absent = wanted.keys() - found.keys()
        self.missing = tuple(sorted((key[0], wanted[key].subject) for key in absent))
        self.closed = 0
        pairs = [(wanted[key], box) for key, box in found.items() if key in wanted]
        self.fault = first(
            *(_unasked(box) for key, box in found.items() if key not in wanted),
            *(_of_another(box) for sealed, box in pairs if sealed.subject != box.subject),
            *(self._wrong(pairs, opener) if opener else ()),
        )
        if opener is None:
            self.closed = len(pairs)

    def _wrong(self, pairs: Sequence[tuple[Sealed, Box]], opener: Opener) -> Iterator[Fault]:
        keys = opener.known(sealed.subject for sealed, _ in pairs)
        values = opener.open([(sealed, box.box) for sealed, box in pairs])
        for (sealed, box), value in zip(pairs, values, strict=True):
            if value is None and sealed.subject not in keys:
                self.closed += 1
            elif value is None or seal_digest(*value) != sealed.digest:
                zh = f"封存值 {box.path} 与其摘要不符，曾被改动"
                en = f"the sealed value {box.path} does not fit its digest"
                yield Fault(box.position, "sealed", zh, en)


def _unasked(box: Box) -> Fault:
    zh, en = f"多出封存值 {box.path}", f"there is a sealed value {box.path} that it does not have"
    return Fault(box.position, "sealed", zh, en)


def _of_another(box: Box) -> Fault:
    zh = f"封存值 {box.path} 记在他人名下"
    return Fault(box.position, "sealed", zh, f"the sealed value {box.path} is under another's name")
