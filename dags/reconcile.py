"""### Look again at what is due.

Every night, every approved account is compared with the archive: what is younger than a
week, older things more rarely with their age, and everything after 28 days (`sweep_days`).
Edits, hides, restored and missing things become observations, and the platform's own
counts are held against the archive's.

* **Deleted** is said of what two complete listings lack and the platform itself denies.
* **Partition**: the moment, as in `capture`; a night that was kept is not read again.
* **Pool**: one of its own, so that a long sweep never keeps what is new waiting.
* **When it fails**: as in `capture`. A count that nothing explains is tried again, then
  fails: look at the platform, and at `archiver capture ACCOUNT --mode backfill`.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, PARAMS, schedule
from civic_archiver_airflow.names import RECONCILE_POOL, TAGS
from civic_archiver_airflow.operators import (
    ACCOUNTS,
    WINDOWS,
    ApprovedAccountsOperator,
    CaptureOperator,
)

with DAG(
    dag_id="reconcile",
    description="Look again at what is due in every approved account and notice what changed",
    schedule=schedule("reconcile"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "nightly"],
    params=PARAMS,
    doc_md=__doc__,
) as dag:
    accounts = ApprovedAccountsOperator(
        task_id="accounts",
        doc_md="Reads from the archive's own records which accounts are approved.",
    )
    CaptureOperator.partial(
        task_id="reconcile",
        mode="reconcile",
        pool=RECONCILE_POOL,
        outlets=[WINDOWS, ACCOUNTS],
        map_index_template="{{ task.account }}",
        doc_md="Reads what is due of one account; returns counts, never content.",
    ).expand(account=accounts.output)
