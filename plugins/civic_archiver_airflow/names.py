"""Names that DAGs, connections and the demo agree on. Imports nothing of Airflow."""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "CAPTURE_POOL",
    "CHECK_POOL",
    "DUE_POOL",
    "LATER",
    "POOLS",
    "RECONCILE_POOL",
    "SETTLE_POOL",
    "SIGN",
    "TAGS",
    "connection_id",
]

CAPTURE_POOL = "civic_capture"
RECONCILE_POOL = "civic_reconcile"
DUE_POOL = "civic_due"
SETTLE_POOL = "civic_settle"
CHECK_POOL = "civic_check"

POOLS = Path(__file__).with_name("pools.json")
"""For ``airflow pools import``: how many accounts are read at once. The sweeps have a pool
of their own, so that they never keep what is new waiting."""

TAGS = ("civic-archive",)

SIGN, LATER = "People will sign", "Not now"
"""What people who are asked may answer."""


def connection_id(account: str) -> str:
    """Return the id of an account's connection, which is also right as a variable's name."""
    return f"civic_{account.replace('-', '_')}"
