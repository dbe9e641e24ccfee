"""Whose cosignatures a proof carries: made with one, and checked offline against a policy."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError, IntegrityError, MissingObjectError
from archiver.flows.ledger import checkpoint, read_state
from archiver.layout import CHECKPOINT, anchor_key
from archiver.ledger.anchor import COSIGNED, anchors_of
from archiver.ledger.cosignature import cosignatures, parse_cosigner_key
from archiver.ledger.policy import Policy
from archiver.ledger.proof import Proof

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["Voucher", "note_over", "vouched_note", "vouchers"]


class Voucher(NamedTuple):
    """A witness that cosigned a proof's checkpoint: its name, and when (POSIX seconds)."""

    name: str
    time: int


def vouched_note(archive: Archive, index: int) -> bytes | None:
    """Return the first cosigned checkpoint that covers an entry, or None where there is none."""
    for one in anchors_of(read_state(archive).controls):
        if one.kind != COSIGNED or one.size <= index:
            continue
        try:
            note = archive.store.get(anchor_key(one.file))
        except MissingObjectError:  # `archiver verify` names it
            continue
        if sha256(note).hexdigest() == one.sha256:
            return note
    return None


def note_over(archive: Archive, index: int) -> bytes:
    """Return a signed checkpoint that covers an entry, a cosigned one where there is any.

    Raises `IntegrityError` where the archive has no checkpoint.
    """
    if checkpoint(archive) is None:
        raise IntegrityError("the archive has no checkpoint", where=CHECKPOINT)
    # The signed head may be a later one meanwhile.
    return vouched_note(archive, index) or archive.store.get(CHECKPOINT)


def vouchers(proof: bytes, policy: bytes) -> list[Voucher]:
    """Return which of a policy's witnesses cosigned the checkpoint in a proof.

    Raises `FormatError` for a policy or proof that is none, `IntegrityError` where a
    cosignature is bad, or all together are no quorum (``proof-unwitnessed``).
    """
    wanted = Policy.parse(policy)
    try:
        text = str(json.loads(proof)["tlog_proof"]).encode()
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError("not a proof of an archive") from error
    found = cosignatures(Proof.parse(text).note, wanted.keys)
    if not wanted.satisfied({one.key for one in found}):
        raise IntegrityError(
            "too few witnesses of the policy have cosigned this proof's checkpoint",
            where=", ".join(parse_cosigner_key(one.key).name for one in found) or "none has",
            code="proof-unwitnessed",
            mend="ask for a proof made after `archiver anchor`",
        )
    return [Voucher(parse_cosigner_key(one.key).name, one.time) for one in found]
