"""### Ask people about private records of a matter.

Begun by hand for a matter (parameter `matter`, its handle): how many private records it asks for.
People are asked under *Required Actions*; an answer is the request to sign, no approval. Whoever
asks for the records, and somebody else who approves, sign with their own keys elsewhere; the run
waits for that approval in the ledger, then for the volume that a person hands over.

* **Nobody's key** is here, and nothing is written out: `archiver produce` does that, signed by
  a person. Answering, setting a state, clearing or an edited XCom export nothing.
* **Waiting** holds no worker: 14 days for an answer, 60 for the approval, 60 for the volume.
* **Partition**: none. Begun twice, it asks twice; what was approved stays approved.
* **When it fails**: silence fails at once; sign all the same, the ledger counts, not this run.
* **By hand**: `archiver export approve --all --matter MATTER`, then `archiver produce`.
"""

from __future__ import annotations

from airflow.sdk import DAG, Param

from civic_archiver_airflow.asking import (
    AskOperator,
    ExportApprovedSensor,
    HandedOverSensor,
    PrivateRecordsOperator,
    waiting,
)
from civic_archiver_airflow.defaults import DEFAULTS
from civic_archiver_airflow.names import TAGS

with DAG(
    dag_id="export",
    description="Ask people about the export of a matter's private records",
    schedule=None,
    catchup=False,
    max_active_runs=16,
    default_args=DEFAULTS,
    params={"matter": Param("", type="string", pattern="^([a-z2-7]{26})?$", title="Matter")},
    tags=[*TAGS, "by hand"],
    doc_md=__doc__,
) as dag:
    asked = PrivateRecordsOperator(
        task_id="asked", doc_md="Counts the private records that the matter asks for."
    )
    ask = AskOperator(task_id="ask", about=asked.output, job="export")
    approved = ExportApprovedSensor(task_id="approved", about=asked.output, **waiting(60))
    handed_over = HandedOverSensor(task_id="handed_over", about=asked.output, **waiting(60))
    asked >> ask >> approved >> handed_over
