"""Bundles, rolls and check pages over HTTP and on the command line, verified with nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from api.rolls import take
from api.verifying import verify
from domain.moment import month_of
from domain.monthly_report import report_id
from domain.proof.code import short_code
from domain.roll import CLOSES, deadline_of
from tests.support.county import County
from tests.support.published import covered, policy, trust

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.support.cli import Run
    from tests.support.web import Web


@pytest.fixture
def order(web: Web, county: County) -> str:
    record = county.order()
    covered(web)
    return record


def proved(web: Web, answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    return [claim.key for claim in verify(answer.content, trust(web)).claims.proved]


def test_an_order(web: Web, order: str) -> None:
    assert "order_issued" in proved(web, web.get(f"/bundles/orders/{order}"))
    masked = web.get(f"/bundles/orders/{order}", mask="true")
    assert json.loads(masked.content)["disclosed"] == []


def test_a_report_and_a_hazard_and_a_trace(web: Web, county: County) -> None:
    hazard = county.hazard(number=f"YH-{county.enterprise}").json()["record"]
    body = {"kind": "ordinary", "to_org": county.department}
    month = month_of(web.here.now())
    filed = web.post(f"/reports/{county.enterprise}/{month}/filed", body)
    assert filed.status_code == 201, filed.text
    covered(web)
    reported = web.get(f"/bundles/reports/{county.enterprise}/{month}")
    assert "report_filed" in proved(web, reported)
    for reference in (hazard, f"YH-{county.enterprise}"):
        assert "hazard_life" in proved(web, web.get(f"/bundles/hazards/{reference}"))
    assert "rules_checked" in proved(web, web.get(f"/bundles/traces/{county.enterprise}"))


def test_the_trace_of_an_accident(web: Web) -> None:
    covered(web)
    number = web.get("/incidents").json()["incidents"][0]["id"]
    assert "rules_checked" in proved(web, web.get(f"/bundles/incidents/{number}"))


@pytest.mark.parametrize("path", ["orders/无此编号", "hazards/无此编号", "reports/E0/2020-01"])
def test_what_there_is_not(web: Web, path: str) -> None:
    covered(web)
    assert web.get(f"/bundles/{path}").status_code == 404


# Rolls.


def test_rolls(web: Web, county: County) -> None:
    ledger = web.here.ledger
    covered(web)
    now = web.here.now()
    month = month_of(now)
    assert web.get(f"/rolls/of/{month}").status_code == 404
    closed = month_of(now.replace(day=1) - timedelta(days=3))
    take(ledger, closed, max(now, deadline_of(closed) + CLOSES))
    heads = web.get(f"/rolls/of/{closed}").json()["rolls"]
    assert [each["head"]["of"] for each in heads] == [
        *(f"monthly_report {closed}", f"posts {closed}", f"keys {closed}")
    ]
    told = web.get(f"/rolls/monthly_report/{closed}/{county.enterprise}").json()
    assert told["content"] is None  # the ledger was opened after that month
    assert "应报名册" in told["words"]["zh"]
    absent = web.get(f"/rolls/monthly_report/{closed}/{county.department}").json()
    assert absent["content"] is None
    post = county.post("deputy", person(web))
    unknown = web.get(f"/rolls/posts/{closed}/{post}").json()
    assert unknown["content"] is None
    assert "没有" in unknown["words"]["zh"]


def person(web: Web) -> str:
    record: str = web.post("/persons", {"name": "张三"}).json()["record"]
    return record


# The check page.


def code_of(web: Web, record: str) -> str:
    entry = web.here.ledger.record(UUID(record))[0]
    assert entry.hash
    return short_code(entry.hash)


def page(web: Web, path: str, **query: Any) -> httpx.Response:  # noqa: ANN401 - any value
    return web.client.get(path, params=query, headers={"Accept": "text/html"})


def test_a_document_is_checked_by_its_code(web: Web, order: str) -> None:
    code = code_of(web, order)
    position = web.here.ledger.record(UUID(order))[0].position
    assert web.get(f"/facts/{position}").json()["code"] == code
    answer = page(web, f"/check/{code}")
    assert answer.status_code == 200
    assert "下达责令限期整改指令书" in answer.text
    assert "在案" in answer.text
    assert "沂河化工" in answer.text
    english = page(web, f"/check/{code.lower().replace('-', '')}", lang="en")
    assert "Rectification order issued" in english.text
    data = web.client.get(f"/check/{code}/bundle")
    assert "order_issued" in proved(web, data)
    assert json.loads(data.content)["disclosed"] == []
    svg = web.client.get(f"/check/{code}/qr.svg")
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert svg.text.startswith("<?xml")


def test_from_elsewhere_without_an_account(web: Web, order: str) -> None:
    answer = web.from_elsewhere("GET", f"/check/{code_of(web, order)}", peer="203.0.113.9")
    assert answer.status_code == 200


def test_withdrawn(web: Web, county: County, order: str) -> None:
    body = {"by_org": county.department, "reason": "依据有误"}
    assert web.post(f"/orders/{order}/withdrawn", body).status_code == 201
    assert "撤销" in page(web, f"/check/{code_of(web, order)}").text


def test_a_report_that_was_filed_again(web: Web, county: County) -> None:
    body = {"kind": "ordinary", "to_org": county.department}
    month = month_of(web.here.now())
    path = f"/reports/{county.enterprise}/{month}/filed"
    assert [web.post(path, body).status_code for _ in range(2)] == [201, 201]
    covered(web)
    filed = web.here.ledger.record(report_id(county.id, month))
    codes = [short_code(entry.hash) for entry in filed]
    assert "取代" in page(web, f"/check/{codes[0]}").text
    assert "在案" in page(web, f"/check/{codes[1]}").text


def test_codes_that_lead_nowhere(web: Web) -> None:
    answer = page(web, "/check/0000-0000-0000-0000")
    assert answer.status_code == 404
    assert "没有查验码" in answer.text
    assert page(web, "/check/neither").status_code in (400, 422)
    assert "文书查验" in page(web, "/check").text
    found = web.client.get("/check", params={"code": "0000000000000000"}, follow_redirects=False)
    assert (found.status_code, found.headers["Location"]) == (303, "/check/0000-0000-0000-0000")


# The command line.


def test_verify_needs_only_a_file_and_a_policy(
    web: Web, order: str, daocha: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere.invalid/none")
    monkeypatch.setenv("DAOCHA_PORT", "not a port")
    file, trusted = tmp_path / "order.bundle.json", tmp_path / "policy.txt"
    data = web.get(f"/bundles/orders/{order}").content
    file.write_bytes(data)
    trusted.write_text(policy(web))
    told = daocha("verify", file, "--policy", trusted)
    assert told.code == 0
    assert "证据成立" in told.out
    assert "没有证明" in told.out
    english = daocha("verify", file, "--policy", trusted, "--english")
    assert "Not proved" in english.out
    assert daocha("verify", file, "--policy", trusted, "--json").json["verified"] is True
    file.write_bytes(data.replace(b"1\xe5\x8f\xb7", b"2\xe5\x8f\xb7"))
    refused = daocha("verify", file, "--policy", trusted)
    assert refused.code == 1
    assert "证据不成立" in refused.out
    assert daocha("verify", file, "--policy", trusted, "--json").json["verified"] is False
    assert daocha("verify", file).code == 2
    assert daocha("verify", tmp_path / "none", "--policy", trusted).code == 2
    trusted.write_text("quorum\n")
    assert daocha("verify", file, "--policy", trusted).code == 2
