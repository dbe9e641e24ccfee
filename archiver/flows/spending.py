"""What was spent with a platform that charges for what is read, for all accounts of a home.

Kept in the home by platform: the sum of the running period, and of the running day what was
charged already, as platforms charge the same thing once a day. Lost, it begins at nothing.
"""

from __future__ import annotations

import json
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from archiver.capture.governing import Metered
from archiver.capture.items import Problem
from archiver.errors import UsageError
from archiver.flows.connectors import every, known
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.capture.connector import Connector
    from archiver.capture.governing import Budget, Charge
    from archiver.flows.archive import Archive

__all__ = ["Spending", "charge", "check_budgets", "spending", "unpaid"]

_NAME = 8
"""Bytes of the hash that a charged thing is remembered by."""


class Spending(NamedTuple):
    """What was spent of a budget: in its unit, as are limit (0 for none) and forecast.

    ``forecast``: what the period comes to if it goes on as it began. ``ends``: canonical time.
    """

    platform: str
    unit: str
    period: str
    spent: float
    limit: float
    forecast: float
    ends: str


class _Period(NamedTuple):
    """The running period of a budget, in UTC."""

    name: str
    begins: datetime
    ends: datetime


def check_budgets(archive: Archive) -> None:
    """Raise `UsageError` where a budget is set for what charges nothing: it would limit nothing."""
    for name in archive.budgets:
        if not isinstance(known(name), Metered):
            charging = sorted(one.platform for one in every() if isinstance(one, Metered))
            raise UsageError(
                "no platform of that name charges",
                where=f"[budgets] {name}",
                mend=f"platforms that do: {', '.join(charging)}",
            )


def spending(archive: Archive, connector: Connector) -> Spending | None:
    """Return what was spent of a platform's budget, or None where it charges nothing."""
    if not isinstance(connector, Metered):
        return None
    budget, now = connector.budget, archive.clock.now()
    period = _period(budget, now)
    spent = _spent(archive, connector, period) / budget.parts
    gone = (now - period.begins) / (period.ends - period.begins)
    return Spending(
        platform=connector.platform,
        unit=budget.unit,
        period=budget.period,
        spent=spent,
        limit=_limit(archive, connector),
        forecast=round(spent / gone, 6) if gone > 0 else spent,
        ends=canonical_time(period.ends),
    )


def unpaid(archive: Archive, connector: Metered, url: str) -> Problem | None:
    """Return why what an address may answer can't be paid for, or None where it can."""
    budget, now = connector.budget, archive.clock.now()
    period, limit = _period(budget, now), _limit(archive, connector) * budget.parts
    spent = _spent(archive, connector, period)
    if not limit or spent + connector.most(url) <= limit:
        return None
    told = (
        f"{spent / budget.parts:g} of {limit / budget.parts:g} {budget.unit} of this "
        f"{budget.period} are spent: the next answer may cost more than is left"
    )
    return Problem("budget", told, (period.ends - now).total_seconds())


def charge(archive: Archive, connector: Metered, charges: Iterable[Charge]) -> None:
    """Add what an answer was charged for; a thing that has a name counts once a day."""
    charged = tuple(charges)
    if not charged:
        return
    now, home = archive.clock.now(), archive.home
    with home.alone(f"spending-{connector.platform}"):
        path, day = f"spending/{connector.platform}.charged", now.astimezone(UTC).date().isoformat()
        before = home.read(path) or b""
        kept = before.removeprefix(day.encode()) if before.startswith(day.encode()) else b""
        seen = {kept[at : at + _NAME] for at in range(0, len(kept), _NAME)}
        amount, new = 0, b""
        for one in charged:
            name = sha256(one.name.encode()).digest()[:_NAME] if one.name else b""
            if name not in seen:
                amount += one.amount
            if name and name not in seen:
                seen.add(name)
                new += name
        period = _period(connector.budget, now)
        total = _spent(archive, connector, period) + amount
        home.write(_file(connector), json.dumps({period.name: total}).encode())
        if new:  # after the sum: a kill between the two counts twice, never not at all
            home.write(path, day.encode() + kept + new)


def _file(connector: Connector) -> str:
    return f"spending/{connector.platform}.json"


def _spent(archive: Archive, connector: Connector, period: _Period) -> int:
    """Return the parts spent in a period; a damaged file is as good as none."""
    try:
        found = json.loads(archive.home.read(_file(connector)) or b"{}")
        return int(found.get(period.name, 0))
    except (ValueError, TypeError, AttributeError):
        return 0


def _limit(archive: Archive, connector: Metered) -> float:
    """Return the units that a period has: what the city has set, else what is usual."""
    return archive.budgets.get(connector.platform, float(connector.budget.standard))


def _period(budget: Budget, now: datetime) -> _Period:
    """Return the period that a moment is in, as the platform's calendar has it."""
    zone = ZoneInfo(budget.zone)
    day, days = now.astimezone(zone).date(), 1
    if budget.period == "month":
        day, days = day.replace(day=1), monthrange(day.year, day.month)[1]
    after = day + timedelta(days=days)
    begins, ends = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (day, after))
    return _Period(day.isoformat(), begins.astimezone(UTC), ends.astimezone(UTC))
