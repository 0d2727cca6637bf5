"""经办人封存的名册: taken as the facts are, or otherwise, and what the audit says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pytest_bdd import then, when

from domain.people import PostAbolished
from domain.proof.roll import RollEntry
from domain.proof.taken import KEYS, POSTS, REPORTS
from domain.signing import key_record
from tests.features.attack import Attack
from tests.features.phrases import phrase, reads
from tests.support import clerk, pens, stage
from tests.support.stage import DEPARTMENT, ENTERPRISE, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.clerk import Entries, Trick
    from tests.support.stage import Stage

_FIRM = str(ENTERPRISE)
_DEPUTY = stage.POSTS["分管负责人"][0]


def _left_out(kind: str, of: str) -> Trick:
    def trick(_: Stage, entries: dict[str, Entries]) -> None:
        del entries[kind][of]

    return trick


def _put_in(kind: str, of: str, like: str) -> Trick:
    def trick(_: Stage, entries: dict[str, Entries]) -> None:
        entries[kind][of] = entries[kind][like].model_copy(update={"id": of})

    return trick


def _told(kind: str, of: str, change: Callable[[dict[str, Any]], object]) -> Trick:
    def trick(_: Stage, entries: dict[str, Entries]) -> None:
        content = entries[kind][of].model_copy(deep=True).content
        change(content)
        entries[kind][of] = RollEntry(id=of, content=content)

    return trick


def _early(played: Stage, _: dict[str, Entries]) -> int:
    return played.at["零报告"] - 1


_LOST = str(key_record(pens.key_of("张总丢失的钥").id))
_TRICKS: dict[str, Trick] = {
    "漏列“沂河化工”": _left_out(REPORTS, _FIRM),
    "添列一家没有的单位": _put_in(REPORTS, str(uuid4()), _FIRM),
    "添列监管部门": _put_in(REPORTS, str(DEPARTMENT), _FIRM),
    "把“沂河化工”记为未报": _told(REPORTS, _FIRM, lambda told: told.update(filed=[])),
    "隐去第二人的签字": _told(REPORTS, _FIRM, lambda told: told["filed"][0].pop("effect")),
    "少算一条关于它的事实": _told(
        REPORTS, _FIRM, lambda told: told.update(count=told["count"] - 1)
    ),
    "漏列分管负责人岗位": _left_out(POSTS, str(_DEPUTY)),
    "隐去老周的任职": _told(
        POSTS,
        str(_DEPUTY),
        lambda told: told.update(
            held=[each for each in told["held"] if each["person"] != str(PEOPLE["老周"])]
        ),
    ),
    "添列一把没有登记的密钥": _put_in(KEYS, str(uuid4()), _LOST),
    "把已吊销的密钥记为有效": _told(KEYS, _LOST, lambda told: told.pop("until")),
    "只反映到零报告之前": _early,
}


@reads("|".join(_TRICKS))
def trick(text: str) -> Trick:
    """Read what the clerk does."""
    return _TRICKS[text]


@when(phrase("{month:month}的名册到期封存"))
def _(attack: Attack, month: str) -> None:
    clerk.take(attack.stage, month)


@when(phrase("{month:month}“{post:name}”岗位撤销，名册到期封存"))
def _(attack: Attack, month: str, post: str) -> None:
    with attack.stage.opened() as ledger:
        abolished = PostAbolished(organisation=ENTERPRISE)
        attack.stage.record(ledger, stage.POSTS[post][0], abolished)
    clerk.take(attack.stage, month)


@when("核验已做过一次")
def _(attack: Attack) -> None:
    assert attack.audited().fault is None


@when(phrase("经办人封存{month:month}的名册时{how:trick}", trick=trick))
def _(attack: Attack, month: str, how: Trick) -> None:
    clerk.take(attack.stage, month, how)


@when("攻击者以超级用户身份改动所存的月报名册")
def _(attack: Attack) -> None:
    superuser = attack.superuser()
    superuser.sql("ALTER TABLE S.roll DISABLE TRIGGER never")
    superuser.sql("DELETE FROM S.roll WHERE position(%s IN leaves) > 0", b'"filed"')
    superuser.sql("ALTER TABLE S.roll ENABLE ALWAYS TRIGGER never")


@then("六份名册，核验全部相符")
def _(attack: Attack) -> None:
    report = attack.audited()
    assert (report.fault, report.rolls) == (None, 6)


@then("接着核验，六份名册全部相符")
def _(attack: Attack) -> None:
    report = attack.audited(fresh=False)
    assert (report.fault, report.rolls) == (None, 6)
    assert report.began > 1
