"""举报: received, taken up, checked, answered, passed on, rewarded; who may read it (五（二）)."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import pyrage
from pyrage import x25519
from pytest_bdd import step, then

from domain.fact import Actor, Withheld, canonical, seal_digest
from domain.moment import end
from domain.policy.duty import Docket
from domain.tip import (
    Envelope,
    FindingsSigned,
    FindingsWritten,
    Part,
    RewardDecided,
    RewardPaid,
    TipAccepted,
    TipAdded,
    TipAnswered,
    TipChecked,
    TipErased,
    TipRead,
    TipReceived,
    TipRecord,
    TipRefused,
    TipResealed,
    TipTransferAccepted,
    TipTransferDecided,
    TipTransferProposed,
    TipTransferRefused,
    Verified,
    receipt_of,
    tip_id,
    write_receipt,
)
from domain.tip_followed import REWARDS, STATES, followed
from domain.tip_office import Channel, TipKeyRegistered, TipKeyRetired, tip_key_id
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support.book import text

CHANNELS = {
    "电话": Channel.TELEPHONE,
    "电子邮件": Channel.EMAIL,
    "网上": Channel.WEB,
    "来信": Channel.LETTER,
    "来访": Channel.VISIT,
}
VERDICTS = {
    "属实": Verified.TRUE,
    "部分属实": Verified.PARTLY,
    "不属实": Verified.UNTRUE,
    "无法认定": Verified.UNDECIDED,
}
PARTS = {"身份": Part.IDENTITY, "原文": Part.CONTENT}
SALT = b"informant's salt"
WHO = "孙某，一车间职工"
WHAT = "夜班时反应釜没有人看"


@cache
def pair(name: str) -> Any:  # noqa: ANN401 - pyrage has no types of its own here
    """Return the key pair that a name stands for in every scenario."""
    return x25519.Identity.generate()


def public(name: str) -> str:
    """Return the public half of a key."""
    return str(pair(name).to_public())


def sealed(tip: UUID, words: str, keys: list[str], *more: str) -> Envelope:
    """Seal words to keys, the outermost first; ``more`` are recipients that nobody names."""
    data = canonical({"salt": SALT.hex(), "text": words})
    for key in reversed(keys):
        recipients = [pair(each).to_public() for each in (key, *more)]
        data = pyrage.encrypt(data, recipients, armored=True)
    return Envelope(
        keys=tuple(tip_key_id(public(each)) for each in keys),
        commitment=seal_digest(words, SALT),
        ciphertext=Withheld.close(data.decode().strip(), tip, SALT),
    )


def receive(
    world: World,
    body: str,
    when: date | datetime,
    tip: str,
    channel: Channel,
    **said: Any,  # noqa: ANN401
) -> None:
    """Record that a tip was received; its receipt code follows from its name."""
    receipt = receipt_of(write_receipt(tip.encode()[:10].rjust(10, b"0")))
    record = world.new("tip", tip, tip_id(receipt))
    fact = TipReceived(
        body=world.org(body), receipt=receipt, channel=channel, matter=text("隐患"), **said
    )
    world.record(record, fact, when)


def record_of(world: World, tip: str) -> UUID:
    """Return a tip's record."""
    return world.the("tip", tip)


# 接到


@step(
    phrase(
        "“{body:name}”于{when:moment}接到{channel:channel}匿名举报“{tip:name}”，举报“{org:name}”",
        channel=one_of(CHANNELS),
    )
)
def _(world: World, body: str, when: date | datetime, channel: Channel, tip: str, org: str) -> None:
    receive(world, body, when, tip, channel, enterprise=world.org(org))


@step(
    phrase("“{body:name}”于{when:moment}接到匿名举报“{tip:name}”，举报“{org:name}”，涉及人员死亡")
)
def _(world: World, body: str, when: date | datetime, tip: str, org: str) -> None:
    receive(world, body, when, tip, Channel.TELEPHONE, enterprise=world.org(org), deaths=True)


@step(phrase("“{body:name}”于{when:moment}接到匿名举报“{tip:name}”，未说明单位"))
def _(world: World, body: str, when: date | datetime, tip: str) -> None:
    receive(world, body, when, tip, Channel.WEB)


@step(
    phrase(
        "“{body:name}”于{when:moment}接到实名举报“{tip:name}”，举报“{org:name}”，"
        "身份以密钥{keys:names}封存"
    )
)
def _(world: World, body: str, when: date | datetime, tip: str, org: str, keys: list[str]) -> None:
    named(world, body, when, tip, org, keys)


@step(
    phrase(
        "“{body:name}”于{when:moment}接到实名举报“{tip:name}”，举报“{org:name}”，"
        "身份以密钥{keys:names}封存，又封给“{more:name}”"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    tip: str,
    org: str,
    keys: list[str],
    more: str,
) -> None:
    named(world, body, when, tip, org, keys, more)


def named(
    world: World,
    body: str,
    when: date | datetime,
    tip: str,
    org: str,
    keys: list[str],
    *more: str,
) -> None:
    """Record a tip by somebody who gives their name."""
    subject = world.org(org)
    who = sealed(subject, WHO, keys, *more)
    what = sealed(subject, WHAT, keys[:1])
    receive(world, body, when, tip, Channel.VISIT, enterprise=subject, identity=who, content=what)


@step(phrase("“{body:name}”于{when:moment}接到实名举报“{tip:name}”，举报“{org:name}”，身份未加密"))
def _(world: World, body: str, when: date | datetime, tip: str, org: str) -> None:
    envelope = sealed(world.org(org), WHO, world.named("key")[:1])
    plain = envelope.model_copy(update={"ciphertext": Withheld.close(WHO, world.org(org), SALT)})
    receive(world, body, when, tip, Channel.VISIT, enterprise=world.org(org), identity=plain)


# 受理、核查、答复


@step(phrase("“{body:name}”于{when:moment}受理举报“{tip:name}”"))
def _(world: World, body: str, when: date | datetime, tip: str) -> None:
    world.record(record_of(world, tip), TipAccepted(body=world.org(body)), when)


@step(phrase("“{body:name}”于{when:moment}受理举报“{tip:name}”，查明所举报的为“{org:name}”"))
def _(world: World, body: str, when: date | datetime, tip: str, org: str) -> None:
    fact = TipAccepted(body=world.org(body), enterprise=world.org(org))
    world.record(record_of(world, tip), fact, when)


@step(phrase("“{body:name}”于{when:moment}不予受理举报“{tip:name}”，理由为“{reason:name}”"))
def _(world: World, body: str, when: date | datetime, tip: str, reason: str) -> None:
    fact = TipRefused(body=world.org(body), reason=text(reason))
    world.record(record_of(world, tip), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}现场核查举报“{tip:name}”，{verified:verified}",
        verified=one_of(VERDICTS),
    )
)
def _(world: World, body: str, when: date | datetime, tip: str, verified: Verified) -> None:
    fact = TipChecked(body=world.org(body), verified=verified)
    world.record(record_of(world, tip), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}就举报“{tip:name}”形成书面材料，{needed:needed}落实整改措施",
        needed=one_of({"需要": True, "无须": False}),
    )
)
def _(world: World, body: str, when: date | datetime, tip: str, needed: bool) -> None:  # noqa: FBT001
    fact = FindingsWritten(body=world.org(body), findings=text("举报属实"), measures_needed=needed)
    world.record(record_of(world, tip), fact, when)


@step(phrase("“{person:name}”于{when:moment}以“{org:name}”{post:title}身份签批举报“{tip:name}”"))
def _(world: World, person: str, when: date | datetime, org: str, post: str, tip: str) -> None:
    fact = FindingsSigned(
        body=world.org(org), post=world.post(org, post), person=world.person(person)
    )
    world.record(record_of(world, tip), fact, when)


@step(phrase("“{body:name}”于{when:moment}答复举报“{tip:name}”，内容为“{words:name}”"))
def _(world: World, body: str, when: date | datetime, tip: str, words: str) -> None:
    fact = TipAnswered(body=world.org(body), answer=text(words))
    world.record(record_of(world, tip), fact, when)


# 奖励


@step(phrase("“{body:name}”于{when:moment}决定奖励举报“{tip:name}”{yuan:d}元"))
def _(world: World, body: str, when: date | datetime, tip: str, yuan: int) -> None:
    fact = RewardDecided(body=world.org(body), amount=yuan * 100, rules="奖励办法")
    world.record(record_of(world, tip), fact, when)


@step(phrase("“{body:name}”于{when:moment}发放举报“{tip:name}”的奖励{yuan:d}元"))
def _(world: World, body: str, when: date | datetime, tip: str, yuan: int) -> None:
    fact = RewardPaid(body=world.org(body), amount=yuan * 100)
    world.record(record_of(world, tip), fact, when)


# 移交


@step(phrase("“{body:name}”于{when:moment}提出将举报“{tip:name}”移交“{receiver:name}”"))
def _(world: World, body: str, when: date | datetime, tip: str, receiver: str) -> None:
    fact = TipTransferProposed(body=world.org(body), receiver=world.org(receiver))
    world.record(record_of(world, tip), fact, when)


@step(phrase("“{body:name}”于{when:moment}接收“{sender:name}”移交的举报“{tip:name}”"))
def _(world: World, body: str, when: date | datetime, sender: str, tip: str) -> None:
    fact = TipTransferAccepted(body=world.org(body), sender=world.org(sender))
    world.record(record_of(world, tip), fact, when)


@step(phrase("“{body:name}”于{when:moment}拒绝接收“{sender:name}”移交的举报“{tip:name}”"))
def _(world: World, body: str, when: date | datetime, sender: str, tip: str) -> None:
    fact = TipTransferRefused(
        body=world.org(body), sender=world.org(sender), reason=text("不属本部门职责")
    )
    world.record(record_of(world, tip), fact, when)


@step(phrase("“{body:name}”于{when:moment}指定举报“{tip:name}”由“{office:name}”承办"))
def _(world: World, body: str, when: date | datetime, tip: str, office: str) -> None:
    fact = TipTransferDecided(body=world.org(body), responsible=world.org(office))
    world.record(record_of(world, tip), fact, when)


# 密钥、查阅、转封、删除


@step(phrase("“{body:name}”于{when:moment}登记由{post:title}保管的举报受理密钥“{key:name}”"))
def _(world: World, body: str, when: date | datetime, post: str, key: str) -> None:
    register(world, body, when, post, key, public(key))


@step(
    phrase(
        "“{body:name}”于{when:moment}登记由{post:title}保管的举报受理密钥“{key:name}”，公钥抄错一字"
    )
)
def _(world: World, body: str, when: date | datetime, post: str, key: str) -> None:
    wrong = public(key)
    wrong = wrong[:-1] + ("q" if wrong[-1] != "q" else "p")
    register(world, body, when, post, key, wrong)


def register(
    world: World, body: str, when: date | datetime, post: str, key: str, recipient: str
) -> None:
    """Register a key of a body."""
    fact = TipKeyRegistered(
        body=world.org(body), recipient=recipient, keeper=world.post(body, post)
    )
    world.record(world.new("key", key, tip_key_id(recipient)), fact, when)


@step(phrase("“{body:name}”于{when:moment}停用举报受理密钥“{key:name}”"))
def _(world: World, body: str, when: date | datetime, key: str) -> None:
    world.record(world.the("key", key), TipKeyRetired(body=world.org(body)), when)


@step(
    phrase(
        "“{person:name}”于{when:moment}以“{org:name}”{post:title}身份查阅举报“{tip:name}”"
        "的{part:part}",
        part=one_of(PARTS),
    )
)
def _(world: World, person: str, when: datetime, org: str, post: str, tip: str, part: Part) -> None:
    look(world, person, when, org, post, tip, part, None)


@step(
    phrase(
        "“{person:name}”于{when:moment}以“{org:name}”{post:title}身份与“{other:name}”"
        "一同查阅举报“{tip:name}”的{part:part}",
        part=one_of(PARTS),
    )
)
def _(
    world: World,
    person: str,
    when: datetime,
    org: str,
    post: str,
    other: str,
    tip: str,
    part: Part,
) -> None:
    look(world, person, when, org, post, tip, part, other)


def look(
    world: World,
    person: str,
    when: datetime,
    org: str,
    post: str,
    tip: str,
    part: Part,
    other: str | None,
) -> None:
    """Ask to be handed a part of a tip: the reading is recorded first, or refused."""
    record = record_of(world, tip)
    own = world.post(org, post)
    office = TipRecord("", [e for e in world.book.entries if e.record == record]).responsible()
    fact = TipRead(
        body=office or world.org(org),
        part=part,
        purpose=text("核实情况"),
        together_with=world.person(other) if other else None,
    )
    by = Actor(authentication="token", person=world.person(person), post=own)
    world.record(record, fact, when, by=by)


@step(
    phrase(
        "“{body:name}”于{when:moment}将举报“{tip:name}”的{part:part}转封给密钥{keys:names}",
        part=one_of(PARTS),
    )
)
def _(
    world: World, body: str, when: date | datetime, tip: str, part: Part, keys: list[str]
) -> None:
    reseal(world, body, when, tip, part, keys, WHO if part is Part.IDENTITY else WHAT)


@step(
    phrase(
        "“{body:name}”于{when:moment}将举报“{tip:name}”的{part:part}改写后转封给密钥{keys:names}",
        part=one_of(PARTS),
    )
)
def _(
    world: World, body: str, when: date | datetime, tip: str, part: Part, keys: list[str]
) -> None:
    reseal(world, body, when, tip, part, keys, "另一番话")


@step(phrase("“{body:name}”于{when:moment}接到举报“{tip:name}”的补充，以密钥{keys:names}封存"))
def _(world: World, body: str, when: date | datetime, tip: str, keys: list[str]) -> None:
    record = record_of(world, tip)
    fact = TipAdded(body=world.org(body), content=sealed(record, WHAT, keys))
    world.record(record, fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}将举报“{tip:name}”的第{number:d}次补充转封给密钥{keys:names}"
    )
)
def _(
    world: World, body: str, when: date | datetime, tip: str, number: int, keys: list[str]
) -> None:
    reseal(world, body, when, tip, Part.ADDITION, keys, WHAT, number)


@then(phrase("举报“{tip:name}”的第1次补充封给密钥{first:names}，第2次补充封给密钥{second:names}"))
def _(world: World, tip: str, first: list[str], second: list[str]) -> None:
    found = tip_at(world, tip, date(2024, 12, 31))
    for number, keys in ((1, first), (2, second)):
        kept = found.envelope(Part.ADDITION, number)
        assert kept is not None
        assert kept[1].keys == tuple(tip_key_id(public(key)) for key in keys)
    assert found.envelope(Part.ADDITION) == found.envelope(Part.ADDITION, 2)


def reseal(
    world: World,
    body: str,
    when: date | datetime,
    tip: str,
    part: Part,
    keys: list[str],
    words: str,
    number: int | None = None,
) -> None:
    """Seal a part of a tip anew."""
    record = record_of(world, tip)
    envelope = sealed(record, words, keys)
    fact = TipResealed(body=world.org(body), part=part, number=number, envelope=envelope)
    world.record(record, fact, when)


@step(phrase("“{body:name}”于{when:moment}依法删除举报“{tip:name}”的原文和身份"))
def _(world: World, body: str, when: date | datetime, tip: str) -> None:
    fact = TipErased(body=world.org(body), basis="个人信息保护法第四十七条")
    world.record(record_of(world, tip), fact, when)


# 看得到什么


def tip_at(world: World, tip: str, at: date | datetime) -> TipRecord:
    """Return a tip as it stands at a moment."""
    record = record_of(world, tip)
    received = next(e for e in world.book.entries if e.record == record)
    body: UUID = received.fact.body  # type: ignore[attr-defined]
    docket = Docket(body, world.book.entries, end(at))
    return TipRecord(f"tip:{record}", docket.about(f"tip:{record}"))


@then(phrase("{at:moment}凭举报“{tip:name}”的查询码看到“{state:words}”"))
def _(world: World, at: date | datetime, tip: str, state: str) -> None:
    found = followed(tip_at(world, tip, at))
    told = STATES[found.state][0]
    assert (f"{told}：{found.words}" if found.words else told) == state


@then(phrase("{at:moment}凭举报“{tip:name}”的查询码看到奖励“{state:words}”"))
def _(world: World, at: date | datetime, tip: str, state: str) -> None:
    found = followed(tip_at(world, tip, at))
    assert REWARDS[found.reward][0] == state


@then(phrase("{at:moment}举报“{tip:name}”的承办单位为“{org:name}”"))
def _(world: World, at: date | datetime, tip: str, org: str) -> None:
    assert tip_at(world, tip, at).responsible() == world.org(org)


@then(phrase("台账中没有“{words:name}”，密钥“{key:name}”能读出它"))
def _(world: World, words: str, key: str) -> None:
    leaves = [
        entry.fact.model_dump_json()
        for entry in world.book.entries
        if entry.topic == "tip.received"
    ]
    assert leaves
    assert all(words not in leaf for leaf in leaves)
    boxes = [
        value.value
        for entry in world.book.entries
        for _, value in entry.fact.sealed()
        if isinstance(value, Withheld)
    ]
    opened = [pyrage.decrypt(box.encode(), [pair(key)]).decode() for box in boxes if box]
    assert any(words in each for each in opened)


@then(phrase("举报“{tip:name}”在案的查阅有{count:d}次"))
def _(world: World, tip: str, count: int) -> None:
    record = record_of(world, tip)
    reads_on_record = [
        e for e in world.book.entries if e.record == record and e.topic == "tip.read"
    ]
    assert len(reads_on_record) == count
