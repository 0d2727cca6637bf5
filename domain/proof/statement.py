"""Statements 签署声明: what a person signs.

A person never signs a document's bytes alone, which could mean anything anywhere. They sign a
statement: in which log, which document, for which organisation and period, as whom, in which post,
with which key, meaning what, after having seen which tree. Its hash is what the key signs.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Self
from uuid import UUID

import orjson
from pydantic import Field, ValidationError

from domain.errors import Invalid
from domain.fact import MAX_INTEGER
from domain.proof.encoding import Exact

PREFIX = b"daocha.signature/v1\n"
"""Keeps a signature under a statement from being one under anything else, and names the form."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["5f" * 32])]
"""A SHA-256 hash in hexadecimal."""


class TreeHead(Exact):
    """The newest tree that somebody had seen: how many leaves, and their root."""

    root: Hash
    size: Annotated[int, Field(ge=1, le=MAX_INTEGER)]


class Statement(Exact):
    """What one person states by one signature.

    Its fields, and those of the tree, stand in the order of their names, so that it is written in
    its canonical form as it stands; a property test holds it to RFC 8785.

    Args:
        after: the leaf hash of the signature before this one, of a second signer.
        document: the leaf hash (RFC 9162 §2.1.1) of what is signed.
        key: the id of the key they sign with.
        log: the log's origin.
        meaning: what the signature says, in words, as the signer read them.
        organisation: the organisation that the document is about.
        period: the month, such as ``2024-05``; None where it has none.
        person: who signs.
        post: the post they sign in: who holds both posts signs twice.
        seen: the newest tree that the signer had seen: the signature is not older than it.
    """

    after: Hash | None = None
    document: Hash
    key: Hash
    log: Annotated[str, Field(min_length=1, max_length=255)]
    meaning: Annotated[str, Field(min_length=1, max_length=1000)]
    organisation: UUID
    period: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None
    person: UUID
    post: UUID
    seen: TreeHead

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Return the statement that canonical JSON holds.

        Raises:
            Invalid: it is no statement, or not its canonical form.
        """
        try:
            statement = cls.model_validate_json(data)
        except ValidationError as error:
            raise Invalid("不是签署声明", f"not a statement: {error}") from error
        if statement.canonical() != data:
            raise Invalid("签署声明不是规范 JSON", "the statement is not canonical JSON")
        return statement

    def canonical(self) -> bytes:
        """Return the canonical JSON (RFC 8785)."""
        parts = {name: part for name, part in vars(self).items() if part is not None}
        return orjson.dumps(parts, default=vars)  # the tree's own parts

    def digest(self) -> bytes:
        """Return what is signed."""
        return signing_digest(self.canonical())


def signing_digest(statement: bytes) -> bytes:
    """Return what is signed for a statement in canonical JSON: SHA-256(prefix ‖ statement)."""
    return sha256(PREFIX + statement).digest()
