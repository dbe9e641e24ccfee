"""The sequencer: from batches left in ``pending/`` to a longer, signed log.

Any number of processes may run it. The one linearisation point is the compare-and-swap
of the unsigned head; everything after it is redone by whoever comes next
(``docs/ARCHITECTURE.md`` §3).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import (
    AlreadyExistsError,
    ConflictError,
    IntegrityError,
    MissingObjectError,
    StoreError,
)
from archiver.flows.consult import known_checkpoints
from archiver.flows.ledger import (
    checkpoint,
    prove_consistent,
    remember,
    state_at,
    trust_checkpoint,
)
from archiver.formats.parquet import canonical_time
from archiver.ids import is_ulid
from archiver.layout import (
    CHECKPOINT,
    HEAD,
    PENDING,
    STAGING,
    daily_checkpoint_key,
    pending_key,
    refused_key,
)
from archiver.ledger.admission import admit
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, sign_note
from archiver.ledger.head import Bundle, Head
from archiver.ledger.log import LogReader
from archiver.ledger.state import LedgerState
from archiver.ledger.tiles import grow_bundles, grow_tiles, partial_keys
from archiver.ledger.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["sequence"]

ATTEMPTS = 50
"""Lost races for the head after which a sequencer gives up; each was somebody's success."""


class _Step(NamedTuple):
    """What leads to a longer log: a bundle, the entries it adds, the state after them."""

    bundle: Bundle
    entries: list[bytes]
    state: LedgerState


def sequence(archive: Archive) -> int:
    """Append every admissible pending batch to the log. Returns how many were appended.

    Finishes first what an earlier sequencer left undone. On return every batch that was
    pending at the call is in the signed log or refused.
    """
    appended = lost = 0
    current: tuple[Head | None, str | None] | None = None
    while lost < ATTEMPTS:
        try:
            head, version = current or _current(archive)
            step = _gather(archive, head, version)
            if not step.bundle.batches:
                return appended
            current = head, version = _swap(archive, step.bundle, step.state.frontier, version)
            _publish(archive, head, step)
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

    A head that was lost or set back is made again from the checkpoint: the checkpoint is
    read first, and never runs ahead of the head. Raises `ConflictError`.
    """
    signed = checkpoint(archive)
    stored = archive.store.load(HEAD)
    head = None if stored is None else Head.decode(stored.data)
    version = None if stored is None else stored.version
    if signed is not None and (head is None or head.size < signed.size):
        read = LogReader(archive.store, signed.size).hashes()
        bundle = Bundle(Frontier.at(signed.size, read), [])
        _require(bundle.frontier.root() == signed.root, "the tiles do not lead to the checkpoint")
        head, version = _swap(archive, bundle, bundle.frontier, version)
    if head is not None:
        if signed is not None and head.size == signed.size:
            _require(head.root == signed.root, "the head is not what was signed for its size")
        _publish(archive, head)
    return head, version


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 - an assertion
    if not condition:
        raise IntegrityError(
            message,
            where=HEAD,
            code="ledger-fork",
            mend="nothing was signed. Run `archiver verify`; if it names the head alone, remove "
            "log/head: it is made again from the checkpoint, and what is pending stays",
        )


def _swap(
    archive: Archive, bundle: Bundle, after: Frontier, version: str | None
) -> tuple[Head, str]:
    """Stage a bundle and swap the head for the one it leads to. Raises `ConflictError`."""
    head = bundle.head(after)
    _create_same(archive, head.staging, bundle.encode())
    return head, archive.store.swap(HEAD, head.encode(), version)


def _gather(archive: Archive, head: Head | None, version: str | None) -> _Step:
    """Return the step that appends all pending batches which may be appended.

    Only what the head itself rules out is refused, as that can't change any more. What
    the batches before it in this bundle rule out waits until those are in the log.
    Objects of other names are not ours: they are left for `verify` to name.
    """
    names = [found.key.removeprefix(PENDING) for found in archive.store.list(PENDING)]
    state = LedgerState() if head is None else state_at(archive, head.size, head.root)
    step = _Step(Bundle(state.frontier, []), [], state)
    for name in filter(is_ulid, names):
        if name in state.sealed:  # appended by now, or the late retry of a write
            archive.store.delete(pending_key(name))
            continue
        try:
            data = archive.store.get(pending_key(name))
        except MissingObjectError:
            continue
        entries, refusal = admit(state, data, archive.identity.keys, name)
        step.entries.extend(entries)
        if not refusal:
            step.bundle.batches.append(data)
        elif not step.bundle.batches:
            _refuse(archive, name, refusal, version)
    return step


def _refuse(archive: Archive, name: str, why: str, version: str | None) -> None:
    """Refuse a batch for what the head of that version says, if it is still the head.

    Else what came too early may have its turn by now: `ConflictError`. The marker is left
    before the batch goes, so that its worker learns of it.
    """
    stored = archive.store.load(HEAD)
    if (None if stored is None else stored.version) != version:
        raise ConflictError("the head moved on", where=HEAD)
    with suppress(AlreadyExistsError):  # another sequencer came to the same end
        archive.store.create(refused_key(name), why.encode())
    archive.store.delete(pending_key(name))


def _publish(archive: Archive, head: Head, own: _Step | None = None) -> None:
    """Bring tiles and checkpoint up to a head, and clear away what led there. Idempotent.

    ``own`` is the step to that head which this very call of `sequence` has gathered.
    """
    signed = checkpoint(archive)
    if signed is None or signed.size < head.size:
        step = own if own and _begins(own, signed) else _staged(archive, head, signed)
        if step is None:
            return
        _write_tiles(archive, step.bundle.frontier, step.entries)
        _sign(archive, head, signed)
        remember(archive, step.state)
    _collect(archive, head)


def _begins(step: _Step, signed: Checkpoint | None) -> bool:
    """Tell whether a step begins where the signed log ends."""
    before = step.bundle.frontier
    return before.size == 0 if signed is None else before.root() == signed.root


def _staged(archive: Archive, head: Head, signed: Checkpoint | None) -> _Step | None:
    """Return the step from the signed log to a head that is not signed yet.

    Head and bundle are not signed, so nothing in them is believed: each batch must pass
    once more what it passed when it was gathered, and all must lead to that very head.
    None where whoever went on from there has signed and collected it meanwhile.
    """
    try:
        bundle = Bundle.decode(archive.store.get(head.staging), head.staging)
    except MissingObjectError:
        signed = checkpoint(archive)
        if signed is not None and signed.size >= head.size:
            return None
        raise
    state = LedgerState() if signed is None else state_at(archive, signed.size, signed.root)
    _require(bundle.frontier == state.frontier, "staging does not begin at the signed log")
    entries: list[bytes] = []
    for data in bundle.batches:
        added, refusal = admit(state, data, archive.identity.keys)
        _require(not refusal, f"a staged batch is not admissible: {refusal}")
        entries += added
    _require(bundle.head(state.frontier) == head, "staging leads to another head")
    return _Step(bundle, entries, state)


def _write_tiles(archive: Archive, before: Frontier, entries: list[bytes]) -> None:
    reader = LogReader(archive.store, before.size)
    hashes = [leaf_hash(entry) for entry in entries]
    for one, data in grow_bundles(before, entries, reader.bundle):
        _create_same(archive, one.key, data)
    for tile, data in grow_tiles(before, hashes, reader.tile):
        _create_same(archive, tile.key, data)


def _create_same(archive: Archive, key: str, data: bytes) -> None:
    """Create an object, or find that it is there already with the same bytes."""
    try:
        archive.store.create(key, data)
    except AlreadyExistsError:
        try:
            found = archive.store.get(key)
        except MissingObjectError:  # collected meanwhile: the log is past it
            return
        if found != data:
            raise IntegrityError(
                "a part of the ledger differs from what the log says",
                where=key,
                code="ledger-fork",
                mend="run `archiver verify`; nothing was signed",
            ) from None


def _sign(archive: Archive, head: Head, signed: Checkpoint | None) -> None:
    """Sign a head, after proving that it extends what bucket, home and witnesses know."""
    new = Checkpoint(archive.identity.origin, head.size, head.root)
    for seen in dict.fromkeys([signed, *known_checkpoints(archive)]):
        if seen is not None and seen.size <= new.size:
            prove_consistent(archive, seen, new)
    note = sign_note(new.body(), archive.signer)
    daily = daily_checkpoint_key(canonical_time(archive.clock.now())[:10])
    if archive.store.load(daily) is None:
        with suppress(AlreadyExistsError):  # the first of the day is the one that is kept
            archive.store.create(daily, note)
    _swap_upward(archive, note, head.size)
    trust_checkpoint(archive, note)


def _swap_upward(archive: Archive, note: bytes, size: int) -> None:
    """Replace the checkpoint unless a larger one is there already."""
    while True:
        stored = archive.store.load(CHECKPOINT)
        if stored is not None:
            current = open_checkpoint(stored.data, archive.identity.keys)
            if current.size >= size:
                return
        try:
            archive.store.swap(CHECKPOINT, note, None if stored is None else stored.version)
        except ConflictError:
            continue
        return


def _collect(archive: Archive, head: Head) -> None:
    """Remove what is superfluous by now: older staging, and the partial tiles of its heads.

    Staging goes last: as long as it is there, what it stands for is looked for.
    """
    signed = checkpoint(archive)
    kept = partial_keys(head.size if signed is None else signed.size)
    older: dict[str, int] = {}
    for found in archive.store.list(STAGING):
        size = found.key.removeprefix(STAGING).partition("-")[0]
        if found.key != head.staging and size.isdecimal() and int(size) <= head.size:
            older[found.key] = int(size)
    written = set().union(*map(partial_keys, {head.size, *older.values()}))
    for key in (*sorted(written - kept), *older):
        archive.store.delete(key)
