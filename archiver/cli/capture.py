"""The command that captures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from archiver.cli.anchor import anchor_after
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened
from archiver.cli.output import Output, Steps
from archiver.errors import ArchiverError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.flows.capture import CaptureReport

__all__ = ["app", "counts_table"]

LACKING_CODE = "file-lacking"
MOST_LISTENED = 7 * 86_400.0
"""Seconds. A run that listens longer is begun again: each run says in the ledger that it ended."""

app = typer.Typer()

ListenOption = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        min=0.0,
        max=MOST_LISTENED,
        help="Then listen to events for so long, account by account; a week at most.",
    ),
]
Mode = Literal["incremental", "reconcile", "backfill", "snapshot"]
"""Those of `archiver.capture.session`, which is not loaded to print a help text."""
DueOption = Annotated[
    bool,
    typer.Option(
        "--due",
        help="Of these accounts only those of which their platform would soon show less.",
    ),
]
ModeOption = Annotated[Mode, typer.Option(help="How much is read: see above.")]


@app.command()
def capture(  # noqa: PLR0913, PLR0917 - each is an option of the command
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="[ACCOUNT]...", help="Default: all approved.")
    ] = None,
    mode: ModeOption = "incremental",
    listen: ListenOption = 0.0,
    due: DueOption = False,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Capture accounts: what is new, what was edited, hidden or deleted.

    incremental stops where nothing is new. reconcile looks again at what is due by its age,
    and notices what is missing; backfill and snapshot read everything, always. Listening
    sees what comes and goes in between. --due, asked every few minutes, keeps the bounds of
    platforms that show the newest messages alone, or things for a time only.
    """
    from archiver.flows.capture import capture as run
    from archiver.flows.ledger import read_state

    output = Output("capture", as_json=as_json)
    here = opened(archive, home)
    names = _chosen(output, here, accounts, due=due)
    reports, findings, worst, size = [], [], 0, read_state(here).size
    with Steps() as steps:
        for name in names:
            try:
                reports.append(run(here, name, mode, steps, listen))
            except ArchiverError as error:
                if len(names) == 1:
                    raise
                findings.append(_finding(error, name))
                worst = max(worst, error.exit_code)
    counts_table(output, reports)
    unanchored = anchor_after(here, output) if reports else []
    for report in reports:
        if listen:
            output.say(f"{report.account}: listened to {sum(report.listened.values())} windows")
        findings += [_incomplete(report, *one) for one in report.incomplete.items()]
        findings += [*_unexplained(report), *report.concerns]
    findings += _gone_on_hold(here, size) if reports else []
    _say(output, [*findings, *unanchored])
    # What is lacking is told; what the platform fails to give is nobody's alarm, each time.
    # Nor does anybody's silence on the ledger make a capture fail.
    ok = all(finding["code"] == LACKING_CODE for finding in findings)
    data = [asdict(report) for report in reports]
    output.result(data, ok=ok, findings=[*findings, *unanchored])
    raise typer.Exit(max(output.exit_code, worst))


def _chosen(output: Output, here: Archive, accounts: list[str] | None, *, due: bool) -> list[str]:
    """Return the accounts to capture, and say so where there is none."""
    from archiver.flows.accounts import registry
    from archiver.flows.connectors import import_only
    from archiver.flows.due import now_due

    approved = [a for a in registry(here).values() if a.status == "approved"]
    names = accounts or [a.name for a in approved if not import_only(a.platform)]
    if not names:
        output.say("No account is approved. Next: archiver account approve ACCOUNT --by WHO")
    elif due:
        names = [one for one in now_due(here) if one in names]
        if not names:
            output.say("Nothing is due.")
    return names


def _say(output: Output, findings: list[dict[str, str]]) -> None:
    for finding in findings:
        output.say(f"{finding['where']}: {finding['message']}", "yellow")


def counts_table(output: Output, reports: list[CaptureReport]) -> None:
    """Print what captures saw and sealed, by account and stream."""
    output.table(
        ("account", "stream", "reported", "seen", "new", "changed", "unchanged", "unexplained"),
        [
            (
                report.account,
                stream,
                "-" if one["reported"] is None else one["reported"],
                one["seen"],
                one["new"],
                one["changed"],
                one["repeats"],
                one["unexplained"],
            )
            for report in reports
            for stream, one in sorted(report.streams.items())
        ],
    )
    for report in reports:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.observations.items()))
        output.say(
            f"{report.account}: {report.mode}, {report.requests} requests, "
            f"sealed: {kinds or 'nothing new'}"
        )
        if report.resumed:
            output.say(f"  went on with the run of {report.resumed[:19]}Z, which a quota stopped")
        if report.recovered:
            output.say(f"  finished {report.recovered} exchanges of an interrupted run")
        for line in _notices(report):
            output.say(f"  {line}", "yellow")
        for stream, one in report.unread.items():
            _unread(output, report.account, stream, one)
        for stream, one in report.due.items():
            _due(output, report.account, stream, one)
    since = {one["new_since"] for report in reports for one in report.exposed.values()} - {""}
    if since:
        output.say(
            f"Not seen: what came and went again since the runs before ({min(since)[:16]}Z)."
        )


def _unread(output: Output, account: str, stream: str, one: dict[str, Any]) -> None:
    """Say of how many things no more than that they exist is known, and how to prevent it."""
    if one["lacking"]:
        output.say(
            f"{account}: of {one['lacking']} of {one['listed']} {stream} the content can't be read "
            f"any more, in {one['threads']} threads; which ones is on record"
        )
    if one["seconds"] is not None:
        often = timedelta(seconds=one["seconds"])
        output.say(
            f"  as many {stream} as can be read came within {often}: what is captured more rarely "
            "than that, and without webhooks, may be missed"
        )


def _due(output: Output, account: str, stream: str, one: dict[str, Any]) -> None:
    """Say by when to look again, as `archiver capture --due` does."""
    output.say(
        f"{account}: {stream} are due again by {one['by'][:19]}Z: {one['why']} "
        f"({timedelta(seconds=one['seconds'])})"
    )


def _incomplete(report: CaptureReport, listing: str, why: str) -> dict[str, str]:
    if listing in report.lacking:
        return {
            "code": LACKING_CODE,
            "message": f"not here: {report.lacking[listing]}",
            "where": f"{report.account}: {listing}",
            "mend": "nothing; it is asked for again when what names it is read again",
        }
    return {
        "code": "listing-incomplete",
        "message": f"not complete: {why}",
        "where": f"{report.account}: {listing}",
        "mend": report.mend(listing),
    }


def _notices(report: CaptureReport) -> Iterator[str]:
    """Yield what is no trouble, but should be known."""
    if report.unindexed:
        yield f"the index of words was not made: {report.unindexed}; the next search does it"
    if report.drift:
        yield f"never seen before, and kept like all else: {', '.join(report.drift)}"
    if report.credential_kept:
        yield (
            f"the platform has replaced {', '.join(report.credential_kept)}: this home keeps the "
            "newest; what is given elsewhere counts again once it is another value"
        )


def _unexplained(report: CaptureReport) -> list[dict[str, str]]:
    return [
        {
            "code": "count-unexplained",
            "message": f"{one['unexplained']} things are not explained: the platform counts "
            f"{one['reported']}, the archive has {one['seen']}",
            "where": f"{report.account}: {stream}",
            "mend": "capture with --mode backfill; if it stays, look at the platform",
        }
        for stream, one in sorted(report.streams.items())
        if one["unexplained"]
    ]


def _gone_on_hold(here: Archive, since: int) -> list[dict[str, str]]:
    """Return a finding for each record on hold that this run saw gone or hidden."""
    from archiver.flows.held_gone import held_gone

    return [
        {
            "code": "held-gone",
            "message": f"a record on hold is {one.kind} on its platform; the archive has it",
            "where": one.record,
            "mend": "tell who placed the hold: `archiver hold list` has the matter",
        }
        for one in held_gone(here, since=since)
    ]


def _finding(error: ArchiverError, name: str) -> dict[str, str]:
    return {"code": error.code, "message": error.message, "where": name, "mend": error.mend}
