"""The demo county as the year begins, and how it enters the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from api.demo.calendar import YEAR, day
from api.demo.cast import (
    BODIES,
    ENTERPRISE_SEATS,
    FIRMS,
    KNOWN_PEOPLE,
    TITLES,
    TWO_POSTS,
    Body,
    Firm,
    Seat,
)
from api.demo.codes import COMPANY, GOVERNMENT, INDIVIDUAL, INSTITUTION, credit_code
from api.demo.names import Names
from api.demo.pens import Pens
from api.demo.scribe import ident
from domain.organisation import (
    Ground,
    OrganisationRegistered,
    OrgKind,
    ResponsiblesNamed,
    SupervisionAssigned,
    organisation_id,
    supervision_id,
)
from domain.people import (
    AppointmentEnded,
    AppointmentMade,
    PersonRegistered,
    PostCreated,
    PostKind,
)
from domain.training import CertificateIssued, CertificateKind

if TYPE_CHECKING:
    from api.demo.scribe import Scribe

_SHOPS = ("catering", "fireworks")
_FIRST_DAY = date(YEAR, 1, 1)
_ABOVE = {"deputy": "principal", "safety": "deputy", "workshop": "deputy"}
"""Which post an enterprise's others report to (1.3b)."""
_INSPECTING = (PostKind.SECTION_HEAD, PostKind.INSPECTOR)
"""Posts of a body of government whose holders have an inspector's certificate."""
_SEED = "沂川 2024"


@dataclass
class Office:
    """A body of government, or the experts, with its posts by role."""

    body: Body
    code: str
    random: Random
    posts: dict[str, UUID] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        """Its record."""
        return organisation_id(self.code)

    @property
    def name(self) -> str:
        """Its name."""
        return self.body.name

    def prompt(self) -> bool:
        """Tell whether it acts in time, this time."""
        return self.random.random() < self.body.prompt


@dataclass
class Known:
    """A hazard as the demo remembers it; ``stage`` is a key of ``words.STATES``."""

    id: UUID
    number: str
    found: datetime
    month: str
    major: bool = False
    stage: str = "found"

    @property
    def open(self) -> bool:
        """Whether it is not yet struck off."""
        return self.stage != "closed"


@dataclass
class Enterprise:
    """An enterprise with its posts by role, and what the demo remembers of its hazards."""

    firm: Firm
    code: str
    random: Random
    regulator: Office | None
    officer: str
    zone: Office | None
    posts: dict[str, UUID] = field(default_factory=dict)
    hazards: list[Known] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        """Its record."""
        return organisation_id(self.code)

    @property
    def name(self) -> str:
        """Its name."""
        return self.firm.name

    @property
    def opens(self) -> date:
        """The first day of the year on which it operates."""
        return day(self.firm.opens) if self.firm.opens else _FIRST_DAY

    @property
    def closes(self) -> date:
        """The last day of the year on which it operates."""
        return day(self.firm.closes) if self.firm.closes else date(YEAR, 12, 31)

    def prompt(self) -> bool:
        """Tell whether it does a step in time, this time."""
        return self.random.random() < self.firm.character.prompt

    def forgets(self) -> bool:
        """Tell whether it leaves a step out, this time."""
        return self.random.random() < self.firm.character.forgets

    def overseer(self) -> Office | None:
        """Return the body that it reports to: its regulator, else the zone."""
        return self.regulator or self.zone


class County:
    """Everybody in the demo."""

    def __init__(self, scribe: Scribe) -> None:
        self.scribe = scribe
        self._inspecting: set[UUID] = set()
        named = {seat.name for body in BODIES for seat in body.seats if seat.name}
        self.names = Names(Random(_SEED), {*named, *KNOWN_PEOPLE.values()})  # noqa: S311 - a story
        self.offices = {body.key: _office(n, body) for n, body in enumerate(BODIES, start=1)}
        self.firms = {
            firm.key: _enterprise(n, firm, self.offices) for n, firm in enumerate(FIRMS, start=1)
        }

    def register(self) -> None:
        """Enter all bodies, and the enterprises that operate as the year begins."""
        for office in self.offices.values():
            self._register_office(office)
        bureau = self.offices["bureau"].posts
        self.scribe.pens = Pens(self.scribe, (bureau["second"], bureau["section"]))
        for enterprise in self.firms.values():
            if not enterprise.firm.opens:
                self.register_enterprise(enterprise)

    def _register_office(self, office: Office) -> None:
        body = office.body
        parent = self.offices[body.parent].id if body.parent else None
        registered = OrganisationRegistered(
            kind=body.kind,
            code=office.code,
            name=body.name,
            parent=parent,
            level=body.level,
        )
        self.scribe.write(None, (office.id, registered), happened=_FIRST_DAY)
        for seat in body.seats:
            office.posts[seat.role] = self._fill(office.id, body.key, seat)
            if seat.kind in _INSPECTING:
                self._inspecting.add(office.posts[seat.role])
                self._certify(self.scribe.holders[office.posts[seat.role]])

    def register_enterprise(self, enterprise: Enterprise) -> None:
        """Enter an enterprise with its posts and whoever holds them, and who supervises it."""
        firm = enterprise.firm
        above = enterprise.zone or self.offices["county"]
        registered = OrganisationRegistered(
            kind=OrgKind.ENTERPRISE,
            code=enterprise.code,
            name=firm.name,
            parent=above.id,
            area=enterprise.zone.name.removesuffix("管理委员会") if enterprise.zone else firm.area,
            industry=firm.industry,
            employees=firm.employees,
            high_risk=firm.risk,
        )
        self.scribe.write(None, (enterprise.id, registered), happened=enterprise.opens)
        titles = TITLES[firm.trade]
        for (role, kind), title in zip(ENTERPRISE_SEATS, titles, strict=True):
            seat = Seat(role, kind, title, KNOWN_PEOPLE.get((firm.key, role), ""))
            if role == "deputy" and firm.key in TWO_POSTS:
                post = self._create(enterprise.id, firm.key, seat, enterprise.posts["principal"])
                holder = self.scribe.holders[enterprise.posts["principal"]]
                self._appoint(enterprise.id, post, holder, _since(enterprise))
            else:
                superior = enterprise.posts.get(_ABOVE.get(role, ""))
                post = self._fill(enterprise.id, firm.key, seat, _since(enterprise), superior)
            enterprise.posts[role] = post
        if enterprise.regulator:
            self.assign(enterprise, enterprise.regulator, Ground.INDUSTRY, enterprise.officer)
            if enterprise.zone:
                self.assign(enterprise, enterprise.zone, Ground.TERRITORY, "officer")

    def assign(self, enterprise: Enterprise, office: Office, ground: Ground, officer: str) -> None:
        """Give an enterprise a supervisor, with the leader and the officer named for it."""
        record = supervision_id(enterprise.id)
        assigned = SupervisionAssigned(
            enterprise=enterprise.id,
            department=office.id,
            ground=ground,
            document=f"{YEAR}年度沂川县安全生产监管名录",
        )
        self.scribe.write(
            None,
            (record, assigned),
            (record, self.naming(enterprise, office, officer)),
            happened=enterprise.opens,
        )

    def naming(self, enterprise: Enterprise, office: Office, officer: str) -> ResponsiblesNamed:
        """Return the entry of the real-name directory for an enterprise."""
        return ResponsiblesNamed(
            enterprise=enterprise.id,
            department=office.id,
            leader=office.posts["deputy"],
            officer=office.posts[officer],
        )

    # posts and people

    def _fill(
        self,
        org: UUID,
        key: str,
        seat: Seat,
        since: date | None = None,
        above: UUID | None = None,
    ) -> UUID:
        """Create a post and appoint somebody to it."""
        post = self._create(org, key, seat, above)
        person = self.person(seat.name or self.names.next())
        self._appoint(org, post, person, since or date(YEAR - 2, 3, 1))
        return post

    def _create(self, org: UUID, key: str, seat: Seat, above: UUID | None = None) -> UUID:
        post = ident(f"post {key} {seat.role}")
        fact = PostCreated(organisation=org, kind=seat.kind, title=seat.title, reports_to=above)
        self.scribe.write(None, (post, fact), happened=self.scribe.today)
        return post

    def person(self, name: str) -> UUID:
        """Register a person under an invented name."""
        person = ident(f"person {name}")
        fact = PersonRegistered(name=self.scribe.words(name, person))
        self.scribe.write(None, (person, fact))
        return person

    def _appoint(self, org: UUID, post: UUID, person: UUID, since: date) -> None:
        fact = AppointmentMade(organisation=org, person=person)
        self.scribe.write(None, (post, fact), happened=since)
        self.scribe.holders[post] = person

    def relieve(self, org: UUID, post: UUID, by: UUID, reason: str) -> None:
        """Record that whoever holds a post leaves it now; ``by`` is the post that enters it."""
        leaves = AppointmentEnded(
            organisation=org,
            person=self.scribe.holders[post],
            reason=self.scribe.words(reason, org),
        )
        self.scribe.write(by, (post, leaves), happened=self.scribe.today)
        del self.scribe.holders[post]

    def appoint(
        self, org: UUID, post: UUID, person: UUID, by: UUID, *, acting: bool = False
    ) -> None:
        """Record that a person takes a post now; ``by`` is the post that enters it."""
        taken = AppointmentMade(organisation=org, person=person, acting=acting)
        self.scribe.write(by, (post, taken), happened=self.scribe.today)
        self.scribe.holders[post] = person
        if post in self._inspecting:
            self._certify(person)
        for at in self.firms.values():
            if at.id == org and post in (at.posts["principal"], at.posts["safety"]):
                self.prove(person)

    def _certify(self, person: UUID) -> None:
        """Record the certificate by which somebody may inspect (1.2e)."""
        fact = CertificateIssued(
            kind=CertificateKind.INSPECTOR,
            issuer="沂川县司法局",
            valid_from=date(YEAR - 1, 12, 1),
            valid_to=date(YEAR + 4, 11, 30),
        )
        self.scribe.write(None, (person, fact), happened=date(YEAR - 1, 12, 1))

    def prove(self, person: UUID, until: date | None = None) -> None:
        """Record the assessment of somebody in charge of an enterprise or of its safety."""
        fact = CertificateIssued(
            kind=CertificateKind.ASSESSMENT,
            issuer="沂川县应急管理局",
            valid_from=date(YEAR - 1, 12, 1),
            valid_to=until or date(YEAR + 2, 11, 30),
        )
        self.scribe.write(None, (person, fact), happened=date(YEAR - 1, 12, 1))


def _since(enterprise: Enterprise) -> date:
    """Return when its people took their posts: some years ago, or as it opened."""
    if enterprise.firm.opens:
        return enterprise.opens
    chance = enterprise.random
    return date(chance.randint(YEAR - 7, YEAR - 1), chance.randint(1, 12), chance.randint(1, 28))


def _office(serial: int, body: Body) -> Office:
    kind = INSTITUTION if body.kind is OrgKind.EXPERT_BODY else GOVERNMENT
    return Office(body, credit_code(kind, serial), Random(f"{_SEED} {body.key}"))  # noqa: S311


def _enterprise(serial: int, firm: Firm, offices: dict[str, Office]) -> Enterprise:
    kind = INDIVIDUAL if firm.trade in _SHOPS else COMPANY
    return Enterprise(
        firm=firm,
        code=credit_code(kind, 1000 + serial),
        random=Random(f"{_SEED} {firm.key}"),  # noqa: S311
        regulator=offices[firm.regulator] if firm.regulator else None,
        officer=firm.officer,
        zone=offices["zone"] if firm.zone else None,
    )
