"""Encrypted files: the library's bytes, read in any order, and every change found."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

import duckdb
import fsspec  # type: ignore[import-untyped]  # the package has no types
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import IntegrityError, KeyStoreError, UsageError
from archiver.formats import cobblestone, cobblestone_chunks
from archiver.formats.cobblestone import (
    CobblestoneReader,
    decrypt,
    decrypt_all,
    encrypt,
    open_sealed,
)
from tests.formats.examples import read_examples

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = bytes(range(32))
CONTEXT = cobblestone.context("archive", "unit", "file")
CHUNK = 16 * 1024
HEADER = 56
SEALED = CHUNK + 16

near_chunks = st.builds(
    lambda chunks, more: max(0, chunks * CHUNK + more), st.integers(0, 4), st.integers(-2, 2)
)


def plain_of(size: int) -> bytes:
    """Return bytes in which any two places differ."""
    return b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1))[:size]


def sealed(plain: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    """Return ``plain``, encrypted."""
    out = io.BytesIO()
    encrypt(plain, key, context, out)
    return out.getvalue()


def reader(data: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> CobblestoneReader:
    """Return a reader of the encrypted ``data``."""
    return CobblestoneReader(io.BytesIO(data), key, context)


def read_whole(data: bytes) -> bytes:
    """Return what a reader gives of ``data``."""
    return reader(data).read()


def stream_whole(data: bytes) -> bytes:
    """Return what the stream gives of ``data``."""
    return decrypt_all(data, KEY, CONTEXT)


WAYS = pytest.mark.parametrize("open_all", [stream_whole, read_whole])


class Reluctant(io.BytesIO):
    """A raw file that gives and takes at most 1,000 bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return 1,000 bytes at most."""
        return super().read(1000 if size is None or size < 0 else min(size, 1000))

    def write(self, data: bytes | memoryview, /) -> int:  # type: ignore[override]  # narrower
        """Take 1,000 bytes at most."""
        return super().write(data[:1000])


@given(size=near_chunks)
def test_library_reads_what_is_written(size: int) -> None:
    """The library decrypts what `encrypt` wrote, at the size the specification gives."""
    plain = plain_of(size)
    data = sealed(plain)
    decryptor = Cobblestone256Decryptor(KEY, CONTEXT)
    assert decryptor.update(data) + decryptor.finalize() == plain
    assert len(data) == HEADER + size + 16 * (size // CHUNK + 1)


@given(size=near_chunks)
def test_both_ways_read_what_the_library_wrote(size: int) -> None:
    """Stream and reader give back what the library encrypted."""
    plain = plain_of(size)
    encryptor = Cobblestone256Encryptor(KEY, CONTEXT)
    data = encryptor.update(plain) + encryptor.finalize()
    assert stream_whole(data) == plain
    assert read_whole(data) == plain


@given(
    size=near_chunks, places=st.lists(st.tuples(near_chunks, near_chunks), min_size=1, max_size=5)
)
def test_any_range_in_any_order(size: int, places: list[tuple[int, int]]) -> None:
    """Reads at any offset, of any length, in any order, are slices of the plain bytes."""
    plain = plain_of(size)
    file = reader(sealed(plain))
    for offset, length in places:
        assert file.seek(offset) == offset
        assert file.read(length) == plain[offset : offset + length]
        assert file.tell() == max(offset, min(offset + length, size))


@pytest.mark.parametrize("size", [0, 1, 40])
def test_every_range_of_a_small_file(size: int) -> None:
    """Every offset and every length of a small file are read as they should be."""
    plain = plain_of(size)
    file = reader(sealed(plain))
    for offset in range(size + 3):
        for length in range(size + 3):
            file.seek(offset)
            assert file.read(length) == plain[offset : offset + length]


def test_more_than_a_span_at_once() -> None:
    """One read across more chunks than are fetched at a time gives all of them."""
    plain = plain_of(70 * CHUNK + 5)
    file = reader(sealed(plain))
    file.seek(7)
    assert file.read(69 * CHUNK) == plain[7 : 7 + 69 * CHUNK]
    assert file.read() == plain[7 + 69 * CHUNK :]


def test_raw_files_below_may_give_and_take_less() -> None:
    """A file that reads and writes less than asked loses nothing, either way."""
    plain = plain_of(3 * CHUNK)
    out = Reluctant()
    encrypt(Reluctant(plain), KEY, CONTEXT, out)
    assert decrypt_all(Reluctant(out.getvalue()), KEY, CONTEXT) == plain
    assert CobblestoneReader(Reluctant(out.getvalue()), KEY, CONTEXT).read() == plain


def test_same_input_other_bytes() -> None:
    """Two encryptions of the same bytes have nothing visible in common."""
    first, second = sealed(b"x" * 100), sealed(b"x" * 100)
    assert first[:24] != second[:24]
    assert first[HEADER:] != second[HEADER:]


def test_memory_is_bounded() -> None:
    """Encrypting and decrypting 24 MiB as streams holds less than 6 MiB."""

    class Endless(io.RawIOBase):
        left = 24 << 20

        def read(self, size: int = -1, /) -> bytes:
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    class Sink(io.RawIOBase):
        def write(self, data: object, /) -> int:
            return len(memoryview(data))  # type: ignore[arg-type]  # any buffer

    data = sealed(bytes(24 << 20))
    source = io.BytesIO(data)
    tracemalloc.start()
    try:
        encrypt(as_binary(Endless()), KEY, CONTEXT, as_binary(Sink()))
        assert sum(len(piece) for piece in decrypt(source, KEY, CONTEXT)) == 24 << 20
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 << 20


def as_binary(file: object) -> BinaryIO:
    """Say to the type checker that a raw file will do where a binary one is declared."""
    return file  # type: ignore[return-value]  # RawIOBase is not declared as BinaryIO


@WAYS
def test_every_bit_flip_is_found(open_all: Callable[[bytes], bytes]) -> None:
    """Each single changed bit of a small file is found."""
    data = sealed(b"Dear city, the lamp at 5 Elm Street is out.")
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(IntegrityError):
            open_all(bytes(changed))


@WAYS
def test_every_truncation_is_found(open_all: Callable[[bytes], bytes]) -> None:
    """A small file cut at any length is found."""
    data = sealed(b"Dear city, the lamp at 5 Elm Street is out.")
    for length in range(len(data)):
        with pytest.raises(IntegrityError):
            open_all(data[:length])


@WAYS
@pytest.mark.parametrize("chunks", [0, 1, 2])
@pytest.mark.parametrize("more", range(-2, 18))
def test_truncation_around_chunk_edges_is_found(
    open_all: Callable[[bytes], bytes], chunks: int, more: int
) -> None:
    """A file cut at, just before or just after a chunk's edge is found."""
    data = sealed(plain_of(3 * CHUNK))
    with pytest.raises(IntegrityError):
        open_all(data[: HEADER + chunks * SEALED + more])


@WAYS
@pytest.mark.parametrize("size", [0, 5, CHUNK - 1, CHUNK])
@pytest.mark.parametrize("extra", [b"\0", bytes(16), bytes(SEALED)])
def test_appended_bytes_are_found(
    open_all: Callable[[bytes], bytes], size: int, extra: bytes
) -> None:
    """Bytes added at the end are found, whatever their number."""
    with pytest.raises(IntegrityError):
        open_all(sealed(plain_of(size)) + extra)


@WAYS
@pytest.mark.parametrize(
    "order", [(1, 0, 2), (0, 0, 2), (0, 2), (1, 2), (0, 1, 1, 2), (2, 1, 0), (0, 1)]
)
def test_moved_chunks_are_found(open_all: Callable[[bytes], bytes], order: tuple[int, ...]) -> None:
    """Chunks swapped, repeated, dropped or put at the end are found."""
    data = sealed(plain_of(2 * CHUNK + 9))
    chunks = [data[HEADER + number * SEALED :][:SEALED] for number in range(3)]
    with pytest.raises(IntegrityError):
        open_all(data[:HEADER] + b"".join(chunks[number] for number in order))


@WAYS
def test_header_of_another_file_is_found(open_all: Callable[[bytes], bytes]) -> None:
    """Chunks under the header of another file of the same key do not open."""
    one, other = sealed(b"one"), sealed(b"two")
    with pytest.raises(IntegrityError):
        open_all(one[:HEADER] + other[HEADER:])


@pytest.mark.parametrize(
    "names",
    [("other", "unit", "file"), ("archive", "other", "file"), ("archive", "unit", "other")],
)
def test_another_place_does_not_open(names: tuple[str, str, str]) -> None:
    """A file moved to another archive, unit or id does not open."""
    data, elsewhere = sealed(b"text"), cobblestone.context(*names)
    with pytest.raises(IntegrityError):
        decrypt_all(data, KEY, elsewhere)
    with pytest.raises(IntegrityError):
        reader(data, context=elsewhere)


def test_another_key_does_not_open() -> None:
    """A wrong key is refused by stream and reader."""
    data = sealed(b"text")
    with pytest.raises(IntegrityError):
        decrypt_all(data, bytes(32), CONTEXT)
    with pytest.raises(IntegrityError):
        reader(data, key=bytes(32))


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_key_of_another_size_is_refused(size: int) -> None:
    """A key that is not 32 bytes is refused before anything is read or written."""
    out = io.BytesIO()
    with pytest.raises(KeyStoreError):
        encrypt(b"text", bytes(size), CONTEXT, out)
    assert out.getvalue() == b""
    with pytest.raises(KeyStoreError):
        decrypt(sealed(b"text"), bytes(size), CONTEXT)
    with pytest.raises(KeyStoreError):
        reader(sealed(b"text"), key=bytes(size))


def test_pieces_before_a_change_are_authentic_and_the_end_raises() -> None:
    """A stream hands out whole authentic chunks and then raises instead of ending."""
    plain = plain_of(3 << 20)
    data = bytearray(sealed(plain))
    data[-1] ^= 1
    got: list[bytes] = []
    with pytest.raises(IntegrityError):
        got.extend(decrypt(bytes(data), KEY, CONTEXT))
    assert got
    assert plain.startswith(b"".join(got))


def test_reader_answers_for_what_was_read_only() -> None:
    """A changed chunk raises when it is read, each time; the others still read right."""
    plain = plain_of(3 * CHUNK + 9)
    data = bytearray(sealed(plain))
    data[HEADER + SEALED + 100] ^= 1
    file = reader(bytes(data))
    assert file.read(CHUNK) == plain[:CHUNK]
    for _ in range(2):
        with pytest.raises(IntegrityError):
            file.read(1)
    assert file.tell() == CHUNK
    file.seek(2 * CHUNK)
    assert file.read() == plain[2 * CHUNK :]


def test_reader_sees_a_file_cut_after_opening() -> None:
    """A file that shrinks under an open reader raises, and is not read as shorter."""
    below = io.BytesIO(sealed(plain_of(3 * CHUNK)))
    file = CobblestoneReader(below, KEY, CONTEXT)
    below.truncate(HEADER + SEALED)
    with pytest.raises(IntegrityError):
        file.read()


@given(near_chunks, st.integers(0, 200))
def test_only_lengths_of_encryptions_are_accepted(size: int, more: int) -> None:
    """A stored length is accepted if it is that of an encryption, and gives the plain length."""
    stored = size + more
    lengths = {HEADER + n + 16 * (n // CHUNK + 1): n for n in range(max(0, stored - 200), stored)}
    if stored in lengths:
        assert cobblestone_chunks.plain_size(stored) == lengths[stored]
    else:
        with pytest.raises(IntegrityError, match="cut off or added to"):
            cobblestone_chunks.plain_size(stored)


def test_impossible_size_is_refused() -> None:
    """A file that claims more than 2^38 chunks is refused before it is read."""
    with pytest.raises(IntegrityError):
        cobblestone_chunks.chunk_count(HEADER + (1 << 38) * SEALED + 16)
    assert cobblestone_chunks.chunk_count(HEADER + ((1 << 38) - 1) * SEALED + 16) == 1 << 38


def test_reader_is_a_raw_file() -> None:
    """The reader seeks, tells, fills buffers and closes what is below, as `io` prescribes."""
    below = io.BytesIO(sealed(plain_of(100)))
    file = CobblestoneReader(below, KEY, CONTEXT)
    assert file.readable()
    assert file.seekable()
    assert not file.writable()
    assert file.seek(-10, io.SEEK_END) == 90
    assert file.seek(-5, io.SEEK_CUR) == 85
    buffer = bytearray(b"." * 20)
    assert file.readinto(buffer) == 15
    assert bytes(buffer) == plain_of(100)[85:] + b"....."
    assert file.read(None) == b""
    file.seek(0)
    assert file.readall() == plain_of(100)
    for offset, whence in [(-1, 0), (-101, 2), (0, 9)]:
        with pytest.raises(ValueError, match="no place to seek to"):
            file.seek(offset, whence)
    file.close()
    file.close()
    assert below.closed
    for act in (file.tell, file.read, lambda: file.seek(0)):
        with pytest.raises(ValueError, match="closed"):
            act()


def test_reader_shows_no_key() -> None:
    """Neither the reader nor its errors show key bytes."""
    key = b"never shown, not even in a repr."
    file = reader(sealed(b"text", key), key)
    with pytest.raises(IntegrityError) as caught:
        reader(sealed(b"text"), key)
    assert "never shown" not in repr(file) + str(caught.value) + repr(caught.value)


@given(st.lists(st.text(min_size=1), min_size=3, max_size=3), st.data())
def test_contexts_are_unambiguous(names: list[str], data: st.DataObject) -> None:
    """Two different triples never give one context, wherever their text is divided."""
    whole = "".join(names)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), min_size=2, max_size=2)))
    other = [whole[: cuts[0]], whole[cuts[0] : cuts[1]], whole[cuts[1] :]]
    same = cobblestone.context(*names) == cobblestone.context(*other)
    assert same == (names == other)


@pytest.mark.parametrize("name", ["", "\ud800", "x" * 65_536])
def test_impossible_names_are_refused(name: str) -> None:
    """An empty, an unencodable and an overlong name are refused."""
    with pytest.raises(UsageError):
        cobblestone.context("archive", name, "file")


def warc_member(number: int) -> bytes:
    """Return one gzipped WARC record with a block of ``number`` bytes."""
    head = (
        "WARC/1.1\r\nWARC-Type: resource\r\nContent-Type: text/plain\r\n"
        f"WARC-Record-ID: <urn:x:{number}>\r\nWARC-Date: 2026-11-20T09:00:00Z\r\n"
        f"WARC-Target-URI: urn:y:{number}\r\nContent-Length: {number}\r\n\r\n"
    )
    return gzip.compress(head.encode() + plain_of(number) + b"\r\n\r\n")


def test_warcio_reads_through_the_reader() -> None:
    """An encrypted gzipped WARC is read record by record by warcio."""
    data = sealed(b"".join(warc_member(number) for number in range(1000, 1300)))
    found = [record.content_stream().read() for record in ArchiveIterator(reader(data))]
    assert found == [plain_of(number) for number in range(1000, 1300)]


def parquet(rows: int) -> tuple[pa.Table, bytes]:
    """Return a table, and its Parquet file in several row groups."""
    table = pa.table({"id": list(range(rows)), "text": [f"comment {n} " * 9 for n in range(rows)]})
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=1000)
    return table, out.getvalue()


def test_pyarrow_reads_through_the_reader() -> None:
    """An encrypted Parquet file is read whole, and by column and row group."""
    table, data = parquet(5000)
    assert pq.read_table(pa.PythonFile(reader(sealed(data)), mode="r")).equals(table)
    group = pq.ParquetFile(open_sealed(io.BytesIO(sealed(data)), KEY, CONTEXT)).read_row_group(
        3, columns=["id"]
    )
    assert group.column("id").to_pylist() == list(range(3000, 4000))


def test_pyarrow_gets_no_changed_byte() -> None:
    """No changed encrypted file gives rows, where a changed plain one mostly does."""
    _, plain = parquet(5000)
    data = sealed(plain)
    for place in range(HEADER, len(data), len(data) // 40):
        changed = bytearray(data)
        changed[place] ^= 4
        with pytest.raises(IntegrityError):
            pq.read_table(open_sealed(io.BytesIO(changed), KEY, CONTEXT))


class OneFile(fsspec.AbstractFileSystem):  # type: ignore[misc]  # the package has no types
    """A file system of one encrypted file, as DuckDB asks for one."""

    protocol = "sealed"
    cachable = False

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data

    def open(self, *_args: object, **_options: object) -> CobblestoneReader:
        """Open the one file."""
        return reader(self._data)

    def info(self, path: str, **_options: object) -> dict[str, object]:
        """Describe the one file."""
        return {"name": path, "type": "file", "size": len(read_whole(self._data))}

    def modified(self, _path: str) -> datetime:
        """Return when it changed, which DuckDB wants to know."""
        return datetime(2026, 11, 20, tzinfo=UTC)


def test_duckdb_reads_through_the_reader() -> None:
    """DuckDB scans an encrypted Parquet file through the reader."""
    _, data = parquet(5000)
    with duckdb.connect() as database:
        database.register_filesystem(OneFile(sealed(data)))
        found = database.execute(
            "select count(*), sum(id) from read_parquet('sealed://rows.parquet.c256')"
        ).fetchone()
    assert found == (5000, sum(range(5000)))


def test_worked_example_of_the_specification() -> None:
    """Every line of the example in docs/formats/cobblestone.md is what the rules give."""
    example = read_examples("cobblestone.md", "## Example")
    key, salt = bytes.fromhex(example["file key"]), bytes.fromhex(example["salt"])
    context = cobblestone.context(example["archive id"], example["unit"], example["object id"])
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    derived = HKDFExpand(SHA512(), 76, info).derive(key)
    plain = example["plain"].encode()
    file = salt + derived[44:] + AESGCM(derived[:32]).encrypt(derived[32:44], plain, None)
    assert bytes.fromhex(example["context"]) == context
    assert bytes.fromhex(example["chunk key"]) == derived[:32]
    assert bytes.fromhex(example["base nonce"]) == derived[32:44]
    assert bytes.fromhex(example["commitment"]) == derived[44:]
    assert bytes.fromhex(example["file"]) == file
    assert decrypt_all(file, key, context) == reader(file, key, context).read() == plain
