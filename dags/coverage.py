"""### See that nothing is missing unnoticed.

Every hour it is told of each account, from the archive's own records alone:

* what nothing explains in its **coverage**: counts that differ, time that nobody has read;
* whether **captures** come to their end: none for a day, or a stream that is long overdue;
* what its platform said of the **login**: that it ends, was refused, or lacks a scope; and
  signs that somebody else has a hand in the account.

Its platform is asked nothing, and nothing is written.

* **When it fails**: each finding is in the log of that account's task, with its code, and how
  to mend it. A person has to look, so it fails at once; the next hour looks again.
* **Partition**: of no meaning here: what is told is how things are now.
* **By hand**: `archiver coverage` and `archiver account show ACCOUNT` tell the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.checking import CoverageOperator
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import CHECK_POOL, TAGS
from civic_archiver_airflow.operators import ApprovedAccountsOperator

with DAG(
    dag_id="coverage",
    description="Tell what is missing, late or wrong with a login, by account",
    schedule=schedule("coverage"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "hourly"],
    doc_md=__doc__,
) as dag:
    accounts = ApprovedAccountsOperator(
        task_id="accounts",
        doc_md="Reads from the archive's own records which accounts are approved.",
    )
    CoverageOperator.partial(
        task_id="coverage",
        pool=CHECK_POOL,
        map_index_template="{{ task.account }}",
        doc_md="Tells how one account does; fails with what a person must see to.",
    ).expand(account=accounts.output)
