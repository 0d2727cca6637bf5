"""Reading the read models: short questions to the tables that the projections keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, sql

from domain.errors import Unavailable
from domain.ledger.datastore import LedgerDatastore, unreachable
from domain.ledger.schema import WRITER, views_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Views:
    """The read models of one ledger, for reading.

    Args:
        conninfo: connection string or URI of the ledger's database.
        schema: the ledger's PostgreSQL schema.
        size: most connections at a time.
    """

    def __init__(self, conninfo: str, schema: str, *, size: int = 8) -> None:
        self.kept: dict[Any, Any] = {}
        """What questions keep until the read models that it was found in have changed."""
        self._schema = views_schema(schema)
        self._store = LedgerDatastore(conninfo, schema=self._schema, role=WRITER, size=size)

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    def rows(
        self, query: str, *, view: str, chosen: Sequence[str], values: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Return the rows that answer a question.

        Args:
            query: a statement with ``{view}`` for the read model, ``{chosen}`` for the conditions
                and ``{views}`` for the schema that holds all read models.
            view: the name of the read model.
            chosen: conditions of our own wording, all of which must hold.
            values: by name, what the conditions compare with.

        Raises:
            Unavailable: the database cannot be reached, or the read model is still being made.
        """
        statement = sql.SQL(query).format(
            view=sql.Identifier(self._schema, view),
            views=sql.Identifier(self._schema),
            chosen=sql.SQL(" AND ").join(
                sql.SQL(each).format(views=sql.Identifier(self._schema))
                for each in chosen or ["true"]
            ),
        )
        try:
            with self._store.connection() as connection:
                return connection.execute(statement, values).fetchall()
        except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
            raise Unavailable(
                f"查询视图 {view} 尚未建好",
                f"the read model {view} is still being made",
                todo_zh="请稍候再查；若一直如此，请运行 daocha rebuild",
                todo_en="look again in a moment; if this stays so, run daocha rebuild",
            ) from error
        except psycopg.OperationalError as error:
            raise unreachable(error) from error
