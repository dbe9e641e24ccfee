"""Sealing period keys: for one recipient, one period, and not a bit else."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from archiver.errors import KeyStoreError
from archiver.formats.sealing import info_of, new_pair, seal, unseal, unseal_by

PRIVATE, PUBLIC = new_pair()
INFO = info_of("intake/2026-11/intake", "a" * 26)
KEY = bytes(range(32))


def test_only_its_recipient_opens_it() -> None:
    """The private key opens what was sealed to the public one; another does not."""
    sealed = seal(KEY, PUBLIC, INFO)
    assert len(sealed) == 32 + 32 + 16
    assert unseal(sealed, PRIVATE, INFO) == KEY
    with pytest.raises(KeyStoreError):
        unseal(sealed, new_pair()[0], INFO)


def test_only_in_its_place() -> None:
    """Another period, another handle, or the two run together otherwise: it stays closed."""
    sealed = seal(KEY, PUBLIC, INFO)
    for info in (
        info_of("intake/2026-12/intake", "a" * 26),
        info_of("intake/2026-11/intake", "b" * 26),
        info_of("intake/2026-11/intakea", "a" * 25),
    ):
        with pytest.raises(KeyStoreError):
            unseal(sealed, PRIVATE, info)


def test_every_changed_bit_is_refused() -> None:
    """No bit of a sealed key can be another."""
    sealed = seal(KEY, PUBLIC, INFO)
    for place in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(KeyStoreError):
            unseal(bytes(changed), PRIVATE, INFO)
    for length in (0, 31, 79):
        with pytest.raises(KeyStoreError):
            unseal(sealed[:length], PRIVATE, INFO)


def test_to_no_key_nothing_is_sealed() -> None:
    """A public key of small order is refused."""
    with pytest.raises(KeyStoreError):
        seal(KEY, bytes(32), INFO)


def _exchange(other: bytes) -> bytes:
    """Do what a token does with the private key."""
    own = X25519PrivateKey.from_private_bytes(PRIVATE)
    return own.exchange(X25519PublicKey.from_public_bytes(other))


def test_a_key_that_stays_elsewhere_opens_the_same() -> None:
    """By the shared point alone: every message of the other implementation opens."""
    for _ in range(100):
        assert unseal_by(_exchange, PUBLIC, seal(KEY, PUBLIC, INFO), INFO) == KEY


def test_a_key_that_stays_elsewhere_opens_nothing_else() -> None:
    """Not another place, not another recipient's, not a changed, cut or empty message."""
    sealed = seal(KEY, PUBLIC, INFO)
    changed = [
        bytes(
            byte ^ (1 << bit % 8 if place == bit // 8 else 0) for place, byte in enumerate(sealed)
        )
        for bit in range(len(sealed) * 8)
    ]
    tries = [(one, INFO) for one in (*changed, sealed[:-1], sealed[:32], b"", sealed + b"x")]
    tries += [(sealed, info_of("intake/2026-12/intake", "a" * 26))]
    tries += [(seal(KEY, new_pair()[1], INFO), INFO), (bytes(32) + sealed[32:], INFO)]
    for one, info in tries:
        with pytest.raises(KeyStoreError):
            unseal_by(_exchange, PUBLIC, one, info)


def test_a_shared_point_of_zero_is_refused() -> None:
    """A token that answers zero, as to a point of small order, opens nothing (RFC 9180 §7.1.4)."""
    with pytest.raises(KeyStoreError):
        unseal_by(lambda _: bytes(32), PUBLIC, seal(KEY, PUBLIC, INFO), INFO)
