"""Asking one witness to cosign a checkpoint (c2sp.org/tlog-witness, add-checkpoint)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import FormatError, IntegrityError, TransientError
from archiver.flows.anchoring import unanswered
from archiver.flows.consult import witness_url
from archiver.flows.ledger import checkpoint
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, parse_decimal
from archiver.ledger.log import LogReader
from archiver.ledger.tree import consistency_path
from archiver.ledger.witness import AddCheckpoint

if TYPE_CHECKING:
    from archiver.flows.anchoring import WitnessAt
    from archiver.flows.archive import Archive
    from archiver.outsiders import Outside

__all__ = ["ask_witness"]

HTTP_OK, CONFLICT, UNPROVEN = 200, 409, 422
ATTEMPTS = 5
"""Times that another home may have been faster between an answer and the next request."""


def ask_witness(archive: Archive, outside: Outside, witness: WitnessAt, note: bytes) -> bytes:
    """Return the cosignature lines that a witness answers, not yet verified.

    Raises `TransientError` where it does not answer or knows a longer log by now,
    `RefusedError` where it refuses to cosign, `IntegrityError` where it knows another log
    (``ledger-fork``) or a longer one than there is (``ledger-rolled-back``).
    """
    new = open_checkpoint(note, archive.identity.keys)
    memory = f"trust/witness/{sha256(witness.url.encode()).hexdigest()}"
    old = _remembered(archive, memory, new)
    for _ in range(ATTEMPTS):
        path = _path(archive, old, new)
        body = AddCheckpoint(old, path, note).encode()
        url = witness_url(witness.url, "add-checkpoint")
        status, answer = outside.post(url, body, "text/plain; charset=utf-8")
        if status == HTTP_OK:
            archive.home.write(memory, str(new.size).encode())
            return answer
        if status == UNPROVEN:
            raise _forked(witness.url, f"it does not accept the proof from {old} entries")
        if status != CONFLICT:
            raise unanswered("witness", witness.url, status)
        latest = _size(answer)
        if latest == old:
            raise _forked(witness.url, f"it knows another root for {old} entries")
        if latest > new.size:
            raise _longer(archive, witness.url, latest)
        old = latest
    raise TransientError("others are faster again and again", where=witness.url)


def _path(archive: Archive, old: int, new: Checkpoint) -> tuple[bytes, ...]:
    if not 0 < old < new.size:
        return ()
    return tuple(consistency_path(old, new.size, LogReader(archive.store, new.size).hashes()))


def _remembered(archive: Archive, memory: str, new: Checkpoint) -> int:
    """Return the size that this home last saw a witness cosign; a guess that saves a request."""
    kept = archive.home.read(memory) or b"0"
    size = int(kept) if kept.isdigit() else 0
    return size if size <= new.size else 0


def _size(answer: bytes) -> int:
    try:
        return parse_decimal(answer.decode("ascii").removesuffix("\n"), "a size")
    except (FormatError, UnicodeDecodeError) as error:
        raise TransientError("the witness answers 409 without a size") from error


def _longer(archive: Archive, url: str, latest: int) -> Exception:
    """Return what it means that a witness knows a longer log than was submitted."""
    signed = checkpoint(archive)
    if signed is not None and signed.size >= latest:
        return TransientError("the log has grown meanwhile", where=url, mend="run it again")
    size = 0 if signed is None else signed.size
    return IntegrityError(
        f"the ledger was rolled back: it has {size} entries, a witness has cosigned {latest}",
        where=url,
        code="ledger-rolled-back",
        mend="do not write to this archive; restore the ledger from a replica and find out who "
        "replaced it",
    )


def _forked(url: str, why: str) -> IntegrityError:
    return IntegrityError(
        f"a witness knows another log: {why}",
        where=url,
        code="ledger-fork",
        mend="run `archiver verify`; keep this checkpoint and the witness's: together they prove "
        "that the signing key was used for two histories",
    )
