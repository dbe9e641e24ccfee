"""Reading record WARCs back: members, records, excerpts and context columns. Strict.

`archiver.formats.warc` writes them. Byte-level rules: ``docs/formats/record-warc.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from isal import isal_zlib

from archiver.errors import FormatError
from archiver.header_text import unescaped
from archiver.limits import LARGEST_HEADER, LARGEST_OBJECT, LARGEST_RECORD
from archiver.record import Excerpt, split_record_id

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "UNRESOLVED",
    "RecordBytes",
    "contained_of",
    "context_of",
    "excerpts_of",
    "header_of",
    "header_value",
    "header_values",
    "inflate_member",
    "inflate_members",
    "members_of",
    "parse_record",
    "split_records",
]

UNRESOLVED = "unresolved"
"""Stands for contained things of which nobody can tell which record they are."""

_CRLF = b"\r\n"
_GZIP = 31
_ENDS = 8
"""Bytes of the two empty lines after the header, and of those after the block."""
_DIGITS = 15
_PIECE = 1 << 16
_INFLATE_ERROR = cast("type[Exception]", isal_zlib.error)  # its stub says otherwise


class RecordBytes(NamedTuple):
    """One WARC record taken apart: header lines verbatim, block, and its excerpts."""

    lines: list[bytes]
    block: bytes


def inflate_member(stored: bytes, limit: int = LARGEST_RECORD) -> bytes:
    """Return the one WARC record of a gzip member, of at most ``limit`` bytes.

    No more is inflated than the record's own header says, so a bomb costs what it states
    at most. Raises `FormatError` for anything but exactly one whole member.
    """
    inflater = isal_zlib.decompressobj(_GZIP)
    try:
        record: bytes = inflater.decompress(stored, min(limit, LARGEST_HEADER + _ENDS) + 1)
        if not inflater.eof and len(record) <= limit:
            left = _stated(record, limit) - len(record)
            record += inflater.decompress(inflater.unconsumed_tail, max(left, 0) + 1)
    except (_INFLATE_ERROR, ValueError) as error:
        raise FormatError(f"not a gzip member: {error}") from error
    if len(record) > limit:
        raise FormatError(f"record inflates to more than {limit} bytes")
    if not inflater.eof or inflater.unused_data:
        raise FormatError("gzip member is cut, is longer than its record, or followed by others")
    return record


def header_of(stored: bytes) -> list[bytes]:
    """Return the header lines of the record in a gzip member, and inflate little more.

    Raises `FormatError`.
    """
    try:
        record = isal_zlib.decompressobj(_GZIP).decompress(stored, LARGEST_HEADER + _ENDS)
    except (_INFLATE_ERROR, ValueError) as error:
        raise FormatError(f"not a gzip member: {error}") from error
    head, separator, _ = record.partition(_CRLF * 2)
    if not separator:
        raise FormatError("WARC header block is missing its end or too long")
    lines: list[bytes] = head.split(_CRLF)
    return lines


def inflate_members(stored: bytes) -> list[bytes]:
    """Return the records of a WARC of gzip members, each as `inflate_member` does.

    Together they have at most `LARGEST_OBJECT` bytes. Raises `FormatError`.
    """
    return [record for _, record in members_of(stored)]


def members_of(stored: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each gzip member of a WARC as it is stored, and its record, as `inflate_members`."""
    at, room = 0, LARGEST_OBJECT
    while at < len(stored) or not at:
        record, used = _first_member(stored, at, min(room, LARGEST_RECORD))
        yield stored[at : at + used], record
        at, room = at + used, room - len(record)


def _first_member(stored: bytes, at: int, limit: int) -> tuple[bytes, int]:
    """Return the record in the member at an offset, and how many bytes that has.

    It is fed piece by piece: what is left over of a whole file would be copied each time.
    """
    inflater = isal_zlib.decompressobj(_GZIP)
    parts: list[bytes] = []
    fed, size, largest = at, 0, LARGEST_HEADER + _ENDS
    while not inflater.eof:
        piece = inflater.unconsumed_tail or stored[fed : fed + _PIECE]
        fed += 0 if inflater.unconsumed_tail else len(piece)
        try:
            part: bytes = inflater.decompress(piece, largest + 1 - size)
        except (_INFLATE_ERROR, ValueError) as error:
            raise FormatError(f"not a gzip member: {error}", where=f"offset {at}") from error
        if not piece and not part:
            raise FormatError("gzip member is cut", where=f"offset {at}")
        parts.append(part)
        size += len(part)
        if size > largest:
            stated = _stated(b"".join(parts), limit)
            if stated < size:
                raise FormatError("record is longer than its header says", where=f"offset {at}")
            largest = stated
    record = b"".join(parts)
    if size != _stated(record, limit):
        raise FormatError("record is not as long as its header says", where=f"offset {at}")
    return record, fed - len(inflater.unused_data) - at


def _stated(opening: bytes, limit: int) -> int:
    """Return how long a record is by its own header. Raises `FormatError`."""
    head, separator, _ = opening.partition(_CRLF * 2)
    if not separator or len(head) > LARGEST_HEADER:
        raise FormatError("WARC header block is missing its end or too long")
    whole = len(head) + _length(head.split(_CRLF)) + _ENDS
    if whole > limit:
        raise FormatError(f"record of more than {limit} bytes")
    return whole


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def _length(lines: list[bytes]) -> int:
    """Return the length of a block. Raises `FormatError`."""
    text = header_value(lines, "Content-Length")
    if not _is_number(text):
        raise FormatError("WARC Content-Length is not a number", where=text[:40])
    return int(text)


def parse_record(record: bytes) -> RecordBytes:
    """Take one WARC record apart. Strict. Raises `FormatError`."""
    head, separator, _ = record[: LARGEST_HEADER + 4].partition(b"\r\n\r\n")
    if not separator:
        raise FormatError("WARC header block is missing its end or too long")
    lines = head.split(_CRLF)
    if lines[0] != b"WARC/1.1":
        raise FormatError("not a WARC 1.1 record", where=repr(lines[0][:40]))
    start = len(head) + 4
    end = start + _length(lines)
    if record[end:] != b"\r\n\r\n":
        raise FormatError("WARC record is not as long as its header says")
    return RecordBytes(lines, record[start:end])


def excerpts_of(record: RecordBytes) -> tuple[Excerpt, ...]:
    """Return a record's excerpts, cut from its block by its own header lines.

    Raises `FormatError` where they do not cover the block in order.
    """
    found: list[Excerpt] = []
    end = 0
    for line in record.lines:
        if line.startswith(b"Archive-Excerpt: "):
            parts = line.decode("utf-8", "replace").split(" ")
            if len(parts) != 4 or not all(map(_is_number, parts[2:])):  # noqa: PLR2004
                raise FormatError("an excerpt line is not role, offset, length")
            offset, length = int(parts[2]), int(parts[3])
            if offset != end:
                raise FormatError("excerpts do not follow one another")
            end = offset + length
            found.append(Excerpt(parts[1], record.block[offset:end]))
    if end != len(record.block):
        raise FormatError("excerpts do not cover the block")
    return tuple(found)


_COLUMN_HEADERS = {
    "record_id": b"Archive-Record",
    "platform": b"Archive-Platform",
    "account": b"Archive-Account",
    "stream": b"Archive-Stream",
    "kind": b"Archive-Kind",
    "captured_at": b"WARC-Date",
    "parser": b"Archive-Parser",
    "exchange": b"Archive-Exchange",
    "page_url": b"Archive-Page",
    "group": b"Archive-Group",
}


def context_of(lines: list[bytes]) -> dict[str, str]:
    """Return the context columns that header lines give. Raises `FormatError`."""
    values = _by_name(lines)
    columns = {name: _only(values, header) for name, header in _COLUMN_HEADERS.items()}
    columns["native_id"] = split_record_id(columns["record_id"])[3]
    columns["observation_id"] = _uuid(_only(values, b"WARC-Record-ID"))
    if _only(values, b"WARC-Type") == "conversion":
        columns["generation_of"] = _uuid(_only(values, b"WARC-Refers-To"))
    return {name: value for name, value in columns.items() if value}


def _by_name(lines: list[bytes]) -> dict[bytes, list[bytes]]:
    """Return the values of header lines by lower-case name: one pass for all who ask."""
    values: dict[bytes, list[bytes]] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon:
            values.setdefault(name.lower(), []).append(value)
    return values


def _only(values: dict[bytes, list[bytes]], name: bytes) -> str:
    found = values.get(name.lower(), [])
    if len(found) > 1:
        raise FormatError(f"WARC header {name.decode()} is there {len(found)} times")
    return _text(found[0]) if found else ""


def _uuid(urn: str) -> str:
    return urn.removeprefix("<urn:uuid:").removesuffix(">")


def contained_of(lines: list[bytes]) -> list[str]:
    """Return the ids of other records whose content a record holds, or `UNRESOLVED`, last.

    Raises `FormatError` for what is neither, is there twice, or is of another account.
    """
    found = header_values(lines, "Archive-Contains")
    if not found:
        return found
    own = header_value(lines, "Archive-Record")
    ids = found[:-1] if found[-1:] == [UNRESOLVED] else found
    for one in ids:
        alien = split_record_id(one)[:2] != split_record_id(own)[:2]
        if alien or one == own or ids.count(one) > 1:
            raise FormatError("a record can't contain this", where=one)
    return found


def header_value(lines: list[bytes], name: str) -> str:
    """Return the text of the one header line with that name, or "" without one.

    Raises `FormatError` where a line that must be single is there twice.
    """
    wanted = name.encode()
    return _only({wanted.lower(): _values(lines, wanted)}, wanted)


def header_values(lines: list[bytes], name: str) -> list[str]:
    """Return the texts of all header lines with that name, in order. Raises `FormatError`."""
    return [_text(value) for value in _values(lines, name.encode())]


def _values(lines: list[bytes], name: bytes) -> list[bytes]:
    wanted, size = name.lower() + b":", len(name) + 1
    return [line[size:] for line in lines if line[:size].lower() == wanted]


def _text(value: bytes) -> str:
    return unescaped(value.strip(b" \t").decode("utf-8", "replace"))


def split_records(data: bytes) -> list[bytes]:
    """Cut an uncompressed WARC file into its records. Raises `FormatError`."""
    records: list[bytes] = []
    at = 0
    while at < len(data):
        head_end = data.find(b"\r\n\r\n", at, at + LARGEST_HEADER)
        if head_end < 0:
            raise FormatError("WARC header block is missing its end", where=f"offset {at}")
        end = head_end + _ENDS + _length(data[at:head_end].split(_CRLF))
        if data[end - 4 : end] != b"\r\n\r\n":
            raise FormatError("WARC record is not as long as its header says", where=f"offset {at}")
        records.append(data[at:end])
        at = end
    return records
