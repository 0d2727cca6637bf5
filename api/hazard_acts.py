"""What is done about a hazard from its page 隐患办理: which act comes next, whose, what it takes.

A form is a row of this table. Whether an act is allowed is asked elsewhere: of the permissions when
it is sent, and of the gates both before and then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from api.filling import act, shut
from domain.errors import DaochaError
from domain.fact import Actor, Draft
from domain.hazard import (
    AcceptanceApplied,
    Determiner,
    HazardAccepted,
    HazardClosed,
    HazardLevel,
    ReportKind,
)
from domain.policy.s1_3_enterprise import needs_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from uuid import UUID

    from api.commands import Asked
    from api.filling import Filled
    from domain.fact import Fact
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket

Kind = Literal["text", "long", "day", "choice", "tick", "ticks", "post", "regulator", "yuan"]
Side = Literal["enterprise", "department"]
FUNCTIONS = ("安全", "生产", "工程设备", "技术")
"""The functions that the principal convenes to determine a major hazard (3.1d)."""


@dataclass(frozen=True, slots=True)
class Blank:
    """One thing to fill in.

    Args:
        name: the fact's field.
        kind: how it is filled in.
        required: whether it must be.
        choices: what there is to choose from.
    """

    name: str
    kind: Kind = "long"
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HazardAct:
    """An act about a hazard.

    Args:
        name: its kind of fact, after ``hazard.``.
        clause: the clause that asks for it.
        sides: who does it.
        blanks: what to fill in.
        dated: whether it happened at a time of its own; an act of the record counts from arrival.
    """

    name: str
    clause: str
    sides: tuple[Side, ...]
    blanks: tuple[Blank, ...]
    dated: bool = False

    @property
    def topic(self) -> str:
        """The kind of fact."""
        return f"hazard.{self.name}"


_LEVELS = tuple(level.value for level in HazardLevel)
_OWN: tuple[Side, ...] = ("enterprise",)
_EITHER: tuple[Side, ...] = ("enterprise", "department")
ACTS: dict[str, HazardAct] = {
    each.name: each
    for each in (
        HazardAct(
            "assessed",
            "3.1b",
            _OWN,
            (
                Blank("level", "choice", required=True, choices=_LEVELS),
                Blank("organiser", "post"),
                Blank("grounds"),
            ),
            dated=True,
        ),
        HazardAct(
            "determined",
            "3.1d",
            _EITHER,
            (
                Blank("level", "choice", required=True, choices=_LEVELS[::-1]),
                Blank("functions", "ticks", choices=FUNCTIONS),
                Blank("absence_reason"),
                Blank("standard", "text"),
            ),
            dated=True,
        ),
        HazardAct(
            "reported",
            "3.1c",
            _OWN,
            (
                Blank("kind", "choice", required=True, choices=tuple(k.value for k in ReportKind)),
                Blank("content"),
            ),
        ),
        HazardAct(
            "disclosed",
            "3.1g",
            _OWN,
            (
                Blank("where", "text", required=True),
                Blank("until", "day"),
                Blank("employees_meeting", "tick"),
            ),
            dated=True,
        ),
        HazardAct("safeguarded", "3.1f", _OWN, (Blank("measures", required=True),), dated=True),
        HazardAct(
            "planned",
            "3.1c",
            _OWN,
            (
                Blank("measures", required=True),
                Blank("responsible", "post", required=True),
                Blank("deadline", "day", required=True),
                Blank("funding", "text", required=True),
                Blank("emergency_plan"),
            ),
            dated=True,
        ),
        HazardAct("rectification_started", "3.1c", _OWN, (Blank("organiser", "post"),), dated=True),
        HazardAct(
            "rectified",
            "3.1c",
            _OWN,
            (Blank("result", required=True), Blank("cost", "yuan")),
            dated=True,
        ),
        HazardAct(
            "acceptance_applied", "3.2d", _OWN, (Blank("to_org", "regulator", required=True),)
        ),
        HazardAct(
            "accepted",
            "3.1b",
            _EITHER,
            (Blank("passed", "choice", required=True, choices=("1", "0")), Blank("remarks")),
        ),
        HazardAct("downgraded", "3.1d", ("department",), (Blank("reason", required=True),)),
        HazardAct("closed", "3.1b", _EITHER, ()),
    )
}
"""Every act, in the order of the policy: 发现—评估—报告—公示—治理—验收—销号."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An act that somebody can do now.

    Args:
        act: which.
        next: it is the one that comes next.
        barred: why it is refused as things stand; None where it is not.
    """

    act: HazardAct
    next: bool
    barred: DaochaError | None


def offered(docket: Docket, hazard: HazardRecord, side: Side, now: datetime) -> list[Offered]:
    """Return what one side can do about a hazard, that which comes next first.

    Args:
        docket: the enterprise's.
        hazard: one of its hazards.
        side: whether the enterprise acts, or its regulator.
        now: the moment at which it would be recorded.
    """
    if hazard.closed(now) is not None:
        return []
    following = _next(docket, hazard, side)
    names = [n for n, each in ACTS.items() if side in each.sides and _fits(docket, hazard, n, side)]
    names.sort(key=lambda name: name != following)
    return [
        Offered(ACTS[name], name == following, _barred(docket, hazard, name, now)) for name in names
    ]


def _next(docket: Docket, hazard: HazardRecord, side: Side) -> str | None:
    """Return the act that comes next in the closed loop, if it is this side's."""
    major = needs_plan(docket, hazard)
    done = {
        "assessed": hazard.reached("assessed") or hazard.level,
        "safeguarded": hazard.first("hazard.safeguarded"),
        "reported": hazard.first("hazard.reported"),
        "disclosed": hazard.first("hazard.disclosed"),
        "planned": hazard.plan,
        "rectification_started": hazard.first("hazard.rectification_started", "hazard.rectified"),
        "rectified": hazard.rectified,
        "acceptance_applied": not major or _applied(hazard),
        "accepted": hazard.acceptances,
        "closed": None,
    }
    following = next(name for name, entry in done.items() if not entry)
    theirs = "department" if major and following in ("accepted", "closed") else "enterprise"
    return following if side == theirs else None


def _applied(hazard: HazardRecord) -> bool:
    rectified = hazard.rectified
    applied = hazard.all("hazard.acceptance_applied")
    return rectified is not None and any(hazard.in_round(each, rectified) for each in applied)


def _fits(docket: Docket, hazard: HazardRecord, name: str, side: Side) -> bool:
    """Tell whether an act can be about a hazard as it stands; how lawful it is, gates tell."""
    rectified = hazard.rectified is not None
    begun = hazard.first("hazard.rectification_started")
    return {
        "determined": side == "department" or hazard.claimed_major is not None,
        "downgraded": hazard.major,
        "rectification_started": not rectified and (begun is None or bool(hazard.failures)),
        "rectified": not rectified,
        "acceptance_applied": rectified and needs_plan(docket, hazard),
        "accepted": rectified,
        "closed": rectified,
    }.get(name, True)


def _barred(docket: Docket, hazard: HazardRecord, name: str, now: datetime) -> DaochaError | None:
    """Return what would refuse an act whatever is filled in: its gates."""
    enterprise = docket.enterprise
    drafts: dict[str, Callable[[], Fact]] = {
        "accepted": lambda: HazardAccepted(enterprise=enterprise, by_org=enterprise, passed=True),
        "closed": lambda: HazardClosed(enterprise=enterprise, by_org=enterprise),
        "acceptance_applied": lambda: AcceptanceApplied(enterprise=enterprise, to_org=enterprise),
    }
    if name not in drafts:
        return None
    by = Actor(authentication="system")
    return shut(docket, Draft(hazard.id, 1, drafts[name](), by, now, now))


def asked_for(
    each: HazardAct, form: Filled, hazard: HazardRecord, acting: UUID, regulator: UUID | None
) -> Asked:
    """Return the act that a form asks for.

    Args:
        each: which.
        form: what was filled in.
        hazard: which hazard.
        acting: the organisation that acts.
        regulator: to whom the enterprise reports.

    Raises:
        Invalid: a field is not as it must be; names it.
    """
    data: dict[str, Any] = {"enterprise": str(hazard.enterprise)}
    for blank in each.blanks:
        data[blank.name] = _value(blank, form)
    own = acting == hazard.enterprise
    if each.name in ("accepted", "closed", "downgraded"):
        data["by_org"] = str(acting)
    if each.name == "determined":
        data |= _determination(form, acting, own=own)
    if each.name == "reported":
        company = form["kind"] == ReportKind.COMPANY.value
        data["to_org"] = str(hazard.enterprise if company or regulator is None else regulator)
    happened = form["happened"] if each.dated else ""
    return act(each.topic, data, record=hazard.id, happened=happened)


def _determination(form: Filled, acting: UUID, *, own: bool) -> Mapping[str, Any]:
    present = form.all("functions")
    absent = tuple(name for name in FUNCTIONS if name not in present) if own else ()
    by = Determiner.ENTERPRISE if own else Determiner.DEPARTMENT
    return {"by": by.value, "determiner_org": str(acting), "functions": present, "absent": absent}


def _value(blank: Blank, form: Filled) -> Any:  # noqa: ANN401 - a text, a number, yes or no
    text = form[blank.name]
    if blank.kind == "tick":
        return text == "1"
    if blank.kind == "ticks":
        return form.all(blank.name)
    if blank.name == "passed":
        return {"1": True, "0": False}.get(text, "")
    if blank.kind == "yuan":
        return in_fen(text)
    return text


_FEN = 100


def in_fen(text: str) -> int | str:
    """Return an amount that was filled in in yuan 元 in fen 分; what is no amount as it is."""
    plain = text.replace(",", "").replace("，", "")
    whole, _, part = plain.partition(".")
    if not whole.isdecimal() or (part and not part.isdecimal()) or len(part) > 2:  # noqa: PLR2004 - jiao and fen
        return text
    return int(whole) * _FEN + int(part.ljust(2, "0") or 0)
