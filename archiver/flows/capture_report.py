"""What a capture run saw and did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.capture.following import LACKING
from archiver.capture.problems import PASSING, code_of, kind_named

if TYPE_CHECKING:
    from archiver.capture.settled import Settled

__all__ = ["CaptureReport"]


@dataclass(slots=True)
class CaptureReport:
    """What a run saw and did, by stream, and which listings did not end.

    ``since``: back to which moment streams were looked at that were not read to their end.
    ``exposed``: for each stream, since when something could have come and gone unseen
    before this run (`archiver.flows.exposure.Exposure`). ``listened``: for each stream of
    events, in how many windows it was listened to. ``resume_after``: when the platform gives
    something again, where it said that a quota is used up (canonical time; else empty).
    ``credential_kept``: fields of the credential that come from elsewhere (an environment
    variable), that the platform has replaced, and that the home keeps from now on.
    ``drift``: shapes that no run before had seen (`archiver.capture.shapes`), in how many
    items; ``fingerprint``: of all shapes. ``events``: how many deliveries were
    settled, ``told``: how many things they said to be new or changed, by stream; ``untold``: the
    same of what listings showed then, in streams that deliveries have told of: no event had
    said it, or it was still on its way. ``unheard``: deliveries that were not understood or are
    nobody's here, by exchange, and why. ``unread``: for each stream in which a
    platform shows the newest contents alone, what is lacking (`archiver.capture.readable`).
    ``concerns``: findings about the account itself that were never told before: its login ends
    or lacks a scope (`archiver.capture.standing`), somebody else may have a hand in it
    (`archiver.capture.watching`).
    ``resumed``: when the run began that this one went on with, after a quota stopped it (else
    empty); the counts are then of both. ``due``: by when streams must be looked at again, and why
    (`archiver.capture.bounds`). ``unindexed``: why the words of what was sealed could not be
    indexed (empty: they were); the next search does it.
    """

    account: str
    mode: str
    requests: int = 0
    recovered: int = 0
    observations: dict[str, int] = field(default_factory=dict)
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)
    incomplete: dict[str, str] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    exposed: dict[str, dict[str, Any]] = field(default_factory=dict)
    listened: dict[str, int] = field(default_factory=dict)
    resume_after: str = ""
    credential_kept: list[str] = field(default_factory=list)
    drift: dict[str, int] = field(default_factory=dict)
    fingerprint: str = ""
    events: int = 0
    told: dict[str, int] = field(default_factory=dict)
    untold: dict[str, int] = field(default_factory=dict)
    unheard: dict[str, str] = field(default_factory=dict)
    unread: dict[str, dict[str, Any]] = field(default_factory=dict)
    concerns: list[dict[str, str]] = field(default_factory=list)
    resumed: str = ""
    due: dict[str, dict[str, Any]] = field(default_factory=dict)
    unindexed: str = ""

    @property
    def lacking(self) -> dict[str, str]:
        """Files and parts that did not come, and why: no listing is incomplete for it."""
        told = self.incomplete.items()
        return {n: why.removeprefix(LACKING) for n, why in told if why.startswith(LACKING)}

    def mend(self, listing: str) -> str:
        """Return what can be done about a listing that is incomplete."""
        return kind_named(code_of(self.incomplete[listing])).mend

    @property
    def again(self) -> dict[str, str]:
        """What is incomplete, and why, for reasons that a later run may not meet."""
        return {name: why for name, why in self.incomplete.items() if code_of(why) in PASSING}

    def count(self, settled: Settled) -> None:
        """Add up settled observations by kind."""
        for _, observation in settled.observations:
            kind = str(observation.kind)
            self.observations[kind] = self.observations.get(kind, 0) + 1
