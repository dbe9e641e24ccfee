"""The copies of an archive that the settings name, each opened where it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from archiver.edges.home import LocalHome
from archiver.errors import UsageError
from archiver.flows.ledger_cache import Memory
from archiver.flows.replicate import Copy
from archiver.wire.store import open_store, parts_of

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.settings import ReplicaSettings, Settings

__all__ = ["at_copy", "copies_of", "copy_named", "with_copies"]


def at_copy(settings: Settings, one: ReplicaSettings) -> Settings:
    """Return settings whose archive is a copy; what it does not say itself is as before."""
    return replace(
        settings,
        archive=one.archive,
        s3_endpoint=one.s3_endpoint or settings.s3_endpoint,
        s3_region=one.s3_region or settings.s3_region,
        s3_kms_key="",  # of the archive's region: a copy is encrypted as its bucket does by itself
    )


def with_copies(settings: Settings, archive: Archive, home: Path) -> Archive:
    """Return an archive that knows its copies, or that it is one itself."""
    archive = replace(archive, copy_name=copy_named(settings))
    return replace(archive, copies=partial(copies_of, settings, archive, home))


def copies_of(settings: Settings, archive: Archive, home: Path) -> list[Copy]:
    """Return all copies, each with caches and a trusted head of its own.

    Raises `UsageError` for one that lies in the archive, in another, among keys, or around
    them, and where the archive is itself one of them.
    """
    if archive.copy_name:
        raise UsageError(
            f"this is the copy {archive.copy_name}, and no copy is made of a copy",
            where=archive.store.describe(),
            code="replica-written",
            mend="give the archive itself",
        )
    known = [("the archive", _place(settings))]
    if settings.keystore:
        known.append(("the key store", parts_of(settings.keystore, settings.s3_endpoint)))
    copies = list[Copy]()
    for one in settings.replicas:
        there = at_copy(settings, one)
        for name, parts in known:
            _require_apart(one.name, _place(there), name, parts)
        known.append((one.name, _place(there)))
        own = LocalHome(home / "copies" / one.name)
        seen = replace(
            archive, store=open_store(there), home=own, memory=Memory(), copy_name=one.name
        )
        copies.append(Copy(one.name, one.place, seen))
    return copies


def copy_named(settings: Settings) -> str:
    """Return the name of the copy that the archive of these settings is, or ""."""
    if not settings.archive:
        return ""
    here = _place(settings)
    return next((r.name for r in settings.replicas if _place(at_copy(settings, r)) == here), "")


def _place(settings: Settings) -> tuple[str, ...]:
    return parts_of(settings.archive, settings.s3_endpoint)


def _require_apart(name: str, place: tuple[str, ...], other: str, others: tuple[str, ...]) -> None:
    shorter = min(len(place), len(others))
    if place[:shorter] == others[:shorter]:
        raise UsageError(
            f"the copy and {other} lie in each other",
            where=name,
            code="replica-inside",
            mend="give each copy a folder, or a bucket and prefix, of its own",
        )
