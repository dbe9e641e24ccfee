"""Asking people, and waiting for what they sign elsewhere (Airflow's human in the loop).

An answer here is a request to sign and nothing else: no task that follows has a key of anybody,
and what counts is what stands in the ledger. So nobody destroys or exports by answering, by
clearing, by setting a state or by editing what tasks hand on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseOperator, BaseSensorOperator, PokeReturnValue
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from civic_archiver_airflow.names import LATER, SIGN
from civic_archiver_airflow.notices import SECTION, Notice, asked_users
from civic_archiver_airflow.noting import note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

__all__ = [
    "AskOperator",
    "BegunSensor",
    "DueSeriesOperator",
    "ExportApprovedSensor",
    "HandedOverSensor",
    "OrderSensor",
    "PrivateRecordsOperator",
    "waiting",
]

TO_ANSWER = timedelta(days=14)
NOBODY = "nobody answered"


def waiting(days: float) -> dict[str, Any]:
    """Return how a sensor waits: no worker is held, for so many days at most.

    It looks again every ``[civic_archiver] look_again`` seconds.
    """
    seconds = conf.getfloat(SECTION, "look_again", fallback=600.0)
    return {"mode": "reschedule", "poke_interval": seconds, "timeout": timedelta(days=days)}


class AskOperator(HITLOperator):
    """Asks whether people will sign; "not now" and silence end the matter for this run.

    The answer, and who gave it, are noted in the archive's home.

    Args:
        about: what it is about, as `DueSeriesOperator` or `PrivateRecordsOperator` tells it.
        job: whose ``[civic_archiver] <job>_answers`` may answer.
    """

    template_fields: Sequence[str] = ("about",)

    def __init__(self, *, about: Any, job: str, **arguments: Any) -> None:  # noqa: ANN401 - what every operator takes
        arguments.setdefault("doc_md", type(self).__doc__)
        super().__init__(
            subject="Will people sign?",
            options=[SIGN, LATER],
            assigned_users=asked_users(job),
            notifiers=[Notice()],
            response_timeout=TO_ANSWER,
            **arguments,
        )
        self.about = about

    def execute(self, context: Context) -> Any:  # noqa: ANN401 - whatever the base returns
        """Ask, and give the worker back until somebody answers."""
        self.subject, self.body = str(self.about["subject"]), str(self.about["body"])
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:  # noqa: ANN401 - likewise
        """Note the answer. Skips what follows on "not now"."""
        answer = super().execute_complete(context, event)
        chosen, who = answer["chosen_options"], answer["responded_by_user"] or {}
        self._note(context, ", ".join(chosen), str(who.get("id", "")))
        if chosen != [SIGN]:
            raise AirflowSkipException("people do not sign now")
        return {"answer": SIGN}

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """Fail at once where nobody answered in time: nobody is asked again by itself."""
        from airflow.sdk import get_current_context

        self._note(get_current_context(), NOBODY, "")
        raise AirflowFailException(f"{NOBODY}: {event.get('error_type', '')}")

    def _note(self, context: Context, choice: str, who: str) -> None:
        ti = context["ti"]
        about = str(self.about.get("about", "")) if isinstance(self.about, dict) else ""
        where = {"dag": ti.dag_id, "run": ti.run_id, "task": ti.task_id}
        note("answer", **where, choice=choice, by=who, about=about)


class DueSeriesOperator(BaseOperator):
    """Returns each series of which something is due and in no order yet, with counts.

    ``size`` is that of the log: an order that is older answers no question of this run.
    """

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Look. Raises `ArchiverError`."""
        from archiver.flows.reports import report
        from civic_archiver_airflow.archive import opened

        del context
        told = report(opened(), "due", "")
        counts: dict[tuple[str, str], int] = {}
        for row in told["rows"]:
            key = (str(row["series"]), str(row["then"]))
            counts[key] = counts.get(key, 0) + row["records"] - row["ordered"]
        found = [
            {
                "about": series,
                "size": told["tree_size"],
                "records": count,
                "subject": f"{count} records are due under {series}",
                "body": DUE.format(
                    count=count, series=series, then=then, day=told["as_of"], zone=told["zone"]
                ),
            }
            for (series, then), count in sorted(counts.items())
            if count
        ]
        self.log.info("due: %s", {one["about"]: one["records"] for one in found})
        if not found:
            raise AirflowSkipException("nothing is due that is in no order")
        return found


DUE = """**{count}** records are due under `{series}` (then: {then}) as of {day}, {zone}.

An answer here destroys nothing and approves nothing. Who says that people will sign asks a records
manager and two approvers to do so, each on the own machine with the own key:

    archiver disposition propose {series} --plan
    archiver disposition propose {series} --reason '...' --sign OWN.key --out one.act
    archiver disposition approve one.act --sign OWN.key --out two.act
    archiver disposition approve two.act --sign OWN.key

This run then waits, first for the order in the ledger, then for the signature that begins it.
"""


class _LedgerSensor(BaseSensorOperator):
    """Waits for something in the ledger.

    Args:
        about: what was asked about (`DueSeriesOperator`, `PrivateRecordsOperator`).
    """

    template_fields: Sequence[str] = ("about",)

    def __init__(self, *, about: Any, **arguments: Any) -> None:  # noqa: ANN401 - what every operator takes
        arguments.setdefault("doc_md", type(self).__doc__)
        super().__init__(**arguments)
        self.about = about

    def poke(self, context: Context) -> PokeReturnValue:
        """Look into the ledger once. Raises `ArchiverError`."""
        from civic_archiver_airflow.archive import opened

        del context
        found = self.found(opened())
        return PokeReturnValue(is_done=found is not None, xcom_value=found)

    def found(self, archive: Any) -> str | None:  # noqa: ANN401 - an archive, which is loaded later
        """Return the handle of what is waited for, None where it is not there yet."""
        raise NotImplementedError


class OrderSensor(_LedgerSensor):
    """Waits until an order about a series stands in the ledger, which people have signed since."""

    def found(self, archive: Any) -> str | None:  # noqa: ANN401 - as above
        """Return the order's handle."""
        from archiver.flows.order_list import listed

        series, size = str(self.about["about"]), int(self.about["size"])
        made = [one for one in listed(archive) if one["series"] == series and one["entry"] >= size]
        return str(made[-1]["order"]) if made else None


class BegunSensor(_LedgerSensor):
    """Waits until somebody with the role ``purge`` has begun an order (``about``: its handle).

    Skips what follows where it was halted instead.
    """

    def found(self, archive: Any) -> str | None:  # noqa: ANN401 - as above
        """Return the order's handle."""
        from archiver.flows.order_list import listed

        one = next((one for one in listed(archive) if one["order"] == self.about), None)
        if one is None:
            raise AirflowFailException("no such order in the ledger")
        if one["state"] == "halted":
            raise AirflowSkipException(f"the order was halted: {one['why']}")
        self.log.info("%s: %s", one["state"], one["why"])
        return str(self.about) if one["state"] in {"under-way", "done"} else None


class PrivateRecordsOperator(BaseOperator):
    """Returns how many private records a matter asks for, and how often they were approved so far.

    The matter is the run's parameter ``matter``.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        """Look; that is noted as every look. Raises `ArchiverError`."""
        from archiver.flows.matter_acts import private_asked_for
        from civic_archiver_airflow.archive import opened

        handle, archive = str(context["params"]["matter"]), opened()
        count = len(private_asked_for(archive, handle))
        one = _matter(archive, handle)
        self.log.info("%s private records", count)
        return {
            "about": handle,
            "approvals": one["approvals"],
            "volumes": one["volumes"],
            "records": count,
            "subject": f"{count} private records are asked for",
            "body": EXPORT.format(count=count, matter=handle),
        }


EXPORT = """Matter `{matter}` asks for **{count}** private records.

An answer here exports nothing and approves nothing. Who says that people will sign asks whoever
asks for them, and somebody else who approves, to do so, each on the own machine with the own key:

    archiver export approve --all --matter {matter} --why '...' --sign OWN.key --out next.act
    archiver export approve --act next.act --sign OWN.key
    archiver produce --matter {matter} --sign OWN.key --out FOLDER

This run then waits, first for the approval in the ledger, then for the volume.
"""


def _matter(archive: Any, handle: str) -> dict[str, Any]:  # noqa: ANN401 - as above
    from archiver.flows.matters import listed

    one = next((one for one in listed(archive) if one["matter"] == handle), None)
    if one is None:
        raise AirflowFailException("no such matter: see `archiver matter list`")
    return one


class ExportApprovedSensor(_LedgerSensor):
    """Waits until the export of a matter's private records was approved once more in the ledger."""

    def found(self, archive: Any) -> str | None:  # noqa: ANN401 - as above
        """Return the matter's handle."""
        one = _matter(archive, str(self.about["about"]))
        return one["matter"] if one["approvals"] > int(self.about["approvals"]) else None


class HandedOverSensor(_LedgerSensor):
    """Waits until a volume of a matter stands in the ledger that was not there before."""

    def found(self, archive: Any) -> str | None:  # noqa: ANN401 - as above
        """Return the matter's handle."""
        one = _matter(archive, str(self.about["about"]))
        return one["matter"] if one["volumes"] > int(self.about["volumes"]) else None
