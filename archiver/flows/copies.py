"""Copies of the archive as its ledger tells of them: by handles, each before it has anything.

Which copy a handle is of, is known where the settings name it, and where they once did.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import ArchiverError, UsageError
from archiver.flows.custody import custody_of
from archiver.flows.documents import seal_documents
from archiver.flows.identity import require_ours
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.ledger.deciding import HERE, copy_handle
from archiver.registry.people import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.flows.replicate import Copy
    from archiver.ledger.state import LedgerState
    from archiver.retention.order import Order

__all__ = ["UNNAMED", "Called", "called", "now_of", "tell", "waited"]

_NAMES = "replicas.json"
"""Where a home notes what the copies are called that it ever told of."""


class Called(NamedTuple):
    """What a copy is called: its name, where it is in words; whether the settings name it now."""

    name: str
    place: str
    declared: bool


UNNAMED = Called("", "", declared=False)
"""A copy of which this home knows the handle alone."""


def tell(archive: Archive, copies: Iterable[Copy]) -> None:
    """Tell of copies in the ledger, where it does not know of them, or has them retired.

    Before anything is copied into one: so it is known whoever is killed, and whatever becomes of
    the settings. A place that is seen to hold something else is no copy.
    """
    archive_id, found = archive.identity.id, {one.name: one for one in copies}
    if not found:
        return
    known = custody_of(archive, read_state(archive)).copies
    handles = {name: copy_handle(archive_id, name) for name in found}
    unknown = [
        name
        for name, handle in handles.items()
        if (handle not in known.told or known.retired(handle)) and _may_be(archive, found[name])
    ]
    names = _noted(archive)
    noted = names | {one.name: one.place or one.store.describe() for one in found.values()}
    if noted != names:
        archive.home.write(_NAMES, json.dumps(noted, sort_keys=True).encode())
    if unknown:
        entries = [{"t": "copy", "copy": handles[name]} for name in sorted(unknown)]
        seal_documents(archive, {}, entries)


def _may_be(archive: Archive, copy: Copy) -> bool:
    """Tell whether a place is a copy, or may be one for all that can be seen of it."""
    try:
        require_ours(copy.store, archive.identity)
    except UsageError:
        return False
    except ArchiverError:  # one that is away may have all there is
        return True
    return True


def _noted(archive: Archive) -> dict[str, str]:
    return dict(json.loads(archive.home.read(_NAMES) or b"{}"))


def called(archive: Archive) -> dict[str, Called]:
    """Return what copies are called, by handle: the archive, those of the settings, older ones.

    A copy knows itself and the archive by name, and nothing of the others.
    """
    own = archive.store.describe()
    if archive.copy_name:
        found = {HERE: _declared(HERE, ""), archive.copy_name: _declared(archive.copy_name, own)}
    else:
        found = {HERE: _declared(HERE, own)}
        found |= {
            name: Called(name, place, declared=False) for name, place in _noted(archive).items()
        }
        found |= {
            one.name: _declared(one.name, one.place or one.store.describe())
            for one in archive.copies()
        }
    return {copy_handle(archive.identity.id, name): one for name, one in found.items()}


def _declared(name: str, place: str) -> Called:
    return Called(name, place, declared=True)


def now_of(archive: Archive, state: LedgerState) -> datetime:
    """Return the ledger's moment, were something sealed now."""
    return max(moment(canonical_time(archive.clock.now())), moment(state.controls[-1][1]["time"]))


def waited(archive: Archive, state: LedgerState, order: Order) -> dict[str, Called]:
    """Return the copies that an order has to be gone of and is not said to be, by handle."""
    copies = custody_of(archive, state).copies
    left = order.left_in(copies.asked(archive.identity.id, now_of(archive, state)))
    names = called(archive)
    return {one: names.get(one, UNNAMED) for one in sorted(left)}
