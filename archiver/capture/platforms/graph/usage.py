"""How much of its limits an app has used (docs/graph-api/overview/rate-limiting).

``X-App-Usage`` has percentages; ``X-Business-Use-Case-Usage`` has lists of them by the id of
what was asked for, with the minutes until it may be asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.platforms.graph.cutting import node_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.formats.http1 import HttpResponse

__all__ = ["regained", "used"]

_HEADERS = ("x-app-usage", "x-page-usage", "x-business-use-case-usage", "x-ad-account-usage")
_SHARES = ("call_count", "total_cputime", "total_time")
_LONGEST = 86_400.0


def used(response: HttpResponse) -> int:
    """Return the largest share of any limit that was used up, in percent; 0 for not told."""
    return max((_whole(one.get(name)) for one in _told(response) for name in _SHARES), default=0)


def regained(response: HttpResponse) -> float:
    """Return the seconds until the API answers again, 0 where it does not say."""
    minutes = (_whole(one.get("estimated_time_to_regain_access")) for one in _told(response))
    return min(max(minutes, default=0) * 60.0, _LONGEST)


def _told(response: HttpResponse) -> Iterator[dict[str, Any]]:
    """Yield each object of the usage headers that has percentages."""
    for name in _HEADERS:
        node = node_of(response.header(name).encode("utf-8", "replace"))
        yield node
        for lists in node.values():
            yield from (
                (one for one in lists if isinstance(one, dict)) if isinstance(lists, list) else ()
            )


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 1 << 31 else 0
