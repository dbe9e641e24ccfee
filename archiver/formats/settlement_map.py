"""Settlement maps: which record came from which bytes of which exchange. Pure.

Byte-level rules: ``docs/formats/intake.md``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Origin", "map_bytes", "parse_map"]

_NONCE = re.compile(rb"[0-9a-f]{64} [0-9a-f]+")


class Origin(NamedTuple):
    """What a map says of one record: its exchange, and role, start, end of each excerpt."""

    exchange: str
    spans: list[tuple[str, int, int]]


def map_bytes(
    origins: Mapping[str, tuple[str, Sequence[tuple[str, int, int]]]], nonce: bytes, padding: bytes
) -> bytes:
    """Return the file of a map, by record UUID; ``nonce`` and ``padding`` are its own."""
    text = json.dumps(origins, separators=(",", ":")).encode()
    return b"%b %b\n%b" % (nonce.hex().encode(), padding, text)


def parse_map(data: bytes) -> dict[str, Origin]:
    """Return a settlement map, by record UUID. Raises `FormatError`."""
    opening, _, text = data.partition(b"\n")
    if not _NONCE.fullmatch(opening):
        raise FormatError("a settlement map does not begin with its nonce")
    try:
        return {
            str(uuid): Origin(str(exchange), [(str(r), int(a), int(b)) for r, a, b in spans])
            for uuid, (exchange, spans) in json.loads(text).items()
        }
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"not a settlement map: {error!r}") from error
