"""An enterprise and the department that supervises it, put on record over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from domain.organisation import organisation_id

if TYPE_CHECKING:
    import httpx

    from tests.support.web import Web

SINCE = "2023-03-01"


@dataclass
class County:
    """One enterprise under one department; both are this test's own.

    Args:
        web: the server.
        enterprise, department: their codes.
    """

    web: Web
    enterprise: str
    department: str

    @classmethod
    def begin(cls, web: Web) -> County:
        """Register both, and who supervises whom."""
        mark = uuid4().hex[:12].upper()
        county = cls(web, f"E{mark}", f"D{mark}")
        department = {"kind": "department", "code": county.department, "name": "应急管理局"}
        enterprise = {"kind": "enterprise", "code": county.enterprise, "name": "沂河化工"}
        supervised = {"department": county.department, "happened": SINCE}
        for path, body in (
            ("/organisations", {**department, "happened": SINCE}),
            ("/organisations", {**enterprise, "happened": SINCE}),
            (f"/supervisions/{county.enterprise}/assigned", supervised),
        ):
            answer = web.post(path, body)
            assert answer.status_code == 201, answer.text
        return county

    @property
    def id(self) -> UUID:
        """The enterprise's record id."""
        return organisation_id(self.enterprise)

    def found(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
        """Return the body of a hazard found."""
        return {
            "enterprise": self.enterprise,
            "number": "YH-2024-1",
            "description": "阀门泄漏",
            "found_by": "enterprise",
            **changes,
        }

    def hazard(self, **changes: Any) -> httpx.Response:  # noqa: ANN401 - headers, fields
        """Record a hazard; names with a capital letter are headers, others fields."""
        headers = {name: value for name, value in changes.items() if name[0].isupper()}
        fields = {name: value for name, value in changes.items() if name not in headers}
        return self.web.post("/hazards", self.found(**fields), **headers)

    def post(self, kind: str, person: str, since: str = SINCE) -> str:
        """Create a post of the enterprise that a person holds, and return its id."""
        body = {"organisation": self.enterprise, "kind": kind, "title": kind, "happened": since}
        post: str = self.web.post("/posts", body).json()["record"]
        held = {"person": person, "happened": since}
        answer = self.web.post(f"/posts/{post}/appointment-made", held)
        assert answer.status_code == 201, answer.text
        return post

    def order(self) -> str:
        """Issue an order with one item and return its id."""
        item = {"item": 1, "text": "整改", "deadline": "2024-06-05"}
        body = {"by_org": self.department, "number": "1号", "items": [item]}
        answer = self.web.post("/orders", {"enterprise": self.enterprise, **body})
        assert answer.status_code == 201, answer.text
        record: str = answer.json()["record"]
        return record
