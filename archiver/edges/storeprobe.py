"""Proof by trying of what a store enforces, before anything is entrusted to it.

Stores promise more than they keep: some ignore ``If-None-Match`` and overwrite
(seen with s3rver), some take ``If-Match`` in one spelling only (Ceph). So each
guarantee is tried on scratch objects under ``.probe/``, which are removed again. No
other key is touched. What only a bucket can promise is in `archiver.edges.s3probe`.
"""

from __future__ import annotations

import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import AlreadyExistsError, ConflictError, MissingObjectError, StoreError
from archiver.ports import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archiver.ports import Store

__all__ = ["PROBE", "NotOfferedError", "Probe", "preflight", "tried"]

PROBE = ".probe/"
_SCRATCH = re.compile(re.escape(PROBE) + "([0-9a-f]{8})-[0-9a-f]{32}-[a-z0-9-]+")
_FORSAKEN = 3600  # seconds after which the doctor that made a scratch object is surely gone
_SIZE = 100_000  # bytes; more than one buffer, so that broken framing shows
_RACERS = 4


class NotOfferedError(Exception):
    """A store does not promise what was to be tried. Its text says so in words."""


class Probe(NamedTuple):
    """A guarantee: how it was tried if it held, and what it means where it does not.

    ``needed``: an archive must not be used without it.
    """

    name: str
    how: str
    means: str
    needed: bool = True


def tried(probe: Probe, test: Callable[[], str]) -> Check:
    """Run a test that returns what was wrong, or nothing; say in words what came of it.

    Never raises for a store that fails: the failure stands in the check.
    """
    try:
        wrong = test()
    except NotOfferedError as absent:
        return Check(probe.name, held=False, detail=str(absent), needed=False, offered=False)
    except (AlreadyExistsError, ConflictError):
        wrong = "a write was refused although its condition held"
    except StoreError as error:
        return Check(probe.name, held=False, detail=str(error), needed=probe.needed)
    detail = f"{wrong}: {probe.means}" if wrong else probe.how
    return Check(probe.name, not wrong, detail, needed=probe.needed)


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


def _winners(race: Callable[[int], object], refusal: type[StoreError]) -> list[int]:
    """Return which of so many racers at once were not refused."""
    with ThreadPoolExecutor(_RACERS) as pool:
        lost = pool.map(lambda number: _refused(partial(race, number), refusal), range(_RACERS))
        return [number for number, loser in enumerate(lost) if not loser]


def _create_race(store: Store, key: str) -> str:
    won = _winners(lambda number: store.create(key, b"racer %d" % number), AlreadyExistsError)
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


def _swap_race(store: Store, key: str) -> str:
    first = store.swap(key, b"one", None)
    won = _winners(lambda number: store.swap(key, b"racer %d" % number, first), ConflictError)
    if len(won) != 1:
        return f"{len(won)} of {_RACERS} concurrent swaps from one version were accepted"
    return "" if store.get(key) == b"racer %d" % won[0] else "the loser's bytes were kept"


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


_OVERWRITES = "a file of the archive could be overwritten unseen; keep no archive here"
_FORKS = "two workers could write different histories; keep no archive here"
_STALE = "workers would act on what is no longer true; keep no archive here"
_PROBES: tuple[tuple[Probe, Callable[[Store, str], str]], ...] = (
    (
        Probe("read-after-write", "wrote 100 kB and read the same back at once", _STALE),
        _read_after_write,
    ),
    (Probe("create-once", "a second create of a key was refused", _OVERWRITES), _create_once),
    (Probe("create-race", "of four creates at once, one was accepted", _OVERWRITES), _create_race),
    (Probe("swap-current", "replaced an object at its current version", _FORKS), _swap_current),
    (Probe("swap-stale", "a swap from an older version was refused", _FORKS), _swap_stale),
    (Probe("swap-race", "of four swaps at once, one was accepted", _FORKS), _swap_race),
    (Probe("list-after-write", "listed a new object at once", _STALE), _list_after_write),
    (Probe("delete", "a deleted object was gone at once", _STALE), _delete),
)
_CLEAN = Probe(
    "clean-up",
    "removed every scratch object of this run, and those of runs that were cut short",
    f"scratch objects stay under {PROBE}, which `verify` names; remove them by hand",
)


def _clean(store: Store, keys: Sequence[str], now: int) -> str:
    """Remove scratch objects: our own, and what doctors left that were killed."""
    for key in keys:
        store.delete(key)
    for item in list(store.list(PROBE)):
        found = _SCRATCH.fullmatch(item.key)
        if found and int(found[1], 16) < now - _FORSAKEN:
            store.delete(item.key)
    return ""


def preflight(
    store: Store, further: Callable[[str], Sequence[Check]] = lambda _: ()
) -> Sequence[Check]:
    """Try each guarantee of `archiver.ports.Store` on ``store`` and say which held.

    ``further`` tries what only this kind of store can promise, on keys that begin with the
    text it is given, and removes them. Never raises for a store that fails.
    """
    now = int(time.time())
    base = f"{PROBE}{now:08x}-{secrets.token_hex(16)}-"
    checks = [tried(probe, partial(test, store, base + probe.name)) for probe, test in _PROBES]
    keys = [base + probe.name for probe, _ in _PROBES]
    checks.append(tried(_CLEAN, lambda: _clean(store, keys, now)))
    return [*checks, *further(base)]
