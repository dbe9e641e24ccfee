"""Which keys a store takes: the same narrow rule for a folder, a bucket and memory.

Keys are made in `archiver.layout`, so an odd one is a mistake or an attack. Only
visible ASCII without the backslash is let through: such keys mean the same on every
file system and in every bucket, whatever it does about case, Unicode or encoding.
"""

from __future__ import annotations

import re

from archiver.errors import IntegrityError, StoreError
from archiver.layout import ARCHIVE_FILE, CHECKPOINT, HEAD, TILES
from archiver.limits import LARGEST_LOG_OBJECT, LARGEST_OBJECT

__all__ = ["MAX_KEY", "RESERVED", "check_key", "check_prefix", "check_size", "clash"]

MAX_KEY = 1024  # bytes; the limit of S3
RESERVED = ".tmp"  # where a local store keeps unfinished files
_MAX_SEGMENT = 255  # bytes; the limit of a file name on Linux
_SEGMENT = re.compile(r"[!-.0-\[\]-~]+")  # visible ASCII but '/' and '\'


def _refuse(key: str, why: str) -> StoreError:
    return StoreError(
        f"refused a key: {why}",
        where=ascii(key[:200]),
        mend="keys are relative, '/'-separated and made of visible ASCII; see archiver.layout",
        code="store-key",
    )


def _check_segments(key: str, segments: list[str]) -> None:
    for segment in segments:
        if segment in {"", ".", ".."}:
            raise _refuse(key, f"it has the segment {segment!r}")
        if len(segment) > _MAX_SEGMENT:
            raise _refuse(key, f"a segment is longer than {_MAX_SEGMENT} bytes")
        if not _SEGMENT.fullmatch(segment):
            raise _refuse(key, "it has a character that is not visible ASCII, or a backslash")
    if len(key) > MAX_KEY:
        raise _refuse(key, f"it is longer than {MAX_KEY} bytes")
    if segments and segments[0] == RESERVED:
        raise _refuse(key, f"{RESERVED} belongs to the store itself")


def check_size(size: int, key: str, where: str) -> None:
    """Refuse to read an object into memory that is larger than any of ours of its kind.

    Raises `IntegrityError`: nobody but a stranger to the archive has put it there.
    """
    small = key.startswith((ARCHIVE_FILE, CHECKPOINT, HEAD, TILES))
    if size > (LARGEST_LOG_OBJECT if small else LARGEST_OBJECT):
        raise IntegrityError(
            f"a stored object of {size} bytes is larger than any of ours",
            where=where,
            code="object-too-large",
            mend="restore it from a replica; `archiver verify` names what else was changed",
        )


def check_key(key: str) -> list[str]:
    """Return the segments of a key. Raises `StoreError` (code ``store-key``)."""
    segments = key.split("/")
    _check_segments(key, segments)
    return segments


def check_prefix(prefix: str) -> tuple[list[str], str]:
    """Return the whole segments of a prefix and the begun one after them, maybe empty.

    Raises `StoreError` (code ``store-key``).
    """
    *folders, stem = prefix.split("/")
    _check_segments(prefix, [*folders, stem] if stem else folders)
    return folders, stem


def clash(key: str) -> StoreError:
    """Return the error for a key that would be an object and a folder at once."""
    return StoreError(
        "a key cannot be an object and the folder of other objects",
        where=key,
        mend="use keys as archiver.layout makes them; move a foreign file out of the archive",
        code="store-key",
    )
