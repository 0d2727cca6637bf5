"""Every bundle that other tests open, good and bad, with the policy it is opened with.

The file is also the pytest plugin that writes them down, in a pytest of its own. So whoever adds a
case to the tests of bundles has added it to the tests of whatever else opens bundles.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import domain.proof.bundle
import domain.proof.trust
from tests.support.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from domain.proof.bundle import Evidence
    from domain.proof.trust import Trust

OPTION = "--bundle-corpus"
TESTS = [
    f"tests/domain/proof/test_{name}.py"
    for name in ("bundle", "claims", "standing", "taken", "traced")
]
TOO_MANY = "not every_single_character and not thousands and not larger_than_anything"


class Opened(NamedTuple):
    """A bundle, and the text of the policy."""

    data: bytes
    policy: str


def collect(folder: Path) -> list[Opened]:
    """Run the tests of bundles and return what they open, each once."""
    file = folder / "corpus"
    options = ["-q", "-p", "no:cacheprovider", "-p", __name__, f"{OPTION}={file}", "-k", TOO_MANY]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *options,
        *TESTS,
        "tests/domain/proof/test_standing.py",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    lines = sorted(set(file.read_text("utf-8").splitlines()))
    return [Opened(bytes.fromhex(data), policy) for data, policy in map(json.loads, lines)]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, help="add the bundles that are opened to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Write down what is read and opened; before any test module takes the names over."""
    file = config.getoption(OPTION)
    read_trust, open_bundle = domain.proof.trust.read_trust, domain.proof.bundle.open_bundle
    policies: list[tuple[Trust, str]] = []

    def noting_policy(text: str) -> Trust:
        trust = read_trust(text)
        policies.append((trust, text))
        return trust

    def noting_bundle(data: bytes, trust: Trust) -> Evidence:
        (policy,) = [text for known, text in policies if known is trust]
        with open(file, "a", encoding="utf-8") as out:  # noqa: PTH123 - of one line, nothing else
            out.write(json.dumps([data.hex(), policy]) + "\n")
        return open_bundle(data, trust)

    domain.proof.trust.read_trust = noting_policy
    domain.proof.bundle.open_bundle = noting_bundle
