"""The gap report of a pull, from the coverage ledger: the same for the same size of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import UsageError
from archiver.flows.accounts import registry
from archiver.flows.connectors import known
from archiver.flows.coverage import streams_of
from archiver.flows.ledger_at import ledger_at, ledger_time
from archiver.produce.gap_report import GapReport, Looked, gap_report

if TYPE_CHECKING:
    from collections.abc import Collection

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.registry.accounts import Account

__all__ = ["Scope", "gaps_over"]


class Scope(NamedTuple):
    """What a pull asks of an account, by name: streams (none: all) and time (canonical).

    ``since`` empty: from its first capture on; ``until`` empty, or later than the ledger's own
    time: up to that.
    """

    account: str
    streams: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


def gaps_over(archive: Archive, size: int, scopes: Collection[Scope]) -> GapReport:
    """Return what may be missing of a pull, as the first ``size`` entries of the log tell it.

    Raises `UsageError` for a size or an account that there is not (``account-unknown``).
    """
    state = ledger_at(archive, size)
    accounts = registry(archive, size=size)
    unknown = sorted({one.account for one in scopes} - accounts.keys())
    if unknown:
        raise UsageError(
            "no such account",
            where=unknown[0],
            code="account-unknown",
            mend=f"known accounts: {', '.join(sorted(accounts)) or 'none'}",
        )
    return gap_report(size, [_looked(archive, state, one, accounts[one.account]) for one in scopes])


def _looked(archive: Archive, state: LedgerState, scope: Scope, account: Account) -> Looked:
    """Return what is known of an account."""
    now = ledger_time(state)
    until = min(scope.until or now, now)
    since, streams = min(scope.since, until), None
    if known(account.platform) is not None:
        since, streams = streams_of(archive, state, account, since, until)
    return Looked(account.name, account.platform, since, until, streams, scope.streams)
