"""The bill of materials names all that the lock pins, with its hashes."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.sbom import LOCK, bill
from tests.vulnerabilities import age, known

LOCKED = LOCK.read_text("utf-8")


def test_everything_that_is_pinned_is_in_it() -> None:
    told = bill(LOCKED, datetime(2024, 1, 1, tzinfo=UTC))
    pinned = [line.split("==")[0] for line in LOCKED.splitlines() if "==" in line[:60]]
    names = [each["name"] for each in told["components"]]
    assert names == [name.strip() for name in pinned]
    assert all(each["hashes"] for each in told["components"])
    assert told["dependencies"][0]["dependsOn"] == [e["bom-ref"] for e in told["components"]]
    assert sum(len(each["hashes"]) for each in told["components"]) == LOCKED.count("--hash=sha256:")


def test_what_is_known_of_vulnerabilities_is_told_apart_from_not_knowing() -> None:
    assert known("the service cannot be reached") is None
    assert known('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}') == []
    told = '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]}'
    assert known(told) == ["a 1: CVE-1"]
    assert age(LOCK) >= 0
