"""The files of a segment: which rows are some, and what can be read of each.

Text that is read of a file is derived: it is in the cache of the home alone, and whoever shows it
says what made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.reading import FILE_PARSER
from archiver.errors import FormatError, IntegrityError, KeyStoreError, MissingObjectError
from archiver.flows.derive import was_decoded
from archiver.flows.segments import open_file
from archiver.flows.superseded import SUPERSEDED
from archiver.flows.verify_origins import WHOLE
from archiver.formats import segment_index, warc_reading
from archiver.formats.derived.gathered import Derived
from archiver.formats.http1 import parse_response
from archiver.search.files import FileTold

if TYPE_CHECKING:
    import pyarrow as pa

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

__all__ = ["FOR_FILES", "ReadFiles", "read_files"]

FOR_FILES = ("parser", "file_name")
"""Columns that tell which rows are files, and their names."""

_PARSER = FILE_PARSER.partition("/")[0]
_BROKEN = "what is stored of it can't be read: run archiver verify"
_NO_FILE = Derived("", "", "its response is none that has a file")


class ReadFiles(NamedTuple):
    """What was read of the files of a segment.

    ``told``: of each. ``texts``: by row, of those that have some. ``stamp``: of what read them;
    another one than that of the archive where they are to be read again next time, empty where
    there are none.
    """

    told: list[FileTold]
    texts: dict[int, str]
    stamp: str


def read_files(archive: Archive, segment: Segment, table: pa.Table) -> ReadFiles:
    """Read the files of a segment, whose rows (`FOR_FILES`) are in a table.

    A stored file that can't be read makes them unread, and no search fail. Raises
    `MissingObjectError` where the segment was merged meanwhile.
    """
    rows = _rows(table)
    if not rows:
        return ReadFiles([], {}, "")
    try:
        return _read(archive, segment, rows)
    except (IntegrityError, KeyStoreError, MissingObjectError) as error:
        if error.code == SUPERSEDED:
            raise
        return ReadFiles([FileTold(row, "", _BROKEN) for row in rows], {}, "read again")


def is_file(parser: str) -> bool:
    """Tell whether a row is one of a file, by the name of what made it."""
    return parser.partition("/")[0] == _PARSER


def _rows(table: pa.Table) -> dict[int, str]:
    """Return the rows that are files, each with the name of its file."""
    parsers = table["parser"].to_pylist() if "parser" in table.column_names else []
    names = table.column_names
    called = table["file_name"].to_pylist() if "file_name" in names else [None] * len(parsers)
    own = enumerate(zip(parsers, called, strict=True))
    return {row: name or "" for row, (parser, name) in own if is_file(parser or "")}


def _read(archive: Archive, segment: Segment, rows: dict[int, str]) -> ReadFiles:
    members = segment_index.parse_index(open_file(archive, segment, "idx"))[1:]
    stored = open_file(archive, segment, "warc.gz")
    told, texts = list[FileTold](), dict[int, str]()
    with archive.files.opened() as read:
        for row, name in rows.items():
            offset, length = members[row]
            file = _file(stored[offset : offset + length])
            if file is None:  # an observation that has none: it was gone
                continue
            found = read(file[0], name, file[1]) if file else _NO_FILE
            told.append(FileTold(row, found.by, found.left))
            if found.text:
                texts[row] = found.text
    return ReadFiles(told, texts, archive.files.stamp)


def _file(member: bytes) -> tuple[bytes, str] | tuple[()] | None:
    """Return the file of a record and what its server called it; () where it can't be found.

    None: the observation has no bytes at all, or is no response as a whole.
    """
    record = warc_reading.parse_record(warc_reading.inflate_member(member))
    excerpts = warc_reading.excerpts_of(record)
    if len(excerpts) != 1 or excerpts[0].role != WHOLE:
        return None
    try:
        response = parse_response(excerpts[0].data, decoded=was_decoded(record.lines))
    except FormatError:
        return ()
    return response.body, response.header("content-type")
