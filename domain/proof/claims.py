"""What an opened bundle proves, and what not 证明了什么、没有证明什么, for people to read.

:func:`claims_of` lists it as claims: a key, values, and the facts that show it. The words for each
key stand in ``claims.json`` beside this module, in Chinese and in English, for every program that
checks bundles: ``{name}`` stands for the claim's value of that name. A value is text or a number as
it stands, or a :class:`Label`, whose words are in the same file.

Times are told in Beijing time (UTC+8), as ``2024-05-20 09:11:00``; a day without a time as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from domain.proof.bundle import Evidence
from domain.proof.leaf import Leaf
from domain.proof.standing import SIGNED, Signed
from domain.proof.taken import Filed, Held, InForce, Looked

Language = Literal["zh", "en"]
_BEIJING = timezone(timedelta(hours=8))
_ZERO_ROLES = {"deputy", "principal"}
_FOUND = ("hazard.found", "ledger_row.imported")
_CLOSED = ("hazard.closed", "listing.delisted")
_PLACE = re.compile(r"\{([a-z_]+)\}")


class Label(NamedTuple):
    """A value that has words of its own: ``post.deputy``."""

    key: str


Value = str | int | Label


class Claim(NamedTuple):
    """One thing that is proved, or is not: ``facts`` are the positions that show it."""

    key: str
    values: Mapping[str, Value]
    facts: tuple[int, ...] = ()

    def words(self, language: Language) -> str:
        """Return the claim in words."""
        texts = words()["claims"][self.key][language]
        return _PLACE.sub(lambda found: in_words(self.values[found[1]], language), texts)


def in_words(value: Value, language: Language) -> str:
    """Return a value as it is read; a label without words of its own stands for its last part."""
    if isinstance(value, Label):
        known = words()["labels"].get(value.key)
        return str(known[language]) if known else value.key.partition(".")[2]
    return str(value)


@cache
def words() -> dict[str, dict[str, dict[str, str]]]:
    """Return the words of every claim and label, by key and language."""
    found: dict[str, dict[str, dict[str, str]]] = json.loads(
        files(__package__).joinpath("claims.json").read_text("utf-8")
    )
    return found


class Claims(NamedTuple):
    """What a bundle proves and what it leaves open, each in the order in which it is read."""

    proved: tuple[Claim, ...]
    open: tuple[Claim, ...]


def claims_of(evidence: Evidence) -> Claims:
    """Return what is proved and what is not."""
    telling = _Telling(evidence)
    return Claims(tuple(telling.proved()), tuple(telling.left_open()))


@dataclass(frozen=True)
class _Telling:
    """Puts the claims of one bundle together."""

    evidence: Evidence

    def proved(self) -> Iterator[Claim]:
        """Yield what is proved."""
        yield from self._record()
        yield from _SUBJECTS[self.evidence.about.kind](self)
        for signed in self.evidence.signatures:
            yield from self._signed(signed)
        yield from self._together()
        yield from self._withdrawn()
        for looked in self.evidence.rolls:
            yield from self._looked(looked)

    def left_open(self) -> Iterator[Claim]:
        """Yield what is not proved."""
        evidence = self.evidence
        size = evidence.trusted.checkpoint.size
        if not evidence.trusted.cosigned:
            yield Claim("not_witnessed", {})
        if evidence.about.kind == "report":
            yield from self._without_effect()
        for signed in evidence.signatures:
            yield from self._unbounded(signed)
        if evidence.trace is not None:
            yield Claim("rules_not_checked", {})
            yield from self._incomplete()
        else:
            yield Claim("others_left_out", {"size": size})
        yield Claim("later_facts", {"size": size})
        yield Claim("truth", {})
        yield Claim("own_clock", {})

    # The record itself.

    def _record(self) -> Iterator[Claim]:
        evidence = self.evidence
        opened = evidence.leaves[1]
        checkpoint = evidence.trusted.checkpoint
        values: dict[str, Value] = {
            "log": checkpoint.origin,
            "jurisdiction": str(opened.data.get("jurisdiction", "")),
            "size": checkpoint.size,
            "count": len(evidence.leaves),
        }
        yield Claim("in_the_log", values, tuple(evidence.leaves))
        if opened.data.get("clock") != "real":
            yield Claim("simulated", {}, (1,))
        for each in evidence.trusted.cosigned:
            at = each.at and _told(each.at)
            key = "witnessed" if at else "witnessed_sometime"
            yield Claim(key, {"witness": each.witness, "at": at or "", "size": checkpoint.size})

    # Subjects.

    def _report(self) -> Iterator[Claim]:
        for leaf in self._own("report.filed"):
            values: dict[str, Value] = {
                **self._about(leaf),
                "month": str(leaf.data.get("month")),
                "kind": Label(f"report.{leaf.data.get('kind')}"),
                "to": self._organisation(str(leaf.data.get("to_org"))),
            }
            yield Claim("report_filed", values, (leaf.position,))
            for older in _dicts(leaf.data.get("older")):
                values = self._hazard(older)
                yield Claim("hazard_still_open", values, (leaf.position,))
            if leaf.data.get("kind") == "zero" and not leaf.data.get("older"):
                yield Claim("none_still_open", {}, (leaf.position,))
        for leaf in self._own("report.filed"):
            if leaf.data.get("kind") == "zero" and self._of(leaf):
                yield from self._effect(leaf)
                yield from self._found_in(str(leaf.data.get("month")), leaf)

    def _effect(self, filed: Leaf) -> Iterator[Claim]:
        signatures = self._of(filed)
        if {_role(each) for each in signatures} >= _ZERO_ROLES:
            facts = tuple(each.leaf.position for each in signatures)
            yield Claim("zero_in_effect", {"position": filed.position}, facts)

    def _found_in(self, month: str, filed: Leaf) -> Iterator[Claim]:
        """Yield the hazards of the month, by whether they were found before somebody signed."""
        for leaf in self.evidence.leaves.values():
            found = _found(leaf)
            if found is None or _local(found)[:7] != month:
                continue
            values = {
                **self._hazard({"hazard": leaf.record}),
                **_times(leaf),
                "happened": _local(found),
                "position": leaf.position,
                "by": Label(f"finder.{leaf.data.get('found_by', 'imported')}"),
            }
            after = [each for each in self._of(filed) if _earlier(found, each.leaf)]
            for signed in after:
                person = self._person(signed.person.record)
                facts = (leaf.position, signed.leaf.position)
                yield Claim("hazard_before_signing", {**values, "person": person}, facts)
            if not after:
                yield Claim("hazard_after_signing", values, (leaf.position,))

    def _order(self) -> Iterator[Claim]:
        for leaf in self._own("order.issued"):
            values: dict[str, Value] = {
                **self._about(leaf),
                "number": str(leaf.data.get("number")),
                "by": self._organisation(str(leaf.data.get("by_org"))),
                "count": len(_dicts(leaf.data.get("items"))),
            }
            yield Claim("order_issued", values, (leaf.position,))
        yield from self._steps()

    def _hazard_life(self) -> Iterator[Claim]:
        first = self._first()
        values = {**self._about(first), **self._hazard({"hazard": first.record})}
        yield Claim("hazard_life", values, (first.position,))
        yield from self._steps()

    def _inspection(self) -> Iterator[Claim]:
        first = self._first()
        yield Claim("inspection", self._about(first), (first.position,))
        yield from self._steps()

    def _first(self) -> Leaf:
        own = self.evidence.about.id
        return next(leaf for leaf in self.evidence.leaves.values() if leaf.record == own)

    def _steps(self) -> Iterator[Claim]:
        """Yield every fact about the subject, in order."""
        for leaf in self.evidence.leaves.values():
            if self.evidence.about.id in leaf.about and leaf.topic != SIGNED:
                values: dict[str, Value] = {
                    "topic": Label(f"topic.{leaf.topic}"),
                    "position": leaf.position,
                    "person": self._person(str(leaf.actor.get("person", ""))),
                    **_times(leaf),
                }
                yield Claim("step", values, (leaf.position,))

    def _trace(self) -> Iterator[Claim]:
        trace = self.evidence.trace or {}
        place = trace["place"]
        values: dict[str, Value] = {
            "organisation": str(place.get("name")),
            "code": str(trace.get("enterprise")),
            "at": _local(str(trace.get("at"))),
            "count": len(trace["facts"]),
            "findings": len(_dicts(trace.get("findings"))),
        }
        facts = tuple(line["position"] for line in trace["facts"])
        yield Claim("trace_rests_on_facts", values, facts)

    def _extract(self) -> Iterator[Claim]:
        """Yield what a bank is told of an enterprise: its hazards in numbers, and its grades."""
        first, gone = self._first(), self._taken_back()
        found: dict[str, int] = {}
        closed: set[str] = set()
        for leaf in self.evidence.leaves.values():
            if leaf.position in gone or first.record not in leaf.about:
                continue
            if leaf.topic in _FOUND:
                found[leaf.record] = leaf.position
            if leaf.topic in _FOUND and _closed_at_once(leaf):
                closed.add(leaf.record)
            elif leaf.topic == "ledger_row.imported":
                closed.discard(leaf.record)  # a later import of the row says that it is open
            elif leaf.topic in _CLOSED:
                closed.add(str(leaf.data.get("hazard", leaf.record)))
        shown = {record for record in found if record in closed}
        values: dict[str, Value] = {
            "organisation": self._organisation(first.record),
            "code": str(first.data.get("code", "")),
            "found": len(found),
            "closed": len(shown),
            "open": len(found) - len(shown),
        }
        yield Claim("extract", values, (first.position, *found.values()))
        yield from self._grades(gone)

    def _grades(self, gone: set[int]) -> Iterator[Claim]:
        for leaf in self.evidence.leaves.values():
            if leaf.position in gone or self.evidence.about.id not in leaf.about:
                continue
            values: dict[str, Value] = {
                "position": leaf.position,
                "by": self._organisation(str(leaf.data.get("by_org"))),
                **_times(leaf),
            }
            if leaf.topic == "grade.awarded":
                told: dict[str, Value] = {
                    "kind": Label(f"grade.{leaf.data.get('kind', 'enterprise')}"),
                    "grade": str(leaf.data.get("grade")),
                    "since": str(leaf.data.get("valid_from")),
                    "until": str(leaf.data.get("valid_to", "")),
                }
                yield Claim("grade_awarded", {**values, **told}, (leaf.position,))
            if leaf.topic == "grade.withdrawn":
                yield Claim("grade_withdrawn", values, (leaf.position,))

    def _taken_back(self) -> set[int]:
        """Return where facts stand that a correction took back without putting another there."""
        return {
            position
            for leaf in self.evidence.leaves.values()
            if leaf.topic == "fact.corrected" and "replacement" not in leaf.data
            for position in leaf.data.get("positions", ())
        }

    # Signatures.

    def _signed(self, signed: Signed) -> Iterator[Claim]:
        leaf, statement = signed.leaf, signed.statement
        values: dict[str, Value] = {
            "person": self._person(signed.person.record),
            "organisation": self._organisation(str(signed.post.data.get("organisation"))),
            "post": Label(f"post.{_role(signed)}"),
            "title": str(signed.post.data.get("title", "")),
            "meaning": statement.meaning,
            "document": signed.document.position,
            "position": leaf.position,
            "seen": statement.seen.size,
            "recorded": _local(leaf.recorded),
            "suite": Label(f"suite.{signed.key.data['key']['suite']}"),
        }
        facts = (leaf.position, signed.document.position)
        yield Claim("signed", values, facts)
        values = {
            "position": leaf.position,
            "appointment": signed.appointment.position,
            "since": _local(signed.appointment.happened),
            "key": signed.key.position,
            "registrar": self._person(str(signed.key.actor.get("person", ""))),
        }
        facts = (signed.appointment.position, signed.key.position)
        yield Claim("held_post_and_key", values, facts)

    def _together(self) -> Iterator[Claim]:
        """Yield what several signatures show together: one text, one after the other."""
        by_hash = {each.leaf.hash.hex(): each for each in self.evidence.signatures}
        for second in self.evidence.signatures:
            first = by_hash.get(second.statement.after or "")
            if first is None:
                continue
            values: dict[str, Value] = {
                "first": self._person(first.person.record),
                "second": self._person(second.person.record),
                "document": second.document.position,
            }
            facts = (first.leaf.position, second.leaf.position)
            yield Claim("same_text_in_order", values, facts)
            if first.person.record == second.person.record:
                yield Claim("one_person_two_posts", {"person": values["first"]}, facts)

    def _withdrawn(self) -> Iterator[Claim]:
        for leaf in self.evidence.leaves.values():
            if leaf.topic.endswith(".withdrawn"):
                values: dict[str, Value] = {"topic": Label(f"topic.{leaf.topic}"), **_times(leaf)}
                yield Claim("withdrawn", values, (leaf.position,))

    def _without_effect(self) -> Iterator[Claim]:
        filed = self._standing_report()
        if filed is None or filed.data.get("kind") != "zero":
            return
        missing = _ZERO_ROLES - {_role(each) for each in self._of(filed)}
        for role in sorted(missing):
            values: dict[str, Value] = {"post": Label(f"post.{role}"), "position": filed.position}
            yield Claim("signature_missing", values, (filed.position,))

    # Rolls.

    def _looked(self, looked: Looked) -> Iterator[Claim]:
        values: dict[str, Value] = {
            "of": looked.head.of.partition(" ")[2],
            "upto": looked.upto,
            "deadline": _local(looked.deadline),
        }
        facts = (looked.leaf.position,)
        content = looked.content
        if isinstance(content, Held | InForce):
            yield from self._bounded(looked, values)
            return
        values["organisation"] = self._organisation(looked.id)
        if content is None:
            yield Claim("not_on_the_roll", values, facts)
            return
        values["count"] = content.count
        yield Claim("filed_by_deadline" if content.filed else "not_filed", values, facts)
        late = self._standing_report()
        if late and late.hash.hex() not in {each.document for each in content.filed}:
            values["position"] = late.position
            yield Claim("filed_late", values, (*facts, late.position))
        if self.evidence.trace is not None:
            yield Claim("complete_up_to_roll", values, facts)

    def _bounded(self, looked: Looked, values: Mapping[str, Value]) -> Iterator[Claim]:
        """Yield, of each signature that a roll bounds, that its post or key counted throughout."""
        for signed in self.evidence.signatures:
            until = _counts_until(signed, looked)
            if until is None:
                continue
            key = "post" if isinstance(looked.content, Held) else "key"
            said = {
                **values,
                "person": self._person(signed.person.record),
                "position": signed.leaf.position,
                "until": until,
            }
            suffix = "until" if until else "throughout"
            yield Claim(f"{key}_{suffix}", said, (looked.leaf.position, signed.leaf.position))

    def _unbounded(self, signed: Signed) -> Iterator[Claim]:
        bounded = {
            type(looked.content)
            for looked in self.evidence.rolls
            if _counts_until(signed, looked) is not None
        }
        if bounded != {Held, InForce}:
            values: dict[str, Value] = {"position": signed.leaf.position}
            yield Claim("not_bounded", values, (signed.leaf.position,))

    def _incomplete(self) -> Iterator[Claim]:
        uptos = [each.upto for each in self.evidence.rolls if isinstance(each.content, Filed)]
        if uptos:
            yield Claim("after_the_roll", {"upto": max(uptos)})
        else:
            yield Claim("trace_not_bounded", {})

    # Whom and what.

    def _own(self, topic: str) -> list[Leaf]:
        return [
            leaf
            for leaf in self.evidence.leaves.values()
            if leaf.topic == topic and leaf.record == self.evidence.about.id
        ]

    def _standing_report(self) -> Leaf | None:
        filed = self._own("report.filed")
        return filed[-1] if filed else None

    def _of(self, document: Leaf) -> list[Signed]:
        return [each for each in self.evidence.signatures if each.document is document]

    def _about(self, leaf: Leaf) -> dict[str, Value]:
        enterprise = str(leaf.data.get("enterprise"))
        return {
            "organisation": self._organisation(enterprise),
            "position": leaf.position,
            **_times(leaf),
        }

    def _organisation(self, ident: str) -> Value:
        """Return an organisation's name as it was registered or last changed."""
        names = [
            f"{leaf.data['name']}"
            for leaf in self.evidence.leaves.values()
            if leaf.record == ident
            and leaf.topic.startswith("organisation.")
            and "name" in leaf.data
        ]
        return names[-1] if names else ident

    def _person(self, ident: str) -> Value:
        """Return a person's name, or that it is kept back or erased."""
        facts = [leaf for leaf in self.evidence.leaves.values() if leaf.record == ident]
        for leaf in facts:
            name = self.evidence.disclosed.get((leaf.position, "name"))
            if name is not None:
                return name
        if any(leaf.topic == "person.erased" for leaf in facts):
            return Label("name.erased")
        return Label("name.masked") if ident else Label("name.none")

    def _hazard(self, told: Mapping[str, Any]) -> dict[str, Value]:
        ident = str(told.get("hazard"))
        number = next(
            (
                str(leaf.data["number"])
                for leaf in self.evidence.leaves.values()
                if leaf.record == ident and "number" in leaf.data
            ),
            ident,
        )
        return {"number": number, "state": str(told.get("state", ""))}


_SUBJECTS = {
    "report": _Telling._report,  # noqa: SLF001 - its own table
    "order": _Telling._order,  # noqa: SLF001
    "hazard": _Telling._hazard_life,  # noqa: SLF001
    "inspection": _Telling._inspection,  # noqa: SLF001
    "expert_inspection": _Telling._inspection,  # noqa: SLF001
    "trace": _Telling._trace,  # noqa: SLF001
    "extract": _Telling._extract,  # noqa: SLF001
}


def _closed_at_once(leaf: Leaf) -> bool:
    """Tell whether the fact that tells of a hazard tells that it is closed, too."""
    return leaf.data.get("fixed_on_spot") is True or "closed" in leaf.data


def _role(signed: Signed) -> str:
    return str(signed.leaf.data["role"])


def _counts_until(signed: Signed, looked: Looked) -> int | None:
    """Return where the roll says that the signer's post or key ended after the signature.

    0 where it had not ended; None where the roll says nothing of this signature.
    """
    if looked.upto < signed.leaf.position:
        return None
    content = looked.content
    if isinstance(content, Held) and looked.id == signed.post.record:
        times = [each for each in content.held if each.since == signed.appointment.position]
    elif isinstance(content, InForce) and looked.id == signed.key.record:
        return content.until or 0
    else:
        return None
    return (times[0].until or 0) if times else None


def _found(leaf: Leaf) -> str | None:
    """Return when a hazard was found, by the fact that says so: a finding or an imported row."""
    if leaf.topic == "hazard.found":
        return leaf.happened
    return str(leaf.data.get("found")) if leaf.topic == "ledger_row.imported" else None


def _times(leaf: Leaf) -> dict[str, Value]:
    return {"happened": _local(leaf.happened), "recorded": _local(leaf.recorded)}


def _local(moment: str) -> str:
    """Return an instant in UTC as Beijing time, to the second; a day as it is."""
    try:
        return _told(datetime.fromisoformat(moment)) if "T" in moment else moment
    except ValueError:
        return moment


def _earlier(happened: str, signed: Leaf) -> bool:
    """Tell whether something happened before a signature was recorded; days compare as days."""
    moment = _local(happened)
    return moment < _local(signed.recorded)[: len(moment)]


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(_BEIJING):%Y-%m-%d %H:%M:%S}"


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
