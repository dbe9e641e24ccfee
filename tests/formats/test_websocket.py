"""WebSocket frames as a server sends them (RFC 6455 §5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.formats.websocket import (
    BINARY,
    LONGEST_HEAD,
    PING,
    PONG,
    TEXT,
    control,
    frames,
    length,
)


def framed(payload: bytes, opcode: int = BINARY, *, last: bool = True) -> bytes:
    """Return one frame as a server sends it."""
    size = len(payload)
    if size < 126:
        length = bytes((size,))
    elif size < 1 << 16:
        length = b"\x7e" + size.to_bytes(2, "big")
    else:
        length = b"\x7f" + size.to_bytes(8, "big")
    return bytes((0x80 * last | opcode,)) + length + payload


@given(st.lists(st.sampled_from([0, 1, 125, 126, 65_535, 65_536]), max_size=5), st.integers(0, 9))
def test_whole_frames_are_found_and_a_cut_one_is_not(sizes: list[int], cut: int) -> None:
    """Each length encoding is read; reading ends where the bytes do."""
    payloads = [bytes((size % 251,)) * size for size in sizes]
    data = b"".join(map(framed, payloads))
    found = list(frames(data))
    assert [data[one.start : one.end] for one in found] == payloads
    assert all(one.opcode == BINARY and one.last for one in found)
    assert [one.begin for one in found] == [0, *(one.end for one in found)][: len(found)]
    if cut and sizes:
        assert list(frames(data[:-1]))[: len(sizes)] == found[:-1]


def test_the_examples_of_the_standard() -> None:
    """RFC 6455 §5.7: an unmasked text, two fragments, and a masked pong."""
    (hello,) = frames(b"\x81\x05Hello")
    assert (hello.opcode, hello.last) == (TEXT, True)
    parts = list(frames(b"\x01\x03Hel\x80\x02lo"))
    assert [(one.opcode, one.last) for one in parts] == [(TEXT, False), (0, True)]
    assert (
        control(PONG, b"Hello", b"\x37\xfa\x21\x3d")
        == b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
    )


@pytest.mark.parametrize(
    "data",
    [b"\xc1\x00", b"\x81\x80abcd", b"\x83\x00", b"\x81\x7f" + b"\xff" * 8 + b"x", b"\x81"],
    ids=["reserved bit", "masked", "unknown opcode", "too long", "half a head"],
)
def test_what_no_server_sends_ends_the_reading(data: bytes) -> None:
    """A frame that can't be is not guessed at; those before it stand."""
    assert [one.opcode for one in frames(framed(b"", PING) + data)] == [PING]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_complaint(data: bytes) -> None:
    """No bytes raise, and no frame reaches beyond them."""
    assert all(one.begin < one.start <= one.end <= len(data) for one in frames(data))


@given(st.sampled_from([0, 1, 125, 126, 65_535, 65_536]), st.integers(0, 12))
def test_the_length_of_a_frame_stands_in_its_head(size: int, came: int) -> None:
    """Of a cut head it is as much as must come first; the whole head tells the whole length."""
    data = framed(bytes(size))
    assert length(data[:LONGEST_HEAD]) == len(data)
    told = length(data[: min(came, LONGEST_HEAD)])
    assert told == len(data) or min(came, LONGEST_HEAD) < told <= LONGEST_HEAD


def test_a_masked_frame_is_not_waited_for() -> None:
    """Servers send none: its reading ends at once."""
    assert length(b"\x81\xff") == 0
