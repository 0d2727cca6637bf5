"""The desk and the lists of duties over HTTP: what is told, and to whom not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.moment import local_day
from domain.organisation import organisation_id
from tests.support.county import County
from tests.support.somebody import Somebody

if TYPE_CHECKING:
    from tests.support.web import Web

REPORT = "月底前报送本月隐患自查自纠情况"


@pytest.fixture(scope="module")
def somebody(web: Web) -> Somebody:
    return Somebody(web, County.begin(web))


@pytest.fixture(scope="module")
def other(web: Web) -> Somebody:
    return Somebody(web, County.begin(web))


def test_the_desk_tells_what_is_owed_and_leads_to_where_it_is_done(somebody: Somebody) -> None:
    page = somebody.get("/").text
    assert REPORT in page
    month = f"{local_day(somebody.web.here.now()):%Y-%m}"
    assert f'href="/reports/{somebody.county.id}/{month}"' in page
    assert "企业每周检查" in page, "a round of this week"
    assert somebody.get("/workbench").text.count(REPORT) == page.count(REPORT)


def test_the_owner_sees_everybody(web: Web, somebody: Somebody) -> None:
    assert somebody.county.enterprise
    seen = {"Accept": "text/html"}
    assert "台账总览" in web.client.get("/", headers=seen).text
    theirs = f"/duties?organisation={somebody.county.id}"
    assert REPORT in web.client.get(theirs, headers=seen).text


def test_a_day_is_judged_as_it_was(somebody: Somebody) -> None:
    whose = f"/duties?organisation={somebody.county.id}"
    today = local_day(somebody.web.here.now()).isoformat()
    assert REPORT in somebody.get(whose).text
    assert "主要负责人 郑启荣" in somebody.get(whose).text, "who holds the post"
    assert REPORT in somebody.get(f"{whose}&as_at={today}").text
    assert REPORT not in somebody.get(f"{whose}&as_at=2023-01-01").text
    for standing in ("overdue", "soon", "coming", "settled"):
        assert somebody.get(f"{whose}&standing={standing}").status_code == 200
        assert somebody.get(f"{whose}&standing={standing}&as_at={today}").status_code == 200


def test_what_others_owe_it_is_the_other_side(somebody: Somebody) -> None:
    department = organisation_id(somebody.county.department)
    owner = somebody.web.client.get(f"/duties?organisation={department}&side=owed")
    assert REPORT in owner.text
    assert "他人应向应急管理局履行的义务" in owner.text


def test_nobody_sees_what_another_enterprise_owes(somebody: Somebody, other: Somebody) -> None:
    theirs = somebody.county.id
    for path in (
        f"/duties?organisation={theirs}",
        f"/duties?organisation={theirs}&post={other.county.id}",
        f"/duties?about={theirs}",
        f"/duties?person={somebody.id}",
        f"/duties.xlsx?organisation={theirs}",
    ):
        assert other.get(path).status_code == 403, path


def test_a_spreadsheet_says_what_it_cannot_tell(somebody: Somebody) -> None:
    sheet = somebody.get(f"/duties.xlsx?organisation={somebody.county.id}")
    assert sheet.content[:2] == b"PK"
    assert somebody.get("/duties.xlsx?organisation=NOSUCH").status_code == 422
    assert "没有找到这家单位" in somebody.get("/duties?organisation=NOSUCH").text


def test_gaps_are_told_within_ones_scope(web: Web, somebody: Somebody, other: Somebody) -> None:
    own = other.get("/duties/gaps").text
    assert str(somebody.county.id) not in own
    everything = web.client.get("/duties/gaps", headers={"Accept": "text/html"}).text
    assert "未落实" in everything or "无" in everything
    assert web.client.get("/duties/gaps.xlsx").content[:2] == b"PK"


@pytest.mark.parametrize("after", ["x", "2024-13-01 a"])
def test_a_page_that_does_not_begin_anywhere_is_refused(somebody: Somebody, after: str) -> None:
    answer = somebody.get(f"/duties?organisation={somebody.county.id}&after={after}")
    assert answer.status_code == 422
