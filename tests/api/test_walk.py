"""A walk of random requests by random people, each compared with the table of permissions.

What the table says is computed here from what was put on record, not from what the server read of
it. The suite takes a few hundred steps; ``make walk`` takes 10,000.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from domain.charge import Charge, Held
from domain.organisation import organisation_id
from domain.people import PostKind
from domain.permissions import DO, SEE, Matter, PostHeld, Row, Standing, may, row_for
from tests.support.land import Land, build

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.web import Web

STEPS = int(os.environ.get("DAOCHA_WALK", "250"))
SEED = int(os.environ.get("DAOCHA_WALK_SEED", "20240918"))
NOW = datetime.now(UTC)
SINCE = datetime(2023, 3, 1, tzinfo=UTC)
POSTS = {
    "总经理一": ("E1", PostKind.PRINCIPAL, None),
    "工人一": ("E1", PostKind.WORKER, None),
    "总经理二": ("E2", PostKind.PRINCIPAL, None),
    "局长一": ("D1", PostKind.PRINCIPAL, "GOV"),
    "专管员": ("D1", PostKind.INSPECTOR, "GOV"),
    "其他监管员": ("D1", PostKind.INSPECTOR, "GOV"),
    "局长二": ("D2", PostKind.PRINCIPAL, "GOV"),
    "副县长": ("GOV", PostKind.DEPUTY, "GOV"),
    "安委办主任": ("OFFICE", PostKind.PRINCIPAL, None),
    "外县局长": ("DX", PostKind.PRINCIPAL, "FAR"),
    "外县县长": ("FAR", PostKind.PRINCIPAL, "FAR"),
}
PEOPLE = ["", *POSTS, "无职者", "倒查组员"]
BODIES = ("GOV", "FAR", "D1", "D2", "OFFICE", "DX")
ABOVE = {"D1": ("GOV",), "D2": ("GOV",), "DX": ("FAR",)}


@dataclass
class Told:
    """What the record says, by hand: who holds what, and who is charged with what."""

    land: Land

    def org(self, name: str) -> UUID:
        return organisation_id(self.land.code(name))

    def standing(self, who: str) -> Standing:
        if not who:
            return Standing(None, owner=True)
        person = UUID(self.land.people[who])
        if who not in POSTS:
            return Standing(person)
        org, kind, government = POSTS[who]
        over = self.org(government) if government else None
        return Standing(person, (PostHeld(UUID(self.land.posts[who]), kind, self.org(org), over),))

    def about(self, name: str) -> Matter:
        department = {"E1": "D1", "E2": "D2"}.get(name)
        if department is None:
            above = tuple(self.org(each) for each in ABOVE.get(name, ()))
            return Matter(self.org(name), above)
        held = [Held(Charge.SUPERVISES, self.org(department), SINCE, None)]
        if name == "E1":
            named = [UUID(self.land.posts[each]) for each in ("局长一", "专管员")]
            held += [Held(Charge.NAMED, post, SINCE, None) for post in named]
            held += [Held(Charge.LISTED, self.org(each), SINCE, None) for each in ("OFFICE", "D1")]
            reviewer = UUID(self.land.people["倒查组员"])
            held.append(Held(Charge.REVIEW, reviewer, SINCE, None))
        return Matter(self.org(name), (), tuple(held), frozenset({self.org("GOV")}))

    def may_person(self, who: str, row: Row, person: str) -> bool:
        standing = self.standing(who)
        if may(standing, row, Matter(person=UUID(self.land.people[person])), NOW):
            return True
        org = "GOV" if person == "倒查组员" else POSTS[person][0] if person in POSTS else None
        return org is not None and may(standing, row, self.about(org), NOW)


class Walk:
    """Each step returns what was asked, whether the table allows it, and what came back."""

    def __init__(self, land: Land, chance: random.Random) -> None:
        self.land, self.told, self.chance = land, Told(land), chance

    def step(self) -> tuple[str, bool, int]:
        who = self.chance.choice(PEOPLE)
        kind: Callable[[str], tuple[str, bool, int]] = self.chance.choice(
            [
                *(self.see, self.see, self.see_body, self.see_person, self.see_all, self.made_up),
                *(self.found, self.ordered, self.met, self.created, self.vouched, self.set_rule),
            ]
        )
        label, allowed, status = kind(who)
        return f"{who or 'owner'} {kind.__name__} {label}", allowed, status

    def get(self, who: str, path: str) -> int:
        return self.land.get(who, f"/api/v1{path}").status_code

    def see(self, who: str) -> tuple[str, bool, int]:
        name = self.chance.choice(["E1", "E2"])
        code = self.land.code(name)
        path = self.chance.choice(
            [
                *(f"/organisations/{code}", f"/organisations/{organisation_id(code)}"),
                *(f"/supervisions/{code}", f"/hazards/{self.land.hazards[name]}"),
                *(f"/facts/{self.land.positions[name]}", f"/enterprises/{code}/expert-ledger"),
                *(f"/facts?tag=org:{organisation_id(code)}", f"/enterprises/{code}/posts"),
                f"/facts?tag=hazard:{self.land.hazards[name]}&tag=org:{organisation_id(code)}",
            ]
        )
        row = SEE["enterprise"]
        return (
            path,
            may(self.told.standing(who), row, self.told.about(name), NOW),
            self.get(who, path),
        )

    def see_body(self, who: str) -> tuple[str, bool, int]:
        name = self.chance.choice(BODIES)
        code = self.land.code(name)
        figures = self.chance.random() < 0.4
        path = f"/organisations/{code}" + ("/public-fund?year=2024" if figures else "")
        standing, about = self.told.standing(who), self.told.about(name)
        allowed = may(standing, SEE["body"], about, NOW)
        if figures:
            allowed = allowed and may(standing, SEE["figures"], about, NOW)
        return path, allowed, self.get(who, path)

    def see_person(self, who: str) -> tuple[str, bool, int]:
        person = self.chance.choice([*POSTS, "倒查组员", "无职者"])
        path = f"/persons/{self.land.people[person]}"
        return path, self.told.may_person(who, SEE["person"], person), self.get(who, path)

    def see_all(self, who: str) -> tuple[str, bool, int]:
        path, row = self.chance.choice(
            [
                *(("/facts", "everything"), ("/facts?topic=hazard.found", "everything")),
                *(("/clauses", "rules"), ("/settings", "rules"), ("/experts", "register")),
                *(("/tips/receipt-code", "register"), ("/papers/forms", "rules")),
            ]
        )
        return path, may(self.told.standing(who), SEE[row], Matter(), NOW), self.get(who, path)

    def made_up(self, who: str) -> tuple[str, bool, int]:
        path = self.chance.choice(
            [f"/organisations/NONE{uuid4().hex[:6]}", f"/hazards/{uuid7()}", "/facts/999999999"]
        )
        status = self.get(who, path)
        return path, not who and status == 404, 403 if status != 404 else 200

    def post(self, who: str, path: str, body: dict[str, Any]) -> int:
        return self.land.send(path, body, who).status_code

    def _may(self, who: str, topic: str, about: str, acting: str | None = None) -> bool:
        standing = self.told.standing(who)
        if acting is not None and not standing.owner:
            own = self.told.org(acting)
            posts = tuple(post for post in standing.posts if post.organisation == own)
            if not posts:
                return False
            standing = Standing(standing.person, posts)
        row = row_for(topic, topic.partition(".")[0])
        return may(standing, row, self.told.about(about), NOW)

    def found(self, who: str) -> tuple[str, bool, int]:
        name = self.chance.choice(["E1", "E2"])
        status = self.post(who, "/hazards", self.land.hazard(name))
        return name, self._may(who, "hazard.found", name), status

    def ordered(self, who: str) -> tuple[str, bool, int]:
        name, body = self.chance.choice(["E1", "E2"]), self.chance.choice(BODIES)
        other = self.chance.choice(["E1", "E2"])
        item = {"item": 1, "text": "整改", "deadline": "2030-01-01"}
        item["hazard"] = self.land.hazards[other]
        order: dict[str, Any] = {"enterprise": self.land.code(name), "by_org": self.land.code(body)}
        order |= {"number": uuid4().hex[:8], "items": [item]}
        allowed = self._may(who, "order.issued", name, body)
        sees = may(self.told.standing(who), SEE["enterprise"], self.told.about(other), NOW)
        status = self.post(who, "/orders", order)
        if allowed and not sees:
            return f"{name} {body} {other}", False, 403 if status == 409 else status
        return f"{name} {body} {other}", allowed, status

    def met(self, who: str) -> tuple[str, bool, int]:
        body = self.chance.choice(BODIES)
        plan = {"body": self.land.code(body), "plan": "规划", "section": "安全生产"}
        status = self.post(who, "/overall-plans", plan)
        return body, self._may(who, "overall_plan.adopted", body, body), status

    def created(self, who: str) -> tuple[str, bool, int]:
        name = self.chance.choice(["E1", "E2", *BODIES])
        body = {"organisation": self.land.code(name), "kind": "worker", "title": "岗"}
        return name, self._may(who, "post.created", name), self.post(who, "/posts", body)

    def vouched(self, who: str) -> tuple[str, bool, int]:
        person = self.chance.choice([*POSTS, "倒查组员", "无职者"])
        row = DO["certificate key enrolment person.same_as"]
        allowed = self.told.may_person(who, row, person)
        status = self.post(who, "/enrolments", {"person": self.land.people[person]})
        return person, allowed, status

    def set_rule(self, who: str) -> tuple[str, bool, int]:
        body = {"key": "3.2b.report", "value": "24 hours", "since": "2030-01-01", "source": "试"}
        return "", not who, self.post(who, "/settings/changed", body)


@pytest.fixture(scope="module")
def land(web: Web) -> Land:
    return build(web)


def test_no_request_differs_from_the_table(land: Land) -> None:
    walk = Walk(land, random.Random(SEED))  # noqa: S311 - the same walk each time
    differences, kinds = [], set()
    for _ in range(STEPS):
        label, allowed, status = walk.step()
        kinds.add((allowed, status == 403))
        if status >= 500 or allowed is (status == 403):
            differences.append((label, "allowed" if allowed else "not allowed", status))
    assert differences == [], "\n".join(map(str, differences))
    assert kinds == {(True, False), (False, True)}
