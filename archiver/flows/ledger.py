"""The ledger as this home may trust it: state folded from entries that match a signed head.

Nothing is believed that does not lead to a checkpoint signed by the archive's key and
consistent with the largest checkpoint this home has ever seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import FormatError, IntegrityError
from archiver.flows.ledger_cache import Memory, keep, load
from archiver.layout import CHECKPOINT
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint
from archiver.ledger.log import LogReader
from archiver.ledger.state import LedgerState
from archiver.ledger.tree import consistency_path, verify_consistency

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = [
    "TRUST",
    "checkpoint",
    "prove_consistent",
    "read_state",
    "remember",
    "state_at",
    "trust_checkpoint",
    "trusted_checkpoint",
]

TRUST = "trust/checkpoint"


def trusted_checkpoint(archive: Archive) -> Checkpoint | None:
    """Return the largest checkpoint this home has seen, or None before the first."""
    note = archive.home.read(TRUST)
    return None if note is None else open_checkpoint(note, archive.identity.keys)


def trust_checkpoint(archive: Archive, note: bytes) -> None:
    """Keep a checkpoint as the largest seen, where it is larger."""
    with archive.home.alone("trust"):  # else a slower process could put a smaller one back
        seen = trusted_checkpoint(archive)
        if seen is None or open_checkpoint(note, archive.identity.keys).size > seen.size:
            archive.home.write(TRUST, note)


def checkpoint(archive: Archive) -> Checkpoint | None:
    """Return the archive's signed head, proven to extend what this home has seen.

    None for an archive that has no sealed record yet. Raises `IntegrityError`.
    """
    trusted = archive.home.read(TRUST)  # first: another process may raise both meanwhile
    stored = archive.store.load(CHECKPOINT)
    seen = None if trusted is None else open_checkpoint(trusted, archive.identity.keys)
    if stored is None:
        if seen is not None:
            raise _rolled_back(0, seen)
        return None
    if seen is not None and stored.data == trusted:
        return seen
    found = open_checkpoint(stored.data, archive.identity.keys)
    if found.origin != archive.identity.origin:
        raise IntegrityError("the checkpoint is of another archive", where=found.origin)
    if seen is not None:
        prove_consistent(archive, seen, found)
    trust_checkpoint(archive, stored.data)
    return found


def prove_consistent(archive: Archive, older: Checkpoint, newer: Checkpoint) -> None:
    """Raise `IntegrityError` unless the log of ``newer`` extends that of ``older``."""
    if newer.size < older.size:
        raise _rolled_back(newer.size, older)
    if older.size == 0:
        return
    read = LogReader(archive.store, newer.size).hashes()
    path = consistency_path(older.size, newer.size, read)
    verify_consistency(older.size, newer.size, path, older.root, newer.root)


def _rolled_back(size: int, seen: Checkpoint) -> IntegrityError:
    return IntegrityError(
        f"the ledger was rolled back: it has {size} entries, this home has seen {seen.size}",
        where=CHECKPOINT,
        code="ledger-rolled-back",
        mend="do not write to this archive; restore the ledger from a replica and find out who "
        "replaced it",
    )


def read_state(archive: Archive) -> LedgerState:
    """Return the state of the ledger at its signed head."""
    head = checkpoint(archive)
    return LedgerState() if head is None else state_at(archive, head.size, head.root)


def state_at(archive: Archive, size: int, root: bytes) -> LedgerState:
    """Return the state at ``size`` entries, read on from what this process or home knows.

    It is the caller's own. Raises `IntegrityError` where the entries don't lead to
    ``root``, or one of them is malformed.
    """
    memory = archive.memory
    if memory.state.size > size or not memory.state.size:
        memory = load(archive.home, size)
    state = _grown(archive, memory.state, size)
    if state.frontier.root() != root and state.size:
        memory = Memory()
        state = _grown(archive, memory.state, size)
    if state.frontier.root() != root:
        raise IntegrityError(
            "the ledger's entries do not lead to its signed head",
            where=f"{size} entries",
            code="ledger-root",
            mend="run `archiver verify` to find the changed entry",
        )
    archive.memory.state, archive.memory.parts = memory.state, memory.parts
    remember(archive, state)
    return state.copy()


def remember(archive: Archive, state: LedgerState) -> None:
    """Keep the state at a signed head for this process, and in the home what it adds.

    It must have grown from the one this process has.
    """
    if state.size > archive.memory.state.size:
        archive.memory.state = state
        keep(archive.home, archive.memory)


def _grown(archive: Archive, state: LedgerState, size: int) -> LedgerState:
    """Return a state with the entries up to ``size`` taken in; the given one stays."""
    if state.size < size:
        state = state.copy()
        entries = list(LogReader(archive.store, size).entries(state.size))
        try:
            state.extend(entries)
        except FormatError as error:
            raise IntegrityError(
                f"the ledger has a malformed entry: {error.message}",
                where=f"entries {state.size} to {size - 1}",
                code="ledger-entry",
                mend="run `archiver verify` to see which; restore the log from a replica",
            ) from error
    return state
