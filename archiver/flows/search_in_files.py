"""What of a search is about files: hits in text derived of them, and what nobody could read.

What is found in the text of a file stands in no record: it is told apart, with what made the text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from archiver.flows.rows import table_of
from archiver.flows.search_index import files_of
from archiver.flows.search_leaves import leaves_of
from archiver.search.bounds import bound
from archiver.search.syntax import Phrase, spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.flows.search_candidates import Candidate
    from archiver.search.bounds import Bound, Segmented
    from archiver.search.syntax import Node, Term

__all__ = ["InFile", "UnreadRow", "files_not_read", "hits_in_files", "unread_in"]


class InFile(NamedTuple):
    """What read a file, and which terms of a query, by number, stand in its text."""

    by: str
    terms: tuple[int, ...]

    def told(self, name: str | None, terms: Sequence[Term]) -> dict[str, Any]:
        """Return this as an answer has it."""
        own = [spelled(Phrase((terms[number],))) for number in self.terms]
        return {"name": name or "", "by": self.by, "terms": list(dict.fromkeys(own))}


class UnreadRow(NamedTuple):
    """A file in a searched segment that was not read, or not all of it, and why."""

    one: Catalogued
    row: int
    why: str


def unread_in(
    archive: Archive,
    one: Catalogued,
    tree: Node,
    segment: Segmented,
    allowed: Callable[[Bound], Bound],
) -> list[UnreadRow]:
    """Return the files of a segment in which a query might find something, could they be read.

    Args:
        archive: where.
        one: a segment that has files.
        tree: what is asked.
        segment: what is known of it.
        allowed: leaves of some rows those that may be found.
    """
    told = files_of(archive, one.segment).told()
    may = allowed(bound(tree, replace(segment, hits=segment.hits.as_unread())))
    own = None if may is None else set(may.tolist())
    return [
        UnreadRow(one, file.row, file.left)
        for file in told
        if file.left and (own is None or file.row in own)
    ]


def files_not_read(archive: Archive, rows: Iterable[UnreadRow]) -> list[dict[str, str]]:
    """Return which records could not be searched, and why: each once for each reason."""
    by_segment: dict[str, list[UnreadRow]] = {}
    for row in rows:
        by_segment.setdefault(row.one.segment.name, []).append(row)
    found = dict[tuple[str, str, str], None]()
    for some in by_segment.values():
        table = table_of(archive, some[0].one.segment, ("record_id", "file_name"))
        ids = [str(own) for own in table["record_id"].to_pylist()]
        names = table["file_name"].to_pylist() if "file_name" in table.column_names else []
        for row in some:
            name = str((names and names[row.row]) or "")
            found[ids[row.row], name, row.why] = None
    return [{"record_id": own, "file": name, "why": why} for own, name, why in sorted(found)]


def hits_in_files(archive: Archive, found: Iterable[Candidate]) -> Mapping[int, InFile]:
    """Return, by leaf, in which files terms of a query stand."""
    made: dict[int, InFile] = {}
    for one in found:
        terms: dict[int, list[int]] = {}
        for number, stands in sorted(one.hits.stands.items()):
            for row in {n for stand in stands if stand.file for n in np.unique(stand.rows)}:
                terms.setdefault(int(row), []).append(number)
        if terms:
            by = {told.row: told.by for told in files_of(archive, one.one.segment).told()}
            leaves = leaves_of(one.one)
            made |= {
                int(leaves[row]): InFile(by.get(row, ""), tuple(own)) for row, own in terms.items()
            }
    return made
