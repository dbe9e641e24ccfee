"""Partitions: an account's hours make up its month, and it waits for all of them.

The scheduler reads these classes from the plugin below; keys are ``city-blog|2026-11-20T09:00:00``
and ``city-blog|2026-11``, in UTC. What they decide is when Airflow *asks* whether a month is
closed. Whether it is says the ledger (`archiver.flows.months`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.partition_mappers.base import PartitionMapper
from airflow.partition_mappers.window import Window
from airflow.sdk import RollupMapper
from airflow.sdk.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AccountMonth", "HoursOfMonth", "PartitionsPlugin", "months_of_accounts"]

HOUR, MONTH = "%Y-%m-%dT%H:00:00", "%Y-%m"


class AccountMonth(PartitionMapper):
    """``account|hour`` -> ``account|month``; decoded: the account, and the month's first moment."""

    expected_decoded_type: ClassVar[type] = tuple

    def to_downstream(self, key: str) -> str:
        """Return the month of an hour. Raises `ValueError` for a key of another form."""
        account, _, hour = key.rpartition("|")
        return f"{account}|{datetime.strptime(hour, HOUR).replace(tzinfo=UTC):{MONTH}}"

    def decode_downstream(self, downstream_key: str) -> tuple[str, datetime]:
        """Return account and first moment of a month's key."""
        account, _, month = downstream_key.rpartition("|")
        return account, datetime.strptime(month, MONTH).replace(tzinfo=UTC)

    def encode_upstream(self, decoded: Any) -> str:  # noqa: ANN401 - the base class's signature
        """Return the key of an account's hour."""
        account, hour = decoded
        return f"{account}|{hour:{HOUR}}"

    def to_partition_date(self, downstream_key: str) -> datetime | None:
        """Return the first moment of the month."""
        return self.decode_downstream(downstream_key)[1]


class HoursOfMonth(Window):
    """All hours of a month, in UTC: 672 to 744, none missing and none twice."""

    expected_decoded_type: ClassVar[type] = tuple

    def to_upstream(self, decoded_downstream: Any) -> Iterator[tuple[str, datetime]]:  # noqa: ANN401 - likewise
        """Yield account and moment of each hour."""
        account, first = decoded_downstream
        hour = first
        while (hour.year, hour.month) == (first.year, first.month):
            yield account, hour
            hour += timedelta(hours=1)


class PartitionsPlugin(AirflowPlugin):
    """Registers both with the scheduler (entry point ``airflow.plugins``)."""

    name = "civic_archiver_partitions"
    partition_mappers = [AccountMonth]  # noqa: RUF012 - the base class declares it so
    windows = [HoursOfMonth]  # noqa: RUF012 - likewise


def months_of_accounts() -> RollupMapper:
    """Return the mapper of a DAG that runs for each account's month once all its hours came."""
    return RollupMapper(upstream_mapper=AccountMonth(), window=HoursOfMonth())  # type: ignore[arg-type]
