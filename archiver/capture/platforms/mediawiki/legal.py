"""What a wiki's terms and the law say of capturing it, as far as we know."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "A city's own wiki has no terms but the city's. On a wiki of the Wikimedia Foundation its"
        " terms of use hold, and content is under free licences that want those named who wrote.",
        "https://www.mediawiki.org/wiki/Wikimedia_APIs/Access_policy",
        "2026-11-29",
        "read",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "Reading has no fixed limit; a client asks one request after the other, and says who it"
        " is. Whoever endangers a site is blocked.",
        "https://www.mediawiki.org/wiki/API:Etiquette",
        "2026-11-29",
        "read",
    ),
    LegalNote(
        "retention",
        "Where the account may see what administrators deleted, its captures hold that as well:"
        " treat them as you treat the deleted text.",
        "https://www.mediawiki.org/wiki/Manual:Archive_table",
        "",
        "general knowledge",
    ),
)
