"""Commands that say what governs records: classify, event record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.deciding import (
    AccountOption,
    ActOption,
    OutOption,
    PrivateOption,
    QueryOption,
    RecordsArgument,
    SinceOption,
    StreamOption,
    UntilOption,
    conclude,
    day_of,
    keys_of,
    listed_in,
    query_of,
    read_draft,
)
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    KeyOption,
    SignOption,
    opened,
)
from archiver.cli.output import Output
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.search.query import Query

__all__ = ["app", "event_app"]

app = typer.Typer()
event_app = typer.Typer(
    help="Events that retention waits for: a case closed, a term ended.", no_args_is_help=True
)

LengthensOption = Annotated[
    bool,
    typer.Option(
        "--lengthens", help="It only keeps longer: one signs, it counts at once, and does no more."
    ),
]
SeriesOption = Annotated[
    list[str] | None, typer.Option(metavar="SCHEDULE/CODE", help="May be given more than once.")
]
FileOption = Annotated[Path | None, typer.Option("--file", help="Record ids, one a line.")]


@app.command()
def classify(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    series: SeriesOption = None,
    reason: Annotated[str, typer.Option(help="Why, for who reads it later.")] = "",
    reviewed: Annotated[
        str, typer.Option(metavar="WHAT", help="Say instead that this was reviewed: claimed-dates.")
    ] = "",
    file: FileOption = None,
    query: QueryOption = "",
    account: AccountOption = "",
    stream: StreamOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    private: PrivateOption = False,
    lengthens: LengthensOption = False,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put records into series, one by one or all that a query finds.

    Two who govern sign, and it counts after three days. What is said to be no record by law
    skips no order, wait, hold or certificate.
    """
    from archiver.flows.classifying import classify as run
    from archiver.flows.classifying import review

    output = Output("classify", as_json=as_json)
    here = opened(archive, home, key)
    asked = query_of(query, account, stream, since, until)
    if act is not None:
        made = read_draft(act, "classify", "review")
    else:
        ids = _chosen(here, records, file, asked, private=private)
        if reviewed:
            made = review(here, ids, reviewed)
        else:
            made = run(here, ids, series or [], reason, lengthens=lengthens)
    output.say(f"{len(made.document['records'])} records.")
    conclude(output, here, made, keys_of(sign, archive, home), out)


def _chosen(
    here: Archive,
    records: list[str] | None,
    file: Path | None,
    query: Query | None,
    *,
    private: bool,
) -> list[str]:
    """Return the record ids that arguments, file and query name."""
    from archiver.flows.classifying import found_by

    found = [*(records or []), *listed_in(file)]
    if query is not None:
        found += found_by(here, query, private=private)
    if not found:
        raise UsageError("which records?", mend="give RECORD, --file or --query")
    return sorted(set(found))


@event_app.command("record")
def record_(  # noqa: PLR0913, PLR0917 - each is an option of the command
    event: Annotated[
        str, typer.Argument(metavar="[EVENT]", help="As the schedule calls it: case-closed.")
    ] = "",
    subject: Annotated[
        str, typer.Argument(metavar="[SUBJECT]", help="A record, an account, or * for everything.")
    ] = "",
    date: Annotated[str, typer.Option("--date", help="Day it happened, as 2026-11-20.")] = "",
    evidence: Annotated[str, typer.Option(help="What shows it.")] = "",
    corrects: Annotated[
        int, typer.Option(min=0, metavar="ENTRY", help="The entry of one that was wrong.")
    ] = 0,
    lengthens: LengthensOption = False,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record that something happened that starts a clock. Two sign, and it waits three days."""
    from archiver.flows.classifying import happened

    output = Output("event-record", as_json=as_json)
    here = opened(archive, home)
    if (act is None) != bool(event and subject):
        raise UsageError(
            "give EVENT and SUBJECT, or --act FILE", mend="archiver event record --help"
        )
    if act:
        made = read_draft(act, "event")
    else:
        day, own = day_of(date, "--date"), corrects or None
        made = happened(here, event, subject, day, evidence, corrects=own, lengthens=lengthens)
    conclude(output, here, made, keys_of(sign, archive, home), out)
