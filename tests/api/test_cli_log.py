"""``daocha log``: what an operator and a checker need of the log, as plain text or JSON."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from domain.proof.checkpoint import Checkpoint, open_checkpoint
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.merkle import verify_consistency, verify_inclusion
from domain.proof.note import NoteSigner, NoteVerifier
from domain.proof.trust import read_trust
from tests.support.cli import Run
from tests.support.imports import hazard, write_csv


@pytest.fixture
def started(daocha: Run, tmp_path: Path) -> Run:
    """A ledger in which something is, and whose log is published."""
    assert daocha("import", "ledger", write_csv(tmp_path / "台账.csv", [hazard()])).code == 0
    assert daocha("log", "publish").code == 0
    return daocha


Owner = Callable[[str], None]


@pytest.fixture
def owner(environment: dict[str, str]) -> Owner:
    """Whoever owns the database, and can do what the program refuses to."""

    def run(statement: str) -> None:
        text = statement.replace("S.", f"{environment['DAOCHA_LEDGER']}.")
        with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(text.encode())

    return run


def keys_in(home: Path) -> Path:
    (found,) = (home / "keys").iterdir()
    return found


def opened(run: Run) -> Checkpoint:
    """Return the newest checkpoint, which every key in use has signed."""
    note = run("log", "checkpoint").out.encode()
    heads = []
    for vkey in run("log", "key").out.split():
        verifier = NoteVerifier.read(vkey)
        heads.append(open_checkpoint(note, verifier.key.name, [verifier])[0])
    assert len(set(heads)) == 1
    return heads[0]


def unpacked(texts: list[str]) -> list[bytes]:
    return [base64.b64decode(text) for text in texts]


def test_nothing_before_the_first_start(daocha: Run, tmp_path: Path) -> None:
    daocha("log", "key").refuses("没有台账")
    daocha("import", "ledger", write_csv(tmp_path / "台账.csv", [hazard()]))
    daocha("log", "key").refuses("日志尚无密钥", "daocha serve")
    daocha("log", "checkpoint").refuses("尚未公布", "daocha log publish")
    assert "尚无密钥" in daocha("doctor").out


def test_the_newest_checkpoint(started: Run) -> None:
    head = opened(started)
    told = started("log", "checkpoint", "--json").json
    assert (told["size"], told["number"]) == (head.size, 1)
    assert base64.b64decode(told["root"]) == head.root
    assert told["note"] == started("log", "checkpoint").out
    assert started("log", "publish", "--json").json == told, "there is nothing new"


def test_proofs_that_others_can_check(started: Run, tmp_path: Path) -> None:
    before = opened(started)
    started("import", "ledger", write_csv(tmp_path / "更多.csv", [hazard("N-2"), hazard("N-3")]))
    started("log", "publish")
    head = opened(started)
    for position in range(1, head.size + 1):
        told = started("log", "prove", position).json
        assert told["checkpoint"] == started("log", "checkpoint").out
        assert (told["size"], unpacked([told["root"]])) == (head.size, [head.root])
        leaf = base64.b64decode(told["leaf_hash"])
        proof = unpacked(told["proof"])
        verify_inclusion(told["index"], head.size, leaf, proof, head.root)
    told = started("log", "prove", "--since", before.size).json
    assert unpacked([told["old_root"]]) == [before.root]
    verify_consistency(before.size, head.size, unpacked(told["proof"]), before.root, head.root)
    assert "checkpoint" not in started("log", "prove", 1, "--size", 2).json, "nobody signed that"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "只给出一项"),
        (["1", "--since", "1"], "只给出一项"),
        (["3", "--size", "2"], "不能用来证明 3"),
        (["--since", "3", "--size", "2"], "不能用来证明 3"),
        (["99"], "不能用来证明 99"),
        (["1", "--size", "99"], "台账现有"),
    ],
)
def test_what_cannot_be_proved(started: Run, arguments: list[str], why: str) -> None:
    started("log", "prove", *arguments).refuses(why)


def test_no_proof_of_a_fact_that_was_changed(started: Run, owner: Owner) -> None:
    owner("ALTER TABLE S.fact DISABLE TRIGGER never")
    owner("UPDATE S.fact SET leaf = leaf || '\\x20'::bytea WHERE position = 2")
    told = started("log", "prove", 2)
    assert told.code == 2
    assert "存在性证明与树根不符" in told.err
    bad = {check["en"]: check for check in started("doctor", "--json").json}["transparency log"]
    assert not bad["well"]
    assert "第 2 条" in bad["seen"]
    assert "audit" in bad["todo_zh"]


def test_keys_are_replaced(started: Run) -> None:
    (old,) = started("log", "key").out.split()
    new = started("log", "rotate", "--json").json["key"]
    assert started("log", "key", "--json").json == [
        {"key": old, "at_hand": True},
        {"key": new, "at_hand": True},
    ]
    started("log", "publish")
    assert opened(started).size == started("log", "checkpoint", "--json").json["size"]
    started("log", "retire", "deadbeef").refuses("没有密钥 deadbeef")
    assert started("log", "retire", old.split("+")[1]).out == f"{old}\n"
    started("log", "publish")
    opened(started)
    started("log", "retire", new).refuses("唯一在用", "daocha log rotate")


def test_the_policy_is_ready_to_use(started: Run, tmp_path: Path) -> None:
    started("log", "rotate")
    old, new = started("log", "key").out.split()
    policy = started("log", "policy", "--url", "https://aj.example/log").out
    assert policy == (
        f"log {old} https://aj.example/log\nlog {new} https://aj.example/log\nquorum none\n"
    )
    assert read_trust(policy).open(started("log", "publish").out.encode()).cosigned == ()
    city = Ed25519Cosigner("city.example/witness", b"c" * 32).key
    lines = [
        f"witness city {city} https://city.example/w",
        "group superiors 1 city",
        "quorum superiors",
    ]
    (keys_in(tmp_path / "home") / "log.policy").write_text("\n".join([*lines, ""]))
    assert started("log", "policy").out.splitlines()[2:] == lines
    told = {check["en"]: check for check in started("doctor", "--json").json}["transparency log"]
    assert told["well"]
    assert "见证方 1 个，须附署：superiors" in told["seen"]


def test_a_rollback_is_told_by_publish_and_doctor(started: Run, owner: Owner) -> None:
    size = opened(started).size
    for table in ("fact", "tag", "command", "checkpoint"):
        owner(f"ALTER TABLE S.{table} DISABLE TRIGGER never")
    owner("TRUNCATE S.checkpoint, S.command")
    owner("DELETE FROM S.fact WHERE position > 2")
    owner("DELETE FROM S.tag WHERE position > 2")
    started("rebuild")
    started("log", "publish").refuses(f"已签署第 1 至 {size} 条事实", "现只有 2 条")
    bad = {check["en"]: check for check in started("doctor", "--json").json}["transparency log"]
    assert not bad["well"]
    assert "台账被回退" in bad["seen"]
    assert "恢复" in bad["todo_zh"]


def test_doctor_tells_what_else_is_wrong(
    started: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen() -> str:
        told = {check["en"]: check for check in started("doctor", "--json").json}
        assert not told["transparency log"]["well"]
        return str(told["transparency log"]["seen"])

    key = keys_in(tmp_path / "home") / "log.key"
    key.chmod(0o644)
    assert "他人可读" in seen()
    secret = key.read_text().strip()
    key.unlink()
    assert "不在本机" in seen()
    monkeypatch.setenv("DAOCHA_LOG_KEY", secret)
    assert "已公布" in str(started("doctor").out)
    other = NoteSigner("other.example/log", bytes(32))
    monkeypatch.setenv("DAOCHA_LOG_KEY", other.secret)
    assert "other.example/log" in seen()
    monkeypatch.setenv("DAOCHA_LOG_KEY", secret)
    (tmp_path / "policy").write_text("quorum nobody\n")
    monkeypatch.setenv("DAOCHA_LOG_POLICY", str(tmp_path / "policy"))
    assert "第 1 行" in seen()
