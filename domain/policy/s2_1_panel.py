"""二（一） Who is called in: the gates on appointing a panel (2.1d–2.1g); inspections by few."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.expert_inspection import Organiser, PanelAppointed
from domain.key_process import processes_at
from domain.policy.bearers import principal
from domain.policy.duty import Breach, BreachRule, Section
from domain.policy.gate import Gate, Shut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from domain.expert_inspection import Member
    from domain.fact import Draft
    from domain.policy.duty import Docket

APPOINTING = ("expert_inspection.panel_appointed",)


def members(draft: Draft) -> tuple[Member, ...]:
    """Return whom an appointment names."""
    assert isinstance(draft.fact, PanelAppointed)  # noqa: S101 - the topic that it guards
    return draft.fact.members


def named(docket: Docket, persons: Iterable[UUID]) -> str:
    """Return people's names, for a refusal to tell; the id of one whose name is not known."""
    known = docket.directory.names
    found = {p: known[p].name.value if p in known else None for p in persons}
    return "、".join(name or str(person) for person, name in found.items())


# 2.1d from the pools, or with a special reason


def _pool_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Whether they are in it on that day is 2.3d's to ask."""
    outside = [
        each.person
        for each in members(draft)
        if each.special_reason is None
        and not any(
            each.specialty in place.specialties for place in docket.expert(each.person).memberships
        )
    ]
    if not outside:
        return None
    names = named(docket, outside)
    return Shut(
        zh=f"{names}不是国家、省、市专家库中该专业的专家，且未说明特殊理由",
        en=f"{names}: not of this specialty in the national, provincial or municipal pool, "
        "and no special reason is given",
        todo_zh="从专家库中选聘；特殊专业确需库外专家的，写明理由",
        todo_en="choose from the pools, or state the special reason",
    )


# 2.1e no fewer than three


def _number_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    assert isinstance(fact, PanelAppointed)  # noqa: S101 - the topic that it guards
    least = docket.settings.at("2.1e.minimum", draft.happened).number or 0
    number = len({each.person for each in fact.members})
    if number >= least or fact.few_reason:
        return None
    return Shut(
        zh=f"专家组只有{number}人，少于{least}人，且未说明理由",
        en=f"the panel has {number} members, fewer than {least}, and no reason is given",
        todo_zh=f"增聘专家至{least}人，或写明理由",
        todo_en=f"appoint {least}, or state the reason",
    )


def _held_by_few(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """An inspection by fewer is recorded and flagged, whether a reason was given or not."""
    for inspection in docket.expert_inspections:
        if inspection.held is None or inspection.held[1].organiser is not Organiser.ENTERPRISE:
            continue
        entry, fact = inspection.held
        applied = docket.settings.at("2.1e.minimum", entry.happened)
        number = len({each.person for each in fact.experts})
        if number >= (applied.number or 0):
            continue
        panel = inspection.panel
        reason = panel[1].few_reason if panel else None
        yield Breach(
            rule=rule,
            subject=inspection.subject,
            at=entry.happened,
            who=principal(docket),
            by=(*((panel[0],) if panel else ()), entry),
            zh=f"由{number}名专家检查，{f'理由：{reason}' if reason else '未说明理由'}",
            en=f"inspected by {number}, {f'reason: {reason}' if reason else 'no reason given'}",
            applied=applied,
        )


# 2.1f the specialties cover the key processes


def _coverage_gate(docket: Docket, draft: Draft) -> Shut | None:
    specialties = {each.specialty for each in members(draft)}
    uncovered = [
        process.name
        for process in processes_at(docket.own, draft.happened)
        if not specialties.intersection(process.specialties)
    ]
    if not uncovered:
        return None
    names = "、".join(uncovered)
    return Shut(
        zh=f"专家组的专业未涵盖本单位重点工艺流程：{names}",
        en=f"no member's specialty covers these key processes: {names}",
        todo_zh="增聘相应专业的专家",
        todo_en="appoint experts of those specialties",
    )


# 2.1g no specialty twice


def _repetition_gate(_: Docket, draft: Draft) -> Shut | None:
    numbers = Counter(each.specialty for each in members(draft))
    repeated = [specialty for specialty, number in numbers.items() if number > 1]
    if not repeated:
        return None
    names = "、".join(repeated)
    return Shut(
        zh=f"专家组的专业重复：{names}",
        en=f"more than one member is of the specialty {names}",
        todo_zh="每个专业只聘一人",
        todo_en="appoint one member of each specialty",
    )


SECTION = Section(
    breaches=(
        BreachRule(
            "2.1e",
            "few",
            Line.ENTERPRISE,
            "参加检查的专家不足规定人数",
            "Inspected by too few experts",
            _held_by_few,
        ),
    ),
    gates=(
        Gate("2.1d", APPOINTING, _pool_gate),
        Gate("2.1e", APPOINTING, _number_gate),
        Gate("2.1f", APPOINTING, _coverage_gate),
        Gate("2.1g", APPOINTING, _repetition_gate),
    ),
)
