"""From a head that was swapped to the signed log: tiles, checkpoint, and clearing away.

All of it is done again, with the same result, by whoever comes next after a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import AlreadyExistsError, IntegrityError, MissingObjectError
from archiver.flows.custody import declining
from archiver.flows.ledger import checkpoint, remember, state_at
from archiver.flows.signing import publish
from archiver.layout import HEAD, STAGING
from archiver.ledger.admission import admit
from archiver.ledger.checkpoint import Checkpoint
from archiver.ledger.entry import days
from archiver.ledger.head import Bundle, Head
from archiver.ledger.log import LogReader
from archiver.ledger.state import LedgerState
from archiver.ledger.tiles import grow_bundles, grow_tiles, partial_keys
from archiver.ledger.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["Step", "create_same", "finish", "require"]


class Step(NamedTuple):
    """What leads to a longer log: a bundle, the entries it adds, the state after them."""

    bundle: Bundle
    entries: list[bytes]
    state: LedgerState


def require(condition: bool, message: str) -> None:  # noqa: FBT001 - an assertion
    """Raise `IntegrityError` (``ledger-fork``) where the head is not what it must be."""
    if not condition:
        raise IntegrityError(
            message,
            where=HEAD,
            code="ledger-fork",
            mend="nothing was signed. Run `archiver verify`; if it names the head alone, remove "
            "log/head: it is made again from the checkpoint, and what is pending stays",
        )


def finish(archive: Archive, head: Head, own: Step | None = None) -> None:
    """Bring tiles and checkpoint up to a head, and clear away what led there. Idempotent.

    ``own`` is the step to that head which this very call of `sequence` has gathered.
    """
    signed = checkpoint(archive)
    if signed is None or signed.size < head.size:
        step = own if own and _begins(own, signed) else _staged(archive, head, signed)
        if step is None:
            return
        _write_tiles(archive, step.bundle.frontier, step.entries)
        new = Checkpoint(archive.identity.origin, head.size, head.root)
        publish(archive, new, days(step.entries))
        remember(archive, step.state)
    _collect(archive, head)


def _begins(step: Step, signed: Checkpoint | None) -> bool:
    """Tell whether a step begins where the signed log ends."""
    before = step.bundle.frontier
    return before.size == 0 if signed is None else before.root() == signed.root


def _staged(archive: Archive, head: Head, signed: Checkpoint | None) -> Step | None:
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
    require(bundle.frontier == state.frontier, "staging does not begin at the signed log")
    entries: list[bytes] = []
    for data in bundle.batches:
        added, refusal = admit(state, data, archive.identity.keys, declines=declining(archive))
        require(not refusal, f"a staged batch is not admissible: {refusal}")
        entries += added
    require(bundle.head(state.frontier) == head, "staging leads to another head")
    return Step(bundle, entries, state)


def _write_tiles(archive: Archive, before: Frontier, entries: list[bytes]) -> None:
    reader = LogReader(archive.store, before.size)
    hashes = [leaf_hash(entry) for entry in entries]
    for one, data in grow_bundles(before, entries, reader.bundle):
        create_same(archive, one.key, data)
    for tile, data in grow_tiles(before, hashes, reader.tile):
        create_same(archive, tile.key, data)


def create_same(archive: Archive, key: str, data: bytes) -> None:
    """Create an object, or find that it is there already with the same bytes.

    Raises `IntegrityError` (``ledger-fork``) where it has others.
    """
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
