"""The offline verifier, to be read here or saved: it runs in the reader's browser."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Response

from api.verifier import VerifierPage, verifier_page

verify = APIRouter(include_in_schema=False)


@cache
def _page() -> VerifierPage:
    return verifier_page()


@verify.get("/verify")
def page() -> Response:
    """Return the page. No policy is built in: whom to trust is not for this server to say."""
    html, policy = _page()
    headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"}
    return Response(html, media_type="text/html", headers=headers)
