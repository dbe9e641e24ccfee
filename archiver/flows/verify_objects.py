"""Verifying one stored object: reading it, and holding it against its check."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import IntegrityError, MissingObjectError, StoreError
from archiver.ledger.checks import DigestCheck

if TYPE_CHECKING:
    from _hashlib import HASH
    from collections.abc import Iterator

    from archiver.ledger.checks import Check
    from archiver.ledger.finding import Finding
    from archiver.ports import Store

__all__ = ["fetch", "judged", "take_in"]

NO_OBJECT = ("store-link", "store-key")
"""Codes of errors for what can be no object: a link, a device, a key that none can have."""

_PIECE = 1 << 18
"""Bytes read at a time: they stay in the processor's cache until they are hashed."""


def fetch(store: Store, key: str) -> bytes | None:
    """Return an object, or None where there is none, or nothing that may be read as one."""
    try:
        return store.get(key)
    except MissingObjectError:
        return None
    except IntegrityError:  # larger than any of ours
        return b""
    except StoreError as error:
        if error.code not in NO_OBJECT:
            raise
        return None


def take_in(store: Store, key: str, taken: HASH) -> HASH:
    """Return a hash that has taken in an object, one that is held in no memory whole.

    Raises `MissingObjectError`, `StoreError`.
    """
    buffer = bytearray(_PIECE)
    view = memoryview(buffer)
    with store.open(key) as file:
        while count := file.readinto(view):  # type: ignore[attr-defined]  # of all that stores open
            taken.update(view[:count])
    return taken


def judged(store: Store, check: Check) -> Iterator[Finding]:
    """Yield what is wrong with the object of a check."""
    if not isinstance(check, DigestCheck):
        data = fetch(store, check.key)
        yield from [check.missing()] if data is None else check.judge(data)
        return
    try:
        taken = take_in(store, check.key, sha256())
    except MissingObjectError:
        yield check.missing()
    except StoreError as error:
        if error.code not in NO_OBJECT:
            raise
        yield check.missing()
    else:
        yield from check.finish(taken)
