"""What is owed 义务 as rows: kept for every docket, until a fact touches it or its time runs out.

The rows are what ``domain.policy.ahead`` says of a docket, as of a position and a moment. They hold
nothing of their own: whatever changes with time alone (owed from now on, due soon, overdue) is
asked of ``now``; who holds a post is asked of the record. They stand outside the two sets of tables
that a rebuild swaps, for judging everybody takes a while: a docket judged by other rules, or before
the last fact that touches it, is judged again while its rows still show.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson
from psycopg import sql
from psycopg.types.json import Json

from domain.answer import State
from domain.labels import Labels
from domain.ledger.schema import WRITER
from domain.moment import format_moment, parse_moment, start
from domain.record import moment_of
from projections.build import Builds
from projections.owed_asked import FAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from domain.ledger import Ledger
    from domain.policy.ahead import Foreseen, Outlook
    from domain.policy.duty import Breach, Docket

_DUTY = """
    CREATE TABLE IF NOT EXISTS {duty} (
        docket uuid NOT NULL,
        id text COLLATE "C" NOT NULL,
        clause text NOT NULL,
        rule text NOT NULL,
        subject text NOT NULL,
        detail text NOT NULL,
        label text,
        bearer_org uuid,
        bearer_kind text NOT NULL,
        bearer_post uuid,
        persons uuid[] NOT NULL,
        owed_to uuid,
        opened text NOT NULL,
        shows timestamptz NOT NULL,
        due timestamptz NOT NULL,
        breaks timestamptz NOT NULL,
        state text NOT NULL,
        settled timestamptz,
        done text,
        fact bigint,
        facts bigint[] NOT NULL,
        note_zh text,
        note_en text,
        setting text,
        imported boolean NOT NULL,
        digest text NOT NULL,
        PRIMARY KEY (docket, id)
    );
    CREATE INDEX IF NOT EXISTS duty_of_post ON {duty} (bearer_post, due, id)
        WHERE settled IS NULL AND bearer_post IS NOT NULL;
    CREATE INDEX IF NOT EXISTS duty_of_kind ON {duty} (bearer_org, bearer_kind, due, id)
        WHERE settled IS NULL;
    CREATE INDEX IF NOT EXISTS duty_of_org ON {duty} (bearer_org, due, id) WHERE settled IS NULL;
    CREATE INDEX IF NOT EXISTS duty_owed_to ON {duty} (owed_to, due, id) WHERE settled IS NULL;
    CREATE INDEX IF NOT EXISTS duty_of_person ON {duty} USING gin (persons)
        WHERE persons <> '{{}}';
    CREATE INDEX IF NOT EXISTS duty_settled_of_org ON {duty} (bearer_org, settled, id)
        WHERE settled IS NOT NULL;
    CREATE INDEX IF NOT EXISTS duty_settled_of_post ON {duty} (bearer_post, settled, id)
        WHERE settled IS NOT NULL AND bearer_post IS NOT NULL;
    CREATE INDEX IF NOT EXISTS duty_settled_to ON {duty} (owed_to, settled, id)
        WHERE settled IS NOT NULL;
    CREATE INDEX IF NOT EXISTS duty_due ON {duty} (due, id) WHERE settled IS NULL;
    CREATE INDEX IF NOT EXISTS duty_settled ON {duty} (settled, id) WHERE settled IS NOT NULL;
    CREATE TABLE IF NOT EXISTS {gap} (
        docket uuid NOT NULL,
        id text COLLATE "C" NOT NULL,
        clause text NOT NULL,
        rule text NOT NULL,
        since text NOT NULL,
        began timestamptz NOT NULL,
        answers_org uuid,
        answers_kind text NOT NULL,
        zh text NOT NULL,
        en text NOT NULL,
        PRIMARY KEY (docket, id)
    );
    CREATE INDEX IF NOT EXISTS duty_gap_began ON {gap} (began, id);
    CREATE INDEX IF NOT EXISTS duty_gap_answers ON {gap} (answers_org);
    CREATE TABLE IF NOT EXISTS {judged} (
        docket uuid PRIMARY KEY,
        upto bigint NOT NULL,
        at timestamptz NOT NULL,
        again timestamptz NOT NULL,
        rules text NOT NULL
    );
    CREATE INDEX IF NOT EXISTS duty_judged_again ON {judged} (again);
    CREATE TABLE IF NOT EXISTS {aside} (
        docket uuid PRIMARY KEY,
        upto bigint NOT NULL,
        times integer NOT NULL,
        again timestamptz NOT NULL,
        rules text NOT NULL,
        reason text NOT NULL
    );
    CREATE TABLE IF NOT EXISTS {rules} (
        digest text PRIMARY KEY,
        n bigint GENERATED ALWAYS AS IDENTITY
    )
"""
_COUNT_RULES = """
    INSERT INTO {rules} (digest) SELECT %(rules)s
    WHERE NOT EXISTS (SELECT FROM {rules} WHERE digest = %(rules)s) ON CONFLICT DO NOTHING
"""
"""Rules are numbered as they come: two programs side by side would judge by turns for ever, did not
what the later one judged hold for both."""
_STALE = """
    SELECT d.id FROM {docket} AS d LEFT JOIN {judged} AS j ON j.docket = d.id
    WHERE d.kind IS NOT NULL AND d.id IN (CHOSEN) AND (
        j.docket IS NULL OR d.touched > j.upto OR d.swept > j.upto
        OR j.again <= %(now)s OR (
            SELECT coalesce(theirs.n, 0) < mine.n
            FROM {rules} AS mine LEFT JOIN {rules} AS theirs ON theirs.digest = j.rules
            WHERE mine.digest = %(rules)s
        )
    ) AND NOT EXISTS (
        SELECT FROM {aside} AS a WHERE a.docket = d.id AND a.again > %(now)s
        AND a.upto >= greatest(d.touched, d.swept) AND a.rules = %(rules)s
    )
    ORDER BY j.docket IS NOT NULL, d.touched <= j.upto, d.touched DESC, d.id
    LIMIT %(limit)s
"""
_JUDGED = """
    INSERT INTO {judged} AS j VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (docket) DO UPDATE SET upto = excluded.upto, at = excluded.at,
        again = excluded.again, rules = excluded.rules
    WHERE j.upto <= excluded.upto RETURNING docket
"""
_SET_ASIDE = """
    INSERT INTO {aside} AS a
    VALUES (%(docket)s, %(upto)s, 1, %(now)s + %(pause)s, %(rules)s, %(why)s)
    ON CONFLICT (docket) DO UPDATE SET upto = excluded.upto, times = a.times + 1,
        again = %(now)s + least(%(pause)s * 2 ^ least(a.times, 10), interval '1 hour'),
        rules = excluded.rules, reason = excluded.reason
"""
_PAUSE = timedelta(minutes=1)
_LEAST, _NEVER = "-infinity", "infinity"


@cache
def rules_in_force() -> str:
    """Return what tells these rules from any other: a digest of the policy's and domain's code."""
    hashed = hashlib.sha256()
    for package in ("domain", "domain.policy"):
        for each in sorted(resources.files(package).iterdir(), key=lambda file: file.name):
            if each.name.endswith(".py"):
                hashed.update(each.read_bytes())
    return hashed.hexdigest()[:16]


class DutyBook:
    """Keeps the rows.

    Args:
        ledger: whose duties.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._builds = Builds(ledger.conninfo, ledger.schema, size=4)
        names = {"duty": "duty", "gap": "duty_gap", "judged": "duty_judged", "docket": "docket"}
        names["aside"] = "duty_set_aside"
        names["rules"] = "duty_rules"
        self._names = {
            name: sql.Identifier(self._builds.views, table) for name, table in names.items()
        }

    def close(self) -> None:
        """Close the connections."""
        self._builds.close()

    def prepare(self) -> None:
        """Make the tables, unless they are there, and let the application read them."""
        with self._builds.transaction("duty") as cursor:
            cursor.execute(self._sql(_DUTY))
            role = "SELECT 1 FROM pg_roles WHERE rolname = %s"
            if cursor.execute(role, [WRITER]).fetchone():
                cursor.execute(
                    self._sql(
                        f"GRANT SELECT ON {{duty}}, {{gap}}, {{judged}}, {{aside}} TO {WRITER}"
                    )
                )

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let one process at a time judge: what one has judged, another need not."""
        with self._builds.transaction("duty judging"):
            yield

    def reached(self, *names: str) -> int:
        """Return the position to which all of some read models have come."""
        return min(p.position for p in self._builds.progress() if p.name in names)

    def stale(
        self,
        now: datetime,
        limit: int,
        *,
        since: int = 0,
        among: Sequence[UUID] | None = None,
    ) -> list[UUID]:
        """Return whose dockets have to be judged, those that a fact has touched first.

        Args:
            now: the moment for which they are to hold, aware.
            limit: how many at most.
            since: only those touched after this position, or whose time has run out; what was
                touched before has been looked at.
            among: only of these organisations.
        """
        chosen = "SELECT docket FROM {judged} WHERE again <= %(now)s"
        if since:
            touched = "SELECT id FROM {docket} WHERE touched > %(since)s OR swept > %(since)s"
            chosen = f"{touched} UNION {chosen}"
        elif among is None:
            chosen = "SELECT id FROM {docket}"
        else:
            chosen = "SELECT unnest(%(among)s::uuid[])"
        values = {
            "now": now,
            "rules": rules_in_force(),
            "limit": limit,
            "since": since,
            "among": list(among or ()),
        }
        with self._builds.transaction(f"duty stale {uuid4()}") as cursor:
            cursor.execute(self._sql(_COUNT_RULES), values)
            rows = cursor.execute(self._sql(_STALE.replace("CHOSEN", chosen)), values).fetchall()
        return [row["id"] for row in rows]

    def set_aside(self, docket: UUID, now: datetime, upto: int, reason: str) -> None:
        """Pass over a docket that cannot be judged, until something touches it or for a while.

        Args:
            docket: whose.
            now: the moment, aware.
            upto: the last position that was there.
            reason: why it cannot be.
        """
        values = {"docket": docket, "now": now, "upto": upto, "why": reason}
        values |= {"pause": _PAUSE, "rules": rules_in_force()}
        with self._builds.transaction(f"duty {docket}") as cursor:
            cursor.execute(self._sql(_SET_ASIDE), values)

    def keep(self, outlook: Outlook, now: datetime, upto: int) -> bool:
        """Put what a docket owes in the place of what it was last thought to owe.

        Args:
            outlook: what it owes.
            now: the moment from which was looked.
            upto: the last position that was read.

        Returns:
            Whether it was: not where another process has judged it by a later fact meanwhile.
        """
        organisation = outlook.docket.enterprise
        rows = {row["id"]: row for row in rows_of(outlook)}
        with self._builds.transaction(f"duty {organisation}") as cursor:
            values = [organisation, upto, now, outlook.again, rules_in_force()]
            if cursor.execute(self._sql(_JUDGED), values).fetchone() is None:
                return False
            cursor.execute(self._sql("DELETE FROM {aside} WHERE docket = %s"), [organisation])
            query = self._sql("SELECT id, digest FROM {duty} WHERE docket = %s")
            before = {
                row["id"]: row["digest"] for row in cursor.execute(query, [organisation]).fetchall()
            }
            changed = [row for row in rows.values() if before.get(row["id"]) != row["digest"]]
            gone = [*(before.keys() - rows.keys()), *(row["id"] for row in changed)]
            delete = self._sql("DELETE FROM {duty} WHERE docket = %s AND id = ANY(%s)")
            cursor.execute(delete, [organisation, gone])
            insert = "INSERT INTO {duty} SELECT * FROM json_populate_recordset(NULL::{duty}, %s)"
            cursor.execute(self._sql(insert), [Json(changed)])
            cursor.execute(self._sql("DELETE FROM {gap} WHERE docket = %s"), [organisation])
            gaps = [_gap(organisation, each) for each in outlook.gaps]
            insert = "INSERT INTO {gap} SELECT * FROM json_populate_recordset(NULL::{gap}, %s)"
            cursor.execute(self._sql(insert), [Json(gaps)])
        return True

    def _sql(self, text: str) -> sql.Composed:
        return sql.SQL(text).format(**self._names)


def rows_of(outlook: Outlook) -> Iterator[dict[str, Any]]:
    """Yield the rows of a docket."""
    labels = Labels(outlook.docket)
    return (row_of(outlook.docket, labels, each) for each in outlook.duties)


def row_of(docket: Docket, labels: Labels, foreseen: Foreseen) -> dict[str, Any]:
    """Return one duty as a row."""
    duty, opening = foreseen.duty, foreseen.duty.opening
    post = docket.directory.posts.get(opening.who.post) if opening.who.post else None
    open_still = duty.state in (State.OPEN, State.BROKEN)
    settling = None if open_still else duty.waived if duty.state is State.WAIVED else None
    done = duty.done if duty.state in (State.KEPT, State.KEPT_LATE) else None
    settled = moment_of(settling) if settling else done.at if done else None
    decisive = settling or (done.entry if done else None)
    row = {
        "docket": str(docket.enterprise),
        "id": duty.id,
        "clause": duty.rule.clause,
        "rule": duty.rule.key,
        "subject": opening.subject,
        "detail": opening.detail,
        "label": _label(labels, opening.subject, opening.detail),
        "bearer_org": _text(post.organisation if post else opening.who.org),
        "bearer_kind": (post.kind if post else opening.who.kind).value,
        "bearer_post": _text(opening.who.post),
        "persons": [str(person) for person in opening.who.persons],
        "owed_to": _text(opening.owed_to),
        "opened": format_moment(opening.at),
        "shows": _instant(foreseen.shows, _LEAST),
        "due": _instant(duty.due, _NEVER),
        "breaks": _instant(foreseen.breaks, _NEVER),
        "state": State.OPEN.value if open_still else duty.state.value,
        "settled": format_moment(start(settled)) if settled else None,
        "done": format_moment(settled) if settled else None,
        "fact": decisive.position if decisive else None,
        "facts": sorted({entry.position for entry in opening.by}),
        "note_zh": duty.note[0] if duty.note else None,
        "note_en": duty.note[1] if duty.note else None,
        "setting": duty.applied.setting.key if duty.applied else None,
        "imported": any(entry.by.authentication == "import" for entry in opening.by),
    }
    row["digest"] = hashlib.md5(orjson.dumps(row), usedforsecurity=False).hexdigest()
    return row


def _gap(organisation: UUID, gap: Breach) -> dict[str, Any]:
    """Return a gap as a row, with whoever answers for it."""
    return {
        "docket": str(organisation),
        "id": gap.id,
        "clause": gap.rule.clause,
        "rule": gap.rule.key,
        "since": format_moment(gap.at),
        "began": format_moment(start(gap.at)),
        "answers_org": _text(gap.who.org),
        "answers_kind": gap.who.kind.value,
        "zh": gap.zh,
        "en": gap.en,
    }


def typed(row: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a row that was just made as the database would return them."""
    due = None if row["due"] == _NEVER else parse_moment(row["due"])
    settled = parse_moment(row["settled"]) if row["settled"] else None
    ids = ("docket", "bearer_org", "bearer_post", "owed_to")
    return {
        **{name: UUID(row[name]) if row[name] else None for name in ids},
        "persons": [UUID(each) for each in row["persons"]],
        "due": due,
        "shows": None,
        "settled": settled,
        "sorted": due or FAR,
    }


def _label(labels: Labels, subject: str, detail: str) -> str | None:
    """Return what a duty is about, in words; not where it is a person's name: that is sealed."""
    if subject.startswith(("person:", "employment:")):
        return None
    return labels.subject(subject, detail).label


def _text(ident: UUID | None) -> str | None:
    return str(ident) if ident else None


def _instant(moment: datetime | None, otherwise: str) -> str:
    return format_moment(moment) if moment else otherwise
