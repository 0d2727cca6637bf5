"""现场检查记录: the record of an inspection on site (安全生产法 arts. 67 and 68)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.forms.filling import day, listed, minute, words
from api.documents.paper import Fields, Paper, Signature, Signatures, Table, Text
from domain.inspection import (
    Disposition,
    FindingDisposed,
    InspectionHeld,
    InspectionRecord,
    RecordSigned,
)
from domain.record import facts_of

if TYPE_CHECKING:
    from api.documents.forms.filling import Filling
    from domain.inspection import Officer

_DISPOSED = {
    Disposition.ON_SPOT: "责令当场改正",
    Disposition.ORDER: "下达责令限期整改指令书",
    Disposition.LISTING: "提请挂牌督办",
    Disposition.CASE: "立案查处",
    Disposition.TRANSFER: "移送有关部门",
}


def inspection_record(filling: Filling) -> Paper:
    """Return the record of an inspection, with its findings and what was done about each."""
    fact = filling.entry.fact
    assert isinstance(fact, InspectionHeld)  # noqa: S101 - as the register of forms says
    record = InspectionRecord(
        f"inspection:{filling.entry.record}",
        filling.docket.about(f"inspection:{filling.entry.record}"),
    )
    return Paper(
        title="现场检查记录",
        number=filling.code,
        issuer=filling.organisation(fact.by_org),
        blocks=(
            Fields(_head(filling, fact)),
            Text(_shown(filling, fact)),
            _findings(filling, record),
            Signatures(_places(filling, fact, record)),
        ),
        dated=filling.day,
        seal=False,
    )


def _head(filling: Filling, fact: InspectionHeld) -> tuple[tuple[str, str], ...]:
    unit = fact.enterprise
    name, post, phone = filling.head(unit)
    until = f"至{minute(fact.until)}" if fact.until else ""
    present = listed(filling.person(person) for person in fact.attended_by)
    return (
        ("被检查单位", filling.organisation(unit)),
        ("地址", filling.address(unit)),
        ("法定代表人（负责人）", listed((name, f"职务：{post}", phone and f"联系电话：{phone}"))),
        ("检查场所", words(fact.place)),
        ("检查时间", minute(filling.entry.happened) + until),
        ("检查内容所涉专业", listed(fact.specialties or ())),
        ("检查标准", fact.check_list or ""),
        ("参加专家", listed(filling.person(person) for person in fact.experts)),
        ("现场负责人", present),
    )


def _shown(filling: Filling, fact: InspectionHeld) -> tuple[str, ...]:
    """Return the sentence by which the officers made themselves known, as it was or was not."""
    body = filling.organisation(fact.by_org)
    shown = [_officer(filling, each) for each in fact.officers if each.shown]
    hidden = [_officer(filling, each) for each in fact.officers if not each.shown]
    told = []
    if shown:
        told.append(
            f"我们是{body}执法人员{listed(shown)}，现依法对你单位进行现场检查，已向你单位出示证件。"
        )
    if hidden:
        told.append(f"{body}执法人员{listed(hidden)}参加检查，未出示证件。")
    if not fact.officers:
        told.append(f"{body}进行现场检查，记录未载明执法人员。")
    return tuple(told)


def _officer(filling: Filling, officer: Officer) -> str:
    number = f"（证件号：{officer.certificate}）" if officer.certificate else "（未载明证件号）"
    return filling.person(officer.person) + number


def _findings(filling: Filling, record: InspectionRecord) -> Table | Text:
    rows = []
    for item, (entry, finding) in sorted(record.findings.items()):
        filling.use(entry)
        done = record.disposition(item)
        hazard = filling.docket.hazards.get(finding.hazard) if finding.hazard else None
        number = f"隐患编号{hazard.number}" if hazard else ""
        act = "违法行为" if finding.unlawful_act else ""
        rows.append(
            (
                str(item),
                "\n".join(filter(None, (words(finding.text), listed((number, act))))),
                _disposed(filling.use(done).fact) if done else "",
            )
        )
    if not rows:
        return Text(("未发现问题和隐患。",), "检查情况")
    return Table(("序号", "检查发现的问题", "处置"), (0, 3, 1), tuple(rows), "检查情况")


def _disposed(fact: object) -> str:
    assert isinstance(fact, FindingDisposed)  # noqa: S101 - as its record says
    return _DISPOSED[fact.disposition]


def _places(
    filling: Filling, fact: InspectionHeld, record: InspectionRecord
) -> tuple[Signature, ...]:
    """Return where to sign: the officers, and the person in charge or how they refused."""
    places = [*filling.signed()]
    signed = list(facts_of(record.entries, RecordSigned))
    have = {each.person for _, each in signed}
    officers = [each.person for each in fact.officers]
    places += [Signature(f"执法人员 {filling.person(p)}") for p in officers if p not in have]
    if not any(each.person is None or each.person not in officers for _, each in signed):
        places.append(Signature("被检查单位现场负责人"))
    for entry, each in signed:
        filling.use(entry)
        name = filling.person(each.person) if each.person else words(each.signer)
        place = (
            "执法人员"
            if each.person in {o.person for o in fact.officers}
            else "被检查单位现场负责人"
        )
        how = f"{name}　{day(entry.happened)}已签字"
        if each.refused:
            reason = f"，理由：{each.reason}" if each.reason else ""
            witness = f"，见证人：{each.witness}" if each.witness else ""
            how = f"{name}　{day(entry.happened)}拒绝签字{reason}{witness}"
        places.append(Signature(place, f"{how}\n台账第{entry.position}条"))
    return tuple(places)
