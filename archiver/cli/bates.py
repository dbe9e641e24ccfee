"""Bates numbers: which are reserved, and taking more."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from archiver.cli.deciding import keys_of
from archiver.cli.matter import MatterArgument
from archiver.cli.options import (
    ArchiveOption,
    HomeOption,
    JsonOption,
    KeyOption,
    SignOption,
    opened,
)
from archiver.cli.output import Output

__all__ = ["app"]

app = typer.Typer(help="Bates numbers: each page has one, and none is used twice.",
                  no_args_is_help=True)  # fmt: skip


@app.command()
def reserve(  # noqa: PLR0913, PLR0917 - each is an option of the command
    matter: MatterArgument,
    prefix: Annotated[str, typer.Option(help="Capitals, digits, hyphens.")],
    count: Annotated[int, typer.Option(help="How many pages at most.")],
    width: Annotated[int, typer.Option(help="How many digits.")] = 8,
    first: Annotated[int, typer.Option(help="Where a prefix begins that nobody has used.")] = 0,
    sign: SignOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Reserve the next numbers of a prefix for a matter: they are taken at once, and for ever."""
    from archiver.flows.numbering import Scheme
    from archiver.flows.numbering import reserve as run

    output = Output("bates-reserve", as_json=as_json)
    here = opened(archive, home, key)
    made = run(here, matter, Scheme(prefix, width), count, keys_of(sign, archive, home), first)
    one = _document(made)
    output.say(f"{one['first_number']} to {one['last_number']} for matter {made.matter}")
    output.result(one)


@app.command("list")
def list_(archive: ArchiveOption = "", home: HomeOption = "", as_json: JsonOption = False) -> None:
    """List all numbers that are reserved, and for which matter."""
    from archiver.flows.matters import numbers_of

    output = Output("bates-list", as_json=as_json)
    found = [_document(one) for one in numbers_of(opened(archive, home))]
    output.table(
        ("first", "last", "pages", "matter"),
        [
            (one["first_number"], one["last_number"], one["last"] - one["first"] + 1, one["matter"])
            for one in found
        ],
    )
    output.result(found)


def _document(one: Any) -> dict[str, Any]:  # noqa: ANN401 - a `Reserved`, which loads nothing here
    scheme = one.scheme
    return {
        "matter": one.matter,
        "prefix": scheme.prefix,
        "width": scheme.width,
        "first": one.first,
        "last": one.last,
        "first_number": scheme.number(one.first),
        "last_number": scheme.number(one.last),
        "entry": one.entry,
    }
