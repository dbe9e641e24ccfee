"""Notes every request to Airflow's API server that changes something: who, what, with what result.

Triggering, clearing, setting a state, answering, editing variables, connections, pools and XCom all
are such requests, by the interface in a browser and by REST alike; refused ones are noted too. The
body, the query and the token are not: only whom the token names, where the server accepted it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from civic_archiver_airflow.noting import note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["NotedRequests"]

API, TASKS = "/api/v2/", "/execution/"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN = "_token"  # noqa: S105 - the name of Airflow's cookie
ASKING = ("/list", "/connections/test")
"""Ends of addresses that change nothing when they are posted to."""


class NotedRequests:
    """ASGI middleware: notes what changes something, before the answer is sent.

    Args:
        app: what it stands before.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note it once its result is known."""
        if not _changes(scope):
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = int(message["status"])
                members = {
                    "method": scope["method"],
                    "path": _path(scope).removeprefix(API),
                    "status": str(status),
                    "by": "" if status == HTTPStatus.UNAUTHORIZED else _named(scope),
                }
                await run_in_threadpool(note, "request", **members)
            await send(message)

        await self._app(scope, receive, sent)


def _changes(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] in READING:
        return False
    path = _path(scope)
    asks = scope["method"] == "POST" and path.endswith(ASKING)
    return not asks and not path.startswith(TASKS)  # what tasks themselves report


def _path(scope: Scope) -> str:
    """Return the address of a request, without what stands before all of them."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))


def _named(scope: Scope) -> str:
    """Return whom the token of a request names, "" for none. The server has checked it."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        token = _cookie(headers)
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - a JSON web token (RFC 7519) has three
        return ""
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims: dict[str, Any] = json.loads(urlsafe_b64decode(padded))
    except ValueError:
        return ""
    return str(claims.get("sub", "")) if isinstance(claims, dict) else ""


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(TOKEN)
    except CookieError:
        return ""
    return found.value if found else ""
