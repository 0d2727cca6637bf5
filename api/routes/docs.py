"""The API's documentation for people: Swagger UI from our own files, for a closed network."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import fastapi_offline
import orjson
from fastapi import APIRouter, Request, Response
from fastapi.staticfiles import StaticFiles

from api.edge import CONTENT_SECURITY_POLICY

SWAGGER = StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static")
"""Swagger UI as the ``fastapi-offline`` wheel carries it."""
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>倒查 daocha · API</title>
<link rel="stylesheet" href="/docs/swagger/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_POLICY = f"{CONTENT_SECURITY_POLICY}; img-src 'self' data:"
"""Swagger UI draws its arrows from data: images in its style sheet; nothing else is let in."""

docs = APIRouter(include_in_schema=False)


@docs.get("/docs")
def page() -> Response:
    """Return the page."""
    return Response(_PAGE, headers={"Content-Security-Policy": _POLICY}, media_type="text/html")


@docs.get("/openapi.json")
def openapi(request: Request) -> Response:
    """Return the OpenAPI document; it is put together once, and not while others wait."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = orjson.dumps(request.app.openapi())
    return Response(state.openapi, media_type="application/json")


@docs.get("/docs/start.js")
def start() -> Response:
    """Return the script that starts Swagger UI: an inline one is not allowed."""
    script = files("api").joinpath("start_docs.js").read_text("utf-8")
    return Response(script, media_type="text/javascript")
