"""What people with an account try: others' ids inside their own requests, and becoming somebody."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from domain.organisation import organisation_id
from tests.support.land import Land, build

if TYPE_CHECKING:
    import httpx

    from tests.support.web import Web

ITEM = {"item": 1, "text": "更换阀门", "deadline": "2030-01-01"}


@pytest.fixture(scope="module")
def land(web: Web) -> Land:
    return build(web)


def told(answer: httpx.Response) -> dict[str, Any]:
    """Return what a refusal tells, without the request's own number."""
    return {**answer.json(), "request": ""}


class TestOthersIdsInOnesOwnRequest:
    """Naming what is another's reads like naming what does not exist, and records nothing."""

    def same(self, land: Land, who: str, path: str, body: dict[str, Any], ident: str) -> None:
        """Send a request with another's id and with one made up: both are refused alike."""
        made_up = str(uuid7())
        as_text = json.dumps(body)
        assert ident in as_text or ident in path
        other = json.loads(as_text.replace(ident, made_up))
        answers = [
            land.send(path, body, who),
            land.send(path.replace(ident, made_up), other, who),
        ]
        assert answers[0].status_code == answers[1].status_code in (403, 409), answers[0].text
        texts = [answer.text.replace(made_up, ident) for answer in answers]
        requests = [answer.json()["request"] for answer in answers]
        plain = [text.replace(r, "") for text, r in zip(texts, requests, strict=True)]
        assert plain[0] == plain[1]

    def test_an_order_about_another_enterprises_hazard(self, land: Land) -> None:
        hazard = land.hazards["E2"]
        body = {
            "enterprise": land.code("E1"),
            "by_org": land.code("D1"),
            "number": "责1",
            "items": [{**ITEM, "hazard": hazard}],
        }
        self.same(land, "局长一", "/orders", body, hazard)

    def test_a_step_on_another_enterprises_hazard_as_if_it_were_ones_own(self, land: Land) -> None:
        hazard = land.hazards["E2"]
        path = f"/hazards/{hazard}/rectified"
        self.same(land, "总经理一", path, {"enterprise": land.code("E1")}, hazard)
        self.same(land, "总经理一", path, {}, hazard)

    def test_an_accident_with_another_enterprises_hazard(self, land: Land) -> None:
        hazard = land.hazards["E2"]
        body = {
            "enterprise": land.code("E1"),
            "number": f"SG2-{land.mark}",
            "name": "事故",
            "category": "爆炸",
            "happened": "2024-05-01T08:00:00+08:00",
            "deaths": 0,
            "serious_injuries": 1,
            "loss": 0,
            "hazards": [hazard],
        }
        self.same(land, "总经理一", "/incidents", body, hazard)

    def test_another_enterprise_named_in_passing(self, land: Land) -> None:
        path = f"/hazards/{land.hazards['E1']}/made-known"
        answers = [
            land.send(path, {"to_org": code}, "总经理一")
            for code in (land.code("E2"), f"NONE{land.mark}")
        ]
        assert [answer.status_code for answer in answers] == [409, 409]
        idents = [organisation_id(code) for code in (land.code("E2"), f"NONE{land.mark}")]
        texts = [told(answer)["detail"] for answer in answers]
        assert texts[0].replace(str(idents[0]), "") == texts[1].replace(str(idents[1]), "")

    def test_a_duty_laid_on_somebody_elses_post(self, land: Land) -> None:
        path = f"/hazards/{land.hazards['E1']}/assessed"
        for name in ("总经理二", "局长一"):
            post = land.posts[name]
            self.same(land, "总经理一", path, {"level": "general", "organiser": post}, post)
        own = {"level": "general", "organiser": land.posts["总经理一"]}
        assert land.send(path, own, "总经理一").status_code == 201

    def test_a_new_record_where_another_is(self, land: Land) -> None:
        """An organisation's id follows from its code: beginning a record there would tell."""
        for code in (land.code("E2"), f"NONE{land.mark}"):
            body = {**land.hazard("E1"), "record": str(organisation_id(code))}
            answer = land.send("/hazards", body, "总经理一")
            assert (answer.status_code, answer.json()["where"]) == (422, "record")

    def test_a_post_of_somebody_else(self, land: Land) -> None:
        for post in (land.posts["局长一"], str(uuid7())):
            answer = land.send("/hazards", {**land.hazard("E1"), "by_post": post}, "总经理一")
            assert answer.status_code == 403
            assert told(answer)["where"] == "by_post"

    def test_another_bodys_matter_as_if_it_were_ones_own(self, land: Land) -> None:
        body = {"body": land.code("D1"), "name": "化工园区", "kind": "chemical_park"}
        record = land.record("/risks", {**body, "area": "沂南县"}, "局长一")["record"]
        other = {"body": land.code("D2"), "reason": "已消除"}
        self.same(land, "局长二", f"/risks/{record}/removed", other, record)

    def test_correcting_ones_own_into_anothers(self, land: Land) -> None:
        made = land.send("/hazards", land.hazard("E1"), "总经理一").json()
        data = land.hazard("E2")
        replacement = {
            "happened": "2024-05-01",
            "fact": {"topic": "hazard.found", "data": data},
        }
        body = {"positions": [made["position"]], "reason": "录错", "replacement": replacement}
        assert land.send("/corrections", body, "总经理一").status_code == 403


class TestBecomingSomebody:
    """Appointing somebody, or having employed them, gives no hold over who they are elsewhere."""

    @pytest.fixture
    def lured(self, land: Land) -> str:
        """The head of a department, whom an enterprise's head has appointed to a post there."""
        land.person("局长三", "D2", "principal")
        body = {"organisation": land.code("E1"), "kind": "worker", "title": "顾问"}
        post = land.record("/posts", body, "总经理一")["record"]
        path = f"/posts/{post}/appointment-made"
        land.record(path, {"person": land.people["局长三"]}, "总经理一")
        return land.people["局长三"]

    def test_no_code_to_sign_in_as_them(self, land: Land, lured: str) -> None:
        assert land.send("/enrolments", {"person": lured}, "总经理一").status_code == 403
        assert land.send("/enrolments", {"person": lured}, "副县长").status_code == 201

    def test_no_look_at_their_record(self, land: Land, lured: str) -> None:
        assert land.get("总经理一", f"/api/v1/persons/{lured}").status_code == 403
        assert land.get("局长三", f"/api/v1/persons/{lured}").status_code == 200

    def test_not_the_same_as_somebody_else(self, land: Land, lured: str) -> None:
        """Whoever is stated to be the same is erased together."""
        path = f"/persons/{land.people['工人一']}/same-as"
        body = {"same_as": lured, "reason": "重复登记"}
        assert land.send(path, body, "总经理一").status_code == 403
        path = f"/persons/{lured}/same-as"
        body = {"same_as": land.people["工人一"], "reason": "重复登记"}
        assert land.send(path, body, "外县局长").status_code == 403

    def test_a_former_employer_makes_no_code(self, land: Land) -> None:
        land.person("跳槽者", "E1", "worker")
        person = land.people["跳槽者"]
        assert land.send("/enrolments", {"person": person}, "总经理一").status_code == 201
        ended = {"person": person, "happened": "2024-01-31"}
        land.record(f"/posts/{land.posts['跳槽者']}/appointment-ended", ended)
        assert land.send("/enrolments", {"person": person}, "总经理一").status_code == 403
        body = {"organisation": land.code("DX"), "kind": "inspector", "title": "科员"}
        post = land.record("/posts", {**body, "happened": "2024-02-01"})["record"]
        held = {"person": person, "happened": "2024-02-01"}
        land.record(f"/posts/{post}/appointment-made", held)
        for who, status in (("总经理一", 403), ("外县局长", 201)):
            assert land.send("/enrolments", {"person": person}, who).status_code == status

    def test_a_reviewer_answers_to_who_named_them(self, land: Land) -> None:
        person = land.people["倒查组员"]
        body = {"organisation": land.code("E1"), "kind": "worker", "title": "临时工"}
        post = land.record("/posts", body, "总经理一")["record"]
        land.record(f"/posts/{post}/appointment-made", {"person": person}, "总经理一")
        assert land.send("/enrolments", {"person": person}, "总经理一").status_code == 403
        ended = {"person": person}
        land.record(f"/posts/{post}/appointment-ended", ended)


class TestMakingABody:
    def test_an_enterprise_founds_no_department(self, land: Land) -> None:
        body = {"code": land.code("SUB"), "name": "下属", "parent": land.code("E1")}
        answer = land.send("/organisations", {**body, "kind": "department"}, "总经理一")
        assert answer.status_code == 403
        answer = land.send("/organisations", {**body, "kind": "enterprise"}, "总经理一")
        assert answer.status_code == 201

    def test_nobody_moves_themself_below_a_government(self, land: Land) -> None:
        for code, who in (("DX", "外县局长"), ("E1", "总经理一")):
            path = f"/organisations/{land.code(code)}/changed"
            assert land.send(path, {"parent": land.code("GOV")}, who).status_code == 403
            assert land.send(path, {"name": "新名称"}, who).status_code == 201

    def test_nobody_is_the_same_as_what_is_not_theirs(self, land: Land) -> None:
        path = f"/organisations/{land.code('E1')}/same-as"
        body = {"same_as": land.code("E2"), "reason": "重复"}
        assert land.send(path, body, "总经理一").status_code == 403
        assert land.send(path, body, "副县长").status_code in (201, 403)

    def test_an_enterprise_takes_no_tips_and_has_no_pool(self, land: Land) -> None:
        tip = {"body": land.code("E1"), "receipt": "5b" * 32, "channel": "web"}
        assert land.send("/tips", tip, "总经理一").status_code == 403
        expert = {"authority": land.code("E1"), "specialties": ["电气"], "years": 9}
        expert |= {"title": "senior", "healthy": True}
        path = f"/persons/{land.people['工人一']}/expert-admitted"
        assert land.send(path, expert, "总经理一").status_code == 403


class TestSpeakingForADepartment:
    def test_an_enterprise_does_not_say_that_a_department_found_it(self, land: Land) -> None:
        body = land.hazard("E1", found_by="department")
        assert land.send("/hazards", body, "总经理一").status_code == 403
        named = {**body, "finder_org": land.code("D1")}
        assert land.send("/hazards", named, "总经理一").status_code == 403
        assert land.send("/hazards", named, "局长一").status_code == 201

    def test_nor_that_one_determined_it(self, land: Land) -> None:
        path = f"/hazards/{land.hazards['E1']}/determined"
        body = {"level": "general", "by": "department", "standard": "判定标准"}
        assert land.send(path, body, "总经理一").status_code == 403

    def test_a_post_elsewhere_lends_no_tie(self, land: Land) -> None:
        """Who has a post at the enterprise and one in a department that does not supervise it."""
        land.person("两栖者", "E1", "deputy")
        body = {"organisation": land.code("D2"), "kind": "deputy", "title": "副局长"}
        post = land.record("/posts", body)["record"]
        land.record(f"/posts/{post}/appointment-made", {"person": land.people["两栖者"]})
        path = f"/hazards/{land.hazards['E1']}/accepted"
        answer = land.send(path, {"by_org": land.code("D2"), "passed": True}, "两栖者")
        assert answer.status_code == 403


class TestLeaks:
    def test_figures_of_a_body_are_of_all_its_charge(self, land: Land) -> None:
        path = f"/api/v1/organisations/{land.code('D1')}/yearly-figures?year={date.today().year}"  # noqa: DTZ011
        allowed = {
            who
            for who in ("局长一", "副县长", "专管员", "其他监管员", "局长二", "总经理一")
            if land.get(who, path).status_code == 200
        }
        assert allowed == {"局长一", "副县长"}

    def test_what_is_on_record_of_somebody_here_is_not_seen_from_there(self, land: Land) -> None:
        """A person of theirs is named in a fact about another enterprise."""
        land.person("外聘者", "E2", "worker")
        body = land.hazard("E1", finder=land.people["外聘者"])
        position = land.record("/hazards", body, "总经理一")["position"]
        assert land.get("总经理二", f"/api/v1/facts/{position}").status_code == 403
        assert land.get("总经理一", f"/api/v1/facts/{position}").status_code == 200

    def test_a_correction_of_several_matters_is_seen_by_who_sees_them_all(self, land: Land) -> None:
        positions = [
            land.record("/hazards", land.hazard(name))["position"] for name in ("E1", "E2")
        ]
        body = {"positions": positions, "reason": "重复录入"}
        made = land.record("/corrections", body, "副县长")["position"]
        assert land.get("总经理一", f"/api/v1/facts/{made}").status_code == 403
        assert land.get("副县长", f"/api/v1/facts/{made}").status_code == 200
        listed = f"/api/v1/facts?tag=org:{organisation_id(land.code('E1'))}&topic=fact.corrected"
        for who, sees in (("总经理一", False), ("副县长", True)):
            facts = land.get(who, listed).json()["facts"]
            assert (made in {fact["position"] for fact in facts}) is sees

    def test_a_corrected_tip_is_no_more_known_than_the_tip(self, land: Land) -> None:
        receipt = uuid4().hex * 2
        tip = {"body": land.code("OFFICE"), "receipt": receipt, "channel": "telephone"}
        record = land.record("/tips", tip, "安委办主任")["record"]
        accepted = {"body": land.code("OFFICE"), "enterprise": land.code("E1"), "matter": "瞒报"}
        path = f"/tips/{record}/accepted"
        position = land.record(path, accepted, "安委办主任")["position"]
        fact = {"topic": "tip.accepted", "data": {**accepted, "matter": "瞒报事故"}}
        replacement = {"happened": "2024-05-01", "fact": fact}
        body = {"positions": [position], "reason": "补正", "replacement": replacement}
        made = land.record("/corrections", body, "安委办主任")["position"]
        listed = f"/api/v1/facts?tag=org:{organisation_id(land.code('E1'))}"
        for who in ("总经理一", "工人一", "局长一"):
            assert land.get(who, f"/api/v1/facts/{made}").status_code == 403
            found = land.get(who, listed).json()["facts"]
            assert {made, position}.isdisjoint(fact["position"] for fact in found)
        trace = land.get("总经理一", f"/api/v1/enterprises/{land.code('E1')}/trace").text
        assert "瞒报" not in trace
        assert record not in trace
