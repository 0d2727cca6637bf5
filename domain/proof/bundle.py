"""Evidence bundles 证据包: one file that convinces somebody who has no access to the server.

It holds facts as they stand in the log, the proof that they stand there, the log's checkpoint with
its witnesses, and what personal values are disclosed. :func:`open_bundle` checks all of it against
a :class:`~domain.proof.trust.Trust` and nothing else, and gives what is then proved.

Whatever is in a bundle is checked: its bytes must be their canonical form, every signature in it
must be of a known key and good, and nothing may be there that is not needed. So not one character
of it can be changed.

A bundle shows what it holds. It cannot show that nothing was left out, such as a key's revocation
between its registration and a signature: that is for the :mod:`~domain.proof.roll` of keys.

The facts about signatures are read by their stored shape:

================== ====================================================================
topic              data
================== ====================================================================
``key.registered`` ``key`` (:class:`~domain.proof.signature.PublicKey`), ``person``
``key.revoked``    ``key`` (the key's id)
``signature.made`` ``statement`` (:class:`~domain.proof.statement.Statement`),
                   ``signature`` (:class:`~domain.proof.signature.PersonalSignature`)
================== ====================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, Field, ValidationError

from domain.errors import Invalid, NotProved
from domain.fact import canonical, leaf_hash, seal_digest
from domain.proof.encoding import Exact, read_hash, write_base64
from domain.proof.merkle import (
    HashReader,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from domain.proof.note import Signature, split_note, write_note
from domain.proof.signature import PersonalSignature, PublicKey, verify_statement
from domain.proof.statement import Statement
from domain.proof.trust import Trust, Trusted

MAX_BUNDLE = 20_000_000
"""Bytes of the largest bundle that is read."""
REGISTERED, REVOKED, SIGNED = "key.registered", "key.revoked", "signature.made"

Path = tuple[str, ...]
"""The hashes of a proof, each in base64."""


class ProvedLeaf(Exact):
    """A fact as it stands in the log, and the proof that it stands there."""

    leaf: str
    path: Path


class SeenTree(Exact):
    """The proof that a tree which a signer had seen is the beginning of the log."""

    size: Annotated[int, Field(ge=1)]
    path: Path


class Disclosed(Exact):
    """A personal value whose salted digest stands in a fact: where, the salt in hex, the value."""

    position: Annotated[int, Field(ge=1)]
    path: Annotated[str, Field(min_length=1)]
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    value: str


class Bundle(Exact):
    """The file. Leaves stand in the order of their positions, seen trees of their sizes."""

    bundle: Literal["daocha.bundle/v1"] = "daocha.bundle/v1"
    checkpoint: str
    leaves: Annotated[tuple[ProvedLeaf, ...], Field(min_length=1)]
    seen: tuple[SeenTree, ...] = ()
    disclosed: tuple[Disclosed, ...] = ()

    def write(self) -> bytes:
        """Return the file's bytes: canonical JSON (RFC 8785)."""
        return canonical(self.model_dump(mode="json"))


class Leaf(NamedTuple):
    """A fact as it was read: ``data`` is what the fact says, ``content`` all of it."""

    position: int
    topic: str
    hash: bytes
    data: dict[str, Any]
    content: dict[str, Any]


class Signed(NamedTuple):
    """A personal signature that is proved: the fact it stands in, and what was signed."""

    leaf: Leaf
    statement: Statement
    key: PublicKey
    document: Leaf


@dataclass(frozen=True)
class Evidence:
    """What an opened bundle proves.

    Args:
        trusted: the checkpoint and who saw it when: nothing in the bundle is younger.
        leaves: the facts, by position.
        signatures: the personal signatures among them, in their order.
        disclosed: the personal values, by position and path.
    """

    trusted: Trusted
    leaves: dict[int, Leaf]
    signatures: tuple[Signed, ...]
    disclosed: dict[tuple[int, str], str]


# Making one.


def make_bundle(
    checkpoint: bytes,
    size: int,
    leaves: Iterable[bytes],
    read: HashReader,
    disclosed: Iterable[Disclosed] = (),
) -> Bundle:
    """Return the bundle of some facts.

    Args:
        checkpoint: the signed note.
        size: the size that it states.
        leaves: the facts as stored. Of a signature also the document, the signer's key and the
            signature that it comes after must be among them.
        read: reads hashes of the log's tree.
        disclosed: personal values to disclose.
    """
    found = {leaf.position: (leaf, data) for data in leaves for leaf in [_read_leaf(data)]}
    proved, sizes = [], set()
    for position, (leaf, data) in sorted(found.items()):
        path = prove_inclusion(position - 1, size, read)
        proved.append(ProvedLeaf(leaf=data.decode(), path=_write_path(path)))
        if leaf.topic == SIGNED:
            sizes.add(leaf.data["statement"]["seen"]["size"])
    seen = [
        SeenTree(size=old_size, path=_write_path(prove_consistency(old_size, size, read)))
        for old_size in sorted(sizes)
    ]
    return Bundle(
        checkpoint=_write_checkpoint(*split_note(checkpoint)),
        leaves=tuple(proved),
        seen=tuple(seen),
        disclosed=tuple(sorted(disclosed, key=_place)),
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
    leaves = _check_leaves(bundle.leaves, trusted)
    signatures = _check_signatures(leaves, trusted.checkpoint.origin)
    _check_seen(bundle.seen, signatures, trusted)
    by_position = {leaf.position: leaf for leaf in leaves}
    disclosed = _check_disclosed(bundle.disclosed, by_position)
    return Evidence(trusted, by_position, signatures, disclosed)


def _write_checkpoint(text: str, signatures: Sequence[Signature]) -> str:
    """Return the note with each signature once, in order."""
    return write_note(text, sorted(set(signatures))).decode()


def _read_bundle(data: bytes) -> Bundle:
    if len(data) > MAX_BUNDLE:
        raise Invalid("证据包过大", "the bundle is too large")
    try:
        bundle = Bundle.model_validate_json(data)
    except ValidationError as error:
        raise Invalid("不是证据包", f"not an evidence bundle: {error}") from error
    if bundle.write() != data:
        raise Invalid("证据包不是规范 JSON", "the bundle is not canonical JSON")
    return bundle


def _check_leaves(found: Sequence[ProvedLeaf], trusted: Trusted) -> list[Leaf]:
    size, root = trusted.checkpoint.size, trusted.checkpoint.root
    leaves: list[Leaf] = []
    for proved in found:
        leaf = _read_leaf(proved.leaf.encode())
        with _at(leaf):
            verify_inclusion(leaf.position - 1, size, leaf.hash, _read_path(proved.path), root)
        leaves.append(leaf)
    positions = [leaf.position for leaf in leaves]
    if positions != sorted(set(positions)):
        raise Invalid("事实未按位置排列", "the leaves are not in order")
    return leaves


def _check_signatures(leaves: Sequence[Leaf], log: str) -> tuple[Signed, ...]:
    """Check each signature against the keys and documents that stand before it."""
    keys: dict[str, tuple[PublicKey, object]] = {}
    before: dict[str, Leaf] = {}
    signatures = []
    for leaf in leaves:
        with _at(leaf):
            if leaf.topic == REGISTERED:
                key = _read_part(PublicKey, leaf, "key")
                keys[key.id] = key, leaf.data.get("person")
            elif leaf.topic == REVOKED:
                keys.pop(str(leaf.data.get("key")), None)
            elif leaf.topic == SIGNED:
                signatures.append(_check_signature(leaf, log, keys, before))
        before[leaf.hash.hex()] = leaf
    return tuple(signatures)


def _check_signature(
    leaf: Leaf,
    log: str,
    keys: Mapping[str, tuple[PublicKey, object]],
    before: Mapping[str, Leaf],
) -> Signed:
    statement = _read_part(Statement, leaf, "statement")
    signature = _read_part(PersonalSignature, leaf, "signature")
    if statement.log != log:
        raise NotProved("签署的是另一份日志的文书", "it was signed for another log")
    if statement.seen.size >= leaf.position:
        raise NotProved("签署人所见不可能晚于签名", "what the signer saw is younger than this")
    document = before.get(statement.document)
    if document is None:
        raise NotProved("所签文书不在证据包中", "the document is not in the bundle")
    if statement.after is not None:
        earlier = before.get(statement.after)
        if earlier is None or earlier.topic != SIGNED:
            raise NotProved("前一签名不在证据包中", "the earlier signature is not in the bundle")
    key, person = keys.get(statement.key, (None, None))
    if key is None or person != str(statement.person):
        raise NotProved("签署人在此没有这把密钥", "the signer does not have this key here")
    verify_statement(statement, key, signature)
    return Signed(leaf, statement, key, document)


def _check_seen(found: Sequence[SeenTree], signatures: Sequence[Signed], trusted: Trusted) -> None:
    """Check that what the signers saw is the beginning of this log, and that no more is there."""
    heads = {signed.statement.seen for signed in signatures}
    if [tree.size for tree in found] != sorted({head.size for head in heads}):
        raise NotProved(
            "签署人所见的树缺少证明或有多余", "a tree that was seen is missing or too much"
        )
    paths = {tree.size: _read_path(tree.path) for tree in found}
    for head in heads:
        verify_consistency(
            head.size,
            trusted.checkpoint.size,
            paths[head.size],
            bytes.fromhex(head.root),
            trusted.checkpoint.root,
        )


def _check_disclosed(
    found: Sequence[Disclosed], leaves: Mapping[int, Leaf]
) -> dict[tuple[int, str], str]:
    places = [_place(each) for each in found]
    if places != sorted(set(places)):
        raise Invalid("公开的内容未按位置排列", "what is disclosed is not in order")
    for each in found:
        leaf = leaves.get(each.position)
        sealed = _follow(leaf.data, each.path) if leaf else None
        digest = seal_digest(each.value, bytes.fromhex(each.salt))
        if not isinstance(sealed, dict) or sealed.get("digest") != digest:
            where = f"{each.position} {each.path}"
            raise NotProved("公开的内容与摘要不符", "a disclosed value does not fit", where=where)
    return {_place(each): each.value for each in found}


def _place(disclosed: Disclosed) -> tuple[int, str]:
    return disclosed.position, disclosed.path


def _follow(data: object, path: str) -> object:
    """Return what stands at a path such as ``items.0.text``, or None."""
    for step in path.split("."):
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step in map(str, range(len(data))):
            data = data[int(step)]
        else:
            return None
    return data


Part = TypeVar("Part", bound=Exact)


class _Body(BaseModel):
    data: dict[str, Any]


class _Stored(BaseModel):
    body: _Body
    position: Annotated[int, Field(ge=1)]
    topic: str


def _read_leaf(data: bytes) -> Leaf:
    """Return the fact in a leaf, which must be canonical, so that it can be read in one way."""
    try:
        content = json.loads(data)
        stored = _Stored.model_validate(content)
        exact = canonical(content) == data
    except (ValueError, RecursionError) as error:
        raise Invalid("不是事实", f"not a fact: {error}") from error
    if not exact:
        raise Invalid("事实不是规范 JSON", "the fact is not canonical JSON")
    return Leaf(stored.position, stored.topic, leaf_hash(data), stored.body.data, content)


def _read_part(kind: type[Part], leaf: Leaf, name: str) -> Part:
    """Return a part of a fact, which must stand there in the one form that it has."""
    try:
        part = kind.model_validate(leaf.data.get(name))
    except ValidationError as error:
        raise Invalid(f"{name} 的内容有误", f"{name} is malformed: {error}") from error
    if part.model_dump(mode="json", exclude_none=True) != leaf.data[name]:
        raise Invalid(f"{name} 不是规范形式", f"{name} is not in its canonical form")
    return part


def _read_path(path: Path) -> list[bytes]:
    return [read_hash(each) for each in path]


def _write_path(hashes: Sequence[bytes]) -> Path:
    return tuple(write_base64(each) for each in hashes)


@contextmanager
def _at(leaf: Leaf) -> Iterator[None]:
    """Say of whatever goes wrong inside that it went wrong at this leaf."""
    try:
        yield
    except Invalid as error:
        zh, en = f"第 {leaf.position} 条事实：{error.zh}", f"fact {leaf.position}: {error.en}"
        raise type(error)(zh, en, where=f"{leaf.position}") from error
