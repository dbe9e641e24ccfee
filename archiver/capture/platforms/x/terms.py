"""What X's terms say of keeping what its API gives, for whoever approves an account."""

from __future__ import annotations

from archiver.capture.legal import LegalNote

__all__ = ["LEGAL"]

_POLICY = "X Developer Policy (docs.x.com/developer-terms/policy)"
_READ = "2026-11-29"

LEGAL = (
    LegalNote(
        "deletion",
        "The policy asks whoever stores posts offline to delete or change them once they are"
        " deleted, changed, protected, suspended or withheld on X, as soon as can be and within"
        " 24 hours of a request, unless the law forbids it; and then it asks for X's written"
        " permission. A public-records law that forbids destroying records is in conflict with"
        " it: have counsel settle that, and ask X for its permission, before the account is"
        " approved. The archive keeps what was deleted, and says that it was",
        f"{_POLICY}, Content compliance",
        _READ,
        "read",
    ),
    LegalNote(
        "storage",
        "The use that is made of the API must be described to X and is binding: describe the"
        " archiving of the city's own account as a public record. Location data may be kept as"
        " part of a post only",
        f"{_POLICY}, Set yourself up for success; Using geo-data",
        _READ,
        "read",
    ),
    LegalNote(
        "consent",
        "Direct messages may be stored only with the express and informed consent of the people"
        " concerned, and shown only to who may see them. Say on the account's page that messages"
        " to the city are public records and are kept",
        f"{_POLICY}, Consent & permissions",
        _READ,
        "read",
    ),
    LegalNote(
        "redistribution",
        "Third parties may be given ids, and by hand up to 500 posts or users a person a day;"
        " more, and any public display, has conditions, removal within 24 hours of a request"
        " among them. Whether a records request is such a third party the policy does not say",
        f"{_POLICY}, Content redistribution; Public display of Posts",
        _READ,
        "read",
    ),
    LegalNote(
        "automation",
        "Rate limits must not be got round, also not by several applications for one use. The"
        " archiver waits as X's answers say, and writes nothing to X",
        f"{_POLICY}, Set yourself up for success; Spam, bots, and automation",
        _READ,
        "read",
    ),
    LegalNote(
        "retention",
        "X keeps no deleted post for its author: what the archive did not capture before is"
        " gone, but for the export that an account's owner may ask X for",
        "help.x.com, how to download your X archive",
        "",
        "general knowledge",
    ),
)
