"""### Keep copies of the archive elsewhere.

Every night each copy that `archiver.toml` names is brought up to the signed head: what it has
not is copied, once it is what the ledger says, and read back there.

* **Partition**: of no meaning here. Running it twice, or clearing its task, copies nothing twice.
* **When it fails**: a copy that can't be reached is tried again with the others that are up to
  date. A damaged object, here or there, fails the task and is named in its log: run `archiver
  replicate --repair`. Without copies in the settings the task is skipped.
* **By hand**: `archiver replicate` does the same; `--verify` verifies each copy by itself.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS
from civic_archiver_airflow.operators import ReplicateOperator

with DAG(
    dag_id="replicate",
    description="Bring the copies of the archive up to date",
    schedule=schedule("replicate"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "nightly"],
    doc_md=__doc__,
) as dag:
    ReplicateOperator(
        task_id="replicate",
        doc_md="Copies and reads back; returns counts for each copy, never content.",
    )
