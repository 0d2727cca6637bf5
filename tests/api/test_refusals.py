"""What contradicts the record, and what a gate holds back, is refused with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from tests.support.county import County
    from tests.support.web import Web


class TestGates:
    def test_a_zero_report_while_a_hazard_of_the_month_is_on_record(
        self, web: Web, county: County
    ) -> None:
        county.hazard(happened="2024-05-20")
        body = {"kind": "zero", "to_org": county.department}
        answer = web.post(f"/reports/{county.enterprise}/2024-05/filed", body)
        assert answer.status_code == 409
        assert answer.json()["type"].endswith("/gate-closed")
        assert answer.json()["clause"] == "3.2c"
        assert answer.json()["todo"]
        assert web.post(f"/reports/{county.enterprise}/2024-04/filed", body).status_code == 201

    def test_closing_a_hazard_before_its_steps(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        answer = web.post(f"/hazards/{record}/closed", {"by_org": county.enterprise})
        assert (answer.status_code, answer.json()["clause"]) == (409, "3.1b")

    def test_a_refusal_speaks_the_readers_language(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        path, body = f"/hazards/{record}/closed", {"by_org": county.enterprise}
        chinese = web.post(path, body)
        english = web.post(path, body, Accept_Language="de, en;q=0.8, zh;q=0.2")
        assert chinese.headers["Content-Language"] == "zh"
        assert english.headers["Content-Language"] == "en"
        assert english.headers["Content-Type"] == "application/problem+json"
        assert english.json()["title"] == "A condition is not met"
        assert chinese.json()["title"] == "条件不具备，不予生效"
        assert chinese.json()["detail"] != english.json()["detail"]

    def test_nothing_of_what_is_refused_is_recorded(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        head = web.get("/facts").json()["head"]
        web.post(f"/hazards/{record}/closed", {"by_org": county.enterprise})
        assert web.get("/facts").json()["head"] == head


CONTRADICTIONS: list[tuple[str, dict[str, Any]]] = [
    ("/hazards/{nobody}/assessed", {"level": "general"}),
    ("/hazards/{order}/assessed", {"level": "general"}),
    ("/hazards/{hazard}/accepted", {"by_org": "91371300MA3C09999X", "passed": True}),
    ("/hazards/{hazard}/assessed", {"level": "general", "enterprise": "E-NEVER"}),
    ("/hazards/{hazard}/assessed", {"level": "general", "happened": "2124-05-20"}),
    ("/hazards/{hazard}/made-known", {"to_org": "E-NEVER"}),
    ("/orders/{hazard}/complied", {"items": [1]}),
    ("/orders/{order}/complied", {"items": [7]}),
    ("/corrections", {"positions": [999_999], "reason": "没有这一条"}),
    ("/corrections", {"positions": [-1], "reason": "没有这一条"}),
    ("/posts/{nobody}/abolished", {}),
    ("/persons/{nobody}/same-as", {"same_as": "{nobody}", "reason": "同一人"}),
]


class TestContradictions:
    @pytest.mark.parametrize(("path", "body"), CONTRADICTIONS)
    def test_what_contradicts_the_record(
        self, web: Web, county: County, path: str, body: dict[str, Any]
    ) -> None:
        names = {
            "nobody": str(uuid4()),
            "hazard": county.hazard().json()["record"],
            "order": county.order(),
        }
        filled = {
            name: value.format(**names) if isinstance(value, str) else value
            for name, value in body.items()
        }
        answer = web.post(path.format(**names), filled)
        assert answer.status_code == 409, answer.text
        assert answer.json()["type"].endswith("/contradiction")
        assert answer.json()["todo"]

    def test_a_record_begins_once(self, county: County) -> None:
        record = str(uuid7())
        assert county.hazard(record=record).status_code == 201
        assert county.hazard(record=record).status_code == 409

    def test_an_id_of_another_kind_of_record_begins_nothing(self, county: County) -> None:
        answer = county.hazard(record=str(county.id))
        assert (answer.status_code, answer.json()["where"]) == (422, "record")

    @pytest.mark.parametrize(
        "change", [{"key": "9.9z.never"}, {"value": "soon"}, {"value": "1 fortnights"}]
    )
    def test_a_setting_that_no_rule_could_read(self, web: Web, change: dict[str, str]) -> None:
        body = {"key": "3.2d.apply", "value": "5 days", "since": "2024-01-01", "source": "文件"}
        assert web.post("/settings/changed", {**body, **change}).status_code == 422

    def test_a_rule_beyond_the_text_is_switched_off_by_a_null(self, web: Web) -> None:
        body = {"key": "1.2f.recheck", "value": None, "since": "2124-01-01", "source": "文件"}
        answer = web.post("/settings/changed", body)
        assert answer.status_code == 201, answer.text
