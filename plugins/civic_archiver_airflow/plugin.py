"""What Airflow loads of this provider in every process: who listens, and what stands in the way."""

from __future__ import annotations

from typing import Any

from airflow.sdk.plugins_manager import AirflowPlugin

from civic_archiver_airflow.interventions import NotedRequests
from civic_archiver_airflow.listener import RunListener

__all__ = ["CivicArchiverPlugin"]


class CivicArchiverPlugin(AirflowPlugin):
    """Notes runs and interventions in the archive's home (`archiver.flows.operations`)."""

    name = "civic_archiver"
    listeners: list[Any] = [RunListener()]  # noqa: RUF012 - as the base class has it
    fastapi_root_middlewares: list[Any] = [  # noqa: RUF012 - likewise
        {"name": "civic_archiver: requests", "middleware": NotedRequests}
    ]
