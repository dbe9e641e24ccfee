"""The command that moves locks on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened
from archiver.cli.output import Output, Steps

if TYPE_CHECKING:
    from archiver.flows.locks import Locked

__all__ = ["app"]

app = typer.Typer()


@app.command()
def lock(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """Lock everything stored for 90 more days, in the archive and its copies; daily."""
    from archiver.flows.locks import roll

    output = Output("lock", as_json=as_json)
    here = opened(archive, home)
    with Steps() as steps:
        made = roll(here, steps)
    output.table(
        ("place", "where", "locked", "first end", ""),
        [(one.name, one.place, one.objects, _end(one), _state(one)) for one in made],
    )
    findings = [finding for one in made for finding in _findings(one)]
    for finding in findings:
        output.say(f"{finding['where']}: {finding['message']}", "bold red")
    data = [
        {
            "name": one.name,
            "place": one.place,
            "objects": one.objects,
            "end": _end(one),
            "failed": len(one.failed),
        }
        for one in made
    ]
    output.result(data, ok=not findings, findings=findings)
    raise typer.Exit(output.exit_code)


def _end(one: Locked) -> str:
    return "" if one.end is None else one.end.strftime("%Y-%m-%dT%H:%M:%SZ")


def _state(one: Locked) -> str:
    if not one.whole:
        return "NOT ALL LOCKED"
    return "locked" if one.objects else "this place locks nothing"


def _findings(one: Locked) -> list[dict[str, Any]]:
    """Return what is not locked as it should be."""
    found = [
        {
            "code": "lock-failed",
            "message": why,
            "where": f"{one.name}: {key}",
            "mend": "see what `archiver doctor` says of locks; who locks needs "
            "s3:PutObjectRetention and s3:GetObjectRetention",
        }
        for key, why in one.failed
    ]
    if one.error is not None:
        where = f"{one.name}: {one.error.where}"
        whole = {"code": one.error.code, "message": one.error.message}
        found.append({**whole, "where": where, "mend": one.error.mend})
    return found
