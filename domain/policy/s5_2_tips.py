"""五（二） Reports from the public 举报: taken up, checked, answered (5.2b); protected (5.2d).

A tip's deadlines run from its receipt and its acceptance, whoever handles it then: a transfer
restarts none of them. Who fell silent at the first has gained nothing: what is neither accepted nor
refused in time counts as accepted when that time is over.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from domain.age import read_header
from domain.answer import Line
from domain.moment import end, late, local_day
from domain.organisation import Level, OrgKind
from domain.people import PostKind
from domain.policy.bearers import head, in_charge
from domain.policy.duty import Breach, BreachRule, DutyRule, Opening, Section
from domain.policy.gate import Gate, Shut
from domain.record import facts_of, follows, moment_of
from domain.tip import (
    FindingsSigned,
    FindingsWritten,
    Part,
    TipAdded,
    TipChecked,
    TipRead,
    TipReceived,
    TipRecord,
    TipResealed,
    TipTransferDecided,
    TipTransferProposed,
    TipTransferRefused,
)
from domain.tip_office import TipKeyRetired, keys_in_force

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from domain.fact import Draft, Entry
    from domain.policy.duty import Docket
    from domain.tip import Envelope

_IN_THE_BOX = timedelta(hours=2)
"""For how long a tip may wait in the box, a failed attempt at the full hour included."""
_LEADERS = (PostKind.PARTY_HEAD, PostKind.PRINCIPAL, PostKind.DEPUTY)


# 5.2b accepted or refused, checked on site, answered


def _opening(
    docket: Docket,
    tip: TipRecord,
    at: date | datetime,
    due: datetime,
    by: tuple[Entry, ...],
) -> Opening:
    """Open a duty of whoever handles the tip: when it falls due, or now while it has not."""
    last = min(due, docket.at, key=end)
    office = tip.responsible(last)
    passed_on = [docket.directory.name(body) for _, body in tip.handlers()]
    told = list(dict.fromkeys(passed_on))
    return Opening(
        subject=tip.subject,
        at=at,
        who=in_charge(office),
        owed_to=docket.government(office),
        by=by,
        due=due,
        note=(f"承办单位：{'→'.join(told)}", f"handled by {', then '.join(told)}")
        if len(told) > 1
        else None,
    )


def _due(docket: Docket, key: str, at: date | datetime) -> datetime:
    period = docket.settings.at(key, at).period
    assert period is not None  # noqa: S101 - these rest on the text and are never switched off
    return docket.after(period, at)


def _received(docket: Docket) -> Iterator[Opening]:
    for tip in docket.tips:
        received, _ = tip.received
        at = moment_of(received)
        due = _due(docket, "5.2b.accept", at)
        yield _opening(docket, tip, at, due, (received,))


def _decided(docket: Docket, about: Opening) -> Entry | None:
    tip = _tip(docket, about)
    return tip.first("tip.accepted", "tip.refused")


def _tip(docket: Docket, about: Opening) -> TipRecord:
    return TipRecord(about.subject, docket.about(about.subject))


def _taken_up(docket: Docket, tip: TipRecord) -> tuple[date | datetime, tuple[Entry, ...]] | None:
    """Return from when a tip counts as taken up, and by which facts; None where it does not.

    From its acceptance; if that was not decided in time, from the day on which it was due.
    """
    received, _ = tip.received
    due = _due(docket, "5.2b.accept", moment_of(received))
    decided = tip.first("tip.accepted", "tip.refused")
    if decided and not late(moment_of(decided), due):
        accepted = tip.accepted
        return (moment_of(accepted), (received, accepted)) if accepted else None
    if not late(docket.at, due):
        return None
    by = (received, decided) if decided and decided is tip.accepted else (received,)
    return local_day(due - timedelta(microseconds=1)), by


def _to_be_checked(docket: Docket) -> Iterator[Opening]:
    yield from _following(docket, "5.2b.check")


def _to_be_answered(docket: Docket) -> Iterator[Opening]:
    yield from _following(docket, "5.2b.answer")


def _following(docket: Docket, key: str) -> Iterator[Opening]:
    for tip in docket.tips:
        taken_up = _taken_up(docket, tip)
        if taken_up:
            at, by = taken_up
            yield _opening(docket, tip, at, _due(docket, key, at), by)


def _checked(docket: Docket, about: Opening) -> Entry | None:
    return _tip(docket, about).first("tip.checked")


def _answered(docket: Docket, about: Opening) -> Entry | None:
    return _tip(docket, about).first("tip.answered")


def _refused(docket: Docket, about: Opening) -> Entry | None:
    """Nothing more is owed about what was refused, with its reason."""
    return _tip(docket, about).refused


# 5.2b findings in writing, signed off by the leader where measures are needed


def _answer_due(docket: Docket, tip: TipRecord, at: date | datetime) -> datetime:
    """Return when the answer is due; of what was not taken up, as if it had been at ``at``."""
    taken_up = _taken_up(docket, tip)
    return _due(docket, "5.2b.answer", taken_up[0] if taken_up else at)


def _to_be_written(docket: Docket) -> Iterator[Opening]:
    for tip in docket.tips:
        checked = tip.first("tip.checked")
        if checked:
            at = moment_of(checked)
            yield _opening(docket, tip, at, _answer_due(docket, tip, at), (checked,))


def _written(docket: Docket, about: Opening) -> Entry | None:
    found = facts_of(_tip(docket, about).entries, FindingsWritten)
    return next((entry for entry, _ in found if follows(entry, about.by[0])), None)


def _to_be_signed(docket: Docket) -> Iterator[Opening]:
    for tip in docket.tips:
        for entry, fact in facts_of(tip.entries, FindingsWritten):
            if fact.measures_needed:
                at = moment_of(entry)
                yield _opening(docket, tip, at, _answer_due(docket, tip, at), (entry,))
                break


def _signed(docket: Docket, about: Opening) -> Entry | None:
    """A leader of the office that signs counts; an officer's name does not."""
    for entry, fact in facts_of(_tip(docket, about).entries, FindingsSigned):
        post = docket.directory.posts.get(fact.post)
        leads = post is not None and post.organisation == fact.body and post.kind in _LEADERS
        if leads and follows(entry, about.by[0]):
            return entry
    return None


# 5.2b deaths go to a government of the county or above (安全生产法 art. 73)


def _is_high_government(docket: Docket, body: UUID | None) -> bool:
    known = docket.directory.organisations.get(body) if body else None
    return known is not None and known.kind is OrgKind.GOVERNMENT and known.level is not Level.TOWN


def _with_deaths(docket: Docket) -> Iterator[Opening]:
    for tip in docket.tips:
        told = tip.deaths
        if told and not _is_high_government(docket, tip.responsible(moment_of(told))):
            at = moment_of(told)
            due = _due(docket, "5.2b.accept", at)
            yield _opening(docket, tip, at, due, (told,))


def _referred(docket: Docket, about: Opening) -> Entry | None:
    for entry in _tip(docket, about).entries:
        fact = entry.fact
        if isinstance(fact, TipTransferProposed) and _is_high_government(docket, fact.receiver):
            return entry
    return None


def _checked_by_another(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for tip in docket.tips:
        told = tip.deaths
        for entry, fact in facts_of(tip.entries, TipChecked):
            if told is None or not follows(entry, told) or _is_high_government(docket, fact.body):
                continue
            name = docket.directory.name(fact.body)
            yield Breach(
                rule=rule,
                subject=tip.subject,
                at=moment_of(entry),
                who=head(fact.body),
                by=(told, entry),
                zh=f"涉及人员死亡的举报由{name}核查，未由县级以上人民政府组织",
                en=f"a tip about deaths was checked by {name}, not by a government of the county",
            )


# 5.2b a transfer that is refused: the common superior decides


def common_superior(docket: Docket, first: UUID, second: UUID) -> UUID | None:
    """Return the nearest body above both of two, or one of them where it is above the other."""
    others = [second, *docket.directory.above(second)]
    mine = [first, *docket.directory.above(first)]
    return next((body for body in mine if body in others), None)


def _contested(docket: Docket) -> Iterator[Opening]:
    for tip in docket.tips:
        for entry, fact in facts_of(tip.entries, TipTransferRefused):
            superior = common_superior(docket, fact.body, fact.sender)
            at = moment_of(entry)
            yield Opening(
                subject=tip.subject,
                at=at,
                who=head(superior),
                owed_to=docket.government(superior) if superior else None,
                by=(entry,),
                detail=str(entry.position),
            )


def _settled(docket: Docket, about: Opening) -> Entry | None:
    """The superior's word, or the receiver's acceptance after all."""
    kinds = ("tip.transfer_decided", "tip.transfer_accepted")
    found = (entry for entry in docket.about(about.subject) if entry.topic in kinds)
    return next((entry for entry in found if follows(entry, about.by[0])), None)


def _superior_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Only the common superior of the two offices decides between them."""
    fact = draft.fact
    tip = TipRecord(f"tip:{draft.record}", docket.about(f"tip:{draft.record}"))
    assert isinstance(fact, TipTransferDecided)  # noqa: S101 - the gate guards nothing else
    assert tip.proposal is not None  # noqa: S101 - else it contradicts the record
    proposed = tip.proposal[1]
    superior = common_superior(docket, proposed.body, proposed.receiver)
    if superior == fact.body:
        return None
    name = docket.directory.name(superior)
    return Shut(
        f"{docket.directory.name(fact.body)}不是移交双方的共同上级",
        f"{docket.directory.name(fact.body)} is not the common superior of the two offices",
        f"由共同上级{name}指定" if superior else "先登记双方的上级单位",
        f"let {name} decide" if superior else "register the bodies above the two offices first",
    )


# 5.2d who informed is readable only by the handling office's own key, and on record


def _sealed_gate(docket: Docket, draft: Draft) -> Shut | None:
    """What is sealed is sealed to keys of the office itself, and to nobody else."""
    fact = draft.fact
    if isinstance(fact, TipReceived):
        envelopes = {Part.CONTENT: fact.content, Part.IDENTITY: fact.identity}
    elif isinstance(fact, TipAdded):
        envelopes = {Part.ADDITION: fact.content}
    else:
        assert isinstance(fact, TipResealed)  # noqa: S101 - the gate guards these three
        envelopes = {fact.part: fact.envelope}
    own = keys_in_force(_as_sealed(docket, draft), docket.enterprise)
    custodians = docket.settings.at("5.2d.custodians", draft.received).number or 1
    for part, envelope in envelopes.items():
        if envelope is None:
            continue
        shut = _wrongly_sealed(envelope, set(own))
        if shut:
            return shut
        keepers = {own[key].keeper for key in envelope.keys}
        if part is Part.IDENTITY and len(keepers) < custodians:
            return Shut(
                f"举报人身份须由{custodians}个岗位的密钥共同封存，现只有{len(keepers)}个",
                f"an identity is sealed to {custodians} keepers together, not {len(keepers)}",
                "在 keys 中列出由不同岗位保管的密钥，外层在前",
                "name keys of different keepers in keys, the outermost first",
            )
    return None


def _as_sealed(docket: Docket, draft: Draft) -> list[Entry]:
    """Return the facts about an office as whoever sealed to it knew them.

    What comes from the box was sealed up to an hour before: it was promised to be on record, and an
    office that retires its key meanwhile does not undo that.
    """
    told = docket.about(f"org:{docket.enterprise}")
    if draft.by.authentication != "system":
        return told
    then = draft.received - _IN_THE_BOX
    return [e for e in told if not (isinstance(e.fact, TipKeyRetired) and e.recorded > then)]


def _wrongly_sealed(envelope: Envelope, own: set[UUID]) -> Shut | None:
    if not set(envelope.keys) <= own:
        return Shut(
            "举报只能封给承办单位自己现行的密钥",
            "a tip is sealed to keys in force of the handling office itself",
            "先由承办单位登记密钥（tip-keys），以其公钥加密，keys 写其档案编号",
            "let the office register a key (tip-keys), encrypt to it, and name its record in keys",
        )
    header = read_header(envelope.ciphertext.value or "")
    if header is None or header.keys != 1 or header.others:
        return Shut(
            "密文不是只封给一把密钥的 age 文件",
            "the ciphertext is no age file for exactly one key",
            "以承办单位的公钥（age1…）加密并用 ASCII armor 写出；不得加入别的收件人或口令",
            "encrypt to the office's key (age1…), armored; add no other recipient or passphrase",
        )
    return None


def _reading_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Who reads is of the office, in a post; what two keep is read by two."""
    fact = draft.fact
    assert isinstance(fact, TipRead)  # noqa: S101 - the gate guards nothing else
    post = docket.directory.posts.get(draft.by.post) if draft.by.post else None
    if draft.by.person is None or post is None or post.organisation != fact.body:
        return Shut(
            "查阅举报须以承办单位岗位、由本人进行",
            "a tip is read by a person of the handling office, acting in a post of it",
            "使用本人令牌，并以 by_post 写明在承办单位的岗位",
            "use your own token, and name your post in the office in by_post",
        )
    tip = TipRecord(f"tip:{draft.record}", docket.about(f"tip:{draft.record}"))
    sealed = tip.envelope(fact.part, fact.number)
    if sealed and len(sealed[1].keys) > 1 and fact.together_with in (None, draft.by.person):
        return Shut(
            "由两把密钥封存的，须两名保管人一同查阅",
            "what is sealed to two keys is read by their two keepers together",
            "在 together_with 写明另一名保管人",
            "name the other keeper in together_with",
        )
    return None


SECTION = Section(
    duties=(
        DutyRule(
            "5.2b",
            "accept",
            Line.SUPERVISION,
            "决定是否受理举报",
            "Accept the tip, or refuse it with the reason",
            _received,
            _decided,
            within="5.2b.accept",
        ),
        DutyRule(
            "5.2b",
            "deaths",
            Line.SUPERVISION,
            "涉及人员死亡的举报提请县级以上人民政府组织核查",
            "Put a tip about deaths before the government",
            _with_deaths,
            _referred,
            within="5.2b.accept",
        ),
        DutyRule(
            "5.2b",
            "check",
            Line.SUPERVISION,
            "现场核查举报事项",
            "Check on site what was reported",
            _to_be_checked,
            _checked,
            within="5.2b.check",
            until=_refused,
        ),
        DutyRule(
            "5.2b",
            "write",
            Line.SUPERVISION,
            "核查结果形成书面材料",
            "Put the findings into writing",
            _to_be_written,
            _written,
        ),
        DutyRule(
            "5.2b",
            "sign",
            Line.SUPERVISION,
            "需要落实整改措施的报负责人签字",
            "Have findings that need measures signed off by a leader",
            _to_be_signed,
            _signed,
        ),
        DutyRule(
            "5.2b",
            "answer",
            Line.SUPERVISION,
            "答复举报人",
            "Answer the informant",
            _to_be_answered,
            _answered,
            within="5.2b.answer",
            until=_refused,
        ),
        DutyRule(
            "5.2b",
            "decide",
            Line.LEADERSHIP,
            "移交被拒绝的，由共同上级指定承办单位",
            "Decide who handles a tip that was refused",
            _contested,
            _settled,
            within="5.2b.accept",
        ),
    ),
    breaches=(
        BreachRule(
            "5.2b",
            "deaths-checked",
            Line.SUPERVISION,
            "涉及人员死亡的举报未由政府组织核查",
            "A tip about deaths checked by another than the government",
            _checked_by_another,
        ),
    ),
    gates=(
        Gate("5.2b", ("tip.transfer_decided",), _superior_gate),
        Gate("5.2d", ("tip.received", "tip.added", "tip.resealed"), _sealed_gate),
        Gate("5.2d", ("tip.read",), _reading_gate),
    ),
)
