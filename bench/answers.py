"""All 2,354 answers of the real record: ``make trace-all``.

Imports ``../shared/data/real`` into a fresh ledger with the command line, as its user would, asks
``daocha trace --each`` and compares ``prior``, ``open`` and ``overdue`` with what was computed
twice, independently, from the same rows.
"""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "real"
SHOWN = 10


def main() -> int:
    """Return how many answers differ, at most 1."""
    if not DATA.is_dir():
        print(f"{DATA} is not here: nothing to compare with")
        return 1
    with tempfile.TemporaryDirectory(prefix="daocha-answers-") as home:
        _daocha(
            home,
            "import",
            "ledger",
            str(DATA / "hazards.csv.gz"),
            "--accidents",
            str(DATA / "accidents.csv.gz"),
        )
        told = _daocha(home, "trace", "--each", str(DATA / "answers.csv.gz"), "--json")
    with gzip.open(DATA / "answers.csv.gz", "rt", encoding="utf-8-sig", newline="") as lines:
        expected = list(csv.DictReader(lines))
    answers = [json.loads(line) for line in told.splitlines()]
    wrong = [
        want["accident"]
        for want, got in zip(expected, answers, strict=True)
        if not _same(want, got)
    ]
    print(f"{len(expected) - len(wrong)} of {len(expected)} answers equal")
    print("\n".join(wrong[:SHOWN]))
    return min(len(wrong), 1)


def _same(want: dict[str, str], got: dict[str, object]) -> bool:
    hazards = got["hazards"]
    assert isinstance(hazards, dict)  # noqa: S101 - the published shape
    return (
        got["enterprise"] == want["enterprise"]
        and got["at"] == want["day"]
        and hazards["prior"] == int(want["prior"])
        and set(hazards["open"]) == set(want["open"].split())
        and set(hazards["overdue"]) == set(want["overdue"].split())
    )


def _daocha(home: str, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("daocha")), *arguments]
    done = subprocess.run(  # noqa: S603 - our own program
        command, env={"DAOCHA_HOME": home, "PATH": ""}, stdout=subprocess.PIPE, check=True
    )
    return done.stdout.decode()


if __name__ == "__main__":
    sys.exit(main())
