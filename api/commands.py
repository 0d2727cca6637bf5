"""Commands 命令: what a client asks to be recorded becomes acts, and goes in once.

The client names every command by an id (``Idempotency-Key``). What makes it the same command is
what was sent, not what was filled in here, such as the time where the client gave none.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from api.access import actor
from api.authority import Authority
from api.complaints import complaints
from api.doing import refused_act
from api.drawing import drawn
from api.operations import fixed_record
from api.problems import PreconditionFailed, invalid
from api.sent import to_fact
from api.signing import check_seen
from domain.correction import FactCorrected
from domain.erasure import PersonErased
from domain.errors import Conflict, Contradiction, Invalid
from domain.fact import Sealed, Withheld, canonical
from domain.recording import Act, record
from domain.signing import SignatureMade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from api.caller import Caller
    from api.operations import Operation
    from api.sent import Sent
    from api.serving import Serving
    from domain.fact import Entry, Fact
    from domain.ledger import Receipt

noted: ContextVar[list[int]] = ContextVar("noted")
"""Where the positions of what a request records are noted, for its line in the log."""
MOST_CORRECTED = 100
"""Facts that one correction can replace or take back."""
_SALT_BYTES = 16
_FIXED_BY_SUBJECT = 5
"""The version of a UUID that follows from what the record is about."""
_MAY_GO_ON = ("inspection.held", "expert_inspection.held")
"""What begins a record, or goes on with one that was planned: no subject fixes its id."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One act as a client asks for it.

    Args:
        operation: which kind of fact.
        sent: the fact's own fields.
        address: what the address says: ``record``, or ``enterprise`` and ``month``.
        happened: when, by the client's word; None: now.
        expected: the version of the record that the client decided on.
    """

    operation: Operation
    sent: Sent
    address: dict[str, Any] = field(default_factory=dict)
    happened: date | datetime | None = None
    expected: int | None = None


def perform(
    here: Serving,
    caller: Caller,
    command: UUID,
    asked: Sequence[Asked],
    by_post: UUID | None,
) -> Receipt:
    """Record what a client asks for, all of it or nothing, once however often it is sent.

    Args:
        here: the ledger, the clock, and chance.
        caller: who asks.
        command: the client's id for it.
        asked: the acts, in order.
        by_post: the post in which they act.

    Raises:
        CommandReused: the id came before with another content.
        PreconditionFailed: a record is not at the version expected.
        Contradiction, GateClosed, Conflict, Invalid, Forbidden: as the domain says.
    """
    content = _content(caller, asked, by_post)
    answered = here.ledger.receipt(command, here.ledger.vault.keyed_digest(content))
    if answered:
        return answered
    # A simulated ledger goes by its own clock, not by that of the request's arrival.
    arrived = None if here.ledger.is_simulated else caller.arrived
    received = arrived or here.now()
    authority = Authority(here, caller)
    acts = _composed(_Acts(here, command, received), authority, asked)
    check_seen(here, [act.fact for act in acts])
    moments = [received if act.fact.topic.of_record else act.happened for act in acts]
    by = actor(here.ledger, caller, by_post, moments)
    authority.do(acts, by_post)
    try:
        receipt = record(here.ledger, acts, command=command, by=by, received=received, sent=content)
    except Conflict as error:
        if any(each.expected is not None for each in asked):
            raise _precondition(error) from error
        raise
    noted.get([]).extend(receipt.positions)
    for act in acts:
        if isinstance(act.fact, PersonErased):
            here.accounts.forget(act.record)
    return receipt


def _composed(acts: _Acts, authority: Authority, asked: Sequence[Asked]) -> list[Act]:
    """Return the acts; that something is not on record is told to the owner of the machine alone.

    To anybody else it is refused in the words for what is not theirs.
    """
    try:
        return acts.of(asked)
    except Contradiction:
        if authority.standing.owner:
            raise
        raise refused_act(asked[acts.at].operation.topic) from None


def _content(caller: Caller, asked: Sequence[Asked], by_post: UUID | None) -> bytes:
    """Return what makes the command the same command."""
    told = [
        {
            "topic": each.operation.topic.name,
            "address": {name: str(value) for name, value in each.address.items()},
            "sent": each.sent.model_dump(mode="json", exclude_none=True),
            "happened": each.happened.isoformat() if each.happened else None,
            "expected": each.expected,
        }
        for each in asked
    ]
    who = [caller.authentication, str(caller.person), str(by_post)]
    return canonical([who, told])


def _precondition(error: Conflict) -> PreconditionFailed:
    return PreconditionFailed(
        error.zh, error.en, todo_zh=error.todo_zh, todo_en=error.todo_en, where="If-Match"
    )


class _Acts:
    """Makes the acts of one command: what the record knows is filled in, what is personal sealed.

    An act may go on a record that an earlier one of the same command begins.
    """

    def __init__(self, here: Serving, command: UUID, received: datetime) -> None:
        self._here = here
        self._command = command
        self._received = received
        self._records: dict[UUID, list[Fact]] = {}
        self.at = 0
        """Which of the acts is being made."""

    def of(self, asked: Sequence[Asked]) -> list[Act]:
        acts = []
        for index, each in enumerate(asked):
            self.at = index
            try:
                acts.append(self._act(index, each))
            except Invalid as error:
                if len(asked) > 1:
                    error.where = f"acts.{index}.data.{error.where or ''}".rstrip(".")
                raise
        return acts

    def _act(self, index: int, asked: Asked) -> Act:
        operation = asked.operation
        values = ((name, getattr(asked.sent, name)) for name in asked.sent.model_fields_set)
        sent = {name: value for name, value in values if value is not None}
        chosen = asked.address.get("record")
        _check_chosen(operation, chosen)
        record_id = (
            fixed_record(operation, {**asked.address, **sent})
            or chosen
            or uuid5(self._command, str(index))
        )
        given = {name: value for name, value in asked.address.items() if name != "record"}
        given |= self._known(operation, record_id)
        given |= drawn(self._here, operation.topic.fact, {**given, **sent})
        if operation.topic.fact is SignatureMade:
            document = self._at(sent["document"])
            given["about"] = f"{document.fact.topic.noun}:{document.record}"
        subject = _subject({**given, **sent}, record_id)
        if operation.topic.fact is FactCorrected:
            corrected = self._corrected(sent["positions"])
            given["about"] = _about(corrected)
            subject = _same_subject(corrected) or record_id
        fact = self._fact(asked, given, subject, record_id)
        self._facts_of(record_id).append(fact)
        return Act(record_id, fact, asked.happened or self._received, asked.expected)

    def _fact(self, asked: Asked, given: dict[str, Any], subject: UUID, record_id: UUID) -> Fact:
        def seal(words: str, kind: type[Sealed]) -> Sealed:
            # What is withheld is erased with its record, not with the organisation's words.
            under = record_id if kind is Withheld else subject
            return kind.close(words, under, self._here.random(_SALT_BYTES))

        try:
            return to_fact(asked.operation.topic.fact, asked.sent, given, seal)
        except ValidationError as error:
            raise invalid(complaints(error.errors(include_input=False))) from error

    def _facts_of(self, record_id: UUID) -> list[Fact]:
        if record_id not in self._records:
            entries = self._here.ledger.record(record_id, open_sealed=False)
            self._records[record_id] = [entry.fact for entry in entries]
        return self._records[record_id]

    def _known(self, operation: Operation, record_id: UUID) -> dict[str, Any]:
        """Return the fields that the record's earlier facts hold."""
        if not operation.known:
            return {}
        facts = self._facts_of(record_id)
        if not facts:
            topic = operation.topic
            raise Contradiction(
                f"没有可供“{topic.zh}”的档案：{record_id} 不在案",
                f"“{topic.en}” refers to {record_id}, which is not on record",
                todo_zh="核对编号；如确有其事，先登记",
                todo_en="check the id; if it exists, record it first",
                where="record",
            )
        found = {
            name: next((v for f in facts if (v := getattr(f, name, None)) is not None), None)
            for name in operation.known
        }
        return {name: value for name, value in found.items() if value is not None}

    def _corrected(self, positions: Sequence[int]) -> list[Entry]:
        if len(positions) > MOST_CORRECTED:
            raise Invalid(
                f"一次至多更正 {MOST_CORRECTED} 条事实",
                f"at most {MOST_CORRECTED} facts are corrected at once",
                todo_zh="分几次更正",
                todo_en="correct them in parts",
                where="positions",
            )
        return [self._at(position) for position in positions]

    def _at(self, position: int) -> Entry:
        entries = self._here.ledger.range(position - 1, 1, open_sealed=False)
        if not entries or entries[0].position != position:
            raise Contradiction(
                f"没有第 {position} 条事实",
                f"there is no fact at {position}",
                todo_zh="核对序号",
                todo_en="check the position",
                where="positions",
            )
        return entries[0]


def _is_fixed(record: UUID) -> bool:
    return record.version == _FIXED_BY_SUBJECT


def _check_chosen(operation: Operation, chosen: UUID | None) -> None:
    """Refuse an id that could be guessed: beginning a record there would tell whether it exists."""
    planned_first = operation.topic.name in _MAY_GO_ON
    if operation.chooses_record and not planned_first and chosen and _is_fixed(chosen):
        raise Invalid(
            "新档案的编号须为随机生成的 UUID（UUIDv7）",
            "the id of a new record is a random UUID (UUIDv7)",
            todo_zh="生成一个 UUIDv7，或省略 record",
            todo_en="make a UUIDv7, or leave record out",
            where="record",
        )


def _about(corrected: Sequence[Entry]) -> tuple[UUID, ...]:
    """Return the organisations that facts to be corrected are about."""
    tags = {tag for entry in corrected for tag in entry.tags if tag.startswith("org:")}
    return tuple(sorted(UUID(tag.removeprefix("org:")) for tag in tags))


def _same_subject(corrected: Sequence[Entry]) -> UUID | None:
    """Return under whose key the words to be corrected are sealed: erased, both are."""
    sealed = (value.subject for entry in corrected for _, value in entry.fact.sealed())
    return next(sealed, None) or next(iter(_about(corrected)), None)


def _subject(fields: dict[str, Any], record_id: UUID) -> UUID:
    """Return under whose key personal values and free text are sealed.

    A person's own, in their own record; otherwise that of the organisation the fact is about.
    """
    for name in ("enterprise", "organisation", "department", "body"):
        if isinstance(fields.get(name), UUID):
            return UUID(str(fields[name]))
    return record_id
