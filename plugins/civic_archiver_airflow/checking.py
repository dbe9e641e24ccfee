"""Operators that look at what is there, and change nothing: what they find fails their task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from archiver.errors import IntegrityError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from archiver.flows.verify import VerifyReport

__all__ = ["CopiesOperator", "CoverageOperator", "VerifyOperator"]

COUNTS = ("entries", "since", "resumed", "segments", "objects", "records", "unreadable", "lost")
MEND = "run `archiver verify`, which says how to mend each"


class VerifyOperator(BaseOperator):
    """Verifies the archive; goes on where a try before was interrupted.

    Args:
        deep: every record; else the files of what came after the last that was whole.
    """

    def __init__(self, *, deep: bool, **arguments: Any) -> None:  # noqa: ANN401 - what every operator takes
        super().__init__(**arguments)
        self.deep = deep

    def execute(self, context: Context) -> dict[str, int]:
        """Verify. Returns counts, never content. Raises `IntegrityError` with what was found."""
        from archiver.flows.verify import verify
        from archiver.flows.verify_memory import last_verified
        from archiver.wire import open_to_verify
        from civic_archiver_airflow.archive import Logged, settings

        del context
        archive = open_to_verify(settings())
        since = None if self.deep else last_verified(archive, deep=False)
        report = verify(archive, Logged(), deep=self.deep, since=since, resume=True)
        self.log.info("verified: %s", _counts(report))
        if not report.independent:
            self.log.warning("no independent witness: none of another operator on another host")
        _demand(self, "", report)
        return _counts(report)


class CopiesOperator(BaseOperator):
    """Verifies each copy by itself. Skipped where the settings name none.

    Args:
        deep: every record, too.
    """

    def __init__(self, *, deep: bool, **arguments: Any) -> None:  # noqa: ANN401 - what every operator takes
        super().__init__(**arguments)
        self.deep = deep

    def execute(self, context: Context) -> dict[str, dict[str, int]]:
        """Verify. Returns counts by copy. Raises `IntegrityError` when all were looked at."""
        from archiver.flows.replicate import named
        from archiver.flows.verify import verify
        from civic_archiver_airflow.archive import Logged, opened

        del context
        try:
            copies = named(opened().copies(), ())
        except UsageError as error:
            if error.code == "replicas-unset":
                raise AirflowSkipException(str(error)) from error
            raise
        made = {one.name: verify(one.archive, Logged(), deep=self.deep) for one in copies}
        for name, report in made.items():
            self.log.info("%s: verified: %s", name, _counts(report))
        for name, report in made.items():
            _demand(self, f"{name}: ", report)
        return {name: _counts(report) for name, report in made.items()}


class CoverageOperator(BaseOperator):
    """Tells how one account does: coverage, captures, login. Asks its platform nothing.

    Args:
        account: its name.
    """

    template_fields: Sequence[str] = ("account",)

    def __init__(self, *, account: str, **arguments: Any) -> None:  # noqa: ANN401 - what every operator takes
        super().__init__(**arguments)
        self.account = account

    def execute(self, context: Context) -> int:
        """Look. Returns 0: how much was found. Raises `RefusedError` with the first of it."""
        from archiver.flows.health import health
        from civic_archiver_airflow.archive import opened

        del context
        found = health(opened(), self.account)
        for one in found:
            self.log.error("%(code)s: %(where)s: %(message)s; %(mend)s", one)
        for one in found:
            raise RefusedError(
                one["message"], where=one["where"], mend=one["mend"], code=one["code"]
            )
        return 0


def _demand(task: BaseOperator, place: str, report: VerifyReport) -> None:
    """Log all findings, and raise the first."""
    for one in report.findings:
        task.log.error(
            "%s%s: %s: expected %s, found %s", place, one.code, one.where, one.expected, one.found
        )
    for one in report.findings:
        message = f"{len(report.findings)} findings"
        raise IntegrityError(message, where=f"{place}{one.where}", code=one.code, mend=MEND)


def _counts(report: VerifyReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in COUNTS}
