"""The command that proposes what is due."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from archiver.cli.deciding import OutOption, concluded, keys_of
from archiver.cli.disposition_review import review
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    KeyOption,
    SignOption,
    opened,
)
from archiver.cli.output import Output, Steps
from archiver.errors import UsageError

__all__ = ["AsOfOption", "WithResidueOption", "propose"]

AsOfOption = Annotated[
    str, typer.Option("--as-of", metavar="DAY", help="Due on this day too. Default: today.")
]
WithResidueOption = Annotated[
    bool,
    typer.Option("--with-residue", help="Also what no parser claims of the answers beside them."),
]


def propose(  # noqa: PLR0913, PLR0917 - each is an option of the command
    series: Annotated[str, typer.Argument(help="Series item, as schedule/code.")],
    as_of: AsOfOption = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    to: Annotated[
        str, typer.Option("--to", help="Who takes them over, where they are to be transferred.")
    ] = "",
    with_residue: WithResidueOption = False,
    plan: Annotated[bool, typer.Option("--plan", help="Print it only.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Ask encrypted streams too.")] = False,
    sign: SignOption = None,
    out: OutOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Propose that what is eligible under a series item goes: a records manager signs.

    It is destroyed, and handed over --to an authority before where the series says so. What is on
    hold, claimed, or only would be due is left out, and told. What is left over of answers beside
    them goes along where all of it is in other records by now, and with --with-residue also where
    no parser claims it. The file of --out goes to two approvers, neither of whom proposes.
    """
    from archiver.flows.disposition import proposal
    from archiver.flows.disposition import propose as run
    from archiver.flows.residue import beside_it

    output = Output("disposition-propose", as_json=as_json)
    here = opened(archive, home, key)
    made = proposal(here, series, as_of, reason, private=private, to=to)
    with Steps() as steps:
        made = beside_it(here, made, steps, unclaimed=with_residue)
    review(output, made.document)
    told: dict[str, Any] = {"act": None, "sealed": False, "counts": ""}
    if not plan:
        if not reason.strip():
            raise UsageError("why is it proposed?", mend="give --reason")
        keys = keys_of(sign, archive, home)
        if not keys:
            raise UsageError("who proposes it?", mend="give --sign FILE, of a records manager")
        told = concluded(output, here, run(here, made, keys[0]).signed(keys[1:]), out)
    output.result({"proposal": {**made.document, "records": list(made.frozen.records)}, **told})
