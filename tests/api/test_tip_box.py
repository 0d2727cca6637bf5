"""Tips that are sealed in a browser: what is kept of them, the hour's batch, the receipts."""

from __future__ import annotations

import logging
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pyrage
import pytest
from psycopg import sql
from pyrage import x25519
from uuid_utils.compat import uuid7

from api import tip_box
from api.logs import LOGGERS
from api.tip_box import put_on_record
from api.tips import close_box
from domain.errors import Unavailable
from domain.fact import canonical, leaf_hash, seal_digest
from domain.ledger import Waiting
from domain.log import in_use, log_id
from domain.organisation import organisation_id
from domain.proof.checkpoint import read_checkpoint
from domain.proof.merkle import verify_inclusion
from domain.proof.note import NoteVerifier, open_note, read_key
from domain.tip import receipt_of, tip_id, write_receipt
from domain.tip_office import tip_key_id
from tests.support.awaited import awaited
from tests.support.published import covered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.county import County
    from tests.support.web import Web

WORDS = "三号车间把可燃气体报警器都拆了，夜班照常生产"
WHO = "欧阳知情，13800000099"
PEER = "203.0.113.99"
BROWSER = "Informant/7.0 (unusual)"
SALT = bytes(range(16))


class Desk:
    """A department's two keepers, each with a key of their own."""

    def __init__(self, web: Web, county: County) -> None:
        self.web, self.county = web, county
        self.keys: list[Any] = []
        for title in ("举报科科长", "纪检负责人"):
            body = {"organisation": county.department, "kind": "section_head", "title": title}
            post = web.post("/posts", {**body, "happened": "2024-01-01"}).json()["record"]
            identity = x25519.Identity.generate()
            recipient = str(identity.to_public())
            key = {"body": county.department, "recipient": recipient, "keeper": post}
            assert web.post("/tip-keys", key).status_code == 201
            self.keys.append(identity)

    @property
    def offered(self) -> dict[str, Any]:
        offices = self.web.get("/tips/offices").json()["offices"]
        body = str(organisation_id(self.county.department))
        return next(office for office in offices if office["body"] == body)

    def sealed(self, words: str, *keys: dict[str, str]) -> dict[str, Any]:
        data = canonical({"salt": SALT.hex(), "text": words})
        for key in reversed(keys):
            to = x25519.Recipient.from_str(key["recipient"])
            data = pyrage.encrypt(data, [to], armored=True)
        return {
            "keys": [key["key"] for key in keys],
            "commitment": seal_digest(words, SALT),
            "ciphertext": data.decode().strip(),
        }

    def tip(self, code: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
        offered = self.offered
        return {
            "body": offered["body"],
            "receipt": receipt_of(code),
            "content": self.sealed(WORDS, offered["content"]),
            "identity": self.sealed(WHO, *offered["identity"]),
            **changes,
        }


@pytest.fixture
def desk(web: Web, county: County) -> Desk:
    return Desk(web, county)


def new_code() -> str:
    return write_receipt(uuid7().bytes[6:])


def send(web: Web, path: str, body: dict[str, Any]) -> httpx.Response:
    """Send from an informant's own machine, without an account."""

    async def sending() -> httpx.Response:
        transport = httpx.ASGITransport(web.app, client=(PEER, 5))
        headers = {"User-Agent": BROWSER}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=headers
        ) as far:
            return await far.post(f"/api/v1/tips/{path}", json=body)

    return awaited(sending)


def test_a_tip_waits_for_the_hour_and_is_then_on_record(web: Web, desk: Desk) -> None:
    code = new_code()
    sent = send(web, "inbox", desk.tip(code))
    assert sent.status_code == 202, sent.text
    assert send(web, "follow", {"code": code}).json()["state"] == "waiting"
    assert send(web, "proof", {"code": code}).status_code == 404
    assert put_on_record(web.here) >= 1
    told = send(web, "follow", {"code": code}).json()
    assert told["state"] == "received"
    (entry,) = web.here.ledger.record(tip_id(receipt_of(code)))
    assert str(entry.happened) == told["received"], "the day, and nothing finer"
    assert entry.by.authentication == "system"
    assert web.here.waiting.tip(bytes.fromhex(receipt_of(code))) is None
    assert put_on_record(web.here) == 0


def test_the_promise_and_the_proof_hold_against_the_log(web: Web, desk: Desk) -> None:
    code = new_code()
    tip = desk.tip(code, identity=None)
    note = send(web, "inbox", tip).json()["promise"].encode()
    ledger = web.here.ledger
    keys = in_use(ledger.record(log_id(ledger.origin)))
    opened = open_note(note, [NoteVerifier(read_key(key)) for key in keys])
    lines = opened.text.split("\n")
    assert lines[:2] == [tip_box.PROMISE, ledger.origin]
    assert lines[3:6] == [tip["receipt"], tip["content"]["commitment"], "-"]
    put_on_record(web.here)
    covered(web)
    told = send(web, "proof", {"code": code}).json()
    leaf = b64decode(told["leaf"])
    assert tip["receipt"].encode() in leaf
    checkpoint = read_checkpoint(told["checkpoint"].partition("\n\n")[0] + "\n")
    proof = [b64decode(each) for each in told["proof"]]
    verify_inclusion(told["position"] - 1, told["size"], leaf_hash(leaf), proof, checkpoint.root)


def test_the_keepers_open_it_and_nobody_else(web: Web, desk: Desk) -> None:
    tip = desk.tip(new_code())
    data = tip["content"]["ciphertext"].encode()
    opener = next(
        k for k in desk.keys if str(k.to_public()) == desk.offered["content"]["recipient"]
    )
    assert WORDS in pyrage.decrypt(data, [opener]).decode()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [x25519.Identity.generate()])


def test_an_informant_adds_to_their_tip(web: Web, desk: Desk) -> None:
    code = new_code()
    more = desk.sealed("昨晚又拆了两个", desk.offered["content"])
    addition = {"code": code, "content": more}
    assert send(web, "additions", addition).status_code == 404
    assert send(web, "inbox", desk.tip(code)).status_code == 202
    put_on_record(web.here)
    assert send(web, "additions", addition).status_code == 202
    assert send(web, "additions", addition).status_code == 202, "sent again it is the same"
    second = {"code": code, "content": desk.sealed("还有一个", desk.offered["content"])}
    assert send(web, "additions", second).status_code == 202
    put_on_record(web.here)
    assert send(web, "follow", {"code": code}).json()["additions"] == 2
    other = {"code": new_code(), "content": more}
    assert send(web, "additions", other).status_code == 404


@pytest.mark.parametrize("part", ["content", "identity"])
def test_what_is_sealed_to_somebody_else_is_refused(web: Web, desk: Desk, part: str) -> None:
    stranger = str(x25519.Identity.generate().to_public())
    key = {"key": str(tip_key_id(stranger)), "recipient": stranger}
    answer = send(web, "inbox", desk.tip(new_code(), **{part: desk.sealed(WORDS, key)}))
    assert answer.status_code == 422
    plain = {**desk.sealed(WORDS, desk.offered["content"]), "ciphertext": "plain words"}
    answer = send(web, "inbox", desk.tip(new_code(), content=plain))
    assert (answer.status_code, answer.json()["where"]) == (422, "content")


def test_a_code_stands_for_one_tip(web: Web, desk: Desk) -> None:
    code = new_code()
    tip = desk.tip(code)
    key = desk.offered["content"]
    assert [send(web, "inbox", tip).status_code for _ in range(2)] == [202, 202]
    assert send(web, "inbox", desk.tip(code)).status_code == 409, "another ciphertext"
    put_on_record(web.here)
    assert send(web, "inbox", tip).status_code == 202, "the answer was lost: it is promised again"
    assert put_on_record(web.here) == 0
    assert send(web, "inbox", desk.tip(code, content=desk.sealed("别的", key))).status_code == 409


def test_a_full_box_says_so(web: Web, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tip_box, "MOST_WAITING", 0)
    assert send(web, "inbox", desk.tip(new_code())).status_code == 503


def test_what_was_promised_is_kept_though_the_key_is_retired_meanwhile(
    web: Web, desk: Desk
) -> None:
    code = new_code()
    assert send(web, "inbox", desk.tip(code)).status_code == 202
    ident = tip_key_id(desk.offered["content"]["recipient"])
    retired = web.post(f"/tip-keys/{ident}/retired", {"body": desk.county.department})
    assert retired.status_code == 201, retired.text
    put_on_record(web.here)
    assert send(web, "follow", {"code": code}).json()["state"] == "received"


def test_one_that_cannot_be_put_on_record_keeps_no_other_from_it(web: Web, desk: Desk) -> None:
    good, bad = new_code(), bytes(32)
    broken = close_box(web.here.ledger, tip_id("00"), '{"kind": "none"}', bytes(16))
    assert web.here.waiting.put_tip(bad, broken, 2**30)
    assert send(web, "inbox", desk.tip(good)).status_code == 202
    assert put_on_record(web.here) == 1
    assert web.here.waiting.tips() == [bad]
    web.here.waiting.take_tip(bad)


def test_a_tip_that_was_erased_in_the_box_is_gone(web: Web, desk: Desk) -> None:
    code = new_code()
    assert send(web, "inbox", desk.tip(code)).status_code == 202
    held = web.here.waiting.tip(bytes.fromhex(receipt_of(code)))
    assert held is not None
    assert "AGE ENCRYPTED" not in held, "not even the ciphertext lies open"
    web.here.ledger.vault.forget(tip_id(receipt_of(code)))
    assert put_on_record(web.here) == 0
    assert send(web, "follow", {"code": code}).status_code == 404


def test_a_box_that_cannot_be_reached_says_so(web: Web) -> None:
    ledger = web.here.ledger
    box = Waiting(ledger.conninfo, ledger.schema)
    box.tips()
    box.close()
    with pytest.raises(Unavailable):
        box.tips()


def everything_stored(url: str, schemas: str) -> bytes:
    """Return every value of every table of a ledger and what stands beside it, as bytes."""
    found = []
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname LIKE %s", [f"{schemas}%"]
        ).fetchall()
        assert len(tables) > 10
        for schema, table in tables:
            query = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(schema, table))
            found += [row[0].encode() for row in connection.execute(query)]
    text = b"\n".join(found)
    binary = re.findall(rb"\\+x([0-9a-f]+)", text)
    return b"\n".join([text, *(bytes.fromhex(each.decode()) for each in binary)])


def test_nothing_stored_or_logged_tells_what_was_sent_or_from_where(
    web: Web, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Waiting and on record: the database, the files beside it, every line of every log."""
    url = web.here.settings.database_url
    assert url is not None
    kept = [(name, logging.getLogger(name).propagate) for name in LOGGERS]
    for name in LOGGERS:
        logging.getLogger(name).propagate = True
    code = new_code()
    try:
        with caplog.at_level(logging.DEBUG):
            assert send(web, "inbox", desk.tip(code)).status_code == 202
            waiting = everything_stored(url.get_secret_value(), web.here.settings.ledger)
            send(web, "follow", {"code": code})
            put_on_record(web.here)
            send(web, "proof", {"code": code})
            recorded = everything_stored(url.get_secret_value(), web.here.settings.ledger)
    finally:
        for name, propagate in kept:
            logging.getLogger(name).propagate = propagate
    lines = [record for record in caplog.records if record.name.startswith(LOGGERS)]
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in lines).encode()
    files = b"".join(file.read_bytes() for file in _files(web.here.settings.home))
    metrics = web.client.get("/metrics").content
    assert receipt_of(code).encode() in waiting
    assert receipt_of(code).encode() in recorded
    assert b"AGE ENCRYPTED" not in waiting
    for secret in (WORDS, WHO, WORDS[:8], PEER, BROWSER, code, code.replace("-", "")):
        for place in (waiting, recorded, logged, files, metrics):
            assert secret.encode() not in place, secret
    for trace in (b"/api/v1/tips/inbox", b"/tips/follow", b"/tips/inbox"):
        assert trace not in logged, "no line tells that, and when, somebody sent a tip"
        assert trace not in metrics


def _files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file() and "postgres" not in path.parts]
