"""The command that keeps, verifies and mends copies of the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened, settings
from archiver.cli.output import Output, Steps
from archiver.cli.verify import explained, tell_findings
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.errors import ArchiverError
    from archiver.flows.archive import Archive
    from archiver.flows.replicate import Copy, Replicated
    from archiver.flows.verify import VerifyReport
    from archiver.settings import Settings

__all__ = ["app"]

app = typer.Typer()


@app.command()
def replicate(  # noqa: PLR0913, PLR0917 - each is an option of the command
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Copies; all without.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Verify each copy by itself; write nothing.")
    ] = False,
    deep: Annotated[bool, typer.Option("--deep", help="With --verify: every record.")] = False,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Read all places; mend each from one where it is right."),
    ] = False,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Bring the copies that archiver.toml names up to the archive."""
    from archiver.flows.replicate import named

    output = Output("replicate", as_json=as_json)
    if verify and repair:
        raise UsageError("--verify and --repair are two commands", mend="give one of them")
    if deep and not verify:
        raise UsageError("--deep is of --verify", mend="add --verify")
    here = opened(archive, home)
    copies = named(here.copies(), names or ())
    if verify:
        _verify(output, copies, settings(archive, home), deep=deep)
    else:
        _replicate(output, here, copies, mend=repair)
    raise typer.Exit(output.exit_code)


def _replicate(output: Output, archive: Archive, copies: Sequence[Copy], *, mend: bool) -> None:
    from archiver.flows.repair import repair
    from archiver.flows.replicate import replicate as run

    with Steps() as steps:
        made = repair(archive, copies, steps) if mend else run(archive, copies, steps)
    columns = ("copy", "place", "entries", "before", "copied", "mended", "removed", "")
    rows = [
        (
            *(one.name, one.place, one.size, one.before, one.copied, len(one.mended), one.removed),
            "whole" if one.whole else "not whole",
        )
        for one in made
    ]
    output.table(columns, rows)
    for one in made:
        for lost in one.mended:
            output.say(f"{one.name}: mended {lost.where} [{lost.code}]", "yellow")
        if one.locked:
            output.say(f"{one.name}: {one.locked} objects that may go are locked there yet.")
    findings = [finding for one in made for finding in _findings(one)]
    tell_findings(output, findings)
    for one in made:
        if one.error is not None:
            output.say(f"{one.name}: {one.error}", "bold red")
            findings.append(_failure(one.name, one.error))
    data = {"work": "repair" if mend else "replicate", "copies": [_told(one) for one in made]}
    output.result(data, ok=not findings, findings=findings)


def _told(one: Replicated) -> dict[str, Any]:
    own = ("name", "place", "before", "size", "copied", "removed", "locked", "whole")
    return {
        **{name: getattr(one, name) for name in own},
        "mended": [{**lost._asdict(), **explained(lost.code)} for lost in one.mended],
    }


def _findings(one: Replicated) -> list[dict[str, Any]]:
    """Return what is wrong, each with the place that it is wrong in."""
    return [
        {**finding._asdict(), "where": f"{place}: {finding.where}", **explained(finding.code)}
        for place, finding in one.findings
    ]


def _failure(name: str, error: ArchiverError) -> dict[str, Any]:
    where = f"{name}: {error.where}"
    return {"code": error.code, "message": error.message, "where": where, "mend": error.mend}


def _verify(output: Output, copies: Sequence[Copy], settings: Settings, *, deep: bool) -> None:
    from archiver.flows.verify import verify as run
    from archiver.wire import at_copy, verifying_workers

    findings, data = list[dict[str, Any]](), list[dict[str, Any]]()
    places = {one.name: at_copy(settings, one) for one in settings.replicas}
    for copy in copies:
        with Steps() as steps, verifying_workers(places[copy.name]) as workers:
            report = run(copy.archive, steps, deep=deep, workers=workers)
        data.append(_verified(copy, report))
        findings += (
            {**one._asdict(), "where": f"{copy.name}: {one.where}", **explained(one.code)}
            for one in report.findings
        )
    output.table(
        ("copy", "place", "entries", "objects", "records", "findings"),
        [tuple(one.values()) for one in data],
    )
    tell_findings(output, findings)
    output.result({"work": "verify", "copies": data}, ok=not findings, findings=findings)


def _verified(copy: Copy, report: VerifyReport) -> dict[str, Any]:
    return {
        "name": copy.name,
        "place": copy.place,
        "entries": report.entries,
        "objects": report.objects,
        "records": report.records,
        "findings": len(report.findings),
    }
