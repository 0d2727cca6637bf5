"""The pages of orders, listings and halts, worked on by their forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from domain.order import OrderRecord
from tests.support.clerk_at_work import Worker
from tests.support.county import SINCE, County

if TYPE_CHECKING:
    from tests.support.web import Web

FAR = "2199-12-31"


@dataclass
class Place:
    """An enterprise with its principal, its department with its head, and two bodies above."""

    county: County
    head: Worker
    boss: Worker
    city: Worker
    people: dict[str, str]
    codes: dict[str, str]

    @property
    def web(self) -> Web:
        return self.county.web

    def topics(self, record: str) -> list[str]:
        return [entry.topic for entry in self.web.here.ledger.record(UUID(record))]

    def order(self) -> str:
        """Issue an order with two items, and return its page."""
        return self.head.do(
            f"/orders/new?enterprise={self.county.enterprise}",
            number="责改1号",
            items__0__text="通道堵塞",
            items__0__deadline=FAR,
        )


def _post(web: Web, organisation: str, person: str) -> None:
    body = {"organisation": organisation, "kind": "principal", "title": "主要负责人"}
    post = web.post("/posts", {**body, "happened": SINCE}).json()["record"]
    held = {"person": person, "happened": SINCE}
    assert web.post(f"/posts/{post}/appointment-made", held).status_code == 201


@pytest.fixture
def place(web: Web) -> Iterator[Place]:
    county = County.begin(web)
    codes = {"department": county.department, "enterprise": county.enterprise}
    codes["city"], codes["bureau"] = f"C{uuid4().hex[:10].upper()}", f"B{uuid4().hex[:10].upper()}"
    for name in ("city", "bureau"):
        above = {"parent": codes["city"]} if name == "bureau" else {"level": "city"}
        kind = "department" if name == "bureau" else "government"
        body = {"kind": kind, "code": codes[name], "name": name, **above, "happened": SINCE}
        assert web.post("/organisations", body).status_code == 201
    changed = {"parent": codes["city"], "happened": SINCE}
    assert web.post(f"/organisations/{county.department}/changed", changed).status_code == 201
    people = {}
    for name in ("department", "enterprise", "city"):
        people[name] = web.post("/persons", {"name": f"{name}负责人"}).json()["record"]
        _post(web, codes[name], people[name])
    with ExitStack() as open_until_the_end:
        head, boss, city = (
            open_until_the_end.enter_context(Worker.signed_in(web, people[name]))
            for name in ("department", "enterprise", "city")
        )
        yield Place(county, head, boss, city, people, codes)


def test_an_order_from_issue_to_recheck(place: Place) -> None:
    page = place.order()
    assert place.head.offered(page) == [
        *("served", "service-refused", "rechecked", "extended", "breached", "withdrawn"),
    ]
    assert place.boss.offered(page) == ["complied"], "the enterprise does what is its own to do"
    assert "待送达" in place.head.see(page)
    place.head.do(page, "served", manner="direct", to_person=place.people["enterprise"])
    assert "整改中" in place.head.see(page)
    place.boss.do(page, "complied", items="1")
    refused = place.head.fill(page, "extended", item="1", deadline="明年", reason="设备未到")
    assert refused.status_code == 422
    assert "设备未到</textarea>" in refused.text, "what was typed is not lost"
    assert re.search(r'id="extended-deadline-wrong">.*日期', refused.text)
    place.head.do(page, "rechecked", items__0__passed="yes", items__0__remarks="已疏通")
    told = place.head.see(page)
    assert "复查合格" in told
    assert "已疏通" in told
    assert "出具整改复查意见书" in told
    assert place.head.offered(page) == []
    assert place.topics(page.rpartition("/")[2]) == [
        *("order.issued", "order.served", "order.complied", "order.rechecked")
    ]


def test_rows_are_added_without_a_script_and_nothing_typed_is_lost(place: Place) -> None:
    address = f"/orders/new?enterprise={place.county.enterprise}"
    answer = place.head.fill(address, number="责改2号", items__0__text="甲", more="1")
    assert answer.status_code == 200
    assert 'value="责改2号"' in answer.text
    assert ">甲</textarea>" in answer.text
    assert 'name="items.1.text"' in answer.text
    missing = place.head.fill(address, number="", items__0__text="甲")
    assert missing.status_code == 422
    assert 'id="issued-items-0-deadline-wrong"' in missing.text
    page = place.head.do(
        address,
        number="责改2号",
        **{"items.0.text": "甲", "items.0.deadline": FAR},
        **{
            "items.1.item": "2",
            "items.1.text": "乙",
            "items.1.deadline": FAR,
            "items.1.major": "yes",
        },
    )
    record = UUID(page.rpartition("/")[2])
    order = OrderRecord("order:x", [*place.web.here.ledger.record(record)])
    assert order.issued is not None
    assert [(each.item, each.major) for each in order.issued.items] == [(1, False), (2, True)]


def test_a_form_sent_twice_records_one(place: Place) -> None:
    address = f"/orders/new?enterprise={place.county.enterprise}"
    command = str(uuid4())
    sent = {"number": "3号", "items.0.text": "甲", "items.0.deadline": FAR, "command": command}
    assert place.head.do(address, **sent) == place.head.do(address, **sent)
    other = place.head.fill(address, **{**sent, "number": "4号"})
    assert other.status_code == 422
    assert f'name="command" value="{command}"' not in other.text, "the form is made out anew"


def test_the_list_is_filtered_exported_and_shows_only_ones_own(place: Place) -> None:
    page = place.order()
    assert page in place.head.see("/orders?state=open&number=责改1")
    assert page not in place.head.see("/orders?state=passed")
    assert page not in place.head.see("/orders?overdue=1")
    assert page in place.boss.see("/orders?lang=en")
    stranger = place.web.post("/persons", {"name": "外人"}).json()["record"]
    with Worker.signed_in(place.web, stranger) as other:
        assert page not in other.see("/orders")
        assert other.client.get(page).status_code == 403
    assert place.head.client.get("/orders.xlsx").content.startswith(b"PK")
    assert place.head.client.get("/listings.xlsx").content.startswith(b"PK")
    assert place.head.client.get("/halts.xlsx").content.startswith(b"PK")


def _major(place: Place) -> str:
    hazard: str = place.county.hazard().json()["record"]
    determined = {"level": "major", "by": "department", "determiner_org": place.county.department}
    answer = place.web.post(f"/hazards/{hazard}/determined", determined)
    assert answer.status_code == 201, answer.text
    return hazard


def test_a_listing_is_struck_off_only_after_both_acceptances(place: Place) -> None:
    hazard = _major(place)
    bureau = str(place.web.get(f"/organisations/{place.codes['bureau']}").json()["record"])
    city = place.web.get(f"/organisations/{place.codes['city']}").json()["record"]
    department = place.web.get(f"/organisations/{place.codes['department']}").json()["record"]
    new = f"/listings/new?enterprise={place.county.enterprise}"
    page = place.head.do(new, hazard=hazard, to_org=city)
    assert place.head.offered(page) == [], "the authority decides"
    assert place.city.offered(page) == ["made", "declined"]
    terms = {"number": "督1号", "responsible_body": department, "deadline": FAR}
    same = place.city.fill(page, "made", supervising_unit=department, **terms)
    assert same.status_code == 409
    assert "责任单位与督办单位同为" in same.text
    place.city.do(page, "made", supervising_unit=city, **terms)
    assert bureau
    assert "整改督办中" in place.head.see("/listings")
    refused = place.head.fill(page, "first-accepted", passed="yes")
    assert refused.status_code == 409, "nothing is rectified yet"
    assert "尚无整改完成的记录" in refused.text
    delisted = place.city.fill(page, "delisted")
    assert delisted.status_code == 409
    assert "缺少合格的责任单位验收、督办单位验收" in delisted.text
    place.head.do(page, "first-accepted", passed="no", remarks="未整改")
    told = place.city.see(page)
    assert "不合格" in told
    assert page in place.city.see("/listings?stage=listed")


def test_a_halt_for_a_major_hazard_is_not_lifted_before_acceptance(place: Place) -> None:
    hazard = _major(place)
    new = f"/halts/new?enterprise={place.county.enterprise}"
    page = place.head.do(new, ground="major_hazard", hazards=[hazard], scope="储罐区")
    assert "未经监管部门验收合格" in place.head.see(page)
    refused = place.head.fill(page, "lifted")
    assert refused.status_code == 409
    assert "3.2e" in refused.text
    place.head.do(page, "observed", scope="夜间仍有出料")
    assert place.boss.offered(page) == ["lifted", "resumed"]
    place.boss.do(page, "resumed", scope="全部")
    assert "停产中" in place.head.see("/halts?state=yes")
    assert page not in place.head.see("/halts?state=no")


def test_an_enterprise_is_looked_for_first(place: Place) -> None:
    found = place.head.see(f"/orders/new?name={place.county.enterprise.lower()}")
    assert f"enterprise={place.county.enterprise}" in found
    assert place.head.client.get(f"/orders/new?enterprise={'X' * 18}").status_code == 403
    for path in ("/orders", "/listings", "/halts"):
        assert place.head.client.get(f"{path}/{uuid4()}").status_code in (403, 404)
        assert place.head.see(f"{path}/new?lang=en")


def test_who_has_not_signed_in_is_told_to(web: Web, county: County) -> None:
    order = county.order()
    answer = web.client.get(f"/orders/{order}", headers={"Accept": "text/html"})
    assert "登录后，按所任岗位显示可办事项" in answer.text
