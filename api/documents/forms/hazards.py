"""Documents about one hazard: 重大事故隐患专项报告, 验收意见, 销号 (3.1, 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.forms.filling import day, minute, words, yuan
from api.documents.paper import Fields, Paper, Signatures, Text
from domain.fact import EnterpriseFact
from domain.hazard import (
    HazardAccepted,
    HazardClosed,
    HazardPlanned,
    HazardRectified,
    HazardReported,
    HazardSafeguarded,
)
from domain.record import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.documents.forms.filling import Filling
    from domain.hazard import HazardRecord

_LEVELS = {"major": "重大事故隐患", "general": "一般事故隐患", None: "尚未评估"}


def special_report(filling: Filling) -> Paper:
    """Return the report of a major hazard to the regulator, in the six parts that it must have."""
    fact = filling.entry.fact
    assert isinstance(fact, HazardReported)  # noqa: S101 - as the register of forms says
    hazard = filling.hazard(filling.entry.record)
    planned = next(reversed(list(facts_of(hazard.entries, HazardPlanned))), None)
    plan = planned[1] if planned else None
    if planned:
        filling.use(planned[0])
    return Paper(
        title="重大事故隐患专项报告",
        number=filling.code,
        issuer=filling.organisation(fact.enterprise),
        addressee=filling.organisation(fact.to_org),
        blocks=(
            Fields(tuple(hazard_fields(filling, hazard))),
            Text((words(fact.content, "（未附）"),), "一、现状、产生原因，危害程度和整改难易程度"),
            Text(
                (words(plan.measures if plan else None, "（尚未制定）"),),
                "二、治理的目标任务、方法和措施",
            ),
            Text((words(plan.funding if plan else None, "（尚未落实）"),), "三、经费和物资"),
            Text(
                (filling.post(plan.responsible if plan else None) or "（尚未落实）",),
                "四、负责治理的机构和人员",
            ),
            Text((day(plan.deadline if plan else None) or "（尚未确定）",), "五、治理的时限和要求"),
            Text(tuple(_safety(filling, hazard, plan)), "六、安全措施和应急预案"),
            Signatures(filling.places("主要负责人")),
        ),
        dated=filling.day,
    )


def hazard_fields(filling: Filling, hazard: HazardRecord) -> Iterator[tuple[str, str]]:
    """Yield what tells a hazard apart, for the head of a document."""
    if hazard.origin:
        filling.use(hazard.origin)
    yield "隐患编号", hazard.number
    yield "单位名称", filling.organisation(hazard.enterprise)
    yield "单位地址", filling.address(hazard.enterprise)
    yield "隐患情况", words(hazard.description)
    yield "隐患等级", _LEVELS[hazard.level.value if hazard.level else None]
    yield "发现时间", minute(hazard.found)


def _safety(filling: Filling, hazard: HazardRecord, plan: HazardPlanned | None) -> Iterator[str]:
    for entry, fact in facts_of(hazard.entries, HazardSafeguarded):
        yield f"{day(filling.use(entry).happened)}起采取：{fact.measures}"
    yield words(plan.emergency_plan if plan else None, "（应急预案尚未制定）")


def acceptance(filling: Filling) -> Paper:
    """Return the opinion of an acceptance, passed or not (3.2d, 3.2e)."""
    fact = filling.entry.fact
    assert isinstance(fact, HazardAccepted)  # noqa: S101 - as the register of forms says
    hazard = filling.hazard(filling.entry.record)
    rows = [*hazard_fields(filling, hazard), *_rectified(filling, hazard)]
    verdict = "合格，同意通过验收。" if fact.passed else "不合格，应当重新整改，并重新申请验收。"
    return Paper(
        title="隐患整改验收意见书",
        number=filling.code,
        issuer=filling.organisation(fact.by_org),
        addressee=filling.organisation(fact.enterprise),
        blocks=(
            Fields(tuple(rows)),
            Text((f"经验收，{verdict}", *filter(None, (words(fact.remarks),))), "验收意见"),
            Signatures(filling.places(" ".join(("验收人员", *map(filling.post, fact.officers))))),
        ),
        dated=filling.day,
    )


def _rectified(filling: Filling, hazard: HazardRecord) -> Iterator[tuple[str, str]]:
    deadline = filling.docket.deadline(hazard)
    yield "整改期限", day(deadline)
    for entry, fact in list(facts_of(hazard.entries, HazardRectified))[-1:]:
        yield "整改完成时间", day(filling.use(entry).happened)
        yield "整改情况", words(fact.result)
        yield "整改投入", yuan(fact.cost)


def closing(filling: Filling) -> Paper:
    """Return the decision to strike a hazard off, with the seven steps it went through (3.1b)."""
    fact = filling.entry.fact
    assert isinstance(fact, HazardClosed)  # noqa: S101 - as the register of forms says
    hazard = filling.hazard(filling.entry.record)
    return Paper(
        title="隐患销号单",
        number=filling.code,
        issuer=filling.organisation(fact.by_org),
        addressee=filling.organisation(fact.enterprise),
        blocks=(
            Fields((*hazard_fields(filling, hazard), *_rectified(filling, hazard))),
            Fields(tuple(_steps(filling, hazard))),
            Text(("上述隐患已完成整改并验收合格，予以销号。",)),
            Signatures(filling.places("经办人")),
        ),
        dated=filling.day,
    )


_STEPS = {
    "发现": ("hazard.found",),
    "评估": ("hazard.assessed", "hazard.determined"),
    "报告": ("hazard.reported",),
    "公示": ("hazard.disclosed",),
    "治理": ("hazard.rectified",),
    "验收": ("hazard.accepted", "listing.second_accepted"),
}


def _steps(filling: Filling, hazard: HazardRecord) -> Iterator[tuple[str, str]]:
    for step, topics in _STEPS.items():
        done = hazard.last(*topics)
        assert done is None or isinstance(done.fact, EnterpriseFact)  # noqa: S101 - each is
        yield step, f"{day(filling.use(done).happened)}　台账第{done.position}条" if done else ""
