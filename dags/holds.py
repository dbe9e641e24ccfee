"""### Reconcile holds with what came since.

Every night each standing hold is compared with what its scope finds by now. Nothing can be
destroyed before every hold was applied to the archive as it was evaluated.

* **Whose signature**: that of the workers' own key, where `ARCHIVER_PERSON` names one that people
  enrolled with the role `hold`: it adds to holds, and can't release one alone. Without a key
  nothing is signed; the task fails where anything waits, and says who has to sign.
* **Partition**: of no meaning here. What is held already is not taken in again.
* **When it fails**: a hold that this home can't read takes in nothing and is named.
* **By hand**: `archiver hold apply --sign FILE` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.custody import HoldsOperator
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS

with DAG(
    dag_id="holds",
    description="Take into standing holds what came since",
    schedule=schedule("holds"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "nightly"],
    doc_md=__doc__,
) as dag:
    HoldsOperator(
        task_id="holds",
        doc_md="Compares and applies; returns counts by hold, never content.",
    )
