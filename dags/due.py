"""### Capture what a platform would soon show no more of.

Every five minutes, the accounts are read of which something is *due*: Facebook and Instagram show
the newest twenty messages of a conversation alone, stories and the messages of X are shown
for a time only. How fast messages came lately, and when each account was last read, say by
when it must be read again (`archiver coverage`, "must be looked at every …").

* **Partition**: the moment an account is captured as of, as in `capture`: what that has read since
  is not read again.
* **When nothing is due**: one look at what is known, no request, no entry.
* **When it fails**: as in `capture`; the next run finds the account still due.
* **By hand**: `archiver capture --due` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, PARAMS, schedule
from civic_archiver_airflow.names import DUE_POOL, TAGS
from civic_archiver_airflow.operators import (
    ACCOUNTS,
    WINDOWS,
    CaptureOperator,
    DueAccountsOperator,
)

with DAG(
    dag_id="due",
    description="Capture accounts of which a platform would soon show less",
    schedule=schedule("due"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "minutes"],
    params=PARAMS,
    doc_md=__doc__,
) as dag:
    accounts = DueAccountsOperator(
        task_id="accounts",
        doc_md="Tells from the archive's own records which accounts are due by now.",
    )
    CaptureOperator.partial(
        task_id="due",
        mode="incremental",
        pool=DUE_POOL,
        outlets=[WINDOWS, ACCOUNTS],
        map_index_template="{{ task.account }}",
        doc_md="Captures one account as of the partition; returns counts, never content.",
    ).expand(account=accounts.output)
