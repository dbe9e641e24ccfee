"""Exposure: since when something could have come and gone without being seen.

Nobody sees what was posted and deleted, or edited and edited back, between two readings.
The ledger says when each run over an account began and how far it read each stream, so
anybody can tell how wide those gaps are, and how far back the next run has to look.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from archiver.capture.cadence import EVERYTHING, Cadence, Look, reach, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.ledger.state import LedgerState

__all__ = ["DELIVERIES", "Exposure", "cadence_of", "exposures", "reaches", "runs"]

DELIVERIES = "deliveries"
"""The mode of what is settled of what was sent to us: it reads nothing."""
NOT_LISTED = "not known: nothing lists it for itself; it is read once, with what names it"
BROKEN = "not known: each reading of it broke off"
NOT_READ = "not known: no run that says how far it came has read it"


class Exposure(NamedTuple):
    """When the latest readings of a stream began, in canonical time; "" where none did.

    What is new was last looked for at ``new_since``: anything that came and went after it is
    unseen; where a platform counts as many as the archive has, nothing is taken for new.
    Everything was last read at ``whole_since``: older things that were edited and
    edited back, or deleted and restored, after it are unseen. ``looks``: what is dated since
    ``since`` was looked at after that, when ``began`` says, newest first; they end with the
    reading of everything, where there was one. ``unknown``: why none of this is known.
    """

    new_since: str = ""
    whole_since: str = ""
    looks: tuple[Look, ...] = ()
    unknown: str = NOT_LISTED

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**self._asdict(), "looks": [one._asdict() for one in self.looks]}


def runs(state: LedgerState, account: str) -> Iterator[dict[str, Any]]:
    """Yield what the runs over an account (its handle) said of themselves, oldest first.

    Not what deliveries told: they read nothing.
    """
    for _, body in state.controls:
        ours = body["t"] == "repeat" and body["account"] == account
        if ours and body.get("mode") != DELIVERIES:
            yield body


def exposures(state: LedgerState, account: str) -> dict[str, Exposure]:
    """Return the exposure of each stream of an account (its handle) that a run met."""
    found: dict[str, Exposure] = {}
    looks = _looks(state, account)
    for body in runs(state, account):
        for stream, counts in body["counts"].items():
            before = found.get(stream, Exposure())
            if counts["broken"] or not body["ended"]:
                why = BROKEN if counts["broken"] else NOT_READ
                found[stream] = before._replace(unknown=before.unknown and why)
            elif counts["whole"] or counts["stopped"]:
                found[stream] = Exposure(body["began"], unknown="")
            else:
                found.setdefault(stream, before)
    return {
        stream: one._replace(whole_since=_whole(looks[stream]), looks=tuple(steps(looks[stream])))
        for stream, one in found.items()
    }


def reaches(state: LedgerState, account: str, now: str, cadence: Cadence) -> dict[str, str]:
    """Return how far back each stream of an account must be looked at; others: to the end."""
    found = {stream: reach(looks, now, cadence) for stream, looks in _looks(state, account).items()}
    return {stream: moment for stream, moment in found.items() if moment != EVERYTHING}


def cadence_of(account: str, longest: timedelta) -> Cadence:
    """Return an account's cadence: its handle decides in which nights everything is read."""
    return Cadence(longest, timedelta(seconds=crc32(account.encode())))


def _looks(state: LedgerState, account: str) -> defaultdict[str, list[Look]]:
    """Return by stream which runs looked at all of it, or all of it since a moment."""
    found: defaultdict[str, list[Look]] = defaultdict(list)
    for body in runs(state, account):
        for stream, counts in body["counts"].items():
            if body["ended"] and counts["whole"] and not counts["broken"] + counts["stopped"]:
                since = body.get("since", {}).get(stream, EVERYTHING)
                found[stream].append(Look(body["began"], since))
    return found


def _whole(looks: list[Look]) -> str:
    return max((look.began for look in looks if look.since == EVERYTHING), default="")
