"""What a platform's terms and the law say of capturing it, shown before anybody approves it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CONFIDENCE", "LegalNote"]

CONFIDENCE = ("read", "secondary", "general knowledge", "guess")
"""How a note came about: its source was read; another text tells of it; nobody looked it up."""


class LegalNote(NamedTuple):
    """One thing that who approves an account should know.

    ``subject``: ``storage``, ``deletion``, ``consent``, ``automation``, ``redistribution``
    or ``retention``. ``says``: what it means for a city's records, in our words. ``citation``:
    the document, and its section. ``read_on``: the day (ISO 8601) when the source was read,
    empty where it was not. ``confidence``: one of `CONFIDENCE`.
    """

    subject: str
    says: str
    citation: str
    read_on: str
    confidence: str
