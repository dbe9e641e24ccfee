"""Assets with watchers: what wakes DAGs from outside of Airflow."""

from __future__ import annotations

from airflow.sdk import Asset, AssetWatcher

from civic_archiver_airflow.triggers import DoorbellTrigger

__all__ = ["DOORBELL"]

_trigger = DoorbellTrigger()  # type: ignore[no-untyped-call]

DOORBELL = Asset(
    name="civic-archive-doorbell",
    group="civic-archive",
    watchers=[AssetWatcher(name="civic-archive-doorbell", trigger=_trigger)],
)
"""An event for each ring of the receiver's: deliveries to an account are on disk, and wait."""
