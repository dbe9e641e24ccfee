"""The signed checkpoint that all proofs of a production lead to: the same one for the same size.

It carries the archive's own signature alone, which is the same whenever it is made (RFC 8032
§5.1.6): so a production of a size comes out the same, however much was logged since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, RefusedError
from archiver.flows.ledger import checkpoint
from archiver.flows.ledger_at import ledger_at
from archiver.layout import CHECKPOINT
from archiver.ledger.checkpoint import Checkpoint, open_note, sign_note, split_note

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["note_at"]


def note_at(archive: Archive, size: int) -> bytes:
    """Return a checkpoint of the first ``size`` entries under the archive's own signature.

    Raises `UsageError` for a size that the log has not (``size-unknown``), `RefusedError` where
    only a home with the archive's signing key can make it (``size-unsigned``).
    """
    head = checkpoint(archive)
    if head is not None and head.size == size:
        return _alone(archive, archive.store.get(CHECKPOINT), size)
    state = ledger_at(archive, size)
    body = Checkpoint(archive.identity.origin, size, state.frontier.root()).body()
    try:
        note = sign_note(body, archive.signer)
        open_note(note, archive.identity.keys)
    except ArchiverError as error:
        raise RefusedError(
            "this home can't sign a checkpoint of that size",
            where=f"{size} entries",
            code="size-unsigned",
            mend="leave out --at, or produce in the home that has the archive's signing key",
        ) from error
    return note


def _alone(archive: Archive, note: bytes, size: int) -> bytes:
    """Return a note without the cosignatures of others."""
    body, lines = split_note(note)
    if Checkpoint.parse(body).size != size:  # it grew meanwhile
        return note_at(archive, size)
    for line in lines:
        alone = body + b"\n" + f"{line}\n".encode()
        try:
            open_note(alone, archive.identity.keys)
        except ArchiverError:
            continue
        return alone
    return note
