"""The enterprise's own rules 规章制度 on hazards: kinds, versions, who adopted them (1.3f)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, PersonId, PostId
from domain.moment import Day, earlier, no_later, start
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.fact import Entry


class RuleKind(StrEnum):
    """What a rule is about 制度类别.

    The first four are named by 1.3f; that on the use of funds by 1.3c; the system of
    responsibility by 1.3b.
    """

    INVESTIGATION = "investigation"
    REGISTRATION = "registration"
    REPORTING = "reporting"
    RECTIFICATION = "rectification"
    FUNDS = "funds"
    RESPONSIBILITY = "responsibility"
    OTHER = "other"


NAMED = (
    RuleKind.INVESTIGATION,
    RuleKind.REGISTRATION,
    RuleKind.REPORTING,
    RuleKind.RECTIFICATION,
)
"""The kinds that 1.3f names: 排查、登记、报告、整改."""


class OwnRuleAdopted(
    EnterpriseFact,
    topic="own_rule.adopted",
    zh="制定规章制度",
    en="Own rule adopted",
    starts=True,
):
    """A version of a rule of the enterprise's own: who adopted it, in which post, since when."""

    kind: RuleKind
    title: str = Field(min_length=1, max_length=200, examples=["事故隐患排查治理制度"])
    version: str = Field(min_length=1, max_length=50, examples=["2024年版"])
    adopted_by: PersonId
    post: PostId | None = Field(default=None, description="以何岗位批准")
    since: Day | None = Field(default=None, description="施行日期；省略即为制定之日")
    document: str | None = Field(default=None, max_length=200)
    content: FreeText | None = None


class OwnRuleRepealed(
    EnterpriseFact, topic="own_rule.repealed", zh="废止规章制度", en="Own rule repealed"
):
    """That version is in force no longer, and no other takes its place by this."""

    reason: FreeText | None = None


def own_rule_id(enterprise: UUID, kind: RuleKind, title: str, version: str) -> UUID:
    """Return the record id of a version of an enterprise's rule (UUIDv5).

    Of the named kinds there is one rule, whatever it is called; of the others one by each title.
    """
    named = title if kind is RuleKind.OTHER else ""
    return uuid5(enterprise, f"own-rule {kind.value} {named} {version}")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a rule: by which fact, from which day, and to when (None: still in force)."""

    entry: Entry
    fact: OwnRuleAdopted
    since: date | datetime
    until: date | datetime | None

    def holds(self, at: date | datetime) -> bool:
        """Tell whether it is in force at a moment; on the day that ends it, no longer."""
        return no_later(self.since, at) and (self.until is None or earlier(at, self.until))


def versions(entries: list[Entry]) -> list[Version]:
    """Return every version of an enterprise's rules, each until the next one or its repeal.

    Args:
        entries: the facts about one enterprise.
    """
    repealed = {entry.record: moment_of(entry) for entry, _ in facts_of(entries, OwnRuleRepealed)}
    adopted = [
        (entry, fact, fact.since or moment_of(entry))
        for entry, fact in facts_of(entries, OwnRuleAdopted)
    ]
    adopted.sort(key=lambda each: (start(each[2]), each[0].position))
    found = []
    for index, (entry, fact, since) in enumerate(adopted):
        ends = [later for _, other, later in adopted[index + 1 :] if _replaces(other, fact)][:1]
        ends += [repealed[entry.record]] if entry.record in repealed else []
        found.append(Version(entry, fact, since, min(ends, key=start, default=None)))
    return found


def _replaces(new: OwnRuleAdopted, old: OwnRuleAdopted) -> bool:
    same = new.title == old.title or old.kind is not RuleKind.OTHER
    return new.kind is old.kind and same


def missing_kinds(entries: list[Entry], at: date | datetime) -> list[RuleKind]:
    """Return which of the kinds that 1.3f names have no version in force at a moment."""
    there = {each.fact.kind for each in versions(entries) if each.holds(at)}
    return [kind for kind in NAMED if kind not in there]
