"""The command that tells what time of an account is in the archive, what is not, and why."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.files import check_picture, write_over
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened
from archiver.cli.output import Output, safe
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.coverage import AccountCoverage

__all__ = ["app"]

app = typer.Typer()

COLUMNS = (
    "stream", "covered", "bound", "listened", "reported", "seen", "unexplained", "nothing there",
)  # fmt: skip
MOST_NAMED = 10
"""Things known by id alone that the table names; ``--json`` names all."""


@app.command()
def coverage(  # noqa: PLR0913, PLR0917 - each is an option of the command
    accounts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ACCOUNT]...", help="Default: all that were approved once."),
    ] = None,
    since: Annotated[
        str, typer.Option("--from", help="First day, as 2026-11-20 (UTC). Default: the first run.")
    ] = "",
    until: Annotated[str, typer.Option("--to", help="Last day (UTC). Default: now.")] = "",
    picture: Annotated[
        str, typer.Option(metavar="FILE.svg", help="Draw the time line into a file.")
    ] = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
    as_lines: Annotated[
        bool, typer.Option("--jsonl", help="Print one line of JSON for each span.")
    ] = False,
) -> None:
    """Tell of what time each stream is in the archive, what is missing, and why.

    covered: what was there then, and still there at the next reading, is in the archive; what
    came and went within the bound was not seen. A gap says its cause, and on what that rests.
    What nothing explains alarms: then the exit status is 1.
    """
    from archiver.flows.coverage import alarms_of, coverages, moment
    from archiver.flows.coverage_picture import picture as drawn

    output = Output("coverage", as_json=as_json)
    _check(picture, as_json=as_json, as_lines=as_lines)
    window = moment(since), moment(until, last=True)
    found = coverages(opened(archive, home), accounts or (), *window)
    if picture:
        write_over(picture, drawn(found))
    if as_lines:
        for one in found:
            _lines(one)
    else:
        _tell(output, found)
        if picture:
            output.say(f"The time line is in {picture}.")
    alarms = [alarm for one in found for alarm in alarms_of(one)]
    output.result([one.document() for one in found], ok=not alarms, findings=alarms)
    raise typer.Exit(output.exit_code)


def _check(picture: str, *, as_json: bool, as_lines: bool) -> None:
    if as_json and as_lines:
        raise UsageError("--json and --jsonl are two forms of one answer", mend="give one of them")
    check_picture(picture)


def _lines(found: AccountCoverage) -> None:
    for stream, one in found.document()["streams"].items():
        for span in one["spans"]:
            line = {"account": found.account.name, "stream": stream, **span}
            sys.stdout.write(safe(json.dumps(line, ensure_ascii=False)) + "\n")


def _tell(output: Output, found: list[AccountCoverage]) -> None:
    """Print tables for people: how much is covered, then what is not, and why."""
    if not found:
        output.say("No account was ever approved. Next: archiver account approve ACCOUNT --by WHO")
    for one in found:
        streams = one.document()["streams"]
        about = f"{one.account.name}  {one.since[:16]} to {one.until[:16]} UTC"
        output.say(f"\n{about}", "bold")
        output.table(
            COLUMNS,
            [(stream, *_cells(told)) for stream, told in streams.items()],
        )
        for stream, told in streams.items():
            for span in told["spans"]:
                if span["state"] != "covered":
                    output.say(f"  {stream}: {_span(span)}")
            for line in _bounds(stream, told):
                output.say(f"  {line}", "yellow")
            for alarm in told["unexplained"]:
                output.say(f"  {stream}: {alarm['message']}. {alarm['mend']}", "yellow")
    output.say("\nBound: what came and went within this time was not seen.")


def _bounds(stream: str, told: dict[str, Any]) -> Iterator[str]:
    """Yield what events told, what is shown no more unless somebody looks soon, what is lacking."""
    must, lacking, events = told["must"], told["lacking"], told["events"]
    said = told["profile"]
    if said and said["stated"] != said["held"]:
        why = said["why"] or "the platform does not say why"
        yield (
            f"{stream}: the profile counts {said['stated']}, the archive has {said['held']}: {why}"
        )
    elif said:
        yield f"{stream}: the profile counts {said['stated']}, and the archive has as many"
    if events["told"] or events["untold"]:
        yield (
            f"{stream}: events told of {events['told']} things, listings showed "
            f"{events['untold']} more that none had told of"
        )
    if must:
        said = f"{stream}: must be looked at every {_length(int(must['seconds']))}: {must['why']}"
        if told["bound"] > must["seconds"]:
            said += f"; it was not for up to {_length(told['bound'])}, what came then may be missed"
        yield said
    if lacking is None:
        yield f"{stream}: what is known by its id alone can't be told: no key of it is here"
    elif lacking:
        names = ", ".join(one["id"] for one in lacking[:MOST_NAMED])
        more = f" and {len(lacking) - MOST_NAMED} more" if len(lacking) > MOST_NAMED else ""
        yield f"{stream}: {len(lacking)} known by id alone, no content: {names}{more}"


def _cells(told: dict[str, Any]) -> tuple[str, ...]:
    total, control = sum(told["seconds"].values()), told["control"]
    covered = f"{100 * told['seconds']['covered'] / total:.1f} %" if total else "-"
    counts = ("-", "-", "-")
    if control:
        reported = "-" if control["reported"] is None else str(control["reported"])
        counts = (reported, str(control["seen"]), str(control["unexplained"]))
    listened = _length(_listened(told))
    return (covered, _length(told["bound"]), listened, *counts, told["zero"] or "-")


def _listened(told: dict[str, Any]) -> int:
    """Return for how many seconds somebody listened."""
    spans = [(one["since"], one["until"]) for one in told["events"]["listened"]]
    moments = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in spans]
    return int(sum((until - since).total_seconds() for since, until in moments))


def _length(seconds: int) -> str:
    """Return a length of time as people say it."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds} s" if seconds else "-"


def _span(span: dict[str, Any]) -> str:
    cites = f" ({', '.join(span['cites'])})" if span["cites"] else ""
    when = f"{span['since'][:16]} to {span['until'][:16]}"
    return f"{when} {span['state']}, {span['cause']}{cites}"
