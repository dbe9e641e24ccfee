"""The command that reads what is archived again, with the parsers of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened
from archiver.cli.output import Output, Steps

if TYPE_CHECKING:
    from typing import Any

__all__ = ["app"]

app = typer.Typer()

COUNTS = ("new", "changed", "gone")


@app.command()
def reparse(
    account: Annotated[str, typer.Argument(metavar="[ACCOUNT]", help="Default: all.")] = "",
    apply: Annotated[
        bool, typer.Option("--apply", help="Seal what differs, beside what is there.")
    ] = False,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Read records again whose parser has a newer version, and show what it reads otherwise.

    Nothing is written without --apply, and nothing is ever replaced: what differs becomes a newer
    generation of its record. Of encrypted records fields and numbers are told, no content.
    """
    from archiver.flows.reparse import reparse as run

    output = Output("reparse", as_json=as_json)
    with Steps() as steps:
        found = [one.document() for one in run(opened(archive, home), account, steps, apply=apply)]
    for one in found:
        _tell(output, one, applied=apply)
    if not found:
        output.say("No account is registered. Next: archiver account add")
    output.result(found)
    raise typer.Exit(output.exit_code)


def _tell(output: Output, one: dict[str, Any], *, applied: bool) -> None:
    """Print for people what differs in an account, and what was not looked at."""
    streams = one["streams"].items()
    output.say(f"\n{one['account']}  {one['parser'] or 'no connector here'}", "bold")
    changes = [(s, name, change) for s, told in streams for name, change in told["fields"].items()]
    if changes:
        rows = [(s, name, *(change[one] for one in COUNTS)) for s, name, change in changes]
        output.table(("stream", "field", *COUNTS), rows)
    for _, name, change in changes:
        for example in change["examples"]:
            output.say(f"  {example['record']}  {name}", "cyan")
            output.say(f"    {_line(example['before'])}")
            output.say(f"    → {_line(example['after'])}")
    _tell_counts(output, one, applied=applied)


def _tell_counts(output: Output, one: dict[str, Any], *, applied: bool) -> None:
    streams = one["streams"].values()
    read, differ = (sum(told[name] for told in streams) for name in ("read", "differ"))
    output.say(f"{read} records read again, {differ} differ; {one['current']} are up to date.")
    for parser, count in one["unknown"].items():
        output.say(f"Not looked at: {count} records of {parser}, which is not here.", "yellow")
    if one["unreadable"]:
        output.say(f"Not looked at: {one['unreadable']} encrypted, no key in this home.", "yellow")
    if one["unindexed"]:
        output.say(f"The index was not made: {one['unindexed']}. The next search does it.")
    if applied:
        output.say(f"{one['made']} newer generations sealed.")
    elif differ:
        output.say(f"Next: archiver reparse {one['account']} --apply")


def _line(text: str) -> str:
    return " ".join(text.split()) or "(nothing)"
