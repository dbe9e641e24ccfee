"""What may be done to a stored object by whoever holds the bucket: part by part.

The kinds of objects are those that docs/formats/archive-layout.md lists, the suffixes those
of docs/formats/segments.md, and each is cut into the parts that its page describes.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Tampered", "kind_of", "kinds", "parts_of", "tamperings"]

_CHUNK = 16 * 1024 + 16
_HEADER = 56
_SEQUENCE = b"\x30"  # how DER begins
_PARTS, _MOST = 8, {"log/tile/entries/": 48}
"""How many parts of an object are tampered with: neighbours of many go together."""


class Tampered(NamedTuple):
    """An object changed: what was done, and its bytes then."""

    how: str
    data: bytes


def kinds(formats: Path) -> set[str]:
    """Return the kinds of objects that the specification names."""
    layout = (formats / "archive-layout.md").read_text("utf-8")
    keys = re.findall(r"^\| `([^`]+)` \|", layout, re.MULTILINE)
    segments = (formats / "segments.md").read_text("utf-8")
    suffixes = re.findall(r"^\| `([a-z.]+)` \|", segments, re.MULTILINE)
    found = {key.partition("<")[0] for key in keys if not key.startswith("u/")}
    return found | set(suffixes)


def kind_of(key: str, known: set[str]) -> str:
    """Return of which kind an object is, its encryption aside."""
    start = next((one for one in sorted(known, reverse=True) if key.startswith(one)), "")
    return start or key.partition(".")[2].removesuffix(".c256")


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def _members(data: bytes) -> list[bytes]:
    return re.split(rb"(?<=,)|(?<=:)", data)


def _pieces(data: bytes, first: int, size: int) -> list[bytes]:
    rest = [data[at : at + size] for at in range(first, len(data), size)]
    return [data[:first], *rest] if first else rest


def _hashes(data: bytes) -> list[bytes]:
    return _pieces(data, 0, 32)


def _evidence(data: bytes) -> list[bytes]:
    """Cut a note or a second hash into lines, a reply in DER into pieces."""
    return _pieces(data, 0, 64) if data.startswith(_SEQUENCE) else _lines(data)


def _entries(data: bytes) -> list[bytes]:
    """Cut a bundle into lengths, first bytes and the members of control entries."""
    found, at = list[bytes](), 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        found += [data[at : at + 2], data[at + 2 : at + 3], *_members(data[at + 3 : end])]
        at = end
    return found


_CUT: dict[str, Callable[[bytes], list[bytes]]] = {
    "archive.json": _lines,
    "sets/": _lines,
    "log/checkpoint": _lines,
    "log/checkpoints/": _lines,
    "log/anchors/": _evidence,
    "log/tile/": _hashes,
    "log/tile/entries/": _entries,
    "log/head": _members,
    "log/staging/": _members,
    "log/pending/": _members,
    "log/refused/": lambda data: [data],
    "warc.gz": lambda data: re.split(rb"(?=\x1f\x8b\x08)", data),
    "parquet": lambda data: [data[:4], *_pieces(data[4:-8], 0, 256), data[-8:-4], data[-4:]],
    "idx": lambda data: re.split(rb"(?<=[ \n])", data),
    "map": lambda data: re.split(rb"(?<=[,\n])", data),
}


def parts_of(kind: str, key: str, data: bytes) -> list[bytes]:
    """Cut an object of a kind into the parts that its specification describes."""
    if key.endswith(".c256"):
        return [data[:24], data[24:_HEADER], *_pieces(data[_HEADER:], 0, _CHUNK)]
    found = [one for one in _CUT[kind](data) if one]
    return [b"".join(part) for part in _shared(found, _MOST.get(kind, _PARTS))]


def _shared(parts: list[bytes], count: int) -> Iterator[list[bytes]]:
    """Yield at most so many groups of neighbouring parts, as even as they can be."""
    edges = [round(len(parts) * at / count) for at in range(count + 1)]
    yield from (parts[a:b] for a, b in pairwise(edges) if b > a)


def tamperings(parts: list[bytes], old: bytes | None) -> Iterator[Tampered]:
    """Yield an object with each part changed, swapped, cut, doubled; reordered; its end dropped.

    ``old``: what stood under its key before.
    """
    whole, made = b"".join(parts), dict[bytes, str]()
    for at, part in enumerate(parts):
        before, after = parts[:at], parts[at + 1 :]
        changed = part[:-1] + bytes((part[-1] ^ 1,))
        made[b"".join([*before, changed, *after])] = f"part {at} changed"
        made[b"".join([*before, part[: len(part) // 2], *after])] = f"part {at} truncated"
        made[b"".join([*before, part, part, *after])] = f"part {at} duplicated"
        made[b"".join([*before, *after])] = f"part {at} dropped"
        if after:
            made[b"".join([*before, after[0], part, *after[1:]])] = f"parts {at}, {at + 1} swapped"
    for count in range(1, min(4, len(parts))):
        made[b"".join(parts[:-count])] = f"last {count} dropped"
    made[b"".join(reversed(parts))] = "reordered"
    made[b""] = "emptied"
    if old is not None:
        made[old] = "an old one replayed"
    made.pop(whole, None)
    yield from (Tampered(how, data) for data, how in made.items())
