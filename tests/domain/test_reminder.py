"""Where somebody wants to be reminded: the last word counts, and an erased address is none."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from domain.fact import Sealed
from domain.reminder import (
    FeedClosed,
    FeedOpened,
    MailboxChosen,
    MailboxLeft,
    addresses_of,
    feed_id,
    reader_of,
)
from tests.support.book import Book

WANG, ZHAO = UUID(int=1), UUID(int=2)
DAY = date(2024, 5, 1)


def chosen(person: UUID, address: str) -> MailboxChosen:
    return MailboxChosen(person=person, address=Sealed.close(address, person, bytes(16)))


def test_a_feed_shows_its_owner_until_it_is_closed() -> None:
    book, feed = Book(), feed_id("secret")
    assert reader_of([]) is None
    book.enter(feed, FeedOpened(person=WANG), DAY)
    assert reader_of(book.entries) == WANG
    book.enter(feed, FeedClosed(person=WANG), DAY)
    assert reader_of(book.entries) is None


def test_the_address_chosen_last_counts() -> None:
    book = Book()
    book.enter(uuid4(), chosen(WANG, "a@example.cn"), DAY)
    book.enter(uuid4(), chosen(ZHAO, "z@example.cn"), DAY)
    book.enter(uuid4(), chosen(WANG, "b@example.cn"), DAY)
    assert addresses_of(book.entries) == {WANG: "b@example.cn", ZHAO: "z@example.cn"}
    book.enter(uuid4(), MailboxLeft(person=WANG), DAY)
    book.enter(uuid4(), FeedOpened(person=WANG), DAY)
    assert addresses_of(book.entries) == {ZHAO: "z@example.cn"}


def test_an_erased_address_is_none() -> None:
    book = Book()
    book.enter(uuid4(), chosen(WANG, "a@example.cn"), DAY)
    erased = chosen(WANG, "b@example.cn")
    forgotten = MailboxChosen(
        person=WANG, address=Sealed(digest=erased.address.digest, subject=WANG)
    )
    book.enter(uuid4(), forgotten, DAY)
    assert addresses_of(book.entries) == {}
