"""The files beside the ledger 附件: photographs, kept by their hash, which is a fact.

They are in no database. The archive holds each once, under ``files``; a name is the SHA-256 of what
is in it, so that a copy can be checked by itself.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from api.backup.archive import digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.backup.archive import Archive

KEPT = "photos"
"""Where they are under the directory of all state."""


def gather(home: Path, archive: Archive) -> int:
    """Copy what the archive has not got yet; return how many files that were."""
    count = 0
    for file in _files(home / KEPT):
        place = _place(archive) / file.parent.name / file.name
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_suffix(".part")
            shutil.copyfile(file, part)
            part.replace(place)
            count += 1
    return count


def damaged(archive: Archive) -> tuple[str, ...]:
    """Return the names of the files that are not what they were any more."""
    return tuple(file.name for file in _files(_place(archive)) if digest(file) != file.stem)


def give_back(archive: Archive, home: Path) -> int:
    """Put back what is not there, as it was; return how many files that were."""
    count = 0
    for file in _files(_place(archive)):
        place = home / KEPT / file.parent.name / file.name
        if not place.exists() and digest(file) == file.stem:
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_suffix(".part")
            shutil.copyfile(file, part)
            part.replace(place)
            count += 1
    return count


def _place(archive: Archive) -> Path:
    return archive.path / "files"


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that are whole."""
    yield from sorted(file for file in folder.glob("*/*") if file.suffix != ".part")
