"""Whether somebody may record an act: by what it is about, what it goes on, and what it names.

An act is about an organisation or a person. It goes on a record of theirs, and names others: a
hazard, a post, another enterprise. Whoever may not see one of these learns nothing of it by naming
it: what is not theirs is refused in the words for what is not on record.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

from api.operations import NOUNS
from api.refusal import refused
from domain.correction import FactCorrected
from domain.errors import Forbidden
from domain.fact import BodyFact
from domain.hazard import Determiner, Finder, HazardDetermined, HazardFound
from domain.organisation import OrganisationRegistered, OrganisationSame, OrgKind
from domain.people import PersonSame, PostCreated
from domain.permissions import Matter, Row, Standing, may, row_for
from domain.record import facts_of
from domain.recording import check_names
from domain.tip import TipFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from api.authority import Authority
    from domain.fact import Entry, Fact, Topic
    from domain.ledger import Ledger
    from domain.recording import Act

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
_ABOUT = ("enterprise", "organisation", "body", "department", "authority")
"""The fields in which a fact names the organisation that it is about."""
_BORNE_BY_ITS_OWN: dict[str, str] = {
    "hazard.assessed": "organiser",
    "hazard.planned": "responsible",
    "hazard.rectification_started": "organiser",
    "expert_inspection.measure_set": "responsible",
    "check.made": "post",
    "own_rule.adopted": "post",
    "evacuation.ordered": "post",
}
"""Fields in which an enterprise lays something on a post: one of its own."""
_WITHOUT_A_PLACE = frozenset({"person", "org", "key"})
"""Nouns whose records are about a person, a key or an organisation, which the table asks about."""


class Doing:
    """One command, and who would record it.

    Args:
        authority: what they may see.
        ledger: what is on record.
        who: who they are, in the posts in which they act.
        moment: now.
    """

    def __init__(
        self, authority: Authority, ledger: Ledger, who: Standing, moment: datetime
    ) -> None:
        self._authority = authority
        self._ledger = ledger
        self._who = who
        self._now = moment
        self._begun: set[UUID] = set()

    def check(self, acts: Sequence[Act]) -> None:
        """Refuse the command unless all of it may be recorded.

        Raises:
            Forbidden: names the posts that may.
            Contradiction: it names what is not on record, or not for the actor.
        """
        for act in acts:
            self._check(act.record, act.fact)
            self._begun.add(act.record)
        check_names(self._nameable(acts), acts)

    def _check(self, record: UUID, fact: Fact) -> None:
        if isinstance(fact, FactCorrected):
            self._correct(fact)
            return
        row = row_for(fact.topic.name, fact.topic.noun)
        who = self._as_who_acted(fact)
        if (
            who is None
            or row is None
            or not self._allowed(who, row, record, fact)
            or not self._in_its_place(record, fact)
        ):
            raise refused_act(fact.topic)

    def _correct(self, fact: FactCorrected) -> None:
        """A fact is corrected by whoever may record it, and what replaces it."""
        for position in fact.positions:
            for entry in self._ledger.range(position - 1, 1, open_sealed=False):
                self._check(entry.record, entry.fact)
                if fact.replacement:
                    self._check(entry.record, fact.replacement.fact)

    # as whom

    def _as_who_acted(self, fact: Fact) -> Standing | None:
        """Return the actor in their posts at the body that the fact says has acted.

        None where they have none there: nobody acts for a body that is not their own.
        """
        who = self._who
        if fact.topic.name == "appointment.made" and getattr(fact, "person", None) == who.person:
            return None
        body = self._acting(fact)
        if body is None:
            return None if _says_department(fact) else who
        posts = tuple(post for post in who.posts if post.organisation == body)
        governs = isinstance(fact, BodyFact) or _says_department(fact) or _is_of_a_pool(fact)
        if not posts or (governs and self._authority.kind_of(body) is OrgKind.ENTERPRISE):
            return None
        return Standing(who.person, posts)

    def _acting(self, fact: Fact) -> UUID | None:
        named = _ACTING_IN.get(fact.topic.name)
        fields = _ACTING if named is None else (named,)
        return next((b for name in fields if (b := getattr(fact, name, None)) is not None), None)

    # about what

    def _allowed(self, who: Standing, row: Row, record: UUID, fact: Fact) -> bool:
        organisations, people = self._matters(record, fact)
        if isinstance(fact, OrganisationRegistered) and not self._may_lie_below(fact):
            return False
        if not organisations and not people:
            return may(who, row, Matter(), self._now)
        return all(
            may(who, row, self._authority.about(org), self._now) for org in organisations
        ) and all(self._authority.may_about_person(who, row, person) for person in people)

    def _matters(self, record: UUID, fact: Fact) -> tuple[list[UUID], list[UUID]]:
        """Return the organisations and people of which *each* has to be the actor's to act on."""
        organisation, person = _organisation_of(fact), getattr(fact, "person", None)
        parent = getattr(fact, "parent", None)
        if isinstance(fact, OrganisationRegistered):
            return [each for each in (parent,) if each], []
        if isinstance(fact, OrganisationSame | PersonSame):
            both = [record, fact.same_as]
            return (both, []) if isinstance(fact, OrganisationSame) else ([], both)
        if fact.topic.noun == "org":
            return [each for each in (record, parent) if each], []
        if organisation is not None:
            return [organisation], []
        if isinstance(person, UUID):
            return [], [person]
        of_a_person = fact.topic.noun == "person" and not fact.topic.starts
        return [], [record] if of_a_person else []

    def _may_lie_below(self, fact: OrganisationRegistered) -> bool:
        """Below an enterprise there are only enterprises: it founds no department."""
        if fact.kind is OrgKind.ENTERPRISE or fact.parent is None:
            return True
        return self._authority.kind_of(fact.parent) is not OrgKind.ENTERPRISE

    # on what

    def _in_its_place(self, record: UUID, fact: Fact) -> bool:
        """Tell whether the record that a fact goes on is there, and of whom the fact says."""
        noun = NOUNS.get(fact.topic.noun)
        anywhere = noun is None or noun.address != "record" or noun.name in _WITHOUT_A_PLACE
        if anywhere or fact.topic.starts or record in self._begun:
            return True
        own = self._ledger.record(record, open_sealed=False)
        organisation = _organisation_of(fact)
        return bool(own) and (organisation is None or organisation in _organisations_in(own))

    # naming what

    def _nameable(self, acts: Sequence[Act]) -> _Nameable:
        hidden: set[UUID] = set()
        for act in acts:
            hidden |= self._hidden_in(act.fact)
        return _Nameable(self._ledger, frozenset(hidden))

    def _hidden_in(self, fact: Fact) -> set[UUID]:
        """Return what a fact names that the actor may not see.

        A person is known by a random id, which nobody guesses; who the headquarters of a group are,
        only the enterprise says.
        """
        about = _about(fact)
        named: dict[str, set[UUID]] = defaultdict(set)
        for name, kind, ident in fact.names():
            if ident not in self._begun and kind != "person" and name != "headquarters":
                named[kind].add(ident)
        hidden = {each for each in named.pop("org", ()) if self._is_hidden(each, about)}
        hidden |= self._hidden_posts(fact, named.pop("post", set()), about)
        wanted = sorted({ident for idents in named.values() for ident in idents})
        told: dict[UUID, list[Entry]] = defaultdict(list)
        for entry in self._ledger.records(wanted, open_sealed=False) if wanted else ():
            told[entry.record].append(entry)
        return hidden | {
            record
            for record, entries in told.items()
            if not about & _subjects_of(entries) and not self._sees_entries(entries)
        }

    def _hidden_posts(self, fact: Fact, posts: set[UUID], about: set[UUID]) -> set[UUID]:
        if not posts:
            return set()
        told = facts_of([*self._ledger.records(sorted(posts), open_sealed=False)], PostCreated)
        places = {entry.record: created.organisation for entry, created in told}
        borne = getattr(fact, _BORNE_BY_ITS_OWN.get(fact.topic.name, ""), None)
        return {
            post
            for post, place in places.items()
            if (post == borne and place not in about) or self._is_hidden(place, about)
        }

    def _is_hidden(self, organisation: UUID, about: set[UUID]) -> bool:
        """Tell whether it is an enterprise that the actor may not see; bodies everybody knows."""
        if organisation in about or organisation in self._who.organisations:
            return False
        if self._authority.kind_of(organisation) is not OrgKind.ENTERPRISE:
            return False
        try:
            self._authority.see_organisation(organisation)
        except Forbidden:
            return True
        return False

    def _sees_entries(self, entries: Sequence[Entry]) -> bool:
        try:
            self._authority.see_entries(entries)
        except Forbidden:
            return False
        return True


class _Nameable:
    """Which of some ids are records that may be named."""

    def __init__(self, ledger: Ledger, hidden: frozenset[UUID]) -> None:
        self._ledger = ledger
        self._hidden = hidden

    def __call__(self, idents: Iterable[UUID]) -> set[UUID]:
        """Return those that are on record and not hidden."""
        return self._ledger.existing(idents) - self._hidden


def refused_act(topic: Topic) -> Forbidden:
    """Return the refusal to record a kind of fact."""
    row = row_for(topic.name, topic.noun)
    return refused(row or Row(f"“{topic.zh}”", f"“{topic.en}”", frozenset()))


def _says_department(fact: Fact) -> bool:
    """Tell whether a fact claims that a department found or determined something."""
    if isinstance(fact, HazardFound):
        return fact.found_by is Finder.DEPARTMENT
    return isinstance(fact, HazardDetermined) and fact.by is Determiner.DEPARTMENT


def _is_of_a_pool(fact: Fact) -> bool:
    """Tell whether a fact is what a body does with its experts: an enterprise has no pool."""
    return fact.topic.name.startswith("expert.")


def _organisation_of(fact: Fact) -> UUID | None:
    """Return the organisation that a fact is about, if it is about one."""
    if isinstance(fact, BodyFact):
        return fact.body
    told = (getattr(fact, name, None) for name in _ABOUT)
    return next((each for each in told if isinstance(each, UUID)), None)


def _about(fact: Fact) -> set[UUID]:
    """Return the same; and the unit that a report from the public is about, which may be any."""
    told = {_organisation_of(fact)}
    if isinstance(fact, TipFact):
        told.add(getattr(fact, "enterprise", None))
    return {each for each in told if each is not None}


def _subjects_of(entries: Iterable[Entry]) -> set[UUID]:
    return {each for entry in entries for each in _about(entry.fact)}


def _organisations_named(fact: Fact) -> set[UUID]:
    return {ident for _, kind, ident in fact.names() if kind == "org"}


def _organisations_in(entries: Iterable[Entry]) -> set[UUID]:
    """Return every organisation that a record's facts name."""
    return {each for entry in entries for each in _organisations_named(entry.fact)}
