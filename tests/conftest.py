"""What every test may ask for: a PostgreSQL server, a schema of its own, the clause tags."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from api.embedded import embedded_postgres
from tests.support.tree import clause_tags

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

SHARED_STATE = "DAOCHA_TEST_STATE"
"""Where the tests' own PostgreSQL lives; handed down to the xdist workers, who share it."""


settings.register_profile("daocha", deadline=None, print_blob=True)  # no test is timed
settings.load_profile("daocha")


def pytest_configure(config: pytest.Config) -> None:
    for tag in clause_tags():
        config.addinivalue_line("markers", f"{tag}: scenarios of this clause")
    if SHARED_STATE not in os.environ:
        os.environ[SHARED_STATE] = tempfile.mkdtemp(prefix="daocha-tests-")
        config.add_cleanup(remove_shared_state)


def remove_shared_state() -> None:
    shutil.rmtree(os.environ.pop(SHARED_STATE), ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``DAOCHA_NO_SKIPS`` set, where everything a test may want is there, a skip fails."""
    report = yield
    if report.skipped and os.environ.get("DAOCHA_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: ``DAOCHA_TEST_DATABASE_URL``, or the embedded one, shared by all."""
    url = os.environ.get("DAOCHA_TEST_DATABASE_URL")
    if url:
        yield url
    else:
        with embedded_postgres(Path(os.environ[SHARED_STATE]) / "postgres") as url:
            yield url


@pytest.fixture
def schema(postgres_url: str) -> Iterator[str]:
    """The name of a schema that does not exist yet; dropped afterwards with all that is in it."""
    name = f"test_{uuid4().hex}"
    yield name
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        # A connection that a test forgot to close would otherwise make this wait for ever.
        connection.execute("SET lock_timeout = '10s'")
        for part in ("", "_views", "_views_a", "_views_b"):  # a ledger and its read models
            schema_name = sql.Identifier(name + part)
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema_name))
