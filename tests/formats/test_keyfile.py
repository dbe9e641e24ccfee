"""The bytes of the key store's files, and the names they lie under."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError, KeyStoreError
from archiver.formats import keyfile, notekey, prefixed
from tests.formats.examples import read_examples

names = st.text(min_size=1, max_size=20)
keys = st.binary(min_size=32, max_size=32)


@given(names, names, keys, keys, st.binary(min_size=12, max_size=12))
def test_wrap_opens_for_its_names_and_key(
    object_id: str, period: str, file_key: bytes, period_key: bytes, nonce: bytes
) -> None:
    """A wrap gives back the file key, and states object and period."""
    data = keyfile.wrap(file_key, period_key, nonce, object_id, period)
    assert keyfile.wrapped_names(data) == (object_id, period)
    assert keyfile.open_wrap(data, period_key, object_id, period) == file_key


@given(names, keys)
def test_period_key_comes_back(period: str, key: bytes) -> None:
    """A period key file gives back period and key."""
    data = keyfile.encode_period_key(period, key)
    assert keyfile.period_of(data) == period
    assert keyfile.decode_period_key(data, period) == key
    with pytest.raises(KeyStoreError):
        keyfile.decode_period_key(data, period + "x")


def test_stated_names_are_proved_by_opening() -> None:
    """A wrap whose stated object was changed does not open under the changed name."""
    data = keyfile.wrap(bytes(32), bytes(32), bytes(12), "one", "p").replace(b"one", b"two")
    assert keyfile.wrapped_names(data) == ("two", "p")
    with pytest.raises(KeyStoreError, match="does not open"):
        keyfile.open_wrap(data, bytes(32), "two", "p")


def test_key_of_another_size_is_refused() -> None:
    """No key but one of 32 bytes is stored or wrapped."""
    with pytest.raises(KeyStoreError):
        keyfile.encode_period_key("p", bytes(31))
    with pytest.raises(KeyStoreError):
        keyfile.wrap(bytes(33), bytes(32), bytes(12), "one", "p")


@given(st.binary(max_size=80))
def test_noise_is_refused(data: bytes) -> None:
    """Arbitrary bytes are an error of the key store, with and without the right start."""
    for start in (b"", keyfile.WRAP_TAG):
        with pytest.raises(KeyStoreError):
            keyfile.open_wrap(start + data, bytes(32), "one", "p")


@given(st.lists(names, max_size=4), st.binary(max_size=8))
def test_texts_come_back(texts: list[str], rest: bytes) -> None:
    """Length-prefixed texts come back with whatever followed them."""
    assert prefixed.split(prefixed.join(*texts) + rest, len(texts)) == (tuple(texts), rest)


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0", b"\0\2a", b"\0\1\xff"])
def test_bad_texts_are_refused(data: bytes) -> None:
    """A text that is missing, empty, cut off or not UTF-8 is refused."""
    with pytest.raises(FormatError):
        prefixed.split(data, 1)


def test_worked_example_of_the_key_store() -> None:
    """Every line of the example in docs/formats/keystore.md is what the rules give."""
    example = read_examples("keystore.md", "### Example")
    period, object_id = example["period"], example["object id"]
    period_key, file_key, nonce, key_file, wrap_file = (
        bytes.fromhex(example[name])
        for name in ("period key", "file key", "nonce", "key file", "wrap file")
    )
    assert example["period name"] == keyfile.period_name(period)
    assert example["object name"] == keyfile.object_name(object_id)
    assert keyfile.encode_period_key(period, period_key) == key_file
    assert keyfile.wrap(file_key, period_key, nonce, object_id, period) == wrap_file
    assert keyfile.open_wrap(wrap_file, period_key, object_id, period) == file_key


def test_worked_example_of_the_signing_key() -> None:
    """Both key lines in docs/formats/keystore.md are those of its seed."""
    example = read_examples("keystore.md", "### Example")
    seed = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(example["file key"]))
    name = "example.gov/archive"
    assert example["signer"] == notekey.encode_signer_key(name, seed)
    public = seed.public_key().public_bytes_raw()
    assert example["verifier"] == notekey.verifier_key(name, public)
