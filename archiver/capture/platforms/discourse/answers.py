"""What an answer of Discourse says that is not content.

Errors are ``{"errors": […], "error_type": "…"}``; the types are those of the server's
application controller (`rescue_discourse_actions`) and of its rate limiter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.enveloped import Head, problem_of

if TYPE_CHECKING:
    from archiver.capture.connector import Problem
    from archiver.formats.http1 import HttpResponse

__all__ = ["refusal"]

_CODES = {
    "not_found": "missing",
    "invalid_access": "forbidden",
    "not_logged_in": "authorisation",
    "invalid_api_key": "authorisation",
    "rate_limit": "rate",
    "read_only": "transient",
}
_LOGIN = b"The API username or key is invalid"
"""Words of the English message that says that the key, and not a permission, is the matter."""


def refusal(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    ``missing`` only in Discourse's own words. It says so, too, of what is hidden from us.
    """
    head = Head(response.body) if response.body.lstrip()[:1] == b"{" else Head(b"")
    told = head.text("error_type") if head.raw("errors") or response.status >= 400 else ""  # noqa: PLR2004 - HTTP errors
    if told == "invalid_access" and _LOGIN in response.body:
        told = "invalid_api_key"
    return problem_of(response, told, _CODES, float(head.number("extras", "wait_seconds")))
