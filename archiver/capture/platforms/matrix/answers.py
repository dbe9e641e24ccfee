"""What a Matrix answer says that is not a page of content.

Client-Server API, Standard error response; codes as Synapse 1.163 sends them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.connector import Problem
from archiver.capture.jsonbody import is_closed
from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["error_of", "problem_of"]

_NO_LOGIN = frozenset(
    {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED", "M_UNAUTHORIZED"}
)
_LONGEST_WAIT = 86400.0
_CODE = re.compile(r"[A-Za-z0-9_.]{1,80}", re.ASCII)


class _Error(msgspec.Struct):
    """The standard error response."""

    errcode: str
    retry_after_ms: float = 0


_ERROR = msgspec.json.Decoder(_Error)
_CODE_ALONE = msgspec.json.Decoder(dict[str, msgspec.Raw])


def error_of(body: bytes) -> str:
    """Return the error code of an answer, empty where it is none."""
    error = _error(body)
    return error.errcode if error is not None else ""


def problem_of(response: HttpResponse, url: str) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    ``missing`` only where the homeserver says that it has no such event, or that we may not
    read it: the same answer means either.
    """
    # Whoever writes an event names its members: one called errcode is no error.
    written = response.status < 400 and _names_event(url)  # noqa: PLR2004 - HTTP errors begin here
    error = None if written else _error(response.body)
    by_status = status_problem(response)
    if error is None:
        return by_status or _content_problem(response.body)
    message = f"{response.status} {error.errcode}"
    if error.errcode == "M_LIMIT_EXCEEDED":
        wait = min(max(error.retry_after_ms, 0.0) / 1000, _LONGEST_WAIT)
        return Problem("rate", message, wait or (by_status.retry_after if by_status else 0.0))
    if error.errcode in _NO_LOGIN:
        return Problem("authorisation", message)
    if response.status == 404 and error.errcode == "M_NOT_FOUND" and _names_event(url):  # noqa: PLR2004 - HTTP Not Found
        return Problem("missing", message)
    if by_status is None:
        return Problem("schema", message)
    return replace(by_status, message=message)


def _names_event(url: str) -> bool:
    return "/event/" in urlsplit(url).path


def _error(body: bytes) -> _Error | None:
    if b'"errcode"' not in body[:4096] or body.lstrip()[:1] != b"{":
        return None
    error: _Error | None
    try:
        error = _ERROR.decode(body)
    except UNREADABLE:
        error = _tolerant(body)
    return error if error is not None and _CODE.fullmatch(error.errcode) else None


def _tolerant(body: bytes) -> _Error | None:
    """Read the code alone where something else of the error is not of its type."""
    try:
        code = msgspec.json.decode(_CODE_ALONE.decode(body)["errcode"], type=str)
    except (*UNREADABLE, KeyError):
        return None
    return _Error(code)


def _content_problem(body: bytes) -> Problem | None:
    """Judge a body that came with success: only whole JSON is content."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n")
    if text[:1] not in (b"{", b"["):
        return Problem("schema", "not JSON: is this the address of a Matrix homeserver?")
    return None if is_closed(text) else Problem("transient", "the JSON is cut short")
