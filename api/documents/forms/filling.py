"""Filling in a form from the record: names, days and signatures, as they are written on paper.

Whatever is asked here is remembered, so that the paper can say which facts it rests on.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from api.documents.paper import Signature
from domain.errors import NotFound
from domain.labels import POST_KINDS, Labels
from domain.moment import SHANGHAI, local_day
from domain.people import PostKind
from domain.record import moment_of
from domain.signed import signatures_on, withdrawal_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from domain.directory import Organisation
    from domain.fact import Entry, Sealed
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket


class Filling:
    """What a form is filled in from.

    Args:
        docket: the case of the enterprise that the document is about.
        entry: the fact whose paper it is.
        code: that fact's check code.
    """

    def __init__(self, docket: Docket, entry: Entry, code: str) -> None:
        self.docket = docket
        self.entry = entry
        self.code = code
        self._labels = Labels(docket)
        self._used = {entry.position}

    @property
    def facts(self) -> tuple[int, ...]:
        """Where the facts stand that the paper rests on, in order."""
        return tuple(sorted(self._used))

    def use(self, entry: Entry) -> Entry:
        """Return a fact, and remember that the paper rests on it."""
        self._used.add(entry.position)
        return entry

    def rests_on(self, position: int) -> None:
        """Remember that the paper rests on the fact at a position."""
        self._used.add(position)

    @property
    def day(self) -> date:
        """The document's own day."""
        return local_day(moment_of(self.entry))

    def hazard(self, ident: UUID) -> HazardRecord:
        """Return the hazard that a document is about.

        Raises:
            NotFound: a correction took it back, and with it what the document would say.
        """
        known = self.docket.hazards.get(ident)
        if known is None:
            raise NotFound(
                "文书所涉的隐患已被更正撤回，不能出具",
                "a correction took back the hazard that this document is about",
                todo_zh="查看该隐患的更正记录",
                todo_en="look at what corrected the hazard",
                where="document",
            )
        return known

    # Organisations and people.

    def organisation(self, org: UUID | None) -> str:
        """Return an organisation's name."""
        return "" if org is None else self._named(org)[0]

    def address(self, org: UUID) -> str:
        """Return where an organisation is."""
        known = self._named(org)[1]
        return (known.address or "") if known else ""

    def org_code(self, org: UUID) -> str:
        """Return an organisation's unified social credit code."""
        known = self._named(org)[1]
        return known.code if known else ""

    def _named(self, org: UUID) -> tuple[str, Organisation | None]:
        known = self.docket.directory.organisations.get(org)
        if known:
            self._used.add(known.position)
        return self.docket.directory.name(org), known

    def person(self, person: UUID | None) -> str:
        """Return a person's name; of an erased one, that it is erased."""
        return "" if person is None else (self._labels.person_name(person) or "〔姓名已删除〕")

    def phone(self, person: UUID) -> str:
        """Return a person's telephone number, as far as it is on record."""
        known = self.docket.directory.names.get(person)
        return (known.phone.value or "") if known and known.phone else ""

    def post(self, post: UUID | None) -> str:
        """Return a post's title."""
        return self._labels.post_title(post) or ""

    def head(self, org: UUID) -> tuple[str, str, str]:
        """Return name, post and telephone of whoever heads an organisation on the document's day.

        Empty where the post is vacant: the form says so by leaving room.
        """
        held = self.docket.directory.holders(org, PostKind.PRINCIPAL, self.day)
        if not held:
            return "", POST_KINDS[PostKind.PRINCIPAL], ""
        last = held[-1]
        for entry in last.entries:
            self.use(entry)
        return self.person(last.person), self.post(last.post), self.phone(last.person)

    def actor(self, entry: Entry) -> str:
        """Return who did something, with the post, as 王强（危化科科长）."""
        name, post = self.person(entry.by.person), self.post(entry.by.post)
        return f"{name}（{post}）" if name and post else name or post

    # Signatures.

    def signed(self) -> tuple[Signature, ...]:
        """Return the electronic signatures on the document, in their order."""
        found = []
        for entry, fact in signatures_on(self.docket, self.entry):
            self.use(entry)
            post = self.post(fact.statement.post) or POST_KINDS[fact.role]
            how = f"{self.person(fact.statement.person)}　已电子签名　{minute(moment_of(entry))}"
            withdrawn = withdrawal_of(self.docket, entry.record)
            if withdrawn:
                how += f"（{day(moment_of(self.use(withdrawn)))}已撤回）"
            found.append(Signature(post, f"{how}\n台账第{entry.position}条"))
        return tuple(found)

    def places(self, *wanted: str) -> tuple[Signature, ...]:
        """Return the electronic signatures, then a line to sign on for each of ``wanted``."""
        return (*self.signed(), *(Signature(role) for role in wanted))


def words(text: Sealed | None, otherwise: str = "") -> str:
    """Return free text for paper; ``otherwise`` where there is none."""
    return otherwise if text is None else str(text)


def day(moment: date | datetime | None) -> str:
    """Return a day in words, by the calendar of Asia/Shanghai; nothing for None."""
    if moment is None:
        return ""
    local = local_day(moment)
    return f"{local.year}年{local.month}月{local.day}日"


def minute(moment: date | datetime) -> str:
    """Return a moment in words, to the minute in Asia/Shanghai; of a date, the day alone."""
    if not isinstance(moment, datetime):
        return day(moment)
    local = moment.astimezone(SHANGHAI)
    return f"{day(moment)}{local.hour}时{local.minute:02d}分"


def yuan(fen: int | None) -> str:
    """Return an amount in fen 分 as yuan; nothing for None."""
    return "" if fen is None else f"{fen / 100:,.2f}元"


def listed(names: Iterable[str]) -> str:
    """Return names as an enumeration, those that are empty left out."""
    return "、".join(name for name in names if name)
