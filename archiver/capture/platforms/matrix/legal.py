"""What a homeserver's terms and the law say of capturing it, as far as we know."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, PRIVATE_MESSAGES, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "Messages are copied to the server of everybody in a room, and servers tell their users"
        " so. Each server has terms of its own: read those of the account's.",
        "Matrix.org Homeserver Privacy Notice, section 1.1",
        "2026-11-29",
        "read",
    ),
    KEPT_THOUGH_DELETED,
    PRIVATE_MESSAGES,
    LegalNote(
        "consent",
        "A room shows what all its members write, to each other too. Archive rooms that the city"
        " runs, or in which it speaks; leave those to which it was merely invited.",
        "the city's own policy on accounts",
        "",
        "general knowledge",
    ),
    LegalNote(
        "automation",
        "A client that reads what its user may read is an ordinary client. The terms of single"
        " servers were not looked up.",
        "Matrix Client-Server API",
        "",
        "general knowledge",
    ),
)
