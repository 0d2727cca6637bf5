"""What a body sets up for reports from the public 举报: channels, procedure, reward rules (5.2g).

And the key of its own (5.2d): what an informant sends is encrypted to it, and opens by it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from domain.age import RECIPIENT
from domain.fact import BodyFact, FreeText, PostId
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from domain.fact import Entry


class Channel(StrEnum):
    """How a report reaches a body 举报渠道."""

    TELEPHONE = "telephone"
    EMAIL = "email"
    WEB = "web"
    LETTER = "letter"
    VISIT = "visit"
    OTHER = "other"


class ChannelOpened(
    BodyFact,
    topic="tip_channel.opened",
    zh="设立举报渠道",
    en="Channel for tips opened",
    starts=True,
):
    """A body can be reached by this number or address, which the public is told (5.2g)."""

    channel: Channel
    address: str = Field(
        min_length=1,
        max_length=200,
        description="向社会公布的电话号码、电子邮箱或地址",
        examples=["0539-12350"],
    )
    published: str | None = Field(default=None, max_length=200, examples=["县政府网站"])


class ChannelClosed(
    BodyFact, topic="tip_channel.closed", zh="停用举报渠道", en="Channel for tips closed"
):
    """Nobody is reached by it any more."""

    reason: FreeText | None = None


class RulesKind(StrEnum):
    """What is laid down 制度类别."""

    PROCEDURE = "procedure"
    REWARD = "reward"


class RulesAdopted(
    BodyFact, topic="tip_rules.adopted", zh="制定举报制度", en="Rules for tips adopted", starts=True
):
    """How tips are handled 办事程序 and by whom, or how they are rewarded 奖励办法 (5.2g, 5.2c)."""

    kind: RulesKind
    document: str = Field(min_length=1, max_length=200, examples=["沂南应急发〔2024〕6号"])
    content: FreeText | None = None


class RulesEnded(BodyFact, topic="tip_rules.ended", zh="废止举报制度", en="Rules for tips ended"):
    """They are in force no longer."""

    reason: FreeText | None = None


class Item(StrEnum):
    """What each body must have on file (5.2g)."""

    TELEPHONE = "telephone"
    EMAIL = "email"
    PROCEDURE = "procedure"
    REWARD = "reward"


@dataclass(frozen=True, slots=True)
class InForce:
    """One channel or one set of rules: from when to when it was there (None: still)."""

    entry: Entry
    fact: ChannelOpened | RulesAdopted
    since: date | datetime
    until: date | datetime | None


def on_file(entries: Iterable[Entry], item: Item) -> Iterator[InForce]:
    """Yield what a body had of one item, in the order of the facts.

    Args:
        entries: the facts about the body.
        item: the telephone, the e-mail, the procedure or the reward rules.
    """
    told = list(entries)
    ended = {
        entry.record: moment_of(entry)
        for entry in told
        if isinstance(entry.fact, ChannelClosed | RulesEnded)
    }
    for entry in told:
        fact = entry.fact
        if not isinstance(fact, ChannelOpened | RulesAdopted):
            continue
        kind = fact.channel if isinstance(fact, ChannelOpened) else fact.kind
        if kind.value == item.value:
            yield InForce(entry, fact, moment_of(entry), ended.get(entry.record))


TIP_KEYS = uuid5(NAMESPACE_URL, "https://daocha.example/tip-key")


def tip_key_id(recipient: str) -> UUID:
    """Return the record id that a key's public half fixes (UUIDv5)."""
    return uuid5(TIP_KEYS, recipient.strip())


class TipKeyRegistered(
    BodyFact,
    topic="tip_key.registered",
    zh="登记举报受理密钥",
    en="Key for tips registered",
    starts=True,
    of_record=True,
    final=True,
):
    """The public half of a key of the body's own: what informants send is encrypted to it (5.2d).

    Its other half never comes near this program. ``keeper`` is the post that keeps it.
    """

    recipient: str = Field(
        pattern=RECIPIENT,
        description="age 公钥（age1…）；私钥只由保管岗位自己保存",
        examples=["age17r6j8c6q4q4ew2j0j3pzfht33ndrct36jp9qknf6xu047d9emfcqm3aq3h"],
    )
    keeper: PostId = Field(description="保管私钥的岗位")

    @property
    def id(self) -> UUID:
        """The key's record."""
        return tip_key_id(self.recipient)


class TipKeyRetired(
    BodyFact,
    topic="tip_key.retired",
    zh="停用举报受理密钥",
    en="Key for tips retired",
    of_record=True,
    final=True,
):
    """Nothing is encrypted to it any more; what was, still opens by it."""

    reason: FreeText | None = None


def keys_in_force(entries: Iterable[Entry], body: UUID) -> dict[UUID, TipKeyRegistered]:
    """Return the keys of a body that are registered and not retired, by their records.

    Args:
        entries: the facts about the body, as far as they had happened.
        body: whose.
    """
    told = list(entries)
    retired = {entry.record for entry in told if isinstance(entry.fact, TipKeyRetired)}
    return {
        entry.record: fact
        for entry, fact in facts_of(told, TipKeyRegistered)
        if fact.body == body and entry.record not in retired
    }
