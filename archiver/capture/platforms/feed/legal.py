"""What a site's terms and the law say of capturing it, as far as we know."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "A feed is published to be fetched and kept by programs. It is captured where it is the"
        " city's own, or tells of the city's own account.",
        "RSS 2.0 specification; RFC 4287 (Atom)",
        "",
        "general knowledge",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "A site may ask in robots.txt not to be read by programs. It is not consulted: a feed's"
        " address is registered by the city, one by one.",
        "RFC 9309",
        "",
        "general knowledge",
    ),
    LegalNote(
        "redistribution",
        "Items of others (comments, quoted articles) are their works: keeping them as records is"
        " one thing, publishing copies another.",
        "17 U.S.C. 106 and 107",
        "",
        "general knowledge",
    ),
)
