"""The sequencer: from batches left in ``pending/`` to a longer, signed log.

Any number of processes may run it, in any number of homes. The one linearisation point is
the compare-and-swap of the unsigned head; everything after it is redone by whoever comes next
(``docs/ARCHITECTURE.md`` §3). Processes of one home take turns.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from archiver.errors import (
    AlreadyExistsError,
    ConflictError,
    MissingObjectError,
    StoreError,
)
from archiver.flows.custody import declining
from archiver.flows.ledger import checkpoint, state_at
from archiver.flows.publish import Step, create_same, finish, require
from archiver.flows.signing import publish_again
from archiver.ids import is_ulid
from archiver.layout import HEAD, PENDING, pending_key, refused_key
from archiver.ledger.admission import admit
from archiver.ledger.head import Bundle, Head
from archiver.ledger.log import LogReader
from archiver.ledger.state import LedgerState
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.checkpoint import Checkpoint

__all__ = ["STAGED", "sequence"]

ATTEMPTS = 50
"""Lost races for the head after which a sequencer gives up; each was somebody's success."""

STAGED = "trust/staged"
"""The head that this home was last about to swap in: the next one, should the head get lost."""


def sequence(archive: Archive, name: str = "") -> int:
    """Append every admissible pending batch to the log. Returns how many were appended.

    Finishes first what an earlier sequencer left undone. On return every batch that was
    pending at the call is in the signed log or refused; so is the one of that ``name``, also
    where a stale listing hides it.
    """
    with archive.home.alone("sequence"):
        return _sequence(archive, name)


def _sequence(archive: Archive, name: str) -> int:
    appended = lost = 0
    current: tuple[Head | None, str | None] | None = None
    while lost < ATTEMPTS:
        try:
            head, version = current or _current(archive)
            step = _gather(archive, head, version, name)
            if not step.bundle.batches:
                return appended
            current = head, version = _swap(archive, step.bundle, step.state.frontier, version)
            finish(archive, head, step)
        except ConflictError:
            lost, current = lost + 1, None
            continue
        appended += len(step.bundle.batches)
    raise StoreError(
        "the ledger's head changed again and again",
        where=archive.store.describe(),
        mend="run the command again; nothing is lost",
    )


def _current(archive: Archive) -> tuple[Head | None, str | None]:
    """Return the head, published, and its version; None for a new ledger.

    The checkpoint is read first, and never runs ahead of the head: so a head that is smaller
    was lost or set back. Raises `ConflictError`.
    """
    signed = checkpoint(archive)
    stored = archive.store.load(HEAD)
    head = None if stored is None else Head.decode(stored.data)
    version = None if stored is None else stored.version
    if head is None or (signed is not None and head.size < signed.size):
        head, version = _found_again(archive, publish_again(archive, signed), version)
    if head is not None:
        if signed is not None and head.size == signed.size:
            require(head.root == signed.root, "the head is not what was signed for its size")
        finish(archive, head)
    return head, version


def _found_again(
    archive: Archive, signed: Checkpoint | None, version: str | None
) -> tuple[Head | None, str | None]:
    """Make a lost head again; None where there was none.

    It is the one that this home was about to swap in when it was stopped, if that goes on
    from the signed log: its tiles may be there already. Else it is made from the checkpoint.
    """
    head = _interrupted(archive, signed)
    if head is not None:
        return head, archive.store.swap(HEAD, head.encode(), version)
    if signed is None:
        return None, version
    read = LogReader(archive.store, signed.size).hashes()
    bundle = Bundle(Frontier.at(signed.size, read), [])
    require(bundle.frontier.root() == signed.root, "the tiles do not lead to the checkpoint")
    return _swap(archive, bundle, bundle.frontier, version)


def _interrupted(archive: Archive, signed: Checkpoint | None) -> Head | None:
    """Return the head this home had staged, if its bundle begins where the signed log ends."""
    kept = archive.home.read(STAGED)
    if kept is None:
        return None
    try:
        head = Head.decode(kept)
        before = Bundle.decode(archive.store.get(head.staging), head.staging).frontier
    except MissingObjectError:  # collected: the log went on from there, or by another way
        return None
    size, root = (0, Frontier.empty().root()) if signed is None else (signed.size, signed.root)
    return head if head.size > size and (before.size, before.root()) == (size, root) else None


def _swap(
    archive: Archive, bundle: Bundle, after: Frontier, version: str | None
) -> tuple[Head, str]:
    """Stage a bundle and swap the head for the one it leads to. Raises `ConflictError`."""
    head = bundle.head(after)
    create_same(archive, head.staging, bundle.encode())
    archive.home.write(STAGED, head.encode())
    return head, archive.store.swap(HEAD, head.encode(), version)


def _gather(archive: Archive, head: Head | None, version: str | None, wanted: str) -> Step:
    """Return the step that appends all pending batches which may be appended.

    Only what the head itself rules out is refused, as that can't change any more. What
    the batches before it in this bundle rule out waits until those are in the log.
    Objects of other names are not ours: they are left for `verify` to name.
    """
    names = {found.key.removeprefix(PENDING) for found in archive.store.list(PENDING)} | {wanted}
    state = LedgerState() if head is None else state_at(archive, head.size, head.root)
    step = Step(Bundle(state.frontier, []), [], state)
    for name in filter(is_ulid, sorted(names)):
        if name in state.sealed:  # appended by now, or the late retry of a write
            archive.store.delete(pending_key(name))
            continue
        try:
            data = archive.store.get(pending_key(name))
        except MissingObjectError:
            continue
        entries, refusal = admit(state, data, archive.identity.keys, name, declining(archive))
        step.entries.extend(entries)
        if not refusal:
            step.bundle.batches.append(data)
        elif not step.bundle.batches:
            _refuse(archive, name, (data, refusal), version)
    return step


def _refuse(archive: Archive, name: str, read: tuple[bytes, str], version: str | None) -> None:
    """Refuse a batch, as read, for what the head of that version says, if it still is the head.

    Else what came too early may have its turn by now; and what was read may have been cut
    short: `ConflictError`. The marker is left before the batch goes, so that its worker
    learns of it.
    """
    stored = archive.store.load(HEAD)
    if (None if stored is None else stored.version) != version:
        raise ConflictError("the head moved on", where=HEAD)
    data, why = read
    sizes = {found.size for found in archive.store.list(pending_key(name))}
    try:
        if archive.store.get(pending_key(name)) != data or sizes - {len(data)}:
            raise ConflictError("a batch was read in two ways", where=pending_key(name))
    except MissingObjectError:  # another sequencer came to the same end
        return
    with suppress(AlreadyExistsError):
        archive.store.create(refused_key(name), why.encode())
    archive.store.delete(pending_key(name))
