"""Status: what the archive holds, by account and stream, and what is waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from archiver.errors import UsageError
from archiver.flows.accounts import registry
from archiver.flows.connectors import connector
from archiver.flows.exposure import Exposure, exposures
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog
from archiver.flows.segments import read_table
from archiver.flows.spending import Spending, spending
from archiver.layout import PENDING

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["status"]


def status(archive: Archive) -> dict[str, Any]:
    """Return the holdings: accounts with observations and records by stream."""
    state = read_state(archive)
    segments = catalog(archive, state)
    observations: dict[tuple[str, str], int] = {}
    records: dict[tuple[str, str], set[str]] = {}
    for one in segments:
        if not one.stream:
            continue
        key = (one.segment.account, one.stream)
        observations[key] = observations.get(key, 0) + one.rows
        ids = pc.unique(read_table(archive, one.segment, ("record_id",))["record_id"]).to_pylist()
        records.setdefault(key, set()).update(map(str, ids))
    known = registry(archive, state).values()
    exposed = {account.handle: exposures(state, account.handle) for account in known}
    accounts = [
        {
            "name": account.name,
            "platform": account.platform,
            "status": account.status,
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
        "spending": [
            spent._asdict()
            for platform in sorted({account.platform for account in known})
            if (spent := _spending(archive, platform)) is not None
        ],
    }


def _spending(archive: Archive, platform: str) -> Spending | None:
    """Return what was spent with a platform; None also where its connector is not here."""
    try:
        return spending(archive, connector(platform))
    except UsageError:
        return None
