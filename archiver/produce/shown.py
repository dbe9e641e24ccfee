"""What of a document is shown as text, the same in every channel: signs, times, names. Pure."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from archiver.produce.document import Gap, plain
from archiver.retention.calendar import known_zone

if TYPE_CHECKING:
    from archiver.produce.document import Document, Text, Version
    from archiver.produce.profile import Profile

__all__ = ["BODY", "Shown", "codes", "is_whole", "local", "made_at"]

BODY = ("title", "text", "summary", "caption", "alt_text")
"""Columns that say what somebody wrote, in the order in which they are read."""
_NAMES = ("author_name", "name", "handle")


def is_whole(text: Text | None) -> bool:
    """Tell whether there is a text and nothing of it is withheld."""
    return text is not None and not any(isinstance(part, Gap) for part in text)


def codes(exemptions: tuple[str, ...]) -> str:
    """Return the codes of exemptions as one text."""
    return "; ".join(exemptions)


class Shown:
    """A version as text: each gap has the sign of the profile.

    Args:
        version: what.
        profile: how.
    """

    def __init__(self, version: Version, profile: Profile) -> None:
        self.version = version
        self._profile = profile

    def sign(self, exemptions: tuple[str, ...], words: int = 0) -> str:
        """Return the sign for something withheld."""
        return self._profile.sign.format(codes=codes(exemptions), words=words or "")

    def field(self, name: str) -> str:
        """Return a field with its signs; "" for one that is not there."""
        text = self.version.fields.get(name)
        if text is not None:
            return plain(text, lambda gap: f"{self.sign(gap.exemptions, gap.words)} ").rstrip(" ")
        closed = self.version.closed.get(name)
        return self.sign(closed) if closed is not None else ""

    def exact(self, name: str) -> str:
        """Return a field of which nothing is withheld; "" for any other."""
        text = self.version.fields.get(name)
        return "".join(map(str, text)) if text is not None and is_whole(text) else ""

    @property
    def body(self) -> str:
        """What somebody wrote: title, text and the like, with an empty line between."""
        return "\n\n".join(one for one in map(self.field, BODY) if one)

    @property
    def author(self) -> str:
        """Who wrote it, as people read it; "" where nothing says."""
        return next((one for one in map(self.field, (*_NAMES, "author_id")) if one), "")


def made_at(document: Document, profile: Profile) -> tuple[str, str]:
    """Return when a document was made (canonical), and which column says so.

    That is its first version's ``created_at``; where it has none, or that is withheld, the moment
    at which it was first captured.
    """
    for version in document.versions:
        created = Shown(version, profile).exact("created_at")
        if created:
            return created, "created_at"
    return document.versions[0].captured_at, "captured_at"


@lru_cache(maxsize=4096)
def local(moment: str, zone: str) -> datetime | None:
    """Return a canonical time in a zone; None for what is no time, or none that a zone has."""
    try:
        read = datetime.fromisoformat(moment)
        return read.astimezone(known_zone(zone)) if read.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
