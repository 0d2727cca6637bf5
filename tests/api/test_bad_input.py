"""Bad input of every kind gets a clear refusal, never a fault of the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from api.examples import Example, story
from api.glossary import FIELDS
from api.operations import operations
from tests.api.conftest import telling_the_story

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.support.county import County
    from tests.support.web import Web

JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"


def send(web: Web, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
    key = {"Idempotency-Key": str(uuid7())}
    return web.client.post(f"/api/v1{path}", content=content, headers=key | headers)


class TestTheRequest:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"null",
            b"7",
            b"[]",
            b'"text"',
            b"{'a': 1}",
            b'{"number": NaN}',
            b'{"number": 1e999}',
            b'{"number": "\\ud800"}',
            b'{"number": "\xff"}',
            b'{"\\u0000": 1}',
            b"\xff\xfe{}",
            b"[" * 100_000,
            b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        ],
        ids=lambda content: repr(content[:20]),
    )
    def test_what_is_no_json_object(self, web: Web, content: bytes) -> None:
        answer = send(web, "/hazards", content, JSON)
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["Content-Type"] == PROBLEM

    @pytest.mark.parametrize(
        "kind",
        [
            *("text/plain", "application/xml", "application/x-www-form-urlencoded", ""),
            *("multipart/form-data; boundary=x", "application/json; charset=gbk", "json"),
        ],
    )
    def test_another_media_type(self, web: Web, county: County, kind: str) -> None:
        content = json.dumps(county.found()).encode()
        answer = send(web, "/hazards", content, {"Content-Type": kind})
        assert answer.status_code == 415
        assert answer.headers["Accept-Post"] == "application/json"

    def test_json_says_its_charset_if_it_likes(self, web: Web, county: County) -> None:
        content = json.dumps(county.found()).encode()
        kind = "Application/JSON; charset=UTF-8"
        assert send(web, "/hazards", content, {"Content-Type": kind}).status_code == 201

    def test_a_compressed_body(self, web: Web) -> None:
        answer = send(web, "/hazards", b"{}", {**JSON, "Content-Encoding": "gzip"})
        assert answer.status_code == 400

    def test_a_body_that_is_too_large(self, web: Web, county: County) -> None:
        body = json.dumps(county.found(description="长" * 400_000)).encode()
        assert send(web, "/hazards", body, JSON).status_code == 413

        def parts() -> Any:  # noqa: ANN401 - an iterator that says no length
            yield body

        answer = web.client.post("/api/v1/hazards", content=parts(), headers=JSON)
        assert answer.status_code == 413
        assert answer.json()["todo"]

    @pytest.mark.parametrize(
        "path",
        [
            *("/hazards/not-a-uuid", "/hazards/%00", "/hazards/..%2f..%2fetc", "/facts/0"),
            *("/facts/-1", "/facts/9999999999999999999999", "/facts/x", "/facts/1.5"),
            *("/reports/E1/2024-13", "/reports/E1/May", "/enterprises/%20/trace"),
            *("/enterprises/%E6%9F%90%E5%8E%82/trace", "/incidents/%00/trace"),
            *("/incidents/" + "x" * 2000 + "/trace", "/%ff%fe", "/hazards/", "//", "/HAZARDS"),
        ],
    )
    def test_a_path_that_leads_nowhere(self, web: Web, path: str) -> None:
        answer = web.get(path)
        assert answer.status_code in (404, 422), answer.text
        assert answer.headers["Content-Type"] == PROBLEM

    @pytest.mark.parametrize(
        ("path", "query"),
        [
            ("/hazards", {"limit": 0}),
            ("/hazards", {"limit": 501}),
            ("/hazards", {"limit": "ten"}),
            ("/hazards", {"state": "gone"}),
            ("/hazards", {"overdue": "perhaps"}),
            ("/hazards", {"enterprise": "a b"}),
            ("/hazards", {"cursor": "rubbish"}),
            ("/hazards", {"cursor": "x" * 1001}),
            ("/hazards", {"cursor": "二"}),
            ("/hazards", {"cursor": "WyJ4Il0"}),
            ("/hazards", {"knownat": "2024-05-20"}),
            ("/organisations", {"name": "\x00"}),
            ("/incidents", {"number": "\x00"}),
            ("/reports", {}),
            ("/reports", {"month": "2024-13"}),
            ("/facts", {"tag": "no tag"}),
            ("/facts", {"tag": "hazard:\x00"}),
            ("/facts", {"tag": ["hazard:1"] * 6}),
            ("/facts", {"topic": "hazard.lost"}),
            ("/facts", {"after": -1}),
            ("/facts", {"after": 10**30}),
            ("/facts", {"known_at": "yesterday"}),
            ("/settings", {"as_at": "2024-05-20T10:00:00"}),
            ("/enterprises/91371399MA3C00003U/trace", {"at": "2024-02-30"}),
            ("/enterprises/91371399MA3C00003U/trace", {"at": "0001-01-01"}),
            ("/enterprises/91371399MA3C00003U/trace", {"at": "9999-12-31"}),
            ("/enterprises/91371399MA3C00003U/trace", {"look_back": -1}),
            ("/enterprises/91371399MA3C00003U/trace", {"look_back": 10**9}),
            ("/enterprises/91371399MA3C00003U/duties", {"line": "church"}),
        ],
    )
    def test_a_query_that_asks_for_nothing_there_is(
        self, web: Web, path: str, query: dict[str, Any]
    ) -> None:
        answer = web.get(path, **query)
        assert answer.status_code == 422, answer.text
        assert answer.json()["where"]

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_a_zone_whose_plus_became_a_space_is_understood(self, web: Web, lang: str) -> None:
        path = "/api/v1/enterprises/91371399MA3C00003U/trace?at=2024-09-18T14:25:00+08:00"
        answer = web.client.get(path, headers={"Accept-Language": lang})
        assert answer.json()["at"] == "2024-09-18T06:25:00Z"


FIELDS_GONE_WRONG: list[tuple[str, Any, str]] = [
    ("number", 7, "number"),
    ("number", "", "number"),
    ("number", "x" * 65, "number"),
    ("number", "a\x00b", "number"),
    ("number", "a\x1b[31mb", "number"),
    ("number", "a\u202eb", "number"),
    ("description", None, "description"),
    ("description", "", "description"),
    ("description", "\x00", "description"),
    ("description", "长" * 20_001, "description"),
    ("description", {"digest": "0" * 64}, "description"),
    ("found_by", "nobody", "found_by"),
    ("suspected_major", "yes", "suspected_major"),
    ("suspected_major", 1, "suspected_major"),
    ("enterprise", 7, "enterprise"),
    ("enterprise", "某 厂", "enterprise"),
    ("enterprise", "01900a00-0001-7000-8000-00000000000g", "enterprise"),
    ("finder", "张三", "finder"),
    ("happened", "2024-05-20T10:00:00", "happened"),
    ("happened", "2024-02-30", "happened"),
    ("happened", "20240520", "happened"),
    ("happened", "yesterday", "happened"),
    ("happened", "0001-01-01T00:00:00+14:00", "happened"),
    ("happened", "9999-12-31T23:59:59-14:00", "happened"),
    ("happened", "2024-05-20T24:00:01Z", "happened"),
    ("happened", 1_700_000_000, "happened"),
    ("record", "7", "record"),
    ("by_post", "科长", "by_post"),
    ("unheard_of", 1, "unheard_of"),
]


class TestTheFields:
    @pytest.mark.parametrize(("field", "value", "where"), FIELDS_GONE_WRONG)
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_the_field_is_named(
        self, county: County, field: str, value: object, where: str, lang: str
    ) -> None:
        answer = county.hazard(**{field: value}, Accept_Language=lang)
        assert answer.status_code == 422, answer.text
        problem = answer.json()
        assert problem["where"] == where
        assert [each["where"] for each in problem["errors"]] == [where]
        name = FIELDS.get(field, field) if lang == "zh" else field
        assert problem["detail"].startswith(name)

    def test_every_field_at_once(self, web: Web) -> None:
        answer = web.post("/orders", {"items": [{"item": 0}, {"text": 1}], "number": []})
        wheres = {each["where"] for each in answer.json()["errors"]}
        assert {"enterprise", "by_org", "number", "items.0.item", "items.0.text"} <= wheres
        assert {"items.1.item", "items.1.deadline", "items.0.deadline"} <= wheres

    @pytest.mark.parametrize("deadline", [20240520, "2024-05-20T00:00:00Z", "1716163200", True])
    def test_a_day_is_a_day(self, web: Web, county: County, deadline: object) -> None:
        item = {"item": 1, "text": "整改", "deadline": deadline}
        body = {"enterprise": county.enterprise, "by_org": county.department, "number": "1"}
        answer = web.post("/orders", {**body, "items": [item]})
        assert (answer.status_code, answer.json()["where"]) == (422, "items.0.deadline")

    @pytest.mark.parametrize("deaths", ["3", 3.0, 1e3, -1, 2**53, 2**64, True])
    def test_a_number_is_a_whole_number(self, web: Web, county: County, deaths: object) -> None:
        body = {"enterprise": county.enterprise, "number": "SG-1", "name": "事故"}
        answer = web.post("/incidents", {**body, "deaths": deaths})
        assert answer.status_code == 422, answer.text

    def test_a_fact_that_would_not_fit(self, web: Web, county: County) -> None:
        body = {"enterprise": county.enterprise, "by_org": county.department, "ground": "penalty"}
        many = [county.hazard().json()["record"]] * 3000
        answer = web.post("/halts", {**body, "hazards": many})
        assert answer.status_code == 422
        assert "65535" in answer.json()["detail"]

    def test_what_was_sent_is_not_repeated(self, county: County) -> None:
        answer = county.hazard(number=["身份证号 371300197001010011"])
        assert "371300197001010011" not in answer.text


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[Example, dict[str, Any]]:
    """An act of the story of which a few fields were replaced, dropped or invented."""
    act = draw(st.sampled_from(story()))
    body = dict(act.body)
    names = sorted(operations()[act.topic].body.model_fields)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(names) | st.text(max_size=10))
        if draw(st.booleans()):
            body[name] = draw(plain)
        else:
            body.pop(name, None)
    return act, body


@pytest.fixture(scope="module")
def battered(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A server of its own, into which much gets that nobody would record."""
    with telling_the_story(postgres_url, tmp_path_factory.mktemp("battered")) as web:
        yield web


@settings(max_examples=150)
@given(spoilt())
def test_nothing_that_can_be_sent_breaks_the_server(
    battered: Web, sent: tuple[Example, dict[str, Any]]
) -> None:
    act, body = sent
    answer = battered.post(act.path, body)
    assert answer.status_code < 500, (act.topic, body, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.json()["detail"]


@settings(max_examples=60)
@given(st.sampled_from(["/commands", "/hazards", "/corrections", "/settings/changed"]), plain)
def test_no_json_at_all_breaks_the_server(battered: Web, path: str, body: object) -> None:
    assert battered.post(path, body).status_code < 500


def test_all_that_went_in_comes_out_again(battered: Web) -> None:
    """Last in this file: whatever the tests above got recorded can be read and traced."""
    answer = battered.get("/facts", limit=500)
    seen = 0
    while True:
        seen += len(answer.json()["facts"])
        if not answer.json()["next"]:
            break
        answer = battered.get("/facts", limit=500, cursor=answer.json()["next"])
        assert answer.status_code == 200, answer.text
    assert seen == answer.json()["head"]
    assert battered.get("/enterprises/91371399MA3C00003U/trace").status_code == 200
    battered.here.runner.wait_for(seen, 60)
    assert battered.client.get("/health").json()["status"] == "ok"
