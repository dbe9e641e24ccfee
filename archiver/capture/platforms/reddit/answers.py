"""What an answer of Reddit says that is not content: ``{"message", "error", "reason"?}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.enveloped import Head, problem_of

if TYPE_CHECKING:
    from archiver.capture.connector import Problem
    from archiver.formats.http1 import HttpResponse

__all__ = ["refusal"]

_CODES = {
    "private": "forbidden", "banned": "forbidden", "quarantined": "forbidden",
    "gated": "forbidden", "CONVERSATION_NOT_FOUND": "missing", "USER_REQUIRED": "authorisation",
}  # fmt: skip
_LONGEST = 600.0
"""Seconds: Reddit counts requests in windows of ten minutes."""
_TOO_MANY, _FORBIDDEN = 429, 403


def refusal(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    A 404 is never ``missing``: a community that was renamed or closed says the same. Things
    are asked for by `api/info`, which answers with none.
    """
    head = Head(response.body) if response.body.lstrip()[:1] == b"{" else Head(b"")
    told = head.text("reason") if head.text("error") or response.status >= _FORBIDDEN - 3 else ""
    if response.status == _FORBIDDEN and b"insufficient_scope" in _challenge(response):
        return problem_of(response, "scope", {"scope": "scope"})
    wait = 0.0
    if response.status == _TOO_MANY:
        text = response.header("x-ratelimit-reset").partition(".")[0]
        wait = min(float(text), _LONGEST) if text.isascii() and text.isdigit() else 0.0
    return problem_of(response, told, _CODES, wait)


def _challenge(response: HttpResponse) -> bytes:
    return response.header("www-authenticate").encode("utf-8", "replace")
