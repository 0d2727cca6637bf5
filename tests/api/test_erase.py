"""After an erasure nothing of the person is left in any file: database, write-ahead log, keys."""

from __future__ import annotations

import base64
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest

from api import home
from api.settings import Settings
from domain.ledger.vault import KeyStore
from domain.people import PersonRegistered
from projections.models import read_models
from projections.runner import Runner
from tests.support.ledger import command, draft, sealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from domain.ledger import Ledger
    from tests.support.cli import Run
    from tests.support.web import Web

PERSON = UUID("00000000-0000-4000-8000-0000000000c1")
NAME, PHONE, NUMBER = "欧阳待删", "13912345678", "371302198001011234"
BASIS = "个人信息保护法第四十七条，临应急函〔2024〕12号"


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """An embedded server of the test's own, all of whose files can be looked into."""
    with TemporaryDirectory(prefix="daocha-tests-") as home:
        yield {"DAOCHA_HOME": home, "DATABASE_URL": ""}


@pytest.fixture
def settings(daocha: Run) -> Settings:
    """Return the settings that the command line reads."""
    return Settings()


def fill(ledger: Ledger) -> None:
    """Register the person among enough others that the pages of both stores are split."""
    others = [uuid4() for _ in range(1500)]
    facts = [PersonRegistered(name=sealed("李四", other)) for other in others]
    drafts = [draft(other, fact=fact) for other, fact in zip(others, facts, strict=True)]
    own = PersonRegistered(
        name=sealed(NAME, PERSON), phone=sealed(PHONE, PERSON), id_number=sealed(NUMBER, PERSON)
    )
    for begin in range(0, 1500, 500):
        ledger.append(command(*drafts[begin : begin + 500]))
        if begin == 500:
            ledger.append(command(draft(PERSON, fact=own)))


def spellings(*values: str | bytes) -> list[bytes]:
    found = []
    for value in values:
        raw = value if isinstance(value, bytes) else value.encode()
        found += [raw, raw.hex().encode(), base64.b64encode(raw)[:-2]]
        if isinstance(value, str):
            found += [value.encode("utf-16-le"), value.encode("gb18030")]
            found.append(value.encode("unicode_escape"))
    return found


def traces(folder: Path, wanted: list[bytes]) -> set[str]:
    """Return the files under a folder in which any of some bytes stand."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(each in path.read_bytes() for each in wanted)
    }


def key_of(settings: Settings, person: UUID) -> bytes:
    with home.database(settings) as url:
        store = KeyStore.open(home.keys_of(settings), home.origin_of(url, settings))
    try:
        return store.find([person])[person]
    finally:
        store.close()


def test_nothing_is_left_in_any_file(daocha: Run, settings: Settings) -> None:
    with home.opened(settings, create_missing=True) as ledger:
        fill(ledger)
        runner = Runner(ledger.conninfo, read_models(ledger.schema), schema=ledger.schema)
        runner.catch_up()
        runner.stop()
        assert read_name(ledger) == NAME
    own, others = key_of(settings, PERSON), key_of(settings, ledger_other(settings))
    values, keys = spellings(NAME, PHONE, NUMBER), spellings(own)
    assert traces(settings.home, values) == set()
    assert traces(settings.home, keys) != set()  # it would be seen

    told = daocha("erase", PERSON, "--basis", BASIS, "--json")
    assert (told.code, told.json["persons"]) == (0, [str(PERSON)])

    with home.opened(settings) as ledger:
        assert read_name(ledger) == "〔已删除〕"
        with psycopg.connect(ledger.conninfo, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        assert traces(settings.home, values + keys) == set()  # while it runs,
    assert traces(settings.home, values + keys) == set()  # and with everything shut
    assert traces(settings.home, [others]) != set()
    assert daocha("audit", "--json").json["holds"]


def read_name(ledger: Ledger) -> str:
    fact = ledger.record(PERSON)[0].fact
    assert isinstance(fact, PersonRegistered)
    return str(fact.name)


def ledger_other(settings: Settings) -> UUID:
    with home.opened(settings) as ledger:
        return ledger.range_raw(1, 1)[0].record


def test_the_command_says_where_the_basis_stands(daocha: Run, settings: Settings) -> None:
    with home.opened(settings, create_missing=True) as ledger:
        own = PersonRegistered(name=sealed(NAME, PERSON))
        ledger.append(command(draft(PERSON, fact=own)))
    told = daocha("erase", PERSON, "--basis", BASIS)
    assert told.code == 0
    assert "依据记于第3条 · erased; the basis stands at fact 3" in " ".join(told.out.split())
    daocha("erase", uuid4(), "--basis", BASIS).refuses("没有人员档案")
    doctor = {check["en"]: check for check in daocha("doctor", "--json").json}
    assert doctor["erasures"]["well"]


def test_over_the_api(web: Web) -> None:
    person = web.post("/persons", {"name": "待删", "phone": PHONE}).json()
    path = f"/persons/{person['record']}"
    assert web.get(f"/facts/{person['position']}").json()["data"]["name"] == "待删"
    assert web.post(f"{path}/erased", {"basis": BASIS}).status_code == 201
    fact = web.get(f"/facts/{person['position']}").json()
    assert (fact["data"]["name"], fact["erased"]) == (None, ["name", "phone"])
    again = web.post(f"{path}/erased", {"basis": BASIS})
    assert again.status_code == 201  # nothing forbids a second basis
    same = {"same_as": str(person["record"]), "reason": "重复登记"}
    refused = web.post(f"{path}/same-as", same)
    assert (refused.status_code, refused.json()["title"][:4]) == (409, "与记录矛")
    assert "已依法删除" in refused.text
