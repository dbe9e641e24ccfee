"""Commands about connectors: list and matrix."""

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
    """Show what each platform lets an account's owner obtain, with source and proof."""
    from archiver.flows.connectors import matrix as cells

    output = Output("connector-matrix", as_json=as_json)
    rows = cells(platform)
    for row in rows:
        output.say(f"{row['platform']} {row['stream']}: {row['verdict']}", "bold")
        if row["limit"]:
            output.say(f"  {row['limit']}")
        output.say(f"  says: {row['citation']}; proved by: {row['proved_by']}")
    output.result(rows)
