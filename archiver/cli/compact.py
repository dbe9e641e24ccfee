"""The command that makes few segments of many, has them verified, and removes the old ones."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    KeyOption,
    opened,
    person_key,
)
from archiver.cli.output import Output, Steps
from archiver.cli.verify import explained, tell_findings
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey

__all__ = ["app"]

app = typer.Typer()


@app.command()
def compact(
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be merged.")] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Read what was merged, record by record, and sign: as a verifier."
        ),
    ] = False,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Merge small segments; remove what was merged, once a verifier has signed it."""
    output = Output("compact", as_json=as_json)
    if plan and verify:
        raise UsageError("--plan and --verify are two commands", mend="give one of them")
    here = opened(archive, home, key)
    if plan:
        _plan(output, here)
    elif verify:
        own = person_key(key, archive, home)
        if own is None:
            raise UsageError("whose signature?", mend="give --key FILE, or set ARCHIVER_PERSON")
        _verify(output, here, own)
    else:
        _compact(output, here)
    raise typer.Exit(output.exit_code)


def _plan(output: Output, archive: Archive) -> None:
    from archiver.flows.accounts import registry
    from archiver.flows.compact import planned
    from archiver.flows.ledger import read_state

    state = read_state(archive)
    merges, unreadable = planned(archive, state)
    names = {one.handle: one.name for one in registry(archive, state).values()}
    rows = [
        {
            "account": names.get(one.segments[0].account, ""),  # or of the archive itself
            "stream": one.stream,
            "period": one.segments[0].period,
            "sensitivity": one.segments[0].sensitivity,
            "segments": len(one.segments),
            "bytes": one.size,
        }
        for one in merges
    ]
    columns = ("account", "stream", "month", "", "segments", "bytes")
    output.table(columns, [tuple(one.values()) for one in rows])
    output.say(f"{sum(len(one.segments) for one in merges)} segments would become {len(merges)}.")
    _say_unreadable(output, unreadable)
    output.result({"work": "plan", "merges": rows, "unreadable": unreadable})


def _compact(output: Output, archive: Archive) -> None:
    from archiver.flows.compact import compact as run

    with Steps() as steps:
        made = run(archive, steps)
    output.say(f"{made.merged} segments became {made.made}: {made.records} records.")
    if made.overtaken:
        output.say(f"{made.overtaken} merges were done by another process meanwhile.")
    if made.removed or made.locked:
        output.say(f"{made.removed} superseded files removed, {made.locked} still locked.")
    if made.waiting:
        output.say(
            f"{made.waiting} superseded segments wait for a verifier: archiver compact --verify"
        )
    if made.unindexed:
        output.say(f"The index was not made: {made.unindexed}. The next search does it.", "yellow")
    _say_unreadable(output, made.unreadable)
    output.result({"work": "compact", **asdict(made)})


def _verify(output: Output, archive: Archive, key: PersonKey) -> None:
    from archiver.flows.verify_compacted import verify_compacted

    with Steps() as steps:
        made = verify_compacted(archive, key, steps)
    findings = [{**one._asdict(), **explained(one.code)} for one in made.findings]
    tell_findings(output, findings)
    output.say(f"{made.segments} merged segments verified and signed: {made.records} records.")
    if findings:
        output.say(f"{len(findings)} findings: what they are about was not signed.", "bold red")
    _say_unreadable(output, made.unreadable)
    data: dict[str, Any] = {
        name: value for name, value in asdict(made).items() if name != "findings"
    }
    output.result({"work": "verify", **data}, ok=not findings, findings=findings)


def _say_unreadable(output: Output, count: int) -> None:
    if count:
        output.say(f"{count} segments left as they are: no key in this home.")
