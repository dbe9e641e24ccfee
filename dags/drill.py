"""### Restore every copy on trial.

Every month each copy is restored into an empty folder **from that copy alone**, every record there
is verified, and the outcome is compared with the archive. The folder is thrown away; what came of
it is noted and sealed with what else was done (`archiver operations`).

* **Room**: as much as the archive takes, in `[civic_archiver] scratch` or where temporary files go.
* **Keys**: of this home, as copies have none. That offline recipients can restore them is another
  drill: `archiver keys drill`.
* **Partition**: of no meaning here. Nothing is written into the archive or a copy.
* **When it fails**: a copy that is not whole fails at once and is named: run `archiver replicate
  --repair` while there is another. Without copies in the settings the task is skipped.
* **By hand**: `archiver restore COPY --into DIR` does the same, and leaves the folder.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.custody import RestoreOperator
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS

with DAG(
    dag_id="drill",
    description="Restore every copy into a scratch folder, verify and compare it",
    schedule=schedule("drill"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "monthly"],
    doc_md=__doc__,
) as dag:
    RestoreOperator(
        task_id="drill",
        doc_md="Restores, verifies, compares; returns counts by copy, never content.",
    )
