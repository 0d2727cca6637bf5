"""攻击者改写历史、分叉、退回旧备份, 冒充附署, 篡改证据包: what convicts him from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid5

import orjson
import pytest
from pytest_bdd import given, then, when

from api.log.publisher import Press
from domain.errors import Invalid, NotProved
from domain.fact import canonical
from domain.monthly_report import report_id
from domain.people import PersonRegistered
from domain.proof.bundle import About, Disclosed, make_bundle, open_bundle
from domain.proof.checkpoint import Checkpoint, read_checkpoint
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.encoding import write_base64
from domain.proof.fork import make_fork, open_fork
from domain.proof.merkle import root_of
from domain.proof.note import Signature, split_note, write_note
from domain.proof.witness import Answer, Head, decide
from projections.log import Log
from tests.features.attack import Attack
from tests.features.phrases import phrase
from tests.features.steps.proof_tables import another_day
from tests.support.ledger import sealed
from tests.support.stage import ENTERPRISE, MONTH, ORIGIN, PEOPLE, SEEN, WITNESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.proof.trust import Trust

_STRANGER = Ed25519Cosigner("stranger.example/witness", bytes([9]) * 32)
_IMPOSTOR = Ed25519Cosigner(WITNESS.key.name, bytes([8]) * 32)


def resign(attack: Attack) -> None:
    """Sign every checkpoint anew over the facts as they are now, and replace the old ones."""
    superuser = attack.superuser()
    hashes = attack.hashes()
    for number, size in superuser.sql("SELECT number, size FROM S.checkpoint"):
        with attack.stage.opened() as ledger:
            note = attack.stage.checkpoint(ledger, hashes[:size])
        superuser.sql(
            "UPDATE S.checkpoint SET root = %s, note = %s WHERE number = %s",
            root_of(hashes[:size]),
            note,
            number,
        )
    superuser.cover_up()


@when(phrase("攻击者改写“{what:name}”，重建瓦片，并以日志的密钥重签全部检查点"))
def _(attack: Attack, what: str) -> None:
    attack.notes.append(attack.note())
    attack.superuser().rewrite(attack.at(what), another_day)
    attack.rebuild()
    resign(attack)
    attack.notes.append(attack.note())


@when("攻击者以日志的密钥为同样长短的另一份台账签发检查点")
def _(attack: Attack) -> None:
    other = [*attack.hashes()[:-1], bytes(32)]
    with attack.stage.opened() as ledger:
        attack.notes += [attack.note(), attack.stage.checkpoint(ledger, other)]


def asked_to_witness(attack: Attack, note: bytes, old: Head, proof: list[bytes]) -> Answer:
    """Ask the witness, who cosigned up to ``old``, for its cosignature."""
    lines = "".join(f"{write_base64(each)}\n" for each in proof)
    request = f"old {old.size}\n{lines}\n".encode() + note
    answer = decide(request, attack.trust.logs, lambda _: old)
    assert isinstance(answer, Answer)
    return answer


@then(phrase("见证方拒绝附署{which:title}检查点，答复422"))
def _(attack: Attack, which: str) -> None:
    honest = read_checkpoint(split_note(attack.notes[0])[0])
    old = Head(honest.size, honest.root)
    assert asked_to_witness(attack, attack.notes[1], old, []).status == 422


@then("见证方拒绝附署退回后的检查点，答复409")
def _(attack: Attack) -> None:
    attack.policy = attack.policy or attack.stage.policy
    seen = read_checkpoint(split_note(attack.notes[0])[0])
    with attack.stage.opened() as ledger:
        note = attack.stage.checkpoint(ledger, attack.hashes())
    old = Head(len(attack.hashes()), root_of(attack.hashes()))
    request = f"old {old.size}\n\n".encode() + note
    answer = decide(request, attack.trust.logs, lambda _: Head(seen.size, seen.root))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (409, b"%d\n" % seen.size)


@then("先前公布的检查点与重签的检查点构成分叉的证明")
def _(attack: Attack) -> None:
    forked = open_fork(
        make_fork(attack.notes[0], attack.notes[1], attack.trust).write(), attack.trust
    )
    assert forked.size == attack.at("后来的登记")
    assert "有两种历史" in forked.zh


@then("两份检查点构成分叉的证明，写成文件后任何人都能核验")
def _(attack: Attack) -> None:
    attack.bundle = make_fork(attack.notes[0], attack.notes[1], attack.trust).write()
    forked = open_fork(attack.bundle, attack.trust)
    assert forked.origin == ORIGIN
    assert len(set(forked.roots)) == 2


@then("证明中任何一处被改动都不被接受")
def _(attack: Attack) -> None:
    for at in range(len(attack.bundle)):
        changed = bytearray(attack.bundle)
        changed[at] ^= 1
        with pytest.raises(Invalid):
            open_fork(bytes(changed), attack.trust)


@then("同一份检查点不构成分叉的证明")
def _(attack: Attack) -> None:
    note = attack.note()
    with pytest.raises(NotProved, match="do not contradict"):
        make_fork(note, note, attack.trust)


# 旧备份


@given("公布者已签发到最后一条")
def _(attack: Attack) -> None:
    person = uuid5(PEOPLE["张总"], "last")
    fact = PersonRegistered(name=sealed("最后登记的人", person))
    with attack.stage.opened() as ledger:
        attack.stage.record(ledger, person, fact)
        attack.stage.catch_up(ledger)
        assert publish(attack, ledger) == attack.at("后来的登记") + 1


def publish(attack: Attack, ledger: Any) -> int | None:  # noqa: ANN401 - a ledger
    """Let the publisher publish once."""
    press = Press(ledger, attack.stage.log_keys, attack.stage.home / "no.policy")
    try:
        with ledger.checkpoints.leading() as leader:
            assert leader is not None
            return press.publish(leader)
    finally:
        press.close()


@given("此前已核验一次")
def _(attack: Attack) -> None:
    assert attack.audited().fault is None


@when(phrase("攻击者以超级用户身份退回到“{what:name}”时的旧备份"))
def _(attack: Attack, what: str) -> None:
    attack.notes.append(attack.note())
    superuser = attack.superuser()
    superuser.cut_off(attack.at(what))
    superuser.sql("DELETE FROM S.checkpoint")
    superuser.cover_up()
    attack.rebuild()


@then(phrase("公布者拒绝签发，称“{said:words}”"))
def _(attack: Attack, said: str) -> None:
    with attack.stage.opened() as ledger:
        attack.refused(lambda: publish(attack, ledger))
    attack.refusal_says(said)


@then(phrase("再次核验指出“{what:name}”：{said:words}"))
def _(attack: Attack, what: str, said: str) -> None:
    fault = attack.fault(fresh=False)
    assert (fault.position, said in fault.zh) == (attack.at(what), True), fault


# 附署


def _cosigned(attack: Attack, kind: str) -> list[Signature]:
    text, _ = split_note(attack.note())
    good = WITNESS.cosign(text, SEEN)
    if kind == "他人冒名的":
        forged = _IMPOSTOR.cosign(text, SEEN)
        return [Signature(good.name, good.key_id, forged.value)]
    if kind == "另一检查点的":
        other = Checkpoint(ORIGIN, 5, root_of(attack.hashes()[:5])).text
        return [WITNESS.cosign(other, SEEN)]
    if kind == "改了时间的":
        return [good._replace(value=bytes(7) + b"\x01" + good.value[8:])]
    return [_STRANGER.cosign(text, SEEN)]


@when(phrase("攻击者给检查点配上{kind:title}附署"))
def _(attack: Attack, kind: str) -> None:
    text, signatures = split_note(attack.note())
    own = [each for each in signatures if each.name == ORIGIN]
    note = write_note(text, [*own, *_cosigned(attack, kind)])
    attack.refused(lambda: attack.trust.open(note))


@then(phrase("依信任策略打开检查点被拒绝，称“{said:words}”"))
def _(attack: Attack, said: str) -> None:
    attack.refusal_says(said)


@when("攻击者以超级用户身份改动库存检查点的附署")
def _(attack: Attack) -> None:
    (attack.stage.place.keys / "log.policy").write_text(attack.stage.policy, "utf-8")
    text, signatures = split_note(attack.note())
    changed = [
        each if each.name == ORIGIN else each._replace(value=each.value[:-1] + b"\0")
        for each in signatures
    ]
    attack.superuser().sql(
        "UPDATE S.checkpoint SET note = %s WHERE number = 2", write_note(text, changed)
    )


# 证据包


@given("已出具零报告的证据包")
def _(attack: Attack) -> None:
    attack.policy = attack.stage.policy
    with attack.stage.opened() as ledger:
        published = ledger.checkpoints.latest()
        assert published is not None
        leaves = {raw.position: raw.leaf for raw in ledger.range_raw(0, published.size)}
        read = Log(ledger).reader(published.size)
        while True:  # everything there is, less what a bundle says it does not need
            about = About(kind="report", id=str(report_id(ENTERPRISE, MONTH)))
            made = make_bundle(about, published.note, published.size, leaves.values(), read)
            unneeded = _unneeded(made.write(), attack.trust)
            if unneeded is None:
                break
            del leaves[unneeded]
    attack.bundle = made.write()


def _unneeded(bundle: bytes, trust: Trust) -> int | None:
    """Return where a fact stands that the bundle does not need; None where it is whole."""
    try:
        open_bundle(bundle, trust)
    except NotProved as error:
        if "nothing to do with the subject" in error.en:
            return int(error.where or "")
        raise
    return None


@then(phrase("证据包被接受，其中有{count:d}个签名"))
def _(attack: Attack, count: int) -> None:
    assert len(open_bundle(attack.bundle, attack.trust).signatures) == count


@then(phrase("证据包每隔{step:d}个字改动一字，都不被接受"))
def _(attack: Attack, step: int) -> None:
    text = attack.bundle.decode()
    for at in range(0, len(text), step):
        other = "0" if text[at] != "0" else "1"
        with pytest.raises(Invalid):
            open_bundle((text[:at] + other + text[at + 1 :]).encode(), attack.trust)


def _note_of(bundle: dict[str, Any], keep: Callable[[Signature], bool], *more: Signature) -> None:
    text, signatures = split_note(bundle["checkpoint"].encode())
    kept = [each for each in signatures if keep(each)]
    bundle["checkpoint"] = write_note(text, sorted([*kept, *more])).decode()


def _stranger(bundle: dict[str, Any]) -> None:
    text, _ = split_note(bundle["checkpoint"].encode())
    _note_of(bundle, lambda _: True, _STRANGER.cosign(text, SEEN))


def _named(bundle: dict[str, Any]) -> None:
    made_up = Disclosed(position=5, path="name", salt="00" * 16, value="别人")
    bundle["disclosed"] = [made_up.model_dump()]


_TAMPERING: dict[str, Callable[[dict[str, Any]], object]] = {
    "抽掉一条事实": lambda b: b["leaves"].pop(-2),
    "重复一条事实": lambda b: b["leaves"].append(b["leaves"][-1]),
    "调换两条事实": lambda b: b["leaves"].reverse(),
    "换上另一检查点": lambda b: b.update(checkpoint=b["checkpoint"].replace("\n27\n", "\n26\n")),
    "去掉上级的附署": lambda b: _note_of(b, lambda each: each.name == ORIGIN),
    "加上陌生人的附署": _stranger,
    "改掉一个散列": lambda b: b["hashes"].__setitem__(0, write_base64(bytes(32))),
    "添上无用的散列": lambda b: b["hashes"].append(write_base64(bytes(32))),
    "公开编造的姓名": _named,
}


@when(phrase("攻击者在证据包中{what:title}"))
def _(attack: Attack, what: str) -> None:
    attack.policy = attack.stage.policy
    content = orjson.loads(attack.bundle)
    _TAMPERING[what](content)
    changed = canonical(content)
    assert changed != attack.bundle
    attack.bundle = changed


@when(phrase("攻击者把证据包{what:title}"))
def _(attack: Attack, what: str) -> None:
    attack.policy = attack.stage.policy
    attack.bundle = attack.bundle[:-1] if what == "截去末尾" else attack.bundle + b" "


@then("证据包不被接受")
def _(attack: Attack) -> None:
    with pytest.raises(Invalid):
        open_bundle(attack.bundle, attack.trust)
