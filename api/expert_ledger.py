"""The ledger of an enterprise's inspections by experts 专家检查台账 (2.1n), also as a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, Field

from api.sheets import spreadsheet
from domain.answer import Words
from domain.expert_inspection import Organiser
from domain.moment import Day, Moment, format_moment
from domain.policy.expert_views import PROGRESS, SUBJECTS, Progress, flags, ledger, lines
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.expert_inspection import ExpertInspection
    from domain.policy.duty import Docket
    from domain.policy.expert_views import LedgerLine

_ORGANISERS = {
    Organiser.ENTERPRISE: "企业聘请",
    Organiser.GROUP: "集团总部组织",
    Organiser.GOVERNMENT: "政府组织",
    Organiser.PURCHASED: "政府购买服务",
}
_HEADINGS = (
    ("检查日期 Held", 14),
    ("组织 Organiser", 14),
    ("专家 Experts", 30),
    ("提示 Flags", 30),
    ("报告提交 Report", 22),
    ("项次 Item", 8),
    ("问题 Finding", 40),
    ("整改意见 Recommendation", 40),
    ("整改情况 Progress", 16),
    ("期限 Deadline", 14),
    ("整改完成 Rectified", 22),
)


class LedgerExpert(BaseModel):
    """One who was appointed or took part."""

    person: UUID
    name: str | None = Field(description="已删除的为空 · null where it was erased")
    specialty: str


class LedgerFlag(BaseModel):
    """What is shown beside an inspection in every view."""

    clause: str
    words: Words


class LedgerFinding(BaseModel):
    """One finding, and how far it is rectified."""

    item: int
    text: str | None
    recommendation: str | None
    hazard: UUID | None
    at_once: bool
    progress: Progress
    deadline: Day | None
    rectified: Moment | None


class LedgerInspection(BaseModel):
    """One inspection by experts."""

    id: UUID
    organiser: Organiser | None
    appointed: Moment | None
    held: Moment | None
    delivered: Moment | None = Field(description="报告提交之时，即计入年度次数之时")
    experts: list[LedgerExpert]
    subjects: list[str]
    left_out: list[str]
    flags: list[LedgerFlag]
    filed: Moment | None
    findings: list[LedgerFinding]


class ExpertLedger(BaseModel):
    """The ledger of an enterprise's inspections by experts, the earliest first."""

    enterprise: UUID
    code: str | None
    name: str
    inspections: list[LedgerInspection]


def expert_ledger(docket: Docket) -> ExpertLedger:
    """Return an enterprise's ledger of inspections by experts (2.1n)."""
    known = docket.directory.organisations.get(docket.enterprise)
    return ExpertLedger(
        enterprise=docket.enterprise,
        code=known.code if known else None,
        name=docket.directory.name(docket.enterprise),
        inspections=[_inspection(docket, each) for each in ledger(docket)],
    )


def _inspection(docket: Docket, inspection: ExpertInspection) -> LedgerInspection:
    held, panel, filed = inspection.held, inspection.panel, inspection.closed(0)
    fact = held[1] if held else None
    return LedgerInspection(
        id=UUID(inspection.key),
        organiser=fact.organiser if fact else None,
        appointed=moment_of(panel[0]) if panel else None,
        held=held[0].happened if held else None,
        delivered=moment_of(inspection.delivered) if inspection.delivered else None,
        experts=[
            LedgerExpert(person=person, name=_name(docket, person), specialty=specialty)
            for person, specialty in inspection.members.items()
        ],
        subjects=[each.value for each in fact.subjects] if fact else [],
        left_out=[each.subject.value for each in fact.left_out] if fact else [],
        flags=[
            LedgerFlag(clause=each.clause, words=Words(zh=each.zh, en=each.en))
            for each in flags(docket, inspection)
        ],
        filed=moment_of(filed) if filed else None,
        findings=[_finding(each) for each in lines(docket, inspection)],
    )


def _name(docket: Docket, person: UUID) -> str | None:
    known = docket.directory.names.get(person)
    return known.name.value if known else None


def _finding(line: LedgerLine) -> LedgerFinding:
    finding, done = line.found.finding, line.found.rectifications
    return LedgerFinding(
        item=finding.item,
        text=finding.text.value,
        recommendation=finding.recommendation.value if finding.recommendation else None,
        hazard=finding.hazard,
        at_once=finding.at_once,
        progress=line.progress,
        deadline=line.deadline,
        rectified=moment_of(done[-1]) if done else None,
    )


def as_spreadsheet(told: ExpertLedger) -> bytes:
    """Return the ledger as an XLSX file: one line a finding, or an inspection without any.

    Every cell is text: no number, link or formula comes of it.
    """
    return spreadsheet("专家检查台账", _HEADINGS, _rows(told))


def _rows(told: ExpertLedger) -> Iterator[list[str]]:
    for each in told.inspections:
        silent = [name for key, (name, _) in SUBJECTS.items() if key.value in each.left_out]
        shown = [flag.words.zh for flag in each.flags]
        shown += [f"未查：{'、'.join(silent)}"] if silent else []
        own = [
            format_moment(each.held) if each.held else "",
            _ORGANISERS[each.organiser] if each.organiser else "",
            "、".join(f"{e.name or e.person}（{e.specialty}）" for e in each.experts),
            "；".join(shown),
            format_moment(each.delivered) if each.delivered else "",
        ]
        for finding in each.findings:
            yield [
                *own,
                str(finding.item),
                finding.text or "",
                finding.recommendation or "",
                PROGRESS[finding.progress][0],
                finding.deadline.isoformat() if finding.deadline else "",
                format_moment(finding.rectified) if finding.rectified else "",
            ]
        if not each.findings:
            yield own
