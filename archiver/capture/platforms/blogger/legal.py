"""What to know before a blog on Blogger is captured."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "What is asked for is the blog's own content, which stays its owner's; comments are by"
        " others, who published them there. Google's API terms limit how long other data that"
        " the API gave may be kept.",
        "Google APIs Terms of Service, section 5 (content)",
        "",
        "general knowledge",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "The API is meant for programs of the blog's owner, with a key of a project and a daily"
        " limit of requests; another way of reading in bulk is not asked for.",
        "Google APIs Terms of Service, section 2",
        "",
        "general knowledge",
    ),
)
