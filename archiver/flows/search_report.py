"""Reports of terms: which term of a query finds how many records, of which, searched how.

What counsel of both sides agree on before anything is handed over. Whoever has the archive can
ask it again: the report has the query, what it was read as, the statement, and all versions.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError
from archiver.flows.accounts import registry
from archiver.flows.gaps import gaps_of
from archiver.flows.ledger import read_state
from archiver.flows.matters import attached_of
from archiver.flows.rows import catalog, table_of
from archiver.flows.search import answered
from archiver.ledger import ranges
from archiver.produce.families import Thing, family_of
from archiver.record import Stream
from archiver.search.query import UNKNOWN, compile_query, compile_report
from archiver.search.reporting import counted, reported
from archiver.search.syntax import LANGUAGE, spelled, terms_of
from archiver.search.tokens import VERSION
from archiver.search.vocabulary import STEMMER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.search import Answer, Tables
    from archiver.ledger.state import LedgerState
    from archiver.search.query import Query
    from archiver.search.reporting import Counted
    from archiver.search.syntax import Node

__all__ = ["COLUMNS", "as_csv", "term_report"]

COLUMNS = ("term", "records", "with_family", "unique", "words")
_PLACE = (
    *("record_id", "account", "stream", "native_id"),
    *("parent_id", "thread_id", "attachments"),
)
_TOLD = 4
"""From here on columns say what a record belongs to."""


def term_report(
    archive: Archive, query: Query, *, private: bool = False, tables: Tables | None = None
) -> dict[str, Any]:
    """Return a report of the terms of a query.

    Each term is asked by itself, in the account, stream, state and days of the query, and so is
    the query. ``with_family`` counts records that can be read here: as ``private`` says.

    Raises `UsageError` where a query asks for no words, and as `archiver.flows.search.search`.
    """
    whole = compile_query(query, archive.retention.zone).tree
    terms = reported(whole)
    if not terms:
        raise UsageError(
            "a report counts words, and none is asked for",
            where=query.text,
            code="query-field",
            mend="give words, phrases, or words near each other",
        )
    asked = compile_report(query, [whole, *terms], archive.retention.zone)
    got = answered(archive, query, asked, private=private, tables=tables)
    found: list[set[str]] = [set() for _ in (whole, *terms)]
    unknown = set[str]()
    for row in got.rows:
        if not query.state or row["state"] == query.state:
            found[row["query"]].add(row["record_id"])
        if row["query"] == 0 and row["state"] == UNKNOWN:
            unknown.add(row["record_id"])
    family = family_of(list(_things(archive, got, {row["account"] for row in got.rows})))
    (every, *_), each = counted(found[:1], family), counted(found[1:], family)
    return {
        "query": asdict(query),
        "told": spelled(whole),
        "records": every.records,
        "with_family": every.family,
        "unknown": len(unknown),
        "terms": [
            {"term": spelled(term), **_told(one), "words": words}
            for term, one, words in zip(terms, each, _words(got, [whole, *terms]), strict=True)
        ],
        **_searched(archive, query, got),
        "language": LANGUAGE,
        "words": VERSION,
        "stemmer": STEMMER,
        "reads": archive.files.stamp,
        "unsearchable": got.unsearchable,
        "complete": got.complete and not unknown,
        "sql": asked.sql,
    }


def _told(one: Counted) -> dict[str, int]:
    return {"records": one.records, "with_family": one.family, "unique": one.unique}


def _words(got: Answer, nodes: Sequence[Node]) -> list[list[str]]:
    """Return the words of the archive that each tree but the first found."""
    found, at = [], 0
    for node in nodes:
        count = sum(1 for _ in terms_of(node))
        found.append(sorted(set().union(*got.finding.words[at : at + count])))
        at += count
    return found[1:]


def _things(archive: Archive, got: Answer, accounts: set[str]) -> Iterator[Thing]:
    """Yield every record of some accounts that may be read, with what tells its family."""
    latest: dict[str, tuple[str, ...]] = {}
    for one in got.searched_segments if accounts else ():
        table = table_of(archive, one.segment, (*_PLACE, "generation_of"))
        blank: list[None] = [None] * table.num_rows
        names = table.column_names
        columns = [table[name].to_pylist() if name in names else blank for name in _PLACE]
        if table.num_rows and columns[1][0] in accounts:
            for values in dict.fromkeys(zip(*columns, strict=True)):
                told = tuple(value or "" for value in values)
                if any(told[_TOLD:]) or told[0] not in latest:  # a deletion names nothing
                    latest[told[0]] = told
    for record, account, stream, native, parent, thread, attachments in latest.values():
        attached = attached_of(attachments)
        yield Thing(record, account, stream, native, parent, thread, attached)


def _searched(archive: Archive, query: Query, got: Answer) -> dict[str, Any]:
    """Return what was searched of what the archive has, and what it says it missed."""
    state = read_state(archive)
    every = [one for one in catalog(archive, state) if one.stream != Stream.WORKFLOW]
    live = ranges.union([p for one in every for p in one.segment.leaves], [])
    ended = [p for one, _ in state.ended() if one.has_records for p in one.leaves]
    own = {one.segment.account for one in every}
    return {
        "tree_size": got.state.size,
        "searched": got.searched,
        "not_searched": got.not_searched,
        "observations": sum(one.rows for one in every),
        "destroyed": ranges.count(ranges.minus(ranges.union(ended, []), live)),
        "gaps": list(_gaps(archive, state, query, own)),
    }


def _gaps(
    archive: Archive, state: LedgerState, query: Query, handles: Iterable[str]
) -> Iterator[dict[str, str]]:
    """Yield the gaps that the ledger has of the accounts, stream and days asked."""
    names = {one.handle: one.name for one in registry(archive, state).values()}
    for handle in sorted(handles):
        for _, body in gaps_of(state, handle):
            other = query.account and names.get(handle, query.account) != query.account
            before = query.until and body["since"][:10] > query.until
            after = query.since and body["until"][:10] < query.since
            if other or before or after or query.stream not in ("", body["stream"]):
                continue
            told = {name: str(body[name]) for name in ("stream", "cause", "since", "until")}
            yield {"account": names.get(handle, ""), **told}


def as_csv(told: Mapping[str, Any]) -> bytes:
    """Return the terms of a report as CSV: its columns are `COLUMNS`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in told["terms"]:
        counts = (one[name] for name in COLUMNS[1:4])
        writer.writerow((_plain(one["term"]), *counts, _plain(" ".join(one["words"]))))
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """Return text as it is in a cell: not as a formula of a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
