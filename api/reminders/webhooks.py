"""Reminders by webhook: signed as Standard Webhooks says, in order, to addresses of the file only.

https://github.com/standard-webhooks/standard-webhooks. No redirect is followed; anything but a 2xx
is tried again with growing pauses, under the same ``webhook-id``, and given up after some days.
What was given up stands in the outbox, and what follows goes on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import orjson
from standardwebhooks.webhooks import Webhook as Signer

from api.reminders.outcome import NotTaken

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from api.reminders.settings import Webhook
    from api.reminders.telling import Due

_WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""The pauses that Standard Webhooks suggests."""
_GONE = 410


def event_of(due: Due, now: datetime) -> dict[str, Any]:
    """Return what a webhook says of a duty: no names of people, no free text."""
    row = due.row
    return {
        "type": "duty.overdue" if row["state"] == "broken" else "duty.due_soon",
        "timestamp": now.isoformat(),
        "data": {
            "duty": row["id"],
            "organisation": str(row["docket"]),
            "clause": row["clause"],
            "bearer": str(row["bearer_org"]) if row["bearer_org"] else None,
            "post": row["bearer_kind"],
            "owed_to": str(row["owed_to"]) if row["owed_to"] else None,
            "subject": row["subject"],
            "due": row["due"].isoformat() if row["due"] else None,
            "stage": due.stage,
        },
    }


def deliver(
    endpoint: Webhook, ident: UUID, body: dict[str, Any], attempts: int, now: datetime
) -> None:
    """Send one event.

    Args:
        endpoint: where to.
        ident: of the message: the receiver knows by it what it has had before.
        body: what ``event_of`` returned.
        attempts: how often it was tried, this time included.
        now: the moment, which is signed too.

    Raises:
        NotTaken: the endpoint did not answer with 2xx.
    """
    text = orjson.dumps(body).decode()
    signature = Signer(endpoint.secret).sign(str(ident), now, text)
    headers = {
        "content-type": "application/json",
        "webhook-id": str(ident),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    again = _WAITS[attempts - 1] if attempts <= len(_WAITS) else None
    try:
        with httpx.Client(follow_redirects=False, timeout=endpoint.seconds, trust_env=False) as web:
            answer = web.post(endpoint.url, content=text, headers=headers)
    except httpx.HTTPError as error:
        raise NotTaken(type(error).__name__, again) from error
    if not answer.is_success:
        raise NotTaken(str(answer.status_code), None if answer.status_code == _GONE else again)
