"""Asks for known vulnerabilities of what the lock pins; where that cannot be had, tells its age.

Run as ``python -m tests.vulnerabilities``. It fails where one is known, and only then.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.sbom import LOCK


def known(output: str) -> list[str] | None:
    """Return what pip-audit found, one line each; None where it could not tell."""
    try:
        told = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        return None
    return [
        f"{each['name']} {each['version']}: {hole['id']}"
        for each in told
        for hole in each.get("vulns", ())
    ]


def age(lock: Path) -> int:
    """Return how many days ago the lock was last changed, by the history of the sources."""
    asked = ["git", "log", "-1", "--format=%ct", "--", str(lock)]
    told = subprocess.run(asked, cwd=lock.parent, capture_output=True, text=True, check=False)
    changed = float(told.stdout.strip() or lock.stat().st_mtime)
    return (datetime.now(UTC) - datetime.fromtimestamp(changed, UTC)).days


def main() -> None:
    """Ask, and tell."""
    program = Path(sys.executable).parent / "pip-audit"
    asked = [str(program), "--require-hashes", "--disable-pip", "--format", "json", "-r", str(LOCK)]
    found = known(subprocess.run(asked, capture_output=True, text=True, check=False).stdout)
    if found is None:
        sys.stdout.write(
            f"漏洞数据取不到；锁文件 {age(LOCK)} 天前改过"
            f" (no data on vulnerabilities to be had; the lock is {age(LOCK)} days old)\n"
        )
        return
    sys.stdout.write("".join(f"{line}\n" for line in found or ["没有已知漏洞 (none known)"]))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
