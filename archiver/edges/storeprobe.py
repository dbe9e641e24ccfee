"""Proof by trying of what a store enforces, before anything is entrusted to it.

Stores promise more than they keep: some ignore ``If-None-Match`` and overwrite
(seen with s3rver), some take ``If-Match`` in one spelling only (Ceph). So each
guarantee is tried on scratch objects under ``.probe/``, which are removed again.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import AlreadyExistsError, ConflictError, MissingObjectError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archiver.ports import Store

__all__ = ["PROBE", "Check", "preflight"]

PROBE = ".probe/"
_SIZE = 100_000  # bytes; more than one buffer, so that broken framing shows
_RACERS = 4


class Check(NamedTuple):
    """One guarantee, whether the store kept it when tried, and what was seen if not."""

    name: str
    held: bool
    detail: str


def _refused(act: Callable[[], object], error: type[StoreError]) -> bool:
    """Tell whether the store refused ``act`` with that very error."""
    try:
        act()
    except error:
        return True
    return False


def _read_after_write(store: Store, key: str) -> str:
    data = secrets.token_bytes(_SIZE)
    store.create(key, data)
    return "" if store.get(key) == data else "other bytes came back than were stored"


def _create_once(store: Store, key: str) -> str:
    store.create(key, b"first")
    if not _refused(lambda: store.create(key, b"second"), AlreadyExistsError):
        return "a second create under the same key was not refused"
    return "" if store.get(key) == b"first" else "a refused create changed the object"


def _create_race(store: Store, key: str) -> str:
    def race(number: int) -> bool:
        racer = partial(store.create, key, b"racer %d" % number)
        return not _refused(racer, AlreadyExistsError)

    with ThreadPoolExecutor(_RACERS) as pool:
        won = [number for number, winner in enumerate(pool.map(race, range(_RACERS))) if winner]
    if len(won) != 1:
        return f"{len(won)} of {_RACERS} concurrent creates of one key were accepted"
    return "" if store.get(key) == b"racer %d" % won[0] else "the loser's bytes were kept"


def _swap_current(store: Store, key: str) -> str:
    version = store.swap(key, b"one", None)
    again = store.swap(key, b"two", version)
    found = store.load(key)
    return "" if found == (b"two", again) else "an accepted swap is not what is read back"


def _swap_stale(store: Store, key: str) -> str:
    first = store.swap(key, b"one", None)
    store.swap(key, b"two", first)
    for expected in (first, None):
        if not _refused(partial(store.swap, key, b"three", expected), ConflictError):
            return "a swap that expected another version was not refused"
    return "" if store.get(key) == b"two" else "a refused swap changed the object"


def _list_after_write(store: Store, key: str) -> str:
    store.create(key, b"12345")
    return "" if [tuple(item) for item in store.list(key)] == [(key, 5)] else "not listed at once"


def _delete(store: Store, key: str) -> str:
    store.create(key, b"short-lived")
    store.delete(key)
    store.delete(key)
    if list(store.list(key)):
        return "a deleted object is still listed"
    return "" if _refused(lambda: store.get(key), MissingObjectError) else "still readable"


_TESTS: dict[str, Callable[[Store, str], str]] = {
    "read-after-write": _read_after_write,
    "create-once": _create_once,
    "create-race": _create_race,
    "swap-current": _swap_current,
    "swap-stale": _swap_stale,
    "list-after-write": _list_after_write,
    "delete": _delete,
}


def _held(name: str, test: Callable[[], str]) -> Check:
    try:
        detail = test()
    except StoreError as error:
        detail = str(error)
    return Check(name, not detail, detail)


def _clean(store: Store, keys: Sequence[str]) -> str:
    for key in keys:
        store.delete(key)
    return ""


def preflight(store: Store) -> Sequence[Check]:
    """Try each guarantee of `archiver.ports.Store` on ``store`` and say which held.

    Never raises for a store that fails: the failure stands in the checks.
    """
    base = f"{PROBE}{secrets.token_hex(16)}-"
    checks = [_held(name, partial(test, store, base + name)) for name, test in _TESTS.items()]
    checks.append(_held("clean-up", lambda: _clean(store, [base + name for name in _TESTS])))
    return checks
