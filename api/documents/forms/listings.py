"""Documents of listed supervision: 挂牌督办通知书, both acceptances, 销号申请, 销号 (三（三）)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.forms.filling import day, words
from api.documents.forms.hazards import hazard_fields
from api.documents.paper import Fields, Paper, Signatures, Text
from domain.listing import (
    Delisted,
    DelistingApplied,
    FirstAcceptance,
    ListedFact,
    ListingMade,
    ListingRecord,
    SecondAcceptance,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.documents.forms.filling import Filling
    from api.documents.paper import Block

_BASIS = "临政办发〔2014〕40号三（三）"
_REPORT_BACK = (
    "整改完成后由责任单位组织验收，合格后向{supervisor}提出销号申请，经其验收合格后予以销号。"
)


def listing_notice(filling: Filling) -> Paper:
    """Return the notice by which a major hazard is listed, to the responsible body."""
    fact = filling.entry.fact
    assert isinstance(fact, ListingMade)  # noqa: S101 - as the register of forms says
    supervisor = filling.organisation(fact.supervising_unit)
    until = day(fact.deadline)
    return Paper(
        title="重大事故隐患挂牌督办通知书",
        number=fact.number,
        issuer=filling.organisation(fact.by_org),
        addressee=filling.organisation(fact.responsible_body),
        blocks=(
            Text((f"根据{_BASIS}，现对下列重大事故隐患实行挂牌督办：",)),
            _hazard(filling, fact),
            Fields(
                (
                    (
                        "督办要求",
                        "制定整改方案，落实整改责任、资金、措施、时限和应急预案，限期整改。",
                    ),
                    ("整改期限", f"{until}24时止"),
                    ("责任单位", filling.organisation(fact.responsible_body)),
                    ("督办单位", supervisor),
                    ("报告方式", _REPORT_BACK.format(supervisor=supervisor)),
                    ("联系人、联系电话", ""),
                )
            ),
            Signatures(filling.places("签发人")),
        ),
        dated=filling.day,
        copies="抄送督办单位和隐患所在单位。",
    )


def first_acceptance(filling: Filling) -> Paper:
    """Return the responsible body's acceptance (3.3e)."""
    fact = filling.entry.fact
    assert isinstance(fact, FirstAcceptance)  # noqa: S101 - as the register of forms says
    return _acceptance(filling, fact, "责任单位组织验收（第一级）")


def second_acceptance(filling: Filling) -> Paper:
    """Return the supervising unit's acceptance (3.3f)."""
    fact = filling.entry.fact
    assert isinstance(fact, SecondAcceptance)  # noqa: S101 - as the register of forms says
    return _acceptance(filling, fact, "督办单位验收（第二级）")


def _acceptance(filling: Filling, fact: FirstAcceptance | SecondAcceptance, level: str) -> Paper:
    verdict = (
        "合格。" if fact.passed else "不合格，应当重新整改，并重新组织两级验收；原定期限不变。"
    )
    return Paper(
        title="挂牌督办隐患验收意见书",
        number=filling.code,
        issuer=filling.organisation(fact.by_org),
        blocks=(
            _hazard(filling, fact),
            _terms(filling),
            Fields((("验收层级", level),)),
            Text((f"经验收，{verdict}", *filter(None, (words(fact.remarks),))), "验收意见"),
            Signatures(filling.places("验收人员")),
        ),
        dated=filling.day,
    )


def delisting_application(filling: Filling) -> Paper:
    """Return the responsible body's application to strike the hazard off (3.3e)."""
    fact = filling.entry.fact
    assert isinstance(fact, DelistingApplied)  # noqa: S101 - as the register of forms says
    terms = _record(filling).terms
    return Paper(
        title="挂牌督办隐患销号申请",
        number=filling.code,
        issuer=filling.organisation(fact.by_org),
        addressee=filling.organisation(terms.supervising_unit if terms else None),
        blocks=(
            _hazard(filling, fact),
            _terms(filling),
            Fields((("责任单位验收", _passed(filling, "listing.first_accepted")),)),
            Text(("上述隐患已整改完毕，经我单位组织验收合格，现申请销号。",)),
            Signatures(filling.places("负责人")),
        ),
        dated=filling.day,
    )


def delisting(filling: Filling) -> Paper:
    """Return the decision that strikes a listed hazard off, resting on both acceptances (3.3f)."""
    fact = filling.entry.fact
    assert isinstance(fact, Delisted)  # noqa: S101 - as the register of forms says
    terms = _record(filling).terms
    return Paper(
        title="挂牌督办隐患销号通知书",
        number=filling.code,
        issuer=filling.organisation(fact.by_org),
        addressee=filling.organisation(terms.responsible_body if terms else None),
        blocks=(
            _hazard(filling, fact),
            _terms(filling),
            Fields(
                (
                    ("责任单位验收", _passed(filling, "listing.first_accepted")),
                    ("督办单位验收", _passed(filling, "listing.second_accepted")),
                )
            ),
            Text(("上述重大事故隐患已整改完毕，两级验收合格，予以销号，解除挂牌督办。",)),
            Signatures(filling.places("签发人")),
        ),
        dated=filling.day,
        copies="抄送隐患所在单位。",
    )


def _record(filling: Filling) -> ListingRecord:
    tag = f"listing:{filling.entry.record}"
    return ListingRecord(tag, filling.docket.about(tag))


def _hazard(filling: Filling, fact: ListedFact) -> Block:
    return Fields(tuple(hazard_fields(filling, filling.hazard(fact.hazard))))


def _terms(filling: Filling) -> Block:
    return Fields(tuple(_terms_of(filling, _record(filling))))


def _terms_of(filling: Filling, record: ListingRecord) -> Iterator[tuple[str, str]]:
    terms, made = record.terms, record.made
    if terms is None or made is None:
        return
    yield "挂牌督办文号", f"{terms.number}（{day(filling.use(made).happened)}）"
    yield "督办期限", day(record.deadline)


def _passed(filling: Filling, topic: str) -> str:
    """Return when the last acceptance of a kind passed, and where it stands in the record."""
    passed = [e for e in _record(filling).all(topic) if e.fact.passed]  # type: ignore[attr-defined]
    if not passed:
        return ""
    last = filling.use(passed[-1])
    return f"{day(last.happened)}验收合格　台账第{last.position}条"
