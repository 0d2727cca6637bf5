"""How society watches in the demo year: channels, reports from the public, exposure, publicity."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, clock, workday
from api.demo.cast import Character
from api.demo.scribe import ident
from domain.exposure import ExposureGround, UnitExposed
from domain.organisation import OrgKind
from domain.publicity import Medium, PublicityMade
from domain.tip import (
    FindingsSigned,
    FindingsWritten,
    RewardDecided,
    RewardPaid,
    TipAccepted,
    TipAnswered,
    TipChecked,
    TipReceived,
    TipRefused,
    Verified,
    tip_id,
)
from domain.tip_office import Channel, ChannelOpened, RulesAdopted, RulesKind

if TYPE_CHECKING:
    from uuid import UUID

    from api.demo.county import County, Enterprise, Office
    from domain.tip import TipFact

_RECEIVING = (OrgKind.GOVERNMENT, OrgKind.ZONE, OrgKind.DEPARTMENT)
_SET_UP = date(YEAR - 2, 6, 1)
"""When everybody set up what they have for reports."""
_WITHOUT_EMAIL = "commerce"
"""The department that never set up an address for reports."""
_MATTERS = ("夜班无人值守仍在生产", "消防通道长期锁闭", "吊装作业无人指挥")
_MONTH_OF_SAFETY = date(YEAR, 6, 17)


class Society:
    """Puts on the agenda what 五（二） asks for, and what citizens of the county report."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.scribe = county.scribe

    def plan(self) -> None:
        """Put the whole year on the agenda."""
        for office in self.county.offices.values():
            if office.body.kind in _RECEIVING:
                self._set_up(office)
        government = self.county.offices["county"]
        publish = partial(self._publish, government)
        self.scribe.at(clock(workday(_MONTH_OF_SAFETY), 10), publish)
        careless = [
            at
            for at in self.county.firms.values()
            if at.firm.character is Character.CARELESS and at.regulator and not at.firm.opens
        ]
        for number, at in enumerate(careless[: len(_MATTERS)]):
            received = workday(date(YEAR, 3 + 2 * number, 11))
            if at.opens < received < at.closes and at.regulator:
                self.scribe.at(clock(received, 9.5), partial(self._receive, at, number))
        for at in careless[:1]:
            exposed = clock(workday(date(YEAR, 9, 5)), 11)
            self.scribe.at(exposed, partial(self._expose, at))

    def _set_up(self, office: Office) -> None:
        """Enter the channels and rules that an office has had for years."""
        key, body = office.body.key, office.id
        channels = [(Channel.TELEPHONE, "0539-12350"), (Channel.EMAIL, f"{key}@yichuan.example")]
        for channel, address in channels:
            if channel is Channel.EMAIL and key == _WITHOUT_EMAIL:
                continue
            opened = ChannelOpened(body=body, channel=channel, address=address)
            record = ident(f"channel {key} {channel}")
            self.scribe.write(None, (record, opened), happened=_SET_UP)
        for kind, name in ((RulesKind.PROCEDURE, "办理"), (RulesKind.REWARD, "奖励")):
            document = f"{office.name}安全生产举报{name}办法"
            adopted = RulesAdopted(body=body, kind=kind, document=document)
            self.scribe.write(None, (ident(f"rules {key} {kind}"), adopted), happened=_SET_UP)

    def _publish(self, office: Office) -> None:
        fact = PublicityMade(
            body=office.id,
            media=(Medium.TELEVISION, Medium.INTERNET),
            outlet="县融媒体中心“安全生产月”专栏",
            content=self.scribe.words("身边的隐患和举报渠道", office.id),
        )
        self.scribe.write(office.posts["deputy"], (ident("publicity June"), fact))

    def _expose(self, at: Enterprise) -> None:
        office = at.regulator
        if office is None:
            return
        fact = UnitExposed(
            enterprise=at.id,
            by_org=office.id,
            ground=ExposureGround.GOING_THROUGH_MOTIONS,
            text=self.scribe.words("自查记录连续三个月内容相同，与现场不符", at.id),
            media=(Medium.INTERNET,),
            document=self.scribe.document(f"{office.name}曝"),
        )
        self.scribe.write(office.posts["deputy"], (ident(f"exposure {at.firm.key}"), fact))

    # one report: the first is answered and rewarded, the second refused, the third left lying

    def _receive(self, at: Enterprise, number: int) -> None:
        office = at.regulator
        if office is None:
            return
        receipt = sha256(f"demo tip {number}".encode()).hexdigest()
        fact = TipReceived(
            body=office.id,
            receipt=receipt,
            channel=Channel.TELEPHONE,
            enterprise=at.id,
            matter=self.scribe.words(_MATTERS[number], office.id),
        )
        tip, post = tip_id(receipt), office.posts["deputy"]
        self.scribe.write(post, (tip, fact))
        if number == 0:
            self._handle(office, tip)
        elif number == 1:
            words = self.scribe.words("所反映的通道属相邻市场，已转告其管理方", office.id)
            self._later(office, tip, 1, TipRefused(body=office.id, reason=words))

    def _handle(self, office: Office, tip: UUID) -> None:
        body, post = office.id, office.posts["deputy"]
        say = partial(self.scribe.words, subject=body)
        written = FindingsWritten(
            body=body, findings=say("夜班两名操作工脱岗"), measures_needed=True
        )
        signed = FindingsSigned(body=body, post=post, person=self.scribe.holders[post])
        for days, fact in (
            (1, TipAccepted(body=body)),
            (6, TipChecked(body=body, verified=Verified.TRUE)),
            (8, written),
            (9, signed),
            (15, TipAnswered(body=body, answer=say("举报属实，已责令整改并处理"))),
            (25, RewardDecided(body=body, amount=200_000, rules="举报奖励办法")),
            (40, RewardPaid(body=body, amount=200_000)),
        ):
            self._later(office, tip, days, fact)

    def _later(self, office: Office, tip: UUID, days: int, fact: TipFact) -> None:
        on = clock(self.scribe.today + timedelta(days=days), 16)
        self.scribe.at(on, lambda: self.scribe.write(office.posts["deputy"], (tip, fact)))
