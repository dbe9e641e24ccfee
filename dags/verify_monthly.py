"""### Verify every record, here and in each copy.

Once a month every stored file is read, every record in it is held against the ledger, and its
row is derived again. Then each copy that the settings name is verified by itself, file by file,
as whoever has nothing but that copy would.

* **Partition**: of no meaning here. Nothing is written into the archive: run it at any time.
* **When it fails**: as in `verify_nightly`. What is damaged in one place is mended from another by
  `archiver replicate --repair`. A try that was interrupted is gone on with.
* **By hand**: `archiver verify --deep`, and `archiver replicate --verify`, do the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.checking import CopiesOperator, VerifyOperator
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import CHECK_POOL, TAGS

with DAG(
    dag_id="verify_monthly",
    description="Verify every record, and each copy by itself",
    schedule=schedule("verify_monthly"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "monthly"],
    doc_md=__doc__,
) as dag:
    VerifyOperator(
        task_id="verify",
        deep=True,
        pool=CHECK_POOL,
        doc_md="Verifies every record; returns counts, never content.",
    )
    CopiesOperator(
        task_id="copies",
        deep=False,
        pool=CHECK_POOL,
        doc_md="Verifies each copy by itself; returns counts by copy, never content.",
    )
