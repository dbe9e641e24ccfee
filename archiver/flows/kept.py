"""Caches in the home that are believed only as they were written.

Each begins with the SHA-256 of its name and content: one that is damaged, or another's, is
as good as none, so no answer is ever made of it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archiver.ports import HomeFiles

__all__ = ["drop", "keep", "kept"]

_TAG = b"civic-archive/kept/v1\n"
_DIGEST = 32

_OF_RECORDS = ("objects/", "known/", "cursors/", "progress/", "")
"""Folders of caches, and the caches beside these, that tell something of records."""


def keep(home: HomeFiles, name: str, data: bytes) -> None:
    """Write a cache."""
    home.write(name, _digest(name, data) + data)


def kept(home: HomeFiles, name: str) -> bytes | None:
    """Return a cache as it was written, or None where there is no whole one."""
    stored = home.read(name) or b""
    data = stored[_DIGEST:]
    return data if stored[:_DIGEST] == _digest(name, data) else None


def drop(home: HomeFiles) -> None:
    """Remove every cache that tells something of records; all are made again when needed."""
    for folder in _OF_RECORDS:
        for name in home.names(f"cache/{folder}"):
            home.remove(name)


def _digest(name: str, data: bytes) -> bytes:
    return sha256(b"%b%b\n%b" % (_TAG, name.encode(), data)).digest()
