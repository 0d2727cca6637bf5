"""Rules about the code that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.tree import PRODUCT, ROOT, committed_files, python_files

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINES = 600
WRITTEN = {".css", ".feature", ".html", ".js", ".md", ".py", ".sql"}
"""What people write; data and what tools write may be as long as they are."""

SQL = re.compile(
    r"\b(?:SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s.+\sSET|DELETE\s+FROM)\b",
    re.IGNORECASE | re.DOTALL,
)
SQL_FOLDERS = (ROOT / "domain/ledger", ROOT / "projections", ROOT / "api/witness")
"""The witness has a memory of its own (ADR 11); everything else has the ledger's."""

IMPURE = {
    *("datetime.date.today", "datetime.datetime.now", "datetime.datetime.today"),
    *("datetime.datetime.utcnow", "time.time", "time.time_ns", "time.localtime", "time.gmtime"),
    *("os.environ", "os.getenv", "os.urandom", "random", "secrets"),
    *("uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7"),
    *("uuid_utils.uuid1", "uuid_utils.uuid4", "uuid_utils.uuid6", "uuid_utils.uuid7"),
    *("uuid_utils.compat.uuid1", "uuid_utils.compat.uuid4", "uuid_utils.compat.uuid7"),
}
"""The clock, chance and the environment, which domain/ is given and never asks."""


def names_used(source: str) -> Iterator[str]:
    """Yield every dotted name in a module, written out in full whatever it was imported as."""
    tree = ast.parse(source)
    imported = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imported[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    yield from imported.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            head, _, rest = ast.unparse(node).partition(".")
            yield f"{imported.get(head, head)}.{rest}"


def impurities(source: str) -> set[str]:
    """Return what of :data:`IMPURE` a module uses."""
    return {
        impure
        for name in names_used(source)
        for impure in IMPURE
        if name == impure or name.startswith(f"{impure}.")
    }


def sql_in(source: str) -> list[str]:
    """Return the string literals of a module that look like SQL; docstrings are prose."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in prose and SQL.search(node.value)
    ]


def undocumented(source: str) -> list[str]:
    """Return the public functions and classes of a module that have no docstring."""
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\ndatetime.now(tz)",
        "import datetime as dt\nx = dt.datetime.utcnow",
        "from datetime import date as day\nday.today()",
        "from time import time",
        "import time\ntime.time()",
        "import random",
        "from secrets import token_bytes",
        "import os\nos.environ['X']",
        "from os import environ",
        "from uuid import uuid4",
        "import uuid_utils.compat\nuuid_utils.compat.uuid7()",
    ],
)
def test_impurity_is_seen(source: str) -> None:
    assert impurities(source)


def test_purity_is_seen() -> None:
    source = "from datetime import datetime\nfrom uuid import UUID, uuid5\nx.now()\ndatetime(2024)"
    assert impurities(source) == set()


def test_sql_is_seen() -> None:
    assert sql_in('x = "SELECT a\\nFROM b"')
    assert sql_in('x = f"insert into {table} values (1)"')
    assert not sql_in('def f():\n    "Select one from the list."\nx = "selected"')


def test_missing_docstring_is_seen() -> None:
    assert undocumented('def f(): pass\ndef _g(): pass\nclass C:\n    "Doc."') == ["f"]


def test_domain_is_pure() -> None:
    found = {file: impurities(file.read_text("utf-8")) for file in python_files("domain")}
    assert {str(file): names for file, names in found.items() if names} == {}


def test_sql_stays_where_state_is_kept() -> None:
    elsewhere = [
        file
        for file in python_files(*PRODUCT)
        if not any(file.is_relative_to(folder) for folder in SQL_FOLDERS)
    ]
    found = {str(file): sql_in(file.read_text("utf-8")) for file in elsewhere}
    assert {file: literals for file, literals in found.items() if literals} == {}


def test_domain_is_documented() -> None:
    found = {str(file): undocumented(file.read_text("utf-8")) for file in python_files("domain")}
    assert {file: names for file, names in found.items() if names} == {}


def test_imports_keep_their_contracts() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_has_grown_too_long() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines())
        for file in committed_files()
        if file.suffix in WRITTEN
    }
    assert {file: lines for file, lines in lengths.items() if lines > MAX_LINES} == {}
