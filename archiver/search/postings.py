"""Posting lists: of each word in the rows of segments, in which rows and where it stands. Pure.

A row of the table for each word, segment and field: ``word``, ``part`` (the number of the segment
in the file), ``field`` (its number in `INDEXED`), and as varints (`archiver.search.varints`) with
one number for each time it stands there ``rows``, each less the one before, and ``places``. It is
sorted by word, so that few row groups have to be read (``docs/formats/postings.md``).
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from archiver.search.checked import Checked, written
from archiver.search.cutting import cut
from archiver.search.query import INDEXED
from archiver.search.tokens import FIELD, INDEX
from archiver.search.varints import decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from archiver.search.cutting import Cut
    from archiver.search.vocabulary import Finding

    Numbers = NDArray[np.int64]

__all__ = ["Posted", "Postings", "merged", "posting_file"]

GROUP = 160 << 10
"""Bytes of postings after which a row group ends: what is read to learn of one word."""

SHOWN = 32
"""Letters of the first word of a row group that the footer tells: as many as tell most apart."""


class Posted(NamedTuple):
    """Where a word stands in one field: ``rows`` of a segment, by number, and ``places``.

    ``part``: which segment of the file. A row is there as often as the word is in it; places are
    told only where they are asked for.
    """

    word: str
    part: int
    field: int
    rows: Numbers
    places: Numbers | None


def posting_file(name: str, table: pa.Table, reads: str = "") -> bytes:
    """Return the posting lists of a segment's rows as a file of that name.

    ``reads``: the stamp of what read the texts of files among them; empty: there are none.
    """
    return _written(name, _table(table), reads)


def merged(name: str, sources: Sequence[tuple[Postings, Sequence[int | None]]]) -> bytes:
    """Return several files as one of that name.

    Of each source: its file, and of each of its parts the number that it gets; None: left out.
    """
    tables = [_renumbered(one.whole(), parts) for one, parts in sources]
    table = pa.concat_tables(tables).combine_chunks()
    coded: Any = table["word"].combine_chunks().dictionary_encode()
    order = np.asarray(pc.sort_indices(coded.dictionary))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    at: Any = pa.array(np.argsort(ranks[np.asarray(coded.indices)], kind="stable"))
    reads = sorted({one.reads for one, _ in sources} - {""})
    return _written(name, table.take(at), "\n".join(reads))


def _renumbered(table: pa.Table, parts: Sequence[int | None]) -> pa.Table:
    place = table.column_names.index("part")
    numbers = pa.array(parts, pa.int32()).take(table["part"].combine_chunks())
    anew = table.set_column(place, "part", numbers)
    told: Any = pc.is_valid(numbers)
    return anew.filter(told) if None in parts else anew


def _written(name: str, made: pa.Table, reads: str) -> bytes:
    sizes = sum(pc.binary_length(made[column]).to_numpy() for column in ("rows", "places"))
    firsts = _firsts(made, np.asarray(sizes))
    words: list[Any] = made["word"].take(pa.array(firsts, pa.int64())).to_pylist()
    heads = [word[:SHOWN] for word in words]
    told = {"words": INDEX, "firsts": json.dumps(heads), "reads": reads}
    return written(name, made, firsts, told)


def _table(table: pa.Table) -> pa.Table:
    """Return the posting lists of rows, sorted by word and field."""
    own = [
        (number, cut(table[name].combine_chunks()))
        for number, name in enumerate(INDEXED)
        if name in table.column_names
    ]
    found = [(number, one) for number, one in own if len(one.rows)]
    if not found:
        blank: list[object] = []
        return pa.table({n: pa.array(blank, t) for n, t in _COLUMNS.items()})
    return _grouped(found)


_COLUMNS = {
    "word": pa.string(),
    "part": pa.int32(),
    "field": pa.int8(),
    "rows": pa.binary(),
    "places": pa.binary(),
}


def _grouped(found: list[tuple[int, Cut]]) -> pa.Table:
    coded: Any = pa.concat_arrays([one.words for _, one in found]).dictionary_encode()
    order = np.asarray(pc.sort_indices(coded.dictionary))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    fields = np.concatenate([np.full(len(one.rows), number) for number, one in found])
    keys = ranks[np.asarray(coded.indices)] * len(INDEXED) + fields
    keys = keys << 32 | np.arange(len(keys))  # what is equal keeps its order: row and place
    keys.sort()
    at, keys = keys & 0xFFFFFFFF, keys >> 32
    rows = np.concatenate([one.rows for _, one in found])[at]
    places = np.concatenate([one.places for _, one in found])[at]
    firsts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    steps = np.diff(rows, prepend=0)
    steps[firsts] = rows[firsts]
    own = keys[firsts]
    return pa.table(
        {
            "word": coded.dictionary.take(pa.array(order[own // len(INDEXED)])),
            "part": pa.array(np.zeros(len(own), np.int32)),
            "field": pa.array((own % len(INDEXED)).astype(np.int8)),
            "rows": _lists(steps, firsts),
            "places": _lists(places, firsts),
        }
    )


def _lists(numbers: Numbers, firsts: Numbers) -> Any:  # noqa: ANN401 - an Arrow array: its types say less
    """Return numbers as varints, in one value from each first one to the next."""
    data, ends = encoded(numbers)
    offsets = np.zeros(len(firsts) + 1, np.int32)
    offsets[1:] = ends[np.append(firsts[1:], len(numbers)) - 1]
    parts: Any = (offsets, data)
    buffers: Any = [None, *map(pa.py_buffer, parts)]
    return pa.BinaryArray.from_buffers(pa.binary(), len(firsts), buffers)


def _firsts(made: pa.Table, sizes: Numbers) -> list[int]:
    """Return where row groups begin: never between two fields of one word."""
    if not len(sizes):
        return []
    number = np.cumsum(sizes) // GROUP
    words = made["word"].combine_chunks()
    anew: Any = pc.not_equal(words[1:], words[:-1])
    breaks = np.flatnonzero(anew.to_numpy(zero_copy_only=False)) + 1
    groups = number[breaks]
    fresh = np.flatnonzero(np.diff(groups, prepend=0) > 0)
    return [0, *breaks[fresh].tolist()]


class Postings:
    """Reads a file of posting lists.

    Raises `IntegrityError` where it is another, or damaged: on opening, and on reading.
    """

    def __init__(self, name: str, data: bytes | memoryview) -> None:
        self._file = Checked(name, data)
        self._firsts: list[str] = json.loads(self._file.told.get("firsts", "[]"))

    @property
    def version(self) -> str:
        """The version of the rules by which words were cut."""
        return self._file.told.get("words", "")

    @property
    def reads(self) -> str:
        """The stamp of what read the texts of files; empty: there are none; several: by lines."""
        return self._file.told.get("reads", "")

    def whole(self) -> pa.Table:
        """Return all of it, checked."""
        blank = pa.table({name: pa.array([], type_) for name, type_ in _COLUMNS.items()})
        groups = [self._file.read(group, range(5)) for group in range(len(self._file))]
        return pa.concat_tables([blank, *groups])

    def find(self, finding: Finding, *, places: bool) -> Iterator[Posted]:
        """Yield where every word stands that a term of a query finds."""
        groups: dict[int, bool] = {}  # whether only whole words are sought there
        for first, last in finding.spans:
            for group in self._groups(first, last):
                groups[group] = groups.get(group, True) and first == last
        for group, exact in sorted(groups.items()):
            yield from self._read(group, finding, exact=exact, places=places)

    def _groups(self, first: str, last: str) -> range:
        """Return the row groups that may have words from one to another."""
        low = bisect_left(self._firsts, first)
        if low == len(self._firsts) or self._firsts[low] != first or len(first) >= SHOWN:
            low = max(low - 1, 0)
        while low and len(self._firsts[low]) == SHOWN and first.startswith(self._firsts[low]):
            low -= 1  # what the footer tells of that word was cut off
        return range(low, bisect_right(self._firsts, last))

    def _read(self, group: int, finding: Finding, *, exact: bool, places: bool) -> Iterator[Posted]:
        columns = range(5) if places else range(4)
        table = self._file.read(group, columns)
        words = table["word"]
        if exact:
            sought: Any = pc.is_in(words, value_set=finding.exact)
            at = np.flatnonzero(sought.to_numpy())
        else:
            known = enumerate(words.to_pylist())
            at = np.array([n for n, word in known if finding.numbers(word)], np.int64)
        if not len(at):
            return
        some = table.take(pa.array(at)).combine_chunks()
        lists = [column.chunk(0) for column in some.columns]
        told = zip(*(one.to_pylist() for one in lists[:3]), strict=True)
        for place, (word, part, field) in enumerate(told):
            rows = np.cumsum(decoded(lists[3][place].as_buffer()))
            own = decoded(lists[4][place].as_buffer()) if places else None
            yield Posted(word, part, field, rows, _far(own, field))


def _far(places: Numbers | None, field: int) -> Numbers | None:
    return None if places is None else places + FIELD * field
