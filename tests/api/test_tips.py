"""Tips over HTTP: sealed to the office alone, read on record, followed by code, erased by law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import orjson
import psycopg
import pyrage
import pytest
from psycopg import sql
from pyrage import x25519
from uuid_utils.compat import uuid7

from api.access import issue_token
from domain.fact import Actor, canonical, seal_digest
from domain.organisation import organisation_id
from domain.tip import receipt_of, write_receipt
from domain.tip_office import tip_key_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.county import County
    from tests.support.web import Web

WHO = "孙某，一车间夜班操作工"
SALT = bytes(range(16))
RECEIVED = "2024-05-06T10:00:00+08:00"


@pytest.fixture
def nobody(web: Web) -> Iterator[httpx.Client]:
    """Somebody of another machine, with no account."""
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    with httpx.Client(base_url=web.client.base_url, headers=elsewhere) as client:
        yield client


class Office:
    """The department's own: an officer in a post, with a token, who keeps the key."""

    def __init__(self, web: Web, county: County) -> None:
        self.web = web
        self.department = county.department
        self.identity: Any = x25519.Identity.generate()
        self.person = web.post("/persons", {"name": "吴科长", "happened": "2024-01-01"}).json()[
            "record"
        ]
        body = {
            "organisation": county.department,
            "kind": "section_head",
            "title": "举报科科长",
            "happened": "2024-01-01",
        }
        self.post = web.post("/posts", body).json()["record"]
        held = {"person": self.person, "happened": "2024-01-01"}
        assert web.post(f"/posts/{self.post}/appointment-made", held).status_code == 201
        key = {"body": county.department, "recipient": self.recipient, "keeper": self.post}
        answer = web.post("/tip-keys", key)
        assert answer.status_code == 201, answer.text
        assert answer.json()["record"] == str(tip_key_id(self.recipient))
        here = web.here
        token = issue_token(
            here.ledger,
            self.person,
            "值班室",
            until=None,
            now=here.now(),
            random=here.random,
            by=Actor(authentication="cli"),
        )
        self.token = {"Authorization": f"Bearer {token}"}

    @property
    def recipient(self) -> str:
        """The public half of its key."""
        return str(self.identity.to_public())

    def sealed(self, words: str) -> dict[str, Any]:
        """Seal words to the office."""
        data = canonical({"salt": SALT.hex(), "text": words})
        box = pyrage.encrypt(data, [self.identity.to_public()], armored=True)
        return {
            "keys": [str(tip_key_id(self.recipient))],
            "commitment": seal_digest(words, SALT),
            "ciphertext": box.decode(),
        }

    def read(self, tip: str, command: str = "", **said: Any) -> httpx.Response:  # noqa: ANN401 - any fields
        """Ask to be handed a part of a tip."""
        body = {"part": "identity", "purpose": "核实情况", "by_post": self.post, **said}
        headers = {**self.token, "Idempotency-Key": command or str(uuid7())}
        return self.web.client.post(f"/api/v1/tips/{tip}/read", json=body, headers=headers)


@pytest.fixture
def office(web: Web, county: County) -> Office:
    return Office(web, county)


def code_of(web: Web) -> tuple[str, str]:
    told = web.get("/tips/receipt-code").json()
    return told["code"], told["receipt"]


def received(web: Web, county: County, **said: Any) -> tuple[str, str]:  # noqa: ANN401 - any fields
    """Have a tip received; return its record and receipt code."""
    code, receipt = code_of(web)
    body = {
        "body": county.department,
        "receipt": receipt,
        "channel": "telephone",
        "enterprise": county.enterprise,
        "matter": "夜间无人值守",
        "happened": RECEIVED,
        **said,
    }
    answer = web.post("/tips", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["record"], code


class TestFollowing:
    def test_shows_state_and_answer_and_nothing_else(
        self, web: Web, county: County, nobody: httpx.Client
    ) -> None:
        tip, code = received(web, county)
        first = nobody.post("/api/v1/tips/follow", json={"code": code})
        assert first.status_code == 200
        assert (first.json()["state"], first.json()["office"]) == ("received", "应急管理局")
        body = {"body": county.department}
        assert web.post(f"/tips/{tip}/accepted", body).status_code == 201
        answered = {**body, "answer": "属实，已责令整改"}
        assert web.post(f"/tips/{tip}/answered", answered).status_code == 201
        assert web.post(f"/tips/{tip}/reward-decided", {**body, "amount": 5000}).status_code == 201
        told = nobody.post("/api/v1/tips/follow", json={"code": code.lower().replace("-", " ")})
        assert told.json() == {
            "received": "2024-05-06",
            "office": "应急管理局",
            "state": "answered",
            "state_told": {"zh": "已答复", "en": "answered"},
            "since": told.json()["since"],
            "answer": "属实，已责令整改",
            "reward": "decided",
            "reward_told": told.json()["reward_told"],
            "reward_amount": 5000,
            "additions": 0,
            "body": str(organisation_id(county.department)),
        }
        assert "无人值守" not in told.text

    def test_page_takes_the_code_in_its_body(
        self, web: Web, county: County, nobody: httpx.Client
    ) -> None:
        _, code = received(web, county)
        assert nobody.get("/tips").status_code == 200
        page = nobody.post("/tips?lang=en", data={"code": code})
        assert page.status_code == 200
        assert "received, not yet decided upon" in page.text
        assert code not in page.text

    @pytest.mark.parametrize(
        ("code", "status"), [("ABCD-EFGH-IJKL-MNOP", 404), ("1234", 422), ("ABCD-EFGH-IJKL", 422)]
    )
    def test_of_no_tip(self, nobody: httpx.Client, code: str, status: int) -> None:
        answer = nobody.post("/api/v1/tips/follow", json={"code": code})
        assert answer.status_code == status
        assert answer.json()["todo"]
        assert nobody.post("/tips", data={"code": code}).status_code == status

    def test_code_has_eighty_bits_and_no_other_spelling(self) -> None:
        code = write_receipt(bytes(range(10)))
        assert receipt_of(code) == receipt_of(f" {code.lower()} ")
        with pytest.raises(ValueError, match="80 bits"):
            write_receipt(bytes(9))

    def test_a_tip_without_a_receipt_tells_what_it_is(self, web: Web, county: County) -> None:
        answer = web.post("/tips", {"body": county.department, "channel": "telephone"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"] == "receipt"


class TestReading:
    def test_hands_out_what_only_the_office_can_open(
        self, web: Web, county: County, office: Office
    ) -> None:
        tip, _ = received(web, county, identity=office.sealed(WHO))
        answer = office.read(tip)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        opened = orjson.loads(pyrage.decrypt(told["ciphertext"].encode(), [office.identity]))
        assert opened["text"] == WHO
        assert seal_digest(opened["text"], bytes.fromhex(opened["salt"])) == told["commitment"]
        fact = web.get(f"/facts/{told['position']}").json()
        assert (fact["topic"], fact["person"], fact["post"]) == (
            "tip.read",
            office.person,
            office.post,
        )
        assert fact["data"]["purpose"] == "核实情况"

    def test_the_same_command_is_the_same_reading(
        self, web: Web, county: County, office: Office
    ) -> None:
        tip, _ = received(web, county, identity=office.sealed(WHO))
        ident = str(uuid7())
        first, again = (office.read(tip, ident) for _ in range(2))
        assert first.json() == again.json()
        assert len(web.get(f"/tips/{tip}").json()["state"]["readings"]) == 1

    def test_is_refused_without_a_post_in_the_office(
        self, web: Web, county: County, office: Office
    ) -> None:
        tip, _ = received(web, county, identity=office.sealed(WHO))
        body = {"part": "identity", "purpose": "看看", "by_post": office.post}
        assert web.post(f"/tips/{tip}/read", body).status_code == 403
        other = county.post("safety_manager", office.person)
        answer = office.read(tip, by_post=other)
        assert (answer.status_code, answer.json()["clause"]) == (409, "5.2d")

    def test_of_nothing(self, web: Web, county: County, office: Office) -> None:
        tip, _ = received(web, county)
        assert office.read(tip).status_code == 409
        assert office.read(str(uuid7())).status_code == 403

    def test_nothing_else_hands_it_out(self, web: Web, county: County, office: Office) -> None:
        sealed = office.sealed(WHO)
        tip, code = received(web, county, identity=sealed, content=office.sealed("没有人看"))
        position = web.get(f"/tips/{tip}").json()["facts"][0]["position"]
        shown = [
            web.get(f"/tips/{tip}").text,
            web.get(f"/facts/{position}").text,
            web.get("/facts", tag=f"tip:{tip}").text,
            web.get(f"/enterprises/{county.enterprise}/trace", at="2024-07-01").text,
            web.client.post("/api/v1/tips/follow", json={"code": code}).text,
        ]
        body = sealed["ciphertext"].splitlines()[1]
        assert all(body not in text and WHO not in text for text in shown)
        fact = web.get(f"/facts/{position}").json()
        assert fact["data"]["identity"]["ciphertext"] is None
        assert fact["erased"] == []


class TestSealing:
    def test_to_another_s_key_is_refused(self, web: Web, county: County, office: Office) -> None:
        _, receipt = code_of(web)
        body = {"body": county.department, "receipt": receipt, "channel": "visit"}
        stranger = x25519.Identity.generate()
        box = pyrage.encrypt(
            b"{}", [office.identity.to_public(), stranger.to_public()], armored=True
        )
        sealed = {**office.sealed(WHO), "ciphertext": box.decode()}
        answer = web.post("/tips", {**body, "identity": sealed})
        assert (answer.status_code, answer.json()["clause"]) == (409, "5.2d")
        answer = web.post("/tips", {**body, "identity": {**sealed, "keys": [str(uuid7())]}})
        assert answer.status_code == 409
        assert answer.json()["where"] == "keys"

    def test_what_is_stored_cannot_be_read_with_all_the_keys_of_the_server(
        self, web: Web, county: County, office: Office, postgres_url: str
    ) -> None:
        tip, _ = received(web, county, identity=office.sealed(WHO))
        here = web.here
        names = {n: sql.Identifier(here.ledger.schema, n) for n in ("fact", "sealed")}
        query = sql.SQL("SELECT leaf FROM {fact} WHERE record = %s").format(**names)
        boxes = sql.SQL("SELECT box FROM {sealed} WHERE subject = %s").format(**names)
        with psycopg.connect(postgres_url) as connection:
            stored = [bytes(row[0]) for row in connection.execute(query, [tip])]
            stored += [bytes(row[0]) for row in connection.execute(boxes, [tip])]
        assert len(stored) == 2
        assert all(WHO.encode() not in each for each in stored)
        (entry,) = here.ledger.record(UUID(tip))
        ciphertext = here.ledger.withheld(entry, "identity.ciphertext")
        assert ciphertext is not None
        assert WHO not in ciphertext
        assert here.ledger.withheld(entry, "content.ciphertext") is None


class TestErasing:
    def test_destroys_both_envelopes_and_keeps_what_was_done(
        self, web: Web, county: County, office: Office
    ) -> None:
        tip, code = received(web, county, identity=office.sealed(WHO))
        entry = web.here.ledger.record(UUID(tip))[0]
        body = {"body": county.department, "basis": "个人信息保护法第四十七条"}
        assert web.post(f"/tips/{tip}/erased", body).status_code == 201
        assert web.here.ledger.withheld(entry, "identity.ciphertext") is None
        assert UUID(tip) in web.here.ledger.erased()
        refused = office.read(tip)
        assert refused.status_code == 409
        assert "已依法删除" in refused.json()["detail"]
        assert web.client.post("/api/v1/tips/follow", json={"code": code}).status_code == 200
        matter = web.get(f"/tips/{tip}").json()["state"]["matter"]
        assert matter == "夜间无人值守"
