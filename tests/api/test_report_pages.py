"""The pages of monthly reports, as their forms send them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook
from uuid_utils.compat import uuid7

from domain.moment import month_of
from domain.monthly_report import report_id
from domain.organisation import organisation_id

if TYPE_CHECKING:
    import httpx

    from tests.support.county import County
    from tests.support.web import Web

MONTH = "2024-05"


def page(web: Web, path: str, **query: str) -> str:
    answer = web.client.get(path, params=query, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


def fill(web: Web, path: str, **fields: str) -> httpx.Response:
    sent = {"command": str(uuid7()), **{n.replace("__", "."): v for n, v in fields.items()}}
    return web.client.post(path, data=sent, headers={"Accept": "text/html"})


def address(county: County) -> str:
    return f"/reports/{county.enterprise}/{MONTH}"


def lists_show_all(web: Web) -> None:
    web.here.runner.wait_for(web.here.ledger.head().position, 60)


def facts_of_report(county: County) -> list[str]:
    record = report_id(county.id, MONTH)
    return [entry.topic for entry in county.web.here.ledger.record(record)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_with_nothing_to_report_the_form_needs_one_click(county: County, lang: str) -> None:
    told = page(county.web, address(county), lang=lang)
    assert re.search(r'value="zero" required checked', told)
    answer = fill(county.web, address(county), kind="zero", to_org=county.department)
    assert answer.status_code == 303, answer.text
    told = page(county.web, answer.headers["Location"], lang=lang)
    code = re.search(r"/check/([0-9A-Z-]{19})", told)
    assert code is not None
    assert page(county.web, f"/check/{code[1]}")
    assert {"zh": "待双方签署", "en": "awaiting both signatures"}[lang] in told


def test_what_bars_a_zero_report_is_told_before_it_is_sent(county: County) -> None:
    county.hazard(happened="2024-05-12")
    told = page(county.web, address(county))
    assert "2024-05已有隐患记录：YH-2024-1，不得零报告" in told
    assert re.search(r'value="zero" required disabled', told)
    refused = fill(
        county.web, address(county), kind="zero", to_org=county.department, text="本月无隐患"
    )
    assert refused.status_code == 409
    assert "本月无隐患</textarea>" in refused.text, "what was typed is not lost"
    assert facts_of_report(county) == []


def test_an_ordinary_report_lists_each_hazard_as_it_was_filled_in(county: County) -> None:
    hazard = county.hazard(happened="2024-05-12").json()["record"]
    older = county.hazard(happened="2024-04-02", number="YH-2024-0").json()["record"]
    states = {f"state__{hazard}": "已更换阀门", f"state__{older}": "待验收"}
    sent = {"kind": "ordinary", "to_org": county.department, **states}
    assert fill(county.web, address(county), **sent).status_code == 303
    (filed,) = county.web.here.ledger.record(report_id(county.id, MONTH))
    assert [each.state for each in filed.fact.hazards] == ["已更换阀门"]  # type: ignore[attr-defined]
    assert [each.state for each in filed.fact.older] == ["待验收"]  # type: ignore[attr-defined]
    assert "已生效" in page(county.web, address(county))


def test_sent_twice_it_is_filed_once_and_corrected_it_is_filed_again(county: County) -> None:
    command = str(uuid7())
    sent = {"kind": "zero", "to_org": county.department, "command": command}
    for _ in range(2):
        assert fill(county.web, address(county), **sent).status_code == 303
    assert facts_of_report(county) == ["report.filed"]
    again = {"kind": "zero", "to_org": county.department, "text": "更正：补充说明"}
    assert fill(county.web, address(county), **again).status_code == 303
    assert facts_of_report(county) == ["report.filed", "report.filed"]
    assert "更正：补充说明" in page(county.web, address(county))


def test_a_report_is_taken_back_with_its_reason(county: County) -> None:
    fill(county.web, address(county), kind="zero", to_org=county.department)
    withdrawn = f"{address(county)}/withdraw"
    assert fill(county.web, withdrawn, reason="").status_code == 422
    assert fill(county.web, withdrawn, reason="漏查一处").status_code == 303
    assert "漏查一处" in page(county.web, address(county))


def test_a_report_is_made_out_on_paper(county: County) -> None:
    fill(county.web, address(county), kind="zero", to_org=county.department)
    position = county.web.here.ledger.record(report_id(county.id, MONTH))[0].position
    made = fill(county.web, "/papers", document=str(position))
    assert made.status_code == 303, made.text
    assert county.web.client.get(made.headers["Location"]).content.startswith(b"%PDF")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_map_shows_a_charge_and_leads_to_each_report(county: County, lang: str) -> None:
    """Of this month: nothing is owed for one before the ledger was opened."""
    month = month_of(county.web.here.now())
    report = f"/reports/{county.enterprise}/{month}"
    assert fill(county.web, report, kind="zero", to_org=county.department).status_code == 303
    lists_show_all(county.web)
    asked = {"q": county.enterprise, "lang": lang}
    shown = f"/reports/{county.id}/{month}"
    assert shown in page(county.web, "/reports", **asked)
    assert shown in page(county.web, "/reports", **asked, mark="unsigned")
    assert shown not in page(county.web, "/reports", **asked, mark="late")
    taken = county.web.client.get("/reports.xlsx", params=asked)
    sheet = CalamineWorkbook.from_filelike(BytesIO(taken.content)).get_sheet_by_index(0)
    _, line = sheet.to_python()
    assert line[1] == county.enterprise
    assert {"zh": "零报告未签名", "en": "zero report, unsigned"}[lang] in line


def test_the_map_can_be_asked_for_a_department_and_an_industry(county: County) -> None:
    lists_show_all(county.web)
    department = str(organisation_id(county.department))
    shown = f"/reports/{county.id}/"
    assert shown in page(county.web, "/reports", department=department)
    assert shown not in page(county.web, "/reports", department=department, industry="C")
    assert county.web.client.get("/reports", params={"after": "x"}).status_code == 422
