"""### Capture what is new.

Every hour, every approved account is read as far back as something is new, and sealed.

* **Partition**: the moment the account is captured as of; in events of the asset
  `civic-archive-windows` it is `account|moment`. A window that was kept is not captured
  again: clearing its task, or running it twice, changes nothing.
* **Asset**: each account has its own, `civic-archive/<archive>/<account>`; its events carry counts.
* **When it fails**: a rate limit or an outage is tried again with growing pauses; a refused
  credential, a missing approval or damage in the archive fails at once and needs a person.
  What had come is sealed in any case, and no account waits for another.
* **By hand**: `archiver capture ACCOUNT` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, PARAMS, schedule
from civic_archiver_airflow.names import CAPTURE_POOL, TAGS
from civic_archiver_airflow.operators import (
    ACCOUNTS,
    WINDOWS,
    ApprovedAccountsOperator,
    CaptureOperator,
)

with DAG(
    dag_id="capture",
    description="Capture what is new in every approved account",
    schedule=schedule("capture"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "hourly"],
    params=PARAMS,
    doc_md=__doc__,
) as dag:
    accounts = ApprovedAccountsOperator(
        task_id="accounts",
        doc_md="Reads from the archive's own records which accounts are approved.",
    )
    CaptureOperator.partial(
        task_id="capture",
        mode="incremental",
        pool=CAPTURE_POOL,
        outlets=[WINDOWS, ACCOUNTS],
        map_index_template="{{ task.account }}",
        doc_md="Captures one account as of the partition; returns counts, never content.",
    ).expand(account=accounts.output)
