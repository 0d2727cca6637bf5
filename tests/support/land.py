"""A county with two departments and an enterprise each, and people of every kind in their posts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from api.access import issue_token
from domain.fact import Actor

if TYPE_CHECKING:
    import httpx

    from tests.support.web import Web

SINCE = "2023-03-01"
SYSTEM = Actor(authentication="system")


@dataclass
class Land:
    """A county with two departments and an enterprise each, and people in their posts."""

    web: Web
    mark: str = field(default_factory=lambda: uuid4().hex[:8].upper())  # noqa: PLW0108 - each its own
    tokens: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)
    hazards: dict[str, str] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)

    def code(self, name: str) -> str:
        return f"{name}{self.mark}"

    def record(self, path: str, body: dict[str, Any], by: str = "", **headers: str) -> Any:  # noqa: ANN401
        answer = self.send(path, body, by, **headers)
        assert answer.status_code == 201, (path, answer.text)
        return answer.json()

    def send(self, path: str, body: dict[str, Any], by: str = "", **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.tokens[by]}"} if by else {}
        return self.web.post(path, body, **given, **headers)

    def get(self, who: str, path: str, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return self.web.client.get(path, headers={**given, **headers})

    def organisation(self, name: str, kind: str, parent: str = "", **more: Any) -> None:  # noqa: ANN401
        above = {"parent": self.code(parent)} if parent else {}
        body = {"kind": kind, "code": self.code(name), "name": f"{name}单位", **above, **more}
        self.record("/organisations", {**body, "happened": SINCE})

    def person(self, name: str, org: str = "", kind: str = "") -> None:
        """Put somebody on record, with a token, and in a post if one is given."""
        record = self.record("/persons", {"name": name})["record"]
        self.people[name] = record
        self.tokens[name] = issue_token(
            self.web.here.ledger,
            UUID(record),
            "测试",
            until=None,
            now=datetime.now(UTC),
            random=os.urandom,
            by=SYSTEM,
        )
        if org:
            body = {"organisation": self.code(org), "kind": kind, "title": name}
            post = self.record("/posts", {**body, "happened": SINCE})["record"]
            held = {"person": record, "happened": SINCE}
            self.record(f"/posts/{post}/appointment-made", held)
            self.posts[name] = post

    def hazard(self, enterprise: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        return {
            "enterprise": self.code(enterprise),
            "number": f"YH-{uuid4().hex[:6]}",
            "description": "阀门泄漏",
            "found_by": "enterprise",
            **changes,
        }


def build(web: Web) -> Land:
    """Return a county of its own, in a ledger that others may share."""
    land = Land(web)
    land.organisation("GOV", "government", level="county")
    land.organisation("FAR", "government", level="county")
    for name, parent in (("D1", "GOV"), ("D2", "GOV"), ("OFFICE", ""), ("DX", "FAR")):
        land.organisation(name, "department", parent)
    for name in ("E1", "E2"):
        land.organisation(name, "enterprise")
    for enterprise, department in (("E1", "D1"), ("E2", "D2")):
        supervised = {"department": land.code(department), "happened": SINCE}
        land.record(f"/supervisions/{land.code(enterprise)}/assigned", supervised)
    for name, org, kind in (
        ("总经理一", "E1", "principal"),
        ("工人一", "E1", "worker"),
        ("总经理二", "E2", "principal"),
        ("局长一", "D1", "principal"),
        ("专管员", "D1", "inspector"),
        ("其他监管员", "D1", "inspector"),
        ("局长二", "D2", "principal"),
        ("副县长", "GOV", "deputy"),
        ("安委办主任", "OFFICE", "principal"),
        ("外县局长", "DX", "principal"),
        ("外县县长", "FAR", "principal"),
        ("无职者", "", ""),
        ("倒查组员", "", ""),
    ):
        land.person(name, org, kind)
    named = {"leader": land.posts["局长一"], "officer": land.posts["专管员"]}
    body = {"department": land.code("D1"), **named, "happened": SINCE}
    land.record(f"/supervisions/{land.code('E1')}/named", body)
    for name in ("E1", "E2"):
        made = land.record("/hazards", land.hazard(name))
        land.hazards[name], land.positions[name] = made["record"], made["position"]
    happened = {"happened": "2024-05-01T08:00:00+08:00"}
    occurred = {"enterprise": land.code("E1"), "number": f"SG-{land.mark}", "category": "爆炸"}
    occurred["name"] = "爆炸事故"
    made = land.record(
        "/incidents", {**occurred, **happened, "deaths": 1, "serious_injuries": 0, "loss": 0}
    )
    incident, land.positions["SG"] = made["record"], made["position"]
    review = {"enterprise": land.code("E1"), "incident": incident, "by_org": land.code("GOV")}
    land.record("/reviews", {**review, "reviewers": [land.people["倒查组员"]]})
    major = {"level": "major", "by": "department", "determiner_org": land.code("D1")}
    land.record(f"/hazards/{land.hazards['E1']}/determined", {**major, "standard": "判定标准"})
    about = {"enterprise": land.code("E1"), "hazard": land.hazards["E1"]}
    proposed = {**about, "by_org": land.code("D1"), "to_org": land.code("OFFICE")}
    listing = land.record("/listings", proposed)["record"]
    terms = {
        "by_org": land.code("OFFICE"),
        "number": "督1",
        "responsible_body": land.code("D1"),
        "supervising_unit": land.code("OFFICE"),
        "deadline": "2030-01-01",
    }
    land.record(f"/listings/{listing}/made", terms)
    web.here.runner.wait_for(web.here.ledger.head().position, 60)
    return land
