"""Authority 权限核对: the one place where it is asked whether somebody may.

Every route is asked for here, before it runs, by what stands in its address; every act of a command
before it is recorded. What one may not see and what does not exist are refused in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from api.documents.forms import form_of
from api.doing import Doing
from api.me import posts_held
from api.operations import operations
from api.refusal import refused
from api.sent import OrganisationKey
from domain.case import Case
from domain.charge import CHARGING, Charge, charges
from domain.correction import FactCorrected
from domain.errors import Forbidden, Invalid, NotFound
from domain.expert import ExpertFact
from domain.fact import TOPICS, BodyFact, EnterpriseFact
from domain.incident import ReviewOpened
from domain.ledger import Query
from domain.organisation import OrganisationRegistered, OrgKind
from domain.people import AppointmentMade
from domain.permissions import (
    LEADING,
    SEE,
    Matter,
    PostHeld,
    Row,
    Standing,
    may,
)
from domain.record import facts_of
from domain.recording import TENURE
from projections.charges import Scope, resolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapi import Request

    from api.caller import Caller
    from api.serving import Serving
    from domain.directory import Directory
    from domain.fact import Entry
    from domain.recording import Act

T = TypeVar("T")
_DEEPEST = 7
_ORGANISATION = TypeAdapter(OrganisationKey)


class Authority:
    """What somebody may do and see here and now.

    Args:
        here: the ledger and the clock.
        caller: who asks.
    """

    def __init__(self, here: Serving, caller: Caller) -> None:
        self._here = here
        self._caller = caller
        self._now = here.now()
        self._matters: dict[UUID, Matter] = {}

    @cached_property
    def standing(self) -> Standing:
        """Who asks, with the posts they hold now."""
        person = self._caller.person
        if person is None:
            return Standing(None, owner=True)
        posts = posts_held(self._here, person)
        directory = self._directory({post.organisation for post in posts})
        held = []
        for post in posts:
            government = directory.government_of(post.organisation)
            own = directory.organisations.get(post.organisation)
            governs = own is not None and own.kind in (OrgKind.GOVERNMENT, OrgKind.ZONE)
            above = post.organisation if governs else government.id if government else None
            held.append(PostHeld(post.id, post.kind, post.organisation, above))
        return Standing(person, tuple(held))

    @cached_property
    def scope(self) -> Scope | None:
        """Whose list it is; None for the owner, who sees all."""
        who = self.standing
        if who.owner:
            return None
        leading = {post.organisation for post in who.posts if post.kind in LEADING}
        scope = Scope(
            who.person,
            tuple(post.post for post in who.posts),
            tuple(sorted(who.organisations)),
            tuple(sorted(leading)),
            self._now,
        )
        return resolved(self._here.views, scope)

    # matters

    def kind_of(self, organisation: UUID) -> OrgKind | None:
        """Return what kind of organisation it is; None where it is not on record."""
        known = self._directory({organisation}).organisations.get(organisation)
        return known.kind if known else None

    def about(self, organisation: UUID) -> Matter:
        """Return an organisation as a matter: what is above it, and who is charged with it."""
        if organisation not in self._matters:
            self._matters[organisation] = self._matter(organisation)
        return self._matters[organisation]

    def _matter(self, organisation: UUID) -> Matter:
        directory = self._directory({organisation})
        entries = self._here.ledger.read(
            Query((f"org:{organisation}",), CHARGING), open_sealed=False
        )
        held = charges(organisation, entries, self._now)
        supervisors = {
            each.holder
            for each in held
            if each.charge is Charge.SUPERVISES and each.covers(self._now)
        }
        over = self._directory(supervisors)
        return Matter(
            organisation=organisation,
            above=tuple(directory.above(organisation)),
            charges=tuple(held),
            above_charged=frozenset(up for each in supervisors for up in over.above(each)),
        )

    def may_about_person(
        self, who: Standing, row: Row, person: UUID, *, past: bool = False
    ) -> bool:
        """Tell whether somebody may do or see something about a person.

        By being that person; or by a tie to *every* organisation that the person now answers to.
        One of them is not enough: whoever could appoint somebody to a post of their own could make
        a credential for them, and be the head of a department by tomorrow.
        """
        if may(who, row, Matter(person=person), self._now):
            return True
        orgs = self._answers_to(person, past=past)
        return bool(orgs) and all(may(who, row, self.about(org), self._now) for org in orgs)

    def _answers_to(self, person: UUID, *, past: bool) -> list[UUID]:
        """Return where a person holds posts, in whose pools they are, and who named them reviewer.

        With ``past``, of somebody who answers to nobody now, where they held a post before.
        """
        ledger = self._here.ledger
        own = ledger.record(person, open_sealed=False)
        orgs = {post.organisation for post in posts_held(self._here, person)}
        orgs |= {fact.authority for _, fact in facts_of([*own], ExpertFact)}
        named = (*TENURE, "review.opened")
        told = [*ledger.read(Query((f"person:{person}",), named), open_sealed=False)]
        orgs |= {fact.by_org for _, fact in facts_of(told, ReviewOpened)}
        if past and not orgs:
            orgs = {fact.organisation for _, fact in facts_of(told, AppointmentMade)}
        return sorted(orgs)

    def _directory(self, organisations: set[UUID]) -> Directory:
        """Return what is on record of organisations and of those above them."""
        read: set[UUID] = set()
        entries: list[Entry] = []
        wanted = set(organisations)
        for _ in range(_DEEPEST):
            wanted -= read
            if not wanted:
                break
            found = self._here.ledger.records(sorted(wanted))
            entries += found
            read |= wanted
            registered = facts_of([*found], OrganisationRegistered)
            wanted = {fact.parent for _, fact in registered if fact.parent}
            wanted |= {p for e in found if (p := getattr(e.fact, "parent", None)) is not None}
        return Case(next(iter(sorted(organisations)), UUID(int=0)), entries, self._now).directory

    # seeing

    def see(self, row: Row, matters: Iterable[Matter]) -> None:
        """Refuse to show what somebody may not see.

        Raises:
            Forbidden: in the same words as for what does not exist.
        """
        if self.standing.owner:
            return
        if not any(may(self.standing, row, matter, self._now) for matter in matters):
            raise refused(row)

    def see_organisation(self, organisation: UUID) -> None:
        """Refuse unless somebody may see an organisation, be it an enterprise or a body."""
        if self.standing.owner:
            return
        is_body = self.kind_of(organisation) not in (None, OrgKind.ENTERPRISE)
        self.see(SEE["body" if is_body else "enterprise"], [self.about(organisation)])

    def see_entries(self, entries: Sequence[Entry]) -> None:
        """Refuse unless somebody may see some facts: by whom they are about."""
        if self.standing.owner:
            return
        if entries and entries[0].fact.topic.noun == "person":
            self.see_person(entries[0].record)
            return
        if any(self._tells_of_a_tip(entry) for entry in entries):
            self.see(SEE["tip"], [self.about(body) for body in sorted(_offices(entries))])
            return
        corrections = [entry for entry in entries if isinstance(entry.fact, FactCorrected)]
        for org in _tagged(corrections, "org"):
            self.see_organisation(org)
        if any(self._sees(self.see_organisation, org) for org in _about(entries)):
            return
        if _tagged(entries, "org"):
            raise refused(SEE["enterprise"])
        self._see_people(entries)

    def _see_people(self, entries: Sequence[Entry]) -> None:
        """Refuse unless somebody may see facts about no organisation: rules, or somebody's keys."""
        nouns = {entry.fact.topic.noun for entry in entries}
        if nouns & {"settings", "setting", "calendar", "documents"}:
            self.see(SEE["rules"], [Matter()])
        elif not any(self._sees(self.see_person, each) for each in _tagged(entries, "person")):
            raise refused(SEE["enterprise"])

    def lists(self, entry: Entry) -> bool:
        """Tell whether a list of facts about what somebody may see may hold one of them.

        Not what tells of a tip, and not what a correction of several matters says of the others.
        """
        if self.standing.owner:
            return True
        if self._tells_of_a_tip(entry):
            return False
        wanted = _tagged([entry], "org") if isinstance(entry.fact, FactCorrected) else []
        if isinstance(entry.fact, EnterpriseFact):
            wanted = [entry.fact.enterprise]
        return all(self._sees(self.see_organisation, org) for org in wanted)

    def _tells_of_a_tip(self, entry: Entry) -> bool:
        """Tell whether a fact is of a tip, or corrects one: that tells of it as well."""
        fact = entry.fact
        if not isinstance(fact, FactCorrected):
            return _is_of_a_tip(entry.topic)
        if fact.replacement and _is_of_a_tip(fact.replacement.fact.topic.name):
            return True
        corrected = self._here.ledger.at(fact.positions)
        return any(self._tells_of_a_tip(raw.entry) for raw in corrected)

    def _sees(self, see: Callable[[UUID], None], ident: UUID) -> bool:
        try:
            see(ident)
        except Forbidden:
            return False
        return True

    def sees_enterprise(self, enterprise: UUID) -> bool:
        """Tell whether somebody may see an enterprise."""
        return self.standing.owner or self._sees(self.see_organisation, enterprise)

    def sees_tips(self, enterprise: UUID) -> bool:
        """Tell whether somebody may know of tips about an enterprise: its own people never."""
        return self._sees(self.see_dossier, enterprise)

    def topics(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the kinds of fact that a list may hold: nothing of tips but for the owner."""
        if self.standing.owner:
            return tuple(wanted)
        return tuple(name for name in wanted or TOPICS if not _is_of_a_tip(name)) or ("none",)

    def see_dossier(self, enterprise: UUID) -> None:
        """Refuse unless somebody may take all of an enterprise's case away: none of its own people.

        Also not those who have a post elsewhere as well.
        """
        if self.standing.owner:
            return
        if enterprise in self.standing.organisations:
            raise refused(SEE["dossier"])
        self.see(SEE["dossier"], [self.about(enterprise)])

    def see_person(self, person: UUID) -> None:
        """Refuse unless somebody may see what is on record of a person."""
        row = SEE["person"]
        if not self.standing.owner and not self.may_about_person(
            self.standing, row, person, past=True
        ):
            raise refused(row)

    def see_record(self, record: UUID) -> None:
        """Refuse unless somebody may see a record."""
        if not self.standing.owner:
            self.see_entries(self._here.ledger.record(record, open_sealed=False))

    def see_position(self, position: int) -> None:
        """Refuse unless somebody may see the fact at a position."""
        if not self.standing.owner:
            self.see_entries(self._here.ledger.range(position - 1, 1, open_sealed=False))

    def see_paper(self, document: int) -> None:
        """Refuse unless somebody may have the document at a position on paper.

        The paper of an accident is its dossier, with all of the case in it.
        """
        if self.standing.owner:
            return
        found = self._here.ledger.range(document - 1, 1, open_sealed=False)
        self.see_entries(found)
        for entry in found:
            form = form_of(entry)
            if form and form.fill is None and isinstance(entry.fact, EnterpriseFact):
                self.see_dossier(entry.fact.enterprise)

    def see_tagged(self, tags: Sequence[str]) -> None:
        """Refuse a list of facts unless one of its tags is an organisation that somebody may see.

        Every fact on the list carries all of them.
        """
        if self.standing.owner:
            return
        for tag in tags:
            noun, _, ident = tag.partition(":")
            if noun == "org":
                _organisation(self, {"tag": ident}, "tag")
                return
        raise refused(SEE["everything"])

    def find(self, find: Callable[[], T]) -> T:
        """Return what somebody names by a number; what is not there is told as what is not theirs.

        Raises:
            Forbidden: there is none, or several.
        """
        try:
            return find()
        except (NotFound, Invalid):
            if self.standing.owner:
                raise
            raise refused(SEE["enterprise"]) from None

    # doing

    def do(self, acts: Sequence[Act], post: UUID | None) -> None:
        """Refuse a command unless somebody may do all of it.

        Args:
            acts: what is to be recorded.
            post: the post in which they act; None: any of theirs.

        Raises:
            Forbidden: names the posts that may.
            Contradiction: it names what is not on record, or what they may not see.
        """
        if self.standing.owner:
            return
        who = self.standing
        if post is not None:
            who = Standing(who.person, tuple(each for each in who.posts if each.post == post))
        Doing(self, self._here.ledger, who, self._now).check(acts)


def _is_of_a_tip(topic: str) -> bool:
    return topic.startswith("tip")


def _offices(entries: Iterable[Entry]) -> set[UUID]:
    """Return the offices that acted on a tip, of its own facts and of what corrects them."""
    facts = [entry.fact for entry in entries]
    facts += [
        fact.replacement.fact
        for fact in facts
        if isinstance(fact, FactCorrected) and fact.replacement
    ]
    return {fact.body for fact in facts if isinstance(fact, BodyFact)}


def _about(entries: Sequence[Entry]) -> list[UUID]:
    """Return the organisations that facts are about: of an enterprise's, it alone."""
    own = {entry.fact.enterprise for entry in entries if isinstance(entry.fact, EnterpriseFact)}
    return sorted(own) or _tagged(entries, "org")


def _tagged(entries: Sequence[Entry], noun: str) -> list[UUID]:
    tags = {tag for entry in entries for tag in entry.tags if tag.startswith(f"{noun}:")}
    return [UUID(tag.partition(":")[2]) for tag in sorted(tags)]


# routes

Ask = Callable[["Authority", Mapping[str, Any]], None]
"""Asks whether somebody may have a route, by what stands in its address and query."""


def _organisation(authority: Authority, given: Mapping[str, Any], name: str) -> None:
    try:
        authority.see_organisation(_ORGANISATION.validate_python(given[name]))
    except ValidationError:
        raise refused(SEE["enterprise"]) from None


def _uuid(see: Callable[[Authority], Callable[[UUID], None]], name: str) -> Ask:
    def ask(authority: Authority, given: Mapping[str, Any]) -> None:
        try:
            see(authority)(UUID(str(given[name])))
        except ValueError:
            raise refused(SEE["enterprise"]) from None

    return ask


def _position(authority: Authority, given: Mapping[str, Any]) -> None:
    text = str(given["position"])
    authority.see_position(int(text) if text.isdecimal() and len(text) < 17 else 0)  # noqa: PLR2004


def _row(name: str) -> Ask:
    def ask(authority: Authority, _: Mapping[str, Any]) -> None:
        authority.see(SEE[name], [Matter(person=authority.standing.person)])

    return ask


def _figures(authority: Authority, given: Mapping[str, Any]) -> None:
    """What lies behind a body's figures is of every enterprise in its charge."""
    _organisation(authority, given, "organisation")
    body = _ORGANISATION.validate_python(given["organisation"])
    authority.see(SEE["figures"], [authority.about(body)])


def _itself(authority: Authority, _: Mapping[str, Any]) -> None:
    """The route asks for itself: it scopes its list, or finds the matter first."""


def _enterprise(authority: Authority, given: Mapping[str, Any]) -> None:
    _organisation(authority, given, "enterprise")


_API = "/api/v1"
ROUTES: dict[str, Ask] = {
    # lists: scoped in the question itself
    f"{_API}/organisations": _itself,
    f"{_API}/enterprises": _itself,
    f"{_API}/hazards": _itself,
    f"{_API}/incidents": _itself,
    f"{_API}/reports": _itself,
    f"{_API}/expert-inspections-owed": _itself,
    f"{_API}/enterprises-without-expert-arrangement": _itself,
    f"{_API}/facts": _itself,
    "/": _itself,
    "/experts": _row("register"),
    "/experts.xlsx": _row("register"),
    "/experts/panel": _itself,
    "/experts/owed": _itself,
    "/experts/owed.xlsx": _itself,
    "/experts/{person}": _row("register"),
    "/experts/{person}/{act}": _row("register"),
    "/inspections": _itself,
    "/inspections.xlsx": _itself,
    "/inspections/new": _itself,
    "/inspections/schedule": _itself,
    "/inspections/plan": _itself,
    "/inspections/pack": _itself,
    "/orders": _itself,
    "/orders.xlsx": _itself,
    "/orders/new": _itself,
    "/listings": _itself,
    "/listings.xlsx": _itself,
    "/listings/new": _itself,
    "/halts": _itself,
    "/halts.xlsx": _itself,
    "/halts/new": _itself,
    "/workbench": _itself,
    "/reminders": _itself,
    "/reminders/feed": _itself,
    "/reminders/feed/close": _itself,
    "/reminders/mailbox": _itself,
    "/duties": _itself,
    "/duties.xlsx": _itself,
    "/duties/gaps": _itself,
    "/duties/gaps.xlsx": _itself,
    "/incidents": _itself,
    # matters found by a number first
    f"{_API}/bundles/orders/{{order}}": _itself,
    f"{_API}/bundles/hazards/{{hazard}}": _itself,
    f"{_API}/bundles/incidents/{{incident}}": _itself,
    f"{_API}/bundles/traces/{{enterprise}}": _itself,
    f"{_API}/incidents/{{incident}}/trace": _itself,
    f"{_API}/traces/what-if": _itself,
    f"{_API}/papers": _itself,
    "/papers": _itself,
    "/reports": _itself,
    "/reports.xlsx": _itself,
    "/hazards": _itself,
    "/hazards.xlsx": _itself,
    "/hazards/new": _row("rules"),
    f"{_API}/papers/{{paper}}/file": _itself,
    "/incidents/{incident}/trace": _itself,
    "/trace": _enterprise,
    "/what-if": _itself,
    # commands: each act is asked for
    f"{_API}/commands": _itself,
    f"{_API}/keys/passkey": _itself,
    f"{_API}/enrolments": _itself,
    # one's own
    f"{_API}/me": _itself,
    "/account": _itself,
    "/account/password": _itself,
    "/sign-out": _itself,
    # what is in the address
    f"{_API}/facts/{{position}}": _position,
    f"{_API}/facts/{{position}}/statement": _position,
    "/sign/{position}": _position,
    "/hazards/{hazard}": _uuid(lambda a: a.see_record, "hazard"),
    "/hazards/{hazard}/{name}": _uuid(lambda a: a.see_record, "hazard"),
    "/hazards/{hazard}/photos": _uuid(lambda a: a.see_record, "hazard"),
    "/hazards/{hazard}/photos/{digest}": _uuid(lambda a: a.see_record, "hazard"),
    f"{_API}/persons/{{person}}/passkey": _uuid(lambda a: a.see_person, "person"),
    f"{_API}/rolls/of/{{month}}": _row("register"),
    f"{_API}/rolls/{{kind}}/{{month}}/{{record}}": _uuid(lambda a: a.see_record, "record"),
    # drawn from all that a body is charged with
    f"{_API}/organisations/{{organisation}}/yearly-figures": _figures,
    f"{_API}/organisations/{{organisation}}/yearly-figures/{{key}}": _figures,
    f"{_API}/organisations/{{organisation}}/quarter-figures": _figures,
    f"{_API}/organisations/{{organisation}}/assessments": _figures,
    f"{_API}/organisations/{{organisation}}/public-fund": _figures,
    # the rules, and who there is
    f"{_API}/clauses": _row("rules"),
    f"{_API}/clauses/{{clause}}": _row("rules"),
    f"{_API}/settings": _row("rules"),
    f"{_API}/papers/forms": _row("rules"),
    f"{_API}/tips/receipt-code": _row("register"),
    "/permissions": _row("rules"),
    "/policy": _row("rules"),
    "/policy/{clause}": _row("rules"),
    "/settings": _row("rules"),
    "/system": _row("rules"),
    "/keys": _row("register"),
    f"{_API}/experts": _row("register"),
    "/log/tile/entries/{address:path}": _row("everything"),
}
"""By a route's address: how it is asked whether somebody may. What is not here is asked by the
parameter in its address (``enterprise``, ``organisation``, ``record``), or refused."""


def asked_by_address(path: str) -> Ask | None:
    """Return how it is asked whether somebody may have a route; None: it is nobody's."""
    if path in ROUTES:
        return ROUTES[path]
    if "{enterprise}" in path:
        return _enterprise
    if "{organisation}" in path:
        return lambda authority, given: _organisation(authority, given, "organisation")
    if "{record}" in path and path.startswith(f"{_API}/organisations/"):
        return lambda authority, given: _organisation(authority, given, "record")
    if "{record}" in path:
        return _uuid(lambda authority: authority.see_record, "record")
    return None


@cache
def _commands() -> frozenset[str]:
    return frozenset(_API + each.path for each in operations().values())


def declared(request: Request) -> str:
    """Return the address of a request as it is declared, with its parameters in place of ids."""
    path = str(getattr(request.scope.get("route"), "path", ""))
    return f"{_API}{path}" if request.url.path.startswith(f"{_API}/") else path


def authorise(request: Request, here: Serving, caller: Caller) -> Authority:
    """Refuse a request for what its sender may not have; return what else they may.

    Commands are asked about act by act when what they come to is known.

    Raises:
        Forbidden: in the same words, whether it exists or not.
    """
    authority = Authority(here, caller)
    if authority.standing.owner:
        return authority
    path = declared(request)
    if request.method == "POST" and path in _commands():
        return authority  # each act is asked for when it is known: see Authority.do
    ask = asked_by_address(path)
    if ask is None:
        raise refused(SEE["everything"])
    ask(authority, {**request.query_params, **request.path_params})
    return authority
