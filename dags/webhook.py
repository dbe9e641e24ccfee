"""### Settle what platforms send by themselves, as soon as it is there.

The receiver (`archiver webhook serve --no-settle`) has a delivery on disk before it answers, and
then rings: a message in Redis or SQS (`doorbell` in the settings). A ring wakes this DAG, which
settles and seals all that waits and asks for what it leads to. It is then found and provable.

* **A ring is a hint**: it carries an account's handle, never content. It is answered once
  Airflow has kept it; whoever is killed before hears it again. A lost one is made good by the
  DAG `settle`, which looks every five minutes.
* **Run twice**: nothing waits any more, and the task is skipped.
* **When it fails**: one account's trouble is logged, and the others are settled. An account that
  is being captured is waited for a little, then tried again; that capture settles it as well.
* **By hand**: `archiver webhook settle` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.assets import DOORBELL
from civic_archiver_airflow.defaults import DEFAULTS
from civic_archiver_airflow.names import SETTLE_POOL, TAGS
from civic_archiver_airflow.operators import ACCOUNTS
from civic_archiver_airflow.settling import SettleOperator

QUIET = 10.0  # seconds to wait for more: a run that is there is quicker than a new one

with DAG(
    dag_id="webhook",
    description="Settle and seal deliveries when the receiver rings",
    schedule=[DOORBELL],
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "events"],
    doc_md=__doc__,
) as dag:
    SettleOperator(
        task_id="settle",
        quiet=QUIET,
        pool=SETTLE_POOL,
        outlets=[ACCOUNTS],
        doc_md="Settles all deliveries that wait; returns counts by account, never content.",
    )
