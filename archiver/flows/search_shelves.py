"""Which files have the words of which segments: those of many public segments are put together.

A search opens each file that may have something. So the posting lists of sixteen segments become
one file, a shelf, and sixteen shelves a larger one: of a million rows at most. A shelf loses what
it has of a segment that is gone. Private segments stay by themselves, each under its own key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from archiver.flows.kept import keep, kept
from archiver.flows.search_index import (
    FOLDER,
    digest_of,
    is_private,
    keep_postings,
    marks_of,
    may_be_read,
    mended,
    postings_at,
    postings_of,
    remove,
    sweep,
)
from archiver.record import Stream
from archiver.search.postings import merged
from archiver.search.tokens import INDEX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.ledger.state import Segment
    from archiver.search.postings import Postings

__all__ = ["Shelves", "Span", "arranged", "forgotten", "index_all"]

_LIST = "shelves"
SHELVES = f"{FOLDER}{_LIST}.json"
TOGETHER = 16
LARGEST = 1 << 20
"""Rows after which a shelf grows no more."""


class Span(NamedTuple):
    """What a public segment holds: of which account, made from when to when (microseconds).

    ``files``: whether some of its rows are files.
    """

    account: str
    first: int
    last: int
    rows: int
    files: bool


class Shelf(NamedTuple):
    """The segments, by the digests of their rows, in a file, and how often it was merged."""

    parts: list[str]
    tier: int


@dataclass(slots=True)
class Shelves:
    """What is known of the segments that are indexed here, by the digests of their rows.

    ``spans``: None of a private one, which says it itself. ``shelves``: by name of their file.
    """

    spans: dict[str, Span | None] = field(default_factory=dict)
    shelves: dict[str, Shelf] = field(default_factory=dict)

    def postings(
        self, archive: Archive, segments: Iterable[Catalogued]
    ) -> Iterator[tuple[Postings, Mapping[int, Catalogued]]]:
        """Yield every file with words of some segments, and which of its parts these are."""
        wanted = {digest_of(one.segment): one for one in segments}
        for name, shelf in list(self.shelves.items()):
            mine = {n: wanted[part] for n, part in enumerate(shelf.parts) if part in wanted}
            found = postings_at(archive, name) if mine else None
            if mine and found is None:  # gone: each segment has a file of its own again
                del self.shelves[name]
                remove(archive, name)
                _keep(archive, self)
            elif found is not None:
                yield found, mine
                for part in shelf.parts:
                    wanted.pop(part, None)
        for one in wanted.values():
            yield postings_of(archive, one.segment), {0: one}


def arranged(
    archive: Archive, every: Iterable[Catalogued], chosen: Iterable[Catalogued]
) -> Shelves:
    """Return the shelves with all of ``chosen``; index those that are not yet.

    Whatever is kept of segments that are not among ``every`` one, being gone, is removed.
    """
    found = _kept(archive)
    live = {digest_of(one.segment) for one in every}
    new = {digest_of(one.segment): one for one in chosen}
    new = {key: one for key, one in new.items() if key not in found.spans}
    if new or found.spans.keys() - live:
        _clear(archive, found, live)
        for key, one in new.items():
            found.spans[key] = _span(archive, one)
        _put_together(archive, found)
        _keep(archive, found)
    return found


def index_all(archive: Archive, segments: Sequence[Catalogued], since: int = 0) -> None:
    """Index all segments that can be read here and are not indexed yet.

    ``since``: only those that were sealed by this entry of the log or a later one.
    """
    newer = [one for one in segments if one.segment.seal >= since]
    own = [one for one in newer if one.stream not in {"", Stream.WORKFLOW}]
    readable = [one for one in own if may_be_read(archive, one.segment)]

    if not readable:
        return

    def index() -> None:
        arranged(archive, segments, readable)
        for one in readable:
            if is_private(one.segment):
                postings_of(archive, one.segment)

    mended(archive, index)


def forgotten(archive: Archive, segments: Iterable[Segment]) -> None:
    """Remove all that is kept of segments that are not among these, which are live."""
    if not archive.home.names(FOLDER):
        return
    live = {digest_of(one) for one in segments if one.has_records}

    def clear() -> None:
        found = _kept(archive)
        _clear(archive, found, live)
        _keep(archive, found)

    mended(archive, clear)


def _span(archive: Archive, one: Catalogued) -> Span | None:
    if is_private(one.segment):
        return None  # nothing of what it holds is kept plain
    marks = marks_of(archive, one.segment)
    return Span(marks.account, marks.first, marks.last, one.rows, marks.files)


def _clear(archive: Archive, found: Shelves, live: Collection[str]) -> None:
    """Take out of the shelves what is not live, then remove every file that has no part in them."""
    found.spans = {key: one for key, one in found.spans.items() if key in live}
    for name, shelf in list(found.shelves.items()):
        parts = [part for part in shelf.parts if part in live]
        if len(parts) < len(shelf.parts):
            source = postings_at(archive, name) if parts else None
            del found.shelves[name]
            if source is not None:
                numbers = {part: number for number, part in enumerate(parts)}
                _write(archive, found, [(source, shelf.parts)], numbers, shelf.tier)
    sweep(archive, live, found.shelves.keys(), {_LIST})


def _put_together(archive: Archive, found: Shelves) -> None:
    """Merge files until there are few of each size."""
    shelved = {part for shelf in found.shelves.values() for part in shelf.parts}
    units = [
        ("", Shelf([key], 0)) for key, span in found.spans.items() if span and key not in shelved
    ]
    units += found.shelves.items()
    tier = 0
    while any(shelf.tier >= tier for _, shelf in units):
        own = [unit for unit in units if unit[1].tier == tier]
        for some in _runs(own, found):
            made = _merge(archive, found, some, tier + 1)
            units = [unit for unit in units if unit not in some]
            units += [(made, found.shelves[made])] if made else []
        tier += 1


def _runs(units: Sequence[tuple[str, Shelf]], found: Shelves) -> Iterator[list[tuple[str, Shelf]]]:
    """Yield what is to be merged: sixteen files, or fewer that make as many rows as may be."""
    run, rows = list[tuple[str, Shelf]](), 0
    for unit in units:
        own = sum(span.rows for part in unit[1].parts if (span := found.spans.get(part)))
        if len(run) == TOGETHER or (run and rows + own > LARGEST):
            if len(run) > 1:
                yield run
            run, rows = [], 0
        run, rows = [*run, unit], rows + own
    if len(run) == TOGETHER:
        yield run


def _merge(archive: Archive, found: Shelves, some: Sequence[tuple[str, Shelf]], tier: int) -> str:
    """Make one file of several; return its name, "" where one of them can't be read."""
    sources = []
    for name, shelf in some:
        source = postings_at(archive, name or shelf.parts[0])
        if source is None:
            if name:
                del found.shelves[name]
            return ""
        sources.append((source, shelf.parts))
    parts = [part for _, shelf in some for part in shelf.parts]
    numbers = {part: number for number, part in enumerate(parts)}
    made = _write(archive, found, sources, numbers, tier)
    for name, shelf in some:
        found.shelves.pop(name, None)
        remove(archive, name or shelf.parts[0])
    return made


def _write(
    archive: Archive,
    found: Shelves,
    sources: Iterable[tuple[Postings, Sequence[str]]],
    numbers: Mapping[str, int],
    tier: int,
) -> str:
    name = sha256("\n".join(numbers).encode()).hexdigest()
    own = [(one, [numbers.get(part) for part in parts]) for one, parts in sources]
    keep_postings(archive, name, lambda file: merged(file, own))
    found.shelves[name] = Shelf(list(numbers), tier)
    return name


def _kept(archive: Archive) -> Shelves:
    stored = json.loads(kept(archive.home, SHELVES) or b"{}")
    if stored.get("index") != INDEX:
        return Shelves()
    return Shelves(
        {key: one and Span(*one) for key, one in stored["spans"].items()},
        {name: Shelf(*one) for name, one in stored["shelves"].items()},
    )


def _keep(archive: Archive, found: Shelves) -> None:
    told = {"index": INDEX, "spans": found.spans, "shelves": found.shelves}
    keep(archive.home, SHELVES, json.dumps(told).encode())
