"""A batch: what a worker asks the sequencer to append to the ledger in one step. Pure.

Its entries are the observations' commitments, in order, then its control entries.
Segments in a seal name their leaves relative to the batch; the sequencer, who alone
knows where the batch lands, makes them absolute.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from archiver.errors import FormatError
from archiver.ledger import entry, ranges

__all__ = ["Batch"]

_COMMITMENT = entry.COMMITMENT_BYTES


@dataclass(frozen=True, slots=True)
class Batch:
    """``id`` is the batch's ULID; ``controls`` are control entries still to be placed."""

    id: str
    commitments: tuple[bytes, ...]
    controls: tuple[dict[str, Any], ...]

    def encode(self) -> bytes:
        """Return the batch as it is left in ``pending/``."""
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
            batch = str(document["batch"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FormatError(f"not a pending batch: {error!r}") from error
        if len(packed) % _COMMITMENT:
            raise FormatError("a pending batch has half a commitment", where=batch)
        cut = range(0, len(packed), _COMMITMENT)
        commitments = tuple(packed[at : at + _COMMITMENT] for at in cut)
        return cls(batch, commitments, controls)

    def entries(self, first: int) -> list[bytes]:
        """Return the ledger entries of the batch when it begins at index ``first``.

        Raises `FormatError` where a control is not well formed.
        """
        observations = [entry.observation(commitment) for commitment in self.commitments]
        return observations + [entry.control(self._placed(body, first)) for body in self.controls]

    def _placed(self, body: dict[str, Any], first: int) -> dict[str, Any]:
        if body.get("t") != "seal":
            return body
        segments = [
            {**segment, "leaves": ranges.shift(self._own(segment), first)}
            for segment in body.get("segments", [])
        ]
        return {**body, "id": self.id, "segments": segments}

    def _own(self, segment: dict[str, Any]) -> ranges.Ranges:
        leaves: Any = segment.get("leaves")
        if not ranges.are_ranges(leaves) or (leaves and leaves[-1][1] > len(self.commitments)):
            raise FormatError("a segment names leaves its batch does not have", where=self.id)
        return ranges.shift(leaves, 0)
