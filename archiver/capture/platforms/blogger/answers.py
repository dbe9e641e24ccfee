"""What an answer of Google's API says that is not content (google.rpc.Status in JSON)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.enveloped import Head, problem_of
from archiver.formats.excerpts_json import json_items

if TYPE_CHECKING:
    from archiver.capture.connector import Problem
    from archiver.formats.http1 import HttpResponse

__all__ = ["refusal"]

_CODES = {
    "notFound": "missing", "NOT_FOUND": "missing",
    "authError": "authorisation", "required": "authorisation", "UNAUTHENTICATED": "authorisation",
    "insufficientPermissions": "scope", "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "scope",
    "forbidden": "forbidden", "PERMISSION_DENIED": "forbidden",
    "accessNotConfigured": "forbidden", "SERVICE_DISABLED": "forbidden",
    "dailyLimitExceeded": "quota", "quotaExceeded": "quota",
    "rateLimitExceeded": "rate", "userRateLimitExceeded": "rate", "RATE_LIMIT_EXCEEDED": "rate",
    "RESOURCE_EXHAUSTED": "rate",
    "backendError": "transient", "internalError": "transient", "UNAVAILABLE": "transient",
}  # fmt: skip
_PAUSE = 5.0
"""Seconds; Google names no time."""


def refusal(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is; told by its reason, if any."""
    error = Head(response.body).raw("error")
    told = ""
    for name in ("details", "errors"):
        for start, end in json_items(error, (name,)):
            told = told or Head(error[start:end]).text("reason")
    told = told if told in _CODES else Head(error).text("status") or told
    wait = _PAUSE if _CODES.get(told) == "rate" else 0.0
    return problem_of(response, told, _CODES, wait)
