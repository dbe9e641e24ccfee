"""A batch: what a worker asks the sequencer to append to the ledger in one step. Pure.

Its entries are the observations' commitments, in order, then its control entries.
Segments in a seal, and a generation, name their leaves relative to the batch; the
sequencer, who alone knows where the batch lands, makes them absolute. Every control entry
gets the batch's id, so that the log itself says which batches are in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from archiver.errors import FormatError
from archiver.ledger import entry, ranges
from archiver.ledger.generation import check_generation
from archiver.ledger.seal import COMPACT, DESTROY, check_seal

__all__ = ["Batch"]

_COMMITMENT = entry.COMMITMENT_BYTES


@dataclass(frozen=True, slots=True)
class Batch:
    """``id`` is the batch's ULID; ``controls`` are control entries still to be placed."""

    id: str
    commitments: tuple[bytes, ...]
    controls: tuple[dict[str, Any], ...]

    def encode(self) -> bytes:
        """Return the batch as it is signed (`archiver.ledger.signed`)."""
        document = {
            "batch": self.id,
            "commitments": b"".join(self.commitments).hex(),
            "controls": self.controls,
        }
        return json.dumps(document, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes) -> Batch:
        """Return the batch that `encode` wrote. Raises `FormatError`."""
        try:
            document = json.loads(data)
            packed = bytes.fromhex(document["commitments"])
            controls = tuple(dict(control) for control in document["controls"])
            batch = document["batch"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FormatError(f"not a pending batch: {error!r}") from error
        if not isinstance(batch, str):
            raise FormatError("a pending batch has no name")
        if len(packed) % _COMMITMENT:
            raise FormatError("a pending batch has half a commitment", where=batch)
        cut = range(0, len(packed), _COMMITMENT)
        commitments = tuple(packed[at : at + _COMMITMENT] for at in cut)
        made = cls(batch, commitments, controls)
        if made.encode() != data:
            raise FormatError("a pending batch is not in its one spelling", where=batch[:80])
        return made

    def entries(self, first: int) -> list[bytes]:
        """Return the ledger entries of the batch when it begins at index ``first``.

        Raises `FormatError` where a control is not well formed, the segments do not hold
        each observation of the batch once, or a generation names others as its own.
        """
        seals = [body for body in self.controls if body.get("t") == "seal"]
        if not self.controls or len(seals) > 1:
            raise FormatError("a batch has control entries, at most one of them a seal")
        observations = [entry.observation(commitment) for commitment in self.commitments]
        controls = [entry.control(self._placed(body, first)) for body in self.controls]
        self._check_leaves(seals)
        return observations + controls

    def _placed(self, body: dict[str, Any], first: int) -> dict[str, Any]:
        """Return a control as it goes into the log: with the batch's id and absolute leaves."""
        placed = {**body, "id": self.id}
        if placed.get("t") == "seal":
            check_seal(placed)  # before its leaves are moved
        if placed.get("t") == "seal" and placed["stage"] != COMPACT:  # whose leaves are there
            placed["segments"] = [
                {**segment, "leaves": ranges.shift(segment["leaves"], first)}
                for segment in placed["segments"]
            ]
        if _is_generation(placed):
            check_generation(body)
            placed["leaves"] = ranges.shift(placed["leaves"], first)
        return placed

    def _check_leaves(self, seals: list[dict[str, Any]]) -> None:
        """Refuse a batch whose segments leave an observation out, or claim one twice."""
        own = [seal for seal in seals if seal["stage"] not in (COMPACT, DESTROY)]
        claimed = [pair for seal in own for one in seal["segments"] for pair in one["leaves"]]
        count = len(self.commitments)
        whole = [[0, count]] if count else []
        if ranges.count(claimed) != count or ranges.union(claimed, []) != whole:
            raise FormatError("the segments of a batch do not hold each of its leaves once")
        if any(body["leaves"][-1][1] > count for body in self.controls if _is_generation(body)):
            raise FormatError("a generation of leaves that are not its batch's")


def _is_generation(body: dict[str, Any]) -> bool:
    return body.get("t") == "generation"
