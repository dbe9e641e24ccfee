"""CAR files: blocks are found where they lie, and only if they are what their name says."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.demo.bluesky.encoding import car, cbor, record_cid
from archiver.errors import FormatError
from archiver.formats.car import blocks, cid_of
from archiver.formats.dag_cbor import cid_text

VALUES = [{"text": "one"}, {"text": "two" * 100}]


def test_blocks_are_found_by_their_identifiers() -> None:
    """The commit's, and each record's, wherever the file lies."""
    data = b"before" + car(VALUES, "did:plc:x", "3k") + b"after"
    found = blocks(data, 6, len(data) - 5)
    shown = {cid_text(cid): data[slice(*place)] for cid, place in found.items()}
    assert shown.items() >= {record_cid(one): cbor(one) for one in VALUES}.items()
    assert len(shown) == 3
    assert cid_text(cid_of(cbor(VALUES[0]))) == record_cid(VALUES[0])


def test_a_block_that_is_not_what_it_is_called_is_left_out() -> None:
    """One changed bit, and nothing goes by that name."""
    data = bytearray(car(VALUES, "did:plc:x", "3k"))
    data[-1] ^= 1
    found = blocks(bytes(data), 0, len(data))
    assert record_cid(VALUES[1]) not in {cid_text(cid) for cid in found}
    assert len(found) == 2


def test_other_digests_are_left_out() -> None:
    """An identifier of another kind names nothing here."""
    block = cbor({"a": 1})
    named = b"\1\x71\x13\x20" + sha256(block).digest() + block
    head = cbor({"version": 1, "roots": []})
    data = bytes((len(head),)) + head + bytes((len(named),)) + named
    assert blocks(data, 0, len(data)) == {}


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x05abc", b"\x80\x80", b"\x01\x01"])
def test_what_is_no_file_is_refused(data: bytes) -> None:
    """Empty, cut, without a length, without a header."""
    with pytest.raises(FormatError):
        blocks(data, 0, len(data))


@given(st.integers(1, 400))
def test_a_cut_file_is_refused(length: int) -> None:
    """Wherever it was cut but between blocks."""
    data = car(VALUES, "did:plc:x", "3k")
    try:
        found = blocks(data, 0, min(length, len(data)))
    except FormatError:
        return
    assert len(found) <= 3


@given(st.binary(max_size=80))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Whatever came: blocks, or a `FormatError`."""
    try:
        found = blocks(data, 0, len(data))
    except FormatError:
        return
    assert all(start <= end <= len(data) for start, end in found.values())
