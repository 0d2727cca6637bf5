"""二（一） Experts recheck what was rectified, and sign what they recorded (2.1l, 2.1m)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.expert_inspection import ExpertFileClosed, ReadyForRecheck
from domain.moment import no_later
from domain.policy.bearers import in_person
from domain.policy.duty import DutyRule, Opening, Section
from domain.policy.gate import Gate, Shut
from domain.policy.s2_1_panel import named
from domain.policy.s2_1_rectification import findings, inspection_of
from domain.record import by_moment, facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from domain.expert_inspection import ExpertInspection, ItemRechecked, Recheck, Rechecking
    from domain.fact import Draft, Entry
    from domain.policy.duty import Docket


# 2.1l recheck by experts


@dataclass(frozen=True, slots=True)
class Part:
    """Findings that wait for one recheck, and by which facts.

    ``ready`` gives for each the fact from which on it can be rechecked, even before the part
    as a whole waits for it.
    """

    name: str
    ready: Mapping[int, Entry]
    by: tuple[Entry, ...]

    @property
    def items(self) -> set[int]:
        """The numbers of the findings."""
        return set(self.ready)

    @property
    def since(self) -> Entry:
        """The fact by which it waits: the last of them."""
        return by_moment(list(self.by))[-1]


def parts(docket: Docket, inspection: ExpertInspection) -> Iterator[Part]:
    """Yield what waits for a recheck: each part declared ready, then the rest when all is done.

    What a recheck found wanting waits anew when it was put right again.
    """
    found = {f.item: f for f in findings(docket) if f.inspection is inspection}
    declared: set[int] = set()
    for number, (entry, fact) in enumerate(facts_of(inspection.entries, ReadyForRecheck), 1):
        items = set(fact.items) & found.keys()
        declared |= items
        yield Part(f"第{number}批", dict.fromkeys(items, entry), (entry,))
    rest = found.keys() - declared
    done = {item: put for item in sorted(rest) if (put := found[item].rectified)}
    if rest and len(done) == len(rest):
        yield Part("全部整改完毕后", done, tuple(done.values()))
    for recheck in inspection.rechecks:
        failed = [i.item for i in recheck.fact.items if not i.passed and i.item in found]
        told = [(item, _after(found[item].rectifications, recheck.entry)) for item in failed]
        again = {item: entry for item, entry in told if entry}
        if failed and len(again) == len(failed):
            yield Part(f"第{recheck.fact.number}次复查不合格后", again, tuple(again.values()))


def _after(entries: list[Entry], other: Entry) -> Entry | None:
    return next((entry for entry in entries if follows(entry, other)), None)


def _to_recheck(docket: Docket) -> Iterator[Opening]:
    for inspection in docket.expert_inspections:
        found = {f.item: f for f in findings(docket) if f.inspection is inspection}
        for part in parts(docket, inspection):
            at = moment_of(part.since)
            hazards = (found[item].hazard for item in sorted(part.items))
            yield Opening(
                subject=inspection.subject,
                at=at,
                who=in_person(*_fit(docket, inspection, at)),
                owed_to=docket.enterprise,
                by=part.by,
                hazards=tuple(hazard.id for hazard in hazards if hazard),
                detail=part.name,
            )


def _fit(docket: Docket, inspection: ExpertInspection, at: date | datetime) -> list[UUID]:
    """Return the original members who may recheck; all of them where none is left."""
    originals = list(inspection.inspectors)
    return [p for p in originals if not docket.expert(p).struck_off(at)] or originals


def _rechecked(docket: Docket, about: Opening) -> Entry | None:
    """The recheck that looked at the last of the part's findings, by somebody who may."""
    inspection = inspection_of(docket, about.subject)
    part = next(each for each in parts(docket, inspection) if each.name == about.detail)
    waiting = part.items
    for recheck in inspection.rechecks:
        if _by_right(docket, inspection, recheck):
            waiting -= {each.item for each in recheck.fact.items if _in_turn(recheck, part, each)}
        if not waiting:
            return recheck.entry
    return None


def _in_turn(recheck: Recheck, part: Part, item: ItemRechecked) -> bool:
    """A recheck of a finding counts from when that one was ready; on the same day it does."""
    ready = part.ready.get(item.item)
    return ready is not None and no_later(moment_of(ready), moment_of(recheck.entry))


def _by_right(docket: Docket, inspection: ExpertInspection, recheck: Recheck) -> bool:
    """Tell whether an original member made it, or a substitute of that specialty with a reason."""
    return any(_may_recheck(docket, inspection, each, recheck) for each in recheck.fact.experts)


def _may_recheck(
    docket: Docket, inspection: ExpertInspection, expert: Rechecking, recheck: Recheck
) -> bool:
    at = moment_of(recheck.entry)
    if docket.expert(expert.person).struck_off(at):
        return False
    originals = inspection.inspectors
    if expert.person in originals:
        return True
    stood_for = originals.get(expert.stands_in_for) if expert.stands_in_for else None
    of_that_specialty = expert.specialty in docket.expert(expert.person).specialties(at)
    return stood_for == expert.specialty and of_that_specialty and expert.reason is not None


# 2.1m the file


def _file_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    assert isinstance(fact, ExpertFileClosed)  # noqa: S101 - the topic that it guards
    found = [each for each in docket.expert_inspections if each.key == str(draft.record)]
    missing = {p for each in found for p in each.signers(fact.part) - each.accounted(fact.part)}
    if not missing:
        return None
    names = named(docket, sorted(missing, key=str))
    return Shut(
        zh=f"{names}尚未签字，也未记录不能签字或拒绝签字的原因，不能存档",
        en=f"{names} have not signed, and no reason is recorded why not",
        todo_zh="请其签字；不能或拒绝签字的，记录原因",
        todo_en="have them sign, or record why they cannot or will not",
    )


SECTION = Section(
    duties=(
        DutyRule(
            "2.1l",
            "recheck",
            Line.EXPERT,
            "整改完毕后复查",
            "Recheck what was rectified",
            _to_recheck,
            _rechecked,
            within="2.1l.recheck",
        ),
    ),
    gates=(Gate("2.1m", ("expert_inspection.file_closed",), _file_gate),),
)
