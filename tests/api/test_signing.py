"""A zero report signed over HTTP: keys that a registrar vouched for, statements, signatures."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from api.access import issue_token
from domain.fact import Actor
from domain.proof import ed25519, sm2
from domain.proof.encoding import read_base64, write_base64
from domain.proof.signature import PublicKey
from domain.proof.statement import Statement
from domain.signing import key_record
from tests.support import pens
from tests.support.authenticator import Authenticator
from tests.support.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.support.county import County
    from tests.support.web import Web

MONTH = "2024-05"


@dataclass
class Signer:
    """Somebody with a post at the enterprise and a key."""

    name: str
    person: str
    post: str
    key: str
    role: str


@dataclass
class Office:
    """Who registers keys and signs at one enterprise."""

    web: Web
    county: County
    token: str = ""
    signers: dict[str, Signer] = field(default_factory=dict)

    def person(self, name: str) -> str:
        record: str = self.web.post("/persons", {"name": name}).json()["record"]
        return record

    def register(self, person: str, name: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        key = pens.key_of(name).model_dump(mode="json", exclude_none=True)
        body = {"person": person, "key": key, **more}
        return self.web.post("/keys", body, Authorization=f"Bearer {self.token}")

    def file(self) -> int:
        body = {"kind": "zero", "to_org": self.county.department}
        answer = self.web.post(f"/reports/{self.county.enterprise}/{MONTH}/filed", body)
        assert answer.status_code == 201, answer.text
        position: int = answer.json()["position"]
        return position

    def prepared(self, position: int, signer: Signer) -> httpx.Response:
        query = {"person": signer.person, "post": signer.post, "key": signer.key}
        return self.web.get(f"/facts/{position}/statement", **query)

    def sign(self, position: int, signer: Signer, **changes: Any) -> httpx.Response:  # noqa: ANN401
        prepared = self.prepared(position, signer).json()
        value = ed25519.sign(pens.seed_of(signer.name), read_base64(prepared["digest"]))
        body = {name: prepared[name] for name in ("enterprise", "document", "role", "statement")}
        body["signature"] = {"value": write_base64(value)}
        return self.web.post("/signatures", body | changes)

    def state(self) -> dict[str, Any]:
        path = f"/reports/{self.county.enterprise}/{MONTH}"
        state: dict[str, Any] = self.web.get(path).json()["state"]
        return state


@pytest.fixture
def office(web: Web, county: County) -> Office:
    """Both posts filled, both keys registered by somebody known by their token."""
    office = Office(web, county)
    registrar = UUID(office.person("赵登记"))
    county.post("safety_manager", str(registrar))
    here = web.here
    office.token = issue_token(
        here.ledger,
        registrar,
        "登记密钥",
        until=None,
        now=here.now(),
        random=here.random,
        by=Actor(authentication="system"),
    )
    for role in ("deputy", "principal"):
        name = f"{role} {uuid7()}"
        person = office.person(name)
        post = county.post(role, person)
        answer = office.register(person, name)
        assert answer.status_code == 201, answer.text
        office.signers[role] = Signer(name, person, post, pens.key_of(name).id, role)
    return office


def test_a_zero_report_takes_effect_by_two_signatures(office: Office) -> None:
    position = office.file()
    deputy, principal = office.signers["deputy"], office.signers["principal"]
    told = office.prepared(position, deputy).json()
    statement = Statement.read(read_base64(told["canonical"]))
    assert statement.model_dump(mode="json", exclude_none=True) == told["statement"]
    assert read_base64(told["digest"]) == statement.digest()
    assert statement.meaning == "本单位2024年5月未发现新的事故隐患"
    assert "passkey" not in told
    first = office.sign(position, deputy)
    assert first.status_code == 201, first.text
    assert office.state()["standing"] == "awaiting_principal"
    assert office.state()["missing"] == ["principal"]
    second = office.sign(position, principal)
    assert second.status_code == 201, second.text
    state = office.state()
    assert (state["standing"], state["missing"]) == ("effective", [])
    assert set(state["signed"]) == {"deputy", "principal"}
    assert state["effective"]["fact"] == second.json()["position"]


def test_the_same_again_is_refused(office: Office) -> None:
    position, deputy = office.file(), office.signers["deputy"]
    assert office.sign(position, deputy).status_code == 201
    again = office.prepared(position, deputy)
    assert again.status_code == 409
    assert again.json()["clause"] == "3.2c"


def test_a_tree_that_is_not_this_logs_is_refused(office: Office) -> None:
    position, deputy = office.file(), office.signers["deputy"]
    told = office.prepared(position, deputy).json()["statement"]
    told["seen"] = {"size": told["seen"]["size"], "root": "00" * 32}
    answer = office.sign(position, deputy, statement=told)
    assert answer.status_code == 409
    assert "不是本台账的" in answer.json()["title"] + answer.json()["detail"]
    told["seen"] = {"size": 10**9, "root": "00" * 32}
    answer = office.sign(position, deputy, statement=told)
    assert answer.status_code == 409
    assert "比本台账还长" in answer.text


def test_a_signature_of_somebody_else_is_refused(office: Office) -> None:
    position, deputy = office.file(), office.signers["deputy"]
    answer = office.sign(position, deputy, signature={"value": write_base64(bytes(64))})
    assert answer.status_code == 409
    assert answer.json()["clause"] == "3.2c"
    assert "签名不成立" in answer.text


def test_what_cannot_be_signed_is_told_before(office: Office) -> None:
    position, deputy = office.file(), office.signers["deputy"]
    office.county.hazard(happened="2024-05-06")
    barred = office.prepared(position, deputy)
    assert barred.status_code == 409
    assert "不得零报告" in barred.text
    assert office.prepared(position + 10**6, deputy).status_code == 404
    assert office.prepared(1, deputy).status_code == 404
    unknown = Signer("", deputy.person, deputy.post, "00" * 32, "deputy")
    assert office.prepared(position, unknown).status_code == 404


def test_nobody_vouches_for_themself(office: Office, web: Web) -> None:
    name = f"own {uuid7()}"
    person = office.person(name)
    office.county.post("workshop_head", person)
    key = pens.key_of(name).model_dump(mode="json", exclude_none=True)
    unnamed = web.post("/keys", {"person": person, "key": key})
    assert unnamed.status_code == 409
    assert "具名" in unnamed.text
    assert office.register(person, name).status_code == 201
    taken = office.register(office.signers["deputy"].person, name)
    assert taken.status_code == 409


def test_keys_that_are_not_good_are_refused(office: Office) -> None:
    person = office.signers["deputy"].person
    for public in (bytes(32), b"\x01" + bytes(31), bytes(31), b"\xff" * 32):
        key = {"suite": "ed25519", "public": write_base64(public)}
        answer = office.web.post(
            "/keys", {"person": person, "key": key}, Authorization=f"Bearer {office.token}"
        )
        assert answer.status_code in (400, 422), answer.text


def test_a_key_is_replaced_and_revoked(office: Office, web: Web) -> None:
    deputy = office.signers["deputy"]
    position = office.file()
    name = f"new {uuid7()}"
    assert office.register(deputy.person, name, replaces=deputy.key).status_code == 201
    assert "替换" in office.prepared(position, deputy).text
    deputy.name, deputy.key = name, pens.key_of(name).id
    signed = office.sign(position, deputy)
    assert signed.status_code == 201
    revoked = web.post(
        f"/keys/{key_record(deputy.key)}/revoked", {"key": deputy.key, "reason": "遗失"}
    )
    assert revoked.status_code == 201, revoked.text
    record = signed.json()["record"]
    assert office.state()["missing"] == ["principal"], "what it signed before stands"
    withdrawn = web.post(
        f"/signatures/{record}/withdrawn", {"person": deputy.person, "reason": "看错了月份"}
    )
    assert withdrawn.status_code == 201, withdrawn.text
    state = office.state()
    assert state["missing"] == ["deputy", "principal"]
    assert state["signed"]["deputy"]["withdrawn"] is not None


def test_sm2_signs_where_the_extra_is_installed(office: Office) -> None:
    gmssl = pytest.importorskip("gmssl_pyx", reason="daocha[gm] is not installed")
    public, private = gmssl.sm2_key_generate()
    key = PublicKey(suite="sm2", public=write_base64(b"\x04" + public))
    deputy = office.signers["deputy"]
    registered = office.web.post(
        "/keys",
        {"person": deputy.person, "key": key.model_dump(mode="json", exclude_none=True)},
        Authorization=f"Bearer {office.token}",
    )
    assert registered.status_code == 201, registered.text
    deputy.key = key.id
    position = office.file()
    digest = read_base64(office.prepared(position, deputy).json()["digest"])
    der = gmssl.sm2_sign(private, public, digest, sm2.SIGNER_ID)
    answer = office.sign(position, deputy, signature={"value": write_base64(sm2.normal_form(der))})
    assert answer.status_code == 201, answer.text


def test_the_example_of_the_documentation_signs(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs/signing.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    deputy, position = office.signers["deputy"], office.file()
    told = {
        "https://aj.example.gov.cn/api/v1": f"{office.web.client.base_url}/api/v1",
        '"daocha_…"': repr(office.token),
        '"01900a00-…", "01900a00-…", 1234': f"{deputy.person!r}, {deputy.post!r}, {position}",
    }
    for words, value in told.items():
        assert words in example
        example = example.replace(words, value)
    (tmp_path / "pen.key").write_bytes(pens.seed_of(deputy.name))
    monkeypatch.chdir(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "本单位2024年5月未发现新的事故隐患" in done.stdout
    assert office.state()["missing"] == ["principal"]


class TestPasskeys:
    def register(self, office: Office, authenticator: Authenticator, person: str) -> httpx.Response:
        options = office.web.get(f"/persons/{person}/passkey").json()
        client_data, data = authenticator.create(options)
        body = {
            "person": person,
            "client_data": write_base64(client_data),
            "authenticator_data": write_base64(data),
        }
        return office.web.post("/keys/passkey", body, Authorization=f"Bearer {office.token}")

    def test_a_passkey_signs(self, office: Office) -> None:
        authenticator = Authenticator(
            str(office.web.client.base_url).replace("127.0.0.1", "localhost")
        )
        office.web.client.base_url = authenticator.origin
        deputy = office.signers["deputy"]
        registered = self.register(office, authenticator, deputy.person)
        assert registered.status_code == 201, registered.text
        fact = office.web.get(f"/facts/{registered.json()['position']}").json()
        deputy.key = authenticator.key_id
        position = office.file()
        told = office.prepared(position, deputy).json()
        assert told["passkey"]["userVerification"] == "required"
        assert told["passkey"]["allowCredentials"][0]["id"] == fact["data"]["credential"]
        body = {name: told[name] for name in ("enterprise", "document", "role", "statement")}
        body["signature"] = authenticator.sign(told["passkey"]["challenge"])
        answer = office.web.post("/signatures", body)
        assert answer.status_code == 201, answer.text

    def test_an_answer_to_another_request_is_refused(self, office: Office) -> None:
        authenticator = Authenticator(
            str(office.web.client.base_url).replace("127.0.0.1", "localhost")
        )
        office.web.client.base_url = authenticator.origin
        deputy, principal = office.signers["deputy"].person, office.signers["principal"].person
        options = office.web.get(f"/persons/{principal}/passkey").json()
        client_data, data = authenticator.create(options)
        body = {
            "person": deputy,
            "client_data": write_base64(client_data),
            "authenticator_data": write_base64(data),
        }
        answer = office.web.post("/keys/passkey", body, Authorization=f"Bearer {office.token}")
        assert answer.status_code == 409
