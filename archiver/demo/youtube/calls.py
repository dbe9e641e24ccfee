"""Errors and pages of the stand-in's API, as the Data API has them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from archiver.demo.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ApiError", "answered", "page_of"]

Json = dict[str, Any]
_DOMAINS = {
    "quotaExceeded": "youtube.quota",
    "rateLimitExceeded": "usageLimits",
    "authError": "global",
}


class ApiError(Exception):
    """An error that the API answers with: its status, its reason, and words."""

    def __init__(self, status: int, reason: str, words: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.words = words or f"The request was refused: {reason}."

    def answer(self) -> Answer:
        """Return it as an answer."""
        domain = _DOMAINS.get(self.reason, "youtube.request")
        one = {"message": self.words, "domain": domain, "reason": self.reason}
        told = {"code": self.status, "message": self.words, "errors": [one]}
        return answered({"error": told}, self.status)


def answered(body: Json, status: int = 200) -> Answer:
    """Return a document as an answer, indented as the real API indents it."""
    said = json.dumps(body, ensure_ascii=False, indent=2).encode()
    return Answer(status, (("Content-Type", "application/json; charset=UTF-8"),), said)


def page_of(rows: Sequence[Json], token: str, size: int) -> tuple[Sequence[Json], Json]:
    """Return a page of things, and what its envelope says of the pages around it."""
    start = _offset(token) if token else 0
    told: Json = {"pageInfo": {"totalResults": len(rows), "resultsPerPage": size}}
    if start + size < len(rows):
        told["nextPageToken"] = _token(start + size)
    if start:
        told["prevPageToken"] = _token(max(start - size, 0))
    return rows[start : start + size], told


def _token(offset: int) -> str:
    return urlsafe_b64encode(f"at {offset:08}".encode()).decode().rstrip("=")


def _offset(token: str) -> int:
    try:
        said = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
        return int(said.removeprefix("at "))
    except ValueError:
        raise ApiError(400, "invalidPageToken") from None
