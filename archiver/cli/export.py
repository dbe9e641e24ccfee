"""Approving what is exported of private streams, and asking back what went out by mistake."""

from __future__ import annotations

from typing import Annotated

import typer

from archiver.cli.classify import FileOption
from archiver.cli.deciding import (
    ActOption,
    OutOption,
    RecordsArgument,
    conclude,
    keys_of,
    listed_in,
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

__all__ = ["app"]

app = typer.Typer(
    help="Exports: what of private streams may go out, and what is asked back.",
    no_args_is_help=True,
)


@app.command()
def approve(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    matter: Annotated[str, typer.Option(help="As `matter list` shows it.")] = "",
    why: Annotated[str, typer.Option(help="Why they are to go out.")] = "",
    file: FileOption = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="All that is asked for, but tagged privileged or exempt."),
    ] = False,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Approve that private records are exported in a matter: exactly these.

    Who asks for it signs first and hands on the file that --out writes; somebody else, with the
    role approver, signs it with --act. What is exported later must be the same set.
    """
    from archiver.flows.matter_acts import approve as run
    from archiver.flows.matter_acts import private_asked_for

    output = Output("export-approve", as_json=as_json)
    here = opened(archive, home, key)
    keys = keys_of(sign, archive, home)
    ids = [*(records or ()), *listed_in(file)]
    if (act is None) != bool(matter and (ids or every)):
        mend = "archiver export approve --help"
        raise UsageError("give --matter and records, or --all, or --act FILE", mend=mend)
    if act is not None:
        made = read_draft(act, "export-approve")
    elif not keys:
        raise UsageError("who asks for it?", mend="give --sign, the key of who does, first")
    else:
        ids += private_asked_for(here, matter) if every else ()
        made = run(here, matter, ids, why, keys[0].handle)
    output.say(f"{len(made.document['records'])} private records.")
    conclude(output, here, made, keys, out)


@app.command("claw-back")
def claw_back(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    matter: Annotated[str, typer.Option(help="As `matter list` shows it.")] = "",
    volume: Annotated[int, typer.Option(help="The number of the volume that has them.")] = 0,
    why: Annotated[str, typer.Option(help="Why they are asked back.")] = "",
    file: FileOption = None,
    sign: SignOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record that records of a volume are asked back: they were handed over by mistake.

    It has a number of its own in the matter, which may be closed. Tag the records, and make the
    volume anew with `archiver produce --replaces`.
    """
    from archiver.flows.handing_over import asked_back

    output = Output("export-claw-back", as_json=as_json)
    here = opened(archive, home, key)
    ids = (*(records or ()), *listed_in(file))
    if not (matter and volume and why.strip()):
        mend = "archiver export claw-back --help"
        raise UsageError("of which matter and volume, and why?", mend=mend)
    number = asked_back(here, (matter, volume), ids, why, keys_of(sign, archive, home))
    output.say(f"Volume {number} of the matter: {len(ids)} records of volume {volume} asked back.")
    output.result({"matter": matter, "number": number, "of": volume, "records": len(ids)})
