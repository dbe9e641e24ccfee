"""What commands of decisions share: who signs, the file for the next signer, what is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.files import LARGEST_DECISION, read_small
from archiver.cli.options import person_key, signing_keys
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.cli.output import Output
    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.keyring import PersonKey
    from archiver.search.query import Query

__all__ = [
    "AccountOption",
    "ActOption",
    "OutOption",
    "PrivateOption",
    "QueryOption",
    "RecordsArgument",
    "SinceOption",
    "StreamOption",
    "UntilOption",
    "conclude",
    "concluded",
    "day_of",
    "keys_of",
    "listed_in",
    "query_of",
    "read_draft",
    "told_file",
]

RecordsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[RECORD]...", help="Records by id.")
]
QueryOption = Annotated[str, typer.Option("--query", help="What `search` finds by these words.")]
AccountOption = Annotated[str, typer.Option("--account", help="Of the query: only this account.")]
StreamOption = Annotated[str, typer.Option("--stream", help="Of the query: only this stream.")]
SinceOption = Annotated[str, typer.Option("--from", help="Of the query: first day (UTC).")]
UntilOption = Annotated[str, typer.Option("--to", help="Of the query: last day (UTC).")]
PrivateOption = Annotated[
    bool, typer.Option("--private", help="Of the query: encrypted streams too.")
]

ActOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Sign what another began, in place of all else."),
]
OutOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the decision for the next to sign; seal nothing."),
]


def keys_of(sign: list[str] | None, archive: str = "", home: str = "") -> list[PersonKey]:
    """Return the keys of who signs: those named, else that of whoever gives the command."""
    named = signing_keys(sign)
    own = None if named else person_key("", archive, home)
    return named or ([own] if own else [])


def conclude(
    output: Output,
    here: Archive,
    made: Draft,
    keys: list[PersonKey],
    out: Path | None,
    *,
    shown: bool = False,
) -> None:
    """Sign a decision; seal it, or write it for the next to sign. Prints the result.

    What another began is shown first, unless it was ``shown``, and held against the archive:
    nobody signs unseen.
    """
    from archiver.flows.deciding import check_reach
    from archiver.flows.hold_acts import check_release
    from archiver.flows.ledger import read_state

    if made.act.signatures and not shown:
        _show(output, made)
    check_reach(here, read_state(here), made)
    check_release(here, made)
    output.result(concluded(output, here, made.signed(keys), out))


def concluded(output: Output, here: Archive, done: Draft, out: Path | None) -> dict[str, Any]:
    """Seal a signed decision, or write it for the next to sign; return what there is to tell."""
    from archiver.flows.deciding import counting_from, seal_drafts

    counts = ""
    name = str(done.act.statement["act"])
    if out is not None:
        out.touch(mode=0o600)
        out.chmod(0o600)  # it may have been there
        out.write_bytes(done.encode())
        output.say(f"Signed by {len(done.act.signatures)}, not sealed: {out}")
        output.say("The file has private words in it: give it to the next signer alone.")
    else:
        seal_drafts(here, [done])
        counts = counting_from(here, done)
        output.say(f"Sealed: {name}. It counts from {counts[:16]}Z.")
    return {"act": done.act.document(), "sealed": out is None, "counts": counts}


def _show(output: Output, made: Draft) -> None:
    """Say what a decision is about, in full but for the text of a schedule."""
    said = {
        name: made.act.statement[name] for name in ("effect", "from") if name in made.act.statement
    }
    for name, value in sorted({**made.document, **said}.items()):
        if name not in {"act", "pack"} and value:
            told = "\n  ".join(map(str, value)) if isinstance(value, list) else str(value)
            output.say(f"{name}: {told}")


def read_draft(file: Path, *acts: str) -> Draft:
    """Return the decision that another signer wrote. Raises `UsageError` for another kind."""
    from archiver.flows.deciding import Draft

    made = Draft.decode(told_file(file))
    found = str(made.act.statement["act"])
    if found not in acts:
        raise UsageError(
            f"the file is a decision of another kind: {found}",
            where=str(file),
            mend="give it to the command that began it",
        )
    return made


def told_file(file: Path) -> bytes:
    """Return the bytes of a file. Raises `UsageError` where it can't be read."""
    return read_small(str(file), LARGEST_DECISION)


def listed_in(file: Path | None) -> list[str]:
    """Return the record ids in a file, one a line. Raises `UsageError` for one that is no text."""
    try:
        return told_file(file).decode().split() if file else []
    except UnicodeDecodeError as error:
        raise UsageError(
            "not a list of records", where=str(file), mend="give a text file, one id a line"
        ) from error


def day_of(text: str, option: str) -> date:
    """Return a day. Raises `UsageError` where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{option} is not a day", where=text, mend="write it as 2026-11-20"
        ) from error


def query_of(text: str, account: str, stream: str, since: str, until: str) -> Query | None:
    """Return the query that options make, None where there is none."""
    from archiver.flows.search import Query

    asked = any((text, account, stream, since, until))
    return Query(text, account, stream, "", since, until) if asked else None
