"""What digests look like, wherever they stand: to find those that nobody declared."""

from __future__ import annotations

import re

BASE83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_SHAPES = (
    re.compile(
        r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})(?![0-9A-Za-z])"
    ),
    re.compile(r"(?<![0-9A-Za-z])(?:ba[a-z2-7]{50,70}|Qm[1-9A-HJ-NP-Za-km-z]{44})(?![0-9A-Za-z])"),
    re.compile(r"\$[0-9A-Za-z_+/-]{43}(?![0-9A-Za-z_+/-])"),
)
"""MD5, SHA-1, SHA-256 in hexadecimal; CIDs; event ids of Matrix."""


def is_digest(text: str) -> bool:
    """Tell whether a digest of one of these shapes stands in a text, or the text is a blurhash."""
    return any(shape.search(text) for shape in _SHAPES) or _is_blurhash(text)


def _is_blurhash(text: str) -> bool:
    """Tell a blurhash by its first character, which says how long it is (blurha.sh)."""
    if any(one not in BASE83 for one in text) or not set(text) & set("#$%*+,;=?@[]^{|}~"):
        return False  # or a word, a date, a name in an address
    size = BASE83.index(text[0])
    return len(text) == 4 + 2 * (size % 9 + 1) * (size // 9 + 1)
