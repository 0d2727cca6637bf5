"""The pages of experts, worked on by their forms: admission, a panel, its inspection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api.test_matter_pages import FAR, Place, place

if TYPE_CHECKING:
    from tests.support.clerk_at_work import Worker

__all__ = ["place"]
ADMISSION = {
    "pool": "municipal",
    "title": "senior",
    "healthy": "yes",
    "happened": "2024-01-05T09:00",
}


def admit(place: Place, name: str, specialties: str, **changes: str) -> str:
    """Register somebody and admit them to the department's pool; return the page."""
    person: str = place.web.post("/persons", {"name": name, "born": "1980-05-01"}).json()["record"]
    sent = {**ADMISSION, "years": "12", "specialties": specialties, **changes}
    page = place.head.do(f"/experts/{person}", "admitted", **sent)
    assert page == f"/experts/{person}"
    return page


def candidate(place: Place, name: str) -> str:
    person: str = place.web.post("/persons", {"name": name}).json()["record"]
    return f"/experts/{person}"


def test_admission_asks_for_what_the_policy_asks(place: Place) -> None:
    page = candidate(place, "李资深")
    place.web.here.runner.wait_for(place.web.here.ledger.head().position, 10)
    retired = {**ADMISSION, "years": "30", "specialties": "电气", "retired": "yes"}
    refused = place.city.fill(page, "admitted", **retired, born="1950-05-01")
    assert refused.status_code in (403, 404, 409)
    page = admit(place, "赵机械", "机械、电气")
    told = place.head.see(page)
    assert "机械、电气" in told
    assert "高级职称" in told
    assert {"published", "letter-issued", "appraised"} <= set(place.head.offered(page))
    place.head.do(page, "published", document="公告〔2024〕1号")
    place.head.do(page, "suspended", reason="出国")
    assert "暂停" in place.head.see(page)
    place.head.do(page, "restored", reason="回国")
    found = place.head.see("/experts?specialty=机械&fitting=1")
    assert page in found
    assert page not in place.head.see("/experts?specialty=爆破&fitting=1")
    assert "专业不符" in place.head.see("/experts?specialty=爆破")
    assert place.head.client.get("/experts.xlsx").content.startswith(b"PK")


def chosen(place: Place, *choices: tuple[str, str]) -> dict[str, str]:
    rows: dict[str, str] = {}
    for n, (page, specialty) in enumerate(choices):
        rows[f"members__{n}__person"] = page.rpartition("/")[2]
        rows[f"members__{n}__specialty"] = specialty
    return rows


def test_a_panel_is_chosen_and_why_it_cannot_be(place: Place) -> None:
    mark = place.county.enterprise[-6:]
    pages = [admit(place, f"专家{n}", f"专业{mark}{n}") for n in range(3)]
    address = f"/experts/panel?enterprise={place.county.enterprise}"
    assert "符合" in place.boss.see(address)
    assert "以现任岗位，此刻没有可办的事项" in place.head.see(address)
    two = chosen(place, (pages[0], f"专业{mark}0"), (pages[1], f"专业{mark}0"))
    refused = place.boss.fill(address, **two)
    assert refused.status_code == 409
    assert "这样聘请不能生效" in refused.text, "all that is wrong is told at once"
    for words in ("少于3人", "2.1g"):
        assert words in refused.text
    three = chosen(place, *((page, f"专业{mark}{n}") for n, page in enumerate(pages)))
    page = place.boss.do(address, **three)
    inspected(place, place.boss, page, pages)


def inspected(place: Place, boss: Worker, page: str, experts: list[str]) -> None:
    boss.do(page, "held", subjects="emergency")
    delivered = {"findings__0__text": "阀门泄漏", "findings__0__recommendation": "更换"}
    boss.do(page, "report-delivered", **delivered, findings__0__at_once="yes")
    boss.do(page, "measure-set", item="1", measure="更换阀门", deadline=FAR)
    boss.do(page, "rectified", item="1", result="已更换")
    boss.do(page, "rechecked", items__0__passed="yes")
    refused = boss.fill(page, "file-closed", part="0")
    assert refused.status_code == 409
    assert "2.1m" in refused.text
    for expert in experts:
        boss.do(page, "signed", part="0", person=expert.rpartition("/")[2])
    boss.do(page, "file-closed", part="0")
    told = boss.see(page)
    assert "复查合格" in told
    assert "出具专家安全检查报告" in told
    assert page in boss.see(f"/enterprises/{place.county.enterprise}/experts?lang=en")
    topics = [
        entry.topic
        for entry in place.web.here.ledger.range(place.web.here.ledger.head().position - 3, 3)
    ]
    assert "reading.recorded" in topics, "who read the report is on record"
    assert place.head.see("/experts/owed")
    assert place.head.client.get("/experts/owed.xlsx").content.startswith(b"PK")
