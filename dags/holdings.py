"""### Report what the archive holds and what went.

Every month: records, versions and bytes by account, stream, series and year, and the orders under
which something was destroyed, as CSV and as pictures, into the folder that `[civic_archiver]
reports` names, or `reports` in the archive's home. Airflow gets counts alone.

* **Partition**: of no meaning here. A report of a day is always the same, byte for byte.
* **When it fails**: a folder that can't be written is tried again; a rule pack that is unfit fails.
* **By hand**: `archiver report holdings --csv FILE --picture FILE` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.custody import ReportOperator
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS

with DAG(
    dag_id="holdings",
    description="Write the month's reports: holdings, destroyed",
    schedule=schedule("holdings"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "monthly"],
    doc_md=__doc__,
) as dag:
    ReportOperator(
        task_id="holdings",
        reports=["holdings", "destroyed"],
        doc_md="Writes reports beside the archive; returns how many rows each has.",
    )
