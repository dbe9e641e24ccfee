"""What changed on a site, by stream, and the comparison of two states of its database."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.real.wordpress.oracle import Truth

__all__ = ["Changes", "StreamChanges", "between"]


@dataclass(slots=True)
class StreamChanges:
    """What happened to the things of one stream, by id.

    ``edited``: somebody changed its text or description. ``touched``: a field of it
    changed as a consequence of something else (a comment whose parent was deleted, a
    post whose author was). ``states``: old and new state, where that changed; a thing
    may have been edited as well. ``new`` and ``deleted`` things are in no other set.
    """

    new: set[int] = field(default_factory=set)
    edited: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    states: dict[int, tuple[str, str]] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)

    @property
    def changed(self) -> set[int]:
        """Ids that were there before, are there now, and differ."""
        return self.edited | self.touched | set(self.states)


@dataclass(slots=True)
class Changes:
    """What happened, by stream; states are spelt as in `tests.real.wordpress.oracle`."""

    posts: StreamChanges = field(default_factory=StreamChanges)
    pages: StreamChanges = field(default_factory=StreamChanges)
    revisions: StreamChanges = field(default_factory=StreamChanges)
    comments: StreamChanges = field(default_factory=StreamChanges)
    users: StreamChanges = field(default_factory=StreamChanges)
    media: StreamChanges = field(default_factory=StreamChanges)


def between(before: Truth, after: Truth) -> dict[str, StreamChanges]:
    """Compare two states of the database, stream by stream.

    Every thing that differs is in ``edited``: the database does not tell why it differs.
    """
    streams = (item.name for item in fields(before))
    return {name: _compare(getattr(before, name), getattr(after, name)) for name in streams}


def _compare(before: Mapping[int, Any], after: Mapping[int, Any]) -> StreamChanges:
    stayed = before.keys() & after.keys()
    states = {
        number: (before[number].status, after[number].status)
        for number in stayed
        if getattr(before[number], "status", "") != getattr(after[number], "status", "")
    }
    differing = {number for number in stayed if before[number] != after[number]}
    return StreamChanges(
        new=set(after.keys() - before.keys()),
        edited=differing,
        states=states,
        deleted=set(before.keys() - after.keys()),
    )
