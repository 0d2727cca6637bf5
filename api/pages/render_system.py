"""The page that says how the system is 系统状态."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from api.pages import show
from api.pages.render import Page, Switches, render
from api.pages.table import Cell, Column, Table, Tag
from api.pages.words import WORDS, Lang, Speech

if TYPE_CHECKING:
    from api.system_told import DocketTold, ModelTold, SystemTold

_GIGABYTE = 1024**3
_WHOLE = 100


def system_page(told: SystemTold, lang: Lang, switches: Switches) -> str:
    """Return the page."""
    say = Speech(lang)
    return render(
        "system.html",
        Page(lang, switches, {}),
        lang,
        told=told,
        models=_models(told.models, say),
        unjudged=Table(_UNJUDGED, told.unjudged),
        safety=tuple(_safety(told, say)),
        free=f"{told.free / _GIGABYTE:.1f} GiB",
    )


def _model(row: ModelTold, say: Speech) -> str:
    word = f"model.{row.name}"
    return say(word) if word in WORDS else row.name


def _state(row: ModelTold, say: Speech) -> Cell:
    tags = []
    note = ""
    if row.stopped_at is not None:
        tags.append(Tag(say("system.stopped", position=f"{row.stopped_at:,}"), "red"))
        note = say("system.reason", reason=row.reason or "?")
    elif row.behind:
        tags.append(Tag(say("system.catching"), "amber"))
    else:
        tags.append(Tag(say("system.upto_date"), "green"))
    if row.rebuilding is not None:
        percent = min(row.rebuilding, _WHOLE)
        tags.append(Tag(say("system.rebuilding", percent=percent), "blue"))
    return Cell(tags=tuple(tags), note=note)


def _models(rows: tuple[ModelTold, ...], say: Speech) -> Table[ModelTold]:
    columns: tuple[Column[ModelTold], ...] = (
        Column("system.model", lambda row: _model(row, say)),
        Column("system.state", lambda row: _state(row, say)),
        Column("system.position", lambda row: f"{row.position:,}"),
        Column("system.behind", lambda row: f"{row.behind:,}"),
    )
    return Table(columns, rows)


_UNJUDGED: tuple[Column[DocketTold], ...] = (
    Column("unit", lambda row: Cell(row.name or "", f"/duties?organisation={row.docket}")),
    Column("system.position", lambda row: f"{row.upto:,}"),
    Column("system.why", lambda row: row.reason),
)


def _safety(told: SystemTold, say: Speech) -> list[tuple[str, str, str]]:
    """Return what is kept and proved: the words for what, how it stands, and in which tone."""
    behind = max(0, told.position - told.published)
    log = say("system.published", size=f"{told.published:,}", behind=f"{behind:,}")
    if told.problem is not None:
        log = f"{log}；{say.pick(told.problem.zh, told.problem.en)}"
    tones = {name: "red" if name in told.wrong else "green" for name in _KEPT}
    return [
        ("system.log", log, tones["log"]),
        ("system.audit", _audit(told, say), tones["audit"] if told.audit else "grey"),
        ("system.backup", _backup(told, say), tones["backup"]),
        ("system.rehearsal", _rehearsal(told, say), tones["rehearsal"]),
    ]


_KEPT = ("log", "audit", "backup", "rehearsal")


def _audit(told: SystemTold, say: Speech) -> str:
    if told.audit is None:
        return say("system.audit.none")
    word = "system.audit.held" if told.audit.get("holds") else "system.audit.fault"
    return say(word, at=_moment(told.audit["at"]), position=f"{told.audit['position']:,}")


def _backup(told: SystemTold, say: Speech) -> str:
    if told.backup is None:
        return say("system.backup.none")
    kind = say("system.backup.changed" if told.backup.get("parent") else "system.backup.full")
    at = _moment(told.backup["finished"])
    return say("system.backup.at", at=at, kind=kind, position=f"{told.backup['position']:,}")


def _rehearsal(told: SystemTold, say: Speech) -> str:
    if told.rehearsal is None:
        return say("system.rehearsal.none")
    at = _moment(told.rehearsal["at"])
    if not told.rehearsal.get("whole"):
        return say("system.rehearsal.lacking", at=at)
    position, seconds = told.rehearsal["position"], told.rehearsal["seconds"]
    return say("system.rehearsal.whole", at=at, position=f"{position:,}", seconds=seconds)


def _moment(text: str) -> str:
    return show.moment(datetime.fromisoformat(text))
