"""What all DAGs of the archive have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronPartitionTimetable, Param
from airflow.sdk.configuration import conf

from civic_archiver_airflow.provider import get_provider_info
from civic_archiver_airflow.retries import RETRIES, ByErrorClass

__all__ = ["DEFAULTS", "PARAMS", "schedule"]

DEFAULTS: dict[str, Any] = {
    "owner": "records",
    "retries": RETRIES,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
    "retry_policy": ByErrorClass(),
    "execution_timeout": timedelta(hours=6),
}


PARAMS = {
    "as_of": Param(
        "",
        type="string",
        title="As of",
        description="For a run by hand: the moment (UTC, as 2026-11-20T15:00:00) to capture as "
        "of, as a run of that partition does; empty: capture in any case.",
    ),
}


def schedule(job: str) -> CronPartitionTimetable:
    """Return when a job runs: ``[civic_archiver] <job>_schedule``, cron in UTC.

    Each run has the partition of its moment: it is kept once everything up to then is read.
    """
    options = get_provider_info()["config"]["civic_archiver"]["options"]
    name = f"{job}_schedule"
    cron = conf.get("civic_archiver", name, fallback=options[name]["default"])
    return CronPartitionTimetable(cron, timezone="UTC")
