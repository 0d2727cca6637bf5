"""Scenario results 场景结果: runs every feature and writes what each scenario came to.

::

    python -m tests.scenarios           write api/scenarios.json, which the page 条款 shows
    python -m tests.scenarios --check   write nothing; fail where it is not current

The product ships the file. A result is tied to the text it was run on: the page shows one whose
feature has changed since as not run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from api.coverage import SCENARIOS, digest_of
from tests.support.tree import ROOT

OPTION = "--scenario-results"
_CLAUSE = "条款-"


# the plugin, which also runs in the workers of pytest-xdist


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, type=Path, help="write each scenario's result to this file, as JSON")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        template = scenario_wrapper_template_registry.get(item.function)
        if template is not None:
            file = Path(template.feature.filename).relative_to(ROOT)
            clauses = sorted(t.removeprefix(_CLAUSE) for t in template.tags | template.feature.tags)
            told = [str(file), template.name, template.line_number, clauses]
            item.user_properties.append(("scenario", json.dumps(told)))


class _Results:
    """What each scenario came to: passed if every row of its examples did."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.found: dict[str, dict[str, Any]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = dict(report.user_properties).get("scenario")
        if not isinstance(told, str) or (report.when != "call" and report.passed):
            return
        file, name, line, clauses = json.loads(told)
        kept = self.found[file].setdefault(
            name, {"name": name, "line": line, "clauses": clauses, "rows": 0, "result": "passed"}
        )
        kept["rows"] += 1
        if not report.passed:
            kept["result"] = "failed"

    def pytest_sessionfinish(self) -> None:
        features = {
            file: {
                "digest": digest_of(ROOT / file),
                "scenarios": sorted(scenarios.values(), key=lambda each: each["line"]),
            }
            for file, scenarios in sorted(self.found.items())
        }
        self.target.write_text(json.dumps(features, ensure_ascii=False), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    target = config.getoption(OPTION)
    if target and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Results(target))


# the command


def run() -> dict[str, Any]:
    """Run every feature and return the results by feature file."""
    with TemporaryDirectory() as directory:
        answer = Path(directory) / "results.json"
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"),
            *("-p", "tests.scenarios", f"{OPTION}={answer}", "tests/features"),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if not answer.exists():
            raise RuntimeError(done.stdout + done.stderr)
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        return found


def main(*arguments: str) -> int:
    """Write the results, or check that those written are current; return whether they are not."""
    features = run()
    if "--check" in arguments:
        written = json.loads(SCENARIOS.read_text("utf-8"))["features"]
        return int(written != features)
    told = {"ran": datetime.now(UTC).date().isoformat(), "features": features}
    SCENARIOS.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    failed = sum(s["result"] != "passed" for f in features.values() for s in f["scenarios"])
    count = sum(len(f["scenarios"]) for f in features.values())
    print(f"{count} scenarios, {failed} failed, as of {date.today()}")  # noqa: T201, DTZ011
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
