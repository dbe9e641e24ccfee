"""What a Graph API answer says that is not content.

Errors are ``{"error": {"code": …}}``, in answers of any status, 200 as well
(developers.facebook.com/docs/graph-api/guides/error-handling).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from archiver.capture.answers import retry_after, status_problem
from archiver.capture.connector import Problem
from archiver.capture.platforms.graph.cutting import node_of
from archiver.capture.platforms.graph.login import PROOF
from archiver.capture.platforms.graph.usage import regained
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["error_of", "problem_of"]

_LONGEST = 200
_ARGUMENT = 100
_NO_SUCH_NODE = (_ARGUMENT, 33)
_REASONS = {
    458: "the app was removed",
    459: "the person must log in to Facebook once",
    460: "the password was changed",
    463: "the token has expired",
    464: "the person must confirm the account",
    467: "the token was revoked",
    492: "the person has no role on the Page any more",
}
"""Subcodes of a refused token, in our words."""
_LOGIN = frozenset({102, 104, 190, 450, 452, 459, 463, 464, 467})
_RATE = frozenset({4, 17, 32, 341, 613})
_RATES_BY_USE = range(80_000, 80_015)
"""Business use case limits (docs/graph-api/overview/rate-limiting)."""
_SCOPE = frozenset({3, 10, *range(200, 300)})
_CODES = {
    **dict.fromkeys(_LOGIN, "authorisation"),
    **dict.fromkeys(_RATE, "rate"),
    **dict.fromkeys(_RATES_BY_USE, "rate"),
    **dict.fromkeys(_SCOPE, "scope"),
    1: "transient",
    2: "transient",
    368: "forbidden",
    2635: "sunset",
}
_USUAL_WAIT = 300.0
_TOO_MUCH = "reduce the amount of data"
_WHOLE = msgspec.json.Decoder(msgspec.Raw)


def error_of(body: bytes) -> dict[str, Any]:
    """Return the error object of an answer, empty where it is none."""
    node = node_of(body) if b'"error"' in body[:4096] else {}
    error = node.get("error")
    return error if isinstance(error, dict) and "code" in error else {}


def problem_of(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    ``missing`` only where Graph itself says that there is no such node (or that the token
    may not see it, which it does not tell apart).
    """
    error = error_of(response.body)
    if error:
        return _told(response, error)
    problem = status_problem(response)
    return problem or _content_problem(response.body)


def _told(response: HttpResponse, error: dict[str, Any]) -> Problem:
    code, sub = _number(error.get("code")), _number(error.get("error_subcode"))
    words = str(error.get("message") or "").strip()
    words = words[:_LONGEST] if words.isprintable() else ""
    said = f"({code}{f'/{sub}' if sub else ''}) {words}".strip()
    kind = _CODES.get(code, "schema")
    if (code, sub) == _NO_SUCH_NODE:
        kind = "missing"
    elif kind == "authorisation" and sub in _REASONS:
        said = f"{said} [{_REASONS[sub]}]"
    elif code == _ARGUMENT and PROOF in words:  # the app's secret is lacking, or another one
        kind, said = "authorisation", f"{said} [give the app's secret as app_secret]"
    elif code == 1 and _TOO_MUCH in words:
        kind = "too-large"
    elif kind == "schema" and error.get("is_transient") is True:
        kind = "transient"
    if kind == "rate":
        return Problem(kind, said, regained(response) or retry_after(response, _USUAL_WAIT))
    return Problem(kind, said)


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _content_problem(body: bytes) -> Problem | None:
    """Judge a body that came with success: HTML, and JSON cut short, are no content."""
    if format_of(body) != "json":
        return Problem("schema", "not JSON: is this the address of a Page?")
    try:
        _WHOLE.decode(body)
    except UNREADABLE:
        # Graph's answers are objects; what does not end as one was cut.
        closed = body.rstrip(b" \t\r\n").endswith(b"}")
        return None if closed else Problem("transient", "the JSON is cut short")
    return None
