"""A stage for attacks: a real ledger, a zero report signed by two people, published and witnessed.

It is set up once, in a PostgreSQL schema of its own, and copied for each attack.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

import psycopg
from pydantic import SecretStr

from api import home
from api.log.keys import LogKeys, ensure, signers
from api.settings import Settings
from domain.fact import Actor, Entry, Fact, Sealed
from domain.ledger import Ledger
from domain.ledger.schema import install
from domain.monthly_report import ReportFiled, report_id
from domain.organisation import (
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
    organisation_id,
    supervision_id,
)
from domain.people import AppointmentEnded, AppointmentMade, PersonRegistered, PostCreated, PostKind
from domain.proof.checkpoint import Checkpoint
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.merkle import root_of
from domain.proof.note import write_note
from domain.proof.statement import Statement, TreeHead
from domain.recording import Act, record
from domain.signing import KeyRegistered, KeyRevoked, SignatureMade, key_record, signature_record
from projections.log import Tiles
from projections.runner import Runner
from tests.support import pens
from tests.support.ledger import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ORIGIN = "ledger.example/yinan"
TABLES = ("fact", "tag", "command", "sealed", "checkpoint")
MONTH = "2024-05"
BEGAN = datetime(2024, 5, 1, 1, tzinfo=UTC)
SEEN = datetime(2024, 6, 1, 3, tzinfo=UTC)
WITNESS = Ed25519Cosigner("city.example/witness", bytes([7]) * 32)
NAMES = UUID("00000000-0000-5000-8000-0000000000d1")
COUNTY, DEPARTMENT, ENTERPRISE = (organisation_id(code) for code in ("GOV", "DEPT", "YIHE"))
PEOPLE = {name: uuid5(NAMES, name) for name in ("张总", "李副总", "王登记员", "赵某", "老周")}
POSTS = {
    "主要负责人": (uuid5(NAMES, "principal"), PostKind.PRINCIPAL),
    "分管负责人": (uuid5(NAMES, "deputy"), PostKind.DEPUTY),
}


@dataclass
class Stage:
    """A ledger on the stage, and what its names stand for: positions, by what stands there."""

    place: Place
    home: Path
    at: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Settings by which the product finds this ledger."""
        return Settings(
            database_url=SecretStr(self.place.url), home=self.home, ledger=self.place.schema
        )

    @property
    def policy(self) -> str:
        """The trust policy that an outsider holds: the log's key and its witness."""
        with self.opened() as ledger:
            (signer,) = signers(ledger, self.log_keys)
        return f"log {signer.key}\nwitness city {WITNESS.key}\nquorum city\n"

    @property
    def log_keys(self) -> LogKeys:
        """The log's private keys."""
        return LogKeys(self.place.keys, ORIGIN)

    @contextmanager
    def opened(self) -> Iterator[Ledger]:
        """Yield the ledger."""
        with home.opened(self.settings) as ledger:
            yield ledger

    def entries(self, ledger: Ledger) -> list[Entry]:
        """Return every fact."""
        return ledger.range(0, 1000)

    def actor(self, name: str) -> Actor:
        """Return somebody who acts by their own token."""
        return Actor(authentication="token", person=PEOPLE[name])

    def record(
        self,
        ledger: Ledger,
        record_id: UUID,
        fact: Fact,
        *,
        by: str = "王登记员",
        name: str = "",
        later: timedelta = timedelta(minutes=1),
    ) -> int:
        """Record an act as the product does, so much after the last one; return its position."""
        moment = ledger.head().recorded + later
        begins = isinstance(fact, OrganisationRegistered | PersonRegistered)
        actor = Actor(authentication="cli") if begins else self.actor(by)
        receipt = record(
            ledger,
            [Act(record_id, fact, moment)],
            command=uuid4(),
            by=actor,
            received=moment,
            recorded=moment,
        )
        position = receipt.positions[0]
        if name:
            self.at[name] = position
        return position

    def statement(self, ledger: Ledger, person: str, post: str, pen: str = "") -> Statement:
        """Return what somebody states by signing the zero report, as things stand."""
        entries = self.entries(ledger)
        document = entries[self.at["零报告"] - 1]
        key = pens.key_of(pen or person)
        return pens.statement_of(entries, document, PEOPLE[person], POSTS[post][0], key)

    def made(self, ledger: Ledger, statement: Statement, post: str, pen: str) -> SignatureMade:
        """Return the fact that a statement was signed with a pen."""
        document = self.entries(ledger)[self.at["零报告"] - 1]
        signature = pens.sign(statement, pens.seed_of(pen))
        return pens.made(document, POSTS[post][1], statement, signature)

    def sign(self, ledger: Ledger, person: str, post: str, pen: str = "") -> int:
        """Let somebody sign the zero report."""
        statement = self.statement(ledger, person, post, pen)
        fact = self.made(ledger, statement, post, pen or person)
        return self.record(
            ledger, signature_record(statement), fact, by=person, name=f"{person}的签名"
        )

    def catch_up(self, ledger: Ledger) -> None:
        """Bring the log's tiles up to the ledger."""
        runner = Runner(ledger.conninfo, [Tiles()], schema=ledger.schema)
        runner.catch_up()
        runner.stop()

    def publish(self, ledger: Ledger, *cosigners: Ed25519Cosigner) -> bytes:
        """Publish a checkpoint of all there is, cosigned, and return it."""
        hashes = [entry.hash for entry in self.entries(ledger)]
        note = self.checkpoint(ledger, hashes, *cosigners)
        with ledger.checkpoints.leading() as leader:
            assert leader is not None
            leader.store(len(hashes), root_of(hashes), note)
        return note

    def checkpoint(
        self, ledger: Ledger, hashes: Sequence[bytes], *cosigners: Ed25519Cosigner
    ) -> bytes:
        """Return a checkpoint of some leaf hashes, signed with the log's own key."""
        text = Checkpoint(ORIGIN, len(hashes), root_of(hashes)).text
        own = [signer.sign(text) for signer in signers(ledger, self.log_keys)]
        return write_note(text, [*own, *(each.cosign(text, SEEN) for each in cosigners)])


def seen_tree(entries: Sequence[Entry]) -> TreeHead:
    """Return the tree over some facts."""
    return pens.head_of(entries)


def _words(words: str, subject: UUID) -> Sealed:
    return Sealed.close(words, subject, os.urandom(16))


def set_up(url: str, schema: str, folder: Path) -> Stage:
    """Set the stage up in a schema that is not there yet.

    In this order: organisations, people, posts, keys; the zero report; both signatures; a
    checkpoint; and something more, with another checkpoint.
    """
    stage = Stage(Place(url, schema, folder / "keys" / schema), folder)
    settings = stage.settings.model_copy(update={"origin": ORIGIN, "jurisdiction": "沂南县"})
    home.make(url, settings, "simulated", opened=BEGAN)
    with stage.opened() as ledger:
        _register(stage, ledger)
        ensure(ledger, stage.log_keys, now=BEGAN, random=os.urandom)
        filed = ReportFiled(enterprise=ENTERPRISE, month=MONTH, kind="zero", to_org=DEPARTMENT)
        stage.record(ledger, report_id(ENTERPRISE, MONTH), filed, by="李副总", name="零报告")
        stage.sign(ledger, "李副总", "分管负责人")
        stage.sign(ledger, "张总", "主要负责人")
        stage.catch_up(ledger)
        stage.publish(ledger, WITNESS)
        later = PersonRegistered(name=_words("后来的人", uuid5(NAMES, "later")))
        stage.record(ledger, uuid5(NAMES, "later"), later, name="后来的登记")
        stage.catch_up(ledger)
        stage.publish(ledger, WITNESS)
    stage.place.close()
    return stage


def _register(stage: Stage, ledger: Ledger) -> None:
    gov = OrganisationRegistered(kind=OrgKind.GOVERNMENT, code="GOV", name="沂南县政府")
    stage.record(ledger, COUNTY, gov)
    for ident, kind, code, name in (
        (DEPARTMENT, OrgKind.DEPARTMENT, "DEPT", "县应急管理局"),
        (ENTERPRISE, OrgKind.ENTERPRISE, "YIHE", "沂河化工"),
    ):
        fact = OrganisationRegistered(kind=kind, code=code, name=name, parent=COUNTY)
        stage.record(ledger, ident, fact, name=name)
    for name, person in PEOPLE.items():
        stage.record(ledger, person, PersonRegistered(name=_words(name, person)), name=name)
    stage.record(
        ledger,
        supervision_id(ENTERPRISE),
        SupervisionAssigned(enterprise=ENTERPRISE, department=DEPARTMENT),
    )
    _appoint(stage, ledger)
    _register_keys(stage, ledger)


def _appoint(stage: Stage, ledger: Ledger) -> None:
    for title, (post, kind) in POSTS.items():
        stage.record(ledger, post, PostCreated(organisation=ENTERPRISE, kind=kind, title=title))
    deputy = POSTS["分管负责人"][0]
    stage.record(ledger, deputy, AppointmentMade(organisation=ENTERPRISE, person=PEOPLE["老周"]))
    stage.record(ledger, deputy, AppointmentEnded(organisation=ENTERPRISE, person=PEOPLE["老周"]))
    for person, title in (("张总", "主要负责人"), ("李副总", "分管负责人")):
        fact = AppointmentMade(organisation=ENTERPRISE, person=PEOPLE[person])
        stage.record(ledger, POSTS[title][0], fact, name=f"{person}的任命")


def _register_keys(stage: Stage, ledger: Ledger) -> None:
    """Register a key for each, one of them replaced since and one revoked."""
    for person, pen in (("张总", "张总"), ("李副总", "李副总的旧钥"), ("老周", "老周")):
        key = pens.key_of(pen)
        fact = KeyRegistered(person=PEOPLE[person], key=key)
        stage.record(ledger, key_record(key.id), fact, name=f"{pen}的密钥")
    fresh, old = pens.key_of("李副总"), pens.key_of("李副总的旧钥")
    rotated = KeyRegistered(person=PEOPLE["李副总"], key=fresh, replaces=old.id)
    stage.record(ledger, key_record(fresh.id), rotated, name="李副总的密钥")
    lost = pens.key_of("张总丢失的钥")
    stage.record(ledger, key_record(lost.id), KeyRegistered(person=PEOPLE["张总"], key=lost))
    revoked = KeyRevoked(person=PEOPLE["张总"], key=lost.id, reason=_words("遗失", ENTERPRISE))
    stage.record(ledger, key_record(lost.id), revoked)


@dataclass
class Template:
    """The stage as it was set up, to be copied."""

    stage: Stage

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Stage]:
        """Yield a copy: a schema of its own, and the keys beside it."""
        own = self.stage.place
        name = f"attack_{uuid4().hex[:12]}"
        place = Place(own.url, name, folder / "keys" / name)
        shutil.copytree(own.keys, place.keys)
        with psycopg.connect(own.url, autocommit=True) as connection:
            with connection.transaction():
                install(connection, name)
                for table in TABLES:
                    copy = f"INSERT INTO {name}.{table} TABLE {own.schema}.{table}"
                    connection.execute(copy.encode())
            stage = Stage(place, folder, dict(self.stage.at))
            with stage.opened() as ledger:
                stage.catch_up(ledger)
            try:
                yield stage
            finally:
                place.close()
                place.drop()


@contextmanager
def template(url: str, folder: Path) -> Iterator[Template]:
    """Set the stage up once, in a schema that is dropped at the end."""
    stage = set_up(url, f"stage_{uuid4().hex[:12]}", folder)
    try:
        yield Template(stage)
    finally:
        stage.place.drop()
