"""``daocha audit``: what it says, where it goes on, and what it finds."""

from __future__ import annotations

import os
import subprocess
import sys
from time import monotonic, sleep
from typing import TYPE_CHECKING
from uuid import uuid4

import psutil
import pytest

from api import auditing, home
from api.auditing import progress_file
from api.settings import Settings
from domain.errors import Unavailable
from domain.people import PersonRegistered
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import write_note
from tests.support.attack import Superuser
from tests.support.evidence import LOG, POLICY
from tests.support.ledger import Place, command, draft, sealed

if TYPE_CHECKING:
    from pathlib import Path

    from domain.fact import Draft
    from tests.support.cli import Run


@pytest.fixture
def settings(daocha: Run) -> Settings:
    """Return the settings that the command line reads, with a ledger newly made."""
    settings = Settings()
    grow(settings, 20)
    return settings


def grow(settings: Settings, facts: int) -> None:
    with home.opened(settings, create_missing=True) as ledger:
        for begun in range(0, facts, 500):
            ledger.append(command(*(person() for _ in range(min(500, facts - begun)))))


def person() -> Draft:
    record = uuid4()
    return draft(record, fact=PersonRegistered(name=sealed("张三", record)))


def attack(settings: Settings) -> Superuser:
    assert settings.database_url
    url = settings.database_url.get_secret_value()
    return Superuser(Place(url, settings.ledger, home.keys_of(settings)))


def test_all_holds(daocha: Run, settings: Settings) -> None:
    told = daocha("audit")
    assert told.code == 0
    assert "全部相符：第1至21条 · all holds, facts 1 to 21" in told.out


def test_it_goes_on_after_what_held(daocha: Run, settings: Settings) -> None:
    first = daocha("audit", "--json").json
    assert (first["began"], first["position"], first["holds"]) == (0, 21, True)
    grow(settings, 3)
    then = daocha("audit", "--json").json
    assert (then["began"], then["position"], then["holds"]) == (21, 24, True)
    assert "第1至24条上次已核验，本次未重读" in daocha("audit").out
    fresh = daocha("audit", "--fresh", "--json").json
    assert (fresh["began"], fresh["position"]) == (0, 24)
    assert fresh["root"] == then["root"] != first["root"]


def test_it_names_the_first_place_that_does_not_hold(daocha: Run, settings: Settings) -> None:
    attack(settings).sql("UPDATE S.fact SET version = 9 WHERE position IN (7, 12)")
    told = daocha("audit")
    assert told.code == 1
    assert "不符，首见于第7条：版次一栏（9）与其存储字节所载（1）不符" in told.out
    assert "does not hold, first at fact 7: the column version says 9" in told.out
    assert "停止写入" in told.out
    plain = daocha("audit", "--json")
    assert plain.code == 1
    assert plain.json["fault"]["position"] == 7
    assert plain.json["fault"]["kind"] == "column"


def test_a_ledger_that_shrank(daocha: Run, settings: Settings) -> None:
    assert daocha("audit").code == 0
    superuser = attack(settings)
    superuser.sql("DELETE FROM S.fact WHERE position > 1")
    superuser.sql("DELETE FROM S.tag WHERE position > 1")
    superuser.sql("DELETE FROM S.command WHERE first > 1")
    told = daocha("audit")
    assert told.code == 1
    assert "不符，首见于第2条：此条及其后的事实在上次核验时还在，现已不在" in told.out


def test_in_processes_of_their_own(
    daocha: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = daocha("audit", "--json", "--jobs", 1).json
    grow(settings, 1500)
    monkeypatch.setattr(auditing, "RANGE", 256)
    together = daocha("audit", "--json", "--fresh", "--jobs", 2).json
    assert (together["position"], together["holds"]) == (1521, True)
    assert together["root"] != alone["root"]
    again = daocha("audit", "--json", "--fresh", "--jobs", 1).json
    assert again == together


def test_progress_of_another_ledger_is_refused(daocha: Run, settings: Settings) -> None:
    path = progress_file(settings)
    daocha("audit")
    path.write_bytes(path.read_bytes().replace(b'"origin":"', b'"origin":"x'))
    daocha("audit").refuses("核验进度不能续用", "--fresh")
    path.write_bytes(b"{")
    daocha("audit").refuses("核验进度不能续用")
    assert daocha("audit", "--fresh").code == 0


def test_progress_that_cannot_be_kept(daocha: Run, settings: Settings) -> None:
    path = progress_file(settings)
    path.mkdir(parents=True)
    with pytest.raises(Unavailable, match="cannot be kept"):
        auditing.Progress(path).load()
    daocha("audit", "--fresh").refuses("核验进度", "不能读写")


def test_killed_in_the_middle_it_goes_on(
    daocha: Run, settings: Settings, environment: dict[str, str]
) -> None:
    """What is known is on disk before the end, and another run ends where the whole would."""
    grow(settings, 6_000)
    path = progress_file(settings)
    command_line = [sys.executable, "-c", _EAGER, "audit", "--jobs", "2"]
    process = subprocess.Popen(command_line, env={**os.environ, **environment})
    deadline = monotonic() + 120
    while not path.exists():
        assert monotonic() < deadline
        sleep(0.01)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert psutil.wait_procs(children, timeout=60)[1] == []
    told = daocha("audit", "--json").json
    assert 0 < told["began"] < told["position"] == 6_021
    whole = daocha("audit", "--fresh", "--json").json
    assert (whole["root"], whole["holds"]) == (told["root"], True)


_EAGER = """
from api import auditing, cli

auditing.RANGE = 256
auditing._SAVE_EVERY = auditing._SAVING_SHARE = 0
if __name__ == "__main__":
    cli.main()
"""


def test_a_fork_is_a_file_that_anyone_verifies(daocha: Run, tmp_path: Path) -> None:
    one, other, policy, fork = (tmp_path / name for name in ("one", "other", "policy", "fork"))
    for path, root in ((one, 1), (other, 2)):
        text = Checkpoint(LOG.key.name, 5, bytes([root]) * 32).text
        path.write_bytes(write_note(text, [LOG.sign(text)]))
    policy.write_text(POLICY, "utf-8")
    told = daocha("fork", one, other, "--policy", policy, "-o", fork)
    assert (told.code, "有两种历史" in told.out) == (0, True)
    verified = daocha("verify", fork, "--policy", policy)
    assert (verified.code, "有两种历史" in verified.out) == (0, True)
    plain = daocha("verify", fork, "--policy", policy, "--json").json
    assert (plain["verified"], plain["fork"]["size"]) == (True, 5)
    fork.write_bytes(fork.read_bytes().replace(b"v1", b"v2"))
    assert daocha("verify", fork, "--policy", policy).code == 1
    daocha("fork", one, tmp_path / "none", "--policy", policy, "-o", fork).refuses("不能读取")
    daocha("fork", one, one, "--policy", policy, "-o", fork).refuses("并不矛盾")
