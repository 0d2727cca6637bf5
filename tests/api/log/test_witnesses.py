"""A checkpoint that witnesses must have seen is published once enough of them truly have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.log import witnesses as witnesses_module
from api.log.publisher import Press
from api.log.witnesses import TooFew, read_policy
from api.witness.service import create_witness
from api.witness.state import State
from domain.errors import Invalid, Unavailable
from domain.proof.cosignature import Cosigner, Ed25519Cosigner, MlDsaCosigner
from domain.proof.trust import NONE, read_trust
from tests.support.web import listening

if TYPE_CHECKING:
    from tests.api.log.conftest import Desk

CITY = Ed25519Cosigner("city.example/witness", b"c" * 32)
PROVINCE = Ed25519Cosigner("province.example/witness", b"p" * 32)
QUANTUM = MlDsaCosigner("mirror.example/witness", b"q" * 32)
NOWHERE = "http://127.0.0.1:9"


@contextmanager
def witness(folder: Path, cosigner: Cosigner, *vkeys: str) -> Iterator[str]:
    """Serve a witness of these logs, as ``daocha witness serve`` does; yields its address."""
    file = folder / f"{cosigner.key.name.replace('/', '_')}.sqlite"
    state = State(file) if file.exists() else State.make(file)
    for vkey in vkeys:
        state.add_log(vkey)
    with listening(create_witness(state, [cosigner], lambda: datetime.now(UTC))) as address:
        yield address


@contextmanager
def pretending(answer: Callable[[bytes], Response]) -> Iterator[str]:
    """Serve something that answers every ``add-checkpoint`` like this."""

    async def add_checkpoint(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(answer, body)

    route = Route("/add-checkpoint", add_checkpoint, methods=["POST"])
    with listening(Starlette(routes=[route])) as address:
        yield address


@dataclass
class Policy:
    """A policy file in the making: witnesses, and how many of them are needed."""

    path: Path
    lines: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, name: str, cosigner: Cosigner, url: str) -> None:
        self.lines.append(f"witness {name} {cosigner.key} {url}")
        self.names.append(name)

    def need(self, count: int) -> None:
        group = f"group all {count} {' '.join(self.names)}"
        self.path.write_text("\n".join([*self.lines, group, "quorum all", ""]), "utf-8")


@pytest.fixture
def policy(desk: Desk) -> Policy:
    return Policy(desk.policy)


def cosigners(desk: Desk) -> set[str]:
    """Return who cosigned the newest checkpoint, by the policy as outsiders read it."""
    logs = "".join(f"log {key}\n" for key in desk.keys.at_hand())
    trusted = read_trust(logs + desk.policy.read_text("utf-8")).open(desk.latest().note)
    return {each.witness for each in trusted.cosigned}


def test_superiors_cosign_what_grows(desk: Desk, key: str, policy: Policy, tmp_path: Path) -> None:
    with ExitStack() as stack:
        policy.add("city", CITY, stack.enter_context(witness(tmp_path, CITY, key)))
        policy.add("province", PROVINCE, stack.enter_context(witness(tmp_path, PROVINCE, key)))
        policy.add("mirror", QUANTUM, stack.enter_context(witness(tmp_path, QUANTUM, key)) + "/")
        policy.need(3)
        press = desk.press()
        stack.callback(press.close)
        leader = stack.enter_context(desk.ledger.checkpoints.leading())
        assert leader is not None
        for size in (2, 3, 303):
            assert press.publish(leader) == size
            assert cosigners(desk) == {"city", "province", "mirror"}
            assert press.publish(leader) is None
            desk.note(1 if size == 2 else 300)


def test_a_new_process_starts_from_what_the_witness_has(
    desk: Desk, key: str, policy: Policy, tmp_path: Path
) -> None:
    with witness(tmp_path, CITY, key) as url:
        policy.add("city", CITY, url)
        policy.need(1)
        for size in (2, 3, 4):
            assert desk.publish() == size
            desk.note()


def test_two_of_three_are_enough_and_two_are_needed(
    desk: Desk, key: str, policy: Policy, tmp_path: Path
) -> None:
    with witness(tmp_path, CITY, key) as city:
        policy.add("city", CITY, city)
        policy.add("province", PROVINCE, NOWHERE)
        policy.add("mirror", QUANTUM, NOWHERE)
        policy.need(2)
        with pytest.raises(TooFew, match="province: cannot be reached") as caught:
            desk.publish()
        assert "mirror" in caught.value.en
        assert "city" not in caught.value.en
        assert desk.ledger.checkpoints.latest() is None
        with witness(tmp_path, PROVINCE, key) as province:
            policy.lines[1] = policy.lines[1].replace(NOWHERE, province)
            policy.need(2)
            assert desk.publish() == 2
            assert cosigners(desk) == {"city", "province"}


@contextmanager
def silent(asked: list[bytes]) -> Iterator[str]:
    """Serve what answers nothing until this ends."""
    over = Event()

    def wait(body: bytes) -> Response:
        asked.append(body)
        over.wait(60)
        return Response()

    with pretending(wait) as url:
        try:
            yield url
        finally:
            over.set()


def test_those_not_needed_are_asked_too_and_hold_nothing_up(
    desk: Desk, key: str, policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    monkeypatch.setattr(witnesses_module, "SECONDS", 60.0)
    with witness(tmp_path, CITY, key) as city, silent(asked) as sleeper:
        policy.add("city", CITY, city)
        policy.add("province", PROVINCE, sleeper)
        policy.need(1)
        assert desk.publish() == 2
        assert cosigners(desk) == {"city"}


def test_who_is_still_busy_is_not_asked_again(
    desk: Desk, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    monkeypatch.setattr(witnesses_module, "SECONDS", 60.0)
    with silent(asked) as url, desk.ledger.checkpoints.leading() as leader:
        assert leader is not None
        policy.add("city", CITY, url)
        policy.path.write_text("\n".join([*policy.lines, "quorum none", ""]))
        press = Press(desk.ledger, desk.keys, desk.policy)
        for _ in range(3):
            press.publish(leader)
            desk.note()
        press.close()
    assert len(asked) <= 1
    assert desk.latest().size == 4


def test_a_witness_that_comes_later_cosigns_what_is_there(
    desk: Desk, key: str, policy: Policy, tmp_path: Path
) -> None:
    assert desk.publish() == 2
    with witness(tmp_path, CITY, key) as url:
        policy.add("city", CITY, url)
        policy.need(1)
        assert desk.publish() == 2, "the same tree, now cosigned"
        assert cosigners(desk) == {"city"}
        assert desk.latest().number == 2
        assert desk.publish() is None


def _cosigned_by(cosigner: Cosigner, change: Callable[[str], str]) -> Callable[[bytes], Response]:
    def answer(body: bytes) -> Response:
        text = body.partition(b"\n\n")[2].decode().partition("\n\n")[0] + "\n"
        return Response(cosigner.cosign(change(text), datetime.now(UTC)).line)

    return answer


LIES: dict[str, tuple[Callable[[bytes], Response], str]] = {
    "nothing": (lambda _: Response(), "no signatures"),
    "nonsense": (lambda _: Response("ok\n"), "malformed"),
    "bytes": (lambda _: Response(b"\xff\n"), "UTF-8"),
    "another's": (_cosigned_by(PROVINCE, str), "no signature by a trusted key"),
    "another key": (
        _cosigned_by(Ed25519Cosigner(CITY.key.name, b"x" * 32), str),
        "no signature by a trusted key",
    ),
    "another tree": (_cosigned_by(CITY, lambda t: t.replace("\n2\n", "\n3\n")), "invalid sign"),
    "refusal": (lambda _: Response("unknown log\n", 404), "refused to cosign (404 unknown log)"),
    "moved": (lambda _: Response(status_code=301, headers={"Location": "/"}), "(301"),
    "conflict for ever": (lambda _: Response("1\n", 409), "refused to cosign (409"),
    "no size": (lambda _: Response("none\n", 409), "decimal"),
    "more": (lambda _: Response("99\n", 409), "cosigned a tree of 99, and there are 2"),
    "too much": (lambda _: Response(b"x" * 200_000), "too long or too slow"),
    "hangs up": (lambda _: Response(headers={"Content-Length": "5"}), "cannot be reached"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_witness_does_not_count(desk: Desk, policy: Policy, lie: str) -> None:
    answer, why = LIES[lie]
    with pretending(answer) as url:
        policy.add("city", CITY, url)
        policy.need(1)
        with pytest.raises(TooFew) as caught:
            desk.publish()
    assert why in caught.value.en
    assert desk.ledger.checkpoints.latest() is None


def test_one_liar_among_them_stops_nothing(
    desk: Desk, key: str, policy: Policy, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    liar, _ = LIES["more"]
    with witness(tmp_path, CITY, key) as city, pretending(liar) as url:
        policy.add("city", CITY, city)
        policy.add("province", PROVINCE, url)
        policy.need(1)
        assert desk.publish() == 2
    assert "cosigned a tree of 99" in caplog.text


def test_a_witness_notices_a_rollback_that_the_log_has_forgotten(
    desk: Desk, key: str, policy: Policy, tmp_path: Path
) -> None:
    """The database restored, and the memory beside the key with it."""
    desk.note(5)
    with witness(tmp_path, CITY, key) as url:
        policy.add("city", CITY, url)
        policy.need(1)
        assert desk.publish() == 7
        desk.as_superuser(
            "TRUNCATE S.checkpoint; DELETE FROM S.fact WHERE position > 4;"
            "DELETE FROM S.tag WHERE position > 4"
        )
        desk.press().signed.path.unlink()
        desk.rebuild()
        with pytest.raises(TooFew, match="cosigned a tree of 7, and there are 4"):
            desk.publish()
        desk.note(9)
        desk.rebuild()
        with pytest.raises(TooFew, match="bad consistency proof"):
            desk.publish()


@pytest.mark.parametrize(
    ("text", "line"),
    [("quorum nobody\n", "line 1"), ("witness x\nquorum none\n", "line 1"), ("", "no quorum")],
)
def test_a_policy_that_is_none_is_told(desk: Desk, text: str, line: str) -> None:
    desk.policy.write_text(text)
    with pytest.raises(Invalid, match=line) as caught:
        desk.publish()
    assert str(desk.policy) in caught.value.zh


def test_a_policy_that_cannot_be_read(desk: Desk) -> None:
    assert read_policy(desk.policy).quorum == NONE
    desk.policy.mkdir()
    with pytest.raises(Unavailable):
        read_policy(desk.policy)


def test_a_witness_without_an_address_cannot_be_asked(desk: Desk, policy: Policy) -> None:
    policy.add("city", CITY, "")
    policy.need(1)
    with pytest.raises(TooFew, match="does not say where it is"):
        desk.publish()
