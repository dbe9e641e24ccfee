"""### Verify what came since the last night.

Every night the ledger is verified whole, from its first entry, and the files of all that came
since this home last found everything whole; older files are looked for. The first night, and
after a finding, everything is read. `verify_monthly` reads every record, monthly.

* **Partition**: of no meaning here. Nothing is written into the archive: run it at any time.
* **When it fails**: each finding is in the log, with its code, its place, and what was expected
  there. It fails at once, as no other try finds otherwise: run `archiver verify`, which says how
  to mend each. A try that was interrupted is gone on with.
* **By hand**: `archiver verify --since last` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.checking import VerifyOperator
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import CHECK_POOL, TAGS

with DAG(
    dag_id="verify_nightly",
    description="Verify the ledger, and the files of what came since the last night",
    schedule=schedule("verify_nightly"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "nightly"],
    doc_md=__doc__,
) as dag:
    VerifyOperator(
        task_id="verify",
        deep=False,
        pool=CHECK_POOL,
        doc_md="Verifies ledger and new files; returns counts, never content.",
    )
