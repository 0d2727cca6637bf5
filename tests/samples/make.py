"""Writes a stored sample for every kind of fact that has none yet.

Run as ``python -m tests.samples.make`` after a fact was declared or its shape got a new version. A
sample is what the ledger of that day holds: it is never made again and never edited, since facts
written like it are for ever.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import orjson

from api.examples import story
from api.operations import operations
from api.sent import own_topics, to_fact
from domain.access import TokenIssued, TokenRevoked
from domain.fact import Actor, Draft, Fact, Sealed, Withheld
from domain.hazard import HazardLevel
from domain.imported import (
    AccidentRowImported,
    ImportFinished,
    LedgerRowImported,
    RowOrigin,
    RowSetAside,
    SealedCell,
)
from domain.ledger_opened import LedgerOpened
from domain.log import LogKeyAdopted, LogKeyRetired
from domain.looks import LooksKept
from domain.organisation import organisation_id
from domain.paper import PaperIssued
from domain.people import PostKind
from domain.proof import ed25519
from domain.proof.encoding import write_base64
from domain.proof.note import NoteSigner
from domain.proof.roll import RollHead
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Statement, TreeHead
from domain.reminder import FeedClosed, FeedOpened, MailboxChosen, MailboxLeft
from domain.roll import RollTaken
from domain.sign_in import (
    CredentialRegistered,
    CredentialRevoked,
    EnrolmentIssued,
    Manner,
    SignedIn,
    SignedOut,
    SignInFailed,
)
from domain.signing import KeyRegistered, KeyRevoked, SignatureMade, SignatureWithdrawn
from domain.tip import Envelope, Part, TipAdded, TipRead
from domain.yearly import Indicator, Key

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "facts"
PEOPLE = UUID("01900a00-0001-7000-8000-000000000004")
ENTERPRISE = organisation_id("91371399MA3C00003U")
MOMENT = datetime(2024, 5, 20, 2, 15, tzinfo=UTC)
ACTOR = Actor(
    authentication="token", person=PEOPLE, post=UUID("01900a00-0002-7000-8000-000000000004")
)


_INDICATOR = Indicator(key=Key.EXPERT_INSPECTIONS, owed=36, kept=28, late=3, missed=5)
DRAWN: dict[str, dict[str, Any]] = {
    "quarter.assessed": {"upto": 40, "drawn": True},
    "yearly_assessment.made": {"upto": 18250, "figures": (_INDICATOR,), "charge": 12},
    "support.given": {"upto": 18250, "figures": (_INDICATOR,)},
}
"""What the server draws from the record, by topic."""


def seal(words: str, kind: type[Sealed] = Sealed) -> Sealed:
    return kind.close(words, PEOPLE, hashlib.sha256(words.encode()).digest()[:16])


def facts() -> Iterator[Fact]:
    """Yield one fact of each kind: those of the examples' story, and the system's own."""
    known = {"enterprise": ENTERPRISE, "organisation": ENTERPRISE, "about": (ENTERPRISE,)}
    known |= {"month": "2024-05", "hazard": UUID("01900a00-0003-7000-8000-000000000001")}
    fullest: dict[str, dict[str, Any]] = {}
    for act in story():
        if len(act.body) >= len(fullest.get(act.topic, ())):
            fullest[act.topic] = act.body
    for topic, body in fullest.items():
        operation = operations()[topic]
        given = {n: v for n, v in known.items() if n in operation.topic.fact.model_fields}
        given |= DRAWN.get(topic, {})
        yield to_fact(operation.topic.fact, operation.body.model_validate(body), given, seal)
    yield from by_system()
    yield from by_hand()


def by_system() -> Iterator[Fact]:
    """Yield one fact of each kind that no client posts."""
    origin = RowOrigin(source="沂南县隐患台账", file="5e" * 32, row=17)
    cell = SealedCell(column="隐患问题描述", text=seal("配电箱未接地"))
    yield LedgerOpened(origin="ledger.example/yinan", jurisdiction="371321", keys="a5" * 32)
    yield LedgerRowImported(
        enterprise=ENTERPRISE,
        origin=origin,
        number="D000017",
        inspected_by="州检查机构",
        category="电气",
        level=HazardLevel.GENERAL,
        found=MOMENT.date(),
        deadline=MOMENT.date(),
        closed=MOMENT,
        status="已销号",
        warnings=("closed_before_found",),
        persons=(SealedCell(column="检查人", text=seal("赵志强")),),
        texts=(cell,),
    )
    yield AccidentRowImported(
        enterprise=ENTERPRISE,
        origin=origin,
        number="A015009",
        category="触电",
        occurred=MOMENT.date(),
        deaths=1,
        serious_injuries=2,
        loss=350_000_000,
        texts=(cell,),
    )
    yield RowSetAside(
        enterprise=ENTERPRISE, origin=origin, reasons=("impossible_date",), cells=seal("2024-13-41")
    )
    yield ImportFinished(
        kind="hazards",
        source="沂南县隐患台账",
        file="5e" * 32,
        name="隐患台账.xlsx",
        rows=20,
        added=17,
        unchanged=1,
        warned=1,
        set_aside=2,
        began=MOMENT,
    )
    head = RollHead(of="monthly_report 2024-05", size=3, root="5e" * 32)
    yield RollTaken(head=head, upto=120, deadline=MOMENT)
    yield PaperIssued(
        enterprise=ENTERPRISE,
        document=58,
        checkpoint=12,
        layout=1,
        address="https://ledger.example/check/7K2M-0QXV-9DTR-4HBC",
        digest="d1" * 32,
    )
    yield TokenIssued(person=PEOPLE, label=seal("值班室电脑"), until=MOMENT)
    yield TokenRevoked(person=PEOPLE, reason=seal("遗失"))
    yield EnrolmentIssued(person=PEOPLE, until=MOMENT)
    origins = ("https://aj.example.gov.cn",)
    public = write_base64(ed25519.public_key(b"p" * 32))
    yield CredentialRegistered(
        person=PEOPLE,
        manner=Manner.PASSKEY,
        enrolment=PEOPLE,
        key=PublicKey(
            suite="passkey-eddsa", public=public, rp_id="aj.example.gov.cn", origins=origins
        ),
        credential="5x0kZ3nYb2R5",
    )
    yield CredentialRevoked(person=PEOPLE, reason=seal("遗失"))
    yield SignedIn(person=PEOPLE, manner=Manner.PASSWORD)
    yield SignedOut(person=PEOPLE, everywhere=True)
    yield SignInFailed(person=PEOPLE, manner=Manner.PASSWORD, attempts=3, since=MOMENT)
    yield LooksKept(count=2, first=MOMENT, last=MOMENT, digest="5a" * 32)
    sealed = Withheld.close("age", ENTERPRISE, bytes(16))
    envelope = Envelope(keys=(PEOPLE,), commitment="5a" * 32, ciphertext=sealed)
    yield TipAdded(body=ENTERPRISE, content=envelope)
    yield FeedOpened(person=PEOPLE)
    yield FeedClosed(person=PEOPLE)
    yield MailboxChosen(person=PEOPLE, address=seal("wang@example.gov.cn"))
    yield MailboxLeft(person=PEOPLE)
    yield TipRead(
        body=ENTERPRISE, part=Part.IDENTITY, purpose=seal("核实情况"), together_with=PEOPLE
    )
    key = str(NoteSigner("ledger.example/yinan", b"l" * 32).key)
    yield LogKeyAdopted(key=key)
    yield LogKeyRetired(key=key)


def by_hand() -> Iterator[Fact]:
    """Yield one fact of each kind that rests on a key: no story told beforehand can sign."""
    seed, about = b"s" * 32, f"report:{ENTERPRISE}"
    key = PublicKey(suite="ed25519", public=write_base64(ed25519.public_key(seed)))
    statement = Statement(
        log="ledger.example/yinan",
        document="5f" * 32,
        organisation=ENTERPRISE,
        period="2024-05",
        person=PEOPLE,
        post=ENTERPRISE,
        key=key.id,
        meaning="本单位2024年5月未发现新的事故隐患",
        seen=TreeHead(size=7, root="6e" * 32),
        after="7d" * 32,
    )
    signature = PersonalSignature(value=write_base64(ed25519.sign(seed, statement.digest())))
    yield KeyRegistered(person=PEOPLE, key=key, replaces="4c" * 32, credential="Y3JlZGVudGlhbA")
    yield KeyRevoked(person=PEOPLE, key=key.id, reason=seal("遗失"))
    yield SignatureMade(
        enterprise=ENTERPRISE,
        about=about,
        document=6,
        role=PostKind.PRINCIPAL,
        statement=statement,
        signature=signature,
    )
    yield SignatureWithdrawn(
        enterprise=ENTERPRISE, about=about, person=PEOPLE, reason=seal("看错了月份")
    )


def sample_of(fact: Fact) -> bytes:
    """Return a leaf's topic and body as stored, and a name for the file's reader."""
    command = uuid5(ENTERPRISE, fact.topic.name)
    draft = Draft(command, 1, fact, ACTOR, MOMENT.date(), MOMENT)
    nonce = hashlib.sha256(fact.topic.name.encode()).digest()[:16]
    body = draft.body(command, nonce)
    told = {"topic": fact.topic.name, "body": orjson.loads(body)}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def path_of(topic: str, schema: int) -> Path:
    return FOLDER / f"{topic}.{schema}.json"


def make() -> list[Path]:
    """Write the samples that are missing, and return their paths."""
    made = []
    for fact in facts():
        path = path_of(fact.topic.name, own_topics()[fact.topic.name].schema)
        if not path.exists():
            path.write_bytes(sample_of(fact))
            made.append(path)
    return made


if __name__ == "__main__":
    for path in make():
        print(path)  # noqa: T201 - what it did
