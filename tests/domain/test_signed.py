"""What the scenarios of signing do not come to: other documents, other hands, and the forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from domain.case import Case
from domain.correction import FactCorrected, Replacement
from domain.errors import Contradiction, GateClosed
from domain.fact import Actor
from domain.hazard import (
    Determiner,
    HazardAccepted,
    HazardClosed,
    HazardDetermined,
    HazardLevel,
    HazardPlanned,
)
from domain.ledger_opened import ledger_id
from domain.listing import Delisted, ListingPlanMade
from domain.monthly_report import ReportedHazard, ReportFiled, report_id
from domain.order import OrderRechecked, RecheckedItem
from domain.people import PostKind
from domain.recording import Act
from domain.signable import SIGNABLE, signable
from domain.signed import fault_before_signing, fault_of, signatures_on, statement_of
from domain.signing import (
    KeyRegistered,
    KeyRevoked,
    SignatureMade,
    key_of,
    key_record,
    signature_record,
)
from tests.support import pens
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, HAZARD, MILL, PLANT, found, staffed

if TYPE_CHECKING:
    from domain.fact import Entry, Fact

MONTH = "2024-03"
MARCH = report_id(PLANT, MONTH)
ZHANG, POST = ident("张总"), ident("张总的岗位")
REGISTRAR = Actor(authentication="token", person=ident("吴科长"))
KEY = pens.key_of("张总")
AT = datetime(2024, 4, 1, tzinfo=UTC)


def opened() -> Book:
    """Return the plant's book in a ledger with a name, with the principal's key registered."""
    book = staffed()
    book.enter(ledger_id(pens.ORIGIN), pens.opened(), datetime(2000, 1, 1, tzinfo=UTC))
    fact = KeyRegistered(person=ZHANG, key=KEY)
    book.act(key_record(KEY.id), fact, noon("2024-03-01"), by=REGISTRAR)
    return book


def zero(book: Book) -> Entry:
    fact = ReportFiled(enterprise=PLANT, month=MONTH, kind="zero", to_org=DEPARTMENT)
    return book.act(MARCH, fact, noon("2024-03-29"))


def signed(book: Book, document: Entry) -> SignatureMade:
    told = pens.statement_of(book.entries, document, ZHANG, POST, KEY)
    return pens.made(document, PostKind.PRINCIPAL, told, pens.sign(told, pens.seed_of("张总")))


def case_of(book: Book) -> Case:
    return Case(PLANT, book.entries, AT, head=len(book.entries))


def test_what_is_prepared_is_what_counts() -> None:
    book = opened()
    document = zero(book)
    made = signed(book, document)
    stated = statement_of(
        case_of(book), document, (ZHANG, POST, KEY.id), pens.head_of(book.entries)
    )
    assert stated == made.statement
    assert fault_of(made, case_of(book)) is None
    assert fault_before_signing(made, case_of(book)) is None
    blank = made.model_copy(update={"signature": pens.sign(stated, pens.seed_of("别人"))})
    fault = fault_of(blank, case_of(book))
    assert fault is not None
    assert fault.unsigned
    assert fault_before_signing(blank, case_of(book)) is None
    elsewhere = made.model_copy(update={"about": f"report:{HAZARD}"})
    assert fault_before_signing(elsewhere, case_of(book)) is not None


def test_only_documents_are_signed() -> None:
    book = opened()
    hazard = book.act(HAZARD, found(), noon("2024-03-05"))
    with pytest.raises(GateClosed, match="不是可以签署的文书"):
        statement_of(case_of(book), hazard, (ZHANG, POST, KEY.id), pens.head_of(book.entries))
    made = signed(book, zero_elsewhere(book))
    for position in (hazard.position, 10_000):
        fault = fault_of(made.model_copy(update={"document": position}), case_of(book))
        assert fault is not None
        assert "不是可以签署的文书" in fault.zh


def zero_elsewhere(book: Book) -> Entry:
    fact = ReportFiled(enterprise=MILL, month=MONTH, kind="zero", to_org=DEPARTMENT)
    return book.enter(report_id(MILL, MONTH), fact, noon("2024-03-29"))


def test_a_post_of_another_enterprise_signs_nothing_here() -> None:
    book = opened()
    made = signed(book, zero_elsewhere(book))
    fault = fault_of(made, Case(MILL, book.entries, AT))
    assert fault is not None
    assert "签署岗位" in fault.zh


def test_a_book_without_a_name_takes_no_signature() -> None:
    book = opened()
    document = zero(book)
    made = signed(book, document)
    nameless = Case(PLANT, [e for e in book.entries if e.topic != "ledger.opened"], AT)
    fault = fault_of(made, nameless)
    assert fault is not None
    assert "另一份台账" in fault.zh


def test_the_place_counts_not_what_follows() -> None:
    """What is recorded after a signature changes nothing of whether it holds there."""
    book = opened()
    document = zero(book)
    made = signed(book, document)
    entry = book.act(signature_record(made.statement), made, noon("2024-03-29"))
    revoked = KeyRevoked(person=ZHANG, key=KEY.id, reason=text("遗失"))
    book.act(key_record(KEY.id), revoked, noon("2024-03-30"))
    before = Case(PLANT, book.entries[: entry.position - 1], AT, head=entry.position - 1)
    assert fault_of(made, before) is None
    assert signatures_on(case_of(book), document) == [(entry, made)]


@pytest.mark.parametrize("aim", ["signature", "key"])
def test_no_correction_touches_a_signature_or_a_key(aim: str) -> None:
    book = opened()
    document = zero(book)
    made = signed(book, document)
    entry = book.act(signature_record(made.statement), made, noon("2024-03-29"))
    key = next(e for e in book.entries if e.topic == "key.registered")
    position = entry.position if aim == "signature" else key.position
    taken_back = FactCorrected(positions=(position,), about=(PLANT,), reason=text("有误"))
    with pytest.raises(Contradiction, match="不得更正或者撤回"):
        book.act(ident("更正"), taken_back, noon("2024-03-30"))
    book.enter(ident("更正"), taken_back, noon("2024-03-30"))
    case = case_of(book)
    assert position not in case.corrected_by
    assert [e for e, _ in signatures_on(case, document)] == [entry]


def test_no_correction_puts_a_signature_in() -> None:
    book = opened()
    document = zero(book)
    made = signed(book, document)
    put_in = FactCorrected(
        positions=(document.position,),
        about=(PLANT,),
        reason=text("有误"),
        replacement=Replacement(happened=noon("2024-03-29"), fact=made),
    )
    with pytest.raises(Contradiction, match="不得以更正补入"):
        book.act(ident("更正"), put_in, noon("2024-03-30"))


def test_keys_that_are_not_theirs_or_no_longer_in_force() -> None:
    book = opened()
    record = key_record(KEY.id)
    of_another = KeyRevoked(person=ident("李副总"), key=KEY.id, reason=text("遗失"))
    with pytest.raises(Contradiction, match="没有登记在此人名下"):
        book.act(record, of_another, noon("2024-03-02"))
    revoked = KeyRevoked(person=ZHANG, key=KEY.id, reason=text("遗失"))
    book.act(record, revoked, noon("2024-03-03"))
    with pytest.raises(Contradiction, match="已吊销"):
        book.act(record, revoked, noon("2024-03-04"))
    late = KeyRegistered(person=ZHANG, key=pens.key_of("新"), replaces=KEY.id)
    with pytest.raises(Contradiction, match="已吊销"):
        book.act(key_record(late.key.id), late, noon("2024-03-05"), by=REGISTRAR)
    assert key_of(book.entries, record).person == ZHANG
    assert key_of(book.entries, key_record("00" * 32)).person is None


def test_a_signature_names_its_signer_post_and_key() -> None:
    book = opened()
    made = signed(book, zero(book))
    named = {kind: ident for _, kind, ident in made.names()}
    assert named == {"org": PLANT, "person": ZHANG, "post": POST, "key": key_record(KEY.id)}
    assert f"report:{MARCH}" in set(made.tags())


def test_a_key_goes_on_its_own_record() -> None:
    fact = KeyRegistered(person=ZHANG, key=pens.key_of("新"))
    with pytest.raises(Contradiction, match="固定档案"):
        opened().act(ident("别处"), fact, noon("2024-03-05"), by=REGISTRAR)


def test_a_key_is_registered_and_replaced_in_one_command() -> None:
    book = opened()
    first = KeyRegistered(person=ZHANG, key=pens.key_of("甲"))
    second = KeyRegistered(person=ZHANG, key=pens.key_of("乙"), replaces=first.key.id)
    acts = [Act(key_record(f.key.id), f, noon("2024-03-05")) for f in (first, second)]
    book.act_all(acts, noon("2024-03-05"), REGISTRAR)
    ended = key_of(book.entries, key_record(first.key.id)).ended
    assert ended is not None
    assert ended.fact == second


DOCUMENTS: list[tuple[Fact, str, object]] = [
    (
        ReportFiled(
            enterprise=PLANT,
            month=MONTH,
            kind="ordinary",
            to_org=DEPARTMENT,
            hazards=(ReportedHazard(hazard=HAZARD, state="整改中"),),
        ),
        "本单位2024年3月发现事故隐患1项，整改情况如所报",
        PLANT,
    ),
    (
        OrderRechecked(
            enterprise=PLANT,
            by_org=DEPARTMENT,
            items=(RecheckedItem(item=1, passed=True), RecheckedItem(item=2, passed=False)),
        ),
        "整改复查：第1项合格、第2项不合格",
        DEPARTMENT,
    ),
    (
        HazardDetermined(
            enterprise=PLANT,
            level=HazardLevel.GENERAL,
            by=Determiner.DEPARTMENT,
            determiner_org=DEPARTMENT,
        ),
        "认定本项隐患为一般事故隐患",
        DEPARTMENT,
    ),
    (HazardPlanned(enterprise=PLANT), "批准本项隐患的整改方案", PLANT),
    (
        HazardAccepted(enterprise=PLANT, by_org=DEPARTMENT, passed=False),
        "本项隐患整改验收：不合格",
        DEPARTMENT,
    ),
    (HazardClosed(enterprise=PLANT, by_org=DEPARTMENT), "本项隐患予以销号", DEPARTMENT),
    (
        ListingPlanMade(enterprise=PLANT, hazard=HAZARD, by_org=DEPARTMENT, plan=text("方案")),
        "批准本项挂牌隐患的整改方案",
        DEPARTMENT,
    ),
    (
        Delisted(enterprise=PLANT, hazard=HAZARD, by_org=DEPARTMENT),
        "本项挂牌隐患予以销号",
        DEPARTMENT,
    ),
]


@pytest.mark.parametrize(("fact", "meaning", "org"), DOCUMENTS)
def test_what_a_signature_says_follows_from_the_document(
    fact: Fact, meaning: str, org: object
) -> None:
    kind = signable(fact)
    assert kind is not None
    assert kind.meaning(fact) == meaning
    assert kind.signer(fact) == org


def test_every_kind_of_document_is_an_act_about_one_enterprise() -> None:
    assert len({each.fact for each in SIGNABLE}) == len(SIGNABLE)
    assert all("enterprise" in each.fact.model_fields for each in SIGNABLE)
