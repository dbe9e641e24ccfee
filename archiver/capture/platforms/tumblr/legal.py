"""What to know before a blog on Tumblr is captured."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, PRIVATE_MESSAGES, LegalNote

__all__ = ["LEGAL"]

_TERMS = "Application Developer and API License Agreement, tumblr.com/docs/api_agreement"

LEGAL = (
    LegalNote(
        "storage",
        "Posts are their authors'; the agreement limits how long what others wrote may be kept"
        " apart from Tumblr. Have counsel say which law keeps the city's record.",
        _TERMS,
        "",
        "general knowledge",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "The API is for registered applications: 1,000 requests an hour and 5,000 a day for each.",
        "github.com/tumblr/docs, api.md, Rate Limits",
        "2026-12-01",
        "read",
    ),
    PRIVATE_MESSAGES,
)
