"""Tagging records of a matter."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from archiver.cli.classify import FileOption
from archiver.cli.deciding import (
    ActOption,
    OutOption,
    RecordsArgument,
    conclude,
    keys_of,
    listed_in,
    read_draft,
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

__all__ = ["app"]

app = typer.Typer()

Tag = Literal["responsive", "non-responsive", "privileged", "exempt", "second-look"]


@app.command()
def tag(  # noqa: PLR0913, PLR0917 - each is an option of the command
    records: RecordsArgument = None,
    matter: Annotated[str, typer.Option(help="As `matter list` shows it.")] = "",
    tag_: Annotated[Tag | None, typer.Option("--as", help="Which tag.")] = None,
    exemption: Annotated[str, typer.Option(help="Its code, such as 7(1)(b).")] = "",
    note: Annotated[str, typer.Option(help="What is noted on them; also without a tag.")] = "",
    take_back: Annotated[bool, typer.Option("--take-back", help="Take the tag back.")] = False,
    file: FileOption = None,
    family: Annotated[
        bool, typer.Option("--with-family", help="Also what came with them: files, media.")
    ] = False,
    thread: Annotated[
        bool, typer.Option("--with-thread", help="Their families, with all comments.")
    ] = False,
    duplicates: Annotated[
        bool, typer.Option("--with-duplicates", help="Also what says exactly the same.")
    ] = False,
    private: Annotated[
        bool, typer.Option("--private", help="Look for these in encrypted streams too.")
    ] = False,
    sign: SignOption = None,
    act: ActOption = None,
    out: OutOption = None,
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Tag records of a matter, take a tag back, or note something on them.

    responsive and non-responsive replace one another; the others stand beside. Who answers
    requests or holds records signs, and it counts at once.
    """
    from archiver.flows.matter_acts import Related, Tagged, related
    from archiver.flows.matter_acts import tag as run

    output = Output("tag", as_json=as_json)
    here = opened(archive, home, key)
    ids = [*(records or ()), *listed_in(file)]
    if (act is None) != bool(matter and ids):
        raise UsageError("give records and --matter, or --act FILE", mend="archiver tag --help")
    if act is not None:
        made = read_draft(act, "tag")
    else:
        what = Related(families=family, threads=thread, duplicates=duplicates, private=private)
        every = related(here, matter, ids, what)
        said = Tagged(tag_ or "", exemption, note, take_back)
        made = run(here, matter, every, said)
    output.say(f"{len(made.document['records'])} records.")
    conclude(output, here, made, keys_of(sign, archive, home), out)
