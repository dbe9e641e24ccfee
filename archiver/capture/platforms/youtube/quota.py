"""What calls cost, and when the day's units come back.

Costs: developers.google.com/youtube/v3/determine_quota_cost (read 2026-11-29), where the
discovery document of the API (revision 20261104) says nothing else. Units come back at midnight
Pacific Time. A request that is refused costs a unit, too, and each page of a list costs as much
as the first.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from archiver.capture.governing import Budget
from archiver.capture.platforms.youtube.addresses import method_of

__all__ = ["BUDGET", "COSTS", "Cost", "cost_of", "until_midnight"]

BUDGET = Budget("units", 1, "day", "America/Los_Angeles", 10_000)
"""What a project has a day, unless YouTube grants it more."""
_TABLE = "https://developers.google.com/youtube/v3/determine_quota_cost"
_DISCOVERY = "https://youtube.googleapis.com/$discovery/rest?version=v3"
_DAY = 86_400.0


class Cost(NamedTuple):
    """Units of one call of a method, who says so, and how we know (`capture.legal`)."""

    units: int
    citation: str
    confidence: str


_LISTED = (
    "channels", "channelSections", "commentThreads", "comments", "members", "membershipsLevels",
    "playlistItems", "playlists", "subscriptions", "videos",
)  # fmt: skip
COSTS: dict[str, Cost] = {
    **{method: Cost(1, _TABLE, "read") for method in _LISTED},
    "captions": Cost(50, _TABLE, "read"),
    "captions/": Cost(200, _TABLE, "secondary"),
    "liveBroadcasts": Cost(1, _TABLE, "general knowledge"),
    "liveStreams": Cost(1, _TABLE, "general knowledge"),
    "liveChat/moderators": Cost(1, _TABLE, "general knowledge"),
    "liveChat/messages": Cost(5, _DISCOVERY, "read"),
}
"""By method; ``captions/`` is the download of one track."""


def cost_of(url: str) -> int:
    """Return the units that asking an address costs; 0 for what is not the API's."""
    method = method_of(url)
    known = COSTS.get("captions/" if method.startswith("captions/") else method)
    return known.units if known else int(bool(method))


def until_midnight(date: str) -> float:
    """Return the seconds from an answer's ``Date`` until the next midnight Pacific Time.

    A whole day where the date is none: never too early.
    """
    pacific = ZoneInfo(BUDGET.zone)
    try:
        now = parsedate_to_datetime(date).astimezone(pacific)
        day = now.date() + timedelta(days=1)
    except (ValueError, TypeError, OverflowError):
        return _DAY
    midnight = datetime(day.year, day.month, day.day, tzinfo=pacific)
    return midnight.timestamp() - now.timestamp()
