"""专家检查报告 and its rechecks 复查记录 (二（一）)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.forms.filling import day, listed, minute, words
from api.documents.paper import Fields, Paper, Signature, Signatures, Table, Text
from domain.expert_inspection import (
    ExpertInspection,
    ExpertsRechecked,
    PartSigned,
    PartUnsigned,
    ReportDelivered,
    Subject,
)
from domain.fact import EnterpriseFact
from domain.record import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.documents.forms.filling import Filling
    from api.documents.paper import Block

_SUBJECTS = {
    Subject.RESPONSIBILITY: "责任落实",
    Subject.KEY_PLACES: "重点部位",
    Subject.VIOLATIONS: "违章行为",
    Subject.EMERGENCY: "应急管理",
    Subject.OWN_CHECKS: "自查自纠",
}


def expert_report(filling: Filling) -> Paper:
    """Return the panel's report: whom they examined, what they found and what they recommend."""
    fact = filling.entry.fact
    assert isinstance(fact, ReportDelivered)  # noqa: S101 - as the register of forms says
    record = _record(filling)
    return Paper(
        title="专家安全检查报告",
        number=filling.code,
        issuer=filling.organisation(fact.enterprise),
        blocks=(
            Fields(tuple(_head(filling, record))),
            _findings(filling, fact),
            *((Text((words(fact.text),), "总体意见"),) if fact.text else ()),
            Signatures(tuple(_signed(filling, record, 0))),
        ),
        dated=filling.day,
        seal=False,
        copies="本报告由企业存档，并按规定报送行业主管部门。",
    )


def expert_recheck(filling: Filling) -> Paper:
    """Return the record of a recheck, item by item."""
    fact = filling.entry.fact
    assert isinstance(fact, ExpertsRechecked)  # noqa: S101 - as the register of forms says
    record = _record(filling)
    rows = []
    for each in fact.items:
        found = record.findings.get(each.item)
        verdict = "合格" if each.passed else "不合格"
        what = words(found[1].text) if found else ""
        rows.append((str(each.item), what, "\n".join(filter(None, (verdict, words(each.remarks))))))
    experts = [
        f"{filling.person(each.person)}（{each.specialty}）"
        + (f"代{filling.person(each.stands_in_for)}" if each.stands_in_for else "")
        for each in fact.experts
    ]
    return Paper(
        title=f"专家复查记录（第{fact.number}次）",
        number=filling.code,
        issuer=filling.organisation(fact.enterprise),
        blocks=(
            Fields((("复查时间", minute(filling.entry.happened)), ("复查专家", listed(experts)))),
            Table(("序号", "专家发现的问题和隐患", "复查意见"), (0, 2, 1), tuple(rows)),
            Signatures(tuple(_signed(filling, record, fact.number))),
        ),
        dated=filling.day,
        seal=False,
    )


def _record(filling: Filling) -> ExpertInspection:
    tag = f"expert_inspection:{filling.entry.record}"
    return ExpertInspection(tag, filling.docket.about(tag))


def _head(filling: Filling, record: ExpertInspection) -> Iterator[tuple[str, str]]:
    fact = filling.entry.fact
    assert isinstance(fact, EnterpriseFact)  # noqa: S101 - every report is about an enterprise
    yield "被检查单位", filling.organisation(fact.enterprise)
    yield "单位地址", filling.address(fact.enterprise)
    if record.held:
        entry, held = record.held
        filling.use(entry)
        until = f"至{minute(held.until)}" if held.until else ""
        yield "检查时间", minute(entry.happened) + until
        yield "检查重点", listed(_SUBJECTS[each] for each in held.subjects)
        left = (f"{_SUBJECTS[each.subject]}（{each.reason}）" for each in held.left_out)
        yield "未检查的内容及理由", listed(left)
        yield "与专家商定的检查内容", words(held.agreed)
    members = (
        f"{filling.person(person)}（{specialty}）" for person, specialty in record.members.items()
    )
    yield "专家组成员", listed(members)


def _findings(filling: Filling, fact: ReportDelivered) -> Block:
    rows = []
    for each in fact.findings:
        hazard = filling.docket.hazards.get(each.hazard) if each.hazard else None
        grave = (
            f"隐患编号{hazard.number}" if hazard else "",
            "危及安全生产" if each.endangers_production else "",
        )
        rows.append(
            (
                str(each.item),
                "\n".join(filter(None, (words(each.text), listed(grave)))),
                words(each.recommendation),
                "能" if each.at_once else "否",
            )
        )
    if not rows:
        return Text(("经检查，未发现问题和隐患。",), "检查发现的问题和隐患")
    columns = ("序号", "问题和隐患", "整改意见或建议", "能否迅速整改")
    return Table(columns, (0, 3, 2, 0), tuple(rows), "检查发现的问题和隐患")


def _signed(filling: Filling, record: ExpertInspection, part: int) -> Iterator[Signature]:
    """Yield how each member signed a part's record, or why not, or where they are to sign."""
    yield from filling.signed()
    for entry, fact in facts_of(record.entries, PartSigned):
        if fact.part == part:
            how = f"{filling.person(fact.person)}　{day(filling.use(entry).happened)}已签字"
            yield Signature("专家", f"{how}\n台账第{entry.position}条")
    for entry, unsigned in facts_of(record.entries, PartUnsigned):
        if unsigned.part == part:
            name = filling.person(unsigned.person)
            yield Signature("专家", f"{name}　未签字，理由：{unsigned.reason}")
            filling.use(entry)
    for person in sorted(record.signers(part) - record.accounted(part)):
        yield Signature(f"专家 {filling.person(person)}")
