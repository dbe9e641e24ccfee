"""Masking the file of a record: parts of it go, and what is handed over is made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.redact.media import MASKED_TYPE, blackened
from archiver.redact.timed import FORMATS, masking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.redact.mark import Mark
    from archiver.redact.timed import Masker

__all__ = ["Masked", "masked"]


class Masked(NamedTuple):
    """A file with parts of it masked, and its type."""

    data: bytes
    media_type: str


def masked(data: bytes, media_type: str, marks: Iterable[Mark], masker: Masker) -> Masked:
    """Return a record's file with the regions of its marks masked.

    Args:
        data: the file as it came.
        media_type: what it is (``image/jpeg``).
        marks: of its record; those without a region do nothing here.
        masker: masks video and sound; it is not asked for pictures.

    Raises `RefusedError` (``mask-impossible``) where that can't be done: then it is withheld as a
    whole; and what the masker raises.
    """
    regions = [one.region for one in marks if one.region is not None]
    if media_type.casefold().startswith("image/"):
        return Masked(blackened(data, regions), MASKED_TYPE)
    how = masking(media_type, regions)
    return Masked(masker.mask(data, FORMATS, how.arguments, how.format), how.media_type)
