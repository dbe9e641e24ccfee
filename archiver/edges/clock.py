"""The machine's own clock, as `archiver.ports.Clock`."""

from __future__ import annotations

import time
from datetime import UTC, datetime

__all__ = ["SystemClock"]


class SystemClock:
    """The time of this machine. Nobody vouches for it: time-stamps and witnesses do that."""

    def now(self) -> datetime:
        """Return the current time in UTC, with time zone and microseconds."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; not at all for a negative number of ``seconds``."""
        time.sleep(max(0.0, seconds))
