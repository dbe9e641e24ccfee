"""A witness's keys in memory, for tests of cosignatures."""

from __future__ import annotations

from hashlib import sha256

from archiver.edges.witness import FileCosigner
from archiver.formats.cosignerkey import COSIGNER_TYPES

__all__ = ["cosigners"]


def cosigners(name: str, seed: str = "") -> list[FileCosigner]:
    """Return an Ed25519 and an ML-DSA-44 signer, the same ones for the same words."""
    chance = sha256(f"{name} {seed}".encode()).digest()
    return [FileCosigner(name, make(chance)) for make in COSIGNER_TYPES.values()]
