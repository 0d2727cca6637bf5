"""五（二） over HTTP: exposure for everybody, employees who take part, what bodies have on file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.county import County
    from tests.support.web import Web


def exposed(web: Web, county: County, **said: Any) -> str:  # noqa: ANN401 - any fields
    """Expose the county's enterprise, and return the record."""
    body = {
        "enterprise": county.enterprise,
        "by_org": county.department,
        "ground": "going_through_motions",
        "text": "自查记录一次写成<b>",
        **said,
    }
    answer = web.post("/exposures", body)
    assert answer.status_code == 201, answer.text
    record: str = answer.json()["record"]
    web.here.runner.wait_for(web.here.ledger.head().position, 60)
    return record


def listed(web: Web, county: County) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = web.get("/exposures", enterprise=county.enterprise).json()[
        "exposures"
    ]
    return found


@pytest.fixture
def nobody(web: Web) -> Iterator[httpx.Client]:
    """Somebody of another machine, with no account."""
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    with httpx.Client(base_url=web.client.base_url, headers=elsewhere) as client:
        yield client


class TestExposure:
    def test_is_read_by_everybody(self, web: Web, county: County, nobody: httpx.Client) -> None:
        record = exposed(web, county)
        answer = nobody.get("/api/v1/exposures", params={"enterprise": county.enterprise})
        (one,) = answer.json()["exposures"]
        assert (one["id"], one["enterprise_code"], one["ground"], one["text"]) == (
            record,
            county.enterprise,
            "going_through_motions",
            "自查记录一次写成<b>",
        )
        assert nobody.get(f"/api/v1/exposures/{record}").status_code == 401
        page = nobody.get("/exposures")
        assert page.status_code == 200
        assert "自查记录一次写成&lt;b&gt;" in page.text
        assert "走过场" in page.text
        assert "Going through the motions" in nobody.get("/exposures?lang=en").text

    def test_ends_when_it_is_taken_down(self, web: Web, county: County) -> None:
        record = exposed(web, county)
        body = {"by_org": county.department, "reason": "整改完毕"}
        assert web.post(f"/exposures/{record}/ended", body).status_code == 201
        web.here.runner.wait_for(web.here.ledger.head().position, 60)
        assert listed(web, county) == []

    def test_ends_with_its_last_day(self, web: Web, county: County) -> None:
        exposed(web, county, until="2024-01-31")
        assert listed(web, county) == []
        exposed(web, county, until="2199-12-31")
        assert [each["until"] for each in listed(web, county)] == ["2199-12-31"]

    def test_without_grounds_is_none(self, web: Web, county: County) -> None:
        body = {"enterprise": county.enterprise, "by_org": county.department, "text": "走过场"}
        answer = web.post("/exposures", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"] == "ground"

    def test_is_listed_page_by_page(self, web: Web, county: County) -> None:
        records = [exposed(web, county) for _ in range(3)]
        first = web.get("/exposures", enterprise=county.enterprise, limit=2).json()
        rest = web.get(
            "/exposures", enterprise=county.enterprise, limit=2, cursor=first["next"]
        ).json()
        found = [each["id"] for each in (*first["exposures"], *rest["exposures"])]
        assert sorted(found) == sorted(records)
        assert rest["next"] is None


class TestParticipation:
    def test_by_unit_with_who_is_credited(self, web: Web, county: County) -> None:
        person = web.post("/persons", {"name": "王工", "happened": "2024-01-01"}).json()["record"]
        post = web.post(
            "/posts",
            {
                "organisation": county.enterprise,
                "kind": "team_leader",
                "title": "一班班长",
                "happened": "2024-01-01",
            },
        ).json()["record"]
        body = {"person": person, "happened": "2024-01-01"}
        assert web.post(f"/posts/{post}/appointment-made", body).status_code == 201
        hazard = county.hazard(found_by="employee", finder=person, happened="2024-03-05").json()[
            "record"
        ]
        reward = {"person": person, "by_org": county.enterprise, "amount": 50000, "reward": "表扬"}
        assert web.post(f"/hazards/{hazard}/finder-rewarded", reward).status_code == 201
        told = web.get(f"/enterprises/{county.enterprise}/participation", year=2024).json()
        assert told["credited"] == [
            {
                "hazard": hazard,
                "number": told["credited"][0]["number"],
                "finder": person,
                "finder_name": "王工",
                "unit": "一班班长",
                "rewarded": 50000,
                "rewards": ["表扬"],
            }
        ]
        unit = next(each for each in told["units"] if each["title"] == "一班班长")
        assert (unit["people"], unit["finders"], unit["hazards"]) == (1, 1, 1)


class TestArrangements:
    def test_what_there_is_and_what_is_missing(self, web: Web, county: County) -> None:
        body = {"body": county.department, "channel": "telephone", "address": "0539-12350"}
        assert web.post("/tip-channels", {**body, "happened": "2024-02-01"}).status_code == 201
        told = web.get(f"/organisations/{county.department}/tip-arrangements").json()["items"]
        found = {each["item"]: (each["on_file"], bool(each["missing_since"])) for each in told}
        assert found == {
            "telephone": (["0539-12350"], False),
            "email": ([], True),
            "procedure": ([], True),
            "reward": ([], True),
        }
