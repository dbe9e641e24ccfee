"""Reading a segment while it is merged and removed, or destroyed: what is said then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import MissingObjectError
from archiver.flows.ledger import read_state

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

__all__ = ["SUPERSEDED", "merged_meanwhile"]

SUPERSEDED = "segment-superseded"


def merged_meanwhile(
    archive: Archive, segment: Segment, missing: MissingObjectError
) -> MissingObjectError:
    """Return the error for a file that is gone: another one where its segment is not live."""
    state = read_state(archive)
    if segment.place not in state.superseded and segment.place not in state.destroyed:
        return missing
    return MissingObjectError(
        "what was asked for was merged into another file meanwhile, or lawfully destroyed",
        where=segment.place,
        code="segment-superseded",
        mend="run the command again",
    )
