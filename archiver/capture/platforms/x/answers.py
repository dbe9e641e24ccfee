"""What an answer of X's says that is not content.

Status codes and types of problems: docs.x.com/x-api/fundamentals/response-codes-and-errors;
windows of the rate limits: docs.x.com/x-api/fundamentals/rate-limits. A 429 has no
``Retry-After``: ``x-rate-limit-reset`` is a Unix time. That 402 means that the credits or
the spending limit are used up is told by developers, not by that page.
"""

from __future__ import annotations

from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.connector import Problem
from archiver.capture.platforms.x.answered import Trouble, answered, told_problem
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import UNREADABLE, json_members

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["problem_of", "trouble_of"]

_PAYMENT, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 402, 403, 404, 429
_LONGEST_WAIT = 86400.0
_DAYS = ("x-user-limit-24hour-remaining", "x-app-limit-24hour-remaining")
_PASSING = frozenset({"internal-error", "field-hydration-failure"})
_BEFORE = b"\xef\xbb\xbf \t\r\n"
"""A byte order mark and white space: what may stand before a JSON text."""
_WHOLE = msgspec.json.Decoder(msgspec.Raw)


def problem_of(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    ``missing`` only where X itself says that there is no such thing, and gives no other.
    """
    problem = status_problem(response)
    if problem is None:
        return _content_problem(response.body)
    trouble = trouble_of(response.body)
    words = f"{response.status} {_words(trouble)}".strip()
    message = words if trouble else problem.message
    kind = trouble.type.rpartition("/")[2] if trouble else ""
    if response.status == _PAYMENT or _is_monthly(kind, response.body):
        return Problem("budget", message)
    if response.status == _TOO_MANY:
        return _rate(response, kind, message, problem.retry_after)
    if response.status == _NOT_FOUND and kind == "resource-not-found":
        return Problem("missing", message)
    if response.status == _FORBIDDEN and kind not in {"client-forbidden", "disallowed-resource"}:
        return Problem("scope", f"{message}: the token lacks a scope, or the account a right")
    return replace(problem, message=message)


def trouble_of(body: bytes) -> Trouble | None:
    """Return what X says of an error: the body itself, or the first of its ``errors``."""
    if format_of(body) != "json":
        return None
    errors = answered(body).errors
    trouble = errors[0] if errors else told_problem(body)
    return trouble if trouble is not None and (trouble.title or trouble.detail) else None


def _words(trouble: Trouble | None) -> str:
    told = f"{trouble.title}: {trouble.detail}" if trouble else ""
    return told[:200] if told.isprintable() else ""


def _is_monthly(kind: str, body: bytes) -> bool:
    """Tell whether a usage cap is that of a billing period; one of a day is a quota."""
    return kind == "usage-capped" and b'"Daily"' not in body


def _rate(response: HttpResponse, kind: str, message: str, default: float) -> Problem:
    """Judge a 429: the window of an endpoint, or what X gives in a day."""
    wait = _until(response, "x-rate-limit-reset", default)
    used = [name for name in _DAYS if response.header(name).strip() == "0"]
    if kind == "usage-capped" or used:
        name = used[0].replace("remaining", "reset") if used else ""
        return Problem("quota", message, _until(response, name, wait))
    return Problem("rate", message, wait)


def _until(response: HttpResponse, name: str, default: float) -> float:
    """Return the seconds until a Unix time in a header, by the answer's own clock."""
    text = response.header(name).strip() if name else ""
    if not (text.isascii() and text.isdigit()):
        return default
    try:
        now = parsedate_to_datetime(response.header("date")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return default
    return min(max(float(text[:12]) - now, 1.0), _LONGEST_WAIT)


def _content_problem(body: bytes) -> Problem | None:
    """Judge a body that came with success: what is no whole JSON object is no content."""
    if body.lstrip(_BEFORE)[:1] != b"{":
        return Problem("schema", "no JSON object: is this the address of an account on X?")
    if not _closed(body):
        return Problem("transient", "the JSON is cut short")
    if b'"errors"' not in body:
        return None
    found = answered(body)
    kinds = {one.type.rpartition("/")[2]: one for one in found.errors}
    passing = sorted(_PASSING & kinds.keys())
    if passing:
        return Problem("transient", _words(kinds[passing[0]]))
    if found.errors and not found.data:
        return _nothing(found.errors[0])
    return None


def _nothing(trouble: Trouble) -> Problem:
    """Judge an answer that has errors and nothing else."""
    kind = trouble.type.rpartition("/")[2]
    missing = kind == "resource-not-found" and "suspended" not in trouble.detail.lower()
    if missing:
        return Problem("missing", f"200 {_words(trouble)}")
    return Problem("schema" if kind == "invalid-request" else "withheld", f"200 {_words(trouble)}")


def _closed(body: bytes) -> bool:
    try:
        _WHOLE.decode(body)
    except UNREADABLE:
        start = len(body) - len(body.lstrip(_BEFORE))
        members = json_members(body, start, len(body))
        end = members[-1].value_end if members else start + 1
        return body[end:].strip(b" \t\r\n") == b"}"
    return True
