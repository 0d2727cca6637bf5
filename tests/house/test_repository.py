"""What is committed besides code: nothing of a particular machine, and a lock that locks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from domain.policy.clauses import CLAUSES
from tests.support.tree import ROOT, committed_files

# In pieces, so that this file does not hold what it looks for.
NOT_OURS = (
    *("pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org"),
    *(f"/{folder}/" for folder in ("work", "farm", "root")),
)
PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def pins() -> Iterator[tuple[str, str, str]]:
    """Yield name, version and the rest of every pin in the lock file."""
    for name, version, rest in PINNED.findall((ROOT / "requirements.lock").read_text("utf-8")):
        yield canonicalize_name(name), version, rest


def wanted() -> Iterator[Requirement]:
    """Yield everything that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    groups = project["dependency-groups"].values()
    for requirements in (project["project"]["dependencies"], *extras, *groups):
        yield from map(Requirement, requirements)


def test_no_machine_and_no_registry_is_named() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {needle}"
        for file in committed_files()
        for needle in NOT_OURS
        if needle in file.read_bytes().decode("utf-8", "replace").lower()
    ]
    assert found == []


def test_lock_names_no_place() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    options = [line for line in text.splitlines() if line.startswith("-")]
    assert "://" not in text
    assert options == []


def test_lock_has_a_hash_for_every_pin() -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    found = list(pins())
    assert len(found) == len([line for line in lines if re.match(r"\w", line)])
    assert [name for name, _, rest in found if not HASH.search(rest)] == []


def test_lock_has_all_that_the_project_asks_for() -> None:
    versions: dict[str, list[str]] = {}
    for name, version, _ in pins():
        versions.setdefault(name, []).append(version)
    missing = [
        str(requirement)
        for requirement in wanted()
        if not any(map(requirement.specifier.contains, versions.get(requirement.name, [])))
    ]
    assert missing == []


def test_readme_in_both_languages_says_how_many_rules_act() -> None:
    acting = sum(clause.implemented for clause in CLAUSES.values())
    english, chinese = (
        (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md")
    )
    assert f"{acting} of the policy's {len(CLAUSES)} rules act" in english
    assert f"{len(CLAUSES)} 条规则中已有 {acting} 条生效" in chinese
