"""What the record says of a document 文书查验, for somebody who holds its paper and no account.

It names organisations and posts, never people: who signed stands in the bundle that those entitled
to it are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from domain.errors import NotFound
from domain.fact import EnterpriseFact
from domain.labels import POST_KINDS, Labels
from domain.monthly_report import ReportFiled, kind_of
from domain.order import OrderWithdrawn
from domain.policy.duty import Docket
from domain.policy.reports import STATE_WORDS, standing
from domain.proof.code import read_code
from domain.reading import read_case
from domain.record import facts_of, moment_of
from domain.signed import signatures_on, withdrawal_of
from projections.documents import find_document

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.fact import Entry
    from domain.ledger import Ledger, Published
    from projections.log import Log
    from projections.views import Views


@dataclass(frozen=True, slots=True)
class SignedAs:
    """A signature as anybody may see it: in which post, when, and whether it was taken back."""

    post: str
    kind: str
    at: date | datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What the record says of a document.

    Args:
        code: its short code.
        entry: the document.
        organisation: what it is about, by name, with its ``org_code``.
        number: its number, or its month.
        state: how it stands, in both languages.
        signed: the signatures on it, in their order.
        published: the newest checkpoint that covers it, if one does yet.
        has_bundle: whether its evidence is given to whoever has the code; a trace's is not.
    """

    code: str
    entry: Entry
    organisation: str
    org_code: str
    number: str
    state: tuple[str, str]
    signed: tuple[SignedAs, ...]
    published: Published | None
    has_bundle: bool


def check(ledger: Ledger, views: Views, log: Log, text: str, now: datetime) -> Checked:
    """Return what the record says of the document with a code.

    Args:
        ledger: where it stands.
        views: where codes are looked up.
        log: tells which checkpoint covers it.
        text: the code as somebody typed it.
        now: the server's clock.

    Raises:
        Invalid: it cannot be a code.
        NotFound: no document has it.
    """
    code = read_code(text)
    row = find_document(views, code)
    if row is None:
        raise NotFound(
            f"台账中没有查验码为 {code} 的文书",
            f"no document on record has the code {code}",
            todo_zh="核对查验码；若无误，该文书不在本台账中，或不是原文",
            todo_en="check the code; if it is right, the document is not of this record",
        )
    entry = ledger.range(row["position"] - 1, 1)[0]
    enterprise = UUID(str(row["enterprise"]))
    case = read_case(ledger, enterprise)
    docket = Docket(enterprise, case, max(now, *(moment.recorded for moment in case)))
    known = docket.directory.organisations.get(enterprise)
    published = log.latest()
    return Checked(
        code=code,
        entry=entry,
        organisation=docket.directory.name(enterprise),
        org_code=known.code if known else "",
        number=str(getattr(entry.fact, "number", None) or getattr(entry.fact, "month", "")),
        state=_state(docket, entry),
        signed=tuple(_signed(docket, entry)),
        published=published if published and published.size >= entry.position else None,
        has_bundle=entry.fact.topic.noun != "incident",
    )


def _signed(docket: Docket, document: Entry) -> list[SignedAs]:
    labels = Labels(docket)
    found = []
    for entry, fact in signatures_on(docket, document):
        title = labels.post_title(fact.statement.post) or POST_KINDS[fact.role]
        withdrawn = withdrawal_of(docket, entry.record) is not None
        found.append(SignedAs(title, fact.role.value, moment_of(entry), withdrawn))
    return found


_STANDS = ("在案", "on record")
_CORRECTED = (
    "已被更正，见证据包",
    "corrected since: see the evidence bundle",
)
_REPLACED = ("已被后来报送的文本取代", "replaced by a text that was filed later")
_TAKEN_BACK = ("已被发文机关撤销", "withdrawn by who issued it")


def _state(docket: Docket, entry: Entry) -> tuple[str, str]:
    if entry.position in docket.corrected_by:
        return _CORRECTED
    fact = entry.fact
    if isinstance(fact, ReportFiled):
        report = docket.reports[fact.month]
        how = standing(docket, report)
        if how.filing is not None and how.filing.position != entry.position:
            return _REPLACED
        if how.state is not None and (kind_of(entry) == "zero" or how.filing is None):
            return STATE_WORDS[how.state]
        return _STANDS
    assert isinstance(fact, EnterpriseFact)  # noqa: S101 - every document is about one
    withdrawn = facts_of(docket.about(f"{fact.topic.noun}:{entry.record}"), OrderWithdrawn)
    return _TAKEN_BACK if any(withdrawn) else _STANDS
