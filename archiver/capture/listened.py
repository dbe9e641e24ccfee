"""When somebody listened to what a platform tells by itself. Pure.

Spans of listening are those in which a stream of events was open, or a receiver was up and was
sent something. They cover nothing: what is told of is seen while it is there, so that within
them less than the bound of readings can come and go unseen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MOST_SPANS", "Listened"]

MOST_SPANS = 64
"""Spans of a stream that one entry of the ledger has room for; the shortest are left out."""
_PAUSE = timedelta(seconds=1)
"""Between two windows that are one span: a new request of an open line."""

Span = tuple[datetime, datetime]


class Listened:
    """Spans of listening, by stream, since the last call of `clear`."""

    def __init__(self) -> None:
        self._spans: dict[str, list[Span]] = {}

    def note(self, streams: Iterable[str], since: datetime, until: datetime) -> None:
        """Note that these streams were listened to; calls come in the order of time."""
        if since >= until:
            return
        for stream in streams:
            spans = self._spans.setdefault(stream, [])
            if spans and since - spans[-1][1] <= _PAUSE:
                spans[-1] = spans[-1][0], max(until, spans[-1][1])
            else:
                spans.append((since, until))
            if len(spans) > MOST_SPANS:
                spans.remove(min(spans, key=_length))

    def document(self) -> dict[str, list[list[str]]]:
        """Return the spans as the ledger has them: canonical times."""
        return {
            str(stream): [[canonical_time(a), canonical_time(b)] for a, b in spans]
            for stream, spans in sorted(self._spans.items())
        }

    def clear(self) -> None:
        """Forget what stands in the ledger by now."""
        self._spans.clear()


def _length(span: Span) -> timedelta:
    return span[1] - span[0]
