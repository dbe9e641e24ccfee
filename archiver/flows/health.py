"""How an account does: what of its coverage, its captures and its login a person must see to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archiver.flows.accounts import find
from archiver.flows.coverage import alarms_of, of_account
from archiver.flows.due import dues
from archiver.flows.exposure import runs
from archiver.flows.ledger import read_state
from archiver.flows.status import concerns_of
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.registry.accounts import Account

__all__ = ["LATE", "health"]

LATE = timedelta(days=1)
"""After which an account that nobody has captured is late: nights are when all of it is due."""


def health(archive: Archive, name: str, late: timedelta = LATE) -> list[dict[str, str]]:
    """Return what a person must see to about an account, as findings.

    What nothing explains in its coverage; that nobody has captured it for longer than ``late``,
    or a stream of it long after it was due; what platforms say of its login, and signs that
    somebody else has a hand in it. Nothing is asked of the platform.
    """
    state = read_state(archive)
    account = find(archive, name, state)
    found = alarms_of(of_account(archive, state, account))
    if account.status == Status.APPROVED:
        found += _late(archive, state, account, late)
    return [*found, *concerns_of(archive, account)]


def _late(
    archive: Archive, state: LedgerState, account: Account, late: timedelta
) -> Iterator[dict[str, str]]:
    """Yield what should have been captured by now."""
    now = archive.clock.now()
    whole = [one["began"] for one in runs(state, account.handle) if _is_whole(one)]
    since = max(whole, default=account.changed_at)
    if datetime.fromisoformat(since) + late < now:
        yield {
            "code": "account-late",
            "message": f"no capture has come to its end since {since}",
            "where": account.name,
            "mend": "see why captures fail, or don't run; then `archiver capture`",
        }
    for one in dues(archive):
        if one.account == account.name and datetime.fromisoformat(one.by) + late < now:
            yield {
                "code": "stream-late",
                "message": f"it was due at {one.by}: {one.why}",
                "where": f"{account.name}: {one.stream}",
                "mend": "archiver capture --due; what came meanwhile may be missed",
            }


def _is_whole(run: dict[str, Any]) -> bool:
    return bool(run["ended"]) and run["again"] == 0
