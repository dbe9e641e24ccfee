"""What Meta's terms mean for keeping an account's records."""

from __future__ import annotations

from archiver.capture.legal import LegalNote

__all__ = ["LEGAL"]

_TERMS = "https://developers.facebook.com/terms/ (Meta Platform Terms)"

LEGAL = (
    LegalNote(
        "storage",
        "What the API gives is 'Platform Data'. The terms let an app keep it as long as it needs"
        " it for the purpose that its users know of: name the archive and the records law in the"
        " app's privacy policy.",
        f"{_TERMS}, section 3",
        "",
        "general knowledge",
    ),
    LegalNote(
        "deletion",
        "The terms ask an app to delete Platform Data when a user or Meta asks for it, or when its"
        " use ends, unless the law requires that it be kept. A records schedule is such a law for"
        " public records: have counsel say so before the first request comes. The archive deletes"
        " nothing because a platform asks; it records what the platform no longer shows.",
        f"{_TERMS}, section 3.d",
        "",
        "secondary",
    ),
    LegalNote(
        "consent",
        "Messages are written to the city by people who may not know that they are kept: say so in"
        " the Page's information and in the greeting of its conversations.",
        "state records and wiretap law; see counsel",
        "",
        "general knowledge",
    ),
    LegalNote(
        "automation",
        "The app reads what is the city's own with a token of the Page. Reading of people without a"
        " role in the app needs Advanced Access and a verified business.",
        "https://developers.facebook.com/docs/graph-api/overview/access-levels",
        "2026-11-20",
        "read",
    ),
)
