"""How a month's report stands 月报状态: who signed its text, whether it has effect, what undid it.

One pure function, :func:`standing`, says it to everybody: the trace, the lists, the record's own
page. An ordinary report has effect by being filed, a zero report by the second of both signatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.moment import earlier, end, last_day, late, month_of
from domain.monthly_report import ReportEndorsed, ReportFiled, Role, kind_of
from domain.people import PostKind
from domain.policy.bearers import known_to_enterprise
from domain.record import facts_of, moment_of
from domain.signed import signatures_on, withdrawal_of

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry
    from domain.hazard import HazardRecord
    from domain.monthly_report import ReportRecord
    from domain.policy.duty import Docket

POSTS = {Role.DEPUTY: PostKind.DEPUTY, Role.PRINCIPAL: PostKind.PRINCIPAL}
POST_WORDS = {Role.DEPUTY: ("分管负责人", "deputy"), Role.PRINCIPAL: ("主要负责人", "principal")}
UNSIGNED = "3.2c.unsigned"
"""The setting by which a name put to a report without an electronic signature gives effect."""


class ReportState(StrEnum):
    """How a month's report stands 月报状态."""

    FILED = "filed"
    AWAITING_DEPUTY = "awaiting_deputy"
    AWAITING_PRINCIPAL = "awaiting_principal"
    EFFECTIVE = "effective"
    CONTRADICTED = "contradicted"
    OVERTAKEN = "overtaken"
    WITHDRAWN = "withdrawn"


STATE_WORDS = {
    ReportState.FILED: ("已报送，待分管负责人和主要负责人签署", "filed, awaiting both signatures"),
    ReportState.AWAITING_DEPUTY: ("待分管负责人签署", "awaiting the deputy's signature"),
    ReportState.AWAITING_PRINCIPAL: ("待主要负责人签署", "awaiting the principal's signature"),
    ReportState.EFFECTIVE: ("已生效", "in effect"),
    ReportState.CONTRADICTED: ("与记录矛盾", "contradicted"),
    ReportState.OVERTAKEN: ("其后又发现隐患", "overtaken"),
    ReportState.WITHDRAWN: ("已撤回", "withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Signing:
    """A person's name under a filing.

    Args:
        entry: the fact by which it is there.
        role: for which of the two posts.
        person: who signed.
        post: in which post; None where that is not on record.
        electronic: by an electronic signature of their own; otherwise 未经电子签名.
        counts: it gives effect: electronic and not withdrawn, or unsigned where the setting in
            force at the time allows that.
        withdrawn: the fact by which the signer took it back.
    """

    entry: Entry
    role: Role
    person: UUID
    post: UUID | None
    electronic: bool
    counts: bool
    withdrawn: Entry | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A signature under a zero report, and what its signer's enterprise knew before it."""

    signing: Signing
    known: tuple[tuple[HazardRecord, Entry], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a month's report stands at the docket's moment.

    Args:
        state: in one word; None where nothing was ever filed.
        filing: the text that stands; None where it was withdrawn.
        signings: every name under that text, earliest first, those that do not count included.
        signed: the one that counts for each post.
        missing: the posts of which none counts; empty for an ordinary report.
        effect: the fact by which it took effect.
        late: it took effect after the month's last day.
        contradictions: for each signer whom the record contradicts: what was known before.
        overtaken: the hazards of the month found after it took effect.
        two_posts: who holds both posts and signed, or is recorded, for both (一人兼两岗).
    """

    state: ReportState | None
    filing: Entry | None = None
    signings: tuple[Signing, ...] = ()
    signed: tuple[Signing, ...] = ()
    missing: tuple[Role, ...] = ()
    effect: Entry | None = None
    late: bool = False
    contradictions: tuple[Contradiction, ...] = ()
    overtaken: tuple[HazardRecord, ...] = ()
    two_posts: UUID | None = None


def standing(docket: Docket, report: ReportRecord) -> Standing:
    """Return how a month's report stands at the docket's moment."""
    filing = report.filing
    if filing is None:
        withdrawn = report.last("report.withdrawn")
        return Standing(ReportState.WITHDRAWN if withdrawn else None)
    signings = signings_of(docket, report, filing)
    signed = _by_role(docket, signings)
    effect = _effect(filing, signed)
    zero = kind_of(filing) == "zero"
    missing = tuple(role for role in Role if zero and role not in signed)
    contradictions = tuple(contradicted(docket, report, filing)) if zero else ()
    overtaken = tuple(found_after(docket, report, effect)) if zero and effect else ()
    persons = {each.person for each in signed.values()}
    return Standing(
        state=_state(missing, contradictions, overtaken),
        filing=filing,
        signings=signings,
        signed=tuple(dict.fromkeys(signed.values())),
        missing=missing,
        effect=effect,
        late=bool(effect and late(moment_of(effect), end(last_day(report.month)))),
        contradictions=contradictions,
        overtaken=overtaken,
        two_posts=next(iter(persons)) if len(signed) > len(persons) else None,
    )


def _state(
    missing: tuple[Role, ...],
    contradictions: tuple[Contradiction, ...],
    overtaken: tuple[HazardRecord, ...],
) -> ReportState:
    if contradictions:
        return ReportState.CONTRADICTED
    if len(missing) > 1:
        return ReportState.FILED
    if missing:
        deputy = missing[0] is Role.DEPUTY
        return ReportState.AWAITING_DEPUTY if deputy else ReportState.AWAITING_PRINCIPAL
    return ReportState.OVERTAKEN if overtaken else ReportState.EFFECTIVE


# signatures and effect


def signings_of(docket: Docket, report: ReportRecord, filing: Entry) -> tuple[Signing, ...]:
    """Return every name under a filing, in the ledger's order.

    A later filing, or a correction of the text, is another text with another leaf: what was signed
    before is not under it.
    """
    endorsed = [
        _endorsed(docket, entry, fact)
        for entry, fact in facts_of(report.entries, ReportEndorsed)
        if fact.filing == filing.version and entry.position > filing.position
    ]
    found = [*endorsed, *_electronic(docket, filing)]
    return tuple(sorted(found, key=lambda each: each.entry.position))


def _endorsed(docket: Docket, entry: Entry, fact: ReportEndorsed) -> Signing:
    counts = docket.settings.at(UNSIGNED, moment_of(entry)).number == 1
    post = entry.by.post if entry.by.person == fact.person else None
    return Signing(entry, fact.role, fact.person, post, electronic=False, counts=counts)


def _electronic(docket: Docket, filing: Entry) -> list[Signing]:
    found = []
    for entry, fact in signatures_on(docket, filing):
        withdrawn = withdrawal_of(docket, entry.record)
        signing = Signing(
            entry,
            Role(fact.role.value),
            fact.statement.person,
            fact.statement.post,
            electronic=True,
            counts=withdrawn is None,
            withdrawn=withdrawn,
        )
        found.append(signing)
    return found


def _by_role(docket: Docket, signings: tuple[Signing, ...]) -> dict[Role, Signing]:
    """Return the first name that counts for each post.

    An enterprise with no deputy's post at all (安全生产法 art. 25 lets it do without one) has its
    principal recorded in both.
    """
    found: dict[Role, Signing] = {}
    for each in signings:
        if each.counts:
            found.setdefault(each.role, each)
    principal = found.get(Role.PRINCIPAL)
    if principal and Role.DEPUTY not in found:
        moment = moment_of(principal.entry)
        if not docket.directory.posts_of(docket.enterprise, PostKind.DEPUTY, moment):
            found[Role.DEPUTY] = principal
    return found


def _effect(filing: Entry, signed: dict[Role, Signing]) -> Entry | None:
    if kind_of(filing) == "ordinary":
        return filing
    if len(signed) < len(Role):
        return None
    return max((each.entry for each in signed.values()), key=lambda entry: entry.position)


def effect_of(docket: Docket, report: ReportRecord, filing: Entry) -> Entry | None:
    """Return the fact by which a filing took effect; None where it has none."""
    return _effect(filing, _by_role(docket, signings_of(docket, report, filing)))


def effects(docket: Docket, report: ReportRecord) -> list[tuple[Entry, Entry]]:
    """Return every filing that took effect with the fact by which it did, earliest effect first."""
    pairs = [(filing, effect_of(docket, report, filing)) for filing in report.all("report.filed")]
    effective = [(filing, effect) for filing, effect in pairs if effect]
    return sorted(effective, key=lambda pair: pair[1].position)


def reached(docket: Docket, filing: Entry) -> bool:
    """Tell whether a filing went to a regulator that the enterprise then had."""
    fact = filing.fact
    return isinstance(fact, ReportFiled) and to_regulator(docket, fact.to_org, moment_of(filing))


def to_regulator(docket: Docket, body: UUID, when: date | datetime) -> bool:
    """Tell whether ``body`` was a regulator to report to; where there was none, any body is."""
    regulators = docket.directory.regulators(docket.enterprise, when)
    return body in regulators or not regulators


# what undoes a zero report


def found_in(docket: Docket, month: str) -> list[HazardRecord]:
    """Return the hazards found in a month, by whomever, one put right on the spot included."""
    return [h for h in docket.hazards.values() if month_of(h.found) == month]


def found_after(docket: Docket, report: ReportRecord, effect: Entry) -> list[HazardRecord]:
    """Return the hazards of the report's month found at or after the moment it took effect.

    Found at the same instant, or on the same day where no time is on record, is not before it.
    """
    return [
        hazard
        for hazard in found_in(docket, report.month)
        if hazard.origin and not earlier(hazard.found, moment_of(effect))
    ]


def contradicted(docket: Docket, report: ReportRecord, filing: Entry) -> list[Contradiction]:
    """Return each signer of a zero report who signed after a hazard of the month was known.

    Known is what anyone of the enterprise found, or what was made known to it, by whatever fact
    and however late that was entered. An electronic signature is its signer's word from the first
    moment, whether or not the other followed and though it was withdrawn; a name without one is
    where it counts.
    """
    return _signed_in_spite_of(docket, report, filing, found_in(docket, report.month))


def passed_over(docket: Docket, report: ReportRecord, filing: Entry) -> list[Contradiction]:
    """Return each signer of a zero report that does not list an older hazard known by then.

    The text lists the hazards of earlier months that are still open when it is signed.
    """
    older = getattr(filing.fact, "older", ())
    listed = {each.hazard for each in older}
    unlisted = [
        hazard
        for hazard in docket.hazards.values()
        if month_of(hazard.found) < report.month and hazard.id not in listed
    ]
    return _signed_in_spite_of(docket, report, filing, unlisted, still_open=True)


def _signed_in_spite_of(
    docket: Docket,
    report: ReportRecord,
    filing: Entry,
    hazards: list[HazardRecord],
    *,
    still_open: bool = False,
) -> list[Contradiction]:
    """Return each signer with those of some hazards that the enterprise knew of before."""
    found = []
    for signing in signings_of(docket, report, filing):
        signed = moment_of(signing.entry)
        known = tuple(
            (hazard, entry)
            for hazard in hazards
            if (entry := known_to_enterprise(docket, hazard))
            and earlier(moment_of(entry), signed)
            and earlier(hazard.found, signed)
            and not (still_open and hazard.closed(signed))
        )
        if known and (signing.electronic or signing.counts):
            found.append(Contradiction(signing, known))
    return found


# in words


def told_of(how: Standing) -> tuple[str, str] | None:
    """Tell what a reader of a month's duty should know of its report: it may be kept by a lie.

    Which signatures a zero report lacks for its effect; that one person made both; that the record
    contradicts it.
    """
    notes = [missing_told(how), _CONTRADICTED if how.contradictions else None]
    told = [note for note in notes if note]
    if not told:
        return None
    return "；".join(zh for zh, _ in told), "; ".join(en for _, en in told)


_CONTRADICTED = ("零报告与记录矛盾", "the zero report is contradicted by the record")


def missing_told(how: Standing) -> tuple[str, str] | None:
    """Tell which signatures a zero report lacks for its effect, or that one person made both."""
    unsigned = {each.role for each in how.signings if not each.electronic}
    zh = [_missing(role, "zh", unsigned=role in unsigned) for role in how.missing]
    en = [_missing(role, "en", unsigned=role in unsigned) for role in how.missing]
    if how.missing:
        return f"零报告未生效：{'；'.join(zh)}", f"the zero report has no effect: {'; '.join(en)}"
    if how.two_posts:
        return "分管负责人、主要负责人一人兼两岗", "one person holds both posts"
    return None


def _missing(role: Role, lang: str, *, unsigned: bool) -> str:
    zh, en = POST_WORDS[role]
    if lang == "zh":
        return f"{zh}签字未经电子签名" if unsigned else f"缺{zh}的电子签名"
    return f"the {en} put their name to it unsigned" if unsigned else f"the {en} has not signed"
