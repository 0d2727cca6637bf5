"""An office 办公室: a real ledger with a simulated clock, people who sign, and its log."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

from domain.fact import Actor, Entry, Fact, Sealed
from domain.hazard import Finder, HazardFound
from domain.monthly_report import ReportedHazard, ReportFiled, report_id
from domain.organisation import (
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
    organisation_id,
    supervision_id,
)
from domain.people import AppointmentMade, PersonRegistered, PostCreated, PostKind
from domain.proof.checkpoint import Checkpoint
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.note import NoteSigner, write_note
from domain.proof.trust import read_trust
from domain.recording import Act, record
from domain.signing import KeyRegistered, key_record, signature_record
from projections.log import Log
from projections.models import read_models
from projections.runner import Runner
from tests.support import pens
from tests.support.ledger import ORIGIN

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from domain.proof.trust import Trust
    from tests.support.ledger import Place

OPENED = datetime(2024, 4, 1, tzinfo=UTC)
DEPARTMENT = organisation_id("D1")
FIRMS = [organisation_id(f"E{n}") for n in range(4)]
FIRM = FIRMS[0]
MONTH = "2024-05"
DUE = datetime(2024, 5, 31, 16, tzinfo=UTC)
CLOSED = DUE + timedelta(minutes=2)
SECOND = timedelta(seconds=1)
LOG = NoteSigner(ORIGIN, bytes([1]) * 32)
CITY = Ed25519Cosigner("city.example/witness", bytes([2]) * 32)
POLICY = f"log {LOG.key}\nwitness city {CITY.key}\nquorum city\n"


@dataclass
class Office:
    """A ledger with a simulated clock, four firms under one department, and who signs there."""

    place: Place
    ledger: Ledger
    clock: datetime = OPENED
    people: dict[str, UUID] = field(default_factory=dict)
    posts: dict[str, UUID] = field(default_factory=dict)

    @classmethod
    def begin(cls, place: Place, ledger: Ledger) -> Office:
        """Register the department and the firms; the place was made at ``OPENED``."""
        office = cls(place, ledger)
        office.organisation(DEPARTMENT, "D1", OrgKind.DEPARTMENT)
        for n, firm in enumerate(FIRMS):
            office.organisation(firm, f"E{n}", OrgKind.ENTERPRISE)
            assigned = SupervisionAssigned(enterprise=firm, department=DEPARTMENT)
            office.act(supervision_id(firm), assigned)
        return office

    @property
    def trust(self) -> Trust:
        """Trusts the log and its witness."""
        return read_trust(POLICY)

    @property
    def log(self) -> Log:
        """The transparency log."""
        return Log(self.ledger)

    def act(
        self,
        record_id: UUID,
        fact: Fact,
        at: datetime | None = None,
        by: Actor | None = None,
        happened: date | None = None,
    ) -> int:
        """Record something a minute later, or at a moment; returns its position."""
        self.clock = at or self.clock + timedelta(minutes=1)
        receipt = record(
            self.ledger,
            [Act(record_id, fact, happened or self.clock)],
            command=uuid4(),
            by=by or Actor(authentication="system"),
            received=self.clock,
            recorded=self.clock,
        )
        return receipt.positions[0]

    def entry(self, position: int) -> Entry:
        """Return the fact at a position."""
        return self.ledger.range(position - 1, 1)[0]

    def hash(self, position: int) -> str:
        """Return its leaf hash."""
        return self.entry(position).hash.hex()

    def organisation(self, org: UUID, code: str, kind: OrgKind) -> None:
        """Register an organisation."""
        began = date(2024, 1, 1)
        self.act(org, OrganisationRegistered(kind=kind, code=code, name=f"单位{code}", began=began))

    def person(self, name: str) -> UUID:
        """Register a person; and their key, vouched for by whoever came first, who has none."""
        person = self.people[name] = uuid4()
        self.act(person, PersonRegistered(name=Sealed.close(name, person, os.urandom(16))))
        if len(self.people) > 1:
            self.key(KeyRegistered(person=person, key=pens.key_of(name)))
        return person

    def key(self, fact: KeyRegistered) -> int:
        """Have the registrar register a key."""
        registrar = next(iter(self.people.values()))
        by = Actor(authentication="token", person=registrar)
        return self.act(key_record(fact.key.id), fact, by=by)

    def post(self, kind: PostKind, name: str, org: UUID = FIRM) -> UUID:
        """Create a post and appoint somebody."""
        post = self.posts[f"{name} {kind.value}"] = uuid4()
        self.act(post, PostCreated(organisation=org, kind=kind, title="负责人"))
        self.act(post, AppointmentMade(organisation=org, person=self.people[name]))
        return post

    def signers(self) -> None:
        """Register the firm's deputy and principal, with their posts and keys."""
        for name in ("登记员", "张三", "李四"):
            self.person(name)
        self.post(PostKind.DEPUTY, "张三")
        self.post(PostKind.PRINCIPAL, "李四")

    def file(
        self,
        firm: UUID = FIRM,
        at: datetime | None = None,
        kind: Literal["ordinary", "zero"] = "ordinary",
        older: tuple[UUID, ...] = (),
    ) -> int:
        """File May's report."""
        listed = tuple(ReportedHazard(hazard=each, state="整改中") for each in older)
        fact = ReportFiled(enterprise=firm, month=MONTH, kind=kind, to_org=DEPARTMENT, older=listed)
        return self.act(report_id(firm, MONTH), fact, at)

    def sign(self, name: str, kind: PostKind, document: int, at: datetime | None = None) -> int:
        """Sign a document with one's own key."""
        entries = self.ledger.range(0, 10_000)
        person, post = self.people[name], self.posts[f"{name} {kind.value}"]
        signed = self.entry(document)
        statement = pens.statement_of(entries, signed, person, post, pens.key_of(name))
        made = pens.made(signed, kind, statement, pens.sign(statement, pens.seed_of(name)))
        return self.act(signature_record(statement), made, at)

    def zero_report(self, **parts: Any) -> tuple[int, int, int]:  # noqa: ANN401 - of the filing
        """File May's zero report and have both sign it; returns the three positions."""
        filed = self.file(kind="zero", at=DUE - timedelta(days=2), **parts)
        first = self.sign("张三", PostKind.DEPUTY, filed)
        return filed, first, self.sign("李四", PostKind.PRINCIPAL, filed)

    def hazard(self, number: str, at: datetime | None = None, happened: date | None = None) -> UUID:
        """Find a hazard, or enter one that was found on a day before."""
        hazard = uuid4()
        words = Sealed.close("阀门泄漏", FIRM, os.urandom(16))
        fact = HazardFound(
            enterprise=FIRM, number=number, description=words, found_by=Finder.ENTERPRISE
        )
        self.act(hazard, fact, at, happened=happened)
        return hazard

    def catch_up(self) -> None:
        """Bring the read models up to where the ledger is."""
        models = read_models(self.place.schema)
        runner = Runner(self.place.url, models, schema=self.place.schema)
        try:
            runner.catch_up()
        finally:
            runner.stop()

    def publish(self, *cosigners: Ed25519Cosigner) -> None:
        """Catch up and publish a checkpoint, cosigned by the city or by those given."""
        self.catch_up()
        size = self.ledger.head().position
        root = self.log.root(size)
        text = Checkpoint(ORIGIN, size, root).text
        cosigned = [each.cosign(text, CLOSED + timedelta(hours=1)) for each in cosigners or (CITY,)]
        with self.ledger.checkpoints.leading() as leader:
            assert leader is not None
            leader.store(size, root, write_note(text, [LOG.sign(text), *cosigned]))
