"""Evidence bundles 证据包: one file that convinces somebody who has no access to the server.

It holds facts as they stand in the log, the proof that they stand there, the log's checkpoint with
its witnesses, what rolls say of them, and what personal values are disclosed. :func:`open_bundle`
checks all of it against a :class:`~domain.proof.trust.Trust` and nothing else, and gives what is
then proved; :mod:`~domain.proof.claims` says it in words.

Whatever is in a bundle is checked: its bytes must be their canonical form, every signature in it
must be of a known key and good (:mod:`~domain.proof.standing`), and nothing may be there that is
not needed. So not one character of it can be changed.

- *Hashes* stand once, in the order in which the paths first use them; a path names them by number.
- *Leaves* stand by position. The first fact of the log, which names it, is always among them. Each
  is about the bundle's subject or about what another names; of a record everything is there from
  its first fact on, so that no fact is left out in between.
- A *roll* is asked about an id that the facts name; it bounds what could have been left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from domain.errors import Invalid, NotProved
from domain.fact import canonical, seal_digest
from domain.proof.encoding import Exact, read_hash, write_base64
from domain.proof.leaf import Leaf, at, follow, read_leaf
from domain.proof.merkle import (
    HashReader,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from domain.proof.note import Signature, split_note, write_note
from domain.proof.roll import RollLeaf, RollProof
from domain.proof.standing import SIGNED, Signed, check_signatures
from domain.proof.taken import TAKEN, Looked, check_complete, look_up_taken
from domain.proof.traced import read_trace
from domain.proof.trust import Trust, Trusted

MAX_BUNDLE = 20_000_000
"""Bytes of the largest bundle that is read."""

Position = Annotated[int, Field(ge=1)]
Path = tuple[Annotated[int, Field(ge=0)], ...]
"""A proof: the numbers of its hashes in the bundle's list."""
Kind = Literal["report", "order", "hazard", "inspection", "expert_inspection", "trace", "extract"]
_NOUNS: dict[Kind, tuple[str, ...]] = {
    "report": ("report",),
    "order": ("order",),
    "hazard": ("hazard", "ledger_row"),
    "inspection": ("inspection",),
    "expert_inspection": ("expert_inspection",),
    "trace": ("organisation",),
    "extract": ("organisation",),
}
"""What the facts of a bundle's subject are called by."""

_RULES = ("setting.changed", "calendar.day_decided")
"""Facts that are about nobody, and bear on every trace."""


class About(Exact):
    """The bundle's subject: a record, or the enterprise that a trace is about."""

    kind: Kind
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class ProvedLeaf(Exact):
    """A fact as it stands in the log, and the proof that it stands there."""

    leaf: str
    path: Path


class SeenTree(Exact):
    """The proof that a tree which a signer had seen is the beginning of the log."""

    size: Annotated[int, Field(ge=1)]
    path: Path


class RollPart(Exact):
    """One entry of a roll, with the proof that it stands there."""

    index: Annotated[int, Field(ge=0)]
    leaf: str
    path: Path


class RollAsked(Exact):
    """What the roll whose fact stands at a position holds about an id, or that it does not."""

    position: Position
    id: Annotated[str, Field(min_length=1)]
    entries: Annotated[tuple[RollPart, ...], Field(max_length=2)]


class Disclosed(Exact):
    """A personal value whose salted digest stands in a fact: where, the salt in hex, the value."""

    position: Position
    path: Annotated[str, Field(min_length=1)]
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    value: str


class Bundle(Exact):
    """The file. Each list stands in order: of positions, sizes, or places."""

    bundle: Literal["daocha.bundle/v1"] = "daocha.bundle/v1"
    about: About
    checkpoint: str
    hashes: tuple[str, ...] = ()
    leaves: Annotated[tuple[ProvedLeaf, ...], Field(min_length=1)]
    seen: tuple[SeenTree, ...] = ()
    rolls: tuple[RollAsked, ...] = ()
    disclosed: tuple[Disclosed, ...] = ()
    trace: str | None = None

    def write(self) -> bytes:
        """Return the file's bytes: canonical JSON (RFC 8785)."""
        return canonical(self.model_dump(mode="json", exclude_none=True))


@dataclass(frozen=True)
class Evidence:
    """What an opened bundle proves.

    Args:
        about: what it is about.
        trusted: the checkpoint and who saw it when: nothing in the bundle is younger.
        leaves: the facts, by position.
        signatures: the personal signatures among them, in their order.
        rolls: what the rolls say, in their order.
        disclosed: the personal values, by position and path.
        trace: of a trace: what it says.
    """

    about: About
    trusted: Trusted
    leaves: dict[int, Leaf]
    signatures: tuple[Signed, ...]
    rolls: tuple[Looked, ...]
    disclosed: dict[tuple[int, str], str]
    trace: dict[str, Any] | None


# Making one.


@dataclass(frozen=True)
class Asked:
    """What a roll is asked when a bundle is made: the roll's fact, the id, and its proof."""

    position: int
    id: str
    proof: RollProof


def make_bundle(
    about: About,
    checkpoint: bytes,
    size: int,
    leaves: Iterable[bytes],
    read: HashReader,
    *,
    rolls: Iterable[Asked] = (),
    disclosed: Iterable[Disclosed] = (),
    trace: str | None = None,
) -> Bundle:
    """Return the bundle of some facts.

    Args:
        about: its subject.
        checkpoint: the signed note.
        size: the size that it states.
        leaves: the facts as stored, with all that they rest on, in any order.
        read: reads hashes of the log's tree.
        rolls: what rolls are asked; their facts must be among the leaves.
        disclosed: personal values to disclose.
        trace: of a trace: its canonical JSON.
    """
    found = {leaf.position: (leaf, data) for data in leaves for leaf in [read_leaf(data)]}
    hashes: dict[str, int] = {}

    def number(proof: Iterable[str]) -> Path:
        return tuple(hashes.setdefault(each, len(hashes)) for each in proof)

    proved, sizes = [], set()
    for position, (leaf, data) in sorted(found.items()):
        path = number(map(write_base64, prove_inclusion(position - 1, size, read)))
        proved.append(ProvedLeaf(leaf=data.decode(), path=path))
        if leaf.topic == SIGNED:
            sizes.add(leaf.data["statement"]["seen"]["size"])
    seen = [
        SeenTree(size=old, path=number(map(write_base64, prove_consistency(old, size, read))))
        for old in sorted(sizes)
    ]
    asked = [
        RollAsked(
            position=each.position,
            id=each.id,
            entries=tuple(
                RollPart(index=part.index, leaf=part.leaf, path=number(part.path))
                for part in each.proof.leaves
            ),
        )
        for each in sorted(rolls, key=lambda each: (each.position, each.id))
    ]
    return Bundle(
        about=about,
        checkpoint=_write_checkpoint(*split_note(checkpoint)),
        hashes=tuple(hashes),
        leaves=tuple(proved),
        seen=tuple(seen),
        rolls=tuple(asked),
        disclosed=tuple(sorted(disclosed, key=_place)),
        trace=trace,
    )


# Opening one.


def open_bundle(data: bytes, trust: Trust) -> Evidence:
    """Check a bundle and return what it proves.

    Raises:
        Invalid: it is no bundle, or not written in its one form.
        NotProved: something in it does not hold; ``where`` names it.
    """
    bundle = _read_bundle(data)
    trusted = trust.open(bundle.checkpoint.encode())
    if trusted.note.unknown:
        raise NotProved("检查点上有未知的签名", "an unknown key signed the checkpoint")
    if _write_checkpoint(trusted.note.text, trusted.note.signatures) != bundle.checkpoint:
        raise Invalid("检查点的签名未按序排列", "the checkpoint's signatures are not in order")
    hashes = _Hashes(bundle.hashes)
    leaves = _check_leaves(bundle.leaves, trusted, hashes)
    _check_records(leaves)
    signatures = check_signatures(leaves, trusted.checkpoint.origin)
    _check_seen(bundle.seen, signatures, trusted, hashes)
    by_position = {leaf.position: leaf for leaf in leaves}
    rolls = _check_rolls(bundle.rolls, by_position, hashes)
    hashes.check_all_used()
    _check_needed(bundle.about, leaves, rolls)
    disclosed = _check_disclosed(bundle.disclosed, by_position)
    if (bundle.trace is not None) != (bundle.about.kind == "trace"):
        raise Invalid("倒查结论缺失或多余", "the trace is missing or too much")
    trace = None
    if bundle.trace is not None:
        trace = read_trace(bundle.trace, by_position, disclosed, bundle.about.id)
        check_complete(rolls, leaves, bundle.about.id)
    return Evidence(bundle.about, trusted, by_position, signatures, rolls, disclosed, trace)


def _write_checkpoint(text: str, signatures: Sequence[Signature]) -> str:
    """Return the note with each signature once, in order."""
    return write_note(text, sorted(set(signatures))).decode()


def _read_bundle(data: bytes) -> Bundle:
    if len(data) > MAX_BUNDLE:
        raise Invalid("证据包过大", "the bundle is too large")
    try:
        bundle = Bundle.model_validate_json(data)
        exact = bundle.write() == data
    except (ValidationError, Invalid) as error:
        raise Invalid("不是证据包", f"not an evidence bundle: {error}") from error
    if not exact:
        raise Invalid("证据包不是规范 JSON", "the bundle is not canonical JSON")
    return bundle


class _Hashes:
    """The bundle's hashes: each stands once, in the order of first use, and every one is used."""

    def __init__(self, texts: Sequence[str]) -> None:
        if len(set(texts)) != len(texts):
            raise Invalid("散列值重复", "a hash stands twice")
        self._hashes = [read_hash(each) for each in texts]
        self._used = 0

    def path(self, numbers: Path) -> list[bytes]:
        """Return the hashes of a path."""
        for number in numbers:
            if number > self._used or number >= len(self._hashes):
                raise Invalid("散列值未按使用次序排列", "the hashes are not in order of use")
            self._used = max(self._used, number + 1)
        return [self._hashes[number] for number in numbers]

    def check_all_used(self) -> None:
        """Refuse hashes that no path uses."""
        if self._used != len(self._hashes):
            raise Invalid("有多余的散列值", "there are hashes that nothing uses")


def _check_leaves(found: Sequence[ProvedLeaf], trusted: Trusted, hashes: _Hashes) -> list[Leaf]:
    size, root = trusted.checkpoint.size, trusted.checkpoint.root
    leaves: list[Leaf] = []
    for proved in found:
        leaf = read_leaf(proved.leaf.encode())
        with at(leaf):
            path = hashes.path(proved.path)
            verify_inclusion(leaf.position - 1, size, leaf.hash, path, root)
        leaves.append(leaf)
    positions = [leaf.position for leaf in leaves]
    if positions != sorted(set(positions)):
        raise Invalid("事实未按位置排列", "the leaves are not in order")
    opened = leaves[0]
    if opened.position != 1 or opened.data.get("origin") != trusted.checkpoint.origin:
        raise NotProved("缺少本台账的第一条事实", "the log's first fact is not in the bundle")
    return leaves


def _check_records(leaves: Sequence[Leaf]) -> None:
    """Check that of each record everything is there from its first fact on, without a gap."""
    versions: dict[str, int] = {}
    for leaf in leaves:
        if leaf.version != versions.get(leaf.record, 0) + 1:
            with at(leaf):
                raise NotProved(
                    "其所在档案之前的事实不全", "earlier facts of its record are left out"
                )
        versions[leaf.record] = leaf.version


def _check_seen(
    found: Sequence[SeenTree], signatures: Sequence[Signed], trusted: Trusted, hashes: _Hashes
) -> None:
    """Check that what the signers saw is the beginning of this log, and that no more is there."""
    heads = {signed.statement.seen for signed in signatures}
    if [tree.size for tree in found] != sorted({head.size for head in heads}):
        raise NotProved(
            "签署人所见的树缺少证明或有多余", "a tree that was seen is missing or too much"
        )
    size, root = trusted.checkpoint.size, trusted.checkpoint.root
    paths = {tree.size: hashes.path(tree.path) for tree in found}
    for head in heads:
        verify_consistency(head.size, size, paths[head.size], bytes.fromhex(head.root), root)


def _check_rolls(
    found: Sequence[RollAsked], leaves: dict[int, Leaf], hashes: _Hashes
) -> tuple[Looked, ...]:
    places = [(each.position, each.id) for each in found]
    if places != sorted(set(places)):
        raise Invalid("名册未按位置排列", "the rolls are not in order")
    taken = {leaf.position for leaf in leaves.values() if leaf.topic == TAKEN}
    if taken != {each.position for each in found}:
        raise NotProved("名册缺失或多余", "a roll is missing or too much")
    looked = []
    for each in found:
        parts = (
            RollLeaf(
                index=part.index,
                leaf=part.leaf,
                path=tuple(map(write_base64, hashes.path(part.path))),
            )
            for part in each.entries
        )
        with at(leaves[each.position]):
            proof = RollProof(leaves=tuple(parts))
            looked.append(look_up_taken(leaves[each.position], each.id, proof, leaves.values()))
    return tuple(looked)


_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def _check_needed(about: About, leaves: Sequence[Leaf], rolls: Sequence[Looked]) -> None:
    """Check that the subject is there, and nothing that has nothing to do with it.

    A fact is needed where it is about the subject or about what a needed fact names; a roll where
    it is asked about such an id. A trace needs the rules that were set, and the calendar.
    """
    if not any(
        leaf.record == about.id and leaf.topic.split(".")[0] in _NOUNS[about.kind]
        for leaf in leaves
    ):
        raise NotProved("证据包中没有其所称的事项", "the bundle's subject is not in it")
    named = {about.id}
    rest = [
        leaf
        for leaf in leaves[1:]
        if leaf.topic != TAKEN and not (about.kind == "trace" and leaf.topic in _RULES)
    ]
    while rest:
        needed = [leaf for leaf in rest if leaf.about & named]
        if not needed:
            with at(rest[0]):
                raise NotProved("与所证事项无关", "it has nothing to do with the subject")
        for leaf in needed:
            named.update(_ID.findall(leaf.text))
        rest = [leaf for leaf in rest if leaf not in needed]
    for looked in rolls:
        if looked.id not in named:
            raise NotProved("名册所问与事项无关", "a roll is asked about something else")


def _check_disclosed(
    found: Sequence[Disclosed], leaves: dict[int, Leaf]
) -> dict[tuple[int, str], str]:
    places = [_place(each) for each in found]
    if places != sorted(set(places)):
        raise Invalid("公开的内容未按位置排列", "what is disclosed is not in order")
    for each in found:
        leaf = leaves.get(each.position)
        sealed = follow(leaf.data, each.path) if leaf else None
        digest = seal_digest(each.value, bytes.fromhex(each.salt))
        if not isinstance(sealed, dict) or sealed.get("digest") != digest:
            where = f"{each.position} {each.path}"
            raise NotProved("公开的内容与摘要不符", "a disclosed value does not fit", where=where)
    return {_place(each): each.value for each in found}


def _place(disclosed: Disclosed) -> tuple[int, str]:
    return disclosed.position, disclosed.path
