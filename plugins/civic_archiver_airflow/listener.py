"""Notes how every run of the archive's DAGs ended (an Airflow listener).

It runs in the scheduler, and in the API server where somebody sets a run's state by hand.
"""

from __future__ import annotations

from typing import Any

from pluggy import HookimplMarker

from civic_archiver_airflow.names import TAGS
from civic_archiver_airflow.noting import note

__all__ = ["RunListener"]

hookimpl = HookimplMarker("airflow")


class RunListener:
    """Notes the ends of runs (`archiver.flows.operations`), with who or what began them.

    Of parameters only the names are noted.
    """

    @hookimpl
    def on_dag_run_success(self, dag_run: Any) -> None:  # noqa: ANN401 - a model of Airflow's core
        """Note that a run succeeded."""
        _ended(dag_run, "success")

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any) -> None:  # noqa: ANN401 - a model of Airflow's core
        """Note that a run failed."""
        _ended(dag_run, "failed")


def _ended(dag_run: Any, state: str) -> None:  # noqa: ANN401 - a model of Airflow's core
    dag = getattr(dag_run, "dag", None)
    if dag is not None and not set(TAGS) & set(dag.tags):
        return  # of somebody else; where it can't be told, it is noted
    trigger = getattr(dag_run, "triggered_by", None)
    note(
        "run",
        dag=dag_run.dag_id,
        run=dag_run.run_id,
        type=str(getattr(dag_run.run_type, "value", dag_run.run_type)),
        state=state,
        trigger=str(getattr(trigger, "value", trigger) or ""),
        by=dag_run.triggering_user_name or "",
        cleared=str(dag_run.clear_number or 0),
        conf=", ".join(sorted(map(str, dag_run.conf or {}))),
        partition=dag_run.partition_key or "",
    )
