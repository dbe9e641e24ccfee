"""CAR files, version 1: where their blocks lie (ipld.io/specs/transport/car/carv1). Pure."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.formats.dag_cbor import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["blocks", "cid_of"]

_CID_V1 = b"\x01"
_SHA256 = b"\x12\x20"
_CID_LENGTH = 36
"""Bytes of a content identifier of version 1 with one-byte codec and SHA-256."""
_DAG_CBOR = b"\x71"
_LONGEST_NUMBER = 9


def cid_of(block: bytes) -> bytes:
    """Return the content identifier of a DAG-CBOR block."""
    return _CID_V1 + _DAG_CBOR + _SHA256 + sha256(block).digest()


def blocks(data: bytes, start: int, end: int) -> dict[bytes, tuple[int, int]]:
    """Return where the blocks of the file in ``data[start:end]`` lie, by identifier.

    A block that is not what its identifier says is left out. Raises `FormatError`.
    """
    sections = list(_sections(data, start, end))
    if not sections:
        raise FormatError("not a CAR file: it is empty")
    parts(data, sections[0][0])
    found: dict[bytes, tuple[int, int]] = {}
    for begin, stop in sections[1:]:
        cid, block = data[begin : begin + _CID_LENGTH], data[begin + _CID_LENGTH : stop]
        if cid[2:] == _SHA256 + sha256(block).digest() and cid[:1] == _CID_V1:
            found[cid] = (begin + _CID_LENGTH, stop)
    return found


def _sections(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the sections lie, the header first."""
    while at < end:
        length, begin = _number(data, at, end)
        at = begin + length
        if at > end or not length:
            raise FormatError("not a CAR file: a section is cut", where=f"byte {begin}")
        yield begin, at


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return an unsigned LEB128 number and where it ends."""
    number = 0
    for place, byte in enumerate(data[at : min(at + _LONGEST_NUMBER, end)]):
        number |= (byte & 127) << 7 * place
        if byte < 128:  # noqa: PLR2004 - seven bits a byte
            return number, at + place + 1
    raise FormatError("not a CAR file: no length", where=f"byte {at}")
