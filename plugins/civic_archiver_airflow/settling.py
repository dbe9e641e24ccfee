"""Operators about what platforms send by themselves, and about what a killed worker left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from archiver.errors import ArchiverError

if TYPE_CHECKING:
    from airflow.sdk import Context

    from archiver.flows.capture_report import CaptureReport

__all__ = ["CheckpointOperator", "HubsOperator", "SettleOperator"]

LONGEST = 60.0
"""Seconds that a run waits for more at most: then the next one does, with a log of its own."""


class SettleOperator(BaseOperator):
    """Settles and seals all deliveries that wait. Skipped where none does.

    Args:
        quiet: seconds to wait for more, after each that came; 0: none.
    """

    def __init__(self, *, quiet: float = 0.0, **arguments: Any) -> None:  # noqa: ANN401 - what every operator takes
        super().__init__(**arguments)
        self.quiet = quiet

    def execute(self, context: Context) -> dict[str, dict[str, int]]:
        """Settle. Returns counts by account. Raises the first `ArchiverError` when all were tried.

        What keeps one account from being settled is logged, and never stops the others.
        """
        from archiver.flows.settle_waiting import settle_on
        from civic_archiver_airflow.archive import Logged, opened
        from civic_archiver_airflow.operators import ACCOUNTS

        archive = opened(settling=True)
        found: dict[str, dict[str, int]] = {}
        errors: list[ArchiverError] = []
        for made in settle_on(archive, Logged(), self.quiet, LONGEST):
            for name, one in made.items():
                if isinstance(one, ArchiverError):
                    self.log.error("%s: not settled yet: %s", name, one)
                    errors.append(one)
                else:
                    self._count(found, name, one)
        if not found and not errors:
            raise AirflowSkipException("nothing waits")
        for name, counts in found.items():
            asset = Asset(name=f"civic-archive/{archive.identity.id}/{name}", group="civic-archive")
            context["outlet_events"][ACCOUNTS].add(asset, extra={**counts})
        if errors:
            raise errors[0]
        return found

    def _count(self, found: dict[str, dict[str, int]], name: str, one: CaptureReport) -> None:
        """Add what came of an account, and say in the log what was not understood."""
        for why in sorted(set(one.unheard.values())):
            self.log.warning("%s: %s", name, why)
        counts = found.setdefault(name, {"events": 0, "observations": 0})
        counts["events"] += one.events
        counts["observations"] += sum(one.observations.values())
        self.log.info("%s: settled %s deliveries", name, one.events)


class HubsOperator(BaseOperator):
    """Asks hubs again to send what is new, a day before they would stop."""

    def execute(self, context: Context) -> None:
        """Renew what is due. Raises the first `ArchiverError` when all were asked."""
        from archiver.flows.subscribing import renew_due
        from civic_archiver_airflow.archive import opened

        del context
        refused = list(renew_due(opened()))
        for name, error in refused:
            self.log.error("%s: %s", name, error)
        for _, error in refused:
            raise error


class CheckpointOperator(BaseOperator):
    """Takes in batches that killed workers left, and signs what was not signed."""

    def execute(self, context: Context) -> int:
        """Go on. Returns how many batches were taken in. Raises `ArchiverError`."""
        from archiver.flows.sequence import sequence
        from archiver.flows.upkeep import upkeep
        from civic_archiver_airflow.archive import opened

        del context
        archive = opened()
        upkeep(archive)
        return sequence(archive)
