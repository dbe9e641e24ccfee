"""### Move locks on.

Every night everything stored is locked for 90 more days, in the archive and in its copies, where
the settings say how (`locks`) and the store keeps S3 Object Lock.

* **Partition**: of no meaning here. A lock that has most of its time left is not asked for again.
* **When it fails**: whatever could not be locked is named in the log, and all else is locked.
  There are weeks left to mend it: until the first lock ends. Without `locks` it is skipped.
* **By hand**: `archiver lock` does the same; `archiver doctor` tries what the store enforces.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS
from civic_archiver_airflow.operators import LockOperator

with DAG(
    dag_id="lock",
    description="Move the locks of everything stored on",
    schedule=schedule("lock"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "nightly"],
    doc_md=__doc__,
) as dag:
    LockOperator(
        task_id="lock",
        doc_md="Locks and reads locks back; returns counts for each place, never content.",
    )
