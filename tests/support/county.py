"""An enterprise and the department that supervises it, put on record over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.support.web import Web

ENTERPRISE = "91371300MA3C000017"
DEPARTMENT = "11371321MB2857003C"


def begin(web: Web) -> None:
    """Register both, and who supervises whom."""
    since = "2023-03-01"
    department = {"kind": "department", "code": DEPARTMENT, "name": "沂南县应急管理局"}
    enterprise = {"kind": "enterprise", "code": ENTERPRISE, "name": "沂河化工有限公司"}
    for body in (department, enterprise):
        answer = web.post("/organisations", {**body, "happened": since})
        assert answer.status_code == 201, answer.text
    web.post(f"/supervisions/{ENTERPRISE}/assigned", {"department": DEPARTMENT, "happened": since})


def hazard(web: Web, **changes: Any) -> httpx.Response:
    """Record a hazard; names with a capital letter are headers, others fields."""
    headers = {name: value for name, value in changes.items() if name[0].isupper()}
    fields = {name: value for name, value in changes.items() if name not in headers}
    body = {
        "enterprise": ENTERPRISE,
        "number": "YH-2024-1",
        "description": "阀门泄漏",
        "found_by": "enterprise",
        **fields,
    }
    return web.post("/hazards", body, **headers)
