"""A second hash over everything, for the day on which SHA-256 ages (RFC 4998 §5.3). Pure.

::

    civic-archive/rehash/v1
    <origin>
    <size>
    <SHA-512 tree hash over the first size entries, hex>
    <key> <SHA-512 of that stored file, hex>          one line a sealed file, sorted

Under a time-stamp made while SHA-256 is sound, it binds entries and files to each other
without SHA-256. Sealed files start with a nonce, so their digests tell nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha512
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.ledger.checkpoint import parse_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Rehash", "sha512_root"]

_FIRST = "civic-archive/rehash/v1"
_HEX = re.compile("[0-9a-f]{128}")
_KEY = re.compile("[0-9A-Za-z./-]{1,200}")


@dataclass(frozen=True, slots=True)
class Rehash:
    """Origin and size of the log, its SHA-512 tree hash, and file key -> SHA-512 (both hex)."""

    origin: str
    size: int
    root: str
    files: dict[str, str]

    def encode(self) -> bytes:
        """Return the stored form."""
        lines = [_FIRST, self.origin, str(self.size), self.root]
        lines += [f"{key} {digest}" for key, digest in sorted(self.files.items())]
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def decode(cls, data: bytes) -> Rehash:
        """Return what `encode` wrote. Raises `FormatError`."""
        try:
            first, origin, size, root, *lines = data.decode().split("\n")
            files = {key: digest for key, _, digest in (one.partition(" ") for one in lines[:-1])}
        except ValueError as error:
            raise FormatError("a second hash can't be read") from error
        found = cls(origin, parse_decimal(size, "the size in a second hash"), root, files)
        forms = all(_KEY.fullmatch(k) and _HEX.fullmatch(v) for k, v in files.items())
        if first != _FIRST or not _HEX.fullmatch(root) or not forms or found.encode() != data:
            raise FormatError("a second hash is not in its one spelling")
        return found


def sha512_root(entries: Sequence[bytes]) -> str:
    """Return the tree hash over entries (RFC 6962 §2.1, with SHA-512 as its hash), in hex."""
    level = [sha512(b"\x00" + entry).digest() for entry in entries]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [sha512(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return (level[0] if level else sha512().digest()).hex()
