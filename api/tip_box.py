"""The box for tips 举报箱: sealed in the informant's browser, put on record together each hour.

Nothing is kept of who sent a tip and when: no address, no browser, no time finer than the day of
the batch (decision 15). Until then its receipt is a promise that the log's key signs; afterwards it
is the proof that the tip stands in the log.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import orjson

from api import home
from api.chores import Chore
from api.log.keys import signers
from api.looks import put_looks_on_record
from api.tips import close_box, find_tip, open_box
from domain.age import read_header
from domain.errors import Contradiction, DaochaError, Invalid, NotFound, Unavailable
from domain.fact import Actor, Withheld, canonical, leaf_hash
from domain.ledger import Query
from domain.moment import local_day
from domain.organisation import OrganisationRegistered
from domain.policy.settings import Settings as RuleSettings
from domain.proof.merkle import verify_inclusion
from domain.proof.note import write_note
from domain.record import facts_of
from domain.recording import Act, record
from domain.setting import SETTINGS
from domain.tip import TIPS, Envelope, TipAdded, TipReceived, receipt_of, tip_id
from domain.tip_office import Channel, TipKeyRegistered, keys_in_force
from projections.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from api.serving import Serving
    from domain.tip import TipRecord

_log = logging.getLogger("daocha.tips")
_SALT_BYTES = 16
MOST_WAITING = 64 * 1024 * 1024
"""Bytes of one hour; more is somebody who wants to fill the disk."""
PROMISE = "daocha.tip-promise/v1"
_KEY_TOPICS = ("tip_key.registered", "tip_key.retired")


# to whom


@dataclass(frozen=True, slots=True)
class TipOffice:
    """An office that takes tips sealed in a browser.

    Args:
        body: the office, with its ``name``.
        content: the key to which the words are sealed.
        identity: the keys to which it is sealed who informed, the outermost first; their keepers
            must act together. Empty: the office has too few, and takes anonymous tips only.
    """

    body: UUID
    name: str
    content: TipKeyRegistered
    identity: tuple[TipKeyRegistered, ...]


def offices(here: Serving, now: datetime) -> list[TipOffice]:
    """Return every body with a key for tips in force, by name."""
    told = [*here.ledger.read(Query((), _KEY_TOPICS), open_sealed=False)]
    bodies = sorted({fact.body for _, fact in facts_of(told, TipKeyRegistered)})
    named = facts_of([*here.ledger.records(bodies, open_sealed=False)], OrganisationRegistered)
    names = {entry.record: fact.name for entry, fact in named}
    needed = _custodians(here, now)
    found = []
    for body in bodies:
        keys = list(keys_in_force(told, body).values())
        if keys:
            apart = list({key.keeper: key for key in keys}.values())[:needed]
            identity = tuple(apart) if len(apart) == needed else ()
            found.append(TipOffice(body, names.get(body, str(body)), keys[-1], identity))
    return sorted(found, key=lambda office: office.name)


def _custodians(here: Serving, now: datetime) -> int:
    """Return how many keepers must act together to learn who informed."""
    told = RuleSettings(here.ledger.record(SETTINGS)).at("5.2d.custodians", now)
    return int(told.number or 1)


# what was sealed


@dataclass(frozen=True, slots=True)
class SealedPart:
    """An envelope as a browser sent it."""

    keys: tuple[UUID, ...]
    commitment: str
    ciphertext: str

    def told(self) -> dict[str, Any]:
        """Return it as it waits."""
        keys = [str(key) for key in self.keys]
        return {"keys": keys, "commitment": self.commitment, "ciphertext": self.ciphertext}


def put_in(
    here: Serving, body: UUID, receipt: str, content: SealedPart, identity: SealedPart | None
) -> str:
    """Keep a tip until the hour's batch, and return the promise that it will be on record.

    Args:
        here: the ledger, and what waits for it.
        body: the office to which it is sealed.
        receipt: the digest of the receipt code.
        content: what was sent.
        identity: who sent it; None: nobody says.

    Raises:
        Invalid: it is not sealed to that office, and to it alone.
        Contradiction: another tip has this receipt.
        Unavailable: too many wait.
    """
    _check_sealed(here, body, content, identity)
    data = {
        "kind": "received",
        "body": str(body),
        "receipt": receipt,
        "content": content.told(),
        "identity": identity.told() if identity else None,
    }
    known = find_tip(here.ledger, tip_id(receipt), here.now())
    if known is None:
        _keep(here, bytes.fromhex(receipt), tip_id(receipt), data)
    elif getattr(known.received[1].content, "commitment", None) != content.commitment:
        raise _taken()  # sent again after the hour, it is promised again
    return _promise(here, body, receipt, content, identity)


def add_to(here: Serving, code: str, content: SealedPart) -> str:
    """Keep what an informant adds to their tip, and return the promise.

    Raises:
        NotFound: no tip on record has this code.
        Invalid: it is not sealed to the office that handles the tip now.
    """
    receipt = receipt_of(code)
    tip = _the_tip(here, receipt)
    body = tip.responsible() or tip.received[1].body
    _check_sealed(here, body, content, None)
    added = hashlib.sha256(canonical(["added", receipt, content.commitment])).digest()
    data = {"kind": "added", "tip": str(tip.id), "body": str(body), "content": content.told()}
    before = [fact.content.commitment for _, fact in facts_of(tip.entries, TipAdded)]
    if content.commitment not in before:
        _keep(here, added, tip.id, data)
    return _promise(here, body, receipt, content, None)


def _the_tip(here: Serving, receipt: str) -> TipRecord:
    tip = find_tip(here.ledger, tip_id(receipt), here.now())
    if tip is None:
        raise NotFound(
            "没有这个查询码的举报",
            "no tip has this receipt code",
            todo_zh="核对查询码；刚提交的，一小时内登记在案后即可补充",
            todo_en="check the code; a tip just sent can be added to once it is on record",
            where="code",
        )
    return tip


def _check_sealed(
    here: Serving, body: UUID, content: SealedPart, identity: SealedPart | None
) -> None:
    office = next((each for each in offices(here, here.now()) if each.body == body), None)
    known = {content.keys: "content"} | ({identity.keys: "identity"} if identity else {})
    for part in (content, identity):
        header = read_header(part.ciphertext) if part else None
        if part and (header is None or header.keys != 1 or header.others):
            raise Invalid(
                "密文不是只封给一把密钥的 age 文件",
                "the ciphertext is no age file for exactly one key",
                todo_zh="请在 /tips/new 页面上填写",
                todo_en="use the page /tips/new",
                where=known[part.keys],
            )
    if (
        office is None
        or content.keys != (office.content.id,)
        or (identity and identity.keys != tuple(key.id for key in office.identity))
    ):
        raise Invalid(
            "不是封给该单位现行密钥的",
            "it is not sealed to the office's keys as they are now",
            todo_zh="刷新页面后重新提交；已填写的内容不会丢失",
            todo_en="reload the page and send it again",
            where="content.keys",
        )


def _keep(here: Serving, ident: bytes, tip: UUID, data: dict[str, Any]) -> None:
    text = canonical(data).decode()
    box = close_box(here.ledger, tip, text, here.random(_SALT_BYTES))
    if here.waiting.put_tip(ident, box, MOST_WAITING):
        return
    there = here.waiting.tip(ident)
    if there is None:
        raise Unavailable(
            "举报箱已满，请稍后再试，或拨打举报电话",
            "the box is full: try again later, or call the office",
            todo_zh="最迟一小时后再试",
            todo_en="try again within the hour",
        )
    if open_box(here.ledger, there) != text:
        raise _taken()


def _taken() -> Contradiction:
    return Contradiction(
        "这个查询码已用于另一件举报",
        "this receipt code is another tip's",
        todo_zh="请重新生成查询码",
        todo_en="make another code",
        where="receipt",
    )


# receipts


def _promise(
    here: Serving, body: UUID, receipt: str, content: SealedPart, identity: SealedPart | None
) -> str:
    """Return a note, signed with the log's key, that says what came in and will be on record.

    Its first line is not the log's origin, so that nobody takes it for a checkpoint.
    """
    who = identity.commitment if identity else "-"
    lines = (PROMISE, here.ledger.origin, str(body), receipt, content.commitment, who)
    keys = home.log_keys_of(here.settings, here.ledger.origin)
    text = "".join(f"{line}\n" for line in lines)
    return write_note(text, [each.sign(text) for each in signers(here.ledger, keys)]).decode()


@dataclass(frozen=True, slots=True)
class Proof:
    """That a tip stands in the log: its leaf, where, and how that follows from a checkpoint."""

    position: int
    leaf: bytes
    size: int
    hashes: tuple[bytes, ...]
    checkpoint: str


def prove(here: Serving, code: str) -> Proof:
    """Return the proof that the tip with a receipt code is on record.

    Raises:
        NotFound: no tip on record has it.
        Unavailable: no checkpoint covers it yet.
    """
    position = _the_tip(here, receipt_of(code)).received[0].position
    log = Log(here.ledger)
    published = log.latest()
    if published is None or published.size < position:
        raise Unavailable("尚未载入已公布的检查点", "no published checkpoint covers it yet")
    (raw,) = here.ledger.range_raw(position - 1, 1)
    hashes = log.inclusion(position, published.size)
    verify_inclusion(position - 1, published.size, leaf_hash(raw.leaf), hashes, published.root)
    return Proof(position, raw.leaf, published.size, tuple(hashes), published.note.decode())


# the hour's batch


def put_on_record(here: Serving) -> int:
    """Record every tip that waits, and return how many; one that cannot be stays, and is told of.

    In the order of their digests, not of their coming; their moment is the day.
    """
    done = 0
    for ident in here.waiting.tips():
        box = here.waiting.tip(ident)
        text = open_box(here.ledger, box) if box else None
        try:
            if text is not None:
                _record(here, orjson.loads(text))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one must not keep the others from the record
            _log.error("a tip cannot be put on record: %s", type(error).__name__)
            continue
        here.waiting.take_tip(ident)
        done += text is not None
    return done


def _record(here: Serving, data: dict[str, Any]) -> None:
    body, now = UUID(data["body"]), here.now()
    fact: TipReceived | TipAdded
    if data["kind"] == "received":
        tip = tip_id(data["receipt"])
        fact = TipReceived(
            body=body,
            receipt=data["receipt"],
            channel=Channel.WEB,
            content=_envelope(here, tip, data["content"]),
            identity=_envelope(here, tip, data["identity"]) if data["identity"] else None,
        )
    else:
        tip = UUID(data["tip"])
        fact = TipAdded(body=body, content=_envelope(here, tip, data["content"]))
    command = uuid5(TIPS, f"{tip} {data['content']['commitment']}")
    sent = canonical(data)
    act = Act(tip, fact, local_day(now))
    record(
        here.ledger,
        [act],
        command=command,
        by=Actor(authentication="system"),
        received=now,
        sent=sent,
    )


def _envelope(here: Serving, tip: UUID, told: dict[str, Any]) -> Envelope:
    return Envelope(
        keys=tuple(UUID(key) for key in told["keys"]),
        commitment=told["commitment"],
        ciphertext=Withheld.close(told["ciphertext"], tip, here.random(_SALT_BYTES)),
    )


class Postman(Chore):
    """Empties the box each full hour, and puts what was looked at on record.

    In a thread of the server's process. Any number of processes may have one: a tip is recorded
    once.

    Args:
        here: the ledger, what waits, and the clock.
    """

    name = "postman"
    every = 20.0
    fails = "the hour's work waits"

    def __init__(self, here: Serving) -> None:
        super().__init__()
        self._here = here
        self._hour = _hour(here)

    def do(self) -> None:
        """Do the hour's work once the hour has turned."""
        if _hour(self._here) == self._hour:
            return
        done = [self._part(put_on_record), self._part(_all_looks)]
        if all(done):
            self._hour = _hour(self._here)

    def _part(self, work: Callable[[Serving], object]) -> bool:
        """Do a part of the hour's work; tell whether it need not be tried again before the next."""
        try:
            work(self._here)
        except DaochaError as error:
            _log.warning("the hour's work waits: %s", type(error).__name__)
            return False
        except Exception as error:  # noqa: BLE001 - a thread must not end in silence
            _log.error("the hour's work failed: %s", type(error).__name__)
        return True


def _all_looks(here: Serving) -> None:
    while put_looks_on_record(here):
        pass


def _hour(here: Serving) -> datetime:
    return here.now().replace(minute=0, second=0, microsecond=0)


def write_proof(proof: Proof) -> dict[str, Any]:
    """Return a proof as JSON holds it."""
    return {
        "position": proof.position,
        "leaf": base64.b64encode(proof.leaf).decode(),
        "size": proof.size,
        "proof": [base64.b64encode(each).decode() for each in proof.hashes],
        "checkpoint": proof.checkpoint,
    }
