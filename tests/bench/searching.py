"""Search by the index of very many records, beside engines that look at every text or rank.

    python -m tests.bench.searching 2000000 3      records, repetitions

Prints one JSON document. Each segment has as many records as one may have, of one account and in
the order of time; the words of a text are drawn by Zipf's law from 50,000. What is asked ends with
the numbers of the records found, all of them. Text, ids and times of the same records lie in
Parquet files beside, in the order in which they were captured, for DuckDB and Polars; tantivy has
an index of its own. What is not installed is not measured, and that is said.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from archiver.flows.rows import Catalogued
from archiver.flows.search_candidates import Sought, candidates
from archiver.flows.search_index import FOLDER, MARKS, WORDS
from archiver.flows.search_leaves import leaves_of
from archiver.flows.search_shelves import Shelves, arranged
from archiver.ledger.segment import Segment
from archiver.search.marks import marks_file
from archiver.search.postings import posting_file
from archiver.search.query import Query, compile_query
from archiver.search.vocabulary import Finding
from tests.bench import measure
from tests.flows.helpers import founded, open_archive

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.flows.archive import Archive

__all__ = ["ASKED", "LIMIT", "PACE", "Measured", "main", "measured", "searching_rows"]

ROWS = 1 << 16
"""Records of a segment: as many as one that was merged may have."""

ACCOUNTS, KNOWN, YEARS, MANY = 60, 50_000, 15, 20_000_000
FIRST = int(np.datetime64("2012-01-01", "us").astype(np.int64))
YEAR = 365 * 86_400_000_000
RARE, MIDDLE, COMMON = 30_000, 2_000, 40
"""Which words are asked for: by how often they are used; the most frequent one is 0."""


class Measured(NamedTuple):
    """Sizes in bytes, and CPU seconds of each repetition by what was done; ``absent``: engines."""

    records: int
    segments: int
    texts: int
    size: int
    built: float
    found: dict[str, int]
    ours: dict[str, list[float]]
    others: dict[str, dict[str, list[float]]]
    absent: list[str]


class Corpus(NamedTuple):
    """Where everything lies: an archive's home with the index, Parquet files, tantivy's index."""

    archive: Archive
    segments: list[Catalogued]
    shelves: Shelves
    files: Path
    ranked: Any


def _word(number: int) -> str:
    return f"w{number:05d}" if number % 3 else f"{number:x}ing"


def _texts(chance: np.random.Generator, weights: np.ndarray, count: int) -> Any:  # noqa: ANN401 - an Arrow array
    lengths = chance.integers(4, 37, count)
    offsets: Any = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype("int32"))
    drawn: Any = pa.array(np.searchsorted(weights, chance.random(int(lengths.sum()))))
    words = pa.array([_word(number) for number in range(KNOWN)]).take(drawn)
    return pc.binary_join(pa.ListArray.from_arrays(offsets, words), " ")


def _segment(number: int, count: int, chance: np.random.Generator, weights: np.ndarray) -> pa.Table:
    """Return the rows of a segment: the accounts have about as many each, year after year."""
    account = f"a{number % ACCOUNTS:02}"
    first = number * ROWS
    ids = pa.array([f"mastodon:{account}:comments:{first + n}" for n in range(count)])
    times = np.sort(chance.integers(0, YEAR, count)) + FIRST + YEAR * (number // ACCOUNTS % YEARS)
    made = pa.array(times).cast(pa.timestamp("us", "UTC"))
    columns = {"record_id": ids, "captured_at": made, "text": _texts(chance, weights, count)}
    return pa.table({**columns, "account": pa.repeat(account, count)})


def _built(folder: Path, records: int) -> tuple[Corpus, Measured]:
    """Make everything there is to search; count what ours takes."""
    chance = np.random.default_rng(1)
    weights = np.cumsum(1 / np.arange(1, KNOWN + 1))
    weights /= weights[-1]
    archive = open_archive(founded(folder / "home"), folder / "home")
    files, ranked = folder / "files", _ranked(folder / "ranked")
    files.mkdir()
    segments: list[Catalogued] = []
    texts, seconds = 0, 0.0
    for number, first in enumerate(range(0, records, ROWS)):
        count = min(ROWS, records - first)
        table = _segment(number, count, chance, weights)
        digest = sha256(str(number).encode()).hexdigest()
        seconds += measure.timed(partial(_index, archive, digest, table))[0]
        texts += int(pc.sum(pc.binary_length(table["text"])).as_py())
        leaves = [[first, first + count]]
        own = Segment(number, "h", "settle", "u", digest[:26], "s", "p", "public",
                      {"parquet": digest}, leaves)  # fmt: skip
        segments.append(Catalogued(own, "comments", count))
        order: Any = pa.array(chance.permutation(count))
        mixed = table.take(order)
        pq.write_table(mixed, files / f"{number:04}.parquet", compression="zstd")
        _rank(ranked, table)
    if ranked:
        ranked["writer"].commit()
        ranked["index"].reload()
    took, shelves = measure.timed(lambda: arranged(archive, segments, segments))
    seconds += took
    names = archive.home.names(FOLDER)
    index = sum((folder / "home" / name).stat().st_size for name in names)
    corpus = Corpus(archive, segments, shelves, files, ranked)
    return corpus, Measured(records, len(segments), texts, index, seconds, {}, {}, {}, [])


def _index(archive: Archive, digest: str, table: pa.Table) -> None:
    """Index a segment as a search would that comes by it first."""
    words, marks = f"{FOLDER}{digest}{WORDS}", f"{FOLDER}{digest}{MARKS}"
    files = {words: posting_file(words, table), marks: marks_file(marks, table)}
    for name, data in files.items():
        archive.home.write(name, data)


def _ranked(folder: Path) -> Any:  # noqa: ANN401 - whose package may not be there
    """Return an index of tantivy's and its writer, None where it is not installed."""
    if find_spec("tantivy") is None:
        return None
    import tantivy  # type: ignore[import-not-found]  # noqa: PLC0415 - a peer, no dependency

    folder.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, index_option="position")
    index = tantivy.Index(builder.build(), path=str(folder))
    return {"index": index, "writer": index.writer(200 << 20, 1), "document": tantivy.Document}


def _rank(ranked: Any, table: pa.Table) -> None:  # noqa: ANN401 - as `_ranked` made it
    if ranked:
        for text in table["text"].to_pylist():
            ranked["writer"].add_document(ranked["document"](text=text))


ASKED = ("rare", "middle", "account, year, middle")
"""What peers are asked as well."""

LIMIT, PACE = "0.15 s", "80,000 a second"

QUERIES = {
    "rare": Query(_word(RARE)),
    "middle": Query(_word(MIDDLE)),
    "common": Query(_word(COMMON)),
    "both": Query(f"{_word(COMMON)} {_word(MIDDLE)}"),
    "near": Query(f"{_word(COMMON)} W/5 {_word(MIDDLE)}"),
    "begins": Query("w0300*"),
    "account, year, middle": Query(_word(MIDDLE), "a07", since="2012-01-01", until="2012-12-30"),
}


def _leaves(corpus: Corpus, query: Query) -> np.ndarray:
    """Return the leaves of all rows that a query may find by the index: here those it finds."""
    asked = compile_query(query)
    sought = Sought(query, asked, Finding(asked.matching.terms), [], [])
    found = candidates(corpus.archive, corpus.shelves, corpus.segments, sought)
    parts = [leaves_of(one.one)[slice(None) if one.rows is None else one.rows] for one in found]
    return np.concatenate([np.empty(0, np.int64), *parts])


def _scanned(corpus: Corpus, query: Query) -> int:
    """Ask DuckDB the same of the files."""
    where, given = "contains(text, ?)", [query.text]
    if query.account:
        where += (
            " AND account = ? AND captured_at >= ?::TIMESTAMPTZ AND captured_at < ?::TIMESTAMPTZ"
        )
        given += [query.account, f"{query.since}T00:00:00Z", f"{query.until}T23:59:59.999999Z"]
    sql = f"SELECT record_id FROM read_parquet('{corpus.files}/*.parquet') WHERE {where}"  # noqa: S608 - names made here
    with duckdb.connect() as database:
        database.execute("SET enable_progress_bar = false")
        return len(database.execute(sql, given).fetchall())


def _polars(corpus: Corpus, query: Query) -> int:
    import polars as pl  # type: ignore[import-not-found]  # noqa: PLC0415 - a peer, no dependency

    rows = pl.scan_parquet(f"{corpus.files}/*.parquet")
    own = pl.col("text").str.contains(query.text, literal=True)
    if query.account:
        own &= pl.col("account") == query.account
        days = query.since, query.until
        first, last = (datetime.fromisoformat(f"{day}T00:00:00Z") for day in days)
        own &= pl.col("captured_at").is_between(first, last + timedelta(days=1), closed="left")
    return int(rows.filter(own).select("record_id").collect().height)


def _tantivy(corpus: Corpus, query: Query) -> int:
    searcher = corpus.ranked["index"].searcher()
    asked = corpus.ranked["index"].parse_query(query.text, ["text"])
    found = searcher.search(asked, 1, count=True).count
    return len(searcher.search(asked, max(found, 1), count=False).hits)


PEERS: dict[str, Callable[[Corpus, Query], int]] = {
    "duckdb": _scanned,
    "polars": _polars,
    "tantivy": _tantivy,
}


def measured(records: int, repetitions: int) -> Measured:
    """Index so many records, and ask of them, each engine in turn."""
    with TemporaryDirectory(prefix="civic-search-") as folder:
        corpus, made = _built(Path(folder), records)
        absent = [name for name in PEERS if find_spec(name) is None]
        for _ in range(repetitions):
            for name, query in QUERIES.items():
                seconds, leaves = measure.timed(partial(_leaves, corpus, query))
                made.found[name] = len(leaves)
                made.ours.setdefault(name, []).append(seconds)
                if name not in ASKED:
                    continue
                for peer in [one for one in PEERS if one not in absent]:
                    if peer == "tantivy" and query.account:
                        continue
                    seconds, many = measure.timed(partial(PEERS[peer], corpus, query))
                    assert many == len(leaves), (name, peer, many, len(leaves))
                    made.others.setdefault(peer, {}).setdefault(name, []).append(seconds)
        return made._replace(absent=absent)


def searching_rows(found: Measured) -> tuple[list[measure.Row], str]:
    """Return what was measured as rows of the table, and in words."""
    many = found.records >= MANY
    rows = [
        measure.Row(f"search, {name}", peer, found.ours[name], took, None, found.found[name])
        for peer, own in sorted(found.others.items())
        for name, took in own.items()
    ]
    rows += [
        measure.Row(f"search, {name}", LIMIT, found.ours[name], [0.15], 1.0 if many else None, 0)
        for name in ASKED
    ]
    ready, goal = [found.records / 80_000], 1.0 if found.segments > 1 else None
    made = measure.Row("index made", PACE, [found.built], ready, goal, found.records)
    rows.append(made)
    told = (
        f"search: {found.records:,} records in {found.segments} segments, {found.texts:,} bytes of "
        f"text; the index with places is {found.size / found.texts:.2f} times as large; found: "
        + ", ".join(f"{name} {many:,}" for name, many in found.found.items())
    )
    if found.absent:
        told += f"; not installed, and so not measured: {', '.join(found.absent)}"
    return rows, told


def main(arguments: list[str]) -> int:
    """Measure as many records as often as is said; print what was found."""
    records, repetitions = map(int, arguments)
    print(json.dumps(measured(records, repetitions)._asdict()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
