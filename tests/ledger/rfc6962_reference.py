"""The definitions of RFC 6962 §2.1, word for word and slow: what our tree is compared with.

Nothing here is shared with `archiver.ledger`: leaves are entries, trees are lists, every
hash is computed again each time.
"""

from __future__ import annotations

import hashlib


def entries(count: int) -> list[bytes]:
    """Return entries of different lengths, the first one empty."""
    return [b"entry %d " % number * number for number in range(count)]


def split(count: int) -> int:
    """Return k: the largest power of two smaller than ``count``."""
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def mth(items: list[bytes]) -> bytes:
    """Return MTH(D[n]) of §2.1."""
    if not items:
        return hashlib.sha256().digest()
    if len(items) == 1:
        return hashlib.sha256(b"\x00" + items[0]).digest()
    k = split(len(items))
    return hashlib.sha256(b"\x01" + mth(items[:k]) + mth(items[k:])).digest()


def path(m: int, items: list[bytes]) -> list[bytes]:
    """Return PATH(m, D[n]) of §2.1.1."""
    if len(items) == 1:
        return []
    k = split(len(items))
    if m < k:
        return [*path(m, items[:k]), mth(items[k:])]
    return [*path(m - k, items[k:]), mth(items[:k])]


def proof(m: int, items: list[bytes]) -> list[bytes]:
    """Return PROOF(m, D[n]) of §2.1.2."""
    return subproof(m, items, whole=True)


def subproof(m: int, items: list[bytes], *, whole: bool) -> list[bytes]:
    """Return SUBPROOF(m, D[n], b) of §2.1.2."""
    if m == len(items):
        return [] if whole else [mth(items)]
    k = split(len(items))
    if m <= k:
        return [*subproof(m, items[:k], whole=whole), mth(items[k:])]
    return [*subproof(m - k, items[k:], whole=False), mth(items[:k])]
