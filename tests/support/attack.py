"""A superuser who wants the record to say something else: what they can do to the tables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from domain.audit.faults import first
from domain.audit.fold import Audit, surplus_command, surplus_tag
from domain.audit.ranges import check_range
from domain.fact import canonical
from domain.ledger import LedgerTables, Vault
from domain.ledger.vault import KeyStore
from tests.support.ledger import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.audit.faults import Fault
    from tests.support.ledger import Place

TABLES = ("fact", "tag", "command", "checkpoint")


@dataclass(frozen=True)
class Superuser:
    """Acts on a ledger's tables with every right there is, guards taken away first."""

    place: Place

    def __post_init__(self) -> None:
        for table in TABLES:
            self.sql(f"ALTER TABLE S.{table} DISABLE TRIGGER never")

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.place.sql(statement, *values)

    def cover_up(self) -> None:
        """Put the guards back, as if nothing had been."""
        for table in TABLES:
            self.sql(f"ALTER TABLE S.{table} ENABLE ALWAYS TRIGGER never")

    def leaf(self, position: int) -> dict[str, Any]:
        ((leaf,),) = self.sql("SELECT leaf FROM S.fact WHERE position = %s", position)
        content: dict[str, Any] = orjson.loads(leaf)
        return content

    def rewrite(self, position: int, change: Callable[[dict[str, Any]], object]) -> None:
        """Change a leaf, canonical again, and its columns with it: only the hash tells."""
        content = self.leaf(position)
        change(content)
        self.sql(
            "UPDATE S.fact SET leaf = %s, position = %s, record = %s, version = %s, topic = %s,"
            " recorded = %s WHERE position = %s",
            canonical(content),
            *(content[name] for name in ("position", "record", "version", "topic", "recorded")),
            position,
        )

    def swap(self, one: int, other: int) -> None:
        """Make two facts change places, each leaf saying its new place."""
        first, second = self.leaf(one), self.leaf(other)
        self.sql("UPDATE S.fact SET position = -1, version = -1 WHERE position = %s", one)
        self.rewrite(other, lambda leaf: leaf.update(position=one, recorded=first["recorded"]))
        first |= {"position": other, "recorded": second["recorded"]}
        self.sql(
            "UPDATE S.fact SET leaf = %s, position = %s, version = %s, recorded = %s"
            " WHERE position = -1",
            canonical(first),
            *(first[name] for name in ("position", "version", "recorded")),
        )
        for into, out_of in ((-1, one), (one, other), (other, -1)):
            self.sql("UPDATE S.tag SET position = %s WHERE position = %s", into, out_of)
            self.sql("UPDATE S.sealed SET position = %s WHERE position = %s", into, out_of)
        self.sql(
            "UPDATE S.command AS c SET first = f.position, recorded = f.recorded"
            " FROM S.fact AS f WHERE c.facts = 1 AND f.position IN (%s, %s)"
            " AND c.id::text = convert_from(f.leaf, 'UTF8')::jsonb #>> '{body,command}'",
            one,
            other,
        )

    def cut_off(self, after: int) -> None:
        """Take everything past a position out of every table."""
        self.sql("DELETE FROM S.fact WHERE position > %s", after)
        self.sql("DELETE FROM S.tag WHERE position > %s", after)
        self.sql("DELETE FROM S.sealed WHERE position > %s", after)
        self.sql("DELETE FROM S.command WHERE first > %s", after)

    def insert(self, at: int, change: Callable[[dict[str, Any]], object]) -> None:
        """Put a changed copy of a fact before it, and move it and all after it one further."""
        rows = self.sql("SELECT leaf FROM S.fact WHERE position >= %s ORDER BY position", at)
        leaves = [orjson.loads(leaf) for (leaf,) in rows]
        new = orjson.loads(rows[0][0])
        change(new)
        self.sql("DELETE FROM S.fact WHERE position >= %s", at)
        self.sql("UPDATE S.tag SET position = -position - 1 WHERE position >= %s", at)
        self.sql("UPDATE S.tag SET position = -position WHERE position < 0")
        self.sql("UPDATE S.sealed SET position = -position - 1 WHERE position >= %s", at)
        self.sql("UPDATE S.sealed SET position = -position WHERE position < 0")
        self.sql("UPDATE S.command SET first = first + 1 WHERE first >= %s", at)
        self._put(new)
        for tag in new["tags"]:
            self.sql("INSERT INTO S.tag VALUES (%s, %s)", tag, at)
        self.sql(
            "INSERT INTO S.command VALUES (%s, 'x', %s, 1, %s)",
            new["body"]["command"],
            at,
            new["recorded"],
        )
        for leaf in leaves:
            self._put({**leaf, "position": leaf["position"] + 1})

    def _put(self, content: dict[str, Any]) -> None:
        columns = ("position", "record", "version", "topic", "recorded")
        self.sql(
            "INSERT INTO S.fact VALUES (%s, %s, %s, %s, %s, %s)",
            *(content[name] for name in columns),
            canonical(content),
        )


def audited(place: Place, *, step: int = 4096, keys: bool = True) -> tuple[Audit, Fault | None]:
    """Read a ledger again, in this process, and return what is known and what does not hold."""
    store = KeyStore.open(place.keys, ORIGIN)
    vault = Vault(store, os.urandom) if keys else None
    with LedgerTables(place.url, place.schema) as tables:
        state = Audit(ORIGIN, tables.leaf_hashes)
        fault = _take_all(state, tables, vault, step) or _finish(state, tables)
    store.close()
    return state, fault


def _take_all(state: Audit, tables: LedgerTables, vault: Vault | None, step: int) -> Fault | None:
    head = tables.totals(0).head
    while state.position < head:
        upto = min(state.position + step, head)
        fault = state.take(check_range(state.position, upto, tables, vault))
        if fault:
            return fault
    return None


def _finish(state: Audit, tables: LedgerTables) -> Fault | None:
    totals = tables.totals(state.position)
    tags, commands = state.surplus(totals)
    tag = tables.surplus_tag(state.position) if tags else None
    command = tables.surplus_command(state.position) if commands else None
    return first(
        state.finish(totals),
        surplus_tag(*tag) if tag else None,
        surplus_command(*command) if command else None,
    )
