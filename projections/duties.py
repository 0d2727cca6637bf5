"""Live figures 现况: how many duties are open, overdue and kept under each clause, as last counted.

A duty of a body stands in the docket of every enterprise that the body answers for; it is counted
once. Judging every docket takes its time (some ten milliseconds each), so it is a job of its own,
``daocha policy --count``, and what it found is kept with the moment it is as of.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from domain.answer import State
from domain.errors import Unavailable
from domain.ledger import Query
from domain.ledger.schema import WRITER
from domain.moment import format_moment, local_day
from domain.organisation import OrganisationRegistered
from domain.policy.duty import Docket, judge
from domain.policy.rules import DUTIES
from domain.reading import read_case
from domain.record import facts_of
from projections.build import Builds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from domain.ledger import Ledger
    from domain.policy.duty import Duty
    from projections.views import Views

_TABLE = """
    CREATE TABLE IF NOT EXISTS {table} (
        clause text COLLATE "C" PRIMARY KEY,
        open bigint NOT NULL,
        overdue bigint NOT NULL,
        kept bigint NOT NULL,
        as_of text NOT NULL,
        position bigint NOT NULL,
        organisations bigint NOT NULL
    )
"""
_NAME = "duty_figure"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is owed under one clause: open, overdue, and kept in the year of the moment."""

    open: int = 0
    overdue: int = 0
    kept: int = 0


class Tally:
    """Counts duties by clause, each once however many dockets show it.

    Args:
        at: the moment; what is kept is counted for its local year.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._year = local_day(at).year
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._shared: set[str] = set()

    def add(self, docket: Docket) -> None:
        """Count the duties of one organisation's docket."""
        for duty in judge(docket, DUTIES):
            if self._is_new(docket, duty):
                self._counts[duty.rule.clause][self._standing(duty)] += 1

    def _is_new(self, docket: Docket, duty: Duty) -> bool:
        """Only what is not about the organisation itself can stand in another docket too.

        A report from the public stands in those of its office and of the enterprise it is about.
        """
        subject, own = duty.opening.subject, f"org:{docket.enterprise}"
        about = [] if subject.startswith("tip:") else docket.about(subject)[:1]
        if subject == own or any(own in entry.tags for entry in about):
            return True
        seen = duty.id in self._shared
        self._shared.add(duty.id)
        return not seen

    def _standing(self, duty: Duty) -> str:
        if duty.state in (State.OPEN, State.BROKEN):
            return "open" if duty.state is State.OPEN else "overdue"
        kept = duty.state in (State.KEPT, State.KEPT_LATE) and duty.done is not None
        this_year = kept and duty.done and local_day(duty.done.at).year == self._year
        return "kept" if this_year else "settled"

    def figures(self) -> dict[str, Figures]:
        """Return what was counted, by clause."""
        return {
            clause: Figures(count["open"], count["overdue"], count["kept"])
            for clause, count in self._counts.items()
        }


def count_duties(
    ledger: Ledger,
    at: datetime,
    *,
    tell: Callable[[int, int], object] = lambda _, __: None,
) -> dict[str, Figures]:
    """Count what everybody owes at a moment and keep it for :func:`last_count`.

    Args:
        ledger: whose.
        at: the moment, aware.
        tell: called with how many organisations are counted, and of how many.
    """
    head = ledger.head().position
    registered = ledger.read(Query((), ("organisation.registered",)), upto=head, open_sealed=False)
    tally = Tally(at)
    organisations: list[UUID] = [e.record for e, _ in facts_of(registered, OrganisationRegistered)]
    for number, organisation in enumerate(organisations, 1):
        tally.add(Docket(organisation, read_case(ledger, organisation, upto=head), at))
        tell(number, len(organisations))
    figures = tally.figures()
    _keep(ledger, at, head, len(organisations), figures)
    return figures


def _keep(
    ledger: Ledger, at: datetime, head: int, organisations: int, figures: dict[str, Figures]
) -> None:
    builds = Builds(ledger.conninfo, ledger.schema, size=1)
    table = sql.Identifier(builds.views, _NAME)
    rows = [
        (clause, each.open, each.overdue, each.kept, format_moment(at), head, organisations)
        for clause, each in figures.items()
    ]
    try:
        with builds.transaction(_NAME) as cursor:
            cursor.execute(sql.SQL(_TABLE).format(table=table))
            cursor.execute(sql.SQL("DELETE FROM {}").format(table))
            cursor.executemany(
                sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s, %s, %s, %s)").format(table), rows
            )
            role = "SELECT 1 FROM pg_roles WHERE rolname = %s"
            if cursor.execute(role, [WRITER]).fetchone():
                grant = f"GRANT SELECT ON {{}} TO {WRITER}"
                cursor.execute(sql.SQL(grant).format(table))
    finally:
        builds.close()


def last_count(views: Views) -> list[dict[str, Any]]:
    """Return what was last counted, a row a clause; nothing where it never was."""
    try:
        return views.rows(
            "SELECT * FROM {view} WHERE {chosen} ORDER BY clause",
            view=_NAME,
            chosen=[],
            values={},
        )
    except Unavailable:
        return []
