"""Content identifiers, record keys and repositories (atproto.com/specs/data-model, /tid)."""

from __future__ import annotations

from base64 import b32decode, b32encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = ["blob_cid", "car", "cbor", "ordered", "record_cid", "tid"]

_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_RAW, _CBOR = 0x55, 0x71
_SMALL = 24
_LINK_TAG = b"\xd8\x2a"


def tid(moment: datetime) -> str:
    """Return a record key that tells the time: 13 characters, in the order of time."""
    number = int(moment.timestamp() * 1_000_000) << 10
    return "".join(_SORTABLE[number >> shift & 31] for shift in range(60, -1, -5))


def blob_cid(data: bytes) -> str:
    """Return the identifier of a file's bytes."""
    return _text(_cid(_RAW, data))


def record_cid(value: object) -> str:
    """Return the identifier of a record, by its DAG-CBOR."""
    return _text(_cid(_CBOR, cbor(value)))


def car(values: Iterable[object], did: str, rev: str) -> bytes:
    """Return a CAR file (version 1) of a commit and records. It has no tree and no signature."""
    blocks = [cbor(value) for value in values]
    links = [{"$link": _text(_cid(_CBOR, block))} for block in blocks]
    commit = cbor({"did": did, "version": 3, "data": links, "rev": rev, "prev": None})
    head = cbor({"version": 1, "roots": [{"$link": _text(_cid(_CBOR, commit))}]})
    parts = [head, *(_cid(_CBOR, block) + block for block in (commit, *blocks))]
    return b"".join(_varint(len(part)) + part for part in parts)


def _cid(codec: int, data: bytes) -> bytes:
    return bytes((1, codec, 0x12, 0x20)) + sha256(data).digest()


def _text(cid: bytes) -> str:
    return "b" + b32encode(cid).decode().lower().rstrip("=")


def _bytes(cid: str) -> bytes:
    body = cid[1:].upper()
    return b32decode(body + "=" * (-len(body) % 8))


def _varint(number: int) -> bytes:
    found = b""
    while number > 127:  # noqa: PLR2004 - seven bits a byte (LEB128)
        found += bytes((number & 127 | 128,))
        number >>= 7
    return found + bytes((number,))


def _head(major: int, number: int) -> bytes:
    if number < _SMALL:
        return bytes((major << 5 | number,))
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes((major << 5 | 23 + size.bit_length(),)) + number.to_bytes(size, "big")


def cbor(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return the one DAG-CBOR of a JSON value or bytes (shortest heads, keys by length)."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes | str):
        major, data = (2, value) if isinstance(value, bytes) else (3, value.encode())
        return _head(major, len(data)) + data
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    if set(value) == {"$link"}:
        link = b"\0" + _bytes(value["$link"])
        return _LINK_TAG + _head(2, len(link)) + link
    pairs = ordered(value).items()
    return _head(5, len(pairs)) + b"".join(cbor(key) + cbor(one) for key, one in pairs)


def ordered(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value with its members as servers give them back: shorter names first."""
    if isinstance(value, list):
        return [ordered(one) for one in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: (len(name.encode()), name))
    return {name: ordered(value[name]) for name in names}
