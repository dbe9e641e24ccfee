"""Documents as a production hands them over, with marks that say why something is missing."""

from __future__ import annotations

from typing import NamedTuple

from archiver.produce.document import Document, Gap, Native, Version
from archiver.redact.mark import Mark, Region


class Law(NamedTuple):
    """An exemption."""

    code: str
    title: str
    citation: str


PRIVATE = Law("7(1)(b)", "Private information", "5 ILCS 140/7(1)(b)")
CASE = Law("7(1)(d)", "Law enforcement", "5 ILCS 140/7(1)(d)")
RECORD = "stand-in:city:comments:1"
WHOLE = "stand-in:city:messages:9"


def version(fields: dict[str, object], closed: dict[str, tuple[str, ...]] | None = None) -> Version:
    """Return a version with these fields: a text, or its parts."""
    texts = {name: (one,) if isinstance(one, str) else one for name, one in fields.items()}
    return Version(5, "obs-1", "present", "2026-11-20T09:00:00.000000Z", texts, closed or {}, b"{}")  # type: ignore[arg-type]  # parts of a text


def document(record: str = RECORD, **members: object) -> Document:
    """Return a comment of which a phone number and an address are withheld."""
    platform, account, stream, _ = record.split(":")
    gap = Gap(1, ("7(1)(b)",))
    own = version(
        {"author_name": "Jane Doe", "text": ("call ", gap, "or ", gap), "created": "2026-11-19"},
        {"author_email": ("7(1)(b)",)},
    )
    told: dict[str, object] = {"versions": (own,), "whole": False, **members}
    return Document(record, platform, account, stream, "present", "clerk", family=record, **told)  # type: ignore[arg-type]  # members as they come


def mark(handle: str = "m1", code: str = "7(1)(b)", **members: object) -> Mark:
    """Return a mark on the comment."""
    told = {"record": RECORD, "basis": f"because of {handle}", **members}
    return Mark(handle=handle, exemption=code, decider="anna", decided="2026-11-21", **told)  # type: ignore[arg-type]  # members as they come


def file(**members: object) -> Native:
    """Return a photograph."""
    return Native("../../x.jpg", "image/jpeg", 3, lambda: iter([b"abc"]), **members)  # type: ignore[arg-type]  # members as they come


FACE = Region(box=(0, 0, 500_000, 500_000))
