"""Status: what the archive holds, by account and stream, and what is waiting."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from archiver.errors import UsageError
from archiver.flows.accounts import registry
from archiver.flows.connectors import connector
from archiver.flows.drift import seen
from archiver.flows.exposure import Exposure, exposures
from archiver.flows.held_gone import held_gone
from archiver.flows.ledger import read_state
from archiver.flows.operations import unended
from archiver.flows.rows import catalog
from archiver.flows.segments import read_table
from archiver.flows.spending import check_budgets, spending
from archiver.flows.standing import standing_of
from archiver.flows.watch import alarms
from archiver.layout import PENDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.registry.accounts import Account

__all__ = ["concerns_of", "status"]


def status(archive: Archive) -> dict[str, Any]:
    """Return the holdings: accounts with observations and records by stream."""
    check_budgets(archive)
    state = read_state(archive)
    segments = catalog(archive, state)
    observations, records = _counted(archive, segments)
    known = registry(archive, state).values()
    shapes = {account.handle: seen(archive, account.handle) for account in known}
    exposed = {account.handle: exposures(state, account.handle) for account in known}
    accounts = [
        {
            "name": account.name,
            "platform": account.platform,
            "status": account.status,
            "fingerprint": shapes[account.handle].fingerprint,
            "drift": shapes[account.handle].first,
            "concerns": concerns_of(archive, account),
            "streams": {
                stream: {
                    "observations": count,
                    "records": len(records[handle, stream]),
                    **exposed[account.handle].get(stream, Exposure()).document(),
                }
                for (handle, stream), count in sorted(observations.items())
                if handle == account.handle
            },
        }
        for account in known
    ]
    return {
        "store": archive.store.describe(),
        "archive": archive.identity.id,
        "origin": archive.identity.origin,
        "tree_size": state.size,
        "root": state.frontier.root().hex(),
        "segments": len(segments),
        "unreadable_segments": sum(not one.stream for one in segments),
        "waiting_batches": sum(1 for _ in archive.store.list(PENDING)),
        "accounts": accounts,
        "held_gone": [one._asdict() for one in held_gone(archive, state)],
        "unended": unended(archive),
        "spending": list(_spendings(archive, {account.platform for account in known})),
    }


def _counted(
    archive: Archive, segments: Iterable[Catalogued]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], set[str]]]:
    """Return observations, and ids of records, by account and stream."""
    observations: dict[tuple[str, str], int] = {}
    records: dict[tuple[str, str], set[str]] = {}
    for one in segments:
        if not one.stream:
            continue
        key = (one.segment.account, one.stream)
        observations[key] = observations.get(key, 0) + one.rows
        ids = pc.unique(read_table(archive, one.segment, ("record_id",))["record_id"]).to_pylist()
        records.setdefault(key, set()).update(map(str, ids))
    return observations, records


def concerns_of(archive: Archive, account: Account) -> list[dict[str, str]]:
    """Return what a person should see to about an account, as findings.

    What is wrong with its login now, and signs of a take-over in the last 30 days, each with
    ``at``, the time when a run told of it.
    """
    standing = standing_of(archive, account)
    return [*(standing["concerns"] if standing else ()), *alarms(archive, account)]


def _spendings(archive: Archive, platforms: set[str]) -> Iterator[dict[str, Any]]:
    """Yield what was spent with platforms that charge, as far as their connectors are here."""
    for platform in sorted(platforms):
        with suppress(UsageError):
            spent = spending(archive, connector(platform))
            if spent is not None:
                yield spent._asdict()
