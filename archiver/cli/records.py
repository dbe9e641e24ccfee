"""Commands about records: search and show."""

from __future__ import annotations

import base64
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archiver.cli.options import ArchiveOption, HomeOption, JsonOption, KeyOption, opened
from archiver.cli.output import Output
from archiver.cli.term_report import print_nothing, print_unread, print_unsearched, report_terms
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.saved_searches import SavedSearch
    from archiver.flows.search import Query, SearchResult

__all__ = ["app", "print_hits", "show_history"]

app = typer.Typer()

WIDTH = 160
_UNSHOWN = frozenset({"extra", "markup", "volatile"})


@app.command()
def search(  # noqa: PLR0913, PLR0917 - each is an option of the command
    query: Annotated[str, typer.Argument(help="What to look for: docs/search.md.")] = "",
    account: Annotated[str, typer.Option(help="Only this account.")] = "",
    stream: Annotated[str, typer.Option(help="Only this stream, such as comments.")] = "",
    state: Annotated[
        str, typer.Option(help="Latest state: present, held, deleted, unknown …")
    ] = "",
    since: Annotated[str, typer.Option("--from", help="First day, as 2026-11-20.")] = "",
    until: Annotated[str, typer.Option("--to", help="Last day.")] = "",
    as_of: Annotated[str, typer.Option(help="As the archive knew it at this time (UTC).")] = "",
    private: Annotated[bool, typer.Option(help="Look into encrypted streams too.")] = False,
    save: Annotated[str, typer.Option(metavar="NAME", help="Keep this search by name.")] = "",
    saved: Annotated[str, typer.Option(metavar="NAME", help="Ask what was kept.")] = "",
    report: Annotated[bool, typer.Option("--report", help="Count what each term finds.")] = False,
    csv: Annotated[str, typer.Option(metavar="FILE", help="Write the report as CSV.")] = "",
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Find every record that matches: in any of its versions, edited or deleted.

    Words; "words in a row"; AND, OR, NOT; W/5 and PRE/5 for near; pot* and p?t; apply~ for all
    forms of a word; ba%nana for one that is spelled nearly so; author:, custodian:, date:, hold:,
    series: and more. What can be read in two ways is refused, with both. Case, width and
    punctuation do not matter; accents do. Days are by the city's calendar.
    """
    from archiver.flows.saved_searches import find
    from archiver.flows.saved_searches import save as keep
    from archiver.flows.search import Query

    output = Output("search", as_json=as_json)
    wanted = Query(query, account, stream, state, since, until, as_of)
    here = opened(archive, home, key)
    if saved:
        wanted, private = _kept(find(here, saved), wanted, private=private)
    if report or csv:
        told = report_terms(output, here, wanted, csv, private=private)
    else:
        told = _search(output, here, wanted, private=private)
    if save:
        keep(here, save, wanted, private=private)
        output.say(f"Saved: {save}. Ask it again with --saved.")
    output.result({**told, "saved": save or saved})


def _kept(one: SavedSearch, given: Query, *, private: bool) -> tuple[Query, bool]:
    """Return a saved search as it is asked. Raises `UsageError` where more is asked beside it."""
    if given != type(given)(as_of=given.as_of):
        raise UsageError(
            "a saved search is asked as it was saved",
            where=one.name,
            mend="give --saved with --as-of, --private and --report alone; or ask it in words",
        )
    asked = replace(one.query, as_of=given.as_of) if given.as_of else one.query
    return asked, private or one.private


def _search(output: Output, here: Archive, wanted: Query, *, private: bool) -> dict[str, Any]:
    """Search, and print what was found; return it."""
    from archiver.flows.search import search as run
    from archiver.flows.search_fields import search_tables

    tables = search_tables(here, private=private)
    result = run(here, wanted, private=private, tables=tables)
    if wanted.account and not result.hits:
        _check_account(here, wanted.account)
    print_hits(output, result.hits)
    _print_reading(output, result)
    searched = ", ".join(f"{count} {name}" for name, count in sorted(result.searched.items()))
    output.say(f"{len(result.hits)} records in {searched or 'nothing'} (observations searched)")
    print_unsearched(output, result.not_searched, result.unknown, private=private)
    print_unread(output, result.unsearchable)
    if not result.hits:
        print_nothing(output, complete=result.complete)
    return asdict(result)


def _print_reading(output: Output, result: SearchResult) -> None:
    """Print how a query was understood, and what its terms found."""
    if result.told:
        output.say(f"Read as: {result.told}")
    for one in result.terms:
        if not one["words"]:
            output.say(f"Nowhere: {one['term']}")
        elif len(one["words"]) > 1:
            output.say(f"{one['term']} found: {', '.join(one['words'][:20])}{_more(one['words'])}")


def _more(words: list[str]) -> str:
    return f" and {len(words) - 20} more" if len(words) > 20 else ""  # noqa: PLR2004 - as many are shown


def _check_account(archive: Archive, name: str) -> None:
    """Raise `UsageError` for an account nobody registered: a slip, and no proven zero."""
    from archiver.flows.accounts import find, registry

    if registry(archive):  # empty where this home can't read it
        find(archive, name)


def print_hits(output: Output, hits: list[dict[str, Any]]) -> None:
    """Print hits for people: what, its state now, when, who, how it begins."""
    for hit in hits:
        when = hit["created_at"] or hit["captured_at"]
        old = "  (in an earlier version)" if hit["latest"] is False else ""
        output.say(f"{hit['record_id']}  {hit['state']}{old}", "bold")
        output.say(f"  {when}  {hit['author'] or ''}")
        output.say(f"  {_snippet(hit)}")
        if hit.get("in_file"):
            output.say(f"  {_in_file(**hit['in_file'])}", "yellow")


def _in_file(name: str, by: str, terms: list[str]) -> str:
    """Say what stands in a file: its text is derived, and no part of the record."""
    return f"in file {name or 'without a name'}, derived by {by}: {', '.join(terms)}"


def _snippet(hit: dict[str, Any]) -> str:
    text = " ".join(f"{hit['title'] or ''} {hit['text'] or ''}".split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


@app.command()
def show(  # noqa: PLR0913, PLR0917 - each is an option of the command
    record: Annotated[str, typer.Argument(help="Record id, as `search` prints it.")],
    history: Annotated[bool, typer.Option("--history", help="Every observation.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The bytes as received, to stdout.")] = False,
    as_of: Annotated[str, typer.Option(help="As the archive knew it at this time (UTC).")] = "",
    key: KeyOption = "",
    archive: ArchiveOption = "",
    home: HomeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show a record: its latest state, its history, or its bytes as received."""
    from archiver.flows.show import show as run

    output = Output("show", as_json=as_json)
    found = run(opened(archive, home, key), record, as_of=as_of)
    if not found:
        raise UsageError(
            "the record was not known at that time",
            where=as_of,
            mend="give --as-of a later time, or leave it out",
        )
    if raw and not as_json:
        _check_terminal()
        latest = next((one for one in reversed(found) if one["excerpts"]), found[-1])
        for excerpt in latest["excerpts"]:
            sys.stdout.buffer.write(excerpt["bytes"])
        return
    shown = found if history else found[-1:]
    output.say(record, "bold")
    show_history(output, shown)
    for one in found:
        one["excerpts"] = [_readable(e["role"], e["bytes"], raw=raw) for e in one["excerpts"]]
    output.result({"record": record, "observations": shown})


def _check_terminal() -> None:
    """Refuse to send bytes to a terminal that they could drive."""
    if sys.stdout.isatty():
        raise UsageError(
            "bytes as received can drive your terminal",
            where="standard output",
            mend="send them to a file: archiver show RECORD --raw > FILE",
        )


def _readable(role: str, data: bytes, *, raw: bool) -> dict[str, object]:
    excerpt: dict[str, object] = {"role": role, "length": len(data)}
    if raw:
        excerpt["base64"] = base64.b64encode(data).decode()
    return excerpt


def show_history(output: Output, observations: list[dict[str, Any]]) -> None:
    """Print observations so that they read like a story."""
    for number, one in enumerate(observations):
        output.say(f"{one['captured_at']}  {one['kind']}  (ledger entry {one['leaf']})", "cyan")
        if number and one["changed"]:
            for name, change in one["changed"].items():
                if name not in _UNSHOWN:
                    output.say(f"    {name}: {_short(change['before'])}")
                    output.say(f"    {' ' * len(name)}→ {_short(change['after'])}")
        else:
            for name, value in one["fields"].items():
                if name not in _UNSHOWN:
                    output.say(f"    {name}: {_short(value)}")
        about = [f"proven by {evidence}" for evidence in one["evidence"]]
        about += [f"handed in, not captured: {one['imported']}"] if one["imported"] else []
        for line in (*about, *(f"holds content of {other}" for other in one["contains"])):
            output.say(f"    {line}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= WIDTH else line[: WIDTH - 1] + "…") or "(nothing)"
