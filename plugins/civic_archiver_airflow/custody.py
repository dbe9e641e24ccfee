"""Operators that look after the archive: holds, reports, a drill of restoring, what was noted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowSkipException

from archiver.errors import RefusedError, UsageError
from civic_archiver_airflow.notices import SECTION
from civic_archiver_airflow.noting import note

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["HoldsOperator", "OperationsOperator", "ReportOperator", "RestoreOperator"]


class HoldsOperator(BaseOperator):
    """Takes into holds what came since, where the workers' own key may; else says how much waits.

    The key is ``ARCHIVER_PERSON``: that of a machine that people enrolled with the role ``hold``.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Reconcile. Returns leaves by hold. Raises `ArchiverError` where a hold is behind."""
        from archiver.flows.holds import apply_holds, behind
        from civic_archiver_airflow.archive import opened

        del context
        archive = opened()
        found = behind(archive)
        if not found:
            raise AirflowSkipException("no hold stands")
        if archive.person is not None:
            found = apply_holds(archive, [archive.person])
        for one in found:
            if one.unread:
                self.log.error("hold %s can't be read in this home: it takes in nothing", one.hold)
        late = [one.hold for one in found if one.unread or (one.leaves and archive.person is None)]
        if late:
            raise RefusedError(
                f"{len(late)} holds lack what came since, or can't be read",
                where=", ".join(late),
                code="holds-behind",
                mend="somebody with the role hold signs: archiver hold apply --sign OWN.key",
            )
        return {one.hold: one.leaves for one in found}


class ReportOperator(BaseOperator):
    """Writes reports as CSV and as pictures, of one day, each under its name and day.

    Into ``[civic_archiver] reports``, or ``reports`` in the archive's home. They have names of
    accounts and matters, so they go nowhere else, and none of it into Airflow.

    Args:
        reports: which (`archiver report`).
    """

    def __init__(self, *, reports: list[str], **arguments: Any) -> None:  # noqa: ANN401 - what every operator takes
        super().__init__(**arguments)
        self.reports = reports

    def execute(self, context: Context) -> dict[str, int]:
        """Write them. Returns how many rows each has. Raises `ArchiverError`."""
        from archiver.flows.report_files import as_csv, as_picture
        from archiver.flows.reports import report
        from archiver.settings import load
        from civic_archiver_airflow.archive import opened

        del context
        archive = opened()
        told = conf.get(SECTION, "reports", fallback="")
        own = load(os.environ, Path.cwd()).home / archive.identity.id / "reports"
        folder, counts = Path(told) if told else own, dict[str, int]()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in self.reports:
            made = report(archive, name, "", grace=365)
            for suffix, data in (("csv", as_csv(made)), ("svg", as_picture(made))):
                _write(folder / f"{name}-{made['as_of']}.{suffix}", data)
            counts[name] = len(made["rows"])
        self.log.info("reports in %s: %s rows", folder, counts)
        return counts


def _write(path: Path, data: bytes) -> None:
    """Write a file for its owner alone; whoever reads it sees all of it or what was there."""
    part = path.with_suffix(f"{path.suffix}.part")
    part.touch(mode=0o600)
    part.write_bytes(data)
    part.replace(path)


class RestoreOperator(BaseOperator):
    """Restores every copy into a folder that is thrown away, verifies it and compares it."""

    def execute(self, context: Context) -> dict[str, dict[str, int]]:
        """Restore. Returns counts by copy. Raises `ArchiverError` where one is not whole."""
        from tempfile import TemporaryDirectory

        from archiver.flows.replicate import named
        from archiver.flows.restore import restore
        from archiver.settings import load
        from archiver.wire import restoring_to
        from civic_archiver_airflow.archive import Logged, opened

        del context
        archive, settings = opened(), load(os.environ, Path.cwd())
        try:
            copies = named(archive.copies(), ())
        except UsageError as error:
            if error.code == "replicas-unset":
                raise AirflowSkipException(str(error)) from error
            raise
        scratch, made = conf.get(SECTION, "scratch", fallback="") or None, []
        for copy in copies:
            with TemporaryDirectory(prefix="archiver-restore-", dir=scratch) as folder:
                target = restoring_to(settings, archive, Path(folder))
                made.append(restore(archive, copy, target, Logged()))
        for one in made:
            for finding in one.findings:
                self.log.error("%s: %s in %s", one.source, finding.code, finding.where)
            for key in one.lacking:
                self.log.error("%s: lacking %s", one.source, key)
        for one in made:
            one.demand()
        names = ("size", "behind", "objects", "records", "unreadable")
        return {one.source: {name: getattr(one, name) for name in names} for one in made}


class OperationsOperator(BaseOperator):
    """Seals what was noted of runs and interventions; notes first that it ran itself.

    Of that run the listener notes the end: where nobody does, `archiver status` says so.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Seal. Returns how many notes there were. Raises `ArchiverError`."""
        from archiver.flows.operations import seal_notes, unended
        from civic_archiver_airflow.archive import opened

        archive, ti = opened(), context["ti"]
        note("began", dag=ti.dag_id, run=ti.run_id)
        count = seal_notes(archive)
        silent = unended(archive)
        for one in silent:
            self.log.error("nobody noted how a run ended: %s", one)
        return {"notes": count, "unended": len(silent)}
