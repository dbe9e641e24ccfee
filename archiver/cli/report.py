"""The command that reports holdings and retention: tables, CSV and pictures. It only reads."""

from __future__ import annotations

from typing import Annotated

import typer

from archiver.cli.files import check_picture, write_over
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, KeyOption, opened
from archiver.cli.output import Output
from archiver.cli.retention import AsOfOption, PrivateOption, say_ending, say_heading

__all__ = ["app"]

app = typer.Typer()

GRACE, MOST_GRACE = 365, 36500
"""Days that what is due may wait before it is overdue: a city goes over it once a year."""


@app.command()
def report(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: Annotated[
        str,
        typer.Argument(
            metavar="REPORT", help="holdings, due, overdue, blocked, held, awaiting or destroyed."
        ),
    ],
    as_of: AsOfOption = "",
    grace: Annotated[
        int, typer.Option(min=0, max=MOST_GRACE, help="Days after which what is due is overdue.")
    ] = GRACE,
    private: PrivateOption = False,
    csv: Annotated[str, typer.Option(metavar="FILE", help="Write the table as CSV.")] = "",
    picture: Annotated[str, typer.Option(metavar="FILE.svg", help="Draw it into a file.")] = "",
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Report on records as of a day: what is there, due, overdue, kept and why, or destroyed.

    Of the same archive, day and readable streams a report is the same, byte for byte. Files of
    that name that are there already are written anew.
    """
    from archiver.flows.report_files import as_csv, as_picture, heading, legend, table
    from archiver.flows.reports import report as run

    output = Output("report", as_json=as_json)
    check_picture(picture)
    told = run(opened(archive, home, key), name, as_of, private=private, grace=grace)
    say_heading(output, told, heading(told))
    columns, rows = table(told)
    output.table([one.replace("_", " ") for one in columns], rows)
    for line in legend(told) if rows else ("Nothing.",):
        output.say(line)
    for file, made in ((csv, as_csv), (picture, as_picture)):
        if file:
            write_over(file, made(told))
            output.say(f"Written: {file}")
    say_ending(output, told, private=private)
    output.result(told)
