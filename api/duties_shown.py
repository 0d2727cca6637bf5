"""What a page of the list of duties shows 责任清单页面: who is meant, the filters, the lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from api.duty_list import Chosen, Listed, Standing, ask_duties, see
from api.me import name_of, posts_held
from api.owing import bring_up, directory_of, left_to_judge
from api.pages.render_duties import ListTold
from api.pages.table import Field
from api.pages.words import Speech
from api.routes.shown import fresh
from api.when import read_when
from domain.errors import Invalid
from domain.permissions import LEADING
from domain.policy.clauses import CLAUSES
from projections.dockets import Dockets
from projections.organisations import organisations_like, organisations_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from api.authority import Authority
    from api.owing import DutyTold
    from api.pages.words import Lang
    from api.serving import Serving

_PAGE, _SHEET = 50, 1000
_MOST = 100_000
"""Lines of a spreadsheet."""
_CANDIDATES = 12
OWED = "owed"
"""The other side: what is owed to an organisation."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody typed: as it came."""

    organisation: str = ""
    post: str = ""
    person: UUID | None = None
    side: str = ""
    about: str = ""
    standing: Standing = Standing.OPEN
    clause: str = ""
    as_at: str = ""


@dataclass(frozen=True, slots=True)
class _Meant:
    """Whom somebody means by what they typed."""

    organisation: UUID | None = None
    candidates: tuple[tuple[str, str], ...] = ()
    unknown: bool = False


def tell_list(
    here: Serving, authority: Authority, asking: Asking, lang: Lang, after: str
) -> ListTold:
    """Return what a page of the list shows.

    Args:
        here: the record, and the clock.
        authority: what whoever asks may see.
        asking: what they typed.
        lang: in which language.
        after: from where the page goes on.
    """
    meant, chosen = _chosen(here, authority, asking)
    see(authority, chosen)
    if chosen.organisation or chosen.person:
        bring_up(here, [each for each in (chosen.organisation,) if each])
    listed = ask_duties(here, authority, chosen, limit=_PAGE, after=after or None)
    say = Speech(lang)
    whose = _whose(here, chosen)
    return ListTold(
        whose=whose,
        to=chosen.owed_to is not None,
        as_at=asking.as_at.strip(),
        fields=_fields(here, chosen, asking, meant, say),
        kept=_kept(chosen, asking),
        duties=listed.duties,
        settled=chosen.standing is Standing.SETTLED,
        next=listed.next,
        after=after,
        too_many=listed.too_many,
        candidates=meant.candidates,
        unknown=meant.unknown or bool(asking.about.strip() and not chosen.about),
        behind=left_to_judge(here, authority.scope),
        fresh=fresh(here, Dockets.name),
    )


def everything(here: Serving, authority: Authority, asking: Asking) -> Iterator[DutyTold]:
    """Return all lines of a list, read page by page as they are taken.

    Raises:
        Invalid: it is not said whose, or there are too many cases to judge.
    """
    meant, chosen = _chosen(here, authority, asking)
    if chosen.is_empty or meant.unknown or (asking.about.strip() and not chosen.about):
        raise _unclear()
    first = ask_duties(here, authority, chosen, limit=_SHEET)
    if first.too_many:
        raise _unclear()
    return _from(
        first, lambda after: ask_duties(here, authority, chosen, limit=_SHEET, after=after)
    )


def _from(page: Listed, following: Callable[[str], Listed]) -> Iterator[DutyTold]:
    told = 0
    while True:
        yield from page.duties
        told += len(page.duties)
        if page.next is None or told >= _MOST:
            return
        page = following(page.next)


def _unclear() -> Invalid:
    return Invalid(
        "没有写明一家单位，或涉及的单位过多",
        "no organisation is named, or too many are concerned",
        todo_zh="写明单位，或再写明涉及哪家单位",
        todo_en="name an organisation, or about which one",
        where="organisation",
    )


def _chosen(here: Serving, authority: Authority, asking: Asking) -> tuple[_Meant, Chosen]:
    """Return whom is meant, and the question; with nobody named, one's own organisation."""
    meant = _mean(here, authority, asking.organisation)
    about = _mean(here, authority, asking.about)
    organisation, person = meant.organisation, asking.person
    if organisation:
        authority.see_organisation(organisation)
    standing = authority.standing
    if not (asking.organisation.strip() or person or standing.owner):
        led = [post.organisation for post in standing.posts if post.kind in LEADING]
        organisation = led[0] if led else None
        person = None if led else standing.person
    as_at: date | datetime | None = None
    if asking.as_at.strip():
        as_at = read_when(asking.as_at, "as_at")
    post = _id(asking.post)
    if post and _post_titled(here, post)[1] != organisation:
        post = None
    to = asking.side == OWED
    return meant, Chosen(
        person=person if not organisation else None,
        post=post if organisation and not to else None,
        organisation=organisation if not (post or to) else None,
        owed_to=organisation if to else None,
        about=about.organisation,
        clause=asking.clause if asking.clause in CLAUSES else None,
        standing=asking.standing,
        as_at=as_at,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _mean(here: Serving, authority: Authority, typed: str) -> _Meant:
    """Return the organisation that is meant: by its id, its code, its name or a part of that."""
    text = typed.strip()
    if not text:
        return _Meant()
    ident = _id(text)
    if ident:
        return _Meant(ident)
    found = organisations_like(here.views, text, _CANDIDATES, authority.scope)
    exact = [row for row in found if text in (row["name"], row["code"])]
    if len(exact) == 1 or len(found) == 1:
        return _Meant((exact or found)[0]["id"])
    return _Meant(
        candidates=tuple((str(row["id"]), row["name"]) for row in found), unknown=not found
    )


def _whose(here: Serving, chosen: Chosen) -> str:
    if chosen.person:
        posts = "、".join(post.title for post in posts_held(here, chosen.person, chosen.as_at))
        name = name_of(here, chosen.person) or str(chosen.person)
        return f"{name}（{posts}）" if posts else name
    organisation = chosen.organisation or chosen.owed_to
    if chosen.post:
        title, organisation = _post_titled(here, chosen.post)
        return f"{_named(here, organisation)}{title}"
    return _named(here, organisation) if organisation else ""


def _named(here: Serving, organisation: UUID | None) -> str:
    names = organisations_named(here.views, [organisation] if organisation else [])
    return next(iter(names.values()), str(organisation or ""))


def _post_titled(here: Serving, post: UUID) -> tuple[str, UUID | None]:
    for entry in here.ledger.record(post, open_sealed=False):
        title = getattr(entry.fact, "title", None)
        if title:
            return title, getattr(entry.fact, "organisation", None)
    return "", None


def _fields(
    here: Serving, chosen: Chosen, asking: Asking, meant: _Meant, say: Speech
) -> list[Field]:
    organisation = chosen.organisation or chosen.owed_to or meant.organisation
    named = _named(here, organisation) if organisation else asking.organisation
    fields = [Field("organisation", "duties.organisation", value=named)]
    if organisation:
        fields.append(
            Field("post", "duties.post", "choice", asking.post, _posts(here, organisation, say))
        )
        sides = (("", say("duties.side.owes")), (OWED, say("duties.side.owed")))
        fields.append(Field("side", "duties.side", "choice", asking.side, sides))
    standings = tuple((each.value, say(f"duties.standing.{each.value}")) for each in Standing)
    return [
        *fields,
        Field("standing", "duties.standing", "choice", chosen.standing.value, standings),
        Field("clause", "duties.clause", value=asking.clause),
        Field("about", "duties.about", value=asking.about),
        Field("as_at", "duties.as_at", "date", asking.as_at),
    ]


def _posts(here: Serving, organisation: UUID, say: Speech) -> tuple[tuple[str, str], ...]:
    """Return the posts of an organisation to choose from, each with whoever holds it now."""
    directory = directory_of(here, [organisation])
    now = here.now()
    found = [("", say("duties.all_posts"))]
    for post in directory.all_posts(organisation):
        holders = [h.person for h in directory.holdings(post.id) if h.covers(now)]
        names = "、".join(name_of(here, each) or "" for each in holders)
        found.append((str(post.id), f"{post.title} {names}".strip()))
    return tuple(found[:_PAGE])


def _kept(chosen: Chosen, asking: Asking) -> dict[str, str]:
    organisation = chosen.organisation or chosen.owed_to
    kept = {
        "organisation": str(organisation) if organisation else asking.organisation,
        "post": asking.post,
        "person": str(chosen.person) if chosen.person else "",
        "side": asking.side,
        "about": asking.about,
        "standing": chosen.standing.value,
        "clause": asking.clause,
        "as_at": asking.as_at,
    }
    return {name: value for name, value in kept.items() if value}
