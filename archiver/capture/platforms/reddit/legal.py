"""What to know before a community on Reddit is captured."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, PRIVATE_MESSAGES, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "Posts and comments belong to their authors; the terms of the API want content that a user"
        " deleted to be deleted by who keeps copies. Public-records law may forbid that: have"
        " counsel decide before anybody approves.",
        "Reddit Data API Terms and Developer Terms (redditinc.com/policies)",
        "",
        "general knowledge",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "Reading by programs needs a registered client, its own user agent, and keeps to 100"
        " requests a minute; commercial use needs a contract.",
        "Reddit Data API Terms; support.reddithelp.com, Reddit Data API Wiki",
        "",
        "general knowledge",
    ),
    PRIVATE_MESSAGES,
)
