"""What an account's platform sends that it had not sent before: a cache of this home.

Only what is new or changed is looked at: a member that nobody knows makes an item new.
Without the cache the next run is a beginning, and tells nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.shapes import Shapes
from archiver.flows.known import known_key
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.capture.settled import Settled
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

__all__ = ["Drift", "seen"]

MOST_TOLD = 50
"""Shapes that a report names."""

_THINGS = frozenset({Kind.PRESENT, Kind.EDITED, Kind.EXTENDED, Kind.HELD, Kind.HIDDEN})


def seen(archive: Archive, handle: str) -> Shapes:
    """Return what an account's platform has sent so far, as this home remembers it."""
    data = archive.home.read(_name(handle)) or b""
    return Shapes(data, known_key(archive))


class Drift:
    """Looks at what a run settles, and tells the report of what was never seen before."""

    def __init__(self, archive: Archive, handle: str, report: CaptureReport) -> None:
        self._home = archive.home
        self._name = _name(handle)
        self._shapes = seen(archive, handle)
        self._report = report

    def take(self, settled: Settled) -> None:
        """Look at a batch that was sealed."""
        for _, one in settled.observations:
            if one.kind in _THINGS and one.stream != Stream.WORKFLOW:
                parts = [excerpt.data for excerpt in one.excerpts if excerpt.role != "exchange"]
                self._shapes.take(one.stream, parts, one.captured_at)
        told = sorted(self._shapes.news.items(), key=lambda shape: (-shape[1], shape[0]))
        self._report.drift = dict(told[:MOST_TOLD])
        self._report.fingerprint = self._shapes.fingerprint
        self._home.write(self._name, self._shapes.encode())


def _name(handle: str) -> str:
    return f"cache/shapes/{handle}"
