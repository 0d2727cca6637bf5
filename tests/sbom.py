"""Writes the software bill of materials 软件物料清单: what the lock pins, as CycloneDX 1.6 JSON.

Run as ``python -m tests.sbom``.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent.parent / "requirements.lock"
_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[dict[str, Any]]:
    """Return what a lock pins, by name: each with its hashes and, where installed, its licence."""
    found: list[dict[str, Any]] = []
    for line in lock.splitlines():
        pinned = _PINNED.match(line)
        if pinned:
            name, version = pinned[1], pinned[2]
            found.append(
                {
                    "type": "library",
                    "bom-ref": f"pkg:pypi/{name}@{version}",
                    "name": name,
                    "version": version,
                    "purl": f"pkg:pypi/{name}@{version}",
                    **_licence(name),
                    "hashes": [],
                }
            )
        for digest in _HASH.findall(line):
            found[-1]["hashes"].append({"alg": "SHA-256", "content": digest})
    return found


def _licence(name: str) -> dict[str, Any]:
    try:
        expressions = metadata(name).get_all("License-Expression") or []
    except PackageNotFoundError:  # of another platform
        return {}
    return {"licenses": [{"expression": str(each)} for each in expressions]} if expressions else {}


def bill(lock: str, made: datetime) -> dict[str, Any]:
    """Return the bill of materials of a lock, made at a moment."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "name": "daocha", "bom-ref": "daocha"},
        },
        "components": components(lock),
        "dependencies": [
            {"ref": "daocha", "dependsOn": [each["bom-ref"] for each in components(lock)]}
        ],
    }


def main() -> None:
    """Write the bill."""
    made = datetime.fromtimestamp(LOCK.stat().st_mtime, UTC)
    json.dump(bill(LOCK.read_text("utf-8"), made), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
