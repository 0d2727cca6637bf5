"""The hazard ledger and a hazard's page, as their forms send them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook
from uuid_utils.compat import uuid7

from api.hazard_acts import in_fen
from domain.hazard import HazardRectified

if TYPE_CHECKING:
    import httpx

    from tests.support.county import County
    from tests.support.web import Web


def page(web: Web, path: str, **query: str) -> str:
    answer = web.client.get(path, params=query, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


def fill(web: Web, path: str, **fields: str) -> httpx.Response:
    sent = {"command": str(uuid7()), **fields}
    return web.client.post(path, data=sent, headers={"Accept": "text/html"})


def done(web: Web, path: str, **fields: str) -> None:
    answer = fill(web, path, **fields)
    assert answer.status_code == 303, answer.text


def reported(county: County, **fields: str) -> str:
    sent = {
        "enterprise": county.enterprise,
        "number": f"YH-{county.enterprise[-6:]}",
        "description": "阀门泄漏",
        "found_by": "enterprise",
        **fields,
    }
    answer = fill(county.web, "/hazards/new", **sent)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def topics(county: County, hazard: str) -> list[str]:
    record = UUID(hazard.rpartition("/")[2])
    return [entry.topic for entry in county.web.here.ledger.record(record)]


def test_from_its_report_to_its_closing(county: County) -> None:
    """A general hazard goes the seven steps 发现—评估—报告—公示—治理—验收—销号 (3.1b)."""
    web = county.web
    safety = county.post("safety_manager", web.post("/persons", {"name": "许安"}).json()["record"])
    hazard = reported(county)
    assert "下一步：评估隐患" in page(web, hazard)
    done(web, f"{hazard}/assessed", level="general", organiser=safety)
    assert "下一步：采取治理期间安全措施" in page(web, hazard)
    done(web, f"{hazard}/safeguarded", measures="停用该管线并挂牌")
    done(web, f"{hazard}/reported", kind="company")
    done(web, f"{hazard}/disclosed", where="车间公示栏", employees_meeting="1")
    plan = {"measures": "更换阀门", "deadline": "2026-12-31", "funding": "维修费"}
    done(web, f"{hazard}/planned", responsible=safety, **plan)
    told = page(web, hazard)
    assert "齐全" in told
    assert "许安 safety_manager" in told
    done(web, f"{hazard}/rectification_started")
    done(web, f"{hazard}/rectified", result="已更换", cost="1,200.5")
    assert "待验收" in page(web, hazard)
    done(web, f"{hazard}/accepted", passed="1")
    done(web, f"{hazard}/closed")
    told = page(web, hazard)
    assert "本隐患已销号" in told
    acts = [
        *("found", "assessed", "safeguarded", "reported", "disclosed", "planned"),
        *("rectification_started", "rectified", "accepted", "closed"),
    ]
    assert topics(county, hazard) == [f"hazard.{act}" for act in acts]
    record = web.here.ledger.record(UUID(hazard.rpartition("/")[2]))
    rectified = next(e.fact for e in record if isinstance(e.fact, HazardRectified))
    assert rectified.cost == 120_050


def test_what_would_be_refused_is_told_before_and_what_was_typed_is_kept(county: County) -> None:
    hazard = reported(county)
    done(county.web, f"{hazard}/rectified", result="已紧固")
    assert "现在提交会被退回" in page(county.web, hazard)
    refused = fill(county.web, f"{hazard}/accepted", passed="1", remarks="看过，没有问题")
    assert refused.status_code == 409
    assert "看过，没有问题</textarea>" in refused.text
    assert topics(county, hazard) == ["hazard.found", "hazard.rectified"]


def test_a_field_that_is_wrong_is_marked(county: County) -> None:
    hazard = reported(county)
    wrong = fill(county.web, f"{hazard}/rectified", result="已更换", cost="一千")
    assert wrong.status_code == 422
    assert 'class="wrong" aria-invalid="true"' in wrong.text
    missing = fill(county.web, "/hazards/new", enterprise=county.enterprise, number="1")
    assert missing.status_code == 422
    assert "没有提交成功" in missing.text


def test_a_step_left_out_shows_on_the_page(county: County) -> None:
    hazard = reported(county)
    done(county.web, f"{hazard}/rectified", result="已紧固")
    told = page(county.web, hazard, lang="en")
    assert "skipped" in told
    assert "Rectified without" in told, "the breach of 3.1c stands among what is owed"


def test_a_major_hazard_is_for_the_regulator_to_accept(county: County) -> None:
    hazard = reported(county, suspected_major="1")
    assert "疑似重大" in page(county.web, hazard)
    done(county.web, f"{hazard}/determined", level="major", functions="安全", absence_reason="出差")
    record = county.web.here.ledger.record(UUID(hazard.rpartition("/")[2]))
    assert record[-1].fact.absent == ("生产", "工程设备", "技术")  # type: ignore[attr-defined]
    assert "评估认定" in page(county.web, hazard)
    done(county.web, f"{hazard}/rectified", result="已更换")
    done(county.web, f"{hazard}/acceptance_applied", to_org=county.department)
    assert "由监管部门办理" not in page(county.web, hazard)


def test_what_is_no_hazard_and_no_act_is_told(county: County) -> None:
    assert county.web.client.get(f"/hazards/{county.id}").status_code == 404
    assert fill(county.web, f"{reported(county)}/forgotten").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_ledger_lists_filters_and_is_taken_away(county: County, lang: str) -> None:
    number = f"YH-{county.enterprise[-6:]}"
    reported(county)
    county.web.here.runner.wait_for(county.web.here.ledger.head().position, 60)
    told = page(county.web, "/hazards", q=number, lang=lang)
    assert number in told
    assert "阀门泄漏" in told
    assert "阀门泄漏" not in page(county.web, "/hazards", q=number, stage="closed", lang=lang)
    assert "阀门泄漏" not in page(county.web, "/hazards", q=number, level="major", lang=lang)
    taken = county.web.client.get("/hazards.xlsx", params={"q": number, "lang": lang})
    heads, line = (
        CalamineWorkbook.from_filelike(BytesIO(taken.content)).get_sheet_by_index(0).to_python()
    )
    assert line[0] == number
    assert len(heads) == len(line)


def test_a_cursor_of_another_question_is_refused(web: Web) -> None:
    assert web.client.get("/hazards", params={"after": "abc"}).status_code == 422


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12", 1200), ("1,200.5", 120_050), ("0.05", 5), ("1.234", "1.234"), ("", ""), ("x", "x")],
)
def test_yuan_are_fen(text: str, fen: int | str) -> None:
    assert in_fen(text) == fen
