"""The command that restores a copy on trial."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened, settings
from archiver.cli.output import Output, Steps
from archiver.cli.verify import explained, tell_findings

__all__ = ["app"]

app = typer.Typer()


@app.command()
def restore(
    copy: Annotated[str, typer.Argument(metavar="COPY", help="Its name in archiver.toml.")],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="An empty folder.")],
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Restore a copy into a folder from that copy alone, verify every record, and compare.

    A drill: the archive is not touched. What is restored stays in the folder, as an archive.
    """
    from archiver.flows.replicate import named
    from archiver.flows.restore import restore as run
    from archiver.wire import restoring_to

    output = Output("restore", as_json=as_json)
    here = opened(archive, home)
    (source,) = named(here.copies(), [copy])
    target = restoring_to(settings(archive, home), here, into)
    with Steps() as steps:
        made = run(here, source, target, steps)
    findings = [{**one._asdict(), **explained(one.code)} for one in made.findings]
    findings += [
        {
            "code": "restore-lacking",
            "message": "the archive has it, and what was restored has not",
            "where": one,
            "mend": "run `archiver replicate --repair`",
        }
        for one in made.lacking
    ]
    tell_findings(output, [one for one in findings if "expected" in one])
    output.say(
        f"{made.objects} objects copied, {made.size} entries, {made.records} records verified; "
        f"the archive has {made.behind} entries more."
    )
    if made.unreadable:
        output.say(f"{made.unreadable} segments can't be read with the keys of this home.")
    for one in made.lacking:
        output.say(f"lacking: {one}", "bold red")
    data = {name: value for name, value in asdict(made).items() if name != "findings"}
    data |= {"lacking": list(made.lacking), "folder": str(into)}
    output.result(data, ok=not findings, findings=findings)
    raise typer.Exit(output.exit_code)
