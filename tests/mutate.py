"""Mutation 变异: changes the rules of one module one at a time and sees whether a test notices.

::

    python -m tests.mutate s3_2_systemic        the module domain/policy/s3_2_systemic.py
    python -m tests.mutate                      every module, one after the other

Every scenario runs every rule, so mutmut would ask all of them about each change, which takes days.
Asked are the scenarios of the clauses that the module's rules belong to, and the unit tests of the
policy: whoever reads the policy looks for a rule's proof there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from domain.policy.rules import BREACHES, DUTIES, GATES
from tests.support.tree import ROOT, clause_tags

_STATS = ROOT / "mutants" / "mutmut-cicd-stats.json"
_WORKERS = "2"


def modules() -> list[str]:
    """Return the modules of the policy, by their names."""
    folder = ROOT / "domain" / "policy"
    return sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")


def clauses_of(module: str) -> set[str]:
    """Return the clauses whose rules live in a module; none for what all rules share."""
    rules = [
        *((rule.clause, rule.opens) for rule in DUTIES),
        *((rule.clause, rule.finds) for rule in BREACHES),
        *((rule.clause, rule.check) for rule in GATES),
    ]
    name = f"domain.policy.{module}"
    return {clause for clause, function in rules if function.__module__ == name}


def choice(module: str) -> str:
    """Return the mark expression that chooses the scenarios for a module, and all unit tests."""
    own = {f"条款-{clause}" for clause in clauses_of(module)}
    others = clause_tags() - own
    if not own or not others:
        return ""
    return f"{' or '.join(sorted(own))} or not ({' or '.join(sorted(others))})"


def mutate(module: str) -> tuple[int, int]:
    """Change one module's rules; return how many changes were noticed, and of how many."""
    chosen = choice(module)
    options = f"{os.environ.get('PYTEST_ADDOPTS', '')} -m '{chosen}'" if chosen else ""
    environment = {**os.environ, **({"PYTEST_ADDOPTS": options} if options else {})}
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    names = f"domain.policy.{module}.*"
    subprocess.run(
        [mutmut, "run", "--max-children", _WORKERS, names], cwd=ROOT, env=environment, check=False
    )
    subprocess.run([mutmut, "results"], cwd=ROOT, env=environment, check=False)
    subprocess.run([mutmut, "export-cicd-stats"], cwd=ROOT, env=environment, check=True)
    told = json.loads(_STATS.read_text("utf-8"))
    noticed = told["killed"] + told["timeout"] + told["segfault"]
    return noticed, noticed + told["survived"] + told["no_tests"]


def main(*asked: str) -> int:
    """Change the modules that are asked for; all, if none is."""
    for module in asked or modules():
        noticed, of = mutate(module)
        share = f"{noticed / of:.1%}" if of else "nothing to change"
        print(f"{module}: {noticed} of {of} changes noticed, {share}", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
