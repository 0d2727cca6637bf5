"""Monthly reports 月报 as a roll 名册: who owed the report of a month, and who has reported.

Who owes which month, and by what it is discharged, is asked of the policy's own rule (3.2a).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.answer import State
from domain.moment import (
    first_day,
    last_day,
    local_day,
    month_of,
    months_between,
    parse_moment,
)
from domain.monthly_report import Role, kind_of, report_id
from domain.organisation import supervision_id
from domain.policy.bearers import SHOWS_KNOWLEDGE
from domain.policy.duty import Docket, judge
from domain.policy.reports import ReportState, contradicted, effects, standing
from domain.policy.rules import DUTIES
from domain.record import moment_of
from domain.setting import SETTINGS
from projections.cells import COMPLIANT, LETTERS, MONTHS, SILENT, bits, cell_of
from projections.charges import within
from projections.folding import (
    ALL_TIME,
    Folded,
    LedgerFacts,
    Row,
    bearing_table,
    in_order,
    replace,
    tags_of,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.fact import Entry
    from domain.ledger import RawEntry
    from domain.policy.duty import Duty
    from projections.charges import Scope
    from projections.views import Views

CONTRADICTED = ReportState.CONTRADICTED.value
MONTHLY = tuple(rule for rule in DUTIES if (rule.clause, rule.key) == ("3.2a", "monthly"))
_ABOUT = (
    *("organisation.registered", "organisation.changed", "organisation.closed"),
    *("supervision.assigned", "supervision.ended"),
    *("supervision.transfer_accepted", "supervision.transfer_decided"),
    *("report.filed", "report.endorsed", "report.withdrawn", "duty.waived", "fact.corrected"),
    *("signature.made", "signature.withdrawn"),
)


_SETTLED = """
    LEFT JOIN {view} AS settled
        ON settled.enterprise = o.id AND settled.month = %(month)s AND settled.state IS NOT NULL
"""
"""Asked for by what is not there, so that the planner takes it for the anti-join that it is.

By ``r.state IS NULL`` it expects one row and sorts the whole county for each page.
"""


class Reports(Folded):
    """One row for each month that an enterprise reported or was let off, and the months it owes."""

    name = "report"
    noun = "org"
    puts_off = True
    version = 5
    topics: frozenset[str] | None = frozenset((*_ABOUT, *SHOWS_KNOWLEDGE))
    tables: Mapping[str, str] = {
        "report": """
            CREATE TABLE report (
                id uuid PRIMARY KEY,
                enterprise uuid NOT NULL,
                month text COLLATE "C" NOT NULL,
                kind text,
                filed text,
                effective text,
                state text,
                standing text,
                missing text[],
                two_posts boolean
            );
            CREATE INDEX ON report (enterprise, month)
        """,
        "report_owed": """
            CREATE TABLE report_owed (
                enterprise uuid NOT NULL,
                since text COLLATE "C" NOT NULL,
                until text COLLATE "C",
                told_to integer NOT NULL,
                PRIMARY KEY (enterprise, since)
            );
            CREATE INDEX ON report_owed (told_to) WHERE until IS NULL
        """,
        "report_year": """
            CREATE TABLE report_year (
                enterprise uuid NOT NULL,
                year integer NOT NULL,
                owed integer NOT NULL,
                letters text COLLATE "C" NOT NULL,
                late integer[],
                in_time integer NOT NULL,
                PRIMARY KEY (year, enterprise)
            );
            CREATE INDEX ON report_year (enterprise)
        """,
        "report_bearing": bearing_table("report"),
    }

    def gather(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> set[UUID]:
        """Return the enterprises concerned.

        What shows that a hazard was known matters only where a zero report is on record. Of one
        whose row is not made yet it makes no difference: it will be made from all that is known.
        """
        filed = {
            tag
            for entry in (raw.entry for raw in entries)
            if kind_of(entry) == "zero"
            for tag in entry.tags
        }
        query = "SELECT DISTINCT enterprise FROM report WHERE kind = 'zero'"
        zero = filed | {f"org:{row['enterprise']}" for row in cursor.execute(query).fetchall()}
        matter = [raw for raw in entries if raw.topic in _ABOUT or zero & set(raw.entry.tags)]
        return super().gather(cursor, matter) if matter else set()

    def borne_on(self, entry: Entry, facts: LedgerFacts, cursor: Cursor[DictRow]) -> set[str]:
        """Return the enterprise of a report or waiver too: it is looked for by the enterprise."""
        borne_on = super().borne_on(entry, facts, cursor)
        if entry.fact.topic.noun in ("report", "waiver"):
            borne_on |= {tag for tag in entry.tags if tag.startswith("org:")}
        return borne_on

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make anew what is said of these enterprises."""
        judged = [(docket, judge(docket, MONTHLY)) for docket in self._dockets(ids, facts, cursor)]
        owed = [row for docket, duties in judged for row in _owed(docket, duties)]
        reported: list[Row] = []
        years: list[Row] = []
        for docket, duties in judged:
            rows = list(_reported(docket, duties))
            reported += rows
            owed_for = _through_the_year(docket, {duty.opening.detail for duty in duties})
            years += _years(docket, rows, owed_for)
        replace(cursor, "report_owed", "enterprise", ids, owed)
        replace(cursor, "report_year", "enterprise", ids, years)
        replace(cursor, "report", "enterprise", ids, reported)

    def _dockets(
        self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]
    ) -> Iterator[Docket]:
        """Yield each enterprise's docket, as far as reports go.

        What they rest on is read for all of them at once: asked one by one, a city's would be on
        the way for longer than they are judged.
        """
        opened = facts.at([1])
        of_records: dict[UUID, list[Entry]] = defaultdict(list)
        for entry in facts.of({*ids, *map(supervision_id, ids)}):
            of_records[entry.record].append(entry)
        bearing = self.bearing_on_each(cursor, facts, tags_of("org", ids))
        for each in ids:
            about = bearing.get(f"org:{each}", [])
            own = of_records[each], of_records[supervision_id(each)]
            yield _docket(each, in_order(opened, *own, about), facts)


def _docket(enterprise: UUID, entries: list[Entry], facts: LedgerFacts) -> Docket:
    """Return an enterprise's docket a month past all on record of it.

    What was entered ahead, such as a day of closing, decides who owes which month too.

    Whether a zero report stands is a matter of all that is on record about the enterprise.
    """
    if any(kind_of(entry) == "zero" for entry in entries):
        whole = facts.tagged(tags_of("org", [enterprise]))
        entries = in_order(entries, whole, facts.of([SETTINGS]))
    days = [local_day(each) for e in entries for each in (e.recorded, moment_of(e))]
    next_month = last_day(month_of(min(max(days), ALL_TIME))) + timedelta(days=1)
    return Docket(enterprise, entries, next_month)


def _owed(docket: Docket, duties: Sequence[Duty]) -> Iterator[Row]:
    """Yield the stretches of months owed; the last goes on where nothing ended it."""
    months = sorted({duty.opening.detail for duty in duties})
    first = 0
    for index, month in enumerate(months):
        goes_on = index + 1 < len(months) and months_between(
            first_day(month), first_day(months[index + 1])
        ) == [month, months[index + 1]]
        if not goes_on:
            ends = month < month_of(docket.at)
            yield {
                "enterprise": str(docket.enterprise),
                "since": months[first],
                "until": month if ends else None,
                "told_to": docket.at.year,
            }
            first = index + 1


def _reported(docket: Docket, judged: Sequence[Duty]) -> Iterator[Row]:
    """Yield each month that was reported, or that nobody need report any more."""
    duties = {duty.opening.detail: duty for duty in judged}
    waived = {month for month, duty in duties.items() if duty.state is State.WAIVED}
    for month in sorted(waived | docket.reports.keys()):
        duty, report = duties.get(month), docket.reports.get(month)
        settled = duty is not None and duty.state in (State.KEPT, State.KEPT_LATE, State.WAIVED)
        how = standing(docket, report) if report else None
        effective = effects(docket, report) if report else []
        yield {
            "id": str(report_id(docket.enterprise, month)),
            "enterprise": str(docket.enterprise),
            "month": month,
            "kind": kind_of(how.filing) if how and how.filing else None,
            "filed": when(moment_of(how.filing)) if how and how.filing else None,
            "effective": when(moment_of(effective[0][1])) if effective else None,
            "standing": how.state.value if how and how.state else None,
            "missing": [role.value for role in how.missing] if how else [],
            "two_posts": bool(how and how.two_posts),
            "state": duty.state.value if duty and settled else None,
        }


def contradicted_months(docket: Docket) -> Iterator[str]:
    """Yield the months of which any zero report was contradicted: another text undoes no breach."""
    for month, report in docket.reports.items():
        texts = (filing for filing in report.all("report.filed") if kind_of(filing) == "zero")
        if any(contradicted(docket, report, filing) for filing in texts):
            yield month


def _through_the_year(docket: Docket, owed: set[str]) -> set[str]:
    """Return the months owed with those that follow in the year, where they go on."""
    now = month_of(docket.at)
    year = now[:4]
    rest = months_between(first_day(now), first_day(f"{year}-12")) if now in owed else []
    return owed | set(rest)


def _years(docket: Docket, reported: Sequence[Row], owed: set[str]) -> Iterator[Row]:
    """Yield for each year what is owed in it, and how the record marks its months."""
    lied = set(contradicted_months(docket))
    marks: dict[str, tuple[str, int]] = {}
    for row in reported:
        month, effective = row["month"], row["effective"]
        marks[month] = cell_of(
            row["state"] or (State.OPEN.value if month in owed else None),
            CONTRADICTED if month in lied else row["standing"],
            row["kind"],
            local_day(parse_moment(effective)) if effective else None,
            month,
            len(row["missing"]) < len(Role),
        )
    for year in sorted({month[:4] for month in (*owed, *marks)}):
        months = [f"{year}-{number:02d}" for number in range(1, MONTHS + 1)]
        told = [marks.get(month, ("", 0)) for month in months]
        yield {
            "enterprise": str(docket.enterprise),
            "year": int(year),
            "owed": bits(month in owed for month in months),
            "letters": "".join(LETTERS.get(mark, SILENT) for mark, _ in told),
            "late": late if any(late := [days for _, days in told]) else None,
            "in_time": bits(mark in COMPLIANT for mark, _ in told),
        }


def list_reports(
    views: Views,
    *,
    month: str,
    today: date,
    limit: int,
    reported: bool | None = None,
    after: tuple[str, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return the roll of a month by the enterprises' codes: who owed it, and how it stands.

    Args:
        views: where to read.
        month: as ``2024-05``.
        today: the local day by which lateness is told: the month ends at 24:00 of its last day.
        limit: how many at most.
        reported: only those that have, or have not, reported with effect.
        after: code and id of the last enterprise already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("o.id", scope)
    conditions = {
        "(w.enterprise IS NOT NULL OR r.id IS NOT NULL)": True,
        "r.state IN ('kept', 'kept_late')": reported is True,
        "w.enterprise IS NOT NULL AND settled.enterprise IS NULL": reported is False,
        "(o.code, o.id) > (%(code)s, %(last)s)": after is not None,
    }
    code, last = after or (None, None)
    return views.rows(
        f"""
        SELECT o.id AS enterprise, o.code, o.name, %(month)s AS month, r.id AS record,
            r.kind, r.filed, r.effective, r.standing,
            coalesce(r.missing, ARRAY[]::text[]) AS missing,
            coalesce(r.two_posts, false) AS two_posts, w.enterprise IS NOT NULL AS owed,
            coalesce(r.state, CASE WHEN w.enterprise IS NOT NULL
                THEN CASE WHEN %(over)s THEN 'broken' ELSE 'open' END END) AS state
        FROM {{views}}.organisation AS o
        LEFT JOIN {{views}}.report_owed AS w ON w.enterprise = o.id
            AND w.since <= %(month)s AND (w.until IS NULL OR w.until >= %(month)s)
        LEFT JOIN {{view}} AS r ON r.enterprise = o.id AND r.month = %(month)s
        {_SETTLED if reported is False else ""}
        WHERE {{chosen}}
        ORDER BY o.code, o.id LIMIT %(limit)s
        """,  # noqa: S608 - only our own words are put in
        view="report",
        chosen=[*(each for each, wanted in conditions.items() if wanted), *own],
        values={
            **compared,
            "month": month,
            "over": today > last_day(month),
            "code": code,
            "last": last,
            "limit": limit,
        },
    )
