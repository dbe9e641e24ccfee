"""What Bluesky's terms and the law say of capturing it, as far as we know."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, PRIVATE_MESSAGES, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "Profiles and posts are public, and every server of the network may copy them: Bluesky"
        " says so to its users. A city's own server, or another company's, may have other terms.",
        "Bluesky App Privacy Policy of 5 February 2024, overview",
        "2026-11-29",
        "read",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "Repositories and the stream of events are published to be read by programs. The terms of"
        " service for developers were not read.",
        "AT Protocol, specifications Repository and Event Stream",
        "",
        "general knowledge",
    ),
    PRIVATE_MESSAGES,
)
