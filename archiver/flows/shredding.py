"""Destroying keys, and the list of what still opens what they opened.

It asks nobody: whoever calls it has an order. What is listed is what the archive can know.
Copies that nobody declared (a backup of the key store, a snapshot, what a reader kept)
hold every key they held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import KeyStoreError
from archiver.flows.ending import end_empty, ended
from archiver.flows.ledger import read_state
from archiver.flows.people import people_of, verifies
from archiver.formats.keyfile import due_of
from archiver.layout import unit_object_key
from archiver.ledger.whereabouts import every
from archiver.record import Sensitivity
from archiver.registry.keys import fold_recipients
from archiver.registry.roles import READER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from archiver.flows.archive import Archive

__all__ = ["Survivors", "shred_due", "shred_files"]


@dataclass(frozen=True, slots=True)
class Survivors:
    """What survives a shredding, as far as the archive knows.

    ``shredded``: object ids whose keys went. ``wraps``: files whose key can still be read
    here. ``recipients``: handles of those to whom the period's key was sealed to the end, or
    still is: their private keys open any copy of it. ``formerly``: handles of those who were
    recipients or readers once: likewise, if they kept a copy.
    ``kept``: what the bucket of the key store, or the keeper of the due period's key, still
    has, in words. ``periods``: periods whose own key lives on, with which a copy of a wrap
    opens. ``plain``: files that were stored plain, which no shredding reaches.
    """

    shredded: tuple[str, ...]
    wraps: tuple[str, ...]
    recipients: tuple[str, ...]
    formerly: tuple[str, ...]
    kept: tuple[str, ...]
    plain: tuple[str, ...]
    periods: tuple[str, ...] = ()


def shred_due(archive: Archive, due: str) -> Survivors:
    """Shred all keys of a due period (``series/month``), and list what still survives."""
    streams = {one.rpartition("/")[2] for one in archive.keys.periods() if due_of(one) == due}
    done = archive.keys.shred_due(due)
    files = {name: how for name, (own, how) in _files(archive).items() if own == due}
    return Survivors(
        shredded=done.objects,
        recipients=done.recipients,
        formerly=_formerly(archive, streams, done.recipients),
        kept=done.survives,
        **_left(archive, files),
    )


def shred_files(archive: Archive, names: Collection[str]) -> Survivors:
    """Shred the keys of some files, by their storage keys, and list what still survives.

    The keys of their periods live on where other files need them: so this is the weaker act,
    and whoever has such a key opens any copy of a wrap. Where none does, they end.
    """
    done = [archive.keys.shred(name) for name in sorted(names)]
    end_empty(archive, read_state(archive))
    files = {name: found for name, found in _files(archive).items() if name in names}
    dues = {due for due, _ in files.values()}
    sealed = {p: to for p, to in archive.keys.sealed().items() if due_of(p) in dues}
    gone, words = ended(archive, dues)
    recipients = {handle for to in (*sealed.values(), *gone.values()) for handle in to}
    return Survivors(
        shredded=tuple(name for one in done for name in one.objects),
        recipients=tuple(sorted(recipients)),
        formerly=_formerly(archive, {p.rpartition("/")[2] for p in (*sealed, *gone)}, recipients),
        kept=(*(text for one in done for text in one.survives), *words),
        periods=tuple(sealed),
        **_left(archive, {name: how for name, (_, how) in files.items()}),
    )


def _files(archive: Archive) -> dict[str, tuple[str, str]]:
    """Return due period and sensitivity of every file ever sealed, by its key."""
    state = read_state(archive)
    return {
        unit_object_key(one.unit, one.name, suffix): (f"{one.series}/{one.period}", one.sensitivity)
        for one in every(state)
        for suffix in one.objects
    }


def _left(archive: Archive, files: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return which of some files were stored plain, and which can still be opened here."""
    plain = {name for name, sensitivity in files.items() if sensitivity == Sensitivity.PUBLIC}
    wraps = {name for name in files.keys() - plain if _still_opens(archive, name)}
    return {"plain": tuple(sorted(plain)), "wraps": tuple(sorted(wraps))}


def _still_opens(archive: Archive, name: str) -> bool:
    try:
        archive.keys.key(name)
    except KeyStoreError:
        return False
    return True


def _formerly(archive: Archive, streams: Collection[str], now: Collection[str]) -> tuple[str, ...]:
    """Return who was a recipient, or a reader of one of the streams, and is not any more."""
    state = read_state(archive)
    registry = people_of(archive, state)
    roles = {READER + stream for stream in streams}
    readers = {
        person.handle
        for person in registry.people.values()
        for grant in person.grants
        if grant.role in roles and grant.revoked is not None
    }
    recipients = fold_recipients(registry, state.controls, verifies)
    removed = recipients.known - recipients.added.keys()
    return tuple(sorted((readers | removed) - set(now)))
