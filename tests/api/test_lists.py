"""Lists answer for now, page by page, and say what the records say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.routes.lists import Standing
from domain.hazard import STEPS

if TYPE_CHECKING:
    from tests.support.county import County
    from tests.support.web import Web

LISTS = {
    "/organisations": {},
    "/enterprises": {},
    "/hazards": {},
    "/incidents": {},
    "/reports": {"month": "2024-05"},
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("moment", ["as_at", "known_at"])
def test_other_moments_are_refused(web: Web, path: str, moment: str) -> None:
    answer = web.get(path, **LISTS[path], **{moment: "2024-05-20"})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/not-for-lists")
    assert answer.json()["where"] == moment


def test_a_hazards_states_are_its_steps() -> None:
    assert [state.value for state in Standing] == ["open", *STEPS]


def pages(web: Web, path: str, **query: Any) -> list[list[dict[str, Any]]]:  # noqa: ANN401
    """Return every page of a list."""
    name = path.strip("/").replace("enterprises", "organisations")
    answer = web.get(path, **query)
    found = []
    while True:
        assert answer.status_code == 200, answer.text
        found.append(answer.json()[name])
        if not answer.json()["next"]:
            assert "Link" not in answer.headers
            return found
        link = answer.headers["Link"]
        answer = web.client.get(link[1 : link.index(">")])


class TestPaging:
    def test_each_once_in_order(self, web: Web, county: County) -> None:
        """Several on one day: the key must tell them apart."""
        days = [f"2024-05-{day:02d}" for day in (3, 1, 2, 2, 2, 1)]
        for number, day in enumerate(days):
            county.hazard(number=f"YH-{number}", happened=day, Prefer="wait=10")
        found = pages(web, "/hazards", enterprise=county.enterprise, limit=2)
        assert [len(page) for page in found] == [2, 2, 2]
        listed = [hazard for page in found for hazard in page]
        assert len({hazard["id"] for hazard in listed}) == len(days)
        assert [hazard["found"] for hazard in listed] == sorted(days, reverse=True)

    @pytest.mark.parametrize("path", ["/organisations", "/enterprises"])
    def test_by_code(self, web: Web, county: County, path: str) -> None:
        web.here.runner.wait_for(web.here.ledger.head().position, 30)
        codes = [org["code"] for page in pages(web, path, limit=3) for org in page]
        assert codes == sorted(codes)
        assert len(set(codes)) == len(codes)
        assert county.enterprise in codes

    def test_a_cursor_is_good_for_its_own_list_only(self, web: Web, county: County) -> None:
        for number in range(2):
            county.hazard(number=f"YH-{number}", Prefer="wait=10")
        cursor = web.get("/hazards", enterprise=county.enterprise, limit=1).json()["next"]
        for path, query in (
            ("/hazards", {}),
            ("/hazards", {"enterprise": county.enterprise, "level": "major"}),
            ("/incidents", {"enterprise": county.enterprise}),
        ):
            answer = web.get(path, **query, cursor=cursor)
            assert (answer.status_code, answer.json()["where"]) == (422, "cursor")


class TestHazards:
    def numbers(self, web: Web, county: County, **query: object) -> set[str]:
        answer = web.get("/hazards", enterprise=county.enterprise, **query)
        return {hazard["number"] for hazard in answer.json()["hazards"]}

    def test_what_is_listed_is_what_the_record_says(self, web: Web, county: County) -> None:
        record = county.hazard(happened="2024-05-20").json()["record"]
        web.post(f"/hazards/{record}/assessed", {"level": "major"})
        planned = {"deadline": "2024-06-01", "effective": False, "measures": "更换"}
        web.post(f"/hazards/{record}/planned", planned, Prefer="wait=10")
        (listed,) = web.get("/hazards", enterprise=county.enterprise).json()["hazards"]
        state = web.get(f"/hazards/{record}").json()["state"]
        for name in ("number", "description", "level", "state", "found", "deadline", "closed"):
            assert listed[name] == state[name]
        assert listed["enterprise_code"] == county.enterprise
        assert listed["enterprise_name"] == "沂河化工"

    def test_by_state_and_level_and_lateness(self, web: Web, county: County) -> None:
        late = {"item": 1, "text": "整改", "deadline": "2024-06-05"}
        for number in ("A", "B"):
            record = county.hazard(number=number).json()["record"]
            body = {"by_org": county.department, "number": number, "items": [late]}
            if number == "A":
                body["items"] = [{**late, "hazard": record}]
                web.post(f"/hazards/{record}/assessed", {"level": "major"})
            web.post("/orders", {"enterprise": county.enterprise, **body}, Prefer="wait=10")
        county.hazard(number="C", fixed_on_spot=True, Prefer="wait=10")
        assert self.numbers(web, county) == {"A", "B", "C"}
        assert self.numbers(web, county, state="open") == {"A", "B"}
        assert self.numbers(web, county, state="closed") == {"C"}
        assert self.numbers(web, county, state="assessed") == {"A"}
        assert self.numbers(web, county, level="major") == {"A"}
        assert self.numbers(web, county, overdue="true") == {"A"}
        assert self.numbers(web, county, overdue="false") == {"B", "C"}

    def test_erased_words_are_gone_from_lists(self, web: Web, county: County) -> None:
        county.hazard(Prefer="wait=10")
        web.here.ledger.forget(county.id)
        (listed,) = web.get("/hazards", enterprise=county.enterprise).json()["hazards"]
        assert listed["description"] is None


class TestOthers:
    def test_organisations_by_kind_and_name(self, web: Web, county: County) -> None:
        web.here.runner.wait_for(web.here.ledger.head().position, 30)
        code = county.enterprise.lower()
        (found,) = web.get("/organisations", name=code).json()["organisations"]
        assert (found["id"], found["kind"]) == (str(county.id), "enterprise")
        assert web.get("/organisations", name=code, kind="department").json()["organisations"] == []
        assert web.get("/enterprises", name=code, closed="true").json()["organisations"] == []
        closed = web.get("/enterprises", name="沂河化工厂", closed="true").json()["organisations"]
        assert [each["name"] for each in closed] == ["沂河化工厂"]

    def test_accidents_by_enterprise_number_and_level(self, web: Web, county: County) -> None:
        body = {"enterprise": county.enterprise, "number": "SG-7", "name": "坍塌", "deaths": 10}
        record = web.post("/incidents", body, Prefer="wait=10").json()["record"]
        query = {"enterprise": county.enterprise, "number": "SG-7"}
        (listed,) = web.get("/incidents", **query, level="major").json()["incidents"]
        assert (listed["id"], listed["deaths"], listed["reviewed"]) == (record, 10, False)
        assert web.get("/incidents", **query, level="general").json()["incidents"] == []

    def test_the_roll_of_a_month(self, web: Web, county: County) -> None:
        month = f"{web.here.now():%Y-%m}"
        web.here.runner.wait_for(web.here.ledger.head().position, 30)

        def line(**query: object) -> dict[str, Any] | None:
            rolls = pages(web, "/reports", month=month, limit=500, **query)
            lines = [each for page in rolls for each in page]
            return next((each for each in lines if each["code"] == county.enterprise), None)

        owing = line(reported="false")
        assert owing is not None
        assert (owing["owed"], owing["state"], owing["filed"]) == (True, "open", None)
        assert line(reported="true") is None
        body = {"kind": "ordinary", "to_org": county.department}
        web.post(f"/reports/{county.enterprise}/{month}/filed", body, Prefer="wait=10")
        done = line(reported="true")
        assert done is not None
        assert (done["state"], done["kind"]) == ("kept", "ordinary")
        assert line(reported="false") is None
