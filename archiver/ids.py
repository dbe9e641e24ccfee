"""Random names: of units and lanes, of batches and segments, of WARC records. Pure."""

from __future__ import annotations

import re
from base64 import b32encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.ports import Clock, Randomness

__all__ = ["handle_of", "is_handle", "is_ulid", "new_handle", "new_ulid", "new_uuid", "ulid"]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(f"[{_CROCKFORD}]{{26}}")
_HANDLE = re.compile("[a-z2-7]{26}")


def is_ulid(text: str) -> bool:
    """Tell whether a text has the form of a ULID."""
    return bool(_ULID.fullmatch(text))


def is_handle(text: str) -> bool:
    """Tell whether a text has the form of a handle."""
    return bool(_HANDLE.fullmatch(text))


def ulid(moment: datetime, chance: bytes) -> str:
    """Return a ULID: 48 bits of milliseconds, then 80 random bits, in Crockford base 32."""
    number = int(moment.timestamp() * 1000) << 80 | int.from_bytes(chance[:10])
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def new_ulid(clock: Clock, chance: Randomness) -> str:
    """Return a new ULID. They sort by time."""
    return ulid(clock.now(), chance.bytes(10))


def new_uuid(chance: Randomness) -> str:
    """Return a random UUID (RFC 9562 version 4) in textual form."""
    digits = chance.bytes(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def new_handle(chance: Randomness) -> str:
    """Return 128 random bits as 26 lower-case base 32 characters."""
    return handle_of(chance.bytes(16))


def handle_of(bits: bytes) -> str:
    """Return 16 bytes as a handle."""
    return b32encode(bits).decode().rstrip("=").lower()
