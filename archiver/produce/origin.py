"""Where a version that is handed over came from, as its header lines say. Pure."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

__all__ = ["Origin"]


class Origin(NamedTuple):
    """One version. ``docs/formats/record-warc.md`` has the header lines.

    ``exchange``: lane and number, "" where it came in none. ``newer``: it is a newer parser's
    reading of an older version. ``clock``: whose clock said ``captured_at``; ``served``: what the
    server's own ``Date`` said. ``delivery``: how what the platform sent by itself was checked.
    ``imported``: the format of the export it stood in, with the import's handle; "" where it was
    captured. ``replacements``: declarations of credentials that were replaced in its exchange.
    """

    leaf: int
    record: str
    platform: str
    account: str
    stream: str
    kind: str
    captured_at: str
    parser: str
    exchange: str = ""
    newer: bool = False
    clock: str = ""
    served: str = ""
    delivery: str = ""
    imported: str = ""
    replacements: tuple[str, ...] = ()

    @property
    def apart(self) -> int | None:
        """How many seconds lie between both clocks; None where the server told no time."""
        try:
            told = parsedate_to_datetime(self.served)
            return round(abs((datetime.fromisoformat(self.captured_at) - told).total_seconds()))
        except (ValueError, TypeError):  # none, one that is no date, or one without a zone
            return None
