"""Fingerprints of photographs 照片指纹: to point out pictures that were shown before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.photo import HazardPhotographed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.ledger import RawEntry
    from projections.views import Views

NEAR = 7
"""Pictures whose fingerprints differ in at most so many of 64 bits are pointed out."""
_BANDS, _BITS = 4, 16
_MOST = 20


class Photos:
    """One row a photograph of a hazard.

    Of two fingerprints that differ in at most seven bits, one of four quarters differs in at most
    one: each quarter and its sixteen neighbours are looked up.
    """

    name = "photo"
    version = 1
    topics: frozenset[str] | None = frozenset(("hazard.photographed",))
    tables: Mapping[str, str] = {
        "photo": """
            CREATE TABLE photo (
                position bigint PRIMARY KEY,
                hazard uuid NOT NULL,
                enterprise uuid NOT NULL,
                digest text NOT NULL,
                fingerprint bit(64) NOT NULL,
                band0 integer NOT NULL,
                band1 integer NOT NULL,
                band2 integer NOT NULL,
                band3 integer NOT NULL
            );
            CREATE INDEX ON photo (digest);
            CREATE INDEX ON photo (band0);
            CREATE INDEX ON photo (band1);
            CREATE INDEX ON photo (band2);
            CREATE INDEX ON photo (band3)
        """,
    }

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        """Add a row for each photograph."""
        for entry in (raw.entry for raw in entries):
            if isinstance(entry.fact, HazardPhotographed):
                fact = entry.fact
                cursor.execute(
                    "INSERT INTO photo VALUES (%s, %s, %s, %s, %s::bit(64), %s, %s, %s, %s)",
                    [
                        entry.position,
                        entry.record,
                        fact.enterprise,
                        fact.digest,
                        f"{int(fact.fingerprint, 16):064b}",
                        *bands(fact.fingerprint),
                    ],
                )


def bands(fingerprint: str) -> list[int]:
    """Return the four quarters of a fingerprint."""
    whole = int(fingerprint, 16)
    return [whole >> _BITS * (_BANDS - 1 - each) & 0xFFFF for each in range(_BANDS)]


def _around(band: int) -> Iterator[int]:
    yield band
    for bit in range(_BITS):
        yield band ^ 1 << bit


def near(views: Views, fingerprint: str, *, before: int) -> list[dict[str, Any]]:
    """Return earlier photographs that look the same, the likest first.

    Args:
        views: where to read.
        fingerprint: of the picture asked about.
        before: only those recorded before this position.
    """
    quarters = bands(fingerprint)
    looked_up = " OR ".join(f"p.band{each} = ANY(%(band{each})s)" for each in range(_BANDS))
    return views.rows(
        """
        SELECT p.position, p.hazard, p.enterprise, p.digest, h.number,
            o.name AS enterprise_name,
            bit_count(p.fingerprint # %(fingerprint)s::bit(64)) AS apart
        FROM {view} AS p
        LEFT JOIN {views}.hazard AS h ON h.id = p.hazard
        LEFT JOIN {views}.organisation AS o ON o.id = p.enterprise
        WHERE {chosen}
        ORDER BY apart, p.position LIMIT %(most)s
        """,
        view="photo",
        chosen=[
            f"({looked_up})",
            "p.position < %(before)s",
            "bit_count(p.fingerprint # %(fingerprint)s::bit(64)) <= %(near)s",
        ],
        values={
            "fingerprint": f"{int(fingerprint, 16):064b}",
            "before": before,
            "near": NEAR,
            "most": _MOST,
            **{f"band{each}": list(_around(quarters[each])) for each in range(_BANDS)},
        },
    )
