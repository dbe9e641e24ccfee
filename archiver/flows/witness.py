"""Being a witness: cosigning what extends the last checkpoint, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.ledger.checkpoint import (
    Checkpoint,
    parse_signature,
    parse_verifier_key,
    split_note,
)
from archiver.ledger.cosignature import cosign
from archiver.ledger.witness import (
    MAX_REQUEST,
    AddCheckpoint,
    Reply,
    judge,
    known_log,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.outsiders import WitnessStore
    from archiver.ports import Clock, Signer

__all__ = ["MAX_REQUEST", "Witness", "add_checkpoint", "check_logs", "latest_checkpoint"]


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: what it remembers, its keys, and the verifier keys of the logs it knows."""

    store: WitnessStore
    signers: Sequence[Signer]
    logs: Sequence[str]
    clock: Clock

    def known(self) -> dict[str, list[str]]:
        """Return the keys of each log, by its origin."""
        found: dict[str, list[str]] = {}
        for key in self.logs:
            found.setdefault(parse_verifier_key(key).name, []).append(key)
        return found


def check_logs(keys: Sequence[str]) -> None:
    """Raise `FormatError` unless each is a log's verifier key that may be trusted."""
    for key in keys:
        parse_verifier_key(key)


def add_checkpoint(witness: Witness, body: bytes) -> Reply:
    """Answer a request: cosignature lines, or why not (`archiver.ledger.witness`).

    What is cosigned is on disk before this returns, and nobody else looks at it between
    the check and that. A signature that could not be handed over is no harm: the next
    request is told the size. Raises `ArchiverError` only where the witness's own store or
    keys fail.
    """
    try:
        request = AddCheckpoint.parse(body)
    except FormatError as error:
        return refused(400, error.message)
    known = witness.known()
    new = known_log(request.note, known)
    if isinstance(new, Reply):
        return new
    with witness.store.exclusive():
        kept = witness.store.latest(new.origin)
        latest = None if kept is None else Checkpoint.parse(split_note(kept)[0])
        refusal = judge(request, new, latest)
        if refusal is not None:
            return refusal
        text, signatures = split_note(request.note)
        now = int(witness.clock.now().timestamp())
        lines = b"".join(cosign(text, signer, now) for signer in witness.signers)
        own = "".join(f"{one}\n" for one in signatures if _is_of(one, known[new.origin]))
        witness.store.keep(new.origin, text + b"\n" + own.encode() + lines)
    return Reply(200, lines)


def _is_of(line: str, keys: Sequence[str]) -> bool:
    """Tell whether a signature line is by one of the log's keys: only those are kept."""
    name, key_id, _ = parse_signature(line)
    return any((key.name, key.key_id) == (name, key_id) for key in map(parse_verifier_key, keys))


def latest_checkpoint(witness: Witness, origin_hash: str) -> Reply:
    """Return the last checkpoint cosigned for the log whose origin has this SHA-256 (hex)."""
    for origin in witness.known():
        if sha256(origin.encode()).hexdigest() == origin_hash:
            kept = witness.store.latest(origin)
            if kept is not None:
                return Reply(200, kept)
    return refused(404, "this witness has cosigned no checkpoint of that log")
