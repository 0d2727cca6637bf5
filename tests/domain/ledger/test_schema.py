"""Making a ledger, who may do what to it, and what refuses to be changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.errors import Contradiction, Forbidden, Invalid, NotFound, Unavailable
from domain.ledger import KeyStore, Ledger, Vault, create
from domain.ledger import schema as schema_module
from domain.ledger.datastore import connection_string
from domain.ledger.upgrading import Layout, note
from domain.ledger_opened import LedgerOpened, ledger_id
from tests.support.ledger import NOW, ORIGIN, Place, command, publish

TABLES = ("fact", "tag", "command", "checkpoint")


def test_the_first_fact_says_what_ledger_it_is(place: Place, ledger: Ledger) -> None:
    genesis = ledger.genesis()
    assert genesis.position == 1
    assert genesis.record == ledger_id(ORIGIN)
    fact = genesis.fact
    assert isinstance(fact, LedgerOpened)
    assert (fact.origin, fact.jurisdiction, fact.format, fact.clock) == (
        ORIGIN,
        "371300",
        1,
        "real",
    )
    assert fact.keys == place.vault().fingerprint
    assert ledger.range(0, 1) == [genesis]


def test_making_it_again_changes_nothing(place: Place) -> None:
    place.create()
    assert place.sql("SELECT count(*) FROM S.fact") == [(1,)]


def test_many_may_make_it_at_once(postgres_url: str, schema: str, tmp_path: Path) -> None:
    place = Place(postgres_url, schema, tmp_path)
    with ThreadPoolExecutor(6) as pool:
        for made in [pool.submit(place.create) for _ in range(6)]:
            made.result()
    assert place.sql("SELECT count(*) FROM S.fact") == [(1,)]
    place.close()


@pytest.mark.parametrize(
    "changes",
    [{"origin": "test.example/other"}, {"jurisdiction": "371302"}, {"clock": "simulated"}],
)
def test_another_ledger_in_its_place_is_refused(place: Place, changes: dict[str, Any]) -> None:
    parameters = {"origin": ORIGIN, "jurisdiction": "371300", "clock": "real", **changes}
    with pytest.raises(Contradiction, match="holds another ledger"):
        create(place.url, schema=place.schema, vault=place.vault(), random=os.urandom, **parameters)


def test_a_new_key_store_beside_an_old_ledger_is_refused(place: Place, tmp_path: Path) -> None:
    store = KeyStore.create(tmp_path / "new", ORIGIN, os.urandom)
    new = Vault(store, os.urandom)
    with pytest.raises(Contradiction, match="holds another ledger"):
        create(
            place.url,
            schema=place.schema,
            origin=ORIGIN,
            jurisdiction="371300",
            vault=new,
            random=os.urandom,
        )
    with pytest.raises(Contradiction, match="not that of the ledger"):
        place.open(vault=new)
    store.close()


@pytest.mark.parametrize("name", ["", "Big", "a-b", "x" * 56, 'a"b', "1a", "a;b"])
def test_a_schema_has_a_plain_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        Place("postgresql://nowhere", name, tmp_path).create()
    assert caught.value.where == "schema"


def test_parameters_are_checked(postgres_url: str, schema: str, tmp_path: Path) -> None:
    place = Place(postgres_url, schema, tmp_path)
    with pytest.raises(Invalid) as caught:
        place.create(opened=NOW)
    assert caught.value.where == "opened"
    vault = place.vault()
    with pytest.raises(Invalid, match="origin") as caught:
        create(
            postgres_url,
            schema=schema,
            origin="Not A Name",
            jurisdiction="371300",
            vault=vault,
            random=os.urandom,
        )
    assert caught.value.where == "origin"
    place.close()


def test_a_schema_with_something_else_in_it_is_left_alone(place: Place) -> None:
    place.sql(f"COMMENT ON SCHEMA {place.schema} IS 'mine'")
    with pytest.raises(Contradiction, match="something other than a ledger"):
        place.create()
    place.sql(f"COMMENT ON SCHEMA {place.schema} IS NULL")
    with pytest.raises(Contradiction, match="something other than a ledger"):
        place.open()


@pytest.mark.parametrize(("layout", "todo"), [(99, "of that version"), (1, "daocha upgrade")])
def test_tables_of_another_program_are_left_alone(place: Place, layout: int, todo: str) -> None:
    with psycopg.connect(place.url) as connection:
        note(connection, place.schema, Layout(layout, layout))
    with pytest.raises(Unavailable, match=f"version {layout}") as caught:
        place.open()
    assert todo in caught.value.todo_en


def test_there_may_be_no_ledger(place: Place) -> None:
    place.drop()
    with pytest.raises(NotFound, match="there is no ledger"):
        place.open()
    place.create()


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@/x?host=/nonexistent", "host=127.0.0.1 port=1", "no=such"]
)
def test_a_database_that_cannot_be_reached(url: str, place: Place) -> None:
    elsewhere = Place(url, place.schema, place.keys)
    with pytest.raises(Unavailable) as caught:
        elsewhere.open()
    assert "DATABASE_URL" in caught.value.todo_en
    with pytest.raises(Unavailable):
        elsewhere.create()
    elsewhere.close()


def test_any_address_is_taken() -> None:
    one = connection_string("postgresql://u@/db?host=/run/x&sslmode=verify-full&connect_timeout=2")
    assert "sslmode=verify-full" in one
    assert "connect_timeout=2" in one
    assert "target_session_attrs" not in one
    many = connection_string("host=a,b,c dbname=x")
    assert "host=a,b,c" in many
    assert "target_session_attrs=read-write" in many
    assert "target_session_attrs=any" in connection_string("host=a,b target_session_attrs=any")


# Nothing is changed


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE S.{} SET {}", "DELETE FROM S.{}", "TRUNCATE S.{}"])
def test_even_the_owner_changes_nothing(
    place: Place, ledger: Ledger, table: str, statement: str
) -> None:
    ledger.append(command())
    publish(place, 1)
    change = {"fact": "version = 9", "tag": "tag = 'a:b'", "command": "facts = 9"}
    change |= {"checkpoint": "size = 9"}
    before = place.sql(f"TABLE S.{table}")
    with pytest.raises(errors.InsufficientPrivilege, match="台账只增不改"):
        place.sql(statement.format(table, change[table]))
    with pytest.raises(errors.InsufficientPrivilege, match="台账只增不改"):
        place.sql(
            f"SET session_replication_role = replica; {statement.format(table, change[table])}"
        )
    assert place.sql(f"TABLE S.{table}") == before


@pytest.mark.parametrize("role", ["daocha_writer", "daocha_projector"])
@pytest.mark.parametrize("table", [*TABLES, "sealed"])
@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO S.{} DEFAULT VALUES", "DELETE FROM S.{}", "TRUNCATE S.{}", "DROP TABLE S.{}"],
)
def test_the_roles_write_nothing_themselves(
    place: Place, role: str, table: str, statement: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        place.sql(f"SET ROLE {role}; {statement.format(table)}")


def test_the_projector_appends_nothing_and_reads_no_boxes(place: Place) -> None:
    for statement in (
        "SELECT S.append('[]')",
        f"SELECT S.forget('{uuid4()}')",
        "SELECT * FROM S.sealed",
        "SELECT * FROM S.command",
        "SELECT * FROM S.checkpoint",
        "SELECT S.publish(1, '', '')",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            place.sql(f"SET ROLE daocha_projector; {statement}")
    place.sql("SET ROLE daocha_projector; SELECT * FROM S.fact, S.tag")


def test_the_parts_of_append_are_nobodys(place: Place) -> None:
    for part in ("compose('[]', 0, now())", "boxes('[]', 0)", "clash(NULL)", "violation(NULL)"):
        with pytest.raises(errors.InsufficientPrivilege):
            place.sql(f"SET ROLE daocha_writer; SELECT S.{part}")


def test_append_finds_its_own_tables_whatever_the_caller_puts_in_the_way(
    place: Place, ledger: Ledger
) -> None:
    """A temporary function or table of the same name would run with the owner's rights."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE fact (LIKE pg_class)")
        connection.execute(
            "CREATE FUNCTION pg_temp.octet_length(text) RETURNS integer"
            " LANGUAGE sql AS 'SELECT 1/0'"
        )
        connection.execute("SET search_path = pg_temp, pg_catalog")
        query = sql.SQL("SELECT {}('[]')").format(sql.Identifier(place.schema, "append"))
        connection.execute(query)
    ledger.append(command())


# A user who may little


@pytest.fixture
def modest(postgres_url: str, schema: str) -> Iterator[str]:
    """A user who may make schemas and nothing else, and has no part in our roles."""
    name = f"modest_{schema[5:15]}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN".encode())
        admin.execute(f"GRANT CREATE ON DATABASE {admin.info.dbname} TO {name}".encode())
        yield make_conninfo(postgres_url, user=name)
        admin.execute(f"DROP OWNED BY {name}".encode())
        admin.execute(f"DROP ROLE {name}".encode())


def test_a_modest_user_has_a_ledger_and_is_told_what_is_missing(
    place: Place, modest: str, schema: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = Place(modest, f"{schema}_own"[:50], tmp_path / "own")
    own.create()
    with own.open() as ledger:
        ledger.append(command())
        found = ledger.privileges()
    assert "keeps its own rights" in caplog.text
    assert caplog.text.count("keeps its own rights") == 1
    assert all(isinstance(each, Forbidden) for each in found)
    assert [each.en for each in found] == [
        "connections do not take on the role daocha_writer",
        "this user can write the tables without the append function",
    ]
    own.close()


def test_where_there_are_no_roles_and_none_can_be_made(
    modest: str, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_module, "WRITER", "daocha_nobody")
    monkeypatch.setattr(schema_module, "PROJECTOR", "daocha_nobody")
    own = Place(modest, f"{schema}_own"[:50], tmp_path)
    own.create()
    with own.open() as ledger:
        ledger.append(command())
    own.close()


def test_roles_made_later_are_given_their_rights_by_making_the_ledger_again(
    place: Place, ledger: Ledger, modest: str
) -> None:
    place.sql("REVOKE ALL ON FUNCTION S.append FROM daocha_writer")
    with pytest.raises(Unavailable, match="permission denied"):
        ledger.append(command())
    place.create()
    ledger.append(command())
    place.sql(f"GRANT USAGE ON SCHEMA {place.schema} TO {conninfo_to_dict(modest)['user']}")
    place.sql(f"GRANT SELECT ON S.fact TO {conninfo_to_dict(modest)['user']}")
    guest = Place(modest, place.schema, place.keys)
    guest.create()  # finds that it exists, and leaves the owner's grants alone
    guest.close()


def test_a_user_without_rights_is_told_so(place: Place, modest: str, tmp_path: Path) -> None:
    with psycopg.connect(place.url, autocommit=True) as admin:
        user = conninfo_to_dict(modest)["user"]
        admin.execute(f"REVOKE CREATE ON DATABASE {admin.info.dbname} FROM {user}".encode())
        admin.execute(f"GRANT USAGE ON SCHEMA {place.schema} TO {user}".encode())
        admin.execute(f"GRANT SELECT ON {place.schema}.fact TO {user}".encode())
    with pytest.raises(Unavailable, match="may not make a ledger"):
        Place(modest, "not_there", tmp_path / "own").create()
    elsewhere = Place(modest, place.schema, place.keys)
    with elsewhere.open() as ledger:
        with pytest.raises(Unavailable, match="permission denied"):
            ledger.append(command())
        assert "this user may not call the functions that append, publish and keep rolls" in [
            each.en for each in ledger.privileges()
        ]
    elsewhere.close()


def test_all_is_well(ledger: Ledger) -> None:
    assert ledger.privileges() == []


def test_read_models_are_looked_at_in_one_snapshot_and_not_changed(
    place: Place, ledger: Ledger
) -> None:
    with ledger.views() as cursor:
        cursor.execute(
            "SELECT current_schema() AS schema, current_setting('transaction_isolation') AS level"
        )
        assert cursor.fetchone() == {"schema": f"{place.schema}_views", "level": "repeatable read"}
        with pytest.raises(errors.ReadOnlySqlTransaction):
            cursor.execute("CREATE TABLE mine ()")


def test_a_missing_guard_is_noticed(place: Place, ledger: Ledger) -> None:
    place.sql("ALTER TABLE S.tag DISABLE TRIGGER never")
    assert ["trigger" in each.en for each in ledger.privileges()] == [True]
