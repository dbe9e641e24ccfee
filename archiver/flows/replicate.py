"""Replicate: the same archive in other places, each brought up to the signed head.

A copy has every object of the archive under its own key, so it is an archive: whoever has it
verifies it by itself. Nothing is copied that is not what the ledger says, each object is read
back, and the copy's checkpoint is raised last, so that it never claims what it has not. What
the ledger says is superseded and verified goes; that an object is missing here never removes
it there. Keys of encrypted files are not copied: they live apart from content.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.errors import (
    AlreadyExistsError,
    ArchiverError,
    ConflictError,
    IntegrityError,
    UsageError,
)
from archiver.flows.copies import tell
from archiver.flows.holdings import Holdings, holdings
from archiver.flows.identity import require_ours
from archiver.flows.verify_objects import judged
from archiver.layout import ARCHIVE_FILE, CHECKPOINT, HEAD, grown_to
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.deciding import HERE
from archiver.ledger.head import Head
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.checkpoint import Checkpoint
    from archiver.ledger.checks import Check
    from archiver.ledger.finding import Finding
    from archiver.ports import Progress, Store, Versioned

__all__ = [
    "Copy",
    "Replicated",
    "brought_up",
    "named",
    "place",
    "raise_head",
    "replicate",
    "require_older",
]


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the archive: what it is called, where it is in words, and it as an archive."""

    name: str
    place: str
    archive: Archive

    @property
    def store(self) -> Store:
        """Where it is stored."""
        return self.archive.store


@dataclass(slots=True)
class Replicated:
    """What was done for one copy.

    ``before``, ``size``: entries under its checkpoint, before and now. ``copied`` objects;
    ``removed`` ones were superseded, ``locked`` ones its store keeps yet. ``findings``: in
    which place something is not what the ledger says; ``mended``: what was not, and is now.
    ``error``: why it was given up.
    """

    name: str
    place: str
    before: int = 0
    size: int = 0
    copied: int = 0
    removed: int = 0
    locked: int = 0
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    mended: list[Finding] = field(default_factory=list)
    error: ArchiverError | None = None

    @property
    def whole(self) -> bool:
        """Whether the copy is at the archive's head, with all that belongs to it."""
        return self.error is None and not self.findings

    def demand(self) -> None:
        """Raise what stood in the way, or `IntegrityError`, unless the copy is whole."""
        if self.error is not None:
            raise self.error
        for place, finding in self.findings:
            raise IntegrityError(
                f"{len(self.findings)} objects are not what the ledger says",
                where=f"{place}: {finding.where}",
                code=finding.code,
                mend="run `archiver replicate --repair`",
            )


def named(copies: Iterable[Copy], names: Collection[str]) -> list[Copy]:
    """Return the copies of these names, all without any. Raises `UsageError`."""
    found = list(copies)
    if not found:
        raise UsageError(
            "no copies are configured",
            code="replicas-unset",
            mend="name them in archiver.toml: [[replica]] with name, archive, place",
        )
    known = [one.name for one in found]
    for name in names:
        if name not in known:
            raise UsageError(
                "there is no copy of that name", where=name, mend=f"known: {', '.join(known)}"
            )
    return [one for one in found if not names or one.name in names]


def replicate(archive: Archive, copies: Iterable[Copy], progress: Progress) -> list[Replicated]:
    """Bring copies up to the signed head. One that fails never stops the others.

    Raises `IntegrityError` where the log here can't tell what there is to copy.
    """
    copies = list(copies)
    with archive.home.alone("replicate"):
        tell(archive, copies)
        held = holdings(archive)
        here = Replicated(HERE, archive.store.describe())
        here.findings = [(HERE, one) for one in held.findings]
        made = [brought_up(archive, held, copy, progress) for copy in copies]
        return [here, *made] if here.findings else made


def brought_up(archive: Archive, held: Holdings, copy: Copy, progress: Progress) -> Replicated:
    """Bring one copy up to what the archive holds."""
    done = Replicated(copy.name, copy.place)
    try:
        before = _begun(archive, held, copy.store)
        done.before = done.size = before.size if before else 0
        copy.store.sweep()
        _fill(archive.store, held, copy, done, progress)
        if not done.findings:
            raise_head(copy.store, held, archive.identity.keys)
            done.size = held.checkpoint.size
            _clear(copy.store, held, done)
    except ArchiverError as error:
        done.error = error
    return done


def _begun(archive: Archive, held: Holdings, store: Store) -> Checkpoint | None:
    """Return the head of a copy, None where it has none yet; make a new one ours.

    Raises `UsageError` for a place where anything else is, `IntegrityError` for a copy that
    does not lead to the archive's head.
    """
    if not require_ours(store, archive.identity):
        with suppress(AlreadyExistsError):  # another process began it meanwhile
            store.create(ARCHIVE_FILE, archive.store.get(ARCHIVE_FILE))
        require_ours(store, archive.identity)
    stored = store.load(CHECKPOINT)
    if stored is None:
        return None
    before = open_checkpoint(stored.data, archive.identity.keys)
    require_older(held, before, store)
    return before


def require_older(held: Holdings, before: Checkpoint, store: Store) -> None:
    """Raise `IntegrityError` unless the archive's log goes on from that of a copy."""
    if before.size > held.checkpoint.size:
        raise IntegrityError(
            f"the copy has {before.size} entries, the archive {held.checkpoint.size}",
            where=store.describe(),
            code="ledger-rolled-back",
            mend="an older state of the archive was put back, or somebody wrote to the copy: find "
            "out which, before anything is captured",
        )
    if Frontier.at(before.size, held.read).root() != before.root:
        raise IntegrityError(
            "the copy has another history than the archive",
            where=store.describe(),
            code="ledger-fork",
            mend="keep both as they are, and find out who signed two histories",
        )


def _fill(source: Store, held: Holdings, copy: Copy, done: Replicated, progress: Progress) -> None:
    """Store what a copy has not, each object once it is what the ledger says."""
    there = {one.key for one in copy.store.list("")}
    missing = [check for check in held.checks if check.key not in there]
    for number, check in enumerate(missing):
        progress.step(number, len(missing), copy.name)
        wrong = list(judged(source, check))
        done.findings += ((HERE, one) for one in wrong)
        if not wrong:
            found = place(source, copy.store, check, done)
            done.findings += ((copy.name, one) for one in found)
            if done.before == held.checkpoint.size:  # it had claimed to have it
                done.mended.append(check.missing())
    progress.step(len(missing), len(missing), copy.name)


def place(source: Store, target: Store, check: Check, done: Replicated) -> list[Finding]:
    """Copy one object, and read it back; return what is wrong with what is there now.

    What came over otherwise than it was is removed again, so that no later run believes it.
    """
    made = False
    with source.open(check.key) as file, suppress(AlreadyExistsError):  # another was quicker
        target.create(check.key, file)
        made = True
    wrong = list(judged(target, check))
    if made and wrong:
        target.erase(check.key)
    done.copied += made and not wrong
    return wrong


def raise_head(store: Store, held: Holdings, keys: Sequence[str]) -> None:
    """Have a copy claim what it has: its checkpoint, upward only, and an unsigned head for it."""
    now = held.checkpoint
    while True:
        stored = store.load(CHECKPOINT)
        if stored is not None and open_checkpoint(stored.data, keys).size > now.size:
            return  # another process has raised it further
        if stored is not None and stored.data == held.note:
            break
        with suppress(ConflictError, AlreadyExistsError):
            _replace(store, CHECKPOINT, held.note, stored)
    stored = store.load(HEAD)
    if stored is None or not _goes_on(stored.data, now.size):
        with suppress(ConflictError, AlreadyExistsError):  # by another process, which goes on
            _replace(store, HEAD, held.head, stored)


def _replace(store: Store, key: str, data: bytes, found: Versioned | None) -> None:
    """Put an object in the place of what was found there.

    Some stores refuse every condition where they keep versions (Ceph 16): what they refuse to
    replace is the very version that was found, and is removed first. Stopped in between, the copy
    has no head until the next run. Raises `ConflictError`, `AlreadyExistsError` where another
    process was quicker.
    """
    try:
        store.swap(key, data, found.version if found else None)
    except ConflictError:
        if found is None or store.load(key) != found:
            raise
        store.delete(key)
        store.create(key, data)


def _goes_on(data: bytes, size: int) -> bool:
    """Tell whether an unsigned head is one of a larger log."""
    with suppress(ArchiverError):
        return Head.decode(data).size > size
    return False


def _clear(store: Store, held: Holdings, done: Replicated) -> None:
    """Remove what the ledger says is superseded and verified, and parts the log outgrew."""
    there, kept = {one.key for one in store.list("")}, {check.key for check in held.checks}
    for key in there - kept:
        needs = grown_to(key)
        if needs is not None and needs <= held.checkpoint.size:  # else a later head has it
            store.delete(key)
    for key in sorted(there.intersection(held.going)):
        if store.erase(key):
            done.locked += 1
        else:
            done.removed += 1
