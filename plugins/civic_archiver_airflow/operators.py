"""Operators: each is one idempotent call of a flow."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetAlias, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from archiver.errors import ArchiverError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from archiver.flows.window import Kept

__all__ = [
    "ACCOUNTS",
    "WINDOWS",
    "AnchorOperator",
    "ApprovedAccountsOperator",
    "CaptureOperator",
    "CompactOperator",
    "DueAccountsOperator",
    "LockOperator",
    "PurgeOperator",
    "ReplicateOperator",
]

WINDOWS = Asset(name="civic-archive-windows")
"""Every kept window is an event of this asset, its partition ``account|moment``.

No asset has an address: for its scheme, Airflow would load every provider's client.
"""

ACCOUNTS = AssetAlias(name="civic-archive-accounts", group="civic-archive")
"""Stands for the assets of the single accounts, which are known only at run time."""


ANCHOR_COUNTS = ("size", "cosignatures", "timestamps", "renewed", "quorum", "independent")
NOTHING_TO_ANCHOR = {"anchors-unset", "anchors-nothing"}
"""Codes of an archive that has nobody to ask, or nothing to show: no failure of anybody."""


class ApprovedAccountsOperator(BaseOperator):
    """Returns the names of the accounts that are approved for capture, sorted."""

    def execute(self, context: Context) -> list[str]:
        """Read the registry. Raises `ArchiverError`."""
        from archiver.flows.accounts import registry
        from archiver.flows.connectors import import_only
        from civic_archiver_airflow.archive import opened

        del context
        approved = [one for one in registry(opened()).values() if one.status == "approved"]
        return sorted(one.name for one in approved if not import_only(one.platform))


class DueAccountsOperator(BaseOperator):
    """Returns the names of the accounts of which something is due by now, soonest first."""

    def execute(self, context: Context) -> list[str]:
        """Tell it from what is known. Raises `ArchiverError`."""
        from archiver.flows.due import now_due
        from civic_archiver_airflow.archive import opened

        del context
        return now_due(opened())


class CaptureOperator(BaseOperator):
    """Captures one account as of the run's partition; a kept window is not captured again.

    A run by hand has the moment of its parameter ``as_of``; without, it captures in any case.

    Args:
        account: its name.
        mode: ``incremental``, ``reconcile`` or ``backfill``.
    """

    template_fields: Sequence[str] = ("account",)

    def __init__(self, *, account: str, mode: str, **arguments: Any) -> None:  # noqa: ANN401 - what every operator takes
        super().__init__(**arguments)
        self.account = account
        self.mode = mode

    def execute(self, context: Context) -> dict[str, Any]:
        """Capture. Returns counts, never content. Raises `ArchiverError`."""
        from archiver.flows.window import capture_window
        from civic_archiver_airflow.archive import Logged, opened

        moment = context["dag_run"].partition_key or context["params"]["as_of"]
        archive = opened()
        kept = capture_window(archive, self.account, self.mode, moment, Logged())
        counts = _counts(kept)
        self.log.info("%s as of %s: %s", self.account, moment or "now", counts)
        self._warn(kept)
        self._announce(context, archive.identity.id, kept, counts)
        return counts

    def _warn(self, kept: Kept) -> None:
        """Say in the task's log what is not here, not explained, or new, and why."""
        if kept.report is None:
            return
        for name, why in sorted(kept.report.incomplete.items()):
            self.log.warning("%s: %s: %s", self.account, name, why)
        for stream, one in sorted(kept.report.streams.items()):
            if one["unexplained"]:
                self.log.warning("%s: %s: %s unexplained", self.account, stream, one["unexplained"])
        for shape in kept.report.drift:
            self.log.warning("%s: never seen before: %s", self.account, shape)
        for name in kept.report.credential_kept:
            self.log.warning("%s: the home keeps %s from now on", self.account, name)
        for one in kept.report.concerns:
            self.log.warning(
                "%s: %s: %s; %s", one["code"], one["where"], one["message"], one["mend"]
            )

    def _announce(
        self, context: Context, archive_id: str, kept: Kept, counts: dict[str, Any]
    ) -> None:
        """Tell those who wait for this account, or for any."""
        asset = Asset(name=f"civic-archive/{archive_id}/{self.account}", group="civic-archive")
        events = context["outlet_events"]
        events[ACCOUNTS].add(asset, extra=counts)
        events[WINDOWS].extra = counts
        if kept.as_of:
            events[WINDOWS].add_partitions(f"{self.account}|{kept.as_of}")


class CompactOperator(BaseOperator):
    """Merges small segments, and removes what was merged and a verifier has signed for."""

    def execute(self, context: Context) -> dict[str, int]:
        """Compact. Returns counts, never content. Raises `ArchiverError`."""
        from archiver.flows.compact import compact
        from civic_archiver_airflow.archive import Logged, opened

        del context
        counts = asdict(compact(opened(), Logged()))
        self.log.info("compacted: %s", counts)
        if counts["waiting"]:
            self.log.warning("%s merged segments wait for a verifier", counts["waiting"])
        return counts


class LockOperator(BaseOperator):
    """Moves the locks of everything stored on. Skipped where nothing is to be locked."""

    def execute(self, context: Context) -> dict[str, int]:
        """Lock. Returns counts by place. Raises `ArchiverError` where something is not locked."""
        from archiver.flows.locks import roll
        from civic_archiver_airflow.archive import Logged, opened

        del context
        try:
            made = roll(opened(), Logged())
        except UsageError as error:
            if error.code == "locks-unset":
                raise AirflowSkipException(str(error)) from error
            raise
        for one in made:
            for key, why in one.failed:
                self.log.error("%s: %s is not locked: %s", one.name, key, why)
        for one in made:
            one.demand()
        return {one.name: one.objects for one in made}


class PurgeOperator(BaseOperator):
    """Carries on with orders to destroy that are under way. Skipped where none is."""

    def execute(self, context: Context) -> dict[str, dict[str, int]]:
        """Carry on. Returns counts by order. Raises the first `ArchiverError` when all were tried.

        What stands in the way of one order is logged, and never stops the others.
        """
        from archiver.flows.executing import carry_on
        from civic_archiver_airflow.archive import Logged, opened

        del context
        made = carry_on(opened(), Logged())
        if not made:
            raise AirflowSkipException("no order is under way")
        errors = [one for one in made.values() if isinstance(one, ArchiverError)]
        for error in errors:
            self.log.error("%s", error)
        if errors:
            raise errors[0]
        return {
            name: {"gone": one.gone, "saved": one.saved, "waiting": one.purged.waiting}
            for name, one in made.items()
            if not isinstance(one, ArchiverError)
        }


class ReplicateOperator(BaseOperator):
    """Brings the copies of the archive up to date. Skipped where the settings name none."""

    def execute(self, context: Context) -> dict[str, dict[str, int]]:
        """Replicate. Returns counts by copy. Raises `ArchiverError` where one is not whole."""
        from archiver.flows.replicate import named, replicate
        from civic_archiver_airflow.archive import Logged, opened

        del context
        archive = opened()
        try:
            copies = named(archive.copies(), ())
        except UsageError as error:
            if error.code == "replicas-unset":
                raise AirflowSkipException(str(error)) from error
            raise
        made = replicate(archive, copies, Logged())
        for one in made:
            for place, finding in one.findings:
                self.log.error("%s: %s in %s", place, finding.code, finding.where)
            if one.error is not None:
                self.log.error("%s: %s", one.name, one.error)
        for one in made:
            one.demand()
        names = ("before", "size", "copied", "removed", "locked")
        return {one.name: {name: getattr(one, name) for name in names} for one in made}


class AnchorOperator(BaseOperator):
    """Has outsiders vouch for the archive, and renews what they gave before it grows old.

    Skipped where nobody is configured, or nothing is sealed yet.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        """Anchor. Returns counts. Raises `ArchiverError` where that is not enough."""
        from archiver.flows.anchor import anchor
        from civic_archiver_airflow.archive import opened

        del context
        try:
            report = anchor(opened(), renew=True)
        except UsageError as error:
            if error.code in NOTHING_TO_ANCHOR:
                raise AirflowSkipException(str(error)) from error
            raise
        for one in report.asked:
            if one.error:
                self.log.warning("%s %s: %s", one.service, one.url, one.error)
        if not report.independent:
            self.log.warning("no independent witness: none of another operator on another host")
        counts = {name: getattr(report, name) for name in ANCHOR_COUNTS}
        self.log.info("anchored: %s", counts)
        report.demand()
        return counts


def _counts(kept: Kept) -> dict[str, Any]:
    """Return what a run did, in numbers."""
    found: dict[str, Any] = {"account": kept.account, "mode": kept.mode}
    if kept.report is None:
        return found | {"kept_before": True}
    report = kept.report
    return found | {
        "mode": report.mode,
        "kept_before": False,
        "requests": report.requests,
        "recovered": report.recovered,
        "observations": report.observations,
        "incomplete": report.incomplete,
    }
