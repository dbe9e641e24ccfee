"""Asking one witness to cosign a checkpoint (c2sp.org/tlog-witness, add-checkpoint)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, FormatError, IntegrityError, TransientError
from archiver.flows.anchoring import unanswered
from archiver.flows.consult import hear, witness_url
from archiver.flows.ledger import checkpoint, prove_consistent
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, parse_decimal
from archiver.ledger.cosignature import cosignatures
from archiver.ledger.log import LogReader
from archiver.ledger.tree import consistency_path
from archiver.ledger.witness import AddCheckpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.anchoring import WitnessAt
    from archiver.flows.archive import Archive
    from archiver.outsiders import Outside

__all__ = ["ask_witness", "clocks_differ"]

LATEST = 253_402_300_799
"""The last second that a date can say."""
HTTP_OK, CONFLICT, UNPROVEN = 200, 409, 422
FORK, ROLLED_BACK = "ledger-fork", "ledger-rolled-back"
TOLD = {FORK: "a witness knows another log", ROLLED_BACK: "the ledger was rolled back"}
MEND = {
    FORK: "run `archiver verify`; keep this checkpoint and the witness's: together they prove "
    "that the signing key was used for two histories",
    ROLLED_BACK: "do not write to this archive; restore the ledger from a replica and find out "
    "who replaced it",
}
NO_PROOF = (
    "ask its operator for the checkpoint that it cosigned: without one it may be lying; "
    "meanwhile compare with other witnesses, and with `archiver verify` from another home"
)
MOST_APART = timedelta(minutes=10)
"""Between our clock and a witness's: more is a clock that was set wrong."""
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
            why = f"it does not accept the proof from {old} entries"
            raise _contradicted(archive, outside, witness, new, (FORK, why))
        if status != CONFLICT:
            raise unanswered("witness", witness.url, status)
        latest = _size(answer)
        if latest == old:
            why = f"it knows another root for {old} entries"
            raise _contradicted(archive, outside, witness, new, (FORK, why))
        if latest > new.size:
            signed = checkpoint(archive)
            if signed is not None and signed.size >= latest:
                raise TransientError("the log has grown meanwhile", where=witness.url)
            why = f"it has {new.size} entries, a witness says it has cosigned {latest}"
            raise _contradicted(archive, outside, witness, new, (ROLLED_BACK, why))
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


def _contradicted(
    archive: Archive, outside: Outside, witness: WitnessAt, new: Checkpoint, claim: tuple[str, str]
) -> IntegrityError:
    """Return what a witness claims (code, words), and whether it can prove it: it may be lying."""
    code, why = claim
    proven = _proves(archive, outside, witness, new)
    shown = "shows a signed checkpoint that proves it" if proven else "shows nothing that proves it"
    mend = MEND[code] if proven else NO_PROOF
    return IntegrityError(
        f"{TOLD[code]}: {why}; it {shown}", where=witness.url, code=code, mend=mend
    )


def _proves(archive: Archive, outside: Outside, witness: WitnessAt, new: Checkpoint) -> bool:
    """Tell whether a witness shows a signed checkpoint of which the log is no continuation."""
    try:
        heard = hear(archive, outside, witness.url, witness.keys)
    except ArchiverError:
        return False
    if heard is None or heard.checkpoint.size > new.size:
        return heard is not None
    try:
        prove_consistent(archive, heard.checkpoint, new)
    except IntegrityError:
        return True
    return False


def clocks_differ(archive: Archive, note: bytes, keys: Sequence[str]) -> IntegrityError | None:
    """Return what is wrong with the times of cosignatures that were just made, if anything is.

    They hold all the same. Whose clock is wrong nobody can tell; the ledger's times are by ours.
    """
    now = archive.clock.now().timestamp()
    for one in cosignatures(note, keys):
        if abs(one.time - now) > MOST_APART.total_seconds():
            there = datetime.fromtimestamp(min(one.time, LATEST), UTC).isoformat()
            return IntegrityError(
                f"its clock says {there}, ours {archive.clock.now().isoformat()}",
                code="anchor-clock",
                mend="set the clock that is wrong; the cosignature is kept and counts",
            )
    return None
