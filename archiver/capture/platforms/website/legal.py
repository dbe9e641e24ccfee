"""What the law says of capturing a city's own website, as far as we know."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "A city's website is its own publication: what it shows is a record where the records law"
        " says so of any medium. It is captured where it is the city's own.",
        "the records law that the city is under; for federal agencies 44 U.S.C. 3301",
        "",
        "general knowledge",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "robots.txt asks programs what not to read. It is heeded unless the account's scope says"
        " robots=no, which only who runs the site should say. What it kept us from is named.",
        "RFC 9309",
        "",
        "general knowledge",
    ),
    LegalNote(
        "redistribution",
        "Pages show works of others (pictures, fonts, embedded posts): keeping them as records is"
        " one thing, publishing copies another.",
        "17 U.S.C. 106 and 107",
        "",
        "general knowledge",
    ),
)
