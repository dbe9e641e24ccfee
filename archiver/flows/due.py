"""What is due: streams that must be looked at again before the platform shows no more of them.

Of platforms that show everything nothing is ever due here: schedules see to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.capture.bounds import ShowsForATime, bounds_of, due_by
from archiver.capture.readable import ShowsNewest
from archiver.flows.accounts import registry
from archiver.flows.connectors import connector
from archiver.flows.exposure import exposures
from archiver.flows.known import known_of
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.capture.bounds import Bound
    from archiver.capture.connector import Connector
    from archiver.capture.known import Known
    from archiver.flows.archive import Archive
    from archiver.flows.exposure import Exposure
    from archiver.ledger.state import LedgerState
    from archiver.registry.accounts import Account

__all__ = ["Due", "due_again", "dues", "now_due"]


class Due(NamedTuple):
    """A stream of an account that must be looked at by a moment (canonical time).

    ``seconds``: the bound it comes from, and ``why`` there is one.
    """

    account: str
    stream: str
    by: str
    seconds: float
    why: str


def dues(archive: Archive) -> list[Due]:
    """Return what is or will be due in approved accounts, soonest first.

    A stream that nobody has looked at yet is not among them. Raises `KeyStoreError` where what
    is known of an account can't be read here.
    """
    state = read_state(archive)
    found = (
        one
        for account in registry(archive, state).values()
        if account.status == Status.APPROVED
        for one in _dues(archive, state, account)
    )
    return sorted(found, key=lambda one: one.by)


def now_due(archive: Archive) -> list[str]:
    """Return the names of the accounts of which something is due by now, soonest first."""
    now = canonical_time(archive.clock.now())
    return list(dict.fromkeys(one.account for one in dues(archive) if one.by <= now))


def due_again(
    archive: Archive, connector: Connector, known: Known, began: str
) -> dict[str, dict[str, Any]]:
    """Return by when streams must be looked at again after a run that began at a moment."""
    bounds = bounds_of(connector, known, archive.clock.now())
    return {
        stream: {**bound._asdict(), "by": due_by(began, bound)}
        for stream, bound in sorted(bounds.items())
    }


def _dues(archive: Archive, state: LedgerState, account: Account) -> Iterator[Due]:
    one = connector(account.platform)
    if isinstance(one, (ShowsNewest, ShowsForATime)):  # nobody's records are read for the others
        known = known_of(archive, state, account.handle)
        bounds = bounds_of(one, known, archive.clock.now())
        yield from _dues_of(account.name, bounds, exposures(state, account.handle))


def _dues_of(
    account: str, bounds: Mapping[str, Bound], exposed: Mapping[str, Exposure]
) -> Iterator[Due]:
    """Yield what of an account (its name) is due, by stream, after the latest look at it."""
    for stream, bound in bounds.items():
        looked = exposed[stream].new_since if stream in exposed else ""
        if looked:
            yield Due(account, stream, due_by(looked, bound), bound.seconds, bound.why)
