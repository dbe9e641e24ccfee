"""Commands about copies as the ledger tells of them: list, retire."""

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

app = typer.Typer(
    help="Copies of the archive: which the ledger tells of, and which are no more.",
    no_args_is_help=True,
)


@app.command("list")
def list_(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """List the archive and its copies: those of archiver.toml, and all that the ledger tells of.

    An order to destroy is not done before it is gone of each that is not retired.
    """
    from archiver.flows.retiring import listed

    output = Output("copy-list", as_json=as_json)
    found = listed(opened(archive, home))
    output.table(
        ("copy", "place", "in archiver.toml", "told of", "state", ""),
        [
            (
                *(one["name"] or one["copy"], one["place"], "yes" if one["declared"] else "no"),
                "" if one["entry"] is None else f"entry {one['entry']}",
                *(one["state"], " ".join(filter(None, (one["became"], one["to"], one["day"])))),
            )
            for one in found
        ],
    )
    output.result(found)


@app.command()
def retire(  # noqa: PLR0913, PLR0917 - each is an option of the command
    copy: Annotated[
        str, typer.Argument(metavar="[COPY]", help="Its name, or what `copy list` shows for it.")
    ] = "",
    became: Annotated[str, typer.Option("--became", help="destroyed, handed-over or lost.")] = "",
    to: Annotated[str, typer.Option("--to", help="To whom it was handed over.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is no copy any more.")] = "",
    date: Annotated[str, typer.Option("--date", help="Since when, as 2026-11-20.")] = "",
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", metavar="FILE", help="What shows it; its SHA-256 is kept."),
    ] = None,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say what became of a copy that can't be asked any more: two sign, and it counts in 3 days.

    No order waits for it from then on. Certificates of what it may have had say what became of
    it. Take it out of archiver.toml first: to replicate to it again takes this back.
    """
    from archiver.flows.retiring import retire as run

    output = Output("copy-retire", as_json=as_json)
    here = opened(archive, home)
    if (act is None) != bool(copy):
        raise UsageError("give COPY, or --act FILE", mend="archiver copy retire --help")
    if act:
        made = read_draft(act, "retire")
    else:
        digest = sha256(told_file(evidence)).hexdigest() if evidence else ""
        words = {"reason": reason, "to": to, "copy_sha256": digest}
        made = run(here, copy, became, words, day_of(date, "--date"))
    conclude(output, here, made, keys_of(sign, archive, home), out)
