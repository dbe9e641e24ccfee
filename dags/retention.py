"""### Ask people about what is due.

Every month: what is due and in no order, by series, with counts. For each series people are asked,
under *Required Actions*. An answer is the request to sign, no approval: a records manager and two
approvers sign with their own keys elsewhere, and the ledger alone counts. The run waits for
their order, then for the signature that begins it, then carries it on with what is under way.

* **Nobody's key** is here. Answering for somebody else, setting a state, clearing, other parameters
  or an edited XCom destroy nothing: at worst a run waits for nothing, or ends early.
* **Waiting** holds no worker: 14 days for an answer, 60 for the order, 400 until it is begun.
* **Partition**: of no meaning here. What is in an order is not asked about again.
* **When it fails**: silence fails at once; sign all the same, the DAG `purge` carries orders on.
* **By hand**: `archiver report due`, then `archiver disposition propose SERIES`.
"""

from __future__ import annotations

from airflow.sdk import DAG, task_group

from civic_archiver_airflow.asking import (
    AskOperator,
    BegunSensor,
    DueSeriesOperator,
    OrderSensor,
    waiting,
)
from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS
from civic_archiver_airflow.operators import PurgeOperator

with DAG(
    dag_id="retention",
    description="Ask people about what is due, and carry out what they sign",
    schedule=schedule("retention"),
    catchup=False,
    max_active_runs=16,
    default_args=DEFAULTS,
    tags=[*TAGS, "monthly"],
    doc_md=__doc__,
) as dag:
    due = DueSeriesOperator(task_id="due", doc_md="Counts what is due, by series; skipped if none.")

    @task_group
    def series(about: dict[str, object]) -> None:
        """Ask about one series."""
        ask = AskOperator(task_id="ask", about=about, job="retention")
        order = OrderSensor(task_id="signed", about=about, **waiting(60))
        begun = BegunSensor(task_id="begun", about=order.output, **waiting(400))
        carried = PurgeOperator(
            task_id="carry_on", doc_md="Carries on with all orders that are under way."
        )
        ask >> order >> begun >> carried

    series.expand(about=due.output)
