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
from api.me import posts_held
from api.operations import operations
from api.sent import OrganisationKey
from domain.case import Case
from domain.charge import CHARGING, Charge, charges
from domain.correction import FactCorrected
from domain.errors import Forbidden, Invalid, NotFound
from domain.expert import ExpertFact
from domain.fact import TOPICS, BodyFact, EnterpriseFact
from domain.ledger import Query
from domain.organisation import OrganisationRegistered, OrgKind
from domain.people import AppointmentMade
from domain.permissions import (
    LEADING,
    SEE,
    TIES,
    Matter,
    PostHeld,
    Row,
    Standing,
    Tie,
    may,
    row_for,
)
from domain.record import facts_of
from domain.recording import TENURE
from projections.charges import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapi import Request

    from api.caller import Caller
    from api.serving import Serving
    from domain.directory import Directory
    from domain.fact import Entry, Fact
    from domain.recording import Act

T = TypeVar("T")
_DEEPEST = 7
_ORGANISATION = TypeAdapter(OrganisationKey)
_ACTING = (
    "by_org",
    "department",
    "determiner_org",
    "finder_org",
    "superior",
    "body",
    "authority",
)
"""The fields in which a fact names the body that acted: it must be the actor's own."""
_ACTING_IN: dict[str, str] = {
    "supervision.assigned": "",
    "supervision.transfer_proposed": "sender",
    "supervision.transfer_accepted": "receiver",
    "supervision.transfer_refused": "receiver",
    "risk.assigned": "body",
}
"""The same where the kind of fact has another field for it, or none."""


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

    @property
    def scope(self) -> Scope | None:
        """Whose list it is; None for the owner, who sees all."""
        who = self.standing
        if who.owner:
            return None
        leading = {post.organisation for post in who.posts if post.kind in LEADING}
        return Scope(
            who.person,
            tuple(post.post for post in who.posts),
            tuple(who.organisations),
            tuple(leading),
            self._now,
        )

    # matters

    def about(self, organisation: UUID) -> Matter:
        """Return an organisation as a matter: what is above it, and who is charged with it."""
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

    def of_person(self, person: UUID) -> list[Matter]:
        """Return a person as a matter: by themself, and by every organisation of theirs."""
        told = self._here.ledger.read(Query((f"person:{person}",), TENURE), open_sealed=False)
        orgs = {fact.organisation for _, fact in facts_of([*told], AppointmentMade)}
        own = self._here.ledger.record(person, open_sealed=False)
        orgs |= {fact.authority for _, fact in facts_of([*own], ExpertFact)}
        return [Matter(person=person), *(self.about(org) for org in sorted(orgs))]

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
        known = self._directory({organisation}).organisations.get(organisation)
        is_body = known is not None and known.kind is not OrgKind.ENTERPRISE
        self.see(SEE["body" if is_body else "enterprise"], [self.about(organisation)])

    def see_entries(self, entries: Sequence[Entry]) -> None:
        """Refuse unless somebody may see some facts: by an organisation or a person they name."""
        if self.standing.owner:
            return
        if entries and entries[0].fact.topic.noun == "person":
            self.see_person(entries[0].record)
            return
        if any(_is_of_a_tip(entry.topic) for entry in entries):
            bodies = {entry.fact.body for entry in entries if isinstance(entry.fact, BodyFact)}
            self.see(SEE["tip"], [self.about(body) for body in sorted(bodies)])
            return
        if any(self._sees(self.see_organisation, org) for org in _tagged(entries, "org")):
            return
        nouns = {entry.fact.topic.noun for entry in entries}
        if not _tagged(entries, "org") and nouns & {"settings", "setting", "calendar", "documents"}:
            self.see(SEE["rules"], [Matter()])
            return
        if any(self._sees(self.see_person, each) for each in _tagged(entries, "person")):
            return
        raise refused(SEE["enterprise"])

    def _sees(self, see: Callable[[UUID], None], ident: UUID) -> bool:
        try:
            see(ident)
        except Forbidden:
            return False
        return True

    def sees_tips(self, enterprise: UUID) -> bool:
        """Tell whether somebody may know of tips about an enterprise: its own people never."""
        matter = self.about(enterprise)
        return may(self.standing, SEE["dossier"], matter, self._now)

    def topics(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the kinds of fact that a list may hold: nothing of tips but for the owner."""
        if self.standing.owner:
            return tuple(wanted)
        return tuple(name for name in wanted or TOPICS if not _is_of_a_tip(name)) or ("none",)

    def see_dossier(self, enterprise: UUID) -> None:
        """Refuse unless somebody may take all of an enterprise's case away."""
        if not self.standing.owner:
            self.see(SEE["dossier"], [self.about(enterprise)])

    def see_person(self, person: UUID) -> None:
        """Refuse unless somebody may see what is on record of a person."""
        if not self.standing.owner:
            self.see(SEE["person"], self.of_person(person))

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
        """
        if self.standing.owner:
            return
        who = self.standing
        if post is not None:
            who = Standing(who.person, tuple(each for each in who.posts if each.post == post))
        for act in acts:
            self._do(who, act.record, act.fact)

    def _do(self, who: Standing, record: UUID, fact: Fact) -> None:
        if isinstance(fact, FactCorrected):
            self._correct(who, fact)
            return
        row = row_for(fact.topic.name, fact.topic.noun)
        allowed = any(may(who, row, matter, self._now) for matter in self._matters_of(record, fact))
        if not allowed or not self._acts_itself(who, fact):
            raise refused(row or Row(f"“{fact.topic.zh}”", f"“{fact.topic.en}”", frozenset()))

    def _correct(self, who: Standing, fact: FactCorrected) -> None:
        """A fact is corrected by whoever may record it, and what replaces it."""
        for position in fact.positions:
            for entry in self._here.ledger.range(position - 1, 1, open_sealed=False):
                self._do(who, entry.record, entry.fact)
                if fact.replacement:
                    self._do(who, entry.record, fact.replacement.fact)

    def _acts_itself(self, who: Standing, fact: Fact) -> bool:
        """Tell whether the body that a fact says has acted is the actor's own."""
        named = _ACTING_IN.get(fact.topic.name)
        fields = _ACTING if named is None else (named,)
        bodies = [body for name in fields if (body := getattr(fact, name, None)) is not None]
        person = getattr(fact, "person", None)
        if fact.topic.name == "appointment.made" and person == who.person:
            return False
        return all(body in who.organisations for body in bodies[:1])

    def _matters_of(self, record: UUID, fact: Fact) -> list[Matter]:
        """Return what a fact is about: an organisation, or a person, or nothing in particular."""
        noun = fact.topic.noun
        if isinstance(fact, BodyFact):
            return [self.about(fact.body)]
        for name in ("enterprise", "organisation", "body", "department", "authority"):
            org = getattr(fact, name, None)
            if isinstance(org, UUID):
                return [self.about(org)]
        if noun == "org":
            parent = getattr(fact, "parent", None)
            return [self.about(org) for org in (record, parent) if org is not None]
        person = getattr(fact, "person", None)
        if isinstance(person, UUID):
            return self.of_person(person)
        if noun == "person" and not fact.topic.starts:
            return [*self.of_person(record), Matter()]
        return [Matter()]


def _is_of_a_tip(topic: str) -> bool:
    return topic.startswith("tip")


def _tagged(entries: Sequence[Entry], noun: str) -> list[UUID]:
    tags = {tag for entry in entries for tag in entry.tags if tag.startswith(f"{noun}:")}
    return [UUID(tag.partition(":")[2]) for tag in sorted(tags)]


def refused(row: Row) -> Forbidden:
    """Return the refusal that names the posts which may, and not whether the thing exists."""
    ties = [TIES[tie] for tie in TIES if tie in row.ties | {Tie.OWNER}]
    return Forbidden(
        f"无权{row.zh}，或并无此事项",
        f"you may not {row.en}, or there is no such thing",
        todo_zh="有权的是：" + "、".join(zh for zh, _ in ties),
        todo_en="who may: " + "; ".join(en for _, en in ties),
    )


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
    # matters found by a number first
    f"{_API}/bundles/orders/{{order}}": _itself,
    f"{_API}/bundles/hazards/{{hazard}}": _itself,
    f"{_API}/bundles/incidents/{{incident}}": _itself,
    f"{_API}/bundles/traces/{{enterprise}}": _itself,
    f"{_API}/incidents/{{incident}}/trace": _itself,
    f"{_API}/traces/what-if": _itself,
    f"{_API}/papers": _itself,
    "/papers": _itself,
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
    f"{_API}/persons/{{person}}/passkey": _uuid(lambda a: a.see_person, "person"),
    f"{_API}/rolls/of/{{month}}": _row("register"),
    f"{_API}/rolls/{{kind}}/{{month}}/{{record}}": _uuid(lambda a: a.see_record, "record"),
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


def authorise(request: Request, here: Serving, caller: Caller) -> Authority:
    """Refuse a request for what its sender may not have; return what else they may.

    Commands are asked about act by act when what they come to is known.

    Raises:
        Forbidden: in the same words, whether it exists or not.
    """
    authority = Authority(here, caller)
    if authority.standing.owner:
        return authority
    declared = str(getattr(request.scope.get("route"), "path", ""))
    path = f"{_API}{declared}" if request.url.path.startswith(f"{_API}/") else declared
    if request.method == "POST" and path in _commands():
        return authority  # each act is asked for when it is known: see Authority.do
    ask = asked_by_address(path)
    if ask is None:
        raise refused(SEE["everything"])
    ask(authority, {**request.query_params, **request.path_params})
    return authority
