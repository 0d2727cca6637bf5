"""Personal signatures judged again, each by what stood before its own place in the ledger.

Which facts a signature depends on is told in order (:class:`Dependencies`); whether it holds can
then be told of many at once, in any order and in any process (:func:`judge`), by the very function
that was asked before it was recorded (:func:`domain.signed.fault_of`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from domain.audit.faults import Fault
from domain.case import Case
from domain.correction import FactCorrected
from domain.fact import read_leaf
from domain.moment import end
from domain.organisation import SupervisionFact
from domain.proof.taken import KEYS, POSTS, REPORTS
from domain.signed import fault_of
from domain.signing import KEY_TOPICS, SignatureMade, SignatureWithdrawn, key_record

if TYPE_CHECKING:
    from domain.audit.ranges import Row
    from domain.fact import Entry

_TENURE = ("post.created", "post.abolished", "appointment.made", "appointment.ended")
_TAGGED = frozenset((*KEY_TOPICS, *_TENURE))
_SUPERVISED = "supervised:"


class Due(NamedTuple):
    """A signature that is to be judged, and the positions of what it is judged by."""

    position: int
    by: tuple[int, ...]


class Dependencies:
    """Where the facts stand by which signatures and rolls are judged: an index, told in order."""

    def __init__(self) -> None:
        self._at: dict[str, list[int]] = defaultdict(list)

    def learn(self, entry: Entry) -> Due | None:
        """Take the next fact that matters; return what is due where it is a signature."""
        fact, due = entry.fact, None
        if entry.topic in _TAGGED:
            for tag in entry.tags:
                if tag.startswith(("key:", "post:")):
                    self._at[tag].append(entry.position)
        elif isinstance(fact, SignatureMade):
            due = Due(entry.position, tuple(sorted(self._of(fact))))
            self._at[f"on {fact.document}"].append(entry.position)
            self._at[f"signature {entry.record}"].append(fact.document)
        elif isinstance(fact, SignatureWithdrawn):
            for document in self._at.get(f"signature {entry.record}", ()):
                self._at[f"on {document}"].append(entry.position)
        elif isinstance(fact, FactCorrected):
            for corrected in fact.positions:
                self._at[f"of {corrected}"].append(entry.position)
        else:
            self._learn_of_enterprise(entry)
        return due

    def _learn_of_enterprise(self, entry: Entry) -> None:
        if entry.topic.startswith("organisation."):
            self._at[f"org:{entry.record}"].append(entry.position)
        elif isinstance(entry.fact, SupervisionFact):
            self._at[f"{_SUPERVISED}{entry.fact.enterprise}"].append(entry.position)

    def of_roll(self, kind: str, upto: int) -> dict[str, tuple[int, ...]]:
        """Return the ids that may be on a roll, and where the facts stand that put them there.

        Of a roll of reports: each enterprise that was ever supervised, with what is on record of it
        and of its supervision, corrections included.

        Args:
            kind: what the roll is of.
            upto: the last position that it reflects.
        """
        prefix = {POSTS: "post:", KEYS: "key:"}.get(kind, _SUPERVISED)
        found = {}
        for tag in [tag for tag in self._at if tag.startswith(prefix)]:
            of, by = tag.removeprefix(prefix), set(self._at[tag])
            if kind == REPORTS:
                by.update(self._at.get(f"org:{of}", ()))
                by |= self._corrections(by)
            found[of] = tuple(sorted(at for at in by if at <= upto))
        return found

    def _of(self, made: SignatureMade) -> set[int]:
        statement = made.statement
        tags = (
            f"post:{statement.post}",
            f"key:{key_record(statement.key)}",
            f"on {made.document}",
        )
        found = {1, made.document, *(at for tag in tags for at in self._at.get(tag, ()))}
        return found | self._corrections(found)

    def _corrections(self, positions: Iterable[int]) -> set[int]:
        """Return the corrections of any of these facts, and of those corrections."""
        found: set[int] = set()
        wanted = list(positions)
        for position in wanted:
            fresh = set(self._at.get(f"of {position}", ())) - found
            found |= fresh
            wanted += sorted(fresh)
        return found

    def dump(self) -> dict[str, list[int]]:
        """Return the index as plain data."""
        return dict(self._at)

    def load(self, at: Mapping[str, Sequence[int]]) -> None:
        """Take what :meth:`dump` returned."""
        self._at.update({key: list(positions) for key, positions in at.items()})


def judge(due: Sequence[Due], read: Callable[[Sequence[int]], Sequence[Row]]) -> Fault | None:
    """Return the first of some signatures that does not hold, and why.

    Args:
        due: what is to be judged.
        read: returns the facts at some positions.
    """
    wanted = sorted({at for each in due for at in (each.position, *each.by)})
    entries = {row.position: read_leaf(row.leaf) for row in read(wanted)}
    for each in sorted(due):
        made = entries[each.position]
        before = [entries[at] for at in each.by if at in entries and at < each.position]
        fault = _judged(made, before)
        if fault:
            return fault
    return None


def _judged(entry: Entry, before: Sequence[Entry]) -> Fault | None:
    made = entry.fact
    assert isinstance(made, SignatureMade)  # noqa: S101 - only signatures are due
    at = max(entry.received, end(entry.happened))
    case = Case(made.enterprise, before, at, head=entry.position - 1)
    wrong = fault_of(made, case)
    if wrong is None:
        return None
    zh, en = f"签名不成立：{wrong.zh}", f"the signature does not hold: {wrong.en}"
    return Fault(entry.position, "signature", zh, en)
