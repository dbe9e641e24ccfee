"""What a login may do and for how long, as its platform tells it, and what is wrong with that.

A platform tells it where it lets us in (`Login.standing`), or to a request of its own
(`Inspected`), which is asked once a day at most. Pure.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeGuard, runtime_checkable

from archiver.capture.connector import Connector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.connector import Problem, Site
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Request

__all__ = [
    "CREDENTIAL",
    "DAYS",
    "Concern",
    "Inspected",
    "Need",
    "Standing",
    "after",
    "at_epoch",
    "concerns",
    "lacking",
    "needed",
    "token_says",
]

CREDENTIAL = "credential"
"""The role of the exchange in which a platform is asked what a login may do."""
DAYS = (30, 7, 1)
"""Days before its end on which it is said that a login ends."""
_MEND = "make a new one at the platform and give it with `archiver account credential`"


class Standing(NamedTuple):
    """What a platform says of a login.

    ``ends``: what ends (the login, the access to data), and when (canonical time).
    ``scopes``: what it may, sorted; None where the platform does not tell.
    """

    ends: tuple[tuple[str, str], ...] = ()
    scopes: tuple[str, ...] | None = None


class Need(NamedTuple):
    """A scope that cells of the matrix need. ``within``: wider ones, any of which will do."""

    scope: str
    streams: tuple[str, ...]
    within: tuple[str, ...] = ()


class Concern(NamedTuple):
    """Something about a login that a person should see to. ``key``: the same is told once."""

    key: str
    code: str
    message: str
    mend: str


@runtime_checkable
class Inspected(Connector, Protocol):
    """A platform that tells what a login may do to whoever asks."""

    def inspection(self, site: Site, credential: Mapping[str, str]) -> Request | None:
        """Return the request that asks for it; None where this credential has nothing to tell."""
        ...

    def standing(self, response: HttpResponse) -> Standing | Problem:
        """Return what the answer says. Pure; never raises on any bytes."""
        ...


def lacking(needs: Sequence[Need], standing: Standing) -> list[Need]:
    """Return the needs that a login does not meet; none where its scopes are not told."""
    if standing.scopes is None:
        return []
    held = set(standing.scopes)
    return [one for one in needs if held.isdisjoint({one.scope, *one.within})]


def needed(needs: Sequence[Need]) -> str:
    """Return in a sentence what a platform's logins need."""
    if not needs:
        return "Login: nothing is read of what it may or when it ends."
    told = [f"`{need.scope}` ({', '.join(need.streams)})" for need in needs]
    return f"Login: it needs {', '.join(told)}; the platform tells what it has."


def concerns(
    needs: Sequence[Need], standing: Standing, lost: Mapping[str, str], now: str
) -> Iterator[Concern]:
    """Yield what a person should see to.

    Args:
        needs: of the platform.
        standing: of the login.
        lost: scopes that were held before, and when that was first not so any more.
        now: canonical time.
    """
    for what, at in standing.ends:
        yield from _ending(what, at, now)
    for need in lacking(needs, standing):
        streams = ", ".join(need.streams)
        since = lost.get(need.scope, "")
        mend = f"grant {need.scope} at the platform, then `archiver account credential`"
        if since:
            told = f"the login has lost {need.scope}, which {streams} need ({since[:10]})"
            yield Concern(f"lost {need.scope} {since}", "credential-scope-lost", told, mend)
        else:
            told = f"the login lacks {need.scope}, which {streams} need"
            yield Concern(f"lacks {need.scope}", "credential-scope-missing", told, mend)


def _ending(what: str, at: str, now: str) -> Iterator[Concern]:
    """Yield that something ends within 30, 7 or 1 days, or has ended."""
    left = datetime.fromisoformat(at) - datetime.fromisoformat(now)
    if left <= timedelta(0):
        told = f"{what} ended on {at[:10]}"
        yield Concern(f"{what} {at} 0", "credential-expired", told, _MEND)
        return
    near = [days for days in DAYS if left <= timedelta(days=days)]
    if near:
        told = f"{what} ends on {at[:16]}Z, in {left.days} days"
        yield Concern(f"{what} {at} {min(near)}", "credential-expires", told, _MEND)


def after(response: HttpResponse, seconds: object) -> str:
    """Return the moment so many seconds after an answer, by its own ``Date``; else nothing."""
    try:
        came = parsedate_to_datetime(response.header("date"))
    except (ValueError, TypeError, OverflowError):
        return ""
    return at_epoch(came.timestamp() + seconds) if _is_number(seconds) else ""


def at_epoch(seconds: object) -> str:
    """Return the canonical time of seconds since 1970; nothing for none (0 means never)."""
    if not _is_number(seconds) or seconds <= 0:
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, OverflowError, OSError):
        return ""


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def token_says(token: str) -> dict[str, object]:
    """Return the claims of a JSON Web Token (RFC 7519), unverified; empty for another token."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - RFC 7515 section 7.1: head, claims, signature
        return {}
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
