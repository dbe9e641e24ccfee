"""Commands about orders to destroy, from proposal to certificate."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from archiver.cli.certificate import certificate
from archiver.cli.deciding import (
    ActOption,
    OutOption,
    RecordsArgument,
    conclude,
    concluded,
    day_of,
    keys_of,
    listed_in,
    read_draft,
    told_file,
)
from archiver.cli.disposition_execute import execute
from archiver.cli.disposition_list import list_
from archiver.cli.disposition_propose import AsOfOption, propose
from archiver.cli.disposition_remove import remove
from archiver.cli.disposition_review import review
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    SignOption,
    opened,
)
from archiver.cli.output import Output
from archiver.errors import UsageError

__all__ = ["AsOfOption", "DateOption", "EvidenceOption", "app"]

app = typer.Typer(
    help="Orders to destroy: who asks, who approves, who outside is asked.", no_args_is_help=True
)

OrderArgument = Annotated[
    str, typer.Argument(metavar="[ORDER]", help="As `disposition list` shows it.")
]
DateOption = Annotated[str, typer.Option("--date", help="Day, as 2026-11-20.")]
EvidenceOption = Annotated[str, typer.Option("--evidence", help="What shows it.")]
WorksheetOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the fields to copy, as Markdown. Records nothing."),
]


app.command()(propose)


@app.command()
def approve(
    act: Annotated[Path, typer.Argument(metavar="FILE", help="What `propose --out` wrote.")],
    sign: SignOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Approve a proposal: shows it in plain words, and signs it. Two approvers are needed.

    The first writes it on with --out; the second seals it. It counts after three days.
    """
    from archiver.flows.disposition import ORDERS

    output = Output("disposition-approve", as_json=as_json)
    here = opened(archive, home)
    made = read_draft(act, *sorted(ORDERS))
    review(output, made.document)
    conclude(output, here, made, keys_of(sign, archive, home), out, shown=True)


@app.command()
def submit(  # noqa: PLR0913, PLR0917 - each is an option of the command
    order: OrderArgument,
    date: DateOption = "",
    evidence: EvidenceOption = "",
    worksheet: WorksheetOption = None,
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the worksheet of a certificate; with --date, record that it was sent.

    The days that the law asks for count from when this is recorded.
    """
    output = Output("disposition-submit", as_json=as_json)
    _sent(output, order, "certificate", (date, evidence, worksheet), (sign, archive, home))


@app.command()
def notice(  # noqa: PLR0913, PLR0917 - each is an option of the command
    order: OrderArgument,
    date: DateOption = "",
    evidence: EvidenceOption = "",
    worksheet: WorksheetOption = None,
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the worksheet of a notice; with --date, record that it was sent.

    The days that the law asks for count from when this is recorded.
    """
    output = Output("disposition-notice", as_json=as_json)
    _sent(output, order, "notice", (date, evidence, worksheet), (sign, archive, home))


@app.command()
def outcome(  # noqa: PLR0913, PLR0917 - each is an option of the command
    order: OrderArgument = "",
    answer: Annotated[
        str, typer.Argument(metavar="[ANSWER]", help="One that the rule pack lists.")
    ] = "",
    records: RecordsArgument = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Record ids, one a line.")
    ] = None,
    date: DateOption = "",
    copy: Annotated[
        Path | None, typer.Option("--copy", metavar="FILE", help="The answer as it came.")
    ] = None,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record what an authority outside answered. What lets records go takes two, and waits.

    RECORD names what may go, where the authority struck some. Of --copy the SHA-256 is kept.
    """
    from archiver.flows.outside_acts import outcome as run

    output = Output("disposition-outcome", as_json=as_json)
    here = opened(archive, home)
    if (act is None) != bool(order and answer):
        raise UsageError(
            "give ORDER and ANSWER, or --act FILE", mend="archiver disposition outcome --help"
        )
    if act:
        made = read_draft(act, "outcome")
    else:
        digest = sha256(told_file(copy)).hexdigest() if copy else ""
        named = [*(records or ()), *listed_in(file)]
        made = run(here, order, answer, day_of(date, "--date"), digest, named)
    conclude(output, here, made, keys_of(sign, archive, home), out)


@app.command()
def halt(
    order: OrderArgument,
    reason: Annotated[str, typer.Option(help="Why it ends.")],
    sign: SignOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Halt an order: one person signs, and it counts at once. It does not begin again."""
    from archiver.flows.orders import halt as run

    output = Output("disposition-halt", as_json=as_json)
    here = opened(archive, home)
    conclude(output, here, run(here, order, reason), keys_of(sign, archive, home), None)


app.command()(execute)
app.command()(remove)
app.command("list")(list_)
app.command()(certificate)


def _sent(
    output: Output,
    order: str,
    kind: str,
    told: tuple[str, str, Path | None],
    who: tuple[list[str] | None, str, str],
) -> None:
    """Write a worksheet, and record that it was sent where a day is given."""
    from archiver.flows.outside_acts import asked, submit
    from archiver.flows.worksheet import MARK, worksheet

    (date, evidence, file), (sign, archive, home) = told, who
    here = opened(archive, home)
    if not date and file is None:
        raise UsageError(
            "give --worksheet FILE, or --date DAY", mend="write it first, then send it"
        )
    if file is not None:
        _, document = asked(here, order, kind)
        file.touch(mode=0o600)
        file.write_text(worksheet(order, document), "utf-8")
        output.say(f"{MARK}: {file}")
    data: dict[str, Any] = {"act": None, "sealed": False, "counts": ""}
    if date:
        made = submit(here, order, kind, day_of(date, "--date"), evidence)
        data = concluded(output, here, made.signed(keys_of(sign, archive, home)), None)
    output.result({"worksheet": str(file or ""), **data})
