"""The command that asks for an extraordinary removal."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.deciding import (
    OutOption,
    RecordsArgument,
    concluded,
    keys_of,
    listed_in,
    told_file,
)
from archiver.cli.disposition_propose import WithResidueOption
from archiver.cli.disposition_review import review
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, SignOption, opened
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

__all__ = ["remove"]


def remove(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    kind: Annotated[
        str,
        typer.Option(help="court-order, unlawful-content, claw-back or personal-account."),
    ] = "",
    authority: Annotated[str, typer.Option(help="Who demands it, and by what.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Record ids, one a line.")
    ] = None,
    copy: Annotated[
        Path | None, typer.Option("--copy", metavar="FILE", help="The paper that demands it.")
    ] = None,
    with_residue: WithResidueOption = False,
    sign: SignOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask that records go by an authority of their own; nobody is shown them once it is sealed.

    A records manager asks; counsel and two approvers sign it on with `disposition approve`. Holds
    and waiting times bind it too. Of --copy the SHA-256 is kept.
    """
    from archiver.flows.extraordinary import removal

    output = Output("disposition-remove", as_json=as_json)
    named = [*(records or ()), *listed_in(file)]
    keys = keys_of(sign, archive, home)
    if not named:
        raise UsageError("which records?", mend="give RECORD, or --file FILE")
    if not keys:
        raise UsageError("who asks for it?", mend="give --sign FILE, of a records manager")
    digest = sha256(told_file(copy)).hexdigest() if copy else ""
    told = {"authority": authority, "reason": reason, "copy_sha256": digest}
    here = opened(archive, home)
    with Steps() as steps:
        made = removal(here, named, kind, told, keys[0], steps, unclaimed=with_residue)
    made = made.signed(keys[1:])
    review(output, made.document)
    output.result(concluded(output, here, made, out))
