"""Ed25519 keys as text of signed notes."""

from __future__ import annotations

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import KeyStoreError, UsageError
from archiver.formats.notekey import decode_signer_key, encode_signer_key, key_id, verifier_key

NAME = "example.gov/archive"
PUBLISHED = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
"""The verifier key of the Go checksum database, a public log that has used it since 2019."""


def test_published_key_has_its_published_id() -> None:
    """The key of a public log comes out exactly as its operator prints it."""
    name, _, encoded = PUBLISHED.split("+", 2)
    public_key = b64decode(encoded)[1:]
    assert verifier_key(name, public_key) == PUBLISHED
    assert key_id(name, public_key).hex() == "033de0ae"


@given(st.binary(min_size=32, max_size=32))
def test_signing_key_comes_back(seed: bytes) -> None:
    """An encoded signing key gives back its name and seed."""
    line = encode_signer_key(NAME, Ed25519PrivateKey.from_private_bytes(seed))
    name, private_key = decode_signer_key(line)
    assert name == NAME
    assert private_key.private_bytes_raw() == seed


def test_every_changed_bit_is_found() -> None:
    """Each single changed bit of an encoded signing key is refused, and never quoted."""
    line = encode_signer_key(NAME, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    for bit in range(len(line) * 8):
        changed = bytearray(line.encode())
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeyStoreError) as caught:
            decode_signer_key(changed.decode(errors="replace"))
        assert line[-20:] not in str(caught.value)


@pytest.mark.parametrize("line", ["", "x", "PRIVATE+KEY+", "PRIVATE+KEY+n+00000000+AQ==", "a+b+c"])
def test_what_is_no_key_is_refused(line: str) -> None:
    """Text that is no signing key is an error of the key store."""
    with pytest.raises(KeyStoreError):
        decode_signer_key(line)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2028b", "a\x00b"])
def test_names_that_notes_cannot_hold_are_refused(name: str) -> None:
    """Names with spaces, controls or a plus are refused, as signed-note says."""
    with pytest.raises(UsageError):
        verifier_key(name, bytes(32))


def test_public_key_of_another_size_is_refused() -> None:
    """A public key is 32 bytes."""
    with pytest.raises(UsageError):
        verifier_key(NAME, bytes(33))
