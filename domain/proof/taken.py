"""What the rolls hold 名册所载: who filed, who held a post, whose a key was, and since when.

==================  ==================================================================
roll of a month     an entry's id and content
==================  ==================================================================
``monthly_report``  an enterprise that owed the report: :class:`Filed`
``posts``           a post: :class:`Held`
``keys``            the record of a signing key: :class:`InForce`
==================  ==================================================================

A roll reflects the log up to a position. What it says of a post or a key is all that the log held
of it up to there, so that nothing of it can have been left out of a bundle that holds both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Annotated, Any, NamedTuple

from pydantic import Field, ValidationError

from domain.errors import Invalid, NotProved
from domain.proof.encoding import Exact
from domain.proof.leaf import Leaf
from domain.proof.roll import RollHead, RollProof, look_up
from domain.proof.statement import Hash

TAKEN = "roll.taken"
REPORTS, POSTS, KEYS = "monthly_report", "posts", "keys"
_BEGINS_OR_ENDS = ("appointment.made", "appointment.ended", "key.registered")
_Position = Annotated[int, Field(ge=1)]


class Filing(Exact):
    """One filing that arrived in time: its leaf hash, and that of the second post's signature.

    ``effect`` is there where the deputy and the principal had both signed it in time.
    """

    document: Hash
    effect: Hash | None = None


class Filed(Exact):
    """What an enterprise that owed a month's report had filed by the deadline, earliest first.

    ``count`` and ``chain`` bind all facts about the enterprise that the roll reflects: how many,
    and the :func:`chain` of their hashes.
    """

    filed: tuple[Filing, ...] = ()
    count: Annotated[int, Field(ge=1)]
    chain: Hash


class Holding(Exact):
    """A person's time in a post, by the positions at which it was recorded to begin and end."""

    person: str
    since: _Position
    until: _Position | None = None


class Held(Exact):
    """A post and everybody who held it up to the position that the roll reflects."""

    organisation: str
    kind: str
    held: tuple[Holding, ...] = ()


class InForce(Exact):
    """A key, whose it is, and the positions from and to which it counts."""

    key: Hash
    person: str
    since: _Position
    until: _Position | None = None


EMPTY_CHAIN = bytes(32)
"""The chain of no facts."""


def chain(hashes: Iterable[bytes], before: bytes = EMPTY_CHAIN) -> bytes:
    """Return the chain of leaf hashes in their order: SHA-256(chain so far ‖ hash), repeated.

    Args:
        hashes: the leaf hashes.
        before: the chain of those before them.
    """
    for each in hashes:
        before = sha256(before + each).digest()
    return before


class Looked(NamedTuple):
    """What a roll says of an id: ``content`` is None where it is shown not to be on it."""

    leaf: Leaf
    head: RollHead
    upto: int
    deadline: str
    id: str
    content: Filed | Held | InForce | None


Content = Filed | Held | InForce
_CONTENT: dict[str, type[Content]] = {REPORTS: Filed, POSTS: Held, KEYS: InForce}


class _Taken(Exact):
    deadline: str
    head: RollHead
    upto: _Position


def look_up_taken(taken: Leaf, entry_id: str, proof: RollProof, leaves: Iterable[Leaf]) -> Looked:
    """Return what the roll whose fact is ``taken`` says of an id, if the facts do not belie it.

    Args:
        taken: the roll's fact in the log.
        entry_id: what it is asked about.
        proof: what shows the answer.
        leaves: the other facts in hand: posts and keys among them must be as the roll says.

    Raises:
        NotProved: the proof shows nothing, or a fact that the roll knows of is left out.
        Invalid: something is malformed.
    """
    try:
        said = _Taken.model_validate(taken.data)
    except ValidationError as error:
        raise Invalid("名册的事实有误", f"the roll's fact is malformed: {error}") from error
    if said.model_dump(mode="json") != taken.data or said.upto >= taken.position:
        raise Invalid("名册的事实有误", "the roll's fact is malformed", where=said.head.of)
    found = look_up(said.head, entry_id, proof)
    content = None if found is None else read_content(said.head.of, found)
    kind = said.head.of.partition(" ")[0]
    if kind != REPORTS:
        known = [leaf for leaf in leaves if leaf.position <= said.upto and entry_id in leaf.about]
        _check_told(content, entry_id, known)
    return Looked(taken, said.head, said.upto, said.deadline, entry_id, content)


def read_content(of: str, content: Mapping[str, Any]) -> Content:
    """Return an entry's content in its one form.

    Args:
        of: the roll.
        content: what stands in the entry.

    Raises:
        Invalid: the roll is of an unknown kind, or the content not of its form.
    """
    kind = _CONTENT.get(of.partition(" ")[0])
    if kind is None:
        raise Invalid("未知的名册", "a roll of an unknown kind", where=of)
    try:
        read = kind.model_validate(content)
    except ValidationError as error:
        raise Invalid("名册条目有误", f"the entry is malformed: {error}") from error
    if read.model_dump(mode="json", exclude_none=True) != content:
        raise Invalid("名册条目有误", "the entry is malformed", where=of)
    return read


def _check_told(content: Content | None, entry_id: str, known: list[Leaf]) -> None:
    """Check a post's or key's facts in hand against what the roll knows of it: no less, no more.

    Where none of its facts is in hand there is nothing to compare.
    """
    own = [leaf for leaf in known if leaf.record == entry_id]
    if not own:
        return
    told: set[int] = set()
    shown = {leaf.position for leaf in own if leaf.topic in _BEGINS_OR_ENDS}
    if isinstance(content, Held):
        told = {p for each in content.held for p in (each.since, each.until) if p}
        shown |= told & {leaf.position for leaf in own}  # the post itself may have been abolished
    elif isinstance(content, InForce):
        told = {p for p in (content.since, content.until) if p}
        ends = {leaf.position for leaf in known if leaf.topic.startswith("key.")} - shown
        shown |= set(sorted(ends)[:1])  # revoked, or replaced by another
    if content is None or told != shown:
        raise NotProved(
            "名册所载的任免或密钥变动与证据包中的事实不符",
            "the facts in the bundle are not those that the roll knows of",
            where=f"{min(told ^ shown, default=own[0].position)}",
        )


def check_complete(rolls: Iterable[Looked], leaves: Iterable[Leaf], enterprise: str) -> None:
    """Check that all facts about an enterprise are in hand that a roll asked about it reflects.

    Args:
        rolls: what rolls say; those of reports tell count and chain of the facts.
        leaves: the facts in hand, by position.
        enterprise: its record.

    Raises:
        NotProved: one is left out, or one is there that the roll does not know.
    """
    about = [leaf for leaf in leaves if f"org:{enterprise}" in leaf.tags]
    for looked in rolls:
        if isinstance(looked.content, Filed) and looked.id == enterprise:
            hashes = [leaf.hash for leaf in about if leaf.position <= looked.upto]
            told = looked.content.count, looked.content.chain
            if (len(hashes), chain(hashes).hex()) != told:
                raise NotProved(
                    f"该单位的事实不全：名册载有 {looked.content.count} 条",
                    f"facts about the enterprise are left out: the roll knows of {told[0]}",
                    where=looked.head.of,
                )
