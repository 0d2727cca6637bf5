"""Who was erased by law, and whether anything of them is left or came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import errors, sql
from psycopg.rows import tuple_row

from domain.erasure import ERASED, Erasure
from domain.fact import TOPICS

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from domain.ledger.vault import Vault

_ERASED = """
    SELECT DISTINCT record FROM {fact}
    WHERE position IN (SELECT position FROM {tag} WHERE tag = %s) AND topic = ANY(%s)
"""
_BOXED = """
    SELECT wanted FROM unnest(%s::uuid[]) AS wanted
    WHERE EXISTS (SELECT FROM {sealed} WHERE subject = wanted)
"""


def erased(connection: Connection[Any], schema: str) -> set[UUID]:
    """Return everybody whose erasure is on record; of a report from the public, the report."""
    topics = [name for name, topic in TOPICS.items() if issubclass(topic.fact, Erasure)]
    return _column(connection, schema, _ERASED, ERASED, topics)


def left(connection: Connection[Any], schema: str, vault: Vault) -> set[UUID]:
    """Return those erased of whom there is a key or a box, or could again be a key.

    A database or a key store from a backup brings them back; so does an end between the recording
    of an erasure and its being carried out. A database from before an erasure does not know of it:
    the key store does. Nobody, where this user may not even look.
    """
    try:
        people = erased(connection, schema)
        gone = sorted(people | vault.all_barred())
        boxed = _column(connection, schema, _BOXED, gone) if gone else set()
    except errors.InsufficientPrivilege:
        return set()
    return boxed | vault.known(people) | (people - vault.barred(people))


def _column(connection: Connection[Any], schema: str, text: str, *values: object) -> set[UUID]:
    names = {name: sql.Identifier(schema, name) for name in ("fact", "tag", "sealed")}
    with connection.cursor(row_factory=tuple_row) as cursor:
        return {row[0] for row in cursor.execute(sql.SQL(text).format(**names), values)}
