"""The pages of inspections, worked on by their forms, and what the page on site asks the server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from api.authority import Authority
from api.caller import Caller
from api.scene import Scene
from domain.moment import local_day
from tests.api.test_matter_pages import FAR, Place, place
from tests.api.test_tips import received

if TYPE_CHECKING:
    import httpx

__all__ = ["place"]
JPEG = b"\xff\xd8\xff\xe0 a picture"


def test_an_inspection_from_the_plan_to_its_file(place: Place) -> None:
    page = place.head.do(
        f"/inspections/schedule?enterprise={place.county.enterprise}", planned="2024-03-01"
    )
    assert "逾期未查" in place.head.see(page)
    assert place.head.offered(page) == ["held"]
    assert page in place.head.see("/inspections?state=missed")
    place.head.do(page, "held", kind="routine", officers=place.people["department"], place="库房")
    place.head.do(page, "finding-recorded", text="通道堵塞")
    place.head.do(page, "finding-recorded", text="台账缺页", unlawful_act="yes")
    refused = place.head.fill(page, "file-closed", no_expert_reason="日常检查")
    assert refused.status_code == 409
    assert "1.2c" in refused.text
    assert page in place.head.see("/inspections?state=undisposed")
    place.head.do(page, "finding-disposed", item="2", disposition="on_spot")
    record = page.rpartition("/")[2]
    new = f"/orders/new?enterprise={place.county.enterprise}&inspection={record}"
    assert ">通道堵塞</textarea>" in place.head.see(new)
    order = place.head.do(new, number="责改9号", items__0__deadline=FAR)
    assert order in place.head.see(page)
    place.head.do(
        page, "record-signed", signer="张师傅", refused="yes", reason="不服", witness="李某"
    )
    told = place.head.see(page)
    assert "拒绝签字" in told
    assert "见证人：李某" in told
    place.head.do(page, "file-closed", no_expert_reason="日常检查")
    assert place.head.offered(page) == []
    assert "已归档" in place.head.see(page)
    assert place.topics(record) == [
        *("inspection.scheduled", "inspection.held"),
        *("inspection.finding_recorded", "inspection.finding_recorded"),
        *("inspection.finding_disposed", "inspection.finding_disposed"),
        *("inspection.record_signed", "inspection.file_closed"),
    ]


def test_an_inspection_is_recorded_at_a_desk_with_its_findings(place: Place) -> None:
    address = f"/inspections/new?enterprise={place.county.enterprise}"
    nobody = place.head.fill(address, kind="", findings__0__text="甲")
    assert nobody.status_code in (303, 422)
    page = place.head.do(
        address,
        officers=place.people["department"],
        findings__0__text="甲",
        findings__1__item="2",
        findings__1__text="乙",
    )
    told = place.head.see(f"{page}?lang=en")
    assert "甲" in told
    assert "Undecided" in told
    assert place.head.client.get("/inspections.xlsx").content.startswith(b"PK")


def test_a_plan_is_adopted_once_a_year(place: Place) -> None:
    year = local_day(place.web.here.now()).year
    told = place.head.see("/inspections/plan")
    assert "该年度计划尚未制定" in told
    assert "从未检查过的企业" in told
    assert place.county.enterprise in told
    address = f"/inspections/plan?department={place.codes['department']}&year={year}"
    place.head.do(address, scope="辖区内全部企业", frequency="每年一次")
    told = place.head.see(address)
    assert "辖区内全部企业" in told
    assert "制定年度检查计划</summary>" not in told
    place.head.do(
        f"/inspections/schedule?enterprise={place.county.enterprise}", planned="2099-12-31"
    )
    assert place.county.enterprise in place.head.see(f"{address[:-4]}2099")


def _send(place: Place, record: str, data: bytes, **query: str) -> httpx.Response:
    token = place.head.client.get("/inspections/pack", headers={"Accept": "*/*"}).json()["me"][
        "token"
    ]
    client = place.head.client
    headers = {
        "Content-Type": "image/jpeg",
        "Idempotency-Key": query.pop("key", str(uuid4())),
        "X-CSRF-Token": token,
        "Origin": str(client.base_url).rstrip("/"),
        "Accept": "*/*",
    }
    given = {"captured": "2026-01-05T08:00:00+08:00", **query}
    path = f"/api/v1/inspections/{record}/photos"
    return client.post(path, content=data, headers=headers, params=given)


def test_what_is_taken_along_and_a_photograph(place: Place) -> None:
    place.head.do(f"/inspections/schedule?enterprise={place.county.enterprise}", planned=FAR)
    pack = place.head.client.get("/inspections/pack", headers={"Accept": "*/*"}).json()
    assert place.county.enterprise in {each["code"] for each in pack["enterprises"]}
    assert place.people["enterprise"] in {each["person"] for each in pack["people"]}
    assert place.people["department"] in {each["person"] for each in pack["officers"]}
    (planned,) = pack["planned"]
    record = planned["record"]

    assert _send(place, record, b"no picture").status_code == 422
    key = str(uuid4())
    first, again = (_send(place, record, JPEG, item="1", key=key) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert place.topics(record) == ["inspection.scheduled", "inspection.photographed"]
    photo = f"/inspections/{record}/photos/{first.json()['digest']}"
    assert place.head.client.get(photo).content == JPEG
    assert place.head.client.get(f"/inspections/{record}/photos/{'0' * 64}").status_code == 404
    (kept,) = (place.web.here.settings.home / "photos").rglob(f"{first.json()['digest']}.jpg")
    kept.write_bytes(b"another")
    assert place.head.client.get(photo).status_code == 404, "it is no longer what it was"


def test_the_page_on_site_is_kept_with_all_it_needs(place: Place) -> None:
    worker = place.web.client.get("/inspections/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "VERSION" not in worker.text
    for path in ("/inspections/site", "/inspections/site?lang=en", "/static/site_sending.js"):
        assert place.web.client.get(path).status_code == 200
    assert place.people["department"] not in place.head.see("/inspections/site")


def test_an_enterprises_own_people_learn_of_no_tip_about_it(place: Place) -> None:
    tip, _ = received(place.web, place.county)
    for name, sees in (("enterprise", False), ("department", True)):
        authority = Authority(place.web.here, Caller("token", UUID(place.people[name])))
        entries = Scene(place.web.here, place.county.id, authority).docket.all_entries
        assert any(entry.record == UUID(tip) for entry in entries) is sees


def test_a_form_that_cannot_be_read_comes_back(place: Place) -> None:
    address = f"/inspections/new?enterprise={place.county.enterprise}"
    sent = {"officers": place.people["department"], "findings__0__text": "甲" * 20_001}
    refused = place.head.fill(address, **sent)
    assert refused.status_code == 422
    assert "甲甲甲" in refused.text
    nobody = place.head.fill(address, officers="谁", findings__0__text="乙")
    assert nobody.status_code == 422
    assert ">乙</textarea>" in nobody.text
