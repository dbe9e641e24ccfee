"""What a ``generation`` entry must have: which new leaves read which old ones anew. Pure.

Member by member: ``docs/formats/ledger.md``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["check_generation", "pairs"]

_MEMBERS = frozenset(("t", "id", "time", "account", "leaves", "of"))
_HANDLE = re.compile("[0-9a-z]{1,64}")


def check_generation(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless a generation has all its members, each of its form.

    Without ``id`` it is still to be placed: then its leaves count from its batch's first.
    """
    if not body.keys() | {"id"} >= _MEMBERS:
        raise FormatError("a generation lacks members", where=", ".join(sorted(body))[:80])
    if not isinstance(body["account"], str) or not _HANDLE.fullmatch(body["account"]):
        raise FormatError("a generation of no account")
    leaves, of = body["leaves"], body["of"]
    if not ranges.are_ranges(leaves) or not ranges.are_ranges(of) or not leaves:
        raise FormatError("a generation without sets of leaves")
    if ranges.count(leaves) != ranges.count(of):
        raise FormatError("a generation of more leaves than it reads anew, or fewer")
    if "id" in body and of[-1][1] > leaves[0][0]:
        raise FormatError("a generation of leaves that come after it")


def pairs(body: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Yield each new leaf with the old one that it reads anew, in order."""
    return zip(ranges.numbers(body["leaves"]), ranges.numbers(body["of"]), strict=True)
