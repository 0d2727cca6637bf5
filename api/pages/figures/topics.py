"""What kind of thing a fact is 事实种类 for the timeline, by its topic.

A topic that is not named here is a plain fact and is drawn as one.
"""

from __future__ import annotations

from enum import StrEnum


class Mark(StrEnum):
    """The shape of a fact: a square, a disc, a ring."""

    ORDER = "order"
    DONE = "done"
    EVENT = "event"


_ORDERS = (
    "order.issued", "order.extended", "order.breached", "order.withdrawn", "listing.proposed",
    "listing.made", "listing.declined", "listing.extended", "halt.", "licence.", "penalty.",
    "inspection.finding_disposed",
)  # fmt: skip
_DONE = (
    "order.served", "order.complied", "report.filed", "report.endorsed", "signature.made",
    "listing.served",
    "listing.plan_made", "listing.first_accepted", "listing.second_accepted", "listing.delisted",
    "hazard.planned", "hazard.reported", "hazard.rectified", "hazard.accepted", "hazard.closed",
    "inspection.record_signed", "inspection.file_closed",
)  # fmt: skip
_BACKGROUND = (
    "person.", "post.", "appointment.", "organisation.", "supervision.", "setting.", "fact.",
    "key.", "ledger.", "incident.",
)  # fmt: skip
_IMPORTED = ("ledger_row.", "import.")
_TURNS = (
    "hazard.found", "hazard.determined", "hazard.downgraded", "hazard.reported", "order.",
    "listing.", "halt.", "production.", "licence.", "penalty.", "inspection.held",
)  # fmt: skip
_HANDED_OVER = ("hazard.made_known", "hazard.reported", "listing.proposed")
_RECEIVED = {
    "order.served": "order.issued",
    "order.service_refused": "order.issued",
    "listing.served": "listing.made",
}


def mark_of(topic: str) -> Mark:
    """Return the shape of a fact."""
    if topic.startswith(_ORDERS):
        return Mark.ORDER
    return Mark.DONE if topic.startswith(_DONE) else Mark.EVENT


def aside(topic: str) -> str:
    """Say why facts of a topic are not drawn: background, imported; nothing where they are."""
    if topic.startswith(_IMPORTED):
        return "imported"
    return "background" if topic.startswith(_BACKGROUND) else ""


def is_turn(topic: str) -> bool:
    """Tell whether the story turns on facts of a topic, so that they are drawn first."""
    return topic.startswith(_TURNS)


def passes_on(topic: str) -> bool:
    """Tell whether by a fact of a topic something goes from whoever acts to somebody else."""
    return topic in _HANDED_OVER or topic in _RECEIVED


def sent_by(topic: str) -> str | None:
    """Return the topic of what is received by a fact of ``topic``, recorded by the receiver."""
    return _RECEIVED.get(topic)
