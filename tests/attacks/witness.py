"""A real witness in this process, so that nothing but the log differs between two runs."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from archiver.flows.anchoring import Anchoring, WitnessAt
from archiver.flows.witness import Witness, add_checkpoint
from tests.doubles import FixedClock
from tests.flows.helpers import IDENTITY
from tests.ledger.cosigner import cosigners

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

__all__ = ["WITNESS", "anchoring"]

_SIGNERS = cosigners("witness.example/w1")[:1]  # Ed25519: ML-DSA-44 signs with randomness
WITNESS = tuple(one.verifier_key for one in _SIGNERS)
"""Its public keys."""


class Remembered:
    """What the witness remembers (`archiver.outsiders.WitnessStore`), in memory."""

    def __init__(self) -> None:
        self._notes: dict[str, bytes] = {}

    def exclusive(self) -> AbstractContextManager[None]:
        """Nobody else is here."""
        return nullcontext()

    def latest(self, origin: str) -> bytes | None:
        """Return the last note."""
        return self._notes.get(origin)

    def keep(self, origin: str, note: bytes) -> None:
        """Replace it."""
        self._notes[origin] = note


class Called:
    """Hands what is posted to the witness (`archiver.outsiders.Outside`), without a network."""

    def __init__(self) -> None:
        self._witness = Witness(Remembered(), _SIGNERS, IDENTITY.keys, FixedClock())

    def get(self, url: str) -> tuple[int, bytes]:
        """Nothing is to be had so."""
        assert url
        return 404, b""

    def post(self, url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        """Have a checkpoint cosigned."""
        assert url.endswith("add-checkpoint")
        assert content_type.startswith("text/plain")
        answer = add_checkpoint(self._witness, body)
        return answer.status, answer.body

    def shares_host(self, url: str, others: Sequence[str]) -> bool:
        """It runs on a machine of its own, for all that is known."""
        assert url not in others
        return False


def anchoring() -> Anchoring:
    """Return settings that name a new witness."""
    return Anchoring(
        quorum=1, witnesses=(WitnessAt("http://w1.example", WITNESS),), outside=Called()
    )
