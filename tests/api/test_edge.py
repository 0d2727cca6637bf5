"""What every answer has: an id, strict headers, a log line without anybody's data."""

from __future__ import annotations

import json
import logging
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from api.edge import HEADERS
from api.logs import LOGGERS, configure_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.county import County
    from tests.support.web import Web

ADDRESSES = [
    *("/", "/api/v1/hazards", "/api/v1/facts/1", "/api/v1/nothing", "/health", "/docs"),
    *("/openapi.json", "/static/style.css", "/static/nothing", "/static/../../pyproject.toml"),
    *("/docs/swagger/swagger-ui.css", "/incidents/SG-2024-0918/trace", "/nothing"),
]


class TestHeaders:
    @pytest.mark.parametrize("path", ADDRESSES)
    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH"])
    def test_are_on_every_answer(self, web: Web, path: str, method: str) -> None:
        answer = web.client.request(method, path)
        assert answer.status_code < 500, answer.text
        for name, value in HEADERS.items():
            if name not in ("Cache-Control", "Content-Security-Policy"):
                assert answer.headers[name] == value
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        stays = path.startswith(("/static/", "/docs/")) and ".." not in path
        assert answer.headers["Cache-Control"] == ("no-cache" if stays else "no-store")
        assert len(answer.headers.get_list("Cache-Control")) == 1

    def test_a_request_keeps_its_id(self, web: Web) -> None:
        given = web.client.get("/health", headers={"X-Request-ID": "gateway-000017"})
        assert given.headers["X-Request-ID"] == "gateway-000017"

    @pytest.mark.parametrize("given", ["", "short", "x" * 65, 'quote"d-id', "two words"])
    def test_an_id_that_is_none_is_replaced(self, web: Web, given: str) -> None:
        answer = web.client.get("/health", headers={"X-Request-ID": given})
        assert answer.headers["X-Request-ID"] != given

    def test_a_problem_names_the_request(self, web: Web) -> None:
        answer = web.get("/facts/0")
        assert answer.json()["request"] == answer.headers["X-Request-ID"]


class TestMethods:
    @pytest.mark.parametrize("path", ["/api/v1/hazards", "/health", "/docs", "/static/style.css"])
    def test_head_is_get_without_the_body(self, web: Web, path: str) -> None:
        got, headed = web.client.get(path), web.client.head(path)
        assert headed.status_code == got.status_code == 200
        assert headed.content == b""
        assert headed.headers["Content-Type"] == got.headers["Content-Type"]
        assert headed.headers["Content-Length"] == got.headers["Content-Length"]

    @pytest.mark.parametrize(
        ("path", "methods"),
        [
            ("/api/v1/hazards", "GET, POST, HEAD, OPTIONS"),
            ("/api/v1/commands", "POST, OPTIONS"),
            ("/api/v1/clauses", "GET, HEAD, OPTIONS"),
            ("/static/style.css", "GET, HEAD, OPTIONS"),
        ],
    )
    def test_options_and_refusals_tell_what_can_be_done(
        self, web: Web, path: str, methods: str
    ) -> None:
        options = web.client.options(path)
        assert (options.status_code, options.headers["Allow"]) == (204, methods)
        refused = web.client.delete(path)
        assert (refused.status_code, refused.headers["Allow"]) == (405, methods)

    def test_where_nothing_is_nothing_can_be_done(self, web: Web) -> None:
        assert web.client.options("/api/v1/nothing").status_code == 404

    def test_no_other_site_may_read(self, web: Web) -> None:
        asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
        answer = web.client.options("/api/v1/hazards", headers=asked)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


class TestLogs:
    def lines(self, caplog: pytest.LogCaptureFixture, count: int) -> list[dict[str, Any]]:
        """Return what was logged; a line is written once the answer has gone out."""
        deadline = monotonic() + 10
        found: list[dict[str, Any]] = []
        while len(found) < count and monotonic() < deadline:
            sleep(0.01)
            found = [vars(line) for line in caplog.records if line.name == "daocha.api"]
        return found

    def test_hold_the_route_and_nobodys_data(
        self, web: Web, county: County, caplog: pytest.LogCaptureFixture
    ) -> None:
        record = county.hazard().json()["record"]
        with caplog.at_level(logging.INFO, "daocha.api"):
            county.hazard(number=["张三"], description="李四发现")
            answer = web.get(f"/hazards/{record}", as_at="2024-05-20")
            told = self.lines(caplog, 2)
        assert [(line["method"], line["status"]) for line in told] == [("POST", 422), ("GET", 200)]
        assert told[0]["problem"] == "invalid"
        assert told[1]["route"].endswith("/hazards/{record}")
        assert told[1]["id"] == answer.headers["X-Request-ID"]
        written = repr(told)
        assert not any(each in written for each in ("张三", "李四", record, "2024-05-20"))

    def test_a_fault_of_ours_is_a_problem_and_in_the_log(
        self, web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            message = "张三 did it"
            raise RuntimeError(message)

        monkeypatch.setattr(type(web.here.ledger), "head", fail)
        answer = web.get("/facts")
        assert answer.status_code == 500
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.json()["request"] in answer.json()["todo"]
        (broken,) = [line for line in caplog.records if line.getMessage() == "broken"]
        assert vars(broken)["error"] == "RuntimeError"
        assert any("records.py" in frame for frame in vars(broken)["at"])
        assert "张三" not in repr(vars(broken)) + answer.text

    @pytest.fixture
    def loggers(self) -> Iterator[None]:
        kept = {
            name: (logger.handlers, logger.level, logger.propagate)
            for name in LOGGERS
            for logger in (logging.getLogger(name),)
        }
        yield
        for name, (handlers, level, propagate) in kept.items():
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)

    @pytest.mark.usefixtures("loggers")
    def test_the_server_writes_json_lines(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logs()
        logging.getLogger("daocha.api").info("request", extra={"route": "/hazards/{record}"})
        logging.getLogger("daocha.ledger").debug("too much")
        (line,) = capsys.readouterr().err.splitlines()
        told = json.loads(line)
        assert (told["event"], told["level"]) == ("request", "info")
        assert told["route"] == "/hazards/{record}"
        assert told["timestamp"].endswith("Z")
