"""### Have outsiders vouch for the archive.

Every hour witnesses cosign the ledger, each with a proof that it only grew, and authorities
time-stamp that; time-stamps whose keys or hashes grow old are stamped anew in time
(`renew_days`). Where nothing is new and nothing is due, nobody is asked.

* **Nobody is configured**: the task is skipped and says where to name witnesses. Without any,
  whoever holds bucket and signing key can show different people different histories.
* **When it fails**: silence is tried again with growing pauses, unless enough was given: the
  quorum, and a time-stamp of somebody. A witness that knows another ledger or a longer one
  (`ledger-fork`, `ledger-rolled-back`), a refusal or a false answer fails at once: a person
  has to look, and nothing should be written until it is known who signed.
* **What was given** is kept as evidence in any case, whoever else failed.
* **By hand**: `archiver anchor --renew` does the same.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.names import TAGS
from civic_archiver_airflow.operators import AnchorOperator

with DAG(
    dag_id="anchor",
    description="Have witnesses cosign the ledger and authorities time-stamp it",
    schedule=schedule("anchor"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "hourly"],
    doc_md=__doc__,
) as dag:
    AnchorOperator(
        task_id="anchor",
        doc_md="Asks witnesses and authorities; returns counts of what they gave.",
    )
