"""### Report what wants looking at.

Every week: what is due, what is overdue, what something blocks, what is on hold and what waits
for an event, as CSV and as pictures, into the folder that `[civic_archiver] reports` names, or
`reports` in the archive's home. Airflow gets counts alone: reports name accounts and matters.

* **Partition**: of no meaning here. A report of a day is always the same, byte for byte.
* **When it fails**: a folder that can't be written is tried again; a rule pack that is unfit fails.
* **Encrypted streams** are not asked; how much was not asked stands in the report.
* **By hand**: `archiver report NAME --csv FILE --picture FILE` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.custody import ReportOperator
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS

with DAG(
    dag_id="monitoring",
    description="Write the week's reports: due, overdue, blocked, held, awaiting",
    schedule=schedule("monitoring"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "weekly"],
    doc_md=__doc__,
) as dag:
    ReportOperator(
        task_id="monitoring",
        reports=["due", "overdue", "blocked", "held", "awaiting"],
        doc_md="Writes reports beside the archive; returns how many rows each has.",
    )
