"""Ablation 消融: with any one rule disabled, a scenario of its clause must fail.

::

    python -m tests.ablate              every rule
    python -m tests.ablate 3.1c 3.2     the rules of these clauses, or of clauses that begin so

A rule that nobody misses is shown by no scenario. Each is disabled in a pytest of its own, to which
this file is also the plugin that does so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from domain.policy.rules import BREACHES, DUTIES, GATES
from tests.support.tree import ROOT, clause_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

OPTION = "--ablate"
_VERDICTS = {
    pytest.ExitCode.OK: "NOBODY NOTICED: no scenario of the clause fails",
    pytest.ExitCode.TESTS_FAILED: "noticed",
    pytest.ExitCode.NO_TESTS_COLLECTED: "NO SCENARIO of the clause",
}


@dataclass(frozen=True, slots=True)
class Ablation:
    """One part of one rule that can be disabled, by a name and by how."""

    name: str
    clause: str
    disable: Callable[[], None]


def ablations() -> Iterator[Ablation]:
    """Yield everything that can be disabled, in the policy's order."""
    for duty in DUTIES:
        name = f"duty {duty.clause} {duty.key}"
        yield Ablation(name, duty.clause, _replacing(duty, "opens", lambda _: ()))
        if duty.until:
            yield Ablation(f"{name} until", duty.clause, _replacing(duty, "until", None))
    for breach in BREACHES:
        name = f"breach {breach.clause} {breach.key}"
        yield Ablation(name, breach.clause, _replacing(breach, "finds", lambda *_: ()))
    for gate in GATES:
        name = f"gate {gate.clause} {'+'.join(gate.topics)}"
        yield Ablation(name, gate.clause, _replacing(gate, "check", lambda *_: None))


def _replacing(rule: object, part: str, by: object) -> Callable[[], None]:
    """Rules are frozen and shared by every table that lists them: change the rule itself."""
    return lambda: object.__setattr__(rule, part, by)


# the plugin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, help="the rule to disable, by its name")


def pytest_configure(config: pytest.Config) -> None:
    asked = config.getoption(OPTION)
    chosen = [each for each in ablations() if each.name == asked]
    assert len(chosen) == 1, f"{len(chosen)} rules of that name: {asked}"
    chosen[0].disable()


# the command


def run_scenarios(clauses: Iterable[str], *options: str) -> pytest.ExitCode:
    """Run the scenarios of some clauses until the first that fails; return pytest's exit code.

    Raises:
        RuntimeError: they could not be run; holds what pytest printed.
    """
    tags = {f"条款-{clause}" for clause in clauses} & clause_tags()
    if not tags:
        return pytest.ExitCode.NO_TESTS_COLLECTED
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *options),
        *("-m", " or ".join(sorted(tags)), "tests/features"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in _VERDICTS:
        raise RuntimeError(done.stdout + done.stderr)
    return pytest.ExitCode(done.returncode)


def run_without(ablation: Ablation) -> pytest.ExitCode:
    """Run the scenarios of a rule's clause without the rule."""
    return run_scenarios([ablation.clause], "-p", "tests.ablate", f"{OPTION}={ablation.name}")


def main(*clauses: str) -> int:
    """Disable each rule of ``clauses`` (all, if none is named) in turn; return how many failed."""
    chosen = [each for each in ablations() if each.clause.startswith(clauses or ("",))]
    if run_scenarios(each.clause for each in chosen) == pytest.ExitCode.TESTS_FAILED:
        show("a scenario fails with every rule in force: mend that first")
        return 1
    missed = 0
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for each, code in zip(chosen, workers.map(run_without, chosen), strict=True):
            show(f"{each.name:<50} {_VERDICTS[code]}")
            missed += code != pytest.ExitCode.TESTS_FAILED
    show(f"{len(chosen) - missed} of {len(chosen)} ablations noticed")
    return missed


def show(line: str) -> None:
    """Print a line of the result as soon as it is known."""
    print(line, flush=True)  # noqa: T201 - a command shows what it found


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:])))
