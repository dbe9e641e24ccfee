"""The command that hands records over: produce."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.deciding import keys_of
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
    from archiver.flows.produce import Produced
    from archiver.flows.produce_certificate import Certifying

__all__ = ["app"]

app = typer.Typer()

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,59}")


@app.command()
def produce(  # noqa: PLR0913, PLR0917 - each is an option of the command
    query: Annotated[str, typer.Argument(help="What is asked for, where no matter says it.")] = "",
    matter: Annotated[str, typer.Option(help="A matter: its query, tags and numbers.")] = "",
    profile: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="What is made: foia, litigation, data.")
    ] = "foia",
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="New folder: the bag.")] = None,
    at: Annotated[int, typer.Option(metavar="SIZE", help="As of so many entries of the log.")] = 0,
    bates: Annotated[int, typer.Option(help="The number of the first page.")] = 0,
    volume: Annotated[int, typer.Option(help="The number of the volume.")] = 0,
    replaces: Annotated[int, typer.Option(help="The volume that it takes the place of.")] = 0,
    name: Annotated[str, typer.Option(help="Of the production; default: its matter.")] = "",
    account: Annotated[list[str] | None, typer.Option(help="Accounts; default: all.")] = None,
    stream: Annotated[list[str] | None, typer.Option(help="Streams; default: all.")] = None,
    since: Annotated[str, typer.Option("--from", help="First day, as 2026-11-20.")] = "",
    until: Annotated[str, typer.Option("--to", help="Last day.")] = "",
    exemptions: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Exemptions of your own.")
    ] = None,
    certificate: Annotated[
        str, typer.Option(metavar="COURT", help="Add a certificate: us-federal, us-il, us-wi.")
    ] = "",
    text: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Texts of certificates of your own.")
    ] = None,
    declarant: Annotated[str, typer.Option(help="Who is to sign the certificate.")] = "",
    title: Annotated[str, typer.Option(help="Their title.")] = "",
    qualifications: Annotated[str, typer.Option(help="Why they are qualified.")] = "",
    keeper: Annotated[str, typer.Option(help="Whose records they are.")] = "",
    final: Annotated[bool, typer.Option("--final", help="It is to be signed: no draft.")] = False,
    sign: SignOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Hand over what was asked for: a bag of load files, pages, sheets, proofs and reports.

    What is withheld is never written; what becomes of everything else that was captured is told,
    and has to add up. The same question as of the same size of the log gives the same bytes. A
    killed run is carried on by the next. With a matter, whoever answers for it signs that the
    volume is handed over (--sign); without, it is a draft that the log knows nothing of.
    """
    from archiver.flows.exempting import exemptions_of
    from archiver.flows.produce import How
    from archiver.flows.produce import produce as run
    from archiver.flows.produce_settled import Scope, hand_over, read_profile, settled, size_of
    from archiver.wire.rulepacks import exemption_files
    from archiver.wire.volumes import profile_bytes, programs, volume_folder

    output = Output("produce", as_json=as_json)
    if out is None:
        raise UsageError("where to?", mend="give --out DIR, a new folder")
    asked = bool(query or account or stream or since or until)
    if bool(matter) == asked:
        raise UsageError("what is handed over?", mend="give --matter, or a query and its scope")
    if sign and not matter:
        raise UsageError("only volumes of a matter are signed for", mend="give --matter")
    here = opened(archive, home, key)
    where = tuple(account or ()), tuple(stream or ()), since, until
    size = at or size_of(here)
    own = settled(here, matter, size)
    made_by = read_profile(profile, profile_bytes(profile))
    how = How(
        profile=made_by,
        name=name or own.name,
        volume=volume or own.volume,
        first=bates or own.first(made_by),
        enclosed=programs(),
        exemptions=tuple(exemptions_of(here, exemption_files(exemptions or ())).by_code.values()),
        certifying=_certifying(
            (certificate, text), (declarant, title, qualifications), keeper, final=final
        ),
    )
    if not _NAME.fullmatch(how.name):
        mend = "letters, digits, hyphens: give --name"
        raise UsageError("no name for a production", where=how.name, mend=mend)
    with volume_folder(out) as folder, Steps() as steps:
        made = run(here, matter or Scope(query, *where), size, how, folder, steps)
        if sign:
            hand_over(here, matter, made, how, keys_of(sign, archive, home), replaces or None)
    _tell(output, made, out)
    output.result(_document(made, out))


def _certifying(
    which: tuple[str, list[Path] | None],
    who: tuple[str, str, str],
    keeper: str,
    *,
    final: bool,
) -> Certifying | None:
    from archiver.flows.court_texts import court_text
    from archiver.flows.produce_certificate import Certifying, Declarant
    from archiver.wire.certificates import certificate_texts

    court, files = which
    if not court:
        if any((*who, keeper, files, final)):
            raise UsageError("a certificate for which court?", mend="give --certificate COURT")
        return None
    text = court_text(certificate_texts(files or ()), court)
    return Certifying(text, Declarant(*who), keeper, final=final)


def _tell(output: Output, made: Produced, out: Path) -> None:
    """Print what became of what was captured, and what was written."""
    rows = [
        (one.kind, one.detail, str(one.versions), "" if one.records is None else str(one.records))
        for one in made.conservation.lines
        if one.versions
    ]
    whole = str(made.conservation.captured), str(made.conservation.records)
    output.table(("what", "why", "versions", "records"), [*rows, ("captured", "", *whole)])
    written = made.written
    output.say(
        f"{written.documents} documents, {written.first} to {written.last}, "
        f"{written.withheld} with something withheld: {written.files} files in {out}"
    )


def _document(made: Produced, out: Path) -> dict[str, Any]:
    return {
        "folder": str(out),
        "size": made.choice.size,
        "volume": made.volume,
        "written": made.written._asdict(),
        "conservation": asdict(made.conservation),
    }
