"""电子签名: keys registered, replaced and revoked; documents signed with them, or not rightly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from pytest_bdd import step, then

from domain.fact import Actor, Entry
from domain.monthly_report import report_id
from domain.people import PersonRegistered
from domain.policy.reports import STATE_WORDS
from domain.proof.encoding import write_base64
from domain.proof.statement import Statement
from domain.record import facts_of
from domain.signing import (
    KeyRegistered,
    KeyRevoked,
    SignatureMade,
    SignatureWithdrawn,
    key_record,
    signature_record,
)
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support import pens
from tests.support.book import text

REGISTRAR = "密钥登记人"
DOCUMENTS = {
    "月报": ("report", "report.filed"),
    "指令书": ("order", "order.issued"),
    "送达回执": ("order", "order.served"),
    "复查意见书": ("order", "order.rechecked"),
    "重大隐患认定": ("hazard", "hazard.determined"),
    "整改方案": ("hazard", "hazard.planned"),
    "验收意见": ("hazard", "hazard.accepted"),
    "销号意见": ("hazard", "hazard.closed"),
    "挂牌通知": ("listing", "listing.made"),
    "挂牌整改方案": ("listing", "listing.plan_made"),
    "责任单位验收意见": ("listing", "listing.first_accepted"),
    "督办单位验收意见": ("listing", "listing.second_accepted"),
    "摘牌意见": ("listing", "listing.delisted"),
}


# 密钥


def registrar(world: World, when: date | datetime) -> Actor:
    """Return who vouches for keys, who enters the record with the first of them."""
    if not world.knows("person", REGISTRAR):
        record = world.new("person", REGISTRAR)
        world.record(record, PersonRegistered(name=text(REGISTRAR, record)), when)
    return Actor(authentication="token", person=world.person(REGISTRAR))


def register(world: World, person: str, when: date | datetime, by: Actor | None = None) -> None:
    """Register the key that a person now signs with, if that was not done yet."""
    pen = world.pens.get(person, person)
    if world.knows("key", pen):
        return
    key = pens.key_of(pen)
    replaces = pens.key_of(person).id if pen != person else None
    record = world.new("key", pen, key_record(key.id))
    fact = KeyRegistered(person=world.person(person), key=key, replaces=replaces)
    world.record(record, fact, when, by=by or registrar(world, when))


@step(phrase("“{person:name}”于{when:moment}登记签名密钥"))
def _(world: World, person: str, when: date | datetime) -> None:
    register(world, person, when)


@step(phrase("“{person:name}”于{when:moment}更换签名密钥"))
def _(world: World, person: str, when: date | datetime) -> None:
    world.pens[person] = f"{person}的新密钥"
    register(world, person, when)


@step(phrase("“{person:name}”于{when:moment}为自己登记签名密钥"))
def _(world: World, person: str, when: date | datetime) -> None:
    register(world, person, when, Actor(authentication="token", person=world.person(person)))


@step(phrase("“{person:name}”于{when:moment}登记签名密钥，登记人未具名"))
def _(world: World, person: str, when: date | datetime) -> None:
    register(world, person, when, Actor(authentication="cli"))


@step(phrase("“{person:name}”于{when:moment}登记“{owner:name}”的签名密钥"))
def _(world: World, person: str, when: date | datetime, owner: str) -> None:
    key = pens.key_of(owner)
    fact = KeyRegistered(person=world.person(person), key=key)
    world.record(key_record(key.id), fact, when, by=registrar(world, when))


@step(phrase("“{person:name}”的签名密钥于{when:moment}吊销"))
def _(world: World, person: str, when: date | datetime) -> None:
    key = pens.key_of(world.pens.get(person, person)).id
    fact = KeyRevoked(person=world.person(person), key=key, reason=text("遗失"))
    world.record(key_record(key), fact, when)


# 签署


@dataclass(frozen=True)
class Signing:
    """How somebody signs: what they change of the statement, and with whose key."""

    change: Callable[[World, Entry, Statement], dict[str, object]] | None = None
    pen: str | None = None
    spoilt: bool = False


RIGHTLY = Signing()


def sign_document(
    world: World,
    document: Entry,
    person: str,
    org: str,
    title: str,
    when: date | datetime,
    how: Signing = RIGHTLY,
) -> None:
    """Have a person sign a document in a post of an organisation, with their own key as a rule."""
    register(world, person, when)
    pen = how.pen or world.pens.get(person, person)
    post, key = world.post(org, title), pens.key_of(pen)
    told = pens.statement_of(world.book.entries, document, world.person(person), post, key)
    if how.change:
        told = told.model_copy(update=how.change(world, document, told))
    signature = pens.sign(told, pens.seed_of(pen))
    if how.spoilt:
        signature = signature.model_copy(update={"value": write_base64(bytes(64))})
    world.record(
        signature_record(told), pens.made(document, world.kind_of(post), told, signature), when
    )


def _of_next_month(_: World, __: Entry, told: Statement) -> dict[str, object]:
    assert told.period is not None
    year, month = map(int, told.period.split("-"))
    return {"period": f"{year:04d}-{month + 1:02d}"}


def _seen_before(world: World, document: Entry, _: Statement) -> dict[str, object]:
    return {"seen": pens.head_of(world.book.entries[: document.position - 1])}


def _seen_beyond(world: World, _: Entry, told: Statement) -> dict[str, object]:
    return {"seen": told.seen.model_copy(update={"size": len(world.book.entries) + 1})}


WRONGLY = {
    "声明写的是另一份台账": Signing(lambda *_: {"log": "ledger.example/elsewhere"}),
    "声明写的是下一个月": Signing(_of_next_month),
    "声明写的是另一家单位": Signing(lambda w, *_: {"organisation": w.org("县应急管理局")}),
    "声明所指的是另一份文书": Signing(lambda *_: {"document": "00" * 32}),
    "声明改写了含义": Signing(lambda *_: {"meaning": "本单位一切正常"}),
    "未写明前一签名": Signing(lambda *_: {"after": None}),
    "写明了并不存在的前一签名": Signing(lambda *_: {"after": "00" * 32}),
    "所见日志尚不含此文书": Signing(_seen_before),
    "所见日志比台账还长": Signing(_seen_beyond),
    "所用密钥从未登记": Signing(pen="无人的密钥"),
    "签名值被改动": Signing(spoilt=True),
}
ROLES = ("分管负责人", "主要负责人")


def filed(world: World, org: str, month: str) -> Entry:
    """Return the latest text of a month's report."""
    found = [
        entry
        for entry in world.book.entries
        if entry.topic == "report.filed"
        and f"org:{world.org(org)}" in entry.tags
        and getattr(entry.fact, "month", None) == month
    ]
    return found[-1]


@step(
    phrase(
        "“{person:name}”于{when:moment}以{title:role}身份签署“{org:name}”{month:month}月报，"
        "但{wrong:wrong}",
        role=one_of({each: each for each in ROLES}),
        wrong=one_of(WRONGLY),
    )
)
def _(
    world: World,
    person: str,
    when: date | datetime,
    title: str,
    org: str,
    month: str,
    wrong: Signing,
) -> None:
    sign_document(world, filed(world, org, month), person, org, title, when, wrong)


@step(
    phrase(
        "“{person:name}”于{when:moment}以{title:role}身份用“{owner:name}”的密钥签署"
        "“{org:name}”{month:month}月报",
        role=one_of({each: each for each in ROLES}),
    )
)
def _(
    world: World,
    person: str,
    when: date | datetime,
    title: str,
    owner: str,
    org: str,
    month: str,
) -> None:
    how = Signing(pen=owner)
    sign_document(world, filed(world, org, month), person, org, title, when, how)


@step(phrase("“{person:name}”于{when:moment}把同一签名用于“{org:name}”{month:month}月报"))
def _(world: World, person: str, when: date | datetime, org: str, month: str) -> None:
    signed = last_signature(world, person)
    document = filed(world, org, month)
    fact = pens.made(document, signed.role, signed.statement, signed.signature)
    world.record(signature_record(signed.statement), fact, when)


@step(
    phrase(
        "“{person:name}”于{when:moment}以“{org:name}”{title:title}身份签署{kind:kind}“{name:name}”",
        kind=one_of(DOCUMENTS),
    )
)
def _(
    world: World,
    person: str,
    when: date | datetime,
    org: str,
    title: str,
    kind: tuple[str, str],
    name: str,
) -> None:
    noun, topic = kind
    record = report_id(world.org(org), name) if noun == "report" else world.the(noun, name)
    document = next(
        entry
        for entry in reversed(world.book.entries)
        if entry.record == record and entry.topic == topic
    )
    sign_document(world, document, person, org, title, when)


@step(phrase("“{person:name}”于{when:moment}撤回其签名"))
def _(world: World, person: str, when: date | datetime) -> None:
    signed = last_signature(world, person)
    fact = SignatureWithdrawn(
        enterprise=signed.enterprise,
        about=signed.about,
        person=signed.statement.person,
        reason=text("核对有误"),
    )
    world.record(signature_record(signed.statement), fact, when)


def last_signature(world: World, person: str) -> SignatureMade:
    """Return what a person signed last."""
    made = facts_of(world.book.entries, SignatureMade)
    return [fact for _, fact in made if fact.statement.person == world.person(person)][-1]


@then(phrase("“{person:name}”的签名写明“{meaning:words}”"))
def _(world: World, person: str, meaning: str) -> None:
    assert last_signature(world, person).statement.meaning == meaning


@then(phrase("“{org:name}”{month:month}月报的状态为“{state:name}”"))
def _(world: World, org: str, month: str, state: str) -> None:
    how = world.standing(org, month)
    assert how.state is not None
    assert STATE_WORDS[how.state][0] == state


@then(phrase("“{org:name}”{month:month}月报标明一人兼两岗"))
def _(world: World, org: str, month: str) -> None:
    assert world.standing(org, month).two_posts is not None
