"""Commands about connectors: list, matrix, new."""

from __future__ import annotations

from typing import Annotated

import typer

from archiver.cli.options import JsonOption
from archiver.cli.output import Output

__all__ = ["app"]

app = typer.Typer(help="Platforms: what can be captured, and who says so.", no_args_is_help=True)


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the platforms."""
    from archiver.flows.connectors import connectors

    output = Output("connector-list", as_json=as_json)
    rows = connectors()
    output.table(
        ("platform", "what", "parser", "credential"),
        [(r["platform"], r["title"], r["parser"], ", ".join(r["credential_fields"])) for r in rows],
    )
    for row in rows:
        places = ", ".join(digest["where"] for digest in row["digests"])
        output.say(f"{row['platform']}: digests of content in {places}")
    output.result(rows)


@app.command()
def matrix(
    platform: Annotated[str, typer.Argument(help="Only this platform.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show what each platform lets an account's owner obtain, with source and proof.

    Of one platform also what its terms and the law say of capturing it.
    """
    from archiver.flows.connectors import imports
    from archiver.flows.connectors import matrix as cells
    from archiver.flows.legal import legal_notes

    output = Output("connector-matrix", as_json=as_json)
    rows = [*cells(platform), *imports(platform)]
    output.table(
        ("platform", "stream", "verdict", "limit", "says", "proved by"),
        [tuple(row.values()) for row in rows],
    )
    names = dict.fromkeys(row["platform"] for row in rows)
    if platform:
        say_notes(output, platform)
    else:
        output.say("Law and terms: archiver connector matrix PLATFORM")
    notes = [{"platform": name, **note} for name in names for note in legal_notes(name)]
    output.result({"cells": rows, "notes": notes})


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The platform, in lower case: townhall.")],
    folder: Annotated[
        str, typer.Option("--dir", help="Where its own package begins; else in this source tree.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Begin a connector: one file that works, its test, and a stand-in of its platform."""
    from archiver.cli.connector_new import begin

    output = Output("connector-new", as_json=as_json)
    begun = begin(name, folder)
    for path in begun.files:
        output.say(f"wrote {path}")
    output.say("Next:")
    for step in begun.steps:
        output.say(f"  {step}")
    written = [str(path) for path in begun.files]
    output.result({"platform": name, "files": written, "next": begun.steps})


def say_notes(output: Output, platform: str) -> list[dict[str, str]]:
    """Print a platform's legal notes, and return them."""
    from archiver.flows.legal import legal_notes

    notes = legal_notes(platform)
    output.say("What law and terms say, as far as we know. This is no legal advice.", "bold")
    for note in notes:
        output.say(f"- {note['subject']}: {note['says']}")
        read = f", read on {note['read_on']}" if note["read_on"] else ""
        output.say(f"  from: {note['citation']} ({note['confidence']}{read})")
    return notes
