"""The principal of an enterprise, who asks for pages and sends forms with a token of their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import UUID

from api.access import issue_token
from api.judging import judge_at_once
from domain.fact import Actor
from domain.organisation import organisation_id

if TYPE_CHECKING:
    import httpx

    from tests.support.county import County
    from tests.support.web import Web


class Somebody:
    """The principal of an enterprise of their own, with a token."""

    def __init__(self, web: Web, county: County) -> None:
        self.web = web
        self.county = county
        self.id: str = web.post("/persons", {"name": "郑启荣"}).json()["record"]
        county.post("principal", self.id)
        token = issue_token(
            web.here.ledger,
            UUID(self.id),
            "测试",
            until=None,
            now=web.here.now(),
            random=os.urandom,
            by=Actor(authentication="system"),
        )
        self.headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
        self.catch_up()

    def catch_up(self) -> None:
        here = self.web.here
        organisations = [self.county.id, organisation_id(self.county.department)]
        upto = here.ledger.head().position
        here.runner.wait_for(upto, 60)
        judge_at_once(here.court, here.runner, upto, organisations, here.now())

    def get(self, path: str) -> httpx.Response:
        return self.web.client.get(path, headers=self.headers)

    def submit(self, path: str, **fields: str) -> httpx.Response:
        origin = str(self.web.client.base_url).rstrip("/")
        sent = {"csrf": "", **fields}
        return self.web.client.post(path, data=sent, headers={**self.headers, "Origin": origin})
