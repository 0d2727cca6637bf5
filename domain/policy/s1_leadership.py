"""一（一） Leadership 领导责任: meetings of the head, decisions for which the deputy answers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from domain.answer import Line
from domain.meeting import MeetingHeld, MeetingRecord
from domain.moment import end, late, local_day, no_later
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.policy.bearers import head, in_charge
from domain.policy.duty import DutyRule, Opening, Section, Who, bearing
from domain.policy.rhythm import turns
from domain.policy.s3_2_reporting import ISSUED
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from domain.directory import Organisation
    from domain.fact import Entry
    from domain.policy.duty import Bearing, Docket

_GOVERNMENTS = (OrgKind.GOVERNMENT, OrgKind.ZONE)


def governments(docket: Docket) -> list[Organisation]:
    """Return the governments and zone committees whose duties the docket shows, nearest first."""
    known = (docket.directory.organisations[body] for body in docket.bodies)
    return [each for each in known if each.kind in _GOVERNMENTS]


# 1.1b who leads: party head, government head, deputies for safety and for the line of business

_PARTS = (
    (PostKind.PARTY_HEAD, "党政同责：党委主要负责人", "the party's head, jointly responsible"),
    (PostKind.PRINCIPAL, "“一把手”负总责：政府主要负责人", "the head, responsible for all of it"),
    (
        PostKind.DEPUTY,
        "分管安全生产的负责人具体负责",
        "the deputy for safety, responsible in detail",
    ),
    (
        PostKind.DEPUTY_LINE,
        "一岗双责：分管行业的负责人对分管领域负责",
        "the deputy for the line of business, responsible for its safety too",
    ),
)


def leading(docket: Docket, since: date) -> Iterator[tuple[tuple[str, str], Bearing]]:
    """Yield the leadership line over the place, each part in words with who bore it since a day.

    A post that is not on record is yielded too: its bearing has no post.
    """
    for body in governments(docket):
        begins = max(local_day(body.began), since)
        for kind, zh, en in _PARTS:
            who = Who(body.id, kind)
            yield (zh, en), bearing(docket, who, begins, docket.at, docket.at)


# 1.1c the head holds a meeting each period


def _meetings_owed(docket: Docket) -> Iterator[Opening]:
    for body in governments(docket):
        since = max(local_day(docket.silent_since(body.began)), ISSUED)
        for turn in turns(docket, "1.1c.meeting", since, body.closed):
            yield Opening(
                subject=f"org:{body.id}",
                at=max(turn.first, since),
                who=head(body.id),
                owed_to=docket.government(body.id),
                due=end(turn.last),
                detail=turn.name,
            )


def _meeting_held(docket: Docket, about: Opening) -> Entry | None:
    """A meeting of that period which whoever was head then chaired."""
    body = UUID(about.subject.partition(":")[2])
    for entry, fact in facts_of(docket.about(about.subject), MeetingHeld):
        heads = docket.directory.holders(body, PostKind.PRINCIPAL, entry.happened)
        chaired = any(held.person == fact.chair for held in heads)
        begun = no_later(about.at, entry.happened)
        if chaired and begun and about.due and not late(entry.happened, about.due):
            return entry
    return None


# 1.1d each decision is carried out by when it says


def _decisions(docket: Docket) -> Iterator[Opening]:
    for meeting, entry, held in _meetings(docket):
        for decision in held.decisions:
            if decision.enterprise not in (None, docket.enterprise):
                continue
            post = docket.directory.posts.get(decision.post)
            title = post.title if post else str(decision.post)
            org = docket.directory.name(post.organisation) if post else ""
            yield Opening(
                subject=meeting.subject,
                at=moment_of(entry),
                who=in_charge(held.body),
                owed_to=docket.government(held.body),
                by=(entry,),
                due=end(decision.due),
                detail=str(decision.item),
                note=(f"由{org}{title}落实", f"to be carried out by {title}, {org}"),
            )


def _meetings(docket: Docket) -> Iterator[tuple[MeetingRecord, Entry, MeetingHeld]]:
    bodies = set(docket.bodies)
    for entry, held in facts_of(docket.entries, MeetingHeld):
        if held.body in bodies:
            tag = f"meeting:{entry.record}"
            yield MeetingRecord(tag, docket.about(tag)), entry, held


def _carried_out(docket: Docket, about: Opening) -> Entry | None:
    meeting = MeetingRecord(about.subject, docket.about(about.subject))
    return meeting.carried_out(int(about.detail))


SECTION = Section(
    duties=(
        DutyRule(
            "1.1c",
            "meeting",
            Line.LEADERSHIP,
            "主要领导定期召开会议研究隐患问题",
            "The head holds a meeting on hazards",
            _meetings_owed,
            _meeting_held,
            within="1.1c.meeting",
        ),
        DutyRule(
            "1.1d",
            "decision",
            Line.LEADERSHIP,
            "落实会议决定",
            "See that the meeting's decision is carried out",
            _decisions,
            _carried_out,
        ),
    ),
)
