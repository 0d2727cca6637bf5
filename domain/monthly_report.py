"""Monthly reports 月报 and zero reports 零报告 (3.2a, 3.2c)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal
from uuid import UUID, uuid5

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, Frozen, HazardId, OrgRef, PersonId
from domain.record import Record, facts_of

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


if TYPE_CHECKING:
    from domain.fact import Entry


class MonthFact(EnterpriseFact):
    """A fact about one enterprise's report of one month."""

    month: str = Field(pattern=MONTH, examples=["2024-05"])


class ReportedHazard(Frozen):
    """A hazard in a monthly report and how far it is rectified, by the enterprise's word."""

    hazard: HazardId
    state: str = Field(max_length=50, examples=["整改中"])


class ReportFiled(
    MonthFact,
    topic="report.filed",
    zh="报送月报",
    en="Monthly report filed",
    of_record=True,
):
    """An ordinary report, or a zero report waiting for both signatures.

    A zero report takes effect only by the electronic signatures (``signature.made``) of the deputy
    and the principal under this very text (3.2c, 电子签名法 arts. 13–14).

    ``older`` lists the hazards of earlier months still open, which a zero report must name.
    A later filing of the same month replaces the text; signatures on the earlier one lapse.
    """

    kind: Literal["ordinary", "zero"]
    to_org: OrgRef
    hazards: tuple[ReportedHazard, ...] = ()
    older: tuple[ReportedHazard, ...] = ()
    text: FreeText | None = None


class Role(StrEnum):
    """In which post a report is endorsed 签字岗位."""

    DEPUTY = "deputy"
    PRINCIPAL = "principal"


class ReportEndorsed(
    MonthFact,
    topic="report.endorsed",
    zh="签字（未经电子签名）",
    en="Report endorsed (unsigned)",
    of_record=True,
):
    """A person's name under the filed text, by the record's word only: 未经电子签名.

    It gives a zero report no effect, unless the setting ``3.2c.unsigned`` in force then says so; to
    sign, record ``signature.made``.
    """

    role: Role
    person: PersonId
    filing: int = Field(ge=1, description="所签文本在本记录中的版本号")


class ReportWithdrawn(
    MonthFact,
    topic="report.withdrawn",
    zh="撤回月报",
    en="Report withdrawn",
    of_record=True,
):
    """The enterprise takes its report back; what was filed stays on record."""

    reason: FreeText


class ReportAnswered(
    MonthFact,
    topic="report.answered",
    zh="整改效果评价反馈",
    en="Report answered",
    of_record=True,
):
    """The regulator answers a report that holds hazards (3.2j)."""

    by_org: OrgRef
    answer: FreeText


class DutyWaived(
    EnterpriseFact,
    topic="duty.waived",
    noun="waiver",
    zh="豁免义务",
    en="Duty waived",
    starts=True,
    of_record=True,
):
    """The counterpart waives a duty, with its reason; nothing else waives."""

    clause: str = Field(max_length=10, examples=["3.2a"])
    subject: str = Field(max_length=80, examples=["report:…"])
    by_org: OrgRef
    reason: FreeText


class ReportRecord(Record):
    """One enterprise's report of one month. Who signed it and its effect: ``policy.reports``."""

    @property
    def month(self) -> str:
        """The month it reports."""
        return next(fact.month for _, fact in facts_of(self.entries, MonthFact))

    @property
    def filing(self) -> Entry | None:
        """The filing that stands: the latest, unless it was withdrawn after."""
        entry = self.last("report.filed", "report.withdrawn")
        return entry if entry and entry.topic == "report.filed" else None


def kind_of(filing: Entry) -> str | None:
    """Return whether a filing is ``ordinary`` or ``zero``; None for what is no filing."""
    return filing.fact.kind if isinstance(filing.fact, ReportFiled) else None


def report_id(enterprise: UUID, month: str) -> UUID:
    """Return the record id of an enterprise's report for a month (UUIDv5 of both)."""
    return uuid5(enterprise, f"report {month}")
