"""Proof by trying that a bucket may hold keys: it swaps conditionally, and it forgets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archiver.edges.storeprobe import Probe, preflight, tried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.edges.bucketperiod import ErasingStore
    from archiver.ports import Check

__all__ = ["checks"]

_FORGETS = Probe(
    "forgets",
    "an object that was written twice and erased has left nothing",
    "a shredded key would live on; use a bucket without versions and Object Lock",
)


def checks(store: ErasingStore) -> Sequence[Check]:
    """Try what a key store relies on, on scratch objects; then remove them."""
    found = preflight(store, lambda base: [tried(_FORGETS, partial(_left, store, base))])
    return [one._replace(name=f"key store: {one.name}") for one in found]


def _left(store: ErasingStore, base: str) -> str:
    """Write an object twice, erase it, and return what is left of it."""
    key = base + _FORGETS.name
    version = store.swap(key, b"a key", None)
    store.swap(key, b"the next key", version)
    left = store.erase(key)
    if store.keeps_versions():
        return "the bucket keeps versions"
    return left[0] if left else ""
