"""What a capture run saw and did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.capture.following import LACKING
from archiver.capture.session import PASSING

if TYPE_CHECKING:
    from archiver.capture.settled import Settled

__all__ = ["CaptureReport"]


@dataclass(slots=True)
class CaptureReport:
    """What a run saw and did, by stream, and which listings did not end.

    ``since``: back to which moment streams were looked at that were not read to their end.
    ``exposed``: for each stream, since when something could have come and gone unseen
    before this run (`archiver.flows.exposure.Exposure`). ``listened``: for each stream of
    events, in how many windows it was listened to. ``unread``: for each stream in which a
    platform shows the newest contents alone, what is lacking (`archiver.capture.readable`).
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
    unread: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def lacking(self) -> dict[str, str]:
        """Files and parts that did not come, and why: no listing is incomplete for it."""
        told = self.incomplete.items()
        return {n: why.removeprefix(LACKING) for n, why in told if why.startswith(LACKING)}

    @property
    def again(self) -> dict[str, str]:
        """What is incomplete, and why, for reasons that a later run may not meet."""
        return {name: why for name, why in self.incomplete.items() if why.startswith(PASSING)}

    def count(self, settled: Settled) -> None:
        """Add up settled observations by kind."""
        for _, observation in settled.observations:
            kind = str(observation.kind)
            self.observations[kind] = self.observations.get(kind, 0) + 1
