"""What coverage is told from, and what it tells beside time lines: plain values.

They are facts of the ledger (`Run`, `Gap`), of a promise that was made, and of counts.
"""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Alarm", "Control", "Events", "Gap", "Promise", "Run"]


class Run(NamedTuple):
    """What a run said of itself in the ledger (``docs/formats/ledger.md``, repeat).

    ``since``: by stream, back to which moment it looked, where that was not to the end.
    """

    entry: int
    began: str
    ended: bool
    counts: Mapping[str, Mapping[str, int | None]]
    since: Mapping[str, str]


class Events(NamedTuple):
    """What was heard of a stream by itself in a window of time.

    ``told``: of how much news deliveries told. ``untold``: how much listings showed since the
    first of them that none had told of, or not yet. ``listened``: spans (canonical times) in
    which its events were listened to, or a receiver was up.
    """

    told: int = 0
    untold: int = 0
    listened: tuple[tuple[str, str], ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        spans = [{"since": since, "until": until} for since, until in self.listened]
        return {**self._asdict(), "listened": spans}


class Gap(NamedTuple):
    """What a run found lost. ``exchange``: in which the platform said so, "" for none."""

    entry: int
    stream: str
    cause: str
    since: str
    until: str
    exchange: str = ""


class Promise(NamedTuple):
    """Within what time everything is looked at (``longest``), and what a run may be late.

    ``shown``: by stream, for how long the platform shows things (`archiver.capture.bounds`).
    """

    longest: timedelta
    late: timedelta
    shown: Mapping[str, timedelta] = MappingProxyType({})

    def of(self, stream: str) -> Promise:
        """Return what is promised of a stream: what the platform shows no more waits for nobody."""
        shown = self.shown.get(stream)
        if shown is None or shown >= self.longest + self.late:
            return self
        return Promise(shown, timedelta(0))


class Control(NamedTuple):
    """The platform's own count at the latest reading, against what the archive has.

    ``reported`` None: it gave no count of the whole. ``unexplained``: things that are too
    many or too few, and nobody has said why.
    """

    entry: int
    at: str
    reported: int | None
    seen: int
    unexplained: int


class Alarm(NamedTuple):
    """What nothing explains: a code, and in words what, and how to mend it."""

    code: str
    message: str
    mend: str
