"""Erasure 依法删除: a person's own values destroyed by law, on record, for good.

The fact says by what right and by whom; carrying it out is the ledger's: the person's key is
destroyed and the boxes under it are removed. Leaves hold salted digests only, so every proof still
verifies, and nobody can tell any more what was digested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

ERASED = "erased:person"
"""The tag of every erasure: whoever opens a ledger finds them all at once."""


class Erasure(Fact):
    """What is sealed under the key of its record is destroyed, and nothing is sealed again.

    ``basis`` stays on record for good and in plain words: the article and the document, no names.
    """

    basis: str = Field(
        min_length=1,
        max_length=200,
        description="依据：法条与文号，不得写入姓名",
        examples=["个人信息保护法第四十七条，临应急函〔2024〕12号"],
    )

    def tags(self) -> Iterator[str]:
        """Yield the tag of all erasures."""
        yield from super().tags()
        yield ERASED


class PersonErased(
    Erasure,
    topic="person.erased",
    zh="依法删除个人信息",
    en="Personal values erased",
    of_record=True,
    final=True,
):
    """The values sealed under this person's key are destroyed, none is sealed under it again."""
