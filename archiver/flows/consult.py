"""Asking witnesses what they last cosigned, and holding the log against it.

A home that was lost, or an auditor's new one, has seen nothing of an archive. Witnesses
have: whoever sets bucket and home back can't set them back too.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import ArchiverError, IntegrityError
from archiver.flows.ledger import (
    checkpoint,
    prove_consistent,
    trust_checkpoint,
    trusted_checkpoint,
)
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint
from archiver.ledger.cosignature import cosignatures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.anchoring import WitnessAt
    from archiver.flows.archive import Archive
    from archiver.outsiders import Outside

__all__ = ["Heard", "hear", "known_checkpoints", "witness_url"]

HTTP_OK = 200


class Heard(NamedTuple):
    """What a witness last cosigned of this log: the note as it showed it, and what it says."""

    url: str
    note: bytes
    checkpoint: Checkpoint
    keys: frozenset[str]


def witness_url(prefix: str, rest: str) -> str:
    """Return an address below a witness's prefix."""
    return f"{prefix.rstrip('/')}/{rest}"


def hear(archive: Archive, outside: Outside, url: str, keys: Sequence[str]) -> Heard | None:
    """Return what a witness last cosigned of this log, verified; None where it shows nothing.

    Raises `TransientError` where it does not answer, `FormatError` and `IntegrityError` where
    its answer is not by its pinned keys and the log's.
    """
    origin = archive.identity.origin
    place = f"{sha256(origin.encode()).hexdigest()}/checkpoint"
    status, note = outside.get(witness_url(url, place))
    if status != HTTP_OK:
        return None
    found = open_checkpoint(note, archive.identity.keys)
    by = frozenset(one.key for one in cosignatures(note, keys))
    if found.origin != origin or not by:
        raise IntegrityError("a witness shows what it did not cosign", where=url)
    return Heard(url, note, found, by)


def known_checkpoints(archive: Archive) -> list[Checkpoint]:
    """Return what home and witnesses know of this log; any longer one must extend these.

    Witnesses are asked once in a process; one without an answer that
    proves itself is passed over. Raises
    `IntegrityError` where the stored log is not the one they know: then nothing is signed.
    """
    outside = archive.anchoring.outside
    if outside is not None:
        for one in archive.anchoring.witnesses:
            if one.url not in archive.consulted:
                archive.consulted[one.url] = _known_to(archive, outside, one)
    seen = [trusted_checkpoint(archive), *archive.consulted.values()]
    return list(dict.fromkeys(one for one in seen if one is not None))


def _known_to(archive: Archive, outside: Outside, witness: WitnessAt) -> Checkpoint | None:
    try:
        heard = hear(archive, outside, witness.url, witness.keys)
    except ArchiverError:  # no answer, or one that proves nothing
        return None
    if heard is None:
        return None
    _hold(archive, heard)
    return heard.checkpoint


def _hold(archive: Archive, heard: Heard) -> None:
    """Raise `IntegrityError` unless the stored log is the one a witness knows."""
    signed = checkpoint(archive)  # read after the witness was asked: it can only be longer
    if signed is None or signed.size < heard.checkpoint.size:
        trust_checkpoint(archive, heard.note)
        checkpoint(archive)  # says that the log was rolled back
        return
    try:
        prove_consistent(archive, heard.checkpoint, signed)
    except ArchiverError as error:
        raise IntegrityError(
            f"the log is not the one that a witness knows: {error.message}",
            where=heard.url,
            code="ledger-fork",
            mend="nothing was signed. Keep both checkpoints: they prove that the signing key "
            "was used twice; find out by whom",
        ) from error
