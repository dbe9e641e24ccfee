"""Commands that adopt schedules: add, adopt, opt-in, revoke, history."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.deciding import (
    ActOption,
    OutOption,
    conclude,
    day_of,
    keys_of,
    read_draft,
    told_file,
)
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, SignOption, opened
from archiver.cli.output import Output
from archiver.errors import UsageError

__all__ = ["app"]

app = typer.Typer(help="Retention schedules: kept, adopted, taken back.", no_args_is_help=True)

ScheduleArgument = Annotated[str, typer.Argument(metavar="[SCHEDULE]", help="Its id.")]
VersionArgument = Annotated[str, typer.Argument(metavar="[VERSION]", help="Its version.")]
FileOption = Annotated[Path | None, typer.Option("--file", help="The rule pack.")]
InstrumentOption = Annotated[str, typer.Option(help="By what: an ordinance, an application.")]
EffectiveOption = Annotated[str, typer.Option(help="First day, as 2026-11-20.")]


@app.command()
def add(  # noqa: PLR0913, PLR0917 - each is an option of the command
    schedule: Annotated[str, typer.Argument(help="Its id.")],
    version: Annotated[str, typer.Argument(help="Its version.")],
    file: Annotated[Path, typer.Option("--file", help="The rule pack.")],
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Keep the text of a schedule in the archive. Nothing falls due by it until it is adopted."""
    from archiver.flows.classifying import add_schedule

    output = Output("schedule-add", as_json=as_json)
    here = opened(archive, home)
    made = add_schedule(here, schedule, version, told_file(file))
    conclude(output, here, made, keys_of(sign, archive, home), None)


@app.command()
def adopt(  # noqa: PLR0913, PLR0917 - each is an option of the command
    schedule: ScheduleArgument = "",
    version: VersionArgument = "",
    file: FileOption = None,
    authority: Annotated[str, typer.Option(help="Which body or officer adopted it.")] = "",
    instrument: InstrumentOption = "",
    effective: EffectiveOption = "",
    read: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE=SHA256", help="A source that somebody read."),
    ] = None,
    read_by: Annotated[str, typer.Option(help="Who read it.")] = "",
    read_on: Annotated[str, typer.Option(help="When, as 2026-11-20.")] = "",
    confirm: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A row held against the source.")
    ] = None,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say that a local authority adopted a schedule, and who read which source.

    Two who govern sign, and it counts after three days.
    """
    from archiver.flows.classifying import adopt as run

    output = Output("schedule-adopt", as_json=as_json)
    here = opened(archive, home)
    if act is not None:
        made = read_draft(act, "adopt-schedule")
    else:
        adoption = {
            "schedule": schedule,
            "version": version,
            "digest": _digest(file),
            "authority": authority,
            "instrument": instrument,
            "effective": day_of(effective, "--effective").isoformat(),
            "readings": [_reading(one, read_by, read_on) for one in read or []],
            "confirmed": sorted(set(confirm or [])),
        }
        _require(schedule=schedule, version=version, authority=authority, instrument=instrument)
        made = run(here, adoption)
    conclude(output, here, made, keys_of(sign, archive, home), out)


def _digest(file: Path | None) -> str:
    if file is None:
        raise UsageError("which text was adopted?", mend="give --file, the rule pack as adopted")
    return sha256(told_file(file)).hexdigest()


def _reading(told: str, by: str, day: str) -> dict[str, str]:
    source, mark, digest = told.partition("=")
    if not mark or not by:
        raise UsageError(
            "a source is read by somebody",
            where=told,
            mend="--read SOURCE=SHA256 --read-by WHO --read-on DAY",
        )
    return {
        "source": source,
        "sha256": digest,
        "by": by,
        "day": day_of(day, "--read-on").isoformat(),
    }


def _require(**given: str) -> None:
    for name, value in given.items():
        if not value.strip():
            raise UsageError(f"no {name}", mend="archiver schedule adopt --help")


@app.command("opt-in")
def opt_in_(  # noqa: PLR0913, PLR0917 - each is an option of the command
    schedule: ScheduleArgument = "",
    version: VersionArgument = "",
    instrument: InstrumentOption = "",
    effective: EffectiveOption = "",
    expires: Annotated[str, typer.Option(help="First day on which it holds no more.")] = "",
    series: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only these; all where none is given.")
    ] = None,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say that the city opted in to a municipal schedule. Two sign, and it waits three days."""
    from archiver.flows.classifying import opt_in

    output = Output("schedule-opt-in", as_json=as_json)
    here = opened(archive, home)
    if act is not None:
        made = read_draft(act, "opt-in")
    else:
        _require(schedule=schedule, version=version, instrument=instrument)
        option = {
            "schedule": schedule,
            "version": version,
            "instrument": instrument,
            "effective": day_of(effective, "--effective").isoformat(),
            "expires": day_of(expires, "--expires").isoformat() if expires else "",
            "series": sorted(set(series or [])),
        }
        made = opt_in(here, option)
    conclude(output, here, made, keys_of(sign, archive, home), out)


@app.command()
def revoke(  # noqa: PLR0913, PLR0917 - each is an option of the command
    entry: Annotated[
        int, typer.Argument(metavar="[ENTRY]", help="As `schedule history` shows it.")
    ] = 0,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take back an adoption or opt-in. Two sign, and it waits three days; a hold waits for none."""
    from archiver.flows.classifying import revoke as run

    output = Output("schedule-revoke", as_json=as_json)
    here = opened(archive, home)
    made = read_draft(act, "revoke-schedule") if act else run(here, entry, reason)
    conclude(output, here, made, keys_of(sign, archive, home), out)


@app.command()
def history(
    archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False
) -> None:
    """List what was decided on schedules, series and events, oldest first; also what waits."""
    from archiver.flows.classifying import history as run

    output = Output("schedule-history", as_json=as_json)
    found = run(opened(archive, home))
    output.table(
        ("entry", "decided", "counts", "", "what"),
        [
            (
                *(one["entry"], one["act"], one["counts"][:16]),
                *("" if one["counting"] else "waits", one["what"]),
            )
            for one in found
        ],
    )
    output.result(found)
