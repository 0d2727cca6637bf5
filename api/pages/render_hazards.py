"""The pages of hazards 隐患页面: one hazard, and the form that reports one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.filling import Filled
from api.hazard_acts import ACTS, Blank
from api.pages import show
from api.pages.render import Page, Switches, render
from api.pages.render_reports import Step
from api.pages.table import Tone
from api.pages.words import Lang, Speech
from domain.answer import State
from domain.fact import TOPICS
from domain.hazard import Finder
from domain.moment import local_day
from domain.photo import Shows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from api.hazard_acts import Offered, Side
    from api.hazard_told import HazardTold, StepTold
    from api.photos_told import PhotoTold
    from domain.answer import OrgRef
    from domain.directory import Post
    from domain.errors import DaochaError

STAGE_TONES: dict[str, Tone] = {
    "to_assess": "red",
    "to_rectify": "red",
    "under_way": "amber",
    "to_accept": "blue",
    "to_close": "blue",
    "closed": "green",
}
_OWED_TONES = {
    State.KEPT: "green",
    State.KEPT_LATE: "amber",
    State.OPEN: "blue",
    State.BROKEN: "full",
    State.WAIVED: "grey",
    None: "red",
}
_FOUND = (
    Blank("place", "text"),
    Blank("category", "text"),
    Blank("description", required=True),
)
_FOUND_TICKS = tuple(
    Blank(name, "tick") for name in ("fixed_on_spot", "suspected_major", "endangers_production")
)


@dataclass(frozen=True, slots=True)
class PostChoice:
    """A post to choose from, with who holds it."""

    id: UUID
    told: str


@dataclass(frozen=True, slots=True)
class AtHazard:
    """Who is at the page of a hazard, and what they may do about it.

    Args:
        posts: their own posts on the side on which they act.
        side: on which they act; None: they only look.
        offers: what they can do.
        choices: the posts of the enterprise.
        now: the moment.
        photos: the photographs of the hazard.
    """

    posts: Sequence[Post]
    side: Side | None
    offers: Sequence[Offered]
    choices: Sequence[PostChoice]
    now: datetime
    photos: Sequence[PhotoTold] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed a moment ago into which form, and why it was refused."""

    act: str
    form: Filled
    problem: DaochaError


def hazard_page(
    told: HazardTold,
    at: AtHazard,
    refused: Refused | None,
    lang: Lang,
    switches: Switches,
) -> str:
    """Return the page of a hazard.

    Args:
        told: what there is to tell of it.
        at: who is at the page.
        refused: what was just refused.
        lang: the language of the interface.
        switches: how the page is shown, and to whom.
    """
    say = Speech(lang)
    days = (told.deadline - local_day(at.now)).days if told.deadline else None
    return render(
        "hazards/hazard.html",
        Page(lang, switches, {}),
        lang,
        told=told,
        steps=list(_steps(told, say)),
        listing_steps=list(_listing_steps(told, say)),
        offers=at.offers,
        other_side="department" if at.side == "enterprise" else "enterprise",
        titles={name: say.pick(TOPICS[a.topic].zh, TOPICS[a.topic].en) for name, a in ACTS.items()},
        choices=at.choices,
        posts=at.posts,
        form=refused.form if refused else Filled({}),
        failed=refused.act if refused else None,
        problem=refused.problem if refused else None,
        empty=Filled({}),
        tones=STAGE_TONES,
        owed_tones=_OWED_TONES,
        photos=at.photos,
        may_act=at.side is not None,
        shows=[each.value for each in Shows],
        left=days if days is not None and days >= 0 and told.stage != "closed" else None,
        now_value=show.form_value(at.now),
    )


def _steps(told: HazardTold, say: Speech) -> Iterable[Step]:
    """Return the seven steps; those of a major or listed hazard are called by what they are."""
    kinds = ("listed",) * told.listed + ("major",) * (told.level == "major")
    special = {
        ("assessed", "major"): say("hazard_step.assessed.major"),
        ("reported", "major"): say("hazard_step.reported.major"),
        ("accepted", "listed"): say("hazard_step.accepted.listed"),
        ("closed", "listed"): say("hazard_step.closed.listed"),
    }
    present = next((s.name for s in told.steps if not s.done and not s.skipped), None)
    for step in told.steps:
        named = (special.get((step.name, kind)) for kind in kinds)
        title = next((name for name in named if name), say(f"hazard_step.{step.name}"))
        yield _step(step, title, present, say)


def _listing_steps(told: HazardTold, say: Speech) -> Iterable[Step]:
    declined = any(step.name == "declined" for step in told.listing)
    shown = [step for step in told.listing if step.done or not declined]
    present = next((step.name for step in shown if not step.done), None)
    for step in shown:
        yield _step(step, say(f"listing_step.{step.name}"), present, say)


def _step(step: StepTold, title: str, present: str | None, say: Speech) -> Step:
    if step.done:
        at = local_day(step.at) if step.at else ""
        return Step(title, "done", say("hazard.by_at", by=step.by or "", at=at).strip())
    if step.skipped:
        return Step(title, "late", say("hazard.skipped"))
    return Step(title, "now" if step.name == present else "later")


def new_hazard_page(
    form: Filled,
    problem: DaochaError | None,
    enterprises: Sequence[OrgRef],
    posts: Sequence[Post],
    lang: Lang,
    switches: Switches,
) -> str:
    """Return the form that reports a hazard.

    Args:
        form: what is filled in already.
        problem: why it was refused a moment ago.
        enterprises: the enterprises of whoever is at the page; none: any, by its code.
        posts: in which of whose posts they act.
        lang: the language of the interface.
        switches: how the page is shown, and to whom.
    """
    return render(
        "hazards/new.html",
        Page(lang, switches, {}),
        lang,
        form=form,
        problem=problem,
        enterprises=enterprises,
        posts=posts,
        blanks=_FOUND,
        ticks=_FOUND_TICKS,
        finders=[finder.value for finder in Finder],
    )
