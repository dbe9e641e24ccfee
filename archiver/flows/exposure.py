"""Exposure: since when something could have come and gone without being seen.

Nobody sees what was posted and deleted, or edited and edited back, between two readings.
The ledger says when each run over an account began and how far it read each stream, so
anybody can tell how wide those gaps are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from archiver.ledger.state import LedgerState

__all__ = ["Exposure", "exposures"]


class Exposure(NamedTuple):
    """When the latest readings of a stream began, in canonical time; "" where none did.

    What is new was last looked for at ``new_since``: anything that came and went after it is
    unseen; where a platform counts as many as the archive has, nothing is taken for new.
    Everything was last read at ``whole_since``: older things that were edited and
    edited back, or deleted and restored, after it are unseen.
    """

    new_since: str = ""
    whole_since: str = ""


def exposures(state: LedgerState, account: str) -> dict[str, Exposure]:
    """Return the exposure of each stream of an account (its handle) that a run read."""
    found: dict[str, Exposure] = {}
    for _, body in state.controls:
        if body["t"] != "repeat" or body["account"] != account or not body["ended"]:
            continue
        for stream, counts in body["counts"].items():
            before = found.get(stream, Exposure())
            if not counts["broken"] and (counts["whole"] or counts["stopped"]):
                whole = before.whole_since if counts["stopped"] else body["began"]
                found[stream] = Exposure(body["began"], whole)
    return found
