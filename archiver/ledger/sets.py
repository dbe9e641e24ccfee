"""Sets of leaves too long for the entry that means them: files ``sets/<ulid>``. Pure.

An entry then names the file and its SHA-256 where the ranges would stand, so the file is
as much part of the ledger as the entry is. Byte-level rules: ``docs/formats/ledger.md``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError
from archiver.ids import is_ulid
from archiver.ledger.ranges import are_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.ledger.ranges import Ranges

__all__ = ["SetFile", "encode_set", "parse_set", "set_files"]

_OPENING = re.compile(r"[0-9a-f]{64} [0-9a-f]{1,4096}")
_LINE = re.compile(r"(0|[1-9][0-9]{0,18}) ([1-9][0-9]{0,18})")
_SHA256 = re.compile("[0-9a-f]{64}")


class SetFile(NamedTuple):
    """A set file that an entry names: its ULID, and the SHA-256 (hex) of its bytes."""

    name: str
    sha256: str


def encode_set(leaves: Ranges, nonce: bytes, padding: bytes) -> bytes:
    """Return a set file: nonce and padding, then a range a line, first and end.

    ``padding``: ASCII digits, written as they are. Raises `FormatError` for what is no
    set: sorted, disjoint, half-open, not touching.
    """
    if not are_ranges(leaves) or not leaves:
        raise FormatError("not a set of leaves", mend="give sorted, disjoint ranges")
    lines = [f"{nonce.hex()} {padding.decode()}", *(f"{first} {end}" for first, end in leaves)]
    return ("\n".join(lines) + "\n").encode()


def parse_set(data: bytes) -> Ranges:
    """Return the leaves in a set file. Raises `FormatError`."""
    try:
        opening, *lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise FormatError("a set file is not ASCII") from error
    if not _OPENING.fullmatch(opening) or not lines or lines.pop() != "":
        raise FormatError("a set file does not begin with its nonce, or is cut")
    found = [_LINE.fullmatch(line) for line in lines]
    leaves = [[int(one[1]), int(one[2])] for one in found if one]
    if len(leaves) != len(lines) or not leaves or not are_ranges(leaves):
        raise FormatError("a set file is not sorted, disjoint ranges")
    return leaves


def set_files(body: Mapping[str, Any]) -> Iterator[SetFile]:
    """Yield the set files that a control entry names. Raises `FormatError`."""
    for name, value in body.items():
        if isinstance(value, dict) and "set" in value:
            whole = value.keys() == {"set", "sha256"} and all(
                isinstance(one, str) for one in value.values()
            )
            if not whole or not is_ulid(value["set"]) or not _SHA256.fullmatch(value["sha256"]):
                raise FormatError("a set is its ULID and SHA-256", where=f"{body['t']} {name}"[:80])
            yield SetFile(value["set"], value["sha256"])
