"""The command that shows what whoever runs the archive did: runs, requests, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.deciding import day_of
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened
from archiver.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["app"]

app = typer.Typer()

_SHOWN = ("dag", "task", "run", "type", "method", "path", "state", "status", "choice", "about")
_MORE = ("trigger", "cleared", "conf", "partition", "outcome")


@app.command()
def operations(
    since: Annotated[
        str, typer.Option(metavar="DAY", help="Only since this day (UTC), as 2026-11-20.")
    ] = "",
    seal: Annotated[
        bool, typer.Option("--seal", help="Seal first what this home has noted.")
    ] = False,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show which runs a scheduler had, what people did to them, and what was restored on trial.

    What a scheduler keeps of it may be cleared; this is in the archive. Plain runs are counted.
    """
    from archiver.flows.operations import operations as run
    from archiver.flows.operations import seal_notes

    output = Output("operations", as_json=as_json)
    day = str(day_of(since, "--since")) if since else ""
    here = opened(archive, home)
    sealed = seal_notes(here) if seal else 0
    data = run(here, day)
    output.table(
        ("what", "when", "who", "of what", "ledger"),
        [
            (one["what"], one["time"][:19], one.get("by", ""), _said(one), _leaf(one))
            for one in data["notes"]
        ],
    )
    output.table(
        ("DAG", "plain runs", "first", "last", "ledger"),
        [
            (one["dag"], one["runs"], one["first"][:19], one["last"][:19], _leaf(one))
            for one in data["runs"]
        ],
    )
    if data["waiting"]:
        output.say(f"{data['waiting']} notes wait to be sealed: archiver operations --seal")
    findings = [_unended(one) for one in data["unended"]]
    for one in findings:
        output.say(f"{one['where']}: {one['message']}", "bold red")
    output.result({**data, "sealed": sealed}, ok=not findings, findings=findings)
    raise typer.Exit(output.exit_code)


def _unended(run: str) -> dict[str, str]:
    return {
        "code": "operation-unended",
        "message": "a run began, and nobody noted how it ended",
        "where": run,
        "mend": "see whether the plugin is loaded where the scheduler runs, with this home",
    }


def _said(note: Mapping[str, Any]) -> str:
    plain = [str(note[name]) for name in _SHOWN if note.get(name)]
    return " ".join([*plain, *(f"{name}={note[name]}" for name in _MORE if note.get(name))])


def _leaf(one: Mapping[str, Any]) -> str:
    return "not yet" if one["leaf"] is None else str(one["leaf"])
