"""What tests have Airflow do, in a process of its own: ``python -m tests.airflow.driver``.

Airflow sets up its process at import, by the environment: so nothing of it happens in the
process of pytest. Each job prints one JSON document as its last line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from airflow.sdk.configuration import conf

if TYPE_CHECKING:
    from collections.abc import Callable

USED = ("DAG", "Asset", "BaseOperator", "CronPartitionTimetable", "ExceptionRetryPolicy", "Param")
"""What DAG files use of Airflow, which loads each part when it is first asked for."""


def _bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    folder = conf.get("core", "dags_folder")
    return DagBag(dag_folder=folder, bundle_path=folder)


def parse() -> dict[str, Any]:
    """Read all DAG files; say what it cost, what it imported and whom it called.

    ``seconds`` and ``airflow`` are CPU seconds: of reading them, and of all until then.
    """
    import socket

    import airflow.dag_processing.dagbag

    called: list[str] = []
    for name in USED:
        getattr(airflow.sdk, name)
    sys.addaudithook(lambda event, _: called.append(event) if event.startswith("socket.") else None)
    socket.socket().close()
    before, made = set(sys.modules), len(called)
    began = time.process_time()
    bag = _bag()
    return {
        "seconds": time.process_time() - began,
        "airflow": began,
        "watched": made,
        "calls": called[made:],
        "errors": bag.import_errors,
        "imported": sorted(set(sys.modules) - before),
        "dags": {name: _described(dag) for name, dag in bag.dags.items()},
    }


def _described(dag: Any) -> dict[str, Any]:
    return {
        "doc": dag.doc_md or "",
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "timetable": type(dag.timetable).__name__,
        "assets": _awaited(dag.timetable),
        "waits": _partitions(dag.timetable),
        "tasks": {
            task.task_id: {
                "doc": task.doc_md or "",
                "owner": task.owner,
                "retries": task.retries,
                "policy": type(task.retry_policy).__name__,
                "timeout": task.execution_timeout.total_seconds(),
                "pool": task.pool,
                "mapped": task.is_mapped,
                "outlets": sorted(one.name for one in task.outlets),
            }
            for task in dag.tasks
        },
    }


def _awaited(timetable: Any) -> list[str]:
    """Return the names of the assets that start a DAG."""
    condition: Any = getattr(timetable, "asset_condition", None)
    if hasattr(condition, "name"):
        return [str(condition.name)]
    return sorted(one.name for one in getattr(condition, "objects", ()))


def _partitions(timetable: Any) -> list[str]:
    """Return what a DAG waits for before February of an account, as the scheduler reads it."""
    from airflow.serialization.decoders import decode_partition_mapper
    from airflow.serialization.encoders import encode_partition_mapper

    mapper = getattr(timetable, "default_partition_mapper", None)
    if mapper is None:
        return []
    read: Any = decode_partition_mapper(encode_partition_mapper(mapper))
    months = {read.to_downstream(key) for key in read.to_upstream("city-blog|2028-02")}
    assert months == {"city-blog|2028-02"}, months
    return sorted(read.to_upstream("city-blog|2028-02"))


def decide() -> dict[str, Any]:
    """Ask the retry policy about every error of the archive, and about others."""
    from archiver import errors
    from civic_archiver_airflow.retries import ByErrorClass

    raised: list[Exception] = [
        getattr(errors, name)("it happened")
        for name in errors.__all__
        if name not in {"ArchiverError", "CaptureError", "RateLimitedError"}
    ]
    raised += [errors.CaptureError("it happened"), OSError("no space left on device")]
    raised.append(errors.RateLimitedError("wait", retry_after=77.0))
    policy = ByErrorClass()
    found = {}
    for error in raised:
        decision = policy.evaluate(error, 1, 4)
        delay = decision.retry_delay
        found[type(error).__name__] = [
            decision.action.value,
            delay.total_seconds() if delay else None,
            decision.reason,
        ]
    return {"decisions": found, "serialized": policy.serialize()}


def migrate() -> dict[str, Any]:
    """Make the metadata database."""
    from airflow.utils.db import initdb

    initdb()
    return {}


def run(name: str, as_of: str = "") -> dict[str, Any]:
    """Run a DAG with ``dag.test()``; say how its tasks ended and what they returned."""
    ended = _bag().dags[name].test(run_conf={"as_of": as_of} if as_of else None)
    return {
        "state": str(ended.state),
        "tasks": [
            [one.task_id, one.map_index, str(one.state), one.try_number]
            for one in sorted(
                ended.get_task_instances(), key=lambda one: (one.task_id, one.map_index)
            )
        ],
    }


def each(name: str, *changes: str) -> dict[str, Any]:
    """Run a DAG once after each change of the environment (a JSON object of variables)."""
    runs = []
    for change in changes:
        os.environ.update(json.loads(change))
        runs.append(run(name))
    return {"runs": runs}


def several(*words: str) -> dict[str, Any]:
    """Run DAGs, one after the other; a JSON object among them changes the environment."""
    runs = []
    for word in words:
        if word.startswith("{"):
            os.environ.update(json.loads(word))
        else:
            runs.append(run(word))
    return {"runs": runs}


def ring(queue: str, *addresses: str) -> dict[str, Any]:
    """Do both jobs of `tests.airflow.ringing`; SQS hands a message out again after a second."""
    from archiver.edges import doorbell_sqs
    from tests.airflow.ringing import away, rings

    doorbell_sqs._AGAIN = 1
    return rings(queue) | away(addresses)


def main() -> None:
    """Do one job."""
    jobs: dict[str, Callable[..., dict[str, Any]]] = {
        "parse": parse,
        "decide": decide,
        "migrate": migrate,
        "run": run,
        "each": each,
        "several": several,
        "ring": ring,
    }
    document = jobs[sys.argv[1]](*sys.argv[2:])
    sys.stdout.write(f"\n{json.dumps(document, default=str)}\n")


if __name__ == "__main__":
    main()
