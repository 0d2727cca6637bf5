"""Documents 文件: the named documents that the policy rests on, and whether their text is held.

No number may come from a document whose text nobody here holds (3.2k). The register begins with
what the policy itself names; a ledger adds what it comes to hold, and new versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from domain.fact import Fact, FreeText
from domain.moment import Day, no_later
from domain.record import by_moment, facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from domain.fact import Entry

DOCUMENTS = uuid5(NAMESPACE_URL, "https://daocha.example/documents")
"""The one record that holds every document in a ledger."""


class DocumentRegistered(
    Fact,
    topic="document.registered",
    noun="documents",
    zh="登记文件",
    en="Document registered",
    of_record=True,
):
    """One version of a named document; ``held``: its text is at hand, where ``kept_at`` says."""

    number: str = Field(min_length=1, max_length=100, examples=["临安办发〔2011〕38号"])
    title: str = Field(min_length=1, max_length=200)
    version: str = Field(min_length=1, max_length=50, examples=["2011-05-18"])
    held: bool
    in_force_from: Day | None = None
    digest: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="文本的 SHA-256"
    )
    kept_at: FreeText | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the register shows it; ``entry`` is None for what the policy itself names."""

    number: str
    title: str
    version: str
    held: bool
    clause: str = ""
    entry: Entry | None = None


NAMED = (
    Document(
        "临政办发〔2014〕40号",
        "关于进一步建立健全安全生产隐患排查治理体系的意见",
        "2014",
        held=True,
    ),
    Document(
        "临安办发〔2011〕38号",
        "临沂市安全生产事故隐患自查自纠自报管理暂行办法",
        "2011",
        held=False,
        clause="3.2k",
    ),
    Document(
        "",
        "临沂市重大事故隐患挂牌督办暂行办法",
        "",
        held=False,
        clause="3.3g",
    ),
)
"""What the policy names, with what this product holds of it."""


def register(entries: Iterable[Entry], at: date | datetime) -> list[Document]:
    """Return the register of documents as it stood at ``at``: of each, every version, latest last.

    A fact about a document that the policy names takes its place.
    """
    told = [e for e in by_moment(list(entries)) if no_later(moment_of(e), at)]
    found = {(named.title, named.version): named for named in NAMED}
    clauses = {named.title: named.clause for named in NAMED}
    for entry, fact in facts_of(told, DocumentRegistered):
        clause = clauses.get(fact.title, "")
        replaced = [key for key, each in found.items() if key[0] == fact.title and not each.entry]
        for key in replaced:
            del found[key]
        found[fact.title, fact.version] = Document(
            fact.number, fact.title, fact.version, fact.held, clause, entry
        )
    return list(found.values())
