"""The copies of an archive that the settings name, each opened where it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.edges.home import LocalHome
from archiver.edges.localfs import LocalStore
from archiver.errors import UsageError
from archiver.flows.ledger_cache import Memory
from archiver.flows.replicate import Copy
from archiver.wire.store import open_store, parts_of

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.settings import Settings
    from archiver.settings_replicas import ReplicaSettings

__all__ = ["at_copy", "copies_of", "copy_named", "restoring_to", "with_copies"]


def at_copy(settings: Settings, one: ReplicaSettings) -> Settings:
    """Return settings whose archive is a copy; what it does not say itself is as before."""
    return replace(
        settings,
        archive=one.archive,
        s3_endpoint=one.s3_endpoint or settings.s3_endpoint,
        s3_region=one.s3_region or settings.s3_region,
        locks="" if one.locks == "none" else one.locks or settings.locks,
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


def restoring_to(settings: Settings, archive: Archive, folder: Path) -> Copy:
    """Return an empty place to restore to: ``archive`` and ``home`` below a folder.

    Raises `UsageError` for one that lies in the archive or in a copy of it, or around them.
    """
    place = Path(folder).resolve().parts
    _require_apart("--into", place, "the archive", _place(settings))
    for one in settings.replicas:
        _require_apart("--into", place, one.name, _place(at_copy(settings, one)))
    own = LocalHome(folder / "home")
    store = LocalStore(folder / "archive")
    seen = replace(archive, store=store, home=own, memory=Memory(), copy_name="restored")
    return Copy("restored", str(folder), seen)


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
