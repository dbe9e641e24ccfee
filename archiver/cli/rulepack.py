"""Commands that show rule packs: schedule list, schedule show. They need no archive."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from archiver.cli.options import JsonOption, settings
from archiver.cli.output import Output

__all__ = ["app"]

app = typer.Typer()


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the schedules at hand: those that are shipped, and your own of archiver.toml.

    A row of REQUIRED has no period that is known: it refuses.
    """
    from archiver.flows.schedules import schedules
    from archiver.wire import rule_packs

    output = Output("schedule-list", as_json=as_json)
    rows = schedules(rule_packs(settings("", "")))
    output.table(
        ("schedule", "version", "of", "rank", "expires", "rows", "REQUIRED", "title"),
        [
            (
                *(one["schedule"], one["version"], one["jurisdiction"], one["rank"]),
                *(one["expires"], one["rows"], one["required"], one["title"]),
            )
            for one in rows
        ],
    )
    output.result(rows)


@app.command()
def show(
    schedule: Annotated[str, typer.Argument(help="Its id, as `schedule list` prints it.")],
    as_json: JsonOption = False,
) -> None:
    """Show every row of a schedule: rule, what then, source, and how far it was read."""
    from archiver.flows.schedules import schedule as run
    from archiver.wire import rule_packs

    output = Output("schedule-show", as_json=as_json)
    found = run(rule_packs(settings("", "")), schedule)
    for pack in found:
        output.say(f"{pack['schedule']} {pack['version']}: {pack['title']}", "bold")
        output.say(f"  {pack['rank']}, {pack['jurisdiction']}; SHA-256 {pack['sha256']}")
        output.say(f"  before a row counts: {pack['adoption']}")
        output.table(
            ("code", "title", "rule", "then", "confidence", "citation"),
            [
                (
                    *(one["code"], one["title"], _rule(one.get("rule", {})), one["then"]),
                    *(one["confidence"], one["citation"]),
                )
                for one in pack["series"]
            ],
        )
        for floor in pack.get("floors", ()):
            output.say(f"  floor: {_rule(floor)} ({floor['citation']})")
    output.result(found)


def _rule(rule: dict[str, Any]) -> str:
    for name, terms in rule.items():
        if isinstance(terms, list):
            return f"{name.replace('_', ' ')}: " + "; ".join(map(_rule, terms))
    if not rule:
        return ""
    cutoff = rule.get("cutoff", "none")
    cut = f", {cutoff}" if cutoff != "none" else ""
    return f"{rule.get('event', rule['trigger'])}{cut} + {rule['period']}"
