"""The page on which a month's report is filled in, signed and receipted 月报页面."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.pages.render import Page, Switches, render
from api.pages.words import Lang, Speech
from domain.answer import State
from domain.hazard import STEPS
from domain.moment import last_day
from domain.monthly_report import Role
from domain.policy.reports import ReportState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from api.filling import Filled
    from api.month_told import MonthTold, SignerTold
    from domain.directory import Post
    from domain.errors import DaochaError
    from domain.policy.reports import Contradiction

_DECEMBER = 12
_TONES = {
    ReportState.FILED: "amber",
    ReportState.AWAITING_DEPUTY: "amber",
    ReportState.AWAITING_PRINCIPAL: "amber",
    ReportState.EFFECTIVE: "green",
    ReportState.CONTRADICTED: "full",
    ReportState.OVERTAKEN: "amber",
    ReportState.WITHDRAWN: "grey",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a matter as a row of steps shows it: ``done``, ``now``, ``late`` or ``later``."""

    title: str
    tone: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Something in words, with the colour that goes with it."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class AtHand:
    """Who is at the page, and what they may do on it.

    Args:
        posts: their own posts at the enterprise.
        files: they may file the report.
        owner: it is the owner of the machine.
        password: they signed in by a password.
        answers: the post in which they may answer the report.
    """

    posts: Sequence[Post] = ()
    files: bool = False
    owner: bool = False
    password: bool = False
    answers: Post | None = None


def month_page(
    told: MonthTold,
    form: Filled,
    problem: DaochaError | None,
    at_hand: AtHand,
    lang: Lang,
    switches: Switches,
) -> str:
    """Return the page of an enterprise's report of a month.

    Args:
        told: what there is to tell of it.
        form: what was typed a moment ago, where it was refused.
        problem: why.
        at_hand: who is at the page.
        lang: the language of the interface.
        switches: how the page is shown, and to whom.
    """
    say = Speech(lang)
    year, month = told.month.split("-")
    return render(
        "reports/month.html",
        Page(lang, switches, {}),
        lang,
        title=say("report.title", year=year, month=say.pick(str(int(month)), month)),
        told=told,
        form=form,
        problem=problem,
        posts=at_hand.posts,
        owner=at_hand.owner,
        password=at_hand.password,
        may_answer=at_hand.answers,
        editable=at_hand.files and told.month <= f"{told.now:%Y-%m}",
        here=f"/reports/{told.enterprise.id}/{told.month}",
        due_day=last_day(told.month),
        state=_state(told, say),
        standing=_standing(told, say),
        steps=_steps(told, say),
        states={step: Speech("zh").name("state", step) for step in STEPS},
        chosen_kind=form["kind"] or _kind(told),
        previous=f"{int(year) - 1}-{_DECEMBER}",
        following=f"{int(year) + 1}-01" if int(year) < told.now.year else None,
        numbers=_numbers,
        post_of=lambda role: _post_of(at_hand.posts, role),
    )


def _kind(told: MonthTold) -> str:
    if told.barred or told.overtaken:
        return "ordinary"
    return (told.receipt and told.receipt.kind) or "zero"


def _numbers(found: Contradiction) -> str:
    return "、".join(hazard.number for hazard, _ in found.known)


def _post_of(posts: Sequence[Post], role: Role) -> UUID | str:
    """Return the post in which somebody puts their name to a report for a role."""
    fitting = [post.id for post in posts if post.kind.value == role.value]
    return next(iter([*fitting, *(post.id for post in posts)]), "")


def _state(told: MonthTold, say: Speech) -> Said:
    """Return how what is owed stands, with the days left or overdue."""
    if told.duty is None:
        return Said(say("report.not_owed"), "grey")
    settled = {
        State.KEPT: Said(say("report.done"), "green"),
        State.KEPT_LATE: Said(say("report.done_late"), "amber"),
        State.WAIVED: Said(say("report.waived"), "grey"),
    }
    if told.duty in settled:
        return settled[told.duty]
    if told.days_left < 0:
        return Said(say("report.past", n=-told.days_left), "red")
    if told.days_left == 0:
        return Said(say("report.today"), "red")
    return Said(say("report.left", n=told.days_left), "blue")


def _standing(told: MonthTold, say: Speech) -> Said:
    how = told.standing.state if told.standing else None
    if how is None:
        return Said(say("report_state.none"), "grey")
    return Said(say(f"report_state.{how.value}"), _TONES[how])


def _steps(told: MonthTold, say: Speech) -> list[Step]:
    """Return the way of a report: filled in, signed by both, in effect."""
    filed = told.receipt is not None
    titles = [say("report.step.fill")]
    done = [filed]
    if told.signers or (not filed and _kind(told) == "zero"):
        by_role: dict[Role, SignerTold] = {each.role: each for each in told.signers}
        titles += [say(f"report.step.{role.value}") for role in Role]
        done += [bool(role in by_role and by_role[role].signed_by) for role in Role]
    titles.append(say("report.step.effect"))
    done.append(bool(told.standing and told.standing.effect))
    present = done.index(False) if False in done else -1
    return [
        Step(
            title,
            "done" if is_done else "now" if index == present else "later",
            say("report.step_now") if index == present else "",
        )
        for index, (title, is_done) in enumerate(zip(titles, done, strict=True))
    ]
