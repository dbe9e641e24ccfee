"""Commands that hand records over to an archive authority: make, receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.deciding import (
    ActOption,
    OutOption,
    RecordsArgument,
    conclude,
    day_of,
    keys_of,
    listed_in,
    read_draft,
    told_file,
)
from archiver.cli.disposition import AsOfOption, DateOption, EvidenceOption
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

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.transfer import Transferred
    from archiver.flows.transfer_choice import Chosen

__all__ = ["app"]

app = typer.Typer(
    help="Hand records over to an archive authority, and record its receipt.", no_args_is_help=True
)


@app.command()
def make(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Record ids, one a line.")
    ] = None,
    series: Annotated[
        str, typer.Option("--series", help="What is due to be transferred: schedule/code.")
    ] = "",
    as_of: AsOfOption = "",
    order: Annotated[
        str, typer.Option("--order", help="What an order is about; only so it waits for a receipt.")
    ] = "",
    to: Annotated[str, typer.Option("--to", metavar="AUTHORITY", help="Who takes it over.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="New folder: the bag.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Private records too, decrypted, for all to read.")
    ] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="MOMENT", help="When it is made (UTC). Default: now.")
    ] = "",
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write a bag (BagIt) with records and all that it takes to read and verify them offline.

    The bag is not encrypted. Nothing of the archive changes, and nothing may go for it.
    """
    from archiver.flows.transfer import transfer
    from archiver.wire import transfer_folder

    output = Output("transfer-make", as_json=as_json)
    if out is None:
        raise UsageError("where to?", mend="give --out DIR, a new folder")
    if not (to.strip() or order):
        raise UsageError("to whom?", mend="give --to, the authority that takes it over")
    here = opened(archive, home, key)
    moment = _moment(at) if at else here.clock.now()
    named = [*(records or ()), *listed_in(file)]
    chosen = _chosen(here, (named, series, order), (as_of, to), private=private)
    with transfer_folder(out) as (folder, enclosed), Steps() as steps:
        made = transfer(here, chosen, folder, enclosed, steps, moment)
    _tell(output, made, out)
    told = {"folder": str(out), "files": made.files, "bytes": made.bytes}
    output.result({**told, "manifest_sha256": made.manifest_sha256, "document": made.document})


def _chosen(
    here: Archive, what: tuple[list[str], str, str], how: tuple[str, str], *, private: bool
) -> Chosen:
    from archiver.flows.transfer_choice import of_order, of_records, of_series

    (records, series, order), (as_of, to) = what, how
    if sum(map(bool, what)) != 1 or (as_of and not series):
        raise UsageError(
            "what is transferred?",
            mend="give --series, with or without --as-of, or --order, or RECORD and --file",
        )
    if series:
        return of_series(here, series, as_of, to, private=private)
    if order:
        return of_order(here, order, to, private=private)
    return of_records(here, records, to, private=private)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:  # what is the year 0 in UTC is none
        mend = "write it as 2026-11-20T09:00:00Z"
        raise UsageError("--at is not a moment", where=text, mend=mend) from error


def _tell(output: Output, made: Transferred, out: Path) -> None:
    document = made.document
    output.say(f"{document['records']} records, {document['versions']} versions and parts: {out}")
    output.say(f"  for {document['to']}, {made.files} files, {made.bytes} bytes")
    output.say(f"  SHA-256 of its manifest: {made.manifest_sha256}")
    if document["private"]:
        output.say(
            f"THE BAG HAS PRIVATE RECORDS, DECRYPTED: {', '.join(document['private'])}. Whoever "
            "has it reads them.",
            "bold red",
        )
    if document["left_out"]:
        output.say(
            f"LEFT OUT: {document['left_out']} records of which something is private or withheld. "
            "With --private the private ones are in it.",
            "bold yellow",
        )
        if "order" in document["about"]:
            output.say("Once this bag is received, the order is about what is in it alone.", "bold")


@app.command()
def receipt(  # noqa: PLR0913, PLR0917 - each is an option of the command
    transfer: Annotated[
        Path | None, typer.Argument(metavar="[TRANSFER]", help="Folder that `make` wrote.")
    ] = None,
    date: DateOption = "",
    evidence: EvidenceOption = "",
    copy: Annotated[
        Path | None, typer.Option("--copy", metavar="FILE", help="The receipt as it came.")
    ] = None,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record that an order's records were received: two sign it, and it counts after three days.

    From then on the order is about what the bag has, and may begin. Of --copy the SHA-256 is kept.
    Of the folder two files are read: manifest-sha256.txt and data/transfer.json.
    """
    from archiver.flows.transfer import DOCUMENT
    from archiver.flows.transfer_receipt import MANIFEST
    from archiver.flows.transfer_receipt import receipt as run

    output = Output("transfer-receipt", as_json=as_json)
    here = opened(archive, home)
    if (act is None) == (transfer is None):
        mend = "archiver transfer receipt --help"
        raise UsageError("give TRANSFER, or --act FILE", mend=mend)
    if transfer is None:
        made = read_draft(act or Path(), "outcome")
    else:
        if copy is None:
            raise UsageError("where is the receipt itself?", mend="give --copy FILE")
        bag = told_file(transfer / "data" / DOCUMENT), told_file(transfer / MANIFEST)
        digest = sha256(told_file(copy)).hexdigest()
        made = run(here, bag, day_of(date, "--date"), evidence, digest)
        if made.document["records"]:
            rest = len(made.document["records"])
            output.say(f"The bag has less than the order: it is then about {rest} records alone.")
    conclude(output, here, made, keys_of(sign, archive, home), out)
