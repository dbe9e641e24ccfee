"""The command that writes certificates of destruction, and what `check` says of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.files import write_new
from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, opened
from archiver.cli.output import Output
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.certifying import Certified

__all__ = ["certificate", "certified"]

NAME = "certificate-of-destruction"
_PRIVATE = 0o600


def certificate(
    order: Annotated[str, typer.Argument(help="As `disposition list` shows it.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write to.")],
    records: Annotated[
        bool, typer.Option("--records", help="Also list the records by id, in a private file.")
    ] = False,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the certificate of an order that is done, or was halted midway: JSON and PDF.

    Nothing of a record is in either, and no record id. Anybody can `check` the JSON offline.
    """
    from archiver.flows.certificate_page import certificate_pdf
    from archiver.flows.certifying import certificate as make

    output = Output("disposition-certificate", as_json=as_json)
    made = make(opened(archive, home), order)
    files = {"json": _file(out, order, "json"), "pdf": _file(out, order, "pdf"), "records": ""}
    _folder(out)
    write_new(Path(files["json"]), made.certificate.encode())
    write_new(Path(files["pdf"]), certificate_pdf(made.certificate))
    if records:
        files["records"] = str(out / f"records-{order}.json")
        write_new(Path(files["records"]), made.encode_records(), _PRIVATE)
    shown, counts = made.certificate.shown, made.certificate.told.counts
    output.say(f"Order {order}: {shown.outcome} on {shown.ended[:10]}", "bold")
    output.say(f"  {counts.versions_gone} versions gone, {counts.versions_saved} saved")
    for one in made.certificate.limits:
        output.say(f"  Not shown: {one.text}")
    output.say(f"{files['json']}\n{files['pdf']}")
    plain = made.certificate.plain()
    told = {"order": order, "outcome": shown.outcome, "counts": plain["told"]["counts"]}
    output.result({"files": files, **told, "not_shown": plain["limits"]})


def _file(out: Path, order: str, suffix: str) -> str:
    return str(out / f"{NAME}-{order}.{suffix}")


def _folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"can't make the folder: {error.strerror}",
            where=str(out),
            mend="give --out a folder that you may write to",
        ) from error


def certified(output: Output, data: bytes, keys: Sequence[str]) -> dict[str, Any]:
    """Check a certificate and say what it shows; return that for programs.

    Raises `FormatError`, `IntegrityError`.
    """
    from archiver.flows.certifying import check_certificate

    checked = check_certificate(data, keys)
    _tell(output, checked)
    made = checked.certificate.plain()
    return {
        "order": made["shown"]["order"],
        "index": checked.index,
        "tree_size": checked.tree_size,
        "origin": checked.origin,
        "entries": len(made["entries"]),
        "shown": made["shown"],
        "not_shown": made["limits"],
    }


def _tell(output: Output, checked: Certified) -> None:
    """Say what a certificate shows; what the home says in it is called that."""
    made = checked.certificate
    shown = made.shown
    output.say("The certificate holds.", "bold green")
    output.say(f"  all {len(made.entries)} entries are in {checked.origin}")
    output.say(f"  the last is entry {checked.index} of {checked.tree_size}")
    output.say(f"  order {shown.order}: {shown.outcome} on {shown.ended}")
    output.say(f"  proposed {shown.proposed} by {shown.requester}, approved {shown.approved}")
    output.say(f"  began {shown.began}; holds were applied up to entry {shown.checked_to}")
    for one in shown.copies:
        leaves = "an unknown number of" if one.leaves is None else str(one.leaves)
        output.say(f"  gone of copy {one.handle}: {leaves} versions")
    for limit in made.limits:
        output.say(f"  NOT shown: {limit.text}", "yellow")
