"""What a WordPress site's terms and the law say of capturing it, as far as we know."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, LegalNote

__all__ = ["LEGAL"]

LEGAL = (
    LegalNote(
        "storage",
        "The site is the city's own: no platform's terms stand between it and its records, but"
        " those of whoever hosts it.",
        "the contract with the host of the site",
        "",
        "general knowledge",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "automation",
        "Hosts may limit how much is asked of a site. Their terms were not looked up.",
        "the contract with the host of the site",
        "",
        "general knowledge",
    ),
    LegalNote(
        "redistribution",
        "Comments are the works of those who wrote them, pictures may be licensed from others:"
        " keeping them as records is one thing, publishing copies another.",
        "17 U.S.C. 106 and 107",
        "",
        "general knowledge",
    ),
)
