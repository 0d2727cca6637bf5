"""攻击者改动台账的各张表: what a superuser does to them, and what the audit says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from pytest_bdd import given, step, then, when

from domain.erasing import erase
from domain.errors import Contradiction, NotProved
from domain.moment import start
from domain.people import PersonRegistered
from domain.proof.encoding import HASH_SIZE
from domain.proof.merkle import verify_inclusion
from projections.log import Log
from tests.features.attack import Attack
from tests.features.phrases import phrase, reads
from tests.support.ledger import CLI, command, draft, sealed
from tests.support.stage import PEOPLE

if TYPE_CHECKING:
    from datetime import date, datetime

_GUARDED = {
    "改写“零报告”": "UPDATE S.fact SET topic = 'x' WHERE topic = 'report.filed'",
    "删除“零报告”": "DELETE FROM S.fact WHERE topic = 'report.filed'",
    "清空台账": "TRUNCATE S.fact",
    "删除检查点": "DELETE FROM S.checkpoint",
}
_CHANGES = {
    "类型一栏": "UPDATE S.fact SET topic = 'report.withdrawn' WHERE position = %s",
    "档案一栏": "UPDATE S.fact SET record = gen_random_uuid() WHERE position = %s",
    "版次一栏": "UPDATE S.fact SET version = 2 WHERE position = %s",
    "录入时间一栏": "UPDATE S.fact SET recorded = recorded - interval '1 d' WHERE position = %s",
    "存储字节": "UPDATE S.fact SET leaf = leaf || ' '::bytea WHERE position = %s",
    "标签": "DELETE FROM S.tag WHERE position = %s",
    "命令": "DELETE FROM S.command WHERE first = %s",
}


@reads("|".join(_GUARDED))
def guarded(text: str) -> str:
    """Read what somebody tries while the guards are on."""
    return _GUARDED[text]


def another_day(leaf: dict[str, Any]) -> None:
    """Let a fact have happened on another day."""
    leaf["body"]["happened"] = "2024-05-02"


@given("“沂河化工”2024年5月的零报告已由两人签字、公布并经上级附署")
def _(attack: Attack) -> None:
    assert attack.at("零报告") < attack.at("李副总的签名") < attack.at("张总的签名")


@when(phrase("攻击者未停用防护而{statement:guarded}", guarded=guarded))
def _(attack: Attack, statement: str) -> None:
    attack.refused(lambda: attack.stage.place.sql(statement))


@when(phrase("有人要求把一条事实录入到{moment:moment}"))
def _(attack: Attack, moment: date | datetime) -> None:
    with attack.stage.opened() as ledger:
        attack.refused(lambda: ledger.append(command(recorded=start(moment))))


@then(phrase("数据库拒绝，称“{said:words}”"))
def _(attack: Attack, said: str) -> None:
    attack.refusal_says(said)


@when(phrase("攻击者以超级用户身份改掉“{what:name}”的{where:title}"))
def _(attack: Attack, what: str, where: str) -> None:
    superuser = attack.superuser()
    if where == "存储字节和各栏":
        superuser.rewrite(attack.at(what), another_day)
    else:
        superuser.sql(_CHANGES[where], attack.at(what))
    superuser.cover_up()


@when(phrase("攻击者以超级用户身份给“{what:name}”添一个标签"))
def _(attack: Attack, what: str) -> None:
    attack.superuser().sql("INSERT INTO S.tag VALUES ('hazard:x', %s)", attack.at(what))


@when(phrase("攻击者以超级用户身份把“{what:name}”的录入时间连同存储字节挪早1天"))
def _(attack: Attack, what: str) -> None:
    moved = {"recorded": "2024-04-30T01:00:00.000000Z"}
    attack.superuser().rewrite(attack.at(what), lambda leaf: leaf.update(moved))


@when(phrase("攻击者以超级用户身份删除“{what:name}”"))
def _(attack: Attack, what: str) -> None:
    attack.superuser().sql("DELETE FROM S.fact WHERE position = %s", attack.at(what))


@when(phrase("攻击者以超级用户身份在“{what:name}”之前插入一条，其后各条顺延"))
def _(attack: Attack, what: str) -> None:
    def change(leaf: dict[str, Any]) -> None:
        leaf.update(record=str(uuid4()), topic="person.registered", tags=["person:x"])
        leaf["body"].update(command=str(uuid4()))
        leaf["body"]["data"] = {"name": {"digest": "0" * 64, "subject": str(uuid4())}}

    attack.superuser().insert(attack.at(what), change)


@when(phrase("攻击者以超级用户身份把“{one:name}”和“{other:name}”两条互换位置"))
def _(attack: Attack, one: str, other: str) -> None:
    attack.superuser().swap(attack.at(one), attack.at(other))


@when(phrase("攻击者以超级用户身份截去“{what:name}”及其后的事实，各表一并清理"))
def _(attack: Attack, what: str) -> None:
    attack.superuser().cut_off(attack.at(what) - 1)


@when(phrase("攻击者以超级用户身份删除第1个检查点"))
def _(attack: Attack) -> None:
    attack.superuser().sql("DELETE FROM S.checkpoint WHERE number = 1")


@when(phrase("攻击者以超级用户身份改写“{what:name}”的存储字节和各栏，并重建瓦片"))
def _(attack: Attack, what: str) -> None:
    superuser = attack.superuser()
    superuser.rewrite(attack.at(what), another_day)
    superuser.cover_up()
    attack.rebuild()


@when(phrase("攻击者以超级用户身份改动透明日志中“{what:name}”的瓦片"))
def _(attack: Attack, what: str) -> None:
    statement = "UPDATE V.tile SET hashes = overlay(hashes PLACING '\\x00' FROM %s) WHERE level = 0"
    place = attack.stage.place
    at = (attack.at(what) - 1) * HASH_SIZE + 1
    place.sql(statement.replace("V.", f"{place.schema}_views."), at)


@then(phrase("依此瓦片为“{what:name}”作出的存在性证明不被接受"))
def _(attack: Attack, what: str) -> None:
    position = attack.at(what)
    with attack.stage.opened() as ledger:
        published = ledger.checkpoints.latest()
        assert published is not None
        proof = Log(ledger).inclusion(position, published.size)
    leaf = attack.hashes()[position - 1]
    with pytest.raises(NotProved):
        verify_inclusion(position - 1, published.size, leaf, proof, published.root)


@then("核验全部相符")
def _(attack: Attack) -> None:
    report = attack.audited()
    assert report.fault is None, report.fault
    assert (report.signatures, report.checkpoints) == (2, 2)


@then(phrase("核验指出“{what:name}”：{said:words}"))
def _(attack: Attack, what: str, said: str) -> None:
    fault = attack.fault()
    assert (fault.position, said in fault.zh) == (attack.at(what), True), fault


@then(phrase("核验指出第1条：{said:words}"))
def _(attack: Attack, said: str) -> None:
    fault = attack.fault()
    assert (fault.position, said in fault.zh) == (1, True), fault


@then(phrase("核验指出该签名：{said:words}"))
def _(attack: Attack, said: str) -> None:
    fault = attack.fault()
    assert (fault.position, fault.kind) == (attack.at("该签名"), "signature"), fault
    assert said in fault.zh, fault


# 依法删除


@given("密钥库已有备份")
def _(attack: Attack) -> None:
    attack.keep_keys()


@when(phrase("依法删除“{who:name}”的个人信息"))
def _(attack: Attack, who: str) -> None:
    with attack.stage.opened() as ledger:
        moment = ledger.head().recorded
        erase(
            ledger,
            PEOPLE[who],
            "个人信息保护法第四十七条",
            by=CLI,
            received=moment,
            random=bytes,
        )


@step("攻击者从备份恢复密钥库和封存表")
def _(attack: Attack) -> None:
    attack.bring_back_keys()


@then(phrase("“{who:name}”的姓名显示为“{shown:name}”"))
def _(attack: Attack, who: str, shown: str) -> None:
    with attack.stage.opened() as ledger:
        fact = ledger.record(PEOPLE[who])[0].fact
    assert isinstance(fact, PersonRegistered)
    assert str(fact.name) == shown


@then(phrase("不能再为“{who:name}”封存新的姓名"))
def _(attack: Attack, who: str) -> None:
    person = PEOPLE[who]
    fact = PersonRegistered(name=sealed("又来的人", person))
    with attack.stage.opened() as ledger, pytest.raises(Contradiction, match="erased by law"):
        ledger.append(command(draft(person, 3, fact)))
