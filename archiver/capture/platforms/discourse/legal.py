"""What to know before a Discourse forum is captured."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, PRIVATE_MESSAGES, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "A city's own forum has the terms that the city gives it. One that Discourse hosts, or"
        " another community's, has that host's terms: read them before the account is approved.",
        "the forum's /tos page; Discourse ships a text of its own there",
        "",
        "general knowledge",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "An API key is made by the forum's administrators for programs. One that may only read, and"
        " acts for one user, will do; a key for all users can act as anybody.",
        "docs.discourse.org, Authentication",
        "",
        "general knowledge",
    ),
    PRIVATE_MESSAGES,
)
