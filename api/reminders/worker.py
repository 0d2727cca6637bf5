"""Sending reminders, in a thread of the server's process or by ``daocha reminders send``."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from api.chores import Chore
from api.reminders import mail, webhooks
from api.reminders.outcome import NotTaken, Uncertain
from api.reminders.settings import read_settings
from api.reminders.telling import digest_of, due_to, events_for, message_id
from domain.ledger import Query
from domain.moment import SHANGHAI, local_day
from domain.organisation import organisation_id
from domain.reminder import addresses_of
from projections.outbox import Channel
from projections.owed import rules_in_force
from projections.owed_asked import stale_among

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from api.reminders.settings import ReminderSettings, Webhook
    from api.reminders.telling import Due
    from api.serving import Reads, Serving
    from projections.outbox import Outbox

_LOOKED = timedelta(minutes=30)
"""How often it is looked whether somebody is to get a mail."""
_FILLED = timedelta(minutes=5)
"""How often it is looked what programs are to be told; what waits is sent every round."""
_AT_A_TIME = 1000
_MORNING = 7
"""No mail before this hour of the day."""
_MAILBOXES = ("mailbox.chosen", "mailbox.left")


def fill(here: Reads, outbox: Outbox, settings: ReminderSettings, *, mail_too: bool) -> int:
    """Put into the outbox whatever somebody is to be told and was not.

    Args:
        here: the record, and the clock.
        outbox: where to.
        settings: by what, and whom.
        mail_too: whether to look for mail as well, which asks for everybody's desk.

    Returns:
        How many messages were put there.
    """
    number = 0
    for endpoint in settings.webhook:
        number += _fill_webhook(here, outbox, settings, endpoint)
    if settings.mail and mail_too:
        for person in mailboxes(here):
            number += _fill_mail(here, outbox, settings, person)
    return number


def mailboxes(here: Reads, person: UUID | None = None) -> dict[UUID, str]:
    """Return to which address each person's reminders go; of one person only, if one is named."""
    tags = (f"person:{person}",) if person else ()
    return addresses_of(here.ledger.read(Query(tags, _MAILBOXES)))


def _settled_on(here: Reads, found: Iterable[Due]) -> list[Due]:
    """Leave out what a fact has touched since it was judged: it may be done. It comes next time."""
    listed = list(found)
    organisations = {each.row["docket"] for each in listed}
    stale = stale_among(here.views, here.now(), rules=rules_in_force(), organisations=organisations)
    return [each for each in listed if each.row["docket"] not in stale]


def _fill_webhook(
    here: Reads, outbox: Outbox, settings: ReminderSettings, endpoint: Webhook
) -> int:
    organisation = organisation_id(endpoint.organisation) if endpoint.organisation else None
    number = 0
    events = events_for(here, organisation, settings)
    while some := list(islice(events, _AT_A_TIME)):
        found = {each.telling: each for each in _settled_on(here, some)}
        now = here.now()
        messages = [
            (
                message_id(Channel.WEBHOOK, endpoint.name, [telling]),
                webhooks.event_of(found[telling], now),
                [telling],
            )
            for telling in outbox.untold(Channel.WEBHOOK, endpoint.name, list(found))
        ]
        number += outbox.put(Channel.WEBHOOK, endpoint.name, messages, now)
    return number


def _fill_mail(here: Reads, outbox: Outbox, settings: ReminderSettings, person: UUID) -> int:
    now = here.now()
    day = local_day(now)
    if outbox.made_on(Channel.MAIL, str(person), day):
        return 0
    found = _settled_on(here, due_to(here, person, settings))
    untold = outbox.untold(Channel.MAIL, str(person), [each.telling for each in found])
    if not untold:
        return 0
    new = set(untold)
    body = digest_of(each for each in found if each.telling in new)
    ident = message_id(Channel.MAIL, str(person), untold)
    return outbox.put(Channel.MAIL, str(person), [(ident, body, untold)], now)


def send(here: Reads, outbox: Outbox, settings: ReminderSettings) -> int:
    """Send what waits in the outbox and is due; return how much of it was taken."""
    return _send_webhooks(here, outbox, settings) + _send_mail(here, outbox, settings)


def _send_webhooks(here: Reads, outbox: Outbox, settings: ReminderSettings) -> int:
    endpoints = {endpoint.name: endpoint for endpoint in settings.webhook}
    taken = 0
    for message in outbox.take(Channel.WEBHOOK, here.now()):
        endpoint = endpoints.get(message.recipient)
        now = here.now()
        if endpoint is None:
            outbox.failed(message.id, now, "no longer in reminders.toml", None)
            continue
        try:
            webhooks.deliver(endpoint, message.id, message.body, message.attempts, now)
        except NotTaken as error:
            outbox.failed(message.id, now, str(error), error.again)
        else:
            outbox.sent(message.id, now)
            taken += 1
    return taken


def _send_mail(here: Reads, outbox: Outbox, settings: ReminderSettings) -> int:
    server = settings.mail
    if server is None:
        return 0
    addresses = mailboxes(here)
    taken = 0
    for message in outbox.take(Channel.MAIL, here.now()):
        now = here.now()
        address = addresses.get(UUID(message.recipient))
        if address is None:
            outbox.failed(message.id, now, "no mailbox any more", None)
            continue
        composed = mail.compose(message.id, address, message.body, settings, server, now)
        try:
            mail.deliver(server, composed, message.attempts)
        except NotTaken as error:
            outbox.failed(message.id, now, str(error), error.again)
        except Uncertain as error:
            outbox.uncertain(message.id, now, str(error))
        else:
            outbox.sent(message.id, now)
            taken += 1
    return taken


class Reminder(Chore):
    """Reminds, in a thread of the server's process; several processes take turns.

    Args:
        here: the record, and the clock.
        outbox: what is to be sent.
    """

    name = "reminder"
    every = 60.0
    fails = "reminders are not sent"

    def __init__(self, here: Serving, outbox: Outbox) -> None:
        super().__init__()
        self._here = here
        self._outbox = outbox
        self._looked: datetime | None = None
        self._filled: datetime | None = None

    def do(self) -> None:
        """Put what has to be told into the outbox, and send what is in it."""
        settings = read_settings(self._here.settings.home)
        if not (settings.mail or settings.webhook):
            return
        now = self._here.now()
        morning = now.astimezone(SHANGHAI).hour >= _MORNING
        due = morning and (self._looked is None or now - self._looked >= _LOOKED)
        self._looked = now if due else self._looked
        with self._outbox.alone():
            self._outbox.recover(now)
            if due or self._filled is None or now - self._filled >= _FILLED:
                self._filled = now
                fill(self._here, self._outbox, settings, mail_too=due)
            send(self._here, self._outbox, settings)
