"""What a platform allows: windows in which it answers nothing, and what answers cost. Pure.

A platform says in its answers' headers how many requests are left, and when it begins to
count anew. A connector says what its platform charges for. Both are counted for all runs of
a home, so that none asks what another one knows to be refused (`archiver.flows.governor`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from archiver.capture.answers import until
from archiver.capture.connector import Connector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.formats.http1 import HttpResponse

__all__ = ["Allowance", "Budget", "Charge", "Limited", "Metered", "header_allowances"]

LONGEST_WINDOW = 86_400.0
"""Seconds. No platform counts for longer than a day; more is a clock that is wrong."""

_HEADERS = (
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
)
"""Requests left, and when the count begins anew: X; Mastodon; Bluesky. The last is a moment
there; where it is a number of seconds (draft-ietf-httpapi-ratelimit-headers-02), it is small."""
_SECONDS = re.compile("[0-9]{1,6}")


class Allowance(NamedTuple):
    """What an answer says of the requests that are left.

    ``scope``: which requests they are, empty for all of that server. ``shared``: counted for
    all accounts together (an app's, an address's), not for the login. ``left``: requests.
    ``seconds``: until the platform begins to count anew.
    """

    scope: str
    shared: bool
    left: int
    seconds: float


class Charge(NamedTuple):
    """What something in an answer costs: whole parts of `Budget.unit`.

    ``name``: the same thing is charged once a day (UTC); empty where each time counts.
    """

    amount: int
    name: str = ""


class Budget(NamedTuple):
    """What a platform charges in.

    ``unit`` for people (``USD``, ``units``); ``parts``: counted parts that make one of them.
    ``period``: ``day`` or ``month``, which begins at midnight in ``zone`` (IANA).
    ``standard``: units that a period gives where the city has set no limit; 0 for no limit.
    """

    unit: str
    parts: int
    period: str
    zone: str
    standard: int


@runtime_checkable
class Limited(Connector, Protocol):
    """A platform whose answers say which requests are left, in a way of its own."""

    def allowances(self, url: str, response: HttpResponse) -> Iterable[Allowance]:
        """Return what an answer says of the requests that are left. Pure; never raises."""
        ...

    def scope(self, url: str) -> str:
        """Return which requests are counted together with the one to ``url``. Pure."""
        ...


@runtime_checkable
class Metered(Connector, Protocol):
    """A platform that charges for what is read."""

    budget: Budget

    def most(self, url: str) -> int:
        """Return what the answer to ``url`` can cost at most, in parts. Pure; never raises."""
        ...

    def charges(self, url: str, response: HttpResponse) -> Iterable[Charge]:
        """Return what an answer is charged for. Pure; never raises on any bytes."""
        ...


def header_allowances(response: HttpResponse) -> Iterable[Allowance]:
    """Yield what the usual headers say of all requests of one login."""
    for left, reset in _HEADERS:
        count, moment = response.header(left).strip(), response.header(reset).strip()
        if _SECONDS.fullmatch(count) and moment:
            if _SECONDS.fullmatch(moment):
                seconds = min(float(moment), LONGEST_WINDOW)
            else:
                seconds = until(response, moment, 0.0, LONGEST_WINDOW)
            yield Allowance("", shared=False, left=int(count), seconds=seconds)
