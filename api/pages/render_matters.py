"""The pages of orders, listings and halts 指令、督办、停产页面."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.acting import fresh_command
from api.pages.render import Page, render
from api.pages.table import Cell, Column, Field, Table, Tag
from api.pages.words import Speech
from domain.listing import Stage
from domain.moment import local_day, parse_moment
from domain.order import OrderState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from api.pages.acts import Shown
    from api.pages.render import Switches
    from api.pages.words import Lang
    from api.routes.shown import Fresh
    from api.scene import Scene
    from domain.trace import About

Row = dict[str, Any]


def days(deadline: date | None, today: date, say: Speech, *, soon: int = 7) -> Tag | None:
    """Return how a deadline stands in days, as words; None where there is none."""
    if deadline is None:
        return None
    left = (deadline - today).days
    if left < 0:
        return Tag(say("matter.days_over", n=-left), "red")
    if left == 0:
        return Tag(say("matter.today"), "amber")
    return Tag(say("matter.days_left", n=left), "amber" if left <= soon else "grey")


def place_cell(row: Row) -> Cell:
    """Return the enterprise of a row, with its code."""
    return Cell(row["enterprise_name"] or str(row["enterprise"]), note=row["enterprise_code"] or "")


def day_of(text: str | None) -> str:
    """Return the local day of a stored moment."""
    return "" if text is None else local_day(parse_moment(text)).isoformat()


def _tags(*tags: Tag | None) -> tuple[Tag, ...]:
    return tuple(tag for tag in tags if tag)


# lists

_ORDER_TONES = {
    OrderState.ISSUED: "amber",
    OrderState.SERVED: "amber",
    OrderState.COMPLIED: "blue",
    OrderState.FAILED: "red",
    OrderState.PASSED: "green",
    OrderState.WITHDRAWN: "grey",
}


def order_tag(state: str, say: Speech) -> Tag:
    """Return how an order stands."""
    return Tag(say.name("order_state", state), _ORDER_TONES[OrderState(state)])  # type: ignore[arg-type] # one of the tones


def orders_table(rows: Iterable[Row], today: date, say: Speech) -> Table[Row]:
    """Return orders as a table."""
    return Table(
        (
            Column("orders.number", lambda row: Cell(row["number"], f"/orders/{row['id']}"), 26),
            Column("matter.enterprise", place_cell, 30),
            Column("orders.by", lambda row: row["by_name"] or "", 24),
            Column("orders.issued", lambda row: day_of(row["issued"]), 12),
            Column(
                "orders.items",
                lambda row: say("orders.items_open", open=row["open_items"], all=row["items"]),
                12,
            ),
            Column(
                "orders.deadline",
                lambda row: Cell(
                    row["deadline"].isoformat() if row["deadline"] else "",
                    tags=_tags(days(row["deadline"], today, say)),
                ),
                22,
            ),
            Column(
                "orders.state",
                lambda row: Cell(
                    tags=_tags(
                        order_tag(row["state"], say),
                        Tag(say("order.defied"), "red") if row["defied"] else None,
                    )
                ),
            ),
        ),
        rows,
    )


def order_fields(state: str, number: str, *, overdue: bool, say: Speech) -> list[Field]:
    """Return by what orders are filtered."""
    names = ("", "open", *(each.value for each in OrderState))
    return [
        Field("number", "orders.number", value=number),
        Field(
            "state",
            "orders.state",
            "choice",
            state,
            tuple((name, say.name("order_state", name or "all")) for name in names),
        ),
        Field("overdue", "orders.overdue", "tick", "1" if overdue else ""),
    ]


_HALT_NAMES = {"": "halts.any", "yes": "halts.yes", "no": "halts.no"}


def halts_table(rows: Iterable[Row], say: Speech) -> Table[Row]:
    """Return halts as a table."""
    return Table(
        (
            Column(
                "matter.enterprise",
                lambda row: Cell(
                    row["enterprise_name"] or str(row["enterprise"]),
                    f"/halts/{row['id']}",
                    note=row["enterprise_code"] or "",
                ),
                32,
            ),
            Column("halts.by", lambda row: row["by_name"] or "", 24),
            Column("halts.ground", lambda row: say.name("halt_ground", row["ground"])),
            Column("orders.number", lambda row: row["number"] or "", 24),
            Column("halts.since", lambda row: day_of(row["since"]), 12),
            Column("halts.lifted", lambda row: day_of(row["lifted"]), 12),
            Column(
                "halts.in_force",
                lambda row: Cell(
                    tags=(
                        Tag(say("halts.no"), "grey")
                        if row["lifted"]
                        else Tag(say("halts.yes"), "red"),
                    )
                ),
            ),
        ),
        rows,
    )


def halt_fields(state: str, say: Speech) -> list[Field]:
    """Return by what halts are filtered."""
    options = tuple((value, say(word)) for value, word in _HALT_NAMES.items())
    return [Field("state", "halts.in_force", "choice", state, options)]


_STAGE_TONES = {
    Stage.PROPOSED: "amber",
    Stage.DECLINED: "grey",
    Stage.LISTED: "red",
    Stage.FIRST_ACCEPTED: "blue",
    Stage.APPLIED: "blue",
    Stage.SECOND_ACCEPTED: "blue",
    Stage.DELISTED: "green",
}
BOARD = (
    Stage.PROPOSED,
    Stage.LISTED,
    Stage.FIRST_ACCEPTED,
    Stage.APPLIED,
    Stage.SECOND_ACCEPTED,
    Stage.DELISTED,
)
"""The columns of the board, in the order in which a listing passes through them."""
_TURNS = {
    Stage.PROPOSED: "authority_name",
    Stage.LISTED: "responsible_name",
    Stage.FIRST_ACCEPTED: "responsible_name",
    Stage.APPLIED: "supervising_name",
    Stage.SECOND_ACCEPTED: "supervising_name",
}


def listings_table(rows: Iterable[Row], today: date, say: Speech) -> Table[Row]:
    """Return listings as a table."""
    return Table(
        (
            Column(
                "matter.enterprise",
                lambda row: Cell(
                    row["enterprise_name"] or str(row["enterprise"]),
                    f"/listings/{row['id']}",
                    note=row["enterprise_code"] or "",
                ),
                32,
            ),
            Column("listing.hazard", lambda row: row["hazard_number"] or "", 20),
            Column("listing.number", lambda row: row["number"] or say("listing.no_number"), 22),
            Column("listing.authority", lambda row: row["authority_name"] or "", 24),
            Column("listing.responsible", lambda row: row["responsible_name"] or "", 24),
            Column("listing.supervising", lambda row: row["supervising_name"] or "", 24),
            Column(
                "listing.deadline",
                lambda row: Cell(
                    row["deadline"].isoformat() if row["deadline"] else "",
                    tags=_tags(None if row["ended"] else days(row["deadline"], today, say)),
                ),
                20,
            ),
            Column(
                "listings.stage",
                lambda row: Cell(
                    tags=(
                        Tag(
                            say.name("stage", row["stage"]),
                            _STAGE_TONES[Stage(row["stage"])],  # type: ignore[arg-type] # one of the tones
                        ),
                    )
                ),
                20,
            ),
        ),
        rows,
    )


def listing_fields(stage: str, say: Speech) -> list[Field]:
    """Return by what listings are filtered."""
    stages = [(each.value, say.name("stage", each)) for each in Stage]
    options = (("", say("listings.any")), *stages)
    return [Field("stage", "listings.stage", "choice", stage, options)]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A column of the board: who stands there, and whether there are more."""

    stage: str
    rows: Sequence[Row]
    more: bool

    @property
    def count(self) -> str:
        """How many, as far as they are shown."""
        return f"{len(self.rows)}+" if self.more else str(len(self.rows))


def board_column(
    stage: Stage, rows: Sequence[Row], limit: int, today: date, say: Speech
) -> BoardColumn:
    """Return a column of the board from its rows, one more than are shown if there are more."""
    shown = [
        {
            **row,
            "turn": row.get(_TURNS.get(stage, "")),
            "left": None if row["ended"] else days(row["deadline"], today, say),
        }
        for row in rows[:limit]
    ]
    return BoardColumn(stage.value, shown, len(rows) > limit)


@dataclass(frozen=True, slots=True)
class Paging:
    """Where in a list a page is: from which cursor on, and where it goes on."""

    after: str | None
    next: str | None


def list_page(  # noqa: PLR0913 - each is a part of the page
    name: str,
    table: Table[Any],
    fields: Sequence[Field],
    paging: Paging,
    fresh: Fresh,
    lang: Lang,
    switches: Switches,
    *,
    export: str = "",
    new: Sequence[tuple[str, str]] = (),
    template: str = "matters/listed.html",
    **more: object,
) -> str:
    """Return a list with its filters, its pages, and what can be begun from it.

    Args:
        name: of its words: title, ``.lead``, ``.none`` and ``.none_todo``.
        table: the rows of this page.
        fields: the filters.
        paging: where in the list it is.
        fresh: as of when it stands.
        lang: the language of the interface.
        switches: how the page is shown.
        export: where the spreadsheet of all of it is.
        new: what can be begun, as address and words.
        template: where it is shown otherwise.
        more: what that asks for.
    """
    kept = {field.name: field.value for field in fields if field.value}
    if paging.after:
        kept["after"] = paging.after
    page = Page(lang, switches, kept)
    return render(
        template,
        page,
        lang,
        name=name,
        table=table,
        rows=[*table.rows],
        fields=fields,
        after=paging.after,
        next=paging.next,
        fresh=fresh,
        export=export,
        new=new,
        **more,
    )


# one record


def matter_page(
    template: str,
    scene: Scene,
    about: About,
    acts: Sequence[Shown],
    recorded: int | None,
    lang: Lang,
    switches: Switches,
    *,
    bundle: str,
    **values: object,
) -> str:
    """Return the page of one record: what it says, what can be done, what is owed, its facts.

    Args:
        template: of what is particular to its kind.
        scene: the enterprise.
        about: duties and facts.
        acts: the forms of what the visitor can do.
        recorded: where what was just recorded stands.
        lang: the language of the interface.
        switches: how the page is shown.
        bundle: where its evidence bundle is.
        values: what the template asks for.
    """
    papers = scene.papers(fact.position for fact in about.facts)
    return render(
        template,
        Page(lang, switches, {}),
        lang,
        place=scene.place,
        about=about,
        acts=acts,
        papers=papers,
        commands={position: fresh_command() for position in papers},
        recorded=recorded,
        bundle=bundle,
        today=scene.today.isoformat(),
        **values,
    )


def begin_page(  # noqa: PLR0913 - each is a part of the page
    title: str,
    place: object | None,
    acts: Sequence[Shown],
    found: Sequence[Row],
    asked: str,
    kept: Mapping[str, str],
    lang: Lang,
    switches: Switches,
    *,
    more: bool = False,
) -> str:
    """Return the page on which something is begun about an enterprise, or one is looked for.

    Args:
        title: the name of the words for it.
        place: the enterprise, once it is chosen.
        acts: the form.
        found: the enterprises found, where none is chosen yet.
        asked: the words searched for.
        kept: what the address keeps.
        lang: the language of the interface.
        switches: how the page is shown.
        more: whether rows can be added.
    """
    say = Speech(lang)
    return render(
        "matters/begin.html",
        Page(lang, switches, dict(kept)),
        lang,
        title=say(title),
        place=place,
        acts=acts,
        found=found,
        asked=asked,
        more=more,
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an order as it is shown."""

    item: int
    text: str
    hazard: str | None
    number: str
    major: bool
    first: date
    deadline: date
    left: Tag | None
    void: Sequence[object]
    verdict: bool | None
    remarks: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a listing as it is shown."""

    key: str
    who: str
    at: date | datetime | None
    failed: bool
    current: bool

    @property
    def tone(self) -> str:
        """How it is drawn."""
        if self.failed:
            return "failed"
        return "current" if self.current else "done" if self.at else "open"


def stage_tone(stage: Stage) -> str:
    """Return the tone in which a stage is told."""
    return _STAGE_TONES[stage]
