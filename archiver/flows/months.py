"""Months of accounts: closed once every hour of them is covered, or a gap on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archiver.errors import IntegrityError, UsageError
from archiver.flows.accounts import find
from archiver.flows.coverage import of_account
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.coverage import AccountCoverage

__all__ = ["accounted_until", "hours_accounted", "month_closed"]

HOUR = timedelta(hours=1)
AGAIN = timedelta(days=2)
"""Hours that are told of again, in case whoever was told of them last never heard."""
OLDEST = timedelta(days=62)
"""Two months: hours before that are told of to nobody."""


def accounted_until(covered: AccountCoverage) -> str:
    """Return up to which moment of an account each stream is covered, or it is known why not.

    What is a gap on record, or can't be observed, is known; what nobody has read yet is not.
    """
    return min([covered.until, *(one.open_since for one in covered.streams if one.open_since)])


def month_closed(archive: Archive, name: str, month: str) -> str:
    """Return the end of an account's month once every hour of it is accounted for.

    Args:
        archive: where.
        name: of the account.
        month: as ``2026-11``, in UTC.

    Raises `IntegrityError` (``month-open``) where an hour is neither covered nor a gap on record,
    `UsageError` for what is no month.
    """
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        first = datetime.min.replace(tzinfo=UTC)
    if first.strftime("%Y-%m") != month:
        raise UsageError("not a month", where=month, mend="write it as 2026-11")
    end = canonical_time((first + timedelta(days=32)).replace(day=1))
    state = read_state(archive)
    until = accounted_until(of_account(archive, state, find(archive, name, state)))
    if until < end:
        raise IntegrityError(
            f"the month is accounted for up to {until} alone",
            where=f"{name}: {month}",
            code="month-open",
            mend="capture the account; `archiver coverage` says which stream is open",
        )
    return end


def hours_accounted(archive: Archive, name: str, told: str) -> list[str]:
    """Return the hours of an account that are accounted for, as ``2026-11-20T09:00:00`` (UTC).

    From the first of the month in which it was first captured; of what was ``told`` before (the
    last of these, or empty) the last two days only.
    """
    state = read_state(archive)
    covered = of_account(archive, state, find(archive, name, state))
    until = datetime.fromisoformat(accounted_until(covered))
    first = max(datetime.fromisoformat(covered.since), until - OLDEST).replace(day=1, hour=0)
    if told:
        first = max(first, datetime.fromisoformat(told).replace(tzinfo=UTC) - AGAIN)
    first = first.replace(minute=0, second=0, microsecond=0)
    count = max(0, (until - first) // HOUR)
    return [(first + number * HOUR).strftime("%Y-%m-%dT%H:00:00") for number in range(count)]
