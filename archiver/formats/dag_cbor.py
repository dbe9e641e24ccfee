"""DAG-CBOR with the places of things (ipld.io/specs/codecs/dag-cbor, RFC 8949). Pure.

Strict where it matters: definite lengths, text that is UTF-8, names that are text and
occur once, and of tags only 42, a link. Whatever else comes is a `FormatError`.
"""

from __future__ import annotations

import json
import math
import re
import struct
from base64 import b32encode, b64encode
from typing import NamedTuple

from archiver.errors import FormatError

__all__ = ["Link", "Part", "cid_text", "elements", "json_text", "parts", "read"]

_DEEPEST = 128
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_SIZES = {24: 1, 25: 2, 26: 4, 27: 8}
_LINK = 42
_SIMPLE_VALUES = {20: False, 21: True, 22: None}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_LARGEST_INDEX = 2**32 - 2


class Link(NamedTuple):
    """A link: the binary content identifier that it holds."""

    cid: bytes


class Part(NamedTuple):
    """Where a value lies, and where its content lies if it is bytes or text."""

    start: int
    content: int
    end: int


class _Head(NamedTuple):
    major: int
    info: int
    argument: int
    end: int


def read(data: bytes, at: int = 0) -> tuple[object, int]:
    """Return the value that begins at ``at``, and where it ends. Raises `FormatError`.

    Maps are dicts in the order of the bytes, links `Link`.
    """
    return _value(data, at, 0)


def parts(data: bytes, at: int = 0) -> tuple[dict[str, Part], int]:
    """Return where the values of the map at ``at`` lie, and where it ends.

    Raises `FormatError` where there is no map.
    """
    head = _head(data, at)
    if head.major != _MAP:
        raise _wrong("no map", at)
    found, at = dict[str, Part](), head.end
    for _ in range(head.argument):
        name, at = _name(data, at, found)
        content = _head(data, at).end
        end = _value(data, at, 1)[1]
        found[name] = Part(at, content, end)
        at = end
    return found, at


def elements(data: bytes, at: int = 0) -> list[Part]:
    """Return where the elements of the array at ``at`` lie. Raises `FormatError`."""
    head = _head(data, at)
    if head.major != _ARRAY:
        raise _wrong("no array", at)
    found, at = [], head.end
    for _ in range(head.argument):
        content = _head(data, at).end
        end = _value(data, at, 1)[1]
        found.append(Part(at, content, end))
        at = end
    return found


def cid_text(cid: bytes) -> str:
    """Return a binary content identifier as text (multibase base32, lower case)."""
    return "b" + b32encode(cid).decode().lower().rstrip("=")


def json_text(value: object) -> str:
    """Return a value as servers of the AT Protocol spell it in JSON.

    Links and bytes as ``$link`` and ``$bytes`` (atproto.com/specs/data-model), compact,
    members in the order of ECMAScript: names that are array indices first.
    """
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, Link):
        return {"$link": cid_text(value.cid)}
    if isinstance(value, bytes):
        return {"$bytes": b64encode(value).decode().rstrip("=")}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        names = list(value)
        indices = sorted((name for name in names if _is_index(name)), key=int)
        rest = [name for name in names if not _is_index(name)]
        return {name: _plain(value[name]) for name in [*indices, *rest]}
    return value


def _is_index(name: str) -> bool:
    return _INDEX.fullmatch(name) is not None and int(name) <= _LARGEST_INDEX


def _value(data: bytes, at: int, depth: int) -> tuple[object, int]:
    head = _head(data, at)
    if depth > _DEEPEST:
        raise _wrong("nested too deeply", at)
    if head.major in {_BYTES, _TEXT}:
        return _string(data, head)
    if head.major == _ARRAY:
        return _array(data, head, depth)
    if head.major == _MAP:
        return _map(data, head, depth)
    if head.major == _TAG:
        return _link(data, head)
    if head.major == _SIMPLE:
        return _simple(data, head), head.end
    return (head.argument if head.major == _UNSIGNED else -1 - head.argument), head.end


def _head(data: bytes, at: int) -> _Head:
    """Read a head: what comes, and how large it is (RFC 8949 §3)."""
    if at >= len(data):
        raise _wrong("the data ends", at)
    major, info = data[at] >> 5, data[at] & 31
    if info < min(_SIZES):
        return _Head(major, info, info, at + 1)
    if info not in _SIZES:
        raise _wrong("no definite length", at)
    end = at + 1 + _SIZES[info]
    if end > len(data):
        raise _wrong("the data ends", at)
    return _Head(major, info, int.from_bytes(data[at + 1 : end], "big"), end)


def _string(data: bytes, head: _Head) -> tuple[object, int]:
    end = head.end + head.argument
    if end > len(data):
        raise _wrong("the data ends", head.end)
    content = data[head.end : end]
    if head.major == _BYTES:
        return content, end
    try:
        return content.decode(), end
    except UnicodeDecodeError as error:
        raise _wrong("text that is no UTF-8", head.end) from error


def _array(data: bytes, head: _Head, depth: int) -> tuple[object, int]:
    found, at = [], head.end
    for _ in range(head.argument):
        one, at = _value(data, at, depth + 1)
        found.append(one)
    return found, at


def _map(data: bytes, head: _Head, depth: int) -> tuple[object, int]:
    found, at = dict[str, object](), head.end
    for _ in range(head.argument):
        name, at = _name(data, at, found)
        found[name], at = _value(data, at, depth + 1)
    return found, at


def _name(data: bytes, at: int, before: dict[str, object] | dict[str, Part]) -> tuple[str, int]:
    head = _head(data, at)
    name, end = _string(data, head) if head.major == _TEXT else (None, at)
    if not isinstance(name, str) or name in before:
        raise _wrong("a name that is no text, or is there twice", at)
    return name, end


def _link(data: bytes, head: _Head) -> tuple[object, int]:
    inner = _head(data, head.end)
    content, end = _string(data, inner) if inner.major == _BYTES else (b"", 0)
    if head.argument != _LINK or not isinstance(content, bytes) or content[:1] != b"\0":
        raise _wrong("a tag that is no link", head.end)
    return Link(content[1:]), end


def _simple(data: bytes, head: _Head) -> object:
    if head.info in _FLOATS:
        number: float = struct.unpack(_FLOATS[head.info], _argument(data, head))[0]
        if math.isfinite(number):
            return int(number) if number.is_integer() else number
    elif head.info in _SIMPLE_VALUES:
        return _SIMPLE_VALUES[head.info]
    raise _wrong("a value that JSON has not", head.end)


def _argument(data: bytes, head: _Head) -> bytes:
    return data[head.end - _SIZES[head.info] : head.end]


def _wrong(what: str, at: int) -> FormatError:
    return FormatError(f"not DAG-CBOR: {what}", where=f"byte {at}")
