"""Somebody signed in who works on the pages by their forms, as a browser without a script does."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from uuid import UUID

import httpx

from api import sessions
from domain.sign_in import Manner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.web import Web


class _Forms(HTMLParser):
    """Reads the fields of a page's forms, by where each is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] | None = None
        self._select = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and told.get("method") == "post":
            self._fields = self.forms.setdefault(told["action"], {})
        elif self._fields is not None and tag == "input":
            if told.get("type") != "checkbox" or "checked" in told:
                self._fields[told["name"]] = told.get("value", "")
        elif self._fields is not None and tag == "textarea":
            self._text = told["name"]
            self._fields[self._text] = ""
        elif self._fields is not None and tag == "select":
            self._select = told["name"]
        elif self._fields is not None and tag == "option" and self._select:
            chosen = "selected" in told or self._select not in self._fields
            held = self._fields.get(self._select, "")
            self._fields[self._select] = told.get("value", "") if chosen else held

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._fields is not None and self._text:
            self._fields[self._text] += data


@dataclass
class Worker:
    """Somebody signed in, and their browser."""

    client: httpx.Client

    @classmethod
    @contextmanager
    def signed_in(cls, web: Web, person: str) -> Iterator[Worker]:
        """Sign somebody in, and sign them out of the browser at the end."""
        secret = sessions.begin(web.here, UUID(person), Manner.PASSWORD)
        headers = {"Accept": "text/html"}
        with httpx.Client(
            base_url=str(web.client.base_url),
            timeout=60,
            headers=headers,
            cookies={"daocha": secret},
        ) as client:
            yield cls(client)

    def see(self, path: str) -> str:
        """Return a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def offered(self, path: str) -> list[str]:
        """Return what a page offers to do, by the last part of where it is sent."""
        return [action.rpartition("/")[2] for action in self._forms(path) if path in action]

    def _forms(self, path: str) -> dict[str, dict[str, str]]:
        reader = _Forms()
        reader.feed(self.see(path))
        return {action.partition("?")[0]: fields for action, fields in reader.forms.items()}

    def fill(self, path: str, act: str = "", **fields: str | list[str]) -> httpx.Response:
        """Fill in one of a page's forms and send it; ``__`` in a name stands for a dot."""
        plain = path.partition("?")[0]
        action = f"{plain}/{act}" if act else plain
        query = path[len(plain) :]
        held: dict[str, str | list[str]] = {**self._forms(path)[action]}
        held |= {name.replace("__", "."): value for name, value in fields.items()}
        origin = str(self.client.base_url).rstrip("/")
        return self.client.post(action + query, data=held, headers={"Origin": origin})

    def do(self, path: str, act: str = "", **fields: str | list[str]) -> str:
        """The same, where it must work; returns the page that follows."""
        answer = self.fill(path, act, **fields)
        assert answer.status_code == 303, re.findall(r'class="(?:trouble|wrong)".*', answer.text)
        return answer.headers["Location"].partition("?")[0]
