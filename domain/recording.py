"""Recording 录入: how an act becomes a fact, or is refused with the reason.

The decision is pure: :func:`decide` is given what the record holds and returns the facts to append,
or raises. Two things are refused: what contradicts the record, and an act with legal effect whose
gate is closed. :func:`record` reads, decides and appends on the condition that nothing about the
enterprise was recorded in between; where something was, it reads and decides again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.contradictions import contradiction, in_its_place
from domain.correction import FactCorrected, same_act, written_anew
from domain.errors import Conflict, Contradiction
from domain.fact import BodyFact, Draft, EnterpriseFact, Entry, canonical
from domain.ledger import Command, Condition, Query
from domain.moment import end, format_moment, month_of, start
from domain.policy.duty import Docket
from domain.policy.gate import pass_gates
from domain.policy.rules import GATES
from domain.policy.settings import check_change
from domain.reading import about_people, read_case, read_people
from domain.setting import SettingChanged
from domain.sign_in import EnrolmentIssued, check_vouching
from domain.signing import (
    KEY_TOPICS,
    KeyRegistered,
    KeyRevoked,
    SignatureMade,
    check_key,
    keys_named,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from domain.correction import Anew
    from domain.fact import Actor, Fact
    from domain.ledger import Ledger, Receipt

AHEAD = timedelta(minutes=2)
"""How far the clock of whoever reports may be ahead of the server's."""
_ATTEMPTS = 5
TENURE = ("post.created", "post.abolished", "appointment.made", "appointment.ended")
"""The facts of a post's record by which somebody holds it."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants recorded: a fact about a record, and when it happened.

    ``expected`` is the version of the record they decided on, where they say (If-Match).
    """

    record: UUID
    fact: Fact
    happened: date | datetime
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger holds that bears on some acts.

    Args:
        records: the facts so far of every record that they go on.
        case: the facts of the enterprise's case; None where no act is guarded by a gate.
        keys: the facts about the signing keys that they name.
        head: the last position of the ledger; None where others may be writing.
        corrected: what corrections among them correct, by position.
    """

    records: dict[UUID, list[Entry]]
    case: list[Entry] | None = None
    keys: Sequence[Entry] = ()
    head: int | None = None
    corrected: Mapping[int, Entry] = field(default_factory=dict)


def decide(
    act: Act,
    by: Actor,
    received: datetime,
    record: Sequence[Entry],
    docket: Docket | None,
    keys: Sequence[Entry] = (),
    anew: Anew | None = None,
) -> Draft:
    """Return the fact to append for ``act``, or refuse it.

    Args:
        act: what somebody wants recorded.
        by: who they are.
        received: when the server had it in hand, in UTC.
        record: the facts of the act's own record so far, in order.
        docket: the case of the enterprise concerned; None for facts about no enterprise.
        keys: the facts about the signing keys that it names.
        anew: what it writes down anew, where it is a correction; the docket is then without what
            it corrects.

    Raises:
        Conflict: the record is not at the version that the act expects.
        Invalid: it sets a rule setting to a value that it cannot have.
        Contradiction: the act contradicts the record.
        GateClosed: an act with legal effect whose condition fails; names the clause.
    """
    version = len(record)
    if act.expected is not None and act.expected != version:
        raise Conflict(
            f"档案已有变化：现为第{version}版，所依据的是第{act.expected}版",
            f"the record is at version {version}, not {act.expected}",
            todo_zh="重新读取后再提交",
            todo_en="read it again and decide again",
        )
    _check_time(act, received)
    _check_setting(act.fact)
    _check_replacement(act.fact, anew)
    in_its_place(act.record, act.fact)
    contradiction(act.fact, record, docket)
    if isinstance(act.fact, KeyRegistered | KeyRevoked):
        check_key(act.fact, by, keys)
    if isinstance(act.fact, EnrolmentIssued):
        check_vouching(act.fact, by)
    draft = Draft(act.record, version + 1, act.fact, by, act.happened, received)
    if docket is not None:
        pass_gates(GATES, docket, *(_as_corrected(draft, anew) if anew else (draft,)))
    return draft


def _as_corrected(draft: Draft, anew: Anew) -> tuple[Draft, Draft]:
    """Return the act that a correction writes down anew, and as it was first written down."""
    original, replacement = anew.original, anew.replacement
    first = Draft(
        original.record,
        original.version,
        original.fact,
        original.by,
        original.happened,
        original.received,
    )
    received = original.received if same_act(original, replacement) else draft.received
    happened = replacement.happened
    return replace(first, fact=replacement.fact, happened=happened, received=received), first


def _check_time(act: Act, received: datetime) -> None:
    if start(act.happened) > received + AHEAD:
        raise Contradiction(
            f"发生时间 {format_moment(act.happened)} 在收到之后",
            f"it is said to have happened after it was received ({format_moment(act.happened)})",
            todo_zh="核对日期和时区",
            todo_en="check the date and its time zone",
            where="happened",
        )
    month = getattr(act.fact, "month", None)
    if month is not None and month > month_of(received):
        raise Contradiction(
            f"{month}尚未开始，不能报送",
            f"{month} has not begun and cannot be reported",
            todo_zh="核对月份",
            todo_en="check the month",
            where="month",
        )


def _check_setting(fact: Fact) -> None:
    """Refuse a rule setting that no duty could be judged by, be it a correction's."""
    if isinstance(fact, FactCorrected) and fact.replacement:
        fact = fact.replacement.fact
    if isinstance(fact, SettingChanged):
        check_change(fact)


def _check_replacement(fact: Fact, anew: Anew | None) -> None:
    """Refuse a correction that would put something where it does not belong.

    A signature or a key in the place of anything; or a fact about another kind of record, another
    month or year into the record of what it corrects.
    """
    replacement = fact.replacement if isinstance(fact, FactCorrected) else None
    if replacement is None:
        return
    topic = replacement.fact.topic
    if topic.final:
        raise Contradiction(
            f"“{topic.zh}”不得以更正补入",
            f"“{topic.en}” cannot be put in by a correction",
            todo_zh="按其本身的程序提交",
            todo_en="record it in its own way",
            where="replacement",
        )
    if anew is None:
        return
    wrong = anew.original.fact.topic
    if topic.noun != wrong.noun:
        raise Contradiction(
            f"“{topic.zh}”与所更正的“{wrong.zh}”不是同一类档案的记录",
            f"“{topic.en}” does not belong in the record of “{wrong.en}”",
            todo_zh="撤回所更正的记录，另行录入",
            todo_en="take back what is wrong, and record the other fact in its own record",
            where="replacement",
        )
    in_its_place(anew.original.record, replacement.fact)


def _check_aims(fact: Fact, corrected: Mapping[int, Entry]) -> None:
    """Refuse a correction of what no correction touches: it would stand there and do nothing."""
    aims = fact.positions if isinstance(fact, FactCorrected) else ()
    final = [corrected[p].fact.topic for p in aims if p in corrected]
    topic = next((each for each in final if each.final), None)
    if topic:
        raise Contradiction(
            f"“{topic.zh}”不得更正或者撤回",
            f"“{topic.en}” is neither corrected nor taken back",
            todo_zh="按其本身的程序终止，如解除命令、吊销密钥、撤回签名",
            todo_en="end it in its own way: all-clear, revocation, withdrawal",
            where="positions",
        )


def decide_all(acts: Sequence[Act], by: Actor, received: datetime, known: Known) -> list[Draft]:
    """Decide several acts of one command in order, each in the light of those before it.

    Args:
        acts: what somebody wants recorded together: all of it or nothing.
        by: who they are.
        received: when the server had them in hand, in UTC.
        known: what the ledger holds that bears on them; what is decided is added to it.
    """
    drafts: list[Draft] = []
    keys = list(known.keys)
    so_far = None
    if known.case is not None:
        # Their own records, too: that of a matter between bodies stands in neither's case alone.
        own_records = (entry for entries in known.records.values() for entry in entries)
        every = {entry.position: entry for entry in (*known.case, *keys, *own_records)}
        so_far = [every[position] for position in sorted(every)]
    for act in acts:
        _check_aims(act.fact, known.corrected)
        anew = written_anew(act.fact, known.corrected)
        docket = _docket(act, anew, so_far, received, known.head)
        own = known.records.setdefault(act.record, [])
        draft = decide(act, by, received, own, docket, keys, anew)
        drafts.append(draft)
        pending = _as_entry(draft, (so_far or own or [None])[-1])  # type: ignore[list-item]
        own.append(pending)
        if pending.topic in KEY_TOPICS:
            keys.append(pending)
        if so_far is not None:
            so_far.append(pending)
    return drafts


def _docket(
    act: Act,
    anew: Anew | None,
    entries: list[Entry] | None,
    received: datetime,
    head: int | None,
) -> Docket | None:
    """Return the case by which an act is judged: of a correction, without what it corrects."""
    judged = put_in(anew) if anew else act
    subject = subject_of(judged)
    if entries is None or subject is None:
        return None
    if anew:
        entries = [entry for entry in entries if entry.position not in anew.aims]
    return Docket(subject, entries, max(received, end(judged.happened)), head=head)


def put_in(anew: Anew) -> Act:
    """Return the act that a correction puts in the place of another, in that one's record."""
    return Act(anew.original.record, anew.replacement.fact, anew.replacement.happened)


def corrected_by(
    acts: Sequence[Act], at: Callable[[set[int]], Iterable[Entry]]
) -> dict[int, Entry]:
    """Return what corrections among ``acts`` correct, and what corrections among that corrected.

    Args:
        acts: what is to be recorded.
        at: returns the facts at some positions.
    """
    found: dict[int, Entry] = {}
    facts = [act.fact for act in acts]
    while (
        wanted := {
            position
            for fact in facts
            if isinstance(fact, FactCorrected)
            for position in fact.positions
        }
        - found.keys()
    ):
        entries = {entry.position: entry for entry in at(wanted)}
        found |= entries
        facts = [entry.fact for entry in entries.values()]
    return found


def _as_entry(draft: Draft, last: Entry | None) -> Entry:
    """Return a draft as the entry it is about to become, for the acts after it to see."""
    return Entry(
        position=last.position + 1 if last else 1,
        record=draft.record,
        version=draft.version,
        recorded=draft.received,
        received=draft.received,
        tags=tuple(draft.tags()),
        by=draft.by,
        happened=draft.happened,
        command=draft.record,
        fact=draft.fact,
    )


def record(
    ledger: Ledger,
    acts: Sequence[Act],
    *,
    command: UUID,
    by: Actor,
    received: datetime,
    recorded: datetime | None = None,
    sent: bytes | None = None,
) -> Receipt:
    """Record ``acts`` as one command: all of them or none, and once however often it is sent.

    Args:
        ledger: where to.
        acts: what happened, in order.
        command: the client's id for this command; the same id again gives the same answer.
        by: who acted, and in which post.
        received: when the server had it in hand, in UTC.
        recorded: the time of recording, which only a ledger with a simulated clock accepts.
        sent: what makes a command the same where the acts do not tell it, because something in
            them was filled in (the time, where the client gave none); default: :func:`content`.

    Raises:
        Contradiction, GateClosed, Conflict: as :func:`decide` says.
        CommandReused: the id came before with another content.
    """
    digest = ledger.vault.keyed_digest(sent or content(acts, by))
    for attempt in range(_ATTEMPTS):
        head = ledger.head().position
        # After the head: what the same command, sent twice at once, recorded is then either
        # answered here, or not yet in what is read below.
        answered = ledger.receipt(command, digest)
        if answered:
            return answered
        check_names(ledger.existing, acts)
        corrected = corrected_by(acts, lambda wanted: _at(ledger, wanted))
        scope = guarded(acts, corrected)
        resting_on = keys_of(acts)
        known = Known(
            {r: list(ledger.record(r, upto=head)) for r in records_of(acts, corrected)},
            _known(ledger, scope, head),
            ledger.read(*resting_on, upto=head),
            head,
            corrected,
        )
        drafts = decide_all(acts, by, received, known)
        condition = Condition(head, (*scope.queries(), *resting_on, *_posts_of(acts)))
        try:
            return ledger.append(
                Command(command, tuple(drafts), digest, condition, recorded=recorded)
            )
        except Conflict:
            if attempt == _ATTEMPTS - 1:  # a version that is expected is asked again above
                raise
    raise AssertionError  # pragma: no cover - the loop returns or raises


def _at(ledger: Ledger, positions: set[int]) -> Iterator[Entry]:
    return (raw.entry for raw in ledger.at(sorted(positions)))


def keys_of(acts: Sequence[Act]) -> tuple[Query, ...]:
    """Return the queries for what is on record of the keys that ``acts`` rest on."""
    named = {key for act in acts for key in keys_named(act.fact)}
    return tuple(map(key_query, sorted(named)))


def key_query(key: UUID) -> Query:
    """Return the query for what is on record of one key, given its record."""
    return Query((f"key:{key}",), KEY_TOPICS)


def _posts_of(acts: Sequence[Act]) -> Iterator[Query]:
    """Yield the queries for the posts in which ``acts`` sign: a body's may be at issue too."""
    for act in acts:
        if isinstance(act.fact, SignatureMade):
            yield Query((f"post:{act.fact.statement.post}",), TENURE)


def _known(ledger: Ledger, scope: Scope, head: int) -> list[Entry] | None:
    if not scope:
        return None
    entries = {
        e.position: e for each in scope.organisations for e in read_case(ledger, each, upto=head)
    }
    entries |= {e.position: e for e in read_people(ledger, scope.persons, upto=head)}
    return [entries[position] for position in sorted(entries)]


def subject_of(act: Act) -> UUID | None:
    """Return in whose docket the gates of an act are asked, if in any.

    That of the enterprise or the body that the fact is about; a fact about a person is judged by
    what is on record of that person.
    """
    fact = act.fact
    if isinstance(fact, EnterpriseFact):
        return fact.enterprise
    if isinstance(fact, BodyFact):
        return fact.body
    return act.record if fact.topic.noun == "person" else None


@dataclass(frozen=True, slots=True)
class Scope:
    """What the gates of some acts look at: the cases of organisations, and people's own records."""

    organisations: frozenset[UUID] = frozenset()
    persons: frozenset[UUID] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether a gate looks at anything."""
        return bool(self.organisations or self.persons)

    def queries(self) -> tuple[Query, ...]:
        """Return what no fact may answer between the decision and its recording."""
        told = [Query((f"org:{each}",)) for each in sorted(self.organisations)]
        told += [Query((f"person:{each}",), about_people()) for each in sorted(self.persons)]
        return (*told, Query((), ("fact.corrected",))) if self.persons else tuple(told)


def guarded(acts: Sequence[Act], corrected: Mapping[int, Entry] | None = None) -> Scope:
    """Return what the gates of ``acts`` look at; nothing, where no gate guards any of them.

    That is: the organisations that the acts are about, and every person whom they are about or
    name, since a gate may ask whether an expert was in a pool. Of a correction: those of what it
    puts in and of what was there, given what it corrects by position.
    """
    topics = {topic for gate in GATES for topic in gate.topics}
    acts = [*acts, *_anew(acts, corrected or {})]
    if not any(act.fact.topic.name in topics for act in acts):
        return Scope()
    subjects = {subject for act in acts if (subject := subject_of(act))}
    persons = {ident for act in acts for _, kind, ident in act.fact.names() if kind == "person"}
    persons |= {act.record for act in acts if act.fact.topic.noun == "person"}
    return Scope(frozenset(subjects - persons), frozenset(persons))


def _anew(acts: Sequence[Act], corrected: Mapping[int, Entry]) -> Iterator[Act]:
    """Yield what each correction puts in the place of something, and what was there."""
    for act in acts:
        anew = written_anew(act.fact, corrected)
        if anew:
            yield put_in(anew)
            yield Act(anew.original.record, anew.original.fact, anew.original.happened)


def records_of(acts: Sequence[Act], corrected: Mapping[int, Entry]) -> set[UUID]:
    """Return the records that acts go on: of a correction, that of what it writes anew as well."""
    return {act.record for act in (*acts, *_anew(acts, corrected))}


def check_names(existing: Callable[[Iterable[UUID]], set[UUID]], acts: Sequence[Act]) -> None:
    """Refuse a fact that names a record nobody ever began.

    Args:
        existing: returns those of some ids that are records with at least one fact.
        acts: what is to be recorded.
    """
    own = {act.record for act in acts}
    named = {
        ident: (field, kind)
        for act in acts
        for field, kind, ident in act.fact.names()
        if ident not in own
    }
    missing = sorted(set(named) - existing(named), key=str)
    if missing:
        field, kind = named[missing[0]]
        raise Contradiction(
            f"{field} 所指的 {kind}:{missing[0]} 不在案",
            f"{field} names {kind}:{missing[0]}, which is not on record",
            todo_zh="核对编号；如确有其事，先登记再引用",
            todo_en="check the id; if it exists, register it first",
            where=field,
        )


def content(acts: Sequence[Act], by: Actor) -> bytes:
    """Return what makes a command the same command: its acts in plain words, without salts."""
    return canonical(
        [by.model_dump(mode="json", exclude_none=True), *(_plain(act) for act in acts)]
    )


def _plain(act: Act) -> dict[str, object]:
    data = act.fact.model_dump(mode="json", exclude_none=True)
    words = {path: sealed.value or sealed.digest for path, sealed in act.fact.sealed()}
    return {
        "record": str(act.record),
        "topic": act.fact.topic.name,
        "happened": format_moment(act.happened),
        "data": _without_digests(data),
        "words": list(words.values()),
    }


def _without_digests(value: object) -> object:
    if isinstance(value, dict):
        if value.keys() == {"digest", "subject"}:
            return {"subject": value["subject"]}
        return {key: _without_digests(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_digests(item) for item in value]
    return value
