"""### Go on with orders to destroy.

Every night each order that is under way is carried on: what can be split, taken out and erased now
is. An order begins and ends by a person's signature alone (`archiver disposition execute ORDER
--sign FILE`), and a verifier's stands between; this job has no key of anybody.

* **A hold**: one that is in the ledger first halts the order at its next segment, here too.
* **Partition**: of no meaning here. Running it twice, or clearing its task, changes nothing.
* **When it fails**: killed anywhere it goes on where it stopped. What is in the way of an order
  (`order-blocked`, a copy that is away) is named in the log, and the other orders go on.
* **By hand**: `archiver disposition execute ORDER` without `--sign` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS
from civic_archiver_airflow.operators import PurgeOperator

with DAG(
    dag_id="purge",
    description="Go on with orders to destroy that people have begun",
    schedule=schedule("purge"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "nightly"],
    doc_md=__doc__,
) as dag:
    PurgeOperator(
        task_id="purge",
        doc_md="Carries on; returns counts by order, never content.",
    )
