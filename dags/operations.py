"""### Seal what was noted of runs and interventions.

While things happen, the plugin notes in the archive's home how each run of these DAGs ended, who
answered what, and each request to Airflow that changes something: triggering, clearing, a state
set by hand, edited variables, connections and XCom, also refused ones. Every hour all notes become
one private document of the archive: Airflow's own records may be cleaned, this stays.

* **What is noted**: names, states and who; never a body, a value or content.
* **Partition**: of no meaning here. What is sealed is not sealed again, also after a crash.
* **When nobody listens**: this run notes its beginning; `archiver status` says where no end came.
* **By hand**: `archiver operations --seal` does the same; without `--seal` it only shows.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.custody import OperationsOperator
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS

with DAG(
    dag_id="operations",
    description="Seal what was noted of runs and interventions",
    schedule=schedule("operations"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "hourly"],
    doc_md=__doc__,
) as dag:
    OperationsOperator(
        task_id="operations",
        doc_md="Seals notes; returns how many, never what they say.",
    )
