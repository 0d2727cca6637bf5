from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from api.demo.calendar import when
from api.demo.cast import FIRMS
from domain.answer import BreachLine, DutyLine, Line, State
from domain.organisation import OrganisationRegistered
from domain.record import facts_of
from domain.trace import Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.answer import Trace
    from tests.api.demo.conftest import Played

PRINCIPAL, DEPUTY, ACTING, SAFETY = "郑启荣", "孙茂林", "丁立坤", "许静宜"
OFFICER, SUCCESSOR, COUNTY_DEPUTY, LISTER = "林晓雁", "曹亦军", "方砚清", "邵庆余"


@pytest.fixture(scope="module")
def trace(played: Played) -> Trace:
    shown = played.shown
    return played.ask(shown.enterprise, Question(shown.at, incident=shown.incident))


@pytest.fixture(scope="module")
def known_then(played: Played) -> Trace:
    shown = played.shown
    return played.ask(shown.enterprise, Question(shown.at, shown.at, shown.incident))


@pytest.fixture(scope="module")
def number(trace: Trace) -> str:
    """The number of the hazard that the accident came from."""
    assert trace.incident
    (number,) = trace.incident.hazards
    return number


def items(trace: Trace) -> list[DutyLine | BreachLine]:
    lines = trace.lines
    return [*lines.leadership, *lines.supervision, *lines.enterprise, *lines.expert]


def duties(trace: Trace, clause: str, title: str, hazard: str = "") -> list[DutyLine]:
    return [
        item
        for item in items(trace)
        if isinstance(item, DutyLine)
        and item.clause == clause
        and item.title.zh == title
        and (not hazard or hazard in item.hazards)
    ]


def breaches(trace: Trace, clause: str) -> list[BreachLine]:
    return [each for each in items(trace) if isinstance(each, BreachLine) and each.clause == clause]


def holders(item: DutyLine | BreachLine) -> list[str | None]:
    return [holder.name for holder in item.bearer.holders]


def borne_by(trace: Trace, name: str) -> Iterator[DutyLine]:
    """Every duty that this person held the post for when it opened or fell due."""
    for item in items(trace):
        part = [h for h in item.bearer.holders if h.name == name and (h.at_opening or h.at_due)]
        if part and isinstance(item, DutyLine):
            yield item


def test_the_accident(trace: Trace) -> None:
    assert trace.incident
    assert trace.incident.level == "较大事故"
    assert (trace.incident.deaths, trace.incident.serious_injuries) == (3, 4)
    assert trace.incident.loss == 1286 * 10_000 * 100
    assert trace.simulated


def test_the_hazard_stood_open_and_overdue(trace: Trace, number: str) -> None:
    assert trace.hazards.open == trace.hazards.overdue == [number]
    (hazard,) = (item for item in trace.hazards.items if item.number == number)
    assert hazard.level == "major"
    assert hazard.direct_cause
    assert hazard.found == when("05-28 16:20")
    assert hazard.deadline == date(2024, 7, 20)


def test_reported_late_by_the_principal(trace: Trace, number: str) -> None:
    (duty,) = duties(trace, "3.2b", "重大事故隐患即查即报", number)
    assert duty.state is State.KEPT_LATE
    assert duty.late_days == 2
    assert holders(duty) == [PRINCIPAL]
    assert duty.done == when("05-31 09:10")


def test_never_determined_by_the_principal(trace: Trace, number: str) -> None:
    (duty,) = duties(trace, "3.1d", "组织认定重大事故隐患", number)
    assert duty.state is State.BROKEN
    assert holders(duty) == [PRINCIPAL]


def test_zero_report_contradicted_for_both_signers(trace: Trace, number: str) -> None:
    found = breaches(trace, "3.2c")
    assert [holders(each) for each in found] == [[DEPUTY], [PRINCIPAL]]
    assert all(each.hazards == [number] and "2024-05" in each.detail.zh for each in found)


def test_ordered_extended_and_not_complied_with(trace: Trace, number: str) -> None:
    (duty,) = duties(trace, "1.2f", "按指令书限期整改", number)
    assert duty.state is State.BROKEN
    assert duty.due == when("07-21 00:00")
    assert duty.note
    assert "2024-06-20" in duty.note.zh
    assert holders(duty) == [PRINCIPAL]


def test_recheck_came_late(trace: Trace, number: str) -> None:
    (duty,) = duties(trace, "1.2f", "限期届满后复查", number)
    assert duty.state is State.KEPT_LATE
    assert duty.late_days == 22
    assert holders(duty) == [SUCCESSOR]


def test_listing_proposed_late_by_the_bureau_and_in_time_by_the_county(
    trace: Trace, number: str
) -> None:
    proposals = duties(trace, "3.3a", "对重大隐患提请挂牌督办", number)
    assert {(each.line.value, each.state, *holders(each)) for each in proposals} == {
        ("supervision", State.KEPT_LATE, SUCCESSOR),
        ("leadership", State.KEPT, COUNTY_DEPUTY),
    }


def test_listing_never_decided(trace: Trace, number: str) -> None:
    (duty,) = duties(trace, "3.3g", "决定是否挂牌督办", number)
    assert duty.state is State.BROKEN
    assert holders(duty) == [LISTER]


def test_produced_before_acceptance(trace: Trace, number: str) -> None:
    resumed, seen = breaches(trace, "3.2e")
    assert (resumed.at, resumed.entered_afterwards) == (when("08-06 08:00"), True)
    assert (seen.at, seen.entered_afterwards) == (when("08-21 10:10"), False)
    assert all(
        holders(each) == [PRINCIPAL] and each.hazards == [number] for each in (resumed, seen)
    )


def test_no_case_after_the_failed_recheck(trace: Trace) -> None:
    opened = duties(trace, "3.2i", "依法立案查处")
    told = sorted((each.state.value, holders(each)[0] or "") for each in opened)
    assert told == [("broken", SUCCESSOR)] * 2 + [("kept", OFFICER)] * 2


def test_the_deputy_s_post_stood_vacant_and_the_principal_answers(trace: Trace) -> None:
    (breach,) = breaches(trace, "1.1a")
    assert (breach.at, breach.until) == (date(2024, 8, 1), date(2024, 8, 19))
    assert holders(breach) == [PRINCIPAL]


def test_august_s_report_missed_and_filed_only_afterwards(trace: Trace) -> None:
    (duty,) = (
        each
        for each in duties(trace, "3.2a", "月底前报送本月隐患自查自纠情况")
        if each.state is State.BROKEN
    )
    assert duty.subject.label == "2024-08月报"
    assert duty.facts
    (line,) = (each for each in trace.entered_afterwards if each.title.zh == "报送月报")
    assert (line.happened, line.by) == (date(2024, 8, 30), ACTING)


def test_what_was_entered_afterwards_stands_apart(trace: Trace) -> None:
    assert [(each.title.zh, each.by) for each in trace.entered_afterwards] == [
        ("恢复生产经营", ACTING),
        ("停止安全措施", ACTING),
        ("制定整改方案", ACTING),
        ("公示隐患", ACTING),
        ("报送月报", ACTING),
        ("开展监督检查", SUCCESSOR),
    ]


def test_the_plan_is_kept_only_by_what_was_entered_afterwards(
    trace: Trace, known_then: Trace, number: str
) -> None:
    (now,) = duties(trace, "3.1e", "制定重大隐患整改方案", number)
    assert (now.state, now.done_by_late_entry) == (State.KEPT, True)
    (duty,) = (
        each
        for each in known_then.lines.enterprise
        if isinstance(each, DutyLine) and each.title.zh == "制定重大隐患整改方案"
    )
    assert duty.state is State.BROKEN
    assert known_then.entered_afterwards == []


@pytest.mark.parametrize(("name", "least"), [(SAFETY, 4), (OFFICER, 10), (COUNTY_DEPUTY, 2)])
def test_diligence_is_told_as_plainly(trace: Trace, name: str, least: int) -> None:
    borne = [duty for duty in borne_by(trace, name) if duty.state is not State.OPEN]
    assert len(borne) >= least
    assert all(duty.state is State.KEPT for duty in borne)
    assert all(duty.facts for duty in borne)
    assert not [each for each in trace.findings if name in holders(each)]


def test_who_knew_what_when(trace: Trace, number: str) -> None:
    told = [(k.at, k.person_name) for k in trace.knowledge if k.subject.label == number]
    assert told == [
        (when("05-28 16:20"), SAFETY),
        (when("05-28 17:05"), DEPUTY),
        (when("05-29 08:30"), PRINCIPAL),
        (when("05-31 09:10"), OFFICER),
        (when("06-03 09:40"), "高秉文"),
        (when("06-17 10:00"), "高秉文"),
        (when("06-17 15:10"), PRINCIPAL),
        (when("08-12 14:30"), COUNTY_DEPUTY),
        (when("08-13 10:40"), "贺长庚"),
        (when("08-26 09:30"), LISTER),
        (when("09-02 09:00"), PRINCIPAL),
        (when("09-04 15:00"), PRINCIPAL),
    ]


def test_the_findings_are_few_enough_to_read(trace: Trace) -> None:
    assert 20 <= len(trace.findings) <= 35


def test_nobody_from_outside_the_county(trace: Trace, played: Played) -> None:
    names = {fact.name for _, fact in facts_of(played.tape.entries, OrganisationRegistered)}
    named = {each.organisation.name for each in trace.facts if each.organisation}
    named |= {i.bearer.organisation.name for i in items(trace) if i.bearer.organisation}
    assert named <= names
    assert all(holder.name for item in items(trace) for holder in item.bearer.holders)


def test_every_line_names_the_facts_it_rests_on(trace: Trace) -> None:
    listed = {each.position for each in trace.facts}
    assert all(item.facts and set(item.facts) <= listed for item in items(trace))


# the rest of the county, as the year ends


def code_of(played: Played, key: str) -> str:
    name = next(firm.name for firm in FIRMS if firm.key == key)
    found = facts_of(played.tape.entries, OrganisationRegistered)
    return next(fact.code for _, fact in found if fact.name == name)


def at_year_s_end(played: Played, key: str) -> Trace:
    return played.ask(code_of(played, key), Question(when("12-31 23:59")))


def test_a_listing_done_well(played: Played) -> None:
    clauses = {"3.3a", "3.3b", "3.3c", "3.3d", "3.3e", "3.3f", "3.3g"}
    told = [i for i in items(at_year_s_end(played, "yuntai")) if i.clause in clauses]
    assert {item.clause for item in told} == clauses
    assert all(isinstance(item, DutyLine) and item.state is State.KEPT for item in told)


def test_a_zero_report_overtaken(played: Played) -> None:
    (duty,) = duties(at_year_s_end(played, "jinhua"), "3.2c", "零报告后发现隐患，补报月报")
    assert duty.state is State.KEPT
    assert duty.subject.label == "2024-07月报"


def test_a_duty_waived(played: Played) -> None:
    (duty,) = (
        each
        for each in duties(
            at_year_s_end(played, "hongcai"), "3.2a", "月底前报送本月隐患自查自纠情况"
        )
        if each.state is State.WAIVED
    )
    assert duty.subject.label == "2024-02月报"


def test_an_enterprise_nobody_is_assigned_to(played: Played) -> None:
    (breach,) = breaches(at_year_s_end(played, "kaiyuan"), "1.2a")
    assert breach.bearer.organisation
    assert breach.bearer.organisation.name == "沂川经济开发区管理委员会"


def test_one_person_in_two_posts(played: Played) -> None:
    told = items(at_year_s_end(played, "donggao"))
    assert any(holder.two_posts for item in told for holder in item.bearer.holders)


def test_a_transfer_between_departments(played: Played) -> None:
    months = duties(at_year_s_end(played, "hengmu"), "3.2a", "月底前报送本月隐患自查自纠情况")
    owed_to = {each.subject.label: each.owed_to.name for each in months if each.owed_to}
    assert owed_to["2024-03月报"] == "沂川县工业和信息化局"
    assert owed_to["2024-04月报"] == "沂川县应急管理局"


def test_a_setting_changed_judges_what_opens_from_then_on(played: Played) -> None:
    (before,) = duties(at_year_s_end(played, "runhe"), "3.2d", "整改结束后申请验收")
    (after,) = duties(at_year_s_end(played, "hengmu"), "3.2d", "整改结束后申请验收")
    assert before.setting
    assert after.setting
    assert (before.setting.value, after.setting.value) == ("5 days", "3 days")


def test_some_enterprises_have_nothing_against_them(played: Played) -> None:
    found = at_year_s_end(played, "baicao").findings
    assert [each for each in found if each.line is Line.ENTERPRISE] == []


def test_the_careless_have_more_against_them_than_the_diligent(played: Played) -> None:
    careless = len(at_year_s_end(played, "dongyao").findings)
    assert careless > 20 > len(at_year_s_end(played, "lujiang").findings)
