"""``anchor`` entries: which files of outside evidence the archive has. Pure.

Three kinds of file: ``cosigned``, a signed checkpoint with the cosignatures of witnesses;
``timestamp``, a reply of a time-stamp authority over other anchor files; ``rehash``, a
second hash over everything (`archiver.ledger.rehash`). Members: ``docs/formats/anchors.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ids import is_ulid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "COSIGNED",
    "MOST_STAMPED",
    "REHASH",
    "TIMESTAMP",
    "Anchor",
    "anchors_of",
    "check_anchor",
    "only_anchors_since",
]

COSIGNED, TIMESTAMP, REHASH = "cosigned", "timestamp", "rehash"
MOST_STAMPED = 2000
"""Files under one time-stamp: more names do not fit an entry."""

_DIGEST = re.compile("[0-9a-f]{64}")
_MEMBERS = frozenset(("t", "time", "kind", "size", "file", "sha256"))


@dataclass(frozen=True, slots=True)
class Anchor:
    """One file of outside evidence, as its entry (at ``index``) describes it.

    ``size``: entries of the log that it speaks of. ``of``: the files stamped, in order.
    """

    index: int
    kind: str
    size: int
    file: str
    sha256: str
    of: tuple[str, ...] = ()


def check_anchor(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless an ``anchor`` entry has its members, each of its form."""
    stamp = body.get("kind") == TIMESTAMP
    if not body.keys() >= _MEMBERS | ({"of"} if stamp else set()):
        raise FormatError("an anchor lacks members", where=", ".join(sorted(body))[:80])
    if body["kind"] not in (COSIGNED, TIMESTAMP, REHASH):  # a list is in no set
        raise FormatError("an anchor of no known kind", where=repr(body["kind"])[:80])
    if type(body["size"]) is not int or body["size"] < 1:
        raise FormatError("an anchor of no size", where=repr(body["size"])[:80])
    if not isinstance(body["sha256"], str) or not _DIGEST.fullmatch(body["sha256"]):
        raise FormatError("an anchor without the digest of its file")
    names = [body["file"], *_stamped(body)]
    if not all(isinstance(name, str) and is_ulid(name) for name in names):
        raise FormatError("an anchor whose file has no name of ours")
    if len(set(names)) != len(names):
        raise FormatError("an anchor that names a file twice")


def _stamped(body: Mapping[str, Any]) -> list[Any]:
    of = body.get("of", [])
    if (
        not isinstance(of, list)
        or len(of) > MOST_STAMPED
        or bool(of) != (body["kind"] == TIMESTAMP)
    ):
        raise FormatError("an anchor that stamps nothing, or too much")
    return of


def anchors_of(controls: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Anchor]:
    """Return all anchors of a ledger's control entries, in ledger order."""
    return [
        Anchor(
            index,
            body["kind"],
            body["size"],
            body["file"],
            body["sha256"],
            tuple(body.get("of", ())),
        )
        for index, body in controls
        if body["t"] == "anchor"
    ]


def only_anchors_since(
    controls: Iterable[tuple[int, Mapping[str, Any]]], first: int, size: int
) -> bool:
    """Tell whether all entries from ``first`` to ``size`` are anchors.

    They say nothing that would need a witness: each is checked against its file.
    """
    found = {index for index, body in controls if index >= first and body["t"] == "anchor"}
    return len(found) == size - first
