"""The desk and the lists of duties 工作台和责任清单."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.owing import DutyTold
from api.pages import show
from api.pages.render import Page, Switches, render
from api.pages.table import Cell, Column, Field, Table, Tag
from api.pages.words import Lang, Speech
from projections.owed_asked import MOST, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from api.pages.table import Tone
    from api.routes.shown import Fresh
    from domain.answer import Words

_TONES: dict[str, Tone] = {
    "open": "blue",
    "broken": "red",
    "kept": "green",
    "kept_late": "amber",
    "waived": "grey",
}
_SOON = 7


@dataclass(frozen=True, slots=True)
class ClauseCount:
    """How much is owed under a clause."""

    clause: str
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of a desk: its name, what stands in it, and where all of it is to be seen."""

    name: str
    duties: Sequence[DutyTold]
    all: str = ""


@dataclass(frozen=True, slots=True)
class DeskTold:
    """What a desk shows.

    Args:
        name: whose; None for the machine's owner.
        posts: the posts they hold, with their organisations' names.
        counts: how many duties of theirs are overdue, due soon, and due later.
        owed, coming: their duties, and those that open by themselves soon.
        by_unit: those of their organisation, where they lead it.
        owed_to, owed_to_clauses: what others owe it, and how much by clause.
        changed: what was kept or excused lately.
        behind: how many organisations' facts are not judged yet.
        fresh: as of when it stands.
    """

    name: str | None
    posts: Sequence[str]
    counts: Mapping[Part, int]
    owed: Shown
    coming: Shown
    by_unit: Shown | None
    owed_to: Shown | None
    owed_to_clauses: Sequence[ClauseCount]
    changed: Shown
    behind: int
    fresh: Fresh


def desk_page(told: DeskTold, lang: Lang, switches: Switches) -> str:
    """Return somebody's desk."""
    say = Speech(lang)
    page = Page(lang, switches, {})
    return render(
        "duties/desk.html",
        page,
        lang,
        told=told,
        counts={part: _number(say, told.counts[part]) for part in told.counts},
        owed=duty_table(told.owed.duties, say, bearer=told.name is None),
        coming=duty_table(told.coming.duties, say, bearer=told.name is None),
        by_unit=told.by_unit and duty_table(told.by_unit.duties, say, bearer=True),
        owed_to=told.owed_to and duty_table(told.owed_to.duties, say, bearer=True),
        clauses=_clause_table(told.owed_to_clauses, say),
        changed=duty_table(told.changed.duties, say, bearer=True, settled=True),
    )


@dataclass(frozen=True, slots=True)
class ListTold:
    """What a page of a list of duties shows.

    Args:
        whose: whose duties, in words; empty where nobody is named yet.
        to: whether they are owed to them rather than by them.
        as_at: the day, where it is not now.
        fields: the filters.
        kept: what else the address keeps.
        duties: the lines.
        settled: whether these are kept or excused.
        next: from where the next page goes on.
        after: from where this one does.
        too_many: how many cases a day would take, where those are too many.
        candidates: organisations that match what was typed, by their ids.
        unknown: whether none matches.
        behind: how many organisations' facts are not judged yet.
        fresh: as of when it stands.
    """

    whose: str
    to: bool
    as_at: str
    fields: Sequence[Field]
    kept: Mapping[str, str]
    duties: Sequence[DutyTold]
    settled: bool
    next: str | None
    after: str
    too_many: int | None
    candidates: Sequence[tuple[str, str]]
    unknown: bool
    behind: int
    fresh: Fresh


def duties_page(told: ListTold, lang: Lang, switches: Switches) -> str:
    """Return a page of a list of duties."""
    say = Speech(lang)
    page = Page(lang, switches, dict(told.kept))
    table = duty_table(told.duties, say, bearer=True, settled=told.settled)
    export = f"/duties.xlsx{page.here(after=None)}" if told.whose else ""
    return render("duties/list.html", page, lang, told=told, table=table, export=export)


def _number(say: Speech, number: int) -> str:
    return str(number) if number < MOST else say("owed.more", n=MOST)


def duty_table(
    duties: Iterable[DutyTold], say: Speech, *, bearer: bool = False, settled: bool = False
) -> Table[DutyTold]:
    """Return duties as a table.

    Args:
        duties: the rows.
        say: the language.
        bearer: whether to show who bears them.
        settled: whether to show what became of them instead of the days left.
    """
    when = "owed.col.settled" if settled else "owed.col.due"
    columns = [
        Column[DutyTold]("owed.col.duty", lambda duty: _title(duty, say), 34),
        Column[DutyTold]("owed.col.subject", _subject, 34),
        Column[DutyTold](when, lambda duty: due_cell(duty, say, settled=settled), 30),
    ]
    if bearer:
        columns.append(Column[DutyTold]("owed.col.bearer", lambda duty: _bearer(duty, say), 34))
    columns.append(Column[DutyTold]("owed.col.owed_to", lambda duty: duty.owed_to or "—", 24))
    return Table(tuple(columns), duties)


def _title(duty: DutyTold, say: Speech) -> Cell:
    tags = (Tag(say("owed.stands_in"), "amber"),) if duty.stands_in else ()
    return Cell(say.of(duty.title), duty.href, tags, show.clause(duty.clause))


def _subject(duty: DutyTold) -> Cell:
    if duty.organisation and duty.organisation not in duty.subject:
        return Cell(
            duty.subject or duty.organisation, note=duty.organisation if duty.subject else ""
        )
    return Cell(duty.subject)


def _bearer(duty: DutyTold, say: Speech) -> Cell:
    return Cell(duty.bearer or say("none"))


def due_cell(duty: DutyTold, say: Speech, *, settled: bool = False) -> Cell:
    """Return a duty's deadline, and the days that are left or what became of it."""
    if settled:
        fact = say("owed.fact", n=duty.fact) if duty.fact else ""
        text = show.moment(duty.settled)
        return Cell(text, tags=(state_tag(duty, say),), note=fact)
    tag = _days(duty, say)
    if duty.shows is not None:
        tag = Tag(say("owed.from", day=show.moment(duty.shows)[:10]), "grey")
    return Cell(show.deadline(duty.due), tags=(tag,) if tag else ())


def state_tag(duty: DutyTold, say: Speech) -> Tag:
    """Return how a duty stands, in words."""
    return Tag(say(f"owed.state.{duty.state}"), _TONES[duty.state])


def _days(duty: DutyTold, say: Speech) -> Tag | None:
    """Return how many days are left, or have passed."""
    days: int | None = duty.days
    if days is None:
        return None
    if duty.state == "broken":
        words = say("owed.days_over", n=-days) if days < 0 else say("owed.just_over")
        return Tag(words, "red")
    if days == 0:
        return Tag(say("owed.today"), "amber")
    return Tag(say("owed.days_left", n=days), "amber" if days <= _SOON else "grey")


def _clause_table(counts: Sequence[ClauseCount], say: Speech) -> Table[ClauseCount]:
    return Table(
        (
            Column[ClauseCount](
                "owed.col.clause",
                lambda each: Cell(
                    show.clause(each.clause), f"/policy/{each.clause}", note=_words(each.clause)
                ),
            ),
            Column[ClauseCount]("owed.col.open", lambda each: str(each.open)),
            Column[ClauseCount](
                "owed.col.overdue",
                lambda each: Cell(
                    str(each.overdue),
                    tags=(Tag(say("owed.overdue"), "red"),) if each.overdue else (),
                ),
            ),
        ),
        counts,
    )


def _words(clause: str) -> str:
    return show.clause_words(clause)


@dataclass(frozen=True, slots=True)
class GapTold:
    """An area of duty that nobody holds: what, where, since when, and who is to fill it."""

    clause: str
    text: Words
    organisation: str
    since: date | datetime
    days: int
    answers: str
    cursor: str


def gaps_page(
    gaps: Sequence[GapTold],
    clause: str,
    after: str,
    following: str | None,
    fresh: Fresh,
    lang: Lang,
    switches: Switches,
) -> str:
    """Return the page of what nobody holds."""
    say = Speech(lang)
    kept = {"clause": clause, "after": after}
    page = Page(lang, switches, {name: value for name, value in kept.items() if value})
    clauses = (("", say("gaps.all")), *((n, say(f"gaps.{n}")) for n in ("1.1a", "1.2a", "5.1a")))
    return render(
        "duties/gaps.html",
        page,
        lang,
        fields=(Field("clause", "gaps.kind", "choice", clause, clauses),),
        table=gap_table(gaps, say),
        gaps=gaps,
        after=after,
        following=following,
        fresh=fresh,
        export=f"/duties/gaps.xlsx{page.here(after=None)}",
    )


def gap_table(gaps: Iterable[GapTold], say: Speech) -> Table[GapTold]:
    """Return what nobody holds, as a table."""
    return Table(
        (
            Column[GapTold](
                "gaps.col.gap", lambda gap: Cell(say.of(gap.text), note=show.clause(gap.clause)), 40
            ),
            Column[GapTold]("gaps.col.organisation", lambda gap: gap.organisation, 30),
            Column[GapTold](
                "gaps.col.since",
                lambda gap: Cell(
                    show.moment(gap.since), tags=(Tag(say("gaps.days", n=gap.days), "red"),)
                ),
                24,
            ),
            Column[GapTold]("gaps.col.answers", lambda gap: gap.answers, 34),
        ),
        gaps,
    )
