"""Commands about matters: open, close, list, show."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from archiver.cli.deciding import ActOption, OutOption, conclude, keys_of, read_draft
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
    from archiver.produce.matter import Matter

__all__ = ["MatterArgument", "app"]

app = typer.Typer(
    help="Matters: requests, cases and audits that records are handed over in.",
    no_args_is_help=True,
)

MatterArgument = Annotated[str, typer.Argument(metavar="MATTER", help="As `matter list` shows it.")]
MaybeMatter = Annotated[str, typer.Argument(metavar="[MATTER]", help="As `matter list` shows it.")]
Kind = Literal["foia", "litigation", "audit"]


@app.command("open")
def open_(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: Annotated[str, typer.Option(help="The request, case or audit.")] = "",
    kind: Annotated[Kind, typer.Option(help="What it is.")] = "foia",
    query: Annotated[str, typer.Option(help="What is asked for: docs/search.md.")] = "",
    account: Annotated[
        list[str] | None, typer.Option(help="Accounts in scope; all where none is named.")
    ] = None,
    stream: Annotated[
        list[str] | None, typer.Option(help="Streams in scope; all where none is named.")
    ] = None,
    since: Annotated[str, typer.Option("--from", help="First day, by the city's calendar.")] = "",
    until: Annotated[str, typer.Option("--to", help="Last day.")] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Encrypted streams are looked into as well.")
    ] = False,
    custodian: Annotated[str, typer.Option(help="Who answers for the records.")] = "",
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open a matter: who answers requests or holds records signs, and it counts at once.

    Its scope says where it looks; its query, what in there is asked for. Both are kept as they
    are typed, with the version of the language.
    """
    from archiver.flows.matter_acts import Scope, open_matter

    output = Output("matter-open", as_json=as_json)
    here = opened(archive, home, key)
    if act is not None:
        made = read_draft(act, "open-matter")
    else:
        where = (tuple(account or ()), tuple(stream or ()))
        scope = Scope(query, *where, since, until, private=private)
        made = open_matter(here, name, kind, scope, custodian)
    output.say(f"Matter {made.act.statement['matter']}: {made.document['name']}")
    conclude(output, here, made, keys_of(sign, archive, home), out)


@app.command()
def close(  # noqa: PLR0913, PLR0917 - each is an option of the command
    matter: MaybeMatter = "",
    reason: Annotated[str, typer.Option(help="Why it is over.")] = "",
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Close a matter: nothing is tagged, approved, numbered or handed over in it from then on.

    What was handed over may still be asked back.
    """
    from archiver.flows.matter_acts import close_matter

    output = Output("matter-close", as_json=as_json)
    here = opened(archive, home)
    if (act is None) != bool(matter):
        raise UsageError("give MATTER, or --act FILE", mend="archiver matter close --help")
    made = read_draft(act, "close-matter") if act else close_matter(here, matter, reason)
    conclude(output, here, made, keys_of(sign, archive, home), out)


@app.command("list")
def list_(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """List all matters that there ever were."""
    from archiver.flows.matters import listed

    output = Output("matter-list", as_json=as_json)
    found = listed(opened(archive, home))
    output.table(
        ("matter", "kind", "name", "opened", "open", "taggings", "numbers", "volumes"),
        [
            (
                *(one["matter"], one["kind"] or "(no key here)", one["name"], one["opened"][:10]),
                *("yes" if one["open"] else "no", one["taggings"], one["numbers"], one["volumes"]),
            )
            for one in found
        ],
    )
    output.result(found)


@app.command()
def show(  # noqa: PLR0913, PLR0917 - each is an option of the command
    matter: MatterArgument,
    at: Annotated[
        int | None, typer.Option(metavar="SIZE", help="As the log of so many was.")
    ] = None,
    second_look: Annotated[
        bool, typer.Option("--review", help="Also name what wants a second look.")
    ] = False,
    private: Annotated[
        bool, typer.Option("--private", help="For the review: encrypted streams too.")
    ] = False,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show a matter: its scope, tags and notes, approvals, numbers and volumes.

    With --review also exact duplicates that are tagged otherwise, and records of which a version
    was captured after their tags.
    """
    from archiver.flows.matter_acts import Review, review
    from archiver.flows.matters import matter_of

    output = Output("matter-show", as_json=as_json)
    here = opened(archive, home, key)
    found = matter_of(here, matter, at)
    looks = review(here, matter, private=private) if second_look else Review((), ())
    _say(output, found)
    for group in looks.duplicates:
        output.say(f"Look again, equal and tagged otherwise: {', '.join(group)}", "yellow")
    for record in looks.outdated:
        output.say(f"Look again, changed since it was tagged: {record}", "yellow")
    output.result(found.document() | {"review": asdict(looks)})


def _say(output: Output, found: Matter) -> None:
    scope = found.scope
    output.say(f"{found.name} ({found.kind}), opened {found.opened[:10]}", "bold")
    told = {
        "asks": scope.query,
        "accounts": ", ".join(scope.accounts) or "all",
        "streams": ", ".join(scope.streams) or "all",
        "days": f"{scope.since or '…'} to {scope.until or '…'}"
        if scope.since + scope.until
        else "",
        "private": "encrypted streams too" if scope.private else "",
        "custodian": found.custodian,
        "closed": "yes" if found.closed is not None else "",
    }
    for name, value in told.items():
        if value:
            output.say(f"{name}: {value}")
    output.table(
        ("record", "tags"),
        [
            (record, ", ".join(f"{one.tag} {one.exemption}".strip() for one in own))
            for record, own in found.tags.items()
        ],
    )
    for record, notes in found.notes.items():
        for note in notes:
            output.say(f"{record}: {note.text}")
    for one, said in found.volumes:
        of = f" of {one.of}" if one.of else ""
        output.say(f"Volume {one.number} ({one.act}{of}): {said.get('name', '(no key here)')}")
    if found.unread:
        entries = ", ".join(map(str, found.unread))
        output.say(f"Not read here, or of no form: entries {entries}", "yellow")
