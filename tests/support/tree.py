"""The files of this repository, for tests about the repository itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("domain", "projections", "api")
"""The top-level packages that are installed."""


def features() -> list[Path]:
    """Return every feature file."""
    return sorted((ROOT / "features").rglob("*.feature"))


def clause_tags() -> set[str]:
    """Return every tag in the feature files, without the @; pytest-bdd makes markers of them."""
    tag_lines = re.compile(r"^\s*@.*$", re.MULTILINE)
    return {
        tag
        for file in features()
        for line in tag_lines.findall(file.read_text("utf-8"))
        for tag in re.findall(r"@(\S+)", line)
    }


def python_files(*folders: str) -> list[Path]:
    """Return the Python files of some top-level folders."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def committed_files() -> list[Path]:
    """Return every file that is or would be committed.

    Raises:
        CalledProcessError: this is no git repository.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    paths = (ROOT / name for name in listed.decode().split("\0") if name)
    return sorted(path for path in paths if path.is_file())
