"""The command that hands records over: produce."""

from __future__ import annotations

from dataclasses import asdict, replace
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
    from archiver.flows.archive import Archive
    from archiver.flows.produce import How, Produced
    from archiver.flows.produce_certificate import Certifying
    from archiver.flows.produce_settled import Scope

__all__ = ["app"]

app = typer.Typer()

QueryArgument = Annotated[str, typer.Argument(help="What is asked for, where no matter says it.")]
MatterOption = Annotated[str, typer.Option(help="A matter: its query, tags and numbers.")]
ProfileOption = Annotated[
    str, typer.Option(metavar="NAME|FILE", help="What is made: foia, litigation, data.")
]
OutOption = Annotated[Path | None, typer.Option(metavar="DIR", help="New folder: the bag.")]
AtOption = Annotated[int, typer.Option(metavar="SIZE", help="As of so many entries of the log.")]
BatesOption = Annotated[
    int, typer.Option(help="The first number; default: the next that is reserved.")
]
ReplacesOption = Annotated[int, typer.Option(help="Number of the volume it takes the place of.")]
AccountsOption = Annotated[list[str] | None, typer.Option(help="Accounts; default: all.")]
StreamsOption = Annotated[list[str] | None, typer.Option(help="Streams; default: all.")]
SinceOption = Annotated[str, typer.Option("--from", help="First day, by the city's calendar.")]
UntilOption = Annotated[str, typer.Option("--to", help="Last day.")]
ExemptionsOption = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="Exemptions of your own.")
]
CertificateOption = Annotated[
    str, typer.Option(metavar="COURT", help="Add a certificate: us-federal, us-il, us-wi.")
]
TextOption = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="Texts of certificates of your own.")
]
DeclarantOption = Annotated[
    str,
    typer.Option(metavar="'NAME; TITLE; WHY'", help="Who is to sign it, and why qualified."),
]
KeeperOption = Annotated[str, typer.Option(help="Whose records they are, such as a village.")]
FinalOption = Annotated[bool, typer.Option("--final", help="It is to be signed: no draft.")]
SupplementalOption = Annotated[
    bool, typer.Option("--supplemental", help="Only what no earlier volume of the matter has.")
]
_DECLARANT, _NAMED = 3, 5


@app.command()
def produce(  # noqa: PLR0913, PLR0917 - each is an option of the command
    query: QueryArgument = "",
    matter: MatterOption = "",
    profile: ProfileOption = "foia",
    out: OutOption = None,
    at: AtOption = 0,
    bates: BatesOption = 0,
    replaces: ReplacesOption = 0,
    supplemental: SupplementalOption = False,
    account: AccountsOption = None,
    stream: StreamsOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    exemptions: ExemptionsOption = None,
    certificate: CertificateOption = "",
    text: TextOption = None,
    declarant: DeclarantOption = "",
    keeper: KeeperOption = "",
    final: FinalOption = False,
    sign: SignOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Hand over what was asked for: a bag of load files, pages, sheets, proofs and reports.

    What is withheld is never written; what became of everything else that was captured is told,
    and has to add up. The same question as of the same size of the log gives the same bytes. A
    killed run is carried on by the next. With --sign the log is told of the volume of a matter
    before anybody has it; without, it is a draft.
    """
    from archiver.flows.produce_settled import Scope

    output = Output("produce", as_json=as_json)
    here = opened(archive, home, key)
    scope = Scope(query, tuple(account or ()), tuple(stream or ()), since, until)
    about = _about(matter, scope, volumes=bool(sign or replaces or supplemental))
    certifying = _certifying((certificate, text), declarant, keeper, final=final)
    how, size = _how(here, (matter, at, bates), (profile, exemptions), certifying)
    how = replace(how, supplemental=supplemental)
    keys = keys_of(sign, archive, home) if sign else []
    made = _made(here, about, how, size, out, (replaces, keys))
    _tell(output, made, out)
    output.result(_document(made, out))


def _about(matter: str, scope: Scope, *, volumes: bool) -> str | Scope:
    asked = any((scope.query, scope.accounts, scope.streams, scope.since, scope.until))
    if bool(matter) == asked:
        raise UsageError("what is handed over?", mend="give --matter, or a query and its scope")
    if volumes and not matter:
        raise UsageError("only a matter has volumes, which are signed for", mend="give --matter")
    return matter or scope


def _how(
    here: Archive,
    which: tuple[str, int, int],
    files: tuple[str, list[Path] | None],
    certifying: Certifying | None,
) -> tuple[How, int]:
    from archiver.flows.exempting import exemptions_of
    from archiver.flows.produce import How
    from archiver.flows.produce_settled import read_profile, settled, size_of
    from archiver.wire.masking import masker
    from archiver.wire.rulepacks import exemption_files
    from archiver.wire.volumes import profile_bytes, programs

    (matter, at, bates), (profile, exemptions) = which, files
    size = at or size_of(here)
    own, form = settled(here, matter, size), read_profile(profile, profile_bytes(profile))
    return How(
        profile=form,
        name=own.name,
        volume=own.volume,
        first=bates or own.first(form),
        enclosed=programs(),
        exemptions=tuple(exemptions_of(here, exemption_files(exemptions or ())).by_code.values()),
        masker=masker(),
        certifying=certifying,
    ), size


def _certifying(
    which: tuple[str, list[Path] | None], declarant: str, keeper: str, *, final: bool
) -> Certifying | None:
    from archiver.flows.court_texts import court_text
    from archiver.flows.produce_certificate import Certifying, Declarant
    from archiver.wire.certificates import certificate_texts

    court, files = which
    if not court:
        if any((declarant, keeper, files, final)):
            raise UsageError("a certificate for which court?", mend="give --certificate COURT")
        return None
    who = [part.strip() for part in declarant.split(";", 2)]
    who += [""] * (_DECLARANT - len(who))
    text = court_text(certificate_texts(files or ()), court)
    return Certifying(text, Declarant(*who), keeper, final=final)


def _made(
    here: Archive,
    about: str | Scope,
    how: How,
    size: int,
    out: Path | None,
    signing: tuple[int, list[Any]],
) -> Produced:
    from archiver.flows.produce import produce as run
    from archiver.flows.produce_settled import hand_over
    from archiver.wire.volumes import volume_folder

    if out is None:
        raise UsageError("where to?", mend="give --out DIR, a new folder")
    replaces, keys = signing
    with volume_folder(out) as folder, Steps() as steps:
        made = run(here, about, size, how, folder, steps)
        if keys and isinstance(about, str):
            hand_over(here, about, made, how, keys, replaces or None)
    return made


def _tell(output: Output, made: Produced, out: Path | None) -> None:
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
    if made.elsewhere:
        first = ", ".join(made.elsewhere[:_NAMED])
        output.say(f"{len(made.elsewhere)} others say what is withheld of these: look at {first}")


def _document(made: Produced, out: Path | None) -> dict[str, Any]:
    return {
        "folder": str(out),
        "size": made.choice.size,
        "volume": made.volume,
        "written": made.written._asdict(),
        "conservation": asdict(made.conservation),
        "elsewhere": list(made.elsewhere),
    }
