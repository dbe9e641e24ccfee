"""What a Mastodon server's terms and the law say of capturing it, as far as we know."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, PRIVATE_MESSAGES, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "Each server has its own terms and rules; there are none of Mastodon as a whole. Its"
        " usual privacy policy says that posts are delivered to other servers, which keep copies."
        " Read the terms of the server that the account is on.",
        "the server's page /about and /privacy-policy; the policy that Mastodon ships, in a"
        " server's copy of it",
        "",
        "secondary",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "Some servers forbid to collect posts by their API. Capturing the city's own account, and"
        " what people say to it, is not what such rules are aimed at; still, tell whoever runs the"
        " server that the account is archived.",
        "the rules of single servers on their page /about",
        "",
        "secondary",
    ),
    PRIVATE_MESSAGES,
)
