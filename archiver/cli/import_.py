"""The command that takes in exports, and what a person saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.anchor import anchor_after
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, KeyOption, opened
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.import_papers import Asked
    from archiver.flows.importing_report import ImportReport

__all__ = ["app"]

app = typer.Typer()

PathArgument = Annotated[
    Path, typer.Argument(metavar="PATH", help="As downloaded: zip, tar, folder or file.")
]
AccountOption = Annotated[str, typer.Option("--account", help="Whose export it is.")]
FormatOption = Annotated[
    str, typer.Option("--format", help="Of the export. Default: what it looks like.")
]
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", help="JSON: which columns of a table are what.")
]
ManualOption = Annotated[
    bool, typer.Option("--manual", help="It is what a person saw: a picture of a screen.")
]


@app.command(name="import")
def import_(  # noqa: PLR0913, PLR0917 - each is an option of the command
    path: PathArgument,
    account: AccountOption,
    form: FormatOption = "",
    platform: Annotated[str, typer.Option(help="Of the account, to be sure.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who hands it in.")] = "",
    source: Annotated[str, typer.Option("--from", help="Where the export is from.")] = "",
    made: Annotated[str, typer.Option(metavar="TIME", help="When the export was made.")] = "",
    mapping: MappingOption = None,
    manual: ManualOption = False,
    url: Annotated[str, typer.Option(help="With --manual: where it was seen.")] = "",
    at: Annotated[str, typer.Option(metavar="TIME", help="With --manual: when.")] = "",
    removed_by: Annotated[str, typer.Option(help="With --manual: who removed it.")] = "",
    why: Annotated[str, typer.Option(help="With --manual: why it was removed.")] = "",
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Import what was exported elsewhere: nothing of it is lost, nothing is taken twice.

    Each file of it is kept as it is. What is understood becomes records, under the ids that
    capture gives them; the rest is kept encrypted, and counted. What an export does not have
    proves no deletion. --manual takes one file, with what --url, --at, --removed-by and --why
    say of it. A --key signs who handed it in.
    """
    from archiver.flows.coverage import moment
    from archiver.flows.import_papers import Asked

    output = Output("import", as_json=as_json)
    here = opened(archive, home, key)
    asked = Asked(by, source, moment(made), mapping.read_text("utf-8") if mapping else "")
    told = {"url": url, "seen": moment(at), "removed_by": removed_by, "why": why, "by": by}
    if manual != any((url, at, removed_by, why)):
        raise UsageError(
            "a statement about what was seen goes with --manual, and that with a statement",
            mend="give --manual with --url, --at and --why, or none of them",
        )
    report = _run(here, path, (account, platform, form), asked, told if manual else {})
    _tell(output, report)
    findings = anchor_after(here, output)
    output.result(report.document(), findings=findings)
    raise typer.Exit(output.exit_code)


def _run(
    here: Archive,
    path: Path,
    what: tuple[str, str, str],
    asked: Asked,
    told: Mapping[str, str],
) -> ImportReport:
    """Import ``what``: of an account, its platform and the format, where they are given."""
    from archiver.flows.importing import import_export, importer_for, new_evidence
    from archiver.wire.imports import open_evidence, opened_export

    account, platform, form = what
    with Steps() as steps:
        if told:
            name, statement = new_evidence(here, {**told, "file": path.name})
            export, form = open_evidence(path, name, statement, steps), "manual"
        else:
            export = opened_export(path, steps)
        importer = importer_for(here, account, export, form, platform)
        return import_export(here, account, export, importer, asked, steps)


def _tell(output: Output, report: ImportReport) -> None:
    """Print for people what was taken, and what was not understood."""
    if report.again:
        output.say(f"Imported before, {report.again[:19]}Z: nothing is taken twice.")
        return
    if report.resumed:
        output.say("Went on with an import that was cut short.")
    rows = [(stream, *told.values()) for stream, told in sorted(report.streams.items())]
    output.table(("stream", "new", "changed", "unchanged"), rows)
    files = ", ".join(f"{count} {_WHAT[what]}" for what, count in report.members.items() if count)
    output.say(f"{report.file}: {files or 'nothing new'}")
    if report.left_bytes:
        output.say(
            f"  not understood, and kept encrypted: {report.left_bytes} bytes of "
            f"{len(report.left_by)} files",
            "yellow",
        )
    for name, why in sorted(report.odd.items()):
        output.say(f"  {name}: {why}", "yellow")


_WHAT = {"items": "read", "file": "kept as files", "rest": "not understood"}
