"""Answers of the Graph API: documents, and errors by their codes."""

from __future__ import annotations

import json
from typing import Any

from archiver.demo.answer import Answer

__all__ = ["document", "error", "missing"]


def document(content: object, status: int = 200) -> Answer:
    """Return a document as Graph writes it: compact, slashes escaped, no letters beyond ASCII."""
    body = json.dumps(content, separators=(",", ":")).replace("/", "\\/").encode()
    return Answer(status, (("Content-Type", "application/json; charset=UTF-8"),), body)


def error(code: int, words: str, subcode: int = 0, *, status: int = 400) -> Answer:
    """Return an error by its code."""
    told: dict[str, Any] = {
        "message": f"(#{code}) {words}", "type": "OAuthException", "code": code,
        "fbtrace_id": "AQuillwater000000000000",
    }  # fmt: skip
    if subcode:
        told["error_subcode"] = subcode
    return document({"error": told}, status)


def missing(number: str) -> Answer:
    """Return the error for what is not there, or may not be seen."""
    words = (
        f"Unsupported get request. Object with ID '{number}' does not exist, cannot be loaded due"
        " to missing permissions, or does not support this operation."
    )
    return error(100, words, 33)
