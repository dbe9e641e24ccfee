"""The set of leaves that people signed for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.ledger.deciding import set_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.ledger.ranges import Ranges
    from archiver.registry.deciding import Decided

__all__ = ["signed_leaves"]


def signed_leaves(resolve: Callable[[object], Ranges], one: Decided) -> Ranges | None:
    """Return the leaves of an act, None where they are not what was signed (ADR 0112).

    ``resolve`` reads a set as an entry has it; it raises `ArchiverError` where a file is gone.
    """
    try:
        leaves = resolve(one.leaves)
    except ArchiverError:
        return None
    size = int(one.statement["size"])
    inside = size <= one.entry and (not leaves or leaves[-1][1] <= size)
    return leaves if inside and set_digest(leaves) == one.statement["covers"] else None
