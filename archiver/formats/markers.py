"""What stands for a replaced credential. Byte-level rules: ``docs/formats/intake.md``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from archiver.formats.secret_values import SHORTEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.formats.secret_values import Found

__all__ = ["holds_replacement", "marker", "starred", "url_marker", "word"]


def holds_replacement(url: str) -> bool:
    """Tell whether a URL that was stored, or read in what was, lacks a secret of its own."""
    return "%5breplaced" in url.lower() or "*" * SHORTEST in url


def starred(data: bytes, found: Sequence[Found]) -> bytes:
    """Return data with each secret replaced byte for byte: no length changes."""
    starred = bytearray(data)
    for start, end, _ in found:
        starred[start:end] = b"*" * (end - start)
    return bytes(starred)


def marker(name: str) -> bytes:
    """Return what stands in a head for a secret of that name."""
    return f"[replaced: {name}]".encode()


def url_marker(name: str) -> bytes:
    """Return what stands in a URL for a secret of that name."""
    return quote(f"[replaced: {name}]", safe="").encode()


def word(text: str) -> str:
    """Return a header, parameter or coding name as one harmless word."""
    return re.sub(r"[^a-z0-9._-]", "?", text.lower())[:64] or "?"
