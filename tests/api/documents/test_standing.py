"""What a paper says of a document that others signed, replaced, corrected or had erased."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from api.bundling import Bundler
from api.documents.issuing import issue, issued_paper, make, make_again
from api.documents.paper import Fields, Signatures, Text
from api.verifying import verify
from domain.correction import FactCorrected, Replacement
from domain.errors import Contradiction, NotFound, Unavailable
from domain.fact import Actor, Sealed
from domain.hazard import Finder, HazardAccepted, HazardFound
from domain.imported import AccidentRowImported, RowOrigin
from domain.trace import Question
from tests.support.ledger import Place
from tests.support.office import CLOSED, DEPARTMENT, DUE, FIRM, OPENED, Office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.documents.issuing import Made

CHECK_AT = "{code}"
DAY = OPENED.date() - timedelta(days=1)
SYSTEM = Actor(authentication="system")


@pytest.fixture
def office(postgres_url: str, schema: str, tmp_path: Path) -> Iterator[Office]:
    place = Place(postgres_url, schema, tmp_path / "keys")
    place.create("simulated", opened=OPENED)
    with place.open() as ledger:
        office = Office.begin(place, ledger)
        office.signers()
        yield office
    place.close()


def paper_of(office: Office, document: int) -> Made:
    office.publish()
    return make(office.ledger, office.log, document, CHECK_AT)


def signed(made: Made) -> list[str]:
    (places,) = (block for block in made.paper.blocks if isinstance(block, Signatures))
    return [each.how for each in places.places]


def state(made: Made) -> str:
    fields = next(block for block in made.paper.blocks if isinstance(block, Fields))
    return dict(fields.rows)["报告状态"]


def test_a_zero_report_names_who_signed_and_who_has_not(office: Office) -> None:
    filed = office.file(kind="zero", at=DUE - timedelta(days=2))
    before = paper_of(office, filed)
    assert state(before) == "已报送，待分管负责人和主要负责人签署"
    assert signed(before) == ["尚未电子签名", "尚未电子签名"]
    assert before.paper.title.endswith("零报告")
    filed, *positions = office.zero_report()
    after = paper_of(office, filed)
    assert state(after) == "已生效"
    for how, name, position in zip(signed(after), ("张三", "李四"), positions, strict=True):
        assert how.startswith(f"{name}　已电子签名")
        assert how.endswith(f"台账第{position}条")


def test_a_text_that_was_replaced_says_so(office: Office) -> None:
    first, *_ = office.zero_report()
    office.file(kind="ordinary", at=DUE - timedelta(days=1))
    assert "不是现行文本" in state(paper_of(office, first))


def test_a_contradicted_one_says_so(office: Office) -> None:
    filed, *_ = office.zero_report()
    office.hazard("YH-9", happened=date(2024, 5, 3))
    assert state(paper_of(office, filed)) == "与记录矛盾"


def test_one_that_was_corrected_says_by_which_fact(office: Office) -> None:
    filed, *_ = office.zero_report()
    reason = Sealed.close("误报", FIRM, os.urandom(16))
    fact = FactCorrected(about=(FIRM,), positions=(filed,), reason=reason)
    corrected = office.act(uuid4(), fact)
    first = paper_of(office, filed).paper.blocks[0]
    assert isinstance(first, Text)
    assert f"已被第{corrected}条更正" in first.paragraphs[0]


def test_evidence_of_a_hazard_whose_words_were_corrected_verifies(office: Office) -> None:
    filed = office.file(at=DUE - timedelta(days=2))
    office.hazard("YH-9")
    found = office.ledger.head().position
    words = Sealed.close("阀门严重泄漏", FIRM, os.urandom(16))
    fact = HazardFound(
        enterprise=FIRM, number="YH-9", description=words, found_by=Finder.ENTERPRISE
    )
    reason = Sealed.close("补充", FIRM, os.urandom(16))
    replacement = Replacement(happened=office.clock, fact=fact)
    office.act(
        uuid4(),
        FactCorrected(about=(FIRM,), positions=(found,), reason=reason, replacement=replacement),
    )
    made = paper_of(office, filed)
    assert "阀门严重泄漏" in verify(made.file, office.trust).evidence.disclosed.values()
    bundler = Bundler(office.ledger, office.log)
    told = verify(bundler.of_trace(FIRM, Question(office.clock)), office.trust)
    assert "rules_checked" in [claim.key for claim in told.claims.proved]


def test_one_about_a_hazard_that_was_taken_back_is_refused(office: Office) -> None:
    hazard = office.hazard("YH-9")
    found = office.ledger.head().position
    fact = HazardAccepted(enterprise=FIRM, by_org=DEPARTMENT, passed=False)
    accepted = office.act(hazard, fact)
    assert paper_of(office, accepted).paper.title == "隐患整改验收意见书"
    reason = Sealed.close("误报", FIRM, os.urandom(16))
    office.act(uuid4(), FactCorrected(about=(FIRM,), positions=(found,), reason=reason))
    with pytest.raises(NotFound, match="已被更正撤回"):
        paper_of(office, accepted)


def test_an_accident_that_was_imported_has_its_dossier(office: Office) -> None:
    origin = RowOrigin(source="ledger", file="0" * 64, row=2)
    row = AccidentRowImported(enterprise=FIRM, origin=origin, number="A1", occurred=DAY)
    at = office.act(uuid4(), row, by=Actor(authentication="import"), happened=DAY)
    made = paper_of(office, at)
    assert made.paper.title == "生产安全事故责任倒查卷宗"
    assert made.paper.number == "A1"


def test_it_is_made_again_to_the_byte_however_much_came_after(office: Office) -> None:
    filed, *_ = office.zero_report()
    made = paper_of(office, filed)
    entry = issue(made, office.ledger, command=uuid4(), by=SYSTEM, now=CLOSED)
    assert issue(made, office.ledger, command=uuid4(), by=SYSTEM, now=CLOSED) == entry
    office.hazard("YH-9", at=entry.recorded + timedelta(hours=2))
    office.publish()
    assert make_again(office.ledger, office.log, made.fact).file == made.file


def test_what_was_erased_since_cannot_be_made_again(office: Office) -> None:
    filed, *_ = office.zero_report()
    made = paper_of(office, filed)
    issue(made, office.ledger, command=uuid4(), by=SYSTEM, now=CLOSED)
    office.ledger.vault.forget(office.people["张三"])
    with pytest.raises(Contradiction, match="其后已被删除") as refused:
        make_again(office.ledger, office.log, made.fact)
    assert "原件" in str(refused.value.todo_zh)
    shown = signed(make(office.ledger, office.log, filed, CHECK_AT))
    assert shown[0].startswith("〔姓名已删除〕")


def test_what_no_checkpoint_covers_waits(office: Office) -> None:
    office.publish()
    filed = office.file(at=DUE - timedelta(days=2))
    with pytest.raises(Unavailable, match="尚未载入"):
        make(office.ledger, office.log, filed, CHECK_AT)
    with pytest.raises(NotFound):
        make(office.ledger, office.log, filed + 1, CHECK_AT)
    with pytest.raises(NotFound, match="没有出具过"):
        issued_paper(office.ledger, uuid4())
