"""What contradicts the record 与记录矛盾: the only facts of the world that are refused.

How lawful an act was is never asked here. Asked is whether it can be true of this record at all:
accepting a hazard nobody found, relieving someone who does not hold the post.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.calendar import CALENDAR, DayDecided
from domain.checklist import ChecklistAdopted, checklist_id
from domain.document import DOCUMENTS, DocumentRegistered
from domain.errors import Contradiction
from domain.expert import ExpertAdmitted, ExpertFact, ExpertRecord, ExpertRestored
from domain.expert_inspection import (
    ExpertFileClosed,
    ExpertInspection,
    ExpertsRechecked,
    FindingRectified,
    FindingSafeguarded,
    MeasureSet,
    PartSigned,
    PartUnsigned,
    ReadyForRecheck,
)
from domain.fact import TOPICS, EnterpriseFact
from domain.fund import FundPlanned, fund_id
from domain.hazard import HazardFound
from domain.incident import OutcomeRecorded, Stage
from domain.inspection import FindingDisposed, FindingRecorded, InspectionPlanned, plan_id
from domain.licence import LicenceSuspended, returned
from domain.listing import ListedFact
from domain.log import (
    LogKeyAdopted,
    LogKeyRetired,
    check_adopted,
    check_retired,
    log_id,
)
from domain.monthly_report import MonthFact, report_id
from domain.order import OrderComplied, OrderExtended, OrderIssued, OrderRechecked
from domain.organisation import SupervisionFact, supervision_id
from domain.own_rule import OwnRuleAdopted, own_rule_id
from domain.paper import PaperIssued, paper_id
from domain.participation import FinderRewarded
from domain.people import AppointmentEnded, AppointmentMade, PostCreated, PostMoved
from domain.proof.note import read_key
from domain.public_fund import PublicFundPlanned, public_fund_id
from domain.quarter import QuarterAssessed, quarter_id
from domain.roll import RollTaken, roll_record
from domain.setting import SETTINGS, SettingChanged
from domain.signing import KeyRegistered, KeyRevoked, SignatureMade, key_record, signature_record
from domain.tip import TipFact, TipReceived, tip_id
from domain.tip_contradictions import check_tip, check_tip_key
from domain.tip_office import TipKeyRegistered, tip_key_id
from domain.yearly import YearAssessed, yearly_assessment_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from domain.case import Case
    from domain.fact import Entry, Fact


def contradiction(fact: Fact, record: Sequence[Entry], case: Case | None) -> None:
    """Refuse ``fact`` where it cannot be true of its record.

    Args:
        fact: what is to be recorded.
        record: the facts of its own record so far.
        case: the case of the enterprise concerned, or None.

    Raises:
        Contradiction: with what contradicts it and what to do.
    """
    _is_of_this_kind(fact, record)
    _begins_once(fact, record)
    _is_of_this_enterprise(fact, record, case)
    for kind, check in _CHECKS:
        if isinstance(fact, kind):
            check(fact, record)


def _is_of_this_kind(fact: Fact, record: Sequence[Entry]) -> None:
    if record and record[0].fact.topic.noun != fact.topic.noun:
        raise Contradiction(
            f"此编号是另一类档案的：{record[0].fact.topic.zh}",
            f"this id belongs to a record of another kind: {record[0].fact.topic.en}",
            todo_zh="核对编号",
            todo_en="check the id",
            where="record",
        )


def in_its_place(record: UUID, fact: Fact) -> None:
    """Refuse ``fact`` on any record but the one that its subject fixes.

    A second report of one month, or a second record of settings, would be read by nobody.

    Raises:
        Contradiction: with the id of the right record.
    """
    right = next((of(fact) for kind, of in _FIXED if isinstance(fact, kind)), record)
    if right != record:
        raise Contradiction(
            f"“{fact.topic.zh}”须记入其固定档案",
            f"“{fact.topic.en}” belongs in the record that its subject fixes",
            todo_zh=f"档案编号为 {right}",
            todo_en=f"its record is {right}",
            where="record",
        )


def _begins_once(fact: Fact, record: Sequence[Entry]) -> None:
    topic = fact.topic
    if isinstance(fact, LicenceSuspended) and returned(record):
        return
    if topic.starts:
        if any(entry.topic == topic.name for entry in record):
            raise Contradiction(
                f"此档案已有“{topic.zh}”的记录",
                f"this record already holds “{topic.en}”",
                todo_zh="更正请用更正记录；另一件事请用新的编号",
                todo_en="to correct it, record a correction; for another matter use a new id",
            )
        return
    if not record and any(t.starts and t.noun == topic.noun for t in TOPICS.values()):
        raise Contradiction(
            f"没有可供“{topic.zh}”的档案：所指事项不在案",
            f"“{topic.en}” refers to something that is not on record",
            todo_zh="核对编号；如确有其事，先登记",
            todo_en="check the id; if it exists, record it first",
        )


def _is_of_this_enterprise(fact: Fact, record: Sequence[Entry], case: Case | None) -> None:
    if not isinstance(fact, EnterpriseFact):
        return
    others = [e.fact for e in record if isinstance(e.fact, EnterpriseFact)]
    if others and others[0].enterprise != fact.enterprise:
        raise Contradiction(
            "所指档案属于另一家单位",
            "this record belongs to another enterprise",
            todo_zh="核对单位和编号",
            todo_en="check the enterprise and the id",
            where="enterprise",
        )
    if case is not None and fact.enterprise not in case.directory.organisations:
        raise Contradiction(
            f"单位 {fact.enterprise} 未登记",
            f"the enterprise {fact.enterprise} is not registered",
            todo_zh="先登记单位",
            todo_en="register it first",
            where="enterprise",
        )


def _items_exist(fact: Any, record: Sequence[Entry]) -> None:  # noqa: ANN401 - three kinds of fact
    issued = next((e.fact for e in record if isinstance(e.fact, OrderIssued)), None)
    known = {item.item for item in issued.items} if issued else set()
    if isinstance(fact, OrderExtended):
        asked = {fact.item}
    elif isinstance(fact, OrderComplied):
        asked = set(fact.items)
    else:
        asked = {each.item for each in fact.items}
    _refuse_items(asked - known)


def _finding_exists(fact: FindingDisposed, record: Sequence[Entry]) -> None:
    known = {e.fact.item for e in record if isinstance(e.fact, FindingRecorded)}
    _refuse_items({fact.item} - known)


def _finding_is_new(fact: FindingRecorded, record: Sequence[Entry]) -> None:
    if any(isinstance(e.fact, FindingRecorded) and e.fact.item == fact.item for e in record):
        raise Contradiction(
            f"第{fact.item}项问题已在案",
            f"finding {fact.item} is already on record",
            todo_zh="使用下一个序号",
            todo_en="use the next number",
            where="item",
        )


def _refuse_items(unknown: set[int]) -> None:
    if unknown:
        items = "、".join(f"第{item}项" for item in sorted(unknown))
        raise Contradiction(
            f"没有{items}",
            f"there is no item {', '.join(map(str, sorted(unknown)))}",
            todo_zh="核对序号",
            todo_en="check the numbers",
            where="item",
        )


def _same_hazard(fact: ListedFact, record: Sequence[Entry]) -> None:
    others = [e.fact for e in record if isinstance(e.fact, ListedFact)]
    if others and others[0].hazard != fact.hazard:
        raise Contradiction(
            "此督办事项针对另一项隐患",
            "this listing is about another hazard",
            todo_zh="核对隐患编号",
            todo_en="check the hazard",
            where="hazard",
        )


def _of_this_organisation(fact: Any, record: Sequence[Entry]) -> None:  # noqa: ANN401 - two kinds
    created = next((e.fact for e in record if isinstance(e.fact, PostCreated)), None)
    if created and created.organisation != fact.organisation:
        raise Contradiction(
            "此岗位属于另一家单位",
            "this post belongs to another organisation",
            todo_zh="核对单位和岗位",
            todo_en="check the organisation and the post",
            where="organisation",
        )


def _holds_it(fact: AppointmentEnded, record: Sequence[Entry]) -> None:
    held = 0
    for entry in record:
        same = getattr(entry.fact, "person", None) == fact.person
        held += same and isinstance(entry.fact, AppointmentMade)
        held -= same and isinstance(entry.fact, AppointmentEnded)
    if held < 1:
        raise Contradiction(
            "此人未任此职",
            "this person does not hold the post",
            todo_zh="核对人员和岗位",
            todo_en="check the person and the post",
            where="person",
        )


def _expert_findings_exist(fact: Any, record: Sequence[Entry]) -> None:  # noqa: ANN401 - five kinds
    if isinstance(fact, ReadyForRecheck):
        asked = set(fact.items)
    elif isinstance(fact, ExpertsRechecked):
        asked = {each.item for each in fact.items}
    else:
        asked = {fact.item}
    _refuse_items(asked - ExpertInspection("", list(record)).findings.keys())


def _recheck_is_new(fact: ExpertsRechecked, record: Sequence[Entry]) -> None:
    if any(isinstance(e.fact, ExpertsRechecked) and e.fact.number == fact.number for e in record):
        raise Contradiction(
            f"第{fact.number}次复查已在案",
            f"recheck {fact.number} is already on record",
            todo_zh="使用下一个序号",
            todo_en="use the next number",
            where="number",
        )


def _part_exists(fact: Any, record: Sequence[Entry]) -> None:  # noqa: ANN401 - three kinds of fact
    inspection = ExpertInspection("", list(record))
    signers = inspection.signers(fact.part) if fact.part or inspection.held else set()
    if not signers:
        what = f"第{fact.part}次复查" if fact.part else "专家检查"
        raise Contradiction(
            f"没有{what}的记录",
            f"part {fact.part} is not on record",
            todo_zh="先记录检查或复查，再签字存档",
            todo_en="record the inspection or recheck first",
            where="part",
        )
    if not isinstance(fact, ExpertFileClosed) and fact.person not in signers:
        raise Contradiction(
            "此人未参加，无从签字",
            "this person did not take part and has nothing to sign",
            todo_zh="核对人员",
            todo_en="check the person",
            where="person",
        )


def _is_in_that_pool(fact: ExpertFact, record: Sequence[Entry]) -> None:
    admissions = [e for e in record if isinstance(e.fact, ExpertAdmitted)]
    if isinstance(fact, ExpertAdmitted):
        return
    if all(e.fact.authority != fact.authority for e in admissions):  # type: ignore[attr-defined]
        raise Contradiction(
            "此人未聘入该单位的专家库",
            "this person was never admitted to that body's pool",
            todo_zh="核对人员和专家库",
            todo_en="check the person and the pool",
            where="authority",
        )


def _was_suspended(fact: ExpertRestored, record: Sequence[Entry]) -> None:
    places = ExpertRecord("", list(record)).memberships
    told = [e.topic for p in places if p.authority == fact.authority for e in p.changes]
    if told.count("expert.suspended") <= told.count("expert.restored"):
        raise Contradiction(
            "此专家未被暂停，无从恢复",
            "this expert is not suspended",
            todo_zh="核对人员",
            todo_en="check the person",
            where="authority",
        )


def _says_how(fact: OutcomeRecorded, _: Sequence[Entry]) -> None:
    """What is proposed or decided says how somebody is held to account; otherwise nobody is."""
    pursued = fact.stage is not Stage.NOT_PURSUED
    if pursued and fact.sanction is None:
        raise Contradiction(
            "建议或者决定追究的，须写明追究方式",
            "what is proposed or decided names the sanction",
            todo_zh="填写 sanction；不予追究的，stage 为 not_pursued",
            todo_en="give sanction; where nobody is pursued, stage is not_pursued",
            where="sanction",
        )
    if not pursued and fact.sanction is not None:
        raise Contradiction(
            "不予追究的，没有追究方式",
            "who is not pursued has no sanction",
            todo_zh="去掉 sanction，或者改为 proposed、decided",
            todo_en="leave sanction out, or let stage be proposed or decided",
            where="sanction",
        )


def _found_it(fact: FinderRewarded, record: Sequence[Entry]) -> None:
    finders = {e.fact.finder for e in record if isinstance(e.fact, HazardFound)}
    if fact.person not in finders:
        raise Contradiction(
            "此人不是该隐患在案的发现人",
            "this person is not on record as the finder of the hazard",
            todo_zh="核对人员；发现人以“发现隐患”所记的 finder 为准",
            todo_en="check the person: the finder is who hazard.found names",
            where="person",
        )
    if fact.amount is None and fact.reward is None:
        raise Contradiction(
            "没有写明奖励什么",
            "nothing is said to be given",
            todo_zh="写明奖金（amount，分）或其他奖励（reward）",
            todo_en="give the amount in fen, or the reward in words",
            where="amount",
        )


_CHECKS: tuple[tuple[Any, Callable[[Any, Sequence[Entry]], None]], ...] = (
    (OrderExtended | OrderComplied | OrderRechecked, _items_exist),
    (FindingDisposed, _finding_exists),
    (FindingRecorded, _finding_is_new),
    (ListedFact, _same_hazard),
    (AppointmentMade | AppointmentEnded | PostMoved, _of_this_organisation),
    (AppointmentEnded, _holds_it),
    (LogKeyAdopted, check_adopted),
    (LogKeyRetired, check_retired),
    (
        MeasureSet | FindingSafeguarded | FindingRectified | ReadyForRecheck | ExpertsRechecked,
        _expert_findings_exist,
    ),
    (ExpertsRechecked, _recheck_is_new),
    (PartSigned | PartUnsigned | ExpertFileClosed, _part_exists),
    (ExpertFact, _is_in_that_pool),
    (ExpertRestored, _was_suspended),
    (FinderRewarded, _found_it),
    (TipFact, check_tip),
    (TipKeyRegistered, check_tip_key),
    (OutcomeRecorded, _says_how),
)
"""What each kind of fact must agree with."""

_FIXED: tuple[tuple[Any, Callable[[Any], UUID]], ...] = (
    (MonthFact, lambda fact: report_id(fact.enterprise, fact.month)),
    (InspectionPlanned, lambda fact: plan_id(fact.department, fact.year)),
    (
        ChecklistAdopted,
        lambda fact: checklist_id(fact.body, fact.industry, fact.grade, fact.version),
    ),
    (SettingChanged, lambda _: SETTINGS),
    (LogKeyAdopted | LogKeyRetired, lambda fact: log_id(read_key(fact.key).name)),
    (KeyRegistered, lambda fact: key_record(fact.key.id)),
    (KeyRevoked, lambda fact: key_record(fact.key)),
    (RollTaken, lambda fact: roll_record(fact.head.of)),
    (PaperIssued, lambda fact: paper_id(fact.digest)),
    (SignatureMade, lambda fact: signature_record(fact.statement)),
    (TipReceived, lambda fact: tip_id(fact.receipt)),
    (TipKeyRegistered, lambda fact: tip_key_id(fact.recipient)),
    (DayDecided, lambda _: CALENDAR),
    (DocumentRegistered, lambda _: DOCUMENTS),
    (QuarterAssessed, lambda fact: quarter_id(fact.body, fact.quarter)),
    (SupervisionFact, lambda fact: supervision_id(fact.enterprise)),
    (PublicFundPlanned, lambda fact: public_fund_id(fact.body, fact.year)),
    (YearAssessed, lambda fact: yearly_assessment_id(fact.body, fact.by_org, fact.year)),
    (FundPlanned, lambda fact: fund_id(fact.enterprise, fact.year)),
    (
        OwnRuleAdopted,
        lambda fact: own_rule_id(fact.enterprise, fact.kind, fact.title, fact.version),
    ),
)
"""The kinds of fact whose subject fixes their record."""
