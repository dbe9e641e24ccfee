"""What a platform's terms and the law say of capturing it, shown before anybody approves it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CONFIDENCE", "KEPT_THOUGH_DELETED", "PRIVATE_MESSAGES", "SUBJECTS", "LegalNote"]

SUBJECTS = ("storage", "deletion", "consent", "automation", "redistribution", "retention")
"""What a note may be about."""

CONFIDENCE = ("read", "secondary", "general knowledge", "guess")
"""How a note came about: its source was read; another text tells of it; nobody looked it up."""


class LegalNote(NamedTuple):
    """One thing that who approves an account should know.

    ``subject``: one of `SUBJECTS`. ``says``: what it means for a city's records, in our
    words. ``citation``: the document, and its section. ``read_on``: the day (ISO 8601) when
    the source was read, empty where it was not. ``confidence``: one of `CONFIDENCE`.
    """

    subject: str
    says: str
    citation: str
    read_on: str
    confidence: str


KEPT_THOUGH_DELETED = LegalNote(
    "deletion",
    "What somebody deletes on the platform stays in the archive until its retention period is"
    " over: where it is a record, only the records schedule ends it. Terms of a platform may ask"
    " for more, and may end the account's access to it; they are no authority to destroy.",
    "the records law that the city is under; for federal agencies NARA Bulletin 2014-02",
    "",
    "secondary",
)
PRIVATE_MESSAGES = LegalNote(
    "consent",
    "Messages between the account and people are captured as one who takes part in them. Federal"
    " law lets a party keep what reached it. Some states want the consent of all who take part"
    " where a live conversation is recorded: ask counsel before such conversations are captured,"
    " and say in the account's profile that messages are kept.",
    "18 U.S.C. 2511(2)(c) and (d), as told by the Department of Justice, Criminal Resource Manual"
    " 1055; state law was not looked up",
    "",
    "secondary",
)
"""Two notes that hold for many platforms."""
