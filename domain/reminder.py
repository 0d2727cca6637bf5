"""Reminders 提醒: where somebody wants to be reminded of what they owe.

What there is to be reminded of follows from the duties; on record is only that somebody opened a
calendar feed, or gave an address for e-mail, and that they ended it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.fact import Fact, PersonId, Sealed
from domain.record import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.fact import Entry

_FEEDS = uuid5(NAMESPACE_URL, "https://daocha.example/feed")


class FeedOpened(
    Fact, topic="feed.opened", zh="开通日历订阅", en="Feed opened", starts=True, of_record=True
):
    """Whoever knows the feed's secret address reads this person's deadlines, until it is closed."""

    person: PersonId


class FeedClosed(Fact, topic="feed.closed", zh="停用日历订阅", en="Feed closed", of_record=True):
    """The address leads nowhere any more."""

    person: PersonId


class MailboxChosen(
    Fact,
    topic="mailbox.chosen",
    zh="选定提醒邮箱",
    en="Mailbox chosen",
    starts=True,
    of_record=True,
):
    """Reminders go to this address by e-mail from now on."""

    person: PersonId
    address: Sealed


class MailboxLeft(Fact, topic="mailbox.left", zh="停发提醒邮件", en="Mailbox left", of_record=True):
    """No reminders are sent by e-mail any more."""

    person: PersonId


def feed_id(secret: str) -> UUID:
    """Return the record id of a feed (UUIDv5 of the hex SHA-256 of its secret)."""
    return uuid5(_FEEDS, hashlib.sha256(secret.encode()).hexdigest())


def reader_of(feed: Sequence[Entry]) -> UUID | None:
    """Return whose deadlines a feed shows; None where there is no such feed, or no longer.

    Args:
        feed: the facts of its record.
    """
    opened = next((fact for _, fact in facts_of(list(feed), FeedOpened)), None)
    closed = any(facts_of(list(feed), FeedClosed))
    return opened.person if opened and not closed else None


def addresses_of(mailboxes: Iterable[Entry]) -> dict[UUID, str]:
    """Return to which address each person's reminders go: the one they chose last.

    Args:
        mailboxes: the facts about mailboxes in the ledger's order, opened; of an erased address
            there is nothing left.
    """
    found: dict[UUID, str] = {}
    for entry in mailboxes:
        if isinstance(entry.fact, MailboxChosen) and entry.fact.address.value:
            found[entry.fact.person] = entry.fact.address.value
        elif isinstance(entry.fact, MailboxChosen | MailboxLeft):
            found.pop(entry.fact.person, None)
    return found
