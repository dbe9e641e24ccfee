"""Operators about hours and months of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["HOURS", "MONTHS", "HoursOperator", "MonthOperator"]

HOURS = Asset(name="civic-archive-hours", group="civic-archive")
"""Each hour of an account that is covered, or a gap on record: partition ``account|hour``."""
MONTHS = Asset(name="civic-archive-months", group="civic-archive")
"""Each closed month of an account: partition ``account|month``."""


class HoursOperator(BaseOperator):
    """Tells which hours of each account are accounted for, as partitions of `HOURS`.

    How far it has told stands in the asset's state; without that it tells two months anew.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Tell. Returns how many hours, by account. Raises `ArchiverError`."""
        from archiver.flows.accounts import registry
        from archiver.flows.months import hours_accounted
        from civic_archiver_airflow.archive import opened

        archive, state = opened(), context["asset_state_store"][HOURS]
        accounts = [one for one in registry(archive).values() if one.status == "approved"]
        counts: dict[str, int] = {}
        for account in accounts:
            told = str(state.get(account.handle, ""))
            hours = hours_accounted(archive, account.name, told)
            counts[account.name] = len(hours)
            if hours:
                context["outlet_events"][HOURS].add_partitions(
                    [f"{account.name}|{hour}" for hour in hours]
                )
                state.set(account.handle, hours[-1])
        context["outlet_events"][HOURS].extra = {"hours": sum(counts.values())}
        return counts


class MonthOperator(BaseOperator):
    """Has the ledger say whether the month of an account is closed, and announces it."""

    def execute(self, context: Context) -> dict[str, Any]:
        """Look. Returns account, month and its end. Raises `ArchiverError` where it is open.

        A run by hand needs a partition, too: ``account|2026-11``.
        """
        from archiver.flows.months import month_closed
        from civic_archiver_airflow.archive import opened

        key = context["dag_run"].partition_key or ""
        account, _, month = key.rpartition("|")
        end = month_closed(opened(), account, month)
        context["outlet_events"][MONTHS].add_partitions(key)
        return {"account": account, "month": month, "end": end}
