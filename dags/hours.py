"""### Tell which hours are accounted for.

Every night, of each approved account: an hour is accounted for once it is covered by a reading
that looked after it, or on record as a gap, or the capability matrix says why nobody can know.
Each is a partition `account|hour` of the asset `civic-archive-hours`; once a month has all of
its hours, `month` runs for it.

* **Partition**: of no meaning here. Hours of the last two days are told of again each night: so
  none is lost with a run that was killed, and one that was told twice changes nothing.
* **When it fails**: the next night tells all that was not told. Nothing is written anywhere.
* **By hand**: `archiver coverage ACCOUNT` tells it for any time.
"""

from __future__ import annotations

from airflow.sdk import DAG

from civic_archiver_airflow.defaults import DEFAULTS, schedule
from civic_archiver_airflow.months import HOURS, HoursOperator
from civic_archiver_airflow.names import CHECK_POOL, TAGS

with DAG(
    dag_id="hours",
    description="Tell which hours of each account are covered, or a gap on record",
    schedule=schedule("hours"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=[*TAGS, "nightly"],
    doc_md=__doc__,
) as dag:
    HoursOperator(
        task_id="hours",
        pool=CHECK_POOL,
        outlets=[HOURS],
        doc_md="Tells which hours are accounted for; returns how many, by account.",
    )
