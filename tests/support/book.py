"""A book 簿: the pure domain's record for scenarios, with no database behind it.

Acts go through the same decision as in the product (contradictions and gates), and the entries are
read by the same trace. What the ledger adds (positions under concurrency, leaves, sealing) is
tested against PostgreSQL elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

from domain.answer import Trace
from domain.correction import written_anew
from domain.fact import Actor, Draft, Entry, Fact, Sealed, leaf_hash
from domain.moment import end, local_day, start
from domain.recording import Act, Known, corrected_by, decide_all, put_in, subject_of
from domain.signing import KEY_TOPICS
from domain.trace import Question, trace
from tests.support.worded import check_answer

_NAMES = UUID("00000000-0000-5000-8000-000000000000")
_NONCE = bytes(16)


def ident(name: str) -> UUID:
    """Return the id that a name stands for in a scenario."""
    return uuid5(_NAMES, name)


def text(words: str, subject: UUID = _NAMES) -> Sealed:
    """Return sealed words, as the ledger would hand them out: opened."""
    return Sealed.close(words, subject, b"scenario's salt!"[:16])


@dataclass
class Book:
    """The entries of one scenario, in the order in which they were recorded."""

    entries: list[Entry] = field(default_factory=list)

    def act(
        self,
        record: UUID,
        fact: Fact,
        happened: date | datetime,
        *,
        recorded: datetime | None = None,
        by: Actor | None = None,
    ) -> Entry:
        """Record an act, or raise what the product would answer.

        Args:
            record: the record it belongs to.
            fact: what happened.
            happened: when, by the actor's word.
            recorded: when it was entered; by default as it happened (at the start of a day), or
                with the last fact where that was entered later: a ledger's clock never goes back.
            by: who entered it.

        Raises:
            ValueError: an act of the record would by default be entered on a later day.
        """
        clock = recorded or self._clock(happened)
        if recorded is None and fact.topic.of_record and local_day(clock) > local_day(happened):
            message = f"{fact.topic.zh}: 已录入到{local_day(clock)}，{happened}的事须写明何时录入"
            raise ValueError(message)
        return self.act_all([Act(record, fact, happened)], clock, by)[0]

    def enter(
        self,
        record: UUID,
        fact: Fact,
        happened: date | datetime,
        *,
        recorded: datetime | None = None,
        by: Actor | None = None,
    ) -> Entry:
        """Put a fact down without asking whether the product would take it."""
        version = sum(entry.record == record for entry in self.entries) + 1
        clock = recorded or self._clock(happened)
        actor = by or Actor(authentication="system")
        return self._keep(Draft(record, version, fact, actor, happened, clock), clock)

    def _clock(self, happened: date | datetime) -> datetime:
        """Return when a fact is entered by default: as it happened, but never before the last."""
        return max([start(happened), *(entry.recorded for entry in self.entries[-1:])])

    def act_all(self, acts: list[Act], recorded: datetime, by: Actor | None = None) -> list[Entry]:
        """Record several acts as one command: all or none."""
        corrected = corrected_by(acts, self._at)
        anew = [written_anew(act.fact, corrected) for act in acts]
        judged = [*acts, *(put_in(each) for each in anew if each)]
        concerns = any(subject_of(act) for act in judged)
        records = {a.record: [e for e in self.entries if e.record == a.record] for a in acts}
        drafts = decide_all(
            acts,
            by or Actor(authentication="system"),
            recorded,
            Known(
                records,
                list(self.entries) if concerns else None,
                [e for e in self.entries if e.topic in KEY_TOPICS],
                len(self.entries),
                corrected,
            ),
        )
        return [self._keep(draft, recorded) for draft in drafts]

    def _at(self, positions: set[int]) -> list[Entry]:
        return [entry for entry in self.entries if entry.position in positions]

    def _keep(self, draft: Draft, recorded: datetime) -> Entry:
        position = len(self.entries) + 1
        entry = Entry(
            position=position,
            record=draft.record,
            version=draft.version,
            recorded=recorded,
            received=draft.received,
            tags=tuple(draft.tags()),
            by=draft.by,
            happened=draft.happened,
            command=draft.record,
            fact=draft.fact,
            hash=leaf_hash(draft.leaf(position, recorded, draft.record, _NONCE)),
        )
        self.entries.append(entry)
        return entry

    def trace(
        self,
        enterprise: UUID,
        at: date | datetime,
        *,
        known_at: datetime | None = None,
        incident: UUID | None = None,
    ) -> Trace:
        """Ask the trace of an enterprise at a moment."""
        answer = trace(enterprise, self.entries, Question(at, known_at, incident))
        check_answer(answer)
        return answer


def noon(day: str) -> datetime:
    """Return 12:00 in Shanghai on ``day``, in UTC."""
    return datetime.fromisoformat(f"{day}T12:00:00+08:00").astimezone(UTC)


def day_end(day: str) -> datetime:
    """Return 24:00 in Shanghai on ``day``, in UTC."""
    return end(date.fromisoformat(day))
