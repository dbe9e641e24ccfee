"""Commands that say what is withheld of records: redact suggest, mark, review."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.deciding import (
    AccountOption,
    ActOption,
    OutOption,
    PrivateOption,
    QueryOption,
    RecordsArgument,
    SinceOption,
    StreamOption,
    UntilOption,
    conclude,
    concluded,
    keys_of,
    query_of,
    read_draft,
    told_file,
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

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.marking import Listed, Wanted
    from archiver.redact.exemptions import Exemptions
    from archiver.redact.mark import Region

__all__ = ["app"]

app = typer.Typer(
    help="What is withheld of records that are handed over, why, and by whom.",
    no_args_is_help=True,
)

MILLION = 1_000_000
ExemptionsOption = Annotated[
    list[Path] | None, typer.Option("--exemptions", metavar="FILE", help="Exemptions of your own.")
]


@app.command()
def suggest(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    query: QueryOption = "",
    account: AccountOption = "",
    stream: StreamOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    private: PrivateOption = False,
    matter: Annotated[str, typer.Option(help="What a matter would hand over.")] = "",
    public: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="The city's own number, address, or @domain."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what is hardly any sign.")] = False,
    exemptions: ExemptionsOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """List what in records may have to be withheld. Nothing is marked: a person decides.

    It finds numbers, addresses and words by their form; what is said in another way it misses. So
    it spares nobody the reading.
    """
    from archiver.flows.suggesting import CONFIDENCE, suggestions, unread_files

    output = Output("redact-suggest", as_json=as_json)
    here = opened(archive, home, key)
    asked = query_of(query, account, stream, since, until)
    ids = _chosen(here, records, private=private, asked=asked, matter=matter)
    least = 1 if every else 2
    cited = _exemptions(here, exemptions)
    found = [
        {**one._asdict(), **one.place._asdict(), "confidence": CONFIDENCE[one.place.confidence]}
        for one in suggestions(here, ids, cited, least=least, public=public or ())
    ]
    for one in found:
        del one["place"]
    columns = ("record", "field", "start", "end", "kind", "confidence", "text", "in_file")
    rows = [tuple(str(one[name])[:60] for name in columns) for one in found if not one["marked"]]
    output.table(columns, rows)
    unread = unread_files(here, ids)
    for record, why in unread:
        output.say(f"Not looked into, the file of {record}: {why}", "yellow")
    marked = sum(bool(one["marked"]) for one in found)
    output.say(f"{len(found)} places in {len(ids)} records, {marked} of them marked already.")
    output.say("Read the records: what has another form is not among these.")
    output.result(found, findings=[_unread(*one) for one in unread])


def _unread(record: str, why: str) -> dict[str, str]:
    return {
        "code": "file-unread",
        "message": f"nobody looked into a file: {why}",
        "where": record,
        "mend": "open the file, and mark the record if you have to: archiver redact mark --whole",
    }


def _chosen(
    here: Archive,
    records: list[str] | None,
    *,
    private: bool,
    asked: Any,  # noqa: ANN401 - a query
    matter: str,
) -> list[str]:
    from archiver.flows.classifying import found_by
    from archiver.flows.produce_choice import asked_for

    found = list(records or ())
    if asked is not None:
        found += found_by(here, asked, private=private)
    if matter:
        found += asked_for(here, matter)
    if not found and asked is None and not matter:
        raise UsageError("which records?", mend="give RECORD, --query or --matter")
    return list(dict.fromkeys(found))


def _exemptions(here: Archive, own: list[Path] | None) -> Exemptions:
    from archiver.flows.exempting import exemptions_of
    from archiver.wire.rulepacks import exemption_files

    return exemptions_of(here, exemption_files(own or ()))


@app.command()
def mark(  # noqa: PLR0913, PLR0917 - each is an option of the command
    record: Annotated[str, typer.Argument(metavar="[RECORD]", help="Record id.")] = "",
    field: Annotated[str, typer.Option(help="A field; alone: all of it, in every version.")] = "",
    find: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="A text of the record, however spelt.")
    ] = None,
    span: Annotated[str, typer.Option(metavar="A:B", help="Characters of --field.")] = "",
    observation: Annotated[str, typer.Option(help="The version that --span is of.")] = "",
    box: Annotated[
        str, typer.Option(metavar="L,T,R,B", help="Of a picture or video, in percent.")
    ] = "",
    time: Annotated[str, typer.Option(metavar="A:B", help="Of a video or sound, seconds.")] = "",
    whole: Annotated[bool, typer.Option("--whole", help="The record as a whole.")] = False,
    accept: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What `suggest --json` printed, gone through by you."),
    ] = None,
    exemption: Annotated[str, typer.Option(metavar="CODE", help="As 7(1)(b).")] = "",
    basis: Annotated[str, typer.Option(help="The facts it rests on. Do not repeat the text.")] = "",
    exemptions: ExemptionsOption = None,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Decide to withhold something of a record: counsel or a FOIA officer signs.

    What the place says is withheld wherever the record says it: in any field, version and
    spelling. The log learns that somebody marked something, and no word of it.
    """
    from archiver.flows.marking import mark as run
    from archiver.flows.wanting import Wanted, accepted

    output = Output("redact-mark", as_json=as_json)
    here = opened(archive, home, key)
    if sum((act is not None, accept is not None, bool(record))) != 1:
        raise UsageError("give RECORD, --accept or --act", mend="archiver redact mark --help")
    if act is not None:
        made = read_draft(act, "mark")
    else:
        bare = Wanted(record, exemption, basis, field, observation=observation)
        if accept is not None:
            wanted = accepted(told_file(accept), exemption, basis)
        else:
            wanted = _wanted(bare, find or [], span, _region(box, time), whole=whole)
        made = run(here, wanted, _exemptions(here, exemptions))
    conclude(output, here, made, keys_of(sign, archive, home), out)


def _wanted(
    bare: Wanted, find: list[str], span: str, region: Region | None, *, whole: bool
) -> list[Wanted]:
    """Return the marks that options ask for. Raises `UsageError` unless they say one thing."""
    from dataclasses import replace

    ways = [bool(find), bool(span), region is not None, whole]
    alone = bool(bare.field) and not any(ways)
    if sum(ways) + alone != 1 or (whole and bare.field):
        raise UsageError(
            "what of the record?",
            mend="give one of --find, --field with or without --span, --box, --time, --whole",
        )
    if find:
        return [replace(bare, find=one) for one in find]
    return [replace(bare, span=_pair(span, 1) if span else None, region=region)]


def _pair(text: str, unit: int) -> tuple[int, int]:
    """Return two numbers with a colon between, in a unit. Raises `UsageError`."""
    try:
        first, end = (round(float(one) * unit) for one in text.split(":"))
    except (ValueError, OverflowError) as error:
        raise UsageError("not a stretch", where=text, mend="write it as 12:24") from error
    if not 0 <= first < end:
        raise UsageError("not a stretch", where=text, mend="the end comes after the beginning")
    return first, end


def _region(box: str, time: str) -> Region | None:
    """Return a part of a file. Raises `UsageError`."""
    from archiver.flows.marking import Region

    if not box and not time:
        return None
    try:
        sides = tuple(round(float(one) * MILLION / 100) for one in box.split(",")) if box else ()
    except (ValueError, OverflowError):
        sides = (0,)
    if sides and (
        len(sides) != 4  # noqa: PLR2004 - left, top, right, bottom
        or not 0 <= sides[0] < sides[2] <= MILLION
        or not 0 <= sides[1] < sides[3] <= MILLION
    ):
        raise UsageError("not a box", where=box, mend="left, top, right, bottom: 10,20,30.5,40")
    return Region(sides, _pair(time, 1000) if time else ())


@app.command()
def review(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    back: Annotated[
        str, typer.Option("--take-back", metavar="MARK", help="A mark that stands no more.")
    ] = "",
    reason: Annotated[str, typer.Option(help="Why it is taken back.")] = "",
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """List what is withheld, why and by whom; take a mark back."""
    from archiver.flows.marking import listed, take_back

    output = Output("redact-review", as_json=as_json)
    here = opened(archive, home)
    decision = None
    if back or act:
        made = read_draft(act, "unmark") if act else take_back(here, back, reason)
        decision = concluded(output, here, made.signed(keys_of(sign, archive, home)), out)
    own = [one for one in listed(here) if not records or one.mark.record in records]
    output.table(
        ("mark", "record", "where", "exemption", "basis", "by", "on", "taken back"),
        [_row(one) for one in own],
    )
    output.result({"marks": [_told(one) for one in own], "decision": decision})


def _row(one: Listed) -> tuple[str, ...]:
    mark = one.mark
    where = mark.field + (f" {mark.start}:{mark.end}" if mark.end else "")
    where = where or ("a part of its file" if mark.region else "whole")
    return (
        *(mark.handle, mark.record, where, mark.exemption, mark.basis[:60]),
        *(mark.decider[:8], mark.decided[:10], one.taken_back[:8]),
    )


def _told(one: Listed) -> dict[str, Any]:
    told = asdict(one.mark)
    region = told.pop("region")
    told |= {"box": list(region["box"]), "time": list(region["span"])} if region else {}
    return {**told, "entry": one.entry, "taken_back": one.taken_back, "reason": one.reason}
