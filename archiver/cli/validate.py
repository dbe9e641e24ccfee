"""The command that checks files of productions, ours or anybody's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.files import read_small
from archiver.cli.options import JsonOption
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.flows.validate import Exists

__all__ = ["app"]

app = typer.Typer()

LARGEST = 512 * 1024 * 1024
"""Bytes of a file: it is read whole, and an RSMF file twice."""


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="A file .rsmf .dat .opt, or a folder of them.")],
    as_json: JsonOption = False,
) -> None:
    """Check files of a production: load files (DAT, OPT) and short messages (RSMF).

    Load files are held against the files of their volume, where it is around them.
    """
    from archiver.flows.validate import validate as run

    output = Output("validate", as_json=as_json)
    files = _files(file)
    checked, findings = [], []
    with Steps() as steps:
        for number, one in enumerate(files):
            steps.step(number, len(files), one.name)
            found = run(one.name, read_small(str(one), LARGEST), _exists(one))
            checked.append({"file": str(one), "kind": found.kind, "faults": len(found.faults)})
            findings += [
                {
                    "code": fault.code,
                    "message": fault.what,
                    "where": f"{one}: {fault.where}",
                    "mend": fault.mend,
                }
                for fault in found.faults
            ]
    for finding in findings:
        output.say(f"[{finding['code']}] {finding['message']}", "bold red")
        output.say(f"  where: {finding['where']}\n  to mend: {finding['mend']}")
    count = f"{len(checked)} files, " if len(checked) > 1 else ""
    good = not findings
    output.say(f"{count}{len(findings)} faults.", "bold green" if good else "bold red")
    output.result({"files": checked}, ok=good, findings=findings)
    raise typer.Exit(output.exit_code)


def _files(path: Path) -> list[Path]:
    """Return a file, or all in a folder that can be checked. Raises `UsageError` for none."""
    from archiver.flows.validate import KINDS

    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.rglob("*") if one.suffix.lower() in KINDS and one.is_file())
    if not found:
        mend = f"files with these endings are checked: {', '.join(KINDS)}"
        raise UsageError("nothing in it can be checked", where=str(path), mend=mend)
    return found


def _exists(file: Path) -> Exists:
    """Tell of a path in a load file whether it is there: load files stand up to two folders in."""
    around = [file.parent, *file.resolve().parents[1:3]]
    return lambda path: any((folder / path).is_file() for folder in around)
