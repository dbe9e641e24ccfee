"""Approving what is exported of private streams."""

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

app = typer.Typer(help="Exports of private streams: what of them may go out.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Have `approve` be a word of the command, although it is the only one."""


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
