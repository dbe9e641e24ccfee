"""The command that has outsiders vouch for the archive."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened
from archiver.cli.output import Output
from archiver.errors import ArchiverError

if TYPE_CHECKING:
    from archiver.flows.anchor import AnchorReport
    from archiver.flows.archive import Archive

__all__ = ["anchor_after", "app"]

app = typer.Typer()

MEND = "anchor again later; what others gave is kept"


@app.command()
def anchor(
    renew: Annotated[
        bool, typer.Option("--renew", help="Stamp anew what would soon prove nothing.")
    ] = False,
    rehash: Annotated[
        bool, typer.Option("--rehash", help="Also hash everything a second time (SHA-512).")
    ] = False,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have witnesses cosign the ledger and authorities time-stamp it; keep that as evidence.

    Who is asked stands in archiver.toml, [anchors]. What is anchored already is not asked
    for again.
    """
    from archiver.flows.anchor import anchor as run

    output = Output("anchor", as_json=as_json)
    report = run(opened(archive, home), renew=renew, rehash=rehash)
    _tell(output, report)
    findings = _findings(report)
    for one in findings:
        output.say(f"{one['where']}: {one['message']}", "yellow")
        output.say(f"    to mend: {one['mend']}")
    names = (one.name for one in fields(report) if one.name != "asked")
    data = {name: getattr(report, name) for name in names}
    output.result(data, ok=not findings, findings=findings)
    raise typer.Exit(output.exit_code)


def _tell(output: Output, report: AnchorReport) -> None:
    new = report.cosignatures + report.timestamps
    output.say(
        f"{report.size} ledger entries: {report.cosignatures} new cosignatures, "
        f"{report.timestamps} new time-stamps"
        + (f" ({report.renewed} files renewed)" if report.renewed else "")
        if new
        else f"{report.size} ledger entries: nothing new was given, or nothing was due."
    )
    if not report.independent:
        output.say("No independent witness: none of another named operator on another host.")


def _findings(report: AnchorReport) -> list[dict[str, str]]:
    found = [
        {
            "code": one.error.code,
            "message": one.error.message,
            "where": f"{one.service} {one.url}",
            "mend": one.error.mend or MEND,
        }
        for one in report.asked
        if one.error
    ]
    if not report.quorum:
        found.append(
            {
                "code": "anchor-quorum",
                "message": "too few witnesses have cosigned this state of the ledger",
                "where": f"{report.size} entries",
                "mend": "anchor again later, or ask the witnesses' operators",
            }
        )
    return found


def anchor_after(archive: Archive, output: Output) -> list[dict[str, Any]]:
    """Anchor after other work, where that is set up; return what went wrong, and never raise.

    What was captured is sealed by then, whether anybody vouches for it or not.
    """
    here = archive.anchoring
    if not here.witnesses and not here.authorities:
        return []
    from archiver.flows.anchor import anchor as run

    try:
        report = run(archive)
    except ArchiverError as error:
        return [
            {"code": error.code, "message": error.message, "where": "anchor", "mend": error.mend}
        ]
    _tell(output, report)
    return _findings(report)
