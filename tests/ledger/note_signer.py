"""A signer that holds an Ed25519 key in memory, as the tests of notes and proofs need it."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archiver.ledger.checkpoint import verifier_key


class MemorySigner:
    """The `Signer` port over a key made of its name, so that every run signs the same."""

    def __init__(self, name: str, seed: str = "") -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(
            hashlib.sha256(f"{name} {seed}".encode()).digest()
        )
        self.public = self._key.public_key().public_bytes_raw()
        self._verifier_key = verifier_key(name, self.public)

    @property
    def verifier_key(self) -> str:
        """The public key as ``name+hash+base64``."""
        return self._verifier_key

    def sign(self, message: bytes) -> bytes:
        """Return the signature."""
        return self._key.sign(message)
