"""Photographs of a hazard as its page shows them 隐患照片, and how they come in."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.filling import act
from api.photos import find, store
from api.pictures import examine
from domain.errors import NotFound
from domain.moment import format_moment
from domain.photo import HazardPhotographed
from domain.record import facts_of
from projections.photos import near

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from api.authority import Authority
    from api.commands import Asked
    from api.filling import Filled
    from api.serving import Serving
    from domain.fact import Entry
    from domain.labels import Labels

MOST = 6
"""Photographs that one form can send."""


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier photograph that looks the same; of others' only that there is one."""

    hazard: UUID | None
    number: str | None
    enterprise: str | None
    same: bool
    position: int


@dataclass(frozen=True, slots=True)
class PhotoTold:
    """A photograph: when it was taken, by the camera's word, and when it was received.

    ``here``: the file is at hand, and the one whose hash is on record.
    """

    position: int
    digest: str
    shows: str
    caption: str | None
    captured: date | datetime | None
    received: datetime
    by: str | None
    here: bool
    alike: tuple[Alike, ...]


def photo_acts(here: Serving, form: Filled, hazard: UUID, files: Iterable[bytes]) -> list[Asked]:
    """Examine files, keep them, and return the acts that put them on record.

    Args:
        here: where they are kept, and the clock.
        form: what they show, and what is said of them.
        hazard: of which hazard they are.
        files: as they were received.

    Raises:
        Invalid: one is no picture; none is kept then.
    """
    received = list(files)
    pictures = [examine(data, here.now()) for data in received]
    acts = []
    for data, picture in zip(received, pictures, strict=True):
        told: dict[str, Any] = {
            "digest": sha256(data).hexdigest(),
            "size": len(data),
            "kind": picture.kind.value,
            "width": picture.width,
            "height": picture.height,
            "fingerprint": picture.fingerprint,
            "captured": format_moment(picture.captured) if picture.captured else None,
            "shows": form["shows"],
            "caption": form["caption"],
        }
        acts.append(act("hazard.photographed", told, record=hazard))
        store(here.settings.home, data)
    return acts


def tell_photos(
    here: Serving, authority: Authority, entries: list[Entry], labels: Labels
) -> list[PhotoTold]:
    """Return the photographs among a hazard's facts, each with earlier ones that look the same."""
    return [
        PhotoTold(
            position=entry.position,
            digest=fact.digest,
            shows=fact.shows.value,
            caption=fact.caption.value if fact.caption else None,
            captured=fact.captured,
            received=entry.received,
            by=labels.person_name(entry.by.person),
            here=_is_here(here, fact.digest),
            alike=tuple(_alike(here, authority, entry, fact)),
        )
        for entry, fact in facts_of(entries, HazardPhotographed)
    ]


def _is_here(here: Serving, digest: str) -> bool:
    try:
        find(here.settings.home, digest)
    except NotFound:
        return False
    return True


def _alike(
    here: Serving, authority: Authority, entry: Entry, fact: HazardPhotographed
) -> Iterable[Alike]:
    for row in near(here.views, fact.fingerprint, before=entry.position):
        own = row["enterprise"] == fact.enterprise or authority.sees_enterprise(row["enterprise"])
        yield Alike(
            hazard=row["hazard"] if own else None,
            number=row["number"] if own else None,
            enterprise=row["enterprise_name"] if own else None,
            same=row["digest"] == fact.digest,
            position=row["position"],
        )
