"""What YouTube's terms say of keeping what its API gives, for whoever approves an account."""

from __future__ import annotations

from archiver.capture.legal import KEPT_THOUGH_DELETED, LegalNote

__all__ = ["LEGAL"]

_POLICIES = "https://developers.google.com/youtube/terms/developer-policies"
_READ = "2026-11-29"

LEGAL = (
    LegalNote(
        "retention",
        "The policies yield to law: where it makes a city keep data for some time, the city is to"
        " follow the law. Have counsel say which records law this is before anybody approves.",
        f"{_POLICIES} (II, principles)",
        _READ,
        "read",
    ),
    LegalNote(
        "storage",
        "Without such a law, data that a login gave may be kept only as long as the login stands,"
        " and is to be refreshed or deleted every 30 days; other data is deleted after 30 days."
        " An archive keeps it longer: that rests on the note above.",
        f"{_POLICIES} (III.E.4, storing and refreshing data)",
        "",
        "general knowledge",
    ),
    KEPT_THOUGH_DELETED,
    LegalNote(
        "deletion",
        "A user may ask for deletion, and access that was revoked is to be followed by deletion of"
        " what it gave. A public record is destroyed only by its schedule; answer such a request"
        " with the law that keeps the record.",
        f"{_POLICIES} (III.E.4)",
        "",
        "general knowledge",
    ),
    LegalNote(
        "automation",
        "The API is the only lawful way: pages must not be read by programs, and video files not"
        " be downloaded. One project in the console stands for one use; quota above 10,000 units a"
        " day takes an audit by YouTube.",
        f"{_POLICIES} (III.D, III.E)",
        "",
        "general knowledge",
    ),
    LegalNote(
        "redistribution",
        "Showing what the API gave to others has conditions of its own (attribution, no sale)."
        " Answers to records requests are copies for one requester.",
        f"{_POLICIES} (III.F)",
        "",
        "general knowledge",
    ),
    LegalNote(
        "consent",
        "Commenters have agreed to YouTube's terms with YouTube, not with the city; a notice on the"
        " channel that comments are public records is usual.",
        "https://www.youtube.com/t/terms",
        "",
        "general knowledge",
    ),
)
