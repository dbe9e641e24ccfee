"""Printing a report of the terms of a query, and what a search could not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.cli.files import write_over
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.cli.output import Output
    from archiver.flows.archive import Archive
    from archiver.flows.search import Query

__all__ = ["print_nothing", "print_unread", "print_unsearched", "report_terms"]

SHOWN = 8
"""Words of a term that the table has; JSON and CSV have all."""


def report_terms(
    output: Output, here: Archive, wanted: Query, csv: str, *, private: bool
) -> dict[str, Any]:
    """Count what each term of a query finds, print it as a table; return the report.

    ``csv``: a file for it, "" for none.
    """
    from archiver.flows.search_fields import search_tables
    from archiver.flows.search_report import as_csv, term_report

    tables = search_tables(here, private=private)
    told = term_report(here, wanted, private=private, tables=tables)
    rows = [
        (one["term"], one["records"], one["with_family"], one["unique"], _few(one["words"]))
        for one in told["terms"]
    ]
    whole = ("(the whole query)", told["records"], told["with_family"], "", "")
    output.table(["term", "records", "with family", "unique", "words"], [*rows, whole])
    output.say(f"Read as: {told['told']}")
    for one in told["terms"]:
        if not one["records"]:
            output.say(f"Nothing has: {one['term']}")
    searched = sum(told["searched"].values())
    output.say(
        f"Searched: {searched} of the {told['observations']} observations in the archive; "
        f"{told['destroyed']} more were lawfully destroyed."
    )
    for gap in told["gaps"]:
        output.say(
            f"Gap: {gap['account']} {gap['stream']}, {gap['since'][:16]}Z to {gap['until'][:16]}Z: "
            f"{gap['cause']}"
        )
    print_unsearched(output, told["not_searched"], told["unknown"], private=private)
    print_unread(output, told["unsearchable"])
    if not told["records"]:
        print_nothing(output, complete=told["complete"])
    output.say(f"Files are read by {told['reads']}.")
    output.say(
        f"Language {told['language']}, words {told['words']}, {told['stemmer']}, "
        f"ledger size {told['tree_size']}."
    )
    if csv:
        write_over(csv, as_csv(told))
        output.say(f"Written: {csv}")
    return told


def _few(words: list[str]) -> str:
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return " ".join(words[:SHOWN]) + more


def print_unsearched(
    output: Output, not_searched: dict[str, int], unknown: int, *, private: bool
) -> None:
    """Print what could not be looked at, or not to its end."""
    if unknown:
        output.say(
            f"{unknown} matching records are of unknown state: what came later may be"
            " encrypted, and its key is not in this home."
        )
    own = not_searched.get(Stream.WORKFLOW, 0)
    others = sorted(not_searched.items() - {(str(Stream.WORKFLOW), own)})
    if own:
        output.say(f"Never searched: {own} documents of the archive's own (workflow).")
    if others:
        skipped = ", ".join(f"{n} {name}" for name, n in others)
        mend = (
            "Give --key of somebody who may read them."
            if private
            else "Add --private to look into them."
        )
        output.say(f"Not searched, encrypted: {skipped}. {mend}")


def print_unread(output: Output, files: list[dict[str, str]]) -> None:
    """Print which files could not be searched: how many for each reason, and the first of them."""
    by_reason: dict[str, list[str]] = {}
    for one in files:
        by_reason.setdefault(one["why"], []).append(one["record_id"])
    for why, records in sorted(by_reason.items()):
        more = f" and {len(records) - SHOWN} more (--json has all)" if len(records) > SHOWN else ""
        shown = " ".join(records[:SHOWN])
        output.say(f"Unsearchable, {len(records)} files: {why}: {shown}{more}", "yellow")


def print_nothing(output: Output, *, complete: bool) -> None:
    """Print what it means that nothing was found."""
    if complete:
        output.say("Nothing found, and all that was asked about was read.")
    else:
        output.say("Nothing found; that is no proof that nothing is there: not all could be read.")
