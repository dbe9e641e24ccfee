"""### Make few files of many.

Every night, small segments of runs that are over are merged into large ones: the same
records, the same answers, fewer files to read. What was merged stays, until a person in
the role of the verifier has looked at all that took its place and signed
(`archiver compact --verify --key FILE`). The run after that removes it.

* **No signature**: this job never verifies. The second role is a person's own key, and
  whoever runs Airflow is not that person.
* **Partition**: of no meaning here. What is merged already is not merged again: running it
  twice, or clearing its task, changes nothing.
* **When it fails**: killed anywhere it goes on where it stopped. A file that is not the one
  that was sealed fails at once: run `archiver verify`.
* **By hand**: `archiver compact` does the same; `--plan` tells what would be merged.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS
from civic_archiver_airflow.operators import CompactOperator

with DAG(
    dag_id="compact",
    description="Merge small segments, and remove what was merged and verified",
    schedule=schedule("compact"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "nightly"],
    doc_md=__doc__,
) as dag:
    CompactOperator(
        task_id="compact",
        doc_md="Merges and removes; returns counts, never content.",
    )
