"""A hostile file costs a bounded amount of memory, and is refused in words."""

from __future__ import annotations

import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from archiver import limits
from archiver.errors import FormatError
from archiver.formats.warc import member, record_bytes, warcinfo
from archiver.formats.warc_reading import inflate_members, parse_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MOST = 256 << 10
"""Kilobytes that a process may take, Python and its libraries with it."""

OPENING = warcinfo("6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "2026-11-20T10:00:00Z", b"n" * 32,
                   b"p", "test")  # fmt: skip
LARGE = 1 << 30


def _zeros(head: bytes, size: int, window: int = 31) -> Iterator[bytes]:
    """Yield a compressed stream of a head and zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    yield packer.compress(head)
    for _ in range(size >> 20):
        yield packer.compress(bytes(1 << 20))
    yield packer.flush()


def _record(path: Path, stated: int) -> None:
    head = b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: %d\r\n\r\n" % stated
    path.write_bytes(b"".join(_zeros(head, LARGE)))


def _honest_bomb(path: Path) -> None:
    _record(path, LARGE)


def _lying_bomb(path: Path) -> None:
    _record(path, 10)


def _headless_bomb(path: Path) -> None:
    path.write_bytes(b"".join(_zeros(b"WARC/1.1\r\n", LARGE)))


def _intake_bomb(path: Path) -> None:
    _record(path, LARGE)
    path.write_bytes(member(OPENING) + path.read_bytes())


def _coded_bomb(path: Path) -> None:
    body = b"".join(_zeros(b"", LARGE))
    path.write_bytes(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
        % (len(body), body)
    )


def _dictionary_bomb(path: Path) -> None:
    indices = pa.array([0] * 100_000, pa.int32())
    column = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * (1 << 20)]))
    pq.write_table(pa.table({"text": column}), path, compression="zstd")


def _spelt(number: int, length: int = 0) -> bytes:
    """Return a number as the Thrift compact protocol spells it, padded to a length."""
    rest, out = number << 1, bytearray()
    while rest > 127 or len(out) < length - 1:
        out.append(128 | rest & 127)
        rest >>= 7
    return bytes([*out, rest])


def _belying_pages(path: Path) -> None:
    """Ten pages of 64 MB each, of which the footer says that they have a thousand bytes."""
    table = pa.table({"text": ["x" * (64 << 20)]})
    with pq.ParquetWriter(path, table.schema, compression="zstd", use_dictionary=False,
                          write_statistics=False) as writer:  # fmt: skip
        for _ in range(10):
            writer.write_table(table)
    true = _spelt(pq.read_metadata(path).row_group(0).column(0).total_uncompressed_size)
    data = path.read_bytes()
    assert data.count(true) >= 10
    path.write_bytes(data.replace(true, _spelt(1000, len(true))))


def _many_columns(path: Path) -> None:
    names = [f"c{number}" for number in range(20_000)]
    pq.write_table(pa.table({name: [""] for name in names}), path, use_dictionary=False)


def _nested(path: Path) -> None:
    path.write_bytes(b"[" * (32 << 20))


def _empty_lists(path: Path) -> None:
    path.write_bytes(b"[" + b"[]," * (10 << 20) + b"[]]")


def _many_parts(path: Path) -> None:
    path.write_bytes(b"[" + b"[]," * 262_000 + b'"' + b"x" * (28 << 20) + b'"]')


def _gzip_of_gzip(path: Path) -> None:
    path.write_bytes(b"".join(_zeros(b"", LARGE // 4)) * 4)


def _row_bomb(path: Path) -> None:
    names = [f"c{number}" for number in range(40)]
    nulls = [pa.nulls(20_000_000, pa.string())] * len(names)
    pq.write_table(pa.table(dict(zip(names, nulls, strict=True))), path, use_dictionary=False)


def _many_lines(path: Path) -> None:
    path.write_bytes(b"ab\n" * (45 << 20))


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 30)


CASES: list[tuple[str, Callable[[Path], None], str]] = [
    ("member", _honest_bomb, "refused record of more than"),
    ("member", _lying_bomb, "refused gzip member is cut, is longer than its record"),
    ("member", _headless_bomb, "refused WARC header block is missing its end"),
    ("intake", _intake_bomb, "refused record of more than"),
    ("response", _coded_bomb, "body decodes to more bytes than we allow"),
    ("rows", _dictionary_bomb, "refused a Parquet file larger, or otherwise encoded"),
    ("rows", _row_bomb, "refused a Parquet file larger, or otherwise encoded"),
    ("rows", _belying_pages, "refused a column of a Parquet file has pages larger than its"),
    ("rows", _many_columns, "refused not a Parquet file of ours"),
    ("check", _nested, "refused a proof of more than"),
    ("check", _empty_lists, "refused a proof of more than"),
    ("check", _many_parts, "refused not a proof of a Civic Archiver archive"),
    ("intake", _gzip_of_gzip, "refused WARC header block is missing its end"),
    ("index", _many_lines, "refused index file of more members"),
    ("object", _sparse, "refused a stored object of"),
]


@pytest.mark.parametrize(("reader", "make", "said"), CASES, ids=[c[1].__name__ for c in CASES])
def test_a_hostile_file_is_refused_in_little_memory(
    tmp_path: Path, reader: str, make: Callable[[Path], None], said: str
) -> None:
    """Under 256 MB altogether, whatever it claims to grow to."""
    path = tmp_path / "file"
    make(path)
    done = subprocess.run(
        [sys.executable, "-m", "tests.formats.hostile_sizes", reader, path],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer, kilobytes = done.stdout.splitlines()
    assert answer.startswith(said)
    assert int(kilobytes) < MOST


def test_members_come_back_one_by_one() -> None:
    """Whatever their sizes and wherever the pieces in which they are fed end."""
    records = [OPENING]
    for size in (0, 1, 70_000, 300_000, 65_536):
        head = b"WARC/1.1\r\nContent-Length: %d\r\n\r\n" % size
        records.append(
            b"%b%b\r\n\r\n" % (head, bytes(range(256)) * (size // 256) + b"x" * (size % 256))
        )
    whole = b"".join(map(member, records))
    assert inflate_members(whole) == records
    assert [len(parse_record(one).block) for one in records[1:]] == [0, 1, 70_000, 300_000, 65_536]
    for spoilt in (whole[:-1], whole + b"x", b"", member(b"WARC/1.1\r\n\r\n"), b"x" + whole):
        with pytest.raises(FormatError):
            inflate_members(spoilt)


def test_no_header_is_written_that_no_reader_takes() -> None:
    """Lines that are each short enough can still be too many."""
    lines = [b"WARC/1.1", *[b"Archive-Contains: " + b"x" * 60_000] * 5]
    with pytest.raises(FormatError, match="record header too long"):
        record_bytes(lines, (), b"\0" * 32, (b"\1" * 32,) * 3)


def test_the_largest_header_fits() -> None:
    """Ids, addresses, headers, contained things and excerpts at their limits are one header."""
    longest = 2 * limits.LONGEST_ID + 3 * limits.LONGEST_VALUE + limits.MOST_EXCERPTS * 45
    assert longest < limits.LARGEST_HEADER
