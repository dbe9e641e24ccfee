"""### Look at what may have been left, every five minutes.

* **settle**: deliveries that wait though nobody rang, or whose ring was lost: as in `webhook`.
* **hubs**: subscriptions of feeds are renewed a day before their hub would let them end. Beside
  a receiver that settles by itself this finds nothing to do.
* **checkpoint**: batches that a killed worker left are taken into the ledger, and its head is
  signed where that was cut short. Keys go to people whose roles count by now.

* **Partition**: of no meaning here. Where nothing was left, nothing is written.
* **When it fails**: what one task meets never stops the others; the next look tries again.
* **By hand**: `archiver webhook settle`; every command that seals does the third in passing.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import SETTLE_POOL, TAGS
from civic_archiver_airflow.operators import ACCOUNTS
from civic_archiver_airflow.settling import CheckpointOperator, HubsOperator, SettleOperator

with DAG(
    dag_id="settle",
    description="Settle what waits, renew subscriptions, finish what was cut short",
    schedule=schedule("settle"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "minutes"],
    doc_md=__doc__,
) as dag:
    SettleOperator(
        task_id="settle",
        pool=SETTLE_POOL,
        outlets=[ACCOUNTS],
        doc_md="Settles all deliveries that wait; returns counts by account, never content.",
    )
    HubsOperator(
        task_id="hubs",
        doc_md="Asks hubs again to send what is new, where that is due.",
    )
    CheckpointOperator(
        task_id="checkpoint",
        doc_md="Takes in what killed workers left, signs the head; returns how many batches.",
    )
