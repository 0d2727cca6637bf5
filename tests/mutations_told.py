"""What mutation testing came to, in words: ``docs/mutation.md``, kept by ``tests.mutate``."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

REPORT = ROOT / "docs" / "mutation.md"
NOTICED = ("noticed", "too slow")
UNEXPLAINED = "–"
_HEAD = """# Mutation testing of the policy's rules

Written by `make mutate` (`tests/mutate.py`), except for the last column, which people fill in and
the tool keeps. Each change that mutmut knows of is made to the functions of `domain/policy`, one at
a time, and the scenarios of the clauses concerned and the unit tests of the policy are asked. The
rules' tables are tried by `make ablate`.

"""


@dataclass(frozen=True)
class Outcome:
    """One change and what came of it: ``noticed``, ``too slow``, or why nobody noticed."""

    module: str
    function: str
    old: str
    new: str
    came: str

    @property
    def noticed(self) -> bool:
        """Whether a test failed, or would not come to an end."""
        return self.came in NOTICED


def write_report(outcomes: Iterable[Outcome], report: Path = REPORT) -> None:
    """Write the report; the reasons given in the one before are kept."""
    by_module: dict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        by_module[each.module].append(each)
    reasons = read_reasons(report)
    every = [each for found in by_module.values() for each in found]
    lines = ["| module | changes | noticed | share |", "| --- | ---: | ---: | ---: |"]
    lines += [_row(module, found) for module, found in by_module.items() if found]
    lines += [_row("**all**", every)] if every else []
    for module, found in by_module.items():
        missed = Counter(
            (each.function, _cell(each.old, each.new)) for each in found if not each.noticed
        )
        if missed:
            lines += ["", f"## {module}", "", "| function | change | why nobody notices |"]
            lines += ["| --- | --- | --- |"]
        for (function, change), count in missed.items():
            times = f" ({count} times)" if count > 1 else ""
            reason = reasons.get((module, function, change), UNEXPLAINED)
            lines.append(f"| `{function}` | {change}{times} | {reason} |")
    report.write_text(_HEAD + "\n".join(lines) + "\n", "utf-8")


def read_reasons(report: Path = REPORT) -> dict[tuple[str, str, str], str]:
    """Return the reasons that a report gives, by module, function and change."""
    found: dict[tuple[str, str, str], str] = {}
    module = ""
    for line in report.read_text("utf-8").splitlines() if report.exists() else ():
        if line.startswith("## "):
            module = line.removeprefix("## ")
        elif module and line.startswith("| `"):
            function, change, reason = line.removeprefix("| ").removesuffix(" |").split(" | ")
            change = change.partition(" (")[0] if change.endswith(" times)") else change
            found[module, function.strip("`"), change] = reason
    return found


def _row(module: str, found: list[Outcome]) -> str:
    noticed = sum(each.noticed for each in found)
    return f"| {module} | {len(found)} | {noticed} | {noticed / len(found):.1%} |"


def _cell(old: str, new: str) -> str:
    """Show a change on one line: what both begin and end with is left out where it is long."""
    old, new = " ".join(old.split()), " ".join(new.split())
    return f"{_code(old)} → {_code(new)}"


def _code(text: str) -> str:
    return "`" + (text or " ").replace("|", "\\|").replace("`", "'") + "`"
