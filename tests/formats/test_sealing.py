"""Sealing period keys: for one recipient, one period, and not a bit else."""

from __future__ import annotations

import pytest

from archiver.errors import KeyStoreError
from archiver.formats.sealing import info_of, new_pair, seal, unseal

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
