"""四（一） Admission 准入: no permit, building or production without 三同时 and safe conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.licence import LicenceApplied, LicenceGranted
from domain.moment import earlier
from domain.policy.bearers import principal
from domain.policy.duty import Breach, BreachRule, Section
from domain.policy.gate import Gate, Shut
from domain.project import ProjectAct
from domain.record import facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Draft, Entry
    from domain.policy.duty import Docket
    from domain.project import ProjectRecord

_WORDS = {
    ProjectAct.BUILD: ("开工", "building began", "安全设施设计审查", "the design review"),
    ProjectAct.PRODUCE: ("投产", "production began", "安全设施竣工验收", "the acceptance"),
}
_ASKED = {
    None: (ProjectAct.BUILD, ProjectAct.PRODUCE),
    ProjectAct.BUILD: (ProjectAct.BUILD,),
    ProjectAct.PRODUCE: (ProjectAct.BUILD, ProjectAct.PRODUCE),
}
"""What must be passed before each act is permitted; where none is named, both."""


# 4.1a building after the design review, production after the acceptance


def _begun_without(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for project in docket.projects:
        for act, (did_zh, did_en, review_zh, review_en) in _WORDS.items():
            begun = project.begun(act)
            if begun is None or project.passed(act, moment_of(begun)):
                continue
            at = moment_of(begun)
            if earlier(at, docket.silent_since(at)):
                continue
            failed = [e for e, _ in project.reviews(act) if not follows(e, begun)]
            yield Breach(
                rule=rule,
                subject=project.subject,
                at=at,
                until=_passed_after(project, act, begun),
                lasts=True,
                who=principal(docket),
                by=(*project.all("project.registered"), *failed, begun),
                zh=f"{project.name}未通过{review_zh}即{did_zh}",
                en=f"{did_en} at {project.name} without {review_en} passed",
                detail=act.value,
            )


def _passed_after(project: ProjectRecord, act: ProjectAct, begun: Entry) -> date | datetime | None:
    passed = (e for e, passed in project.reviews(act) if passed and follows(e, begun))
    return next((moment_of(entry) for entry in passed), None)


def _simultaneous(docket: Docket, draft: Draft) -> Shut | None:
    """What the application names is asked for too: leaving it out of the permit opens nothing."""
    named = _project_named(docket, draft)
    if named is None:
        return None
    ident, act = named
    project = next((each for each in docket.projects if each.key == str(ident)), None)
    if project is None:
        return Shut(
            zh="许可所涉的建设项目不是本单位的",
            en="the permit names a project that is not this enterprise's",
            todo_zh="核对建设项目",
            todo_en="check the project",
        )
    missing = [_WORDS[each] for each in _ASKED[act] if not project.passed(each, docket.at)]
    if not missing:
        return None
    return Shut(
        zh=f"建设项目{project.name}未通过{'、'.join(words[2] for words in missing)}，不予办理许可",
        en=f"{project.name} has not passed {' and '.join(words[3] for words in missing)}",
        todo_zh="先通过“三同时”审查、验收，再办理许可",
        todo_en="have them passed first",
    )


def _project_named(docket: Docket, draft: Draft) -> tuple[UUID, ProjectAct | None] | None:
    granted = draft.fact
    assert isinstance(granted, LicenceGranted)  # noqa: S101 - as the gate's topics say
    applied = facts_of(docket.about(f"licence:{draft.record}"), LicenceApplied)
    said: list[LicenceApplied | LicenceGranted] = [*(fact for _, fact in applied), granted]
    acts = [fact.act for fact in said if fact.act]
    projects = [fact.project for fact in said if fact.project]
    return (projects[-1], acts[-1] if acts else None) if projects else None


# 4.1b the conditions checked, 4.1c the industrial policy and the permit rule cited


def _conditions(_: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    assert isinstance(fact, LicenceGranted)  # noqa: S101 - as the gate's topics say
    unmet = [condition.name for condition in fact.conditions if not condition.met]
    if fact.conditions and not unmet:
        return None
    if unmet:
        listed = "、".join(unmet)
        zh, en = f"不符合安全生产条件：{listed}", f"conditions not met: {listed}"
    else:
        zh, en = "未写明所核查的安全生产条件", "the conditions checked are not stated"
    return Shut(
        zh=zh,
        en=en,
        todo_zh="逐项核查安全生产条件，全部符合方可准予；不符合的不予许可",
        todo_en="check every condition; grant only where all are met, else refuse",
    )


def _cited(_: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    assert isinstance(fact, LicenceGranted)  # noqa: S101 - as the gate's topics say
    missing = [
        words
        for said, words in (
            (fact.industrial_policy, ("产业政策", "the industrial policy")),
            (fact.permit_rule, ("许可规定", "the permit rule")),
        )
        if not said
    ]
    if not missing:
        return None
    return Shut(
        zh=f"未写明所依据的{'、'.join(words[0] for words in missing)}",
        en=f"the permit does not cite {' and '.join(words[1] for words in missing)}",
        todo_zh="写明所依据的产业政策和许可规定",
        todo_en="cite the industrial policy and the permit rule",
    )


SECTION = Section(
    breaches=(
        BreachRule(
            "4.1a",
            "begun",
            Line.ENTERPRISE,
            "未通过“三同时”审查即开工投产",
            "Begun without the safety facilities passed",
            _begun_without,
        ),
    ),
    gates=(
        Gate("4.1a", ("licence.granted",), _simultaneous),
        Gate("4.1b", ("licence.granted",), _conditions),
        Gate("4.1c", ("licence.granted",), _cited),
    ),
)
