"""### Close an account's month.

Runs for each `account|month` once every hour of it was told of as a partition of the asset
`civic-archive-hours` (see `hours`). The ledger decides: each hour must be covered, or a gap on
record. What follows a month waits for its event of the asset `civic-archive-months`, with the
same partition.

* **Run twice**: nothing is written; the ledger says the same of a closed month at any time.
* **When it fails**: `month-open`: an hour is neither covered nor known to be a gap, and the log
  says up to when the account is accounted for. Capture it, then clear the task.
* **By hand**: start it with the partition `ACCOUNT|2026-11`; `archiver coverage ACCOUNT --from
  2026-11-01 --to 2026-11-30` tells why.
"""

from __future__ import annotations

from airflow.sdk import DAG, PartitionedAssetTimetable

from civic_archiver_airflow.defaults import DEFAULTS
from civic_archiver_airflow.mappers import months_of_accounts
from civic_archiver_airflow.months import HOURS, MONTHS, MonthOperator
from civic_archiver_airflow.names import CHECK_POOL, TAGS

with DAG(
    dag_id="month",
    description="Close an account's month once every hour of it is accounted for",
    schedule=PartitionedAssetTimetable(assets=HOURS, default_partition_mapper=months_of_accounts()),
    catchup=False,
    max_active_runs=4,
    default_args=DEFAULTS,
    tags=[*TAGS, "monthly"],
    doc_md=__doc__,
) as dag:
    MonthOperator(
        task_id="month",
        pool=CHECK_POOL,
        outlets=[MONTHS],
        doc_md="Has the ledger say whether the month is closed; returns its end.",
    )
