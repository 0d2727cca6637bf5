"""Run every benchmark: ``make bench``, or ``python -m bench append trace`` for some."""

from __future__ import annotations

import subprocess
import sys

NAMES = (
    *("append", "project", "reporting", "importing", "trace", "city", "monthend"),
    *("proof", "audit", "bundle", "rolls", "log"),
)


def main(names: list[str]) -> int:
    """Run the named benchmarks one after the other, each in a process of its own."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"unknown: {' '.join(unknown)}; known: {' '.join(NAMES)}")
        return 2
    failed = [
        name
        for name in names or NAMES
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode  # noqa: S603
    ]
    if failed:
        print(f"failed: {' '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
