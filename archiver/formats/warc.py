"""Record WARCs: one observation, one WARC 1.1 record, one gzip member.

The writer is our own because a leaf commits to header lines byte by byte and in order;
warcio re-serialises them. What it writes is plain WARC 1.1 (`warcio check` passes).
Byte-level rules: ``docs/formats/record-warc.md``.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, cast

from isal import isal_zlib

from archiver.errors import FormatError
from archiver.record import Excerpt, split_record_id

if TYPE_CHECKING:
    from archiver.record import Observation

__all__ = [
    "MAX_HEADER",
    "MAX_LINE",
    "RecordBytes",
    "context_of",
    "excerpts_of",
    "header_lines",
    "header_value",
    "index",
    "inflate_member",
    "member",
    "parse_index",
    "parse_record",
    "record_bytes",
    "split_records",
    "warcinfo",
]

MAX_LINE = 65_535
MAX_HEADER = 262_144
"""Longest header line and header block, in bytes, that we write or read."""

_CRLF = b"\r\n"
_GZIP = 31
_LEVEL = 1
_INFLATE_ERROR = cast("type[Exception]", isal_zlib.error)  # its stub says otherwise


class RecordBytes(NamedTuple):
    """One WARC record taken apart: header lines verbatim, block, and its excerpts."""

    lines: list[bytes]
    block: bytes


def header_lines(observation: Observation, uuid: str) -> list[bytes]:
    """Return the header lines of an observation's record that its context root covers.

    Args:
        observation: what to write.
        uuid: the record's own random UUID, textual form.
    """
    lines = [
        "WARC/1.1",
        f"WARC-Type: {observation.warc_type}",
        f"WARC-Record-ID: <urn:uuid:{uuid}>",
        f"WARC-Date: {observation.captured_at}",
        f"WARC-Target-URI: urn:civic-archive:{observation.record_id}",
        f"Content-Type: {observation.content_type}",
        f"Content-Length: {sum(len(excerpt.data) for excerpt in observation.excerpts)}",
        f"Archive-Platform: {observation.platform}",
        f"Archive-Account: {observation.account}",
        f"Archive-Stream: {observation.stream}",
        f"Archive-Kind: {observation.kind}",
        f"Archive-Parser: {observation.parser}",
    ]
    if observation.group:
        lines.append(f"Archive-Group: {observation.group}")
    if observation.exchange:
        lines.append(f"Archive-Exchange: {observation.exchange}")
    if observation.page_url:
        lines.append(f"Archive-Page: {observation.page_url}")
    lines += [f"{name}: {value}" for name, value in observation.context]
    offset = 0
    for excerpt in observation.excerpts:
        lines.append(f"Archive-Excerpt: {excerpt.role} {offset} {len(excerpt.data)}")
        offset += len(excerpt.data)
    return [_line(text) for text in lines]


def _line(text: str) -> bytes:
    """Return one header line; control characters can't start another one."""
    line = text.encode()
    if not text.isprintable():
        line = "".join(c if c.isprintable() else f"%{ord(c):02X}" for c in text).encode()
    if len(line) > MAX_LINE:
        raise FormatError("header line too long", where=text[:80], mend="report this as a defect")
    return line


def _digest(data: bytes) -> bytes:
    return b"sha256:" + b32encode(sha256(data).digest())


def record_bytes(
    lines: list[bytes],
    excerpts: tuple[Excerpt, ...],
    salt: bytes,
    roots: tuple[bytes, bytes, bytes],
) -> bytes:
    """Return the whole uncompressed WARC record of an observation.

    ``roots`` are its committed source, context and fields roots.
    """
    source, context, fields = roots
    block = b"".join(excerpt.data for excerpt in excerpts)
    return _CRLF.join(
        [
            *lines,
            b"Archive-Salt: " + salt.hex().encode(),
            b"Archive-Source-Root: " + source.hex().encode(),
            b"Archive-Context-Root: " + context.hex().encode(),
            b"Archive-Fields-Root: " + fields.hex().encode(),
            b"WARC-Block-Digest: " + _digest(block),
            b"",
            block,
            b"",
            b"",
        ]
    )


def member(record: bytes) -> bytes:
    """Return one gzip member (RFC 1952) that holds one WARC record."""
    compressed: bytes = isal_zlib.compress(record, _LEVEL, _GZIP)
    return compressed


def warcinfo(uuid: str, date: str, nonce: bytes, padding: bytes, software: str) -> bytes:
    """Return the first record of every WARC file of ours: format, nonce and padding.

    The nonce makes the file's digest hide its content; the padding hides its length.
    """
    block = (
        f"software: {software}\r\n"
        "format: WARC File Format 1.1\r\n"
        "conformsTo: http://iipc.github.io/warc-specifications/"
        "specifications/warc-format/warc-1.1/\r\n"
        f"archive-nonce: {nonce.hex()}\r\narchive-padding: {padding.hex()}\r\n"
    ).encode()
    lines = [
        b"WARC/1.1",
        b"WARC-Type: warcinfo",
        f"WARC-Record-ID: <urn:uuid:{uuid}>".encode(),
        f"WARC-Date: {date}".encode(),
        b"Content-Type: application/warc-fields",
        f"Content-Length: {len(block)}".encode(),
        b"WARC-Block-Digest: " + _digest(block),
    ]
    return _CRLF.join([*lines, b"", block, b"", b""])


def inflate_member(stored: bytes, limit: int) -> bytes:
    """Return the one WARC record of a gzip member, of at most ``limit`` bytes.

    Raises `FormatError` for anything but exactly one whole member.
    """
    inflater = isal_zlib.decompressobj(_GZIP)
    try:
        record: bytes = inflater.decompress(stored, limit + 1)
    except (_INFLATE_ERROR, ValueError) as error:
        raise FormatError(f"not a gzip member: {error}") from error
    if len(record) > limit:
        raise FormatError(f"record inflates to more than {limit} bytes")
    if not inflater.eof or inflater.unused_data:
        raise FormatError("gzip member is cut, or followed by other bytes")
    return record


def parse_record(record: bytes) -> RecordBytes:
    """Take one WARC record apart. Strict. Raises `FormatError`."""
    head, separator, _ = record[: MAX_HEADER + 4].partition(b"\r\n\r\n")
    if not separator:
        raise FormatError("WARC header block is missing its end or too long")
    lines = head.split(_CRLF)
    if lines[0] != b"WARC/1.1":
        raise FormatError("not a WARC 1.1 record", where=repr(lines[0][:40]))
    length = header_value(lines, "Content-Length")
    if not length.isascii() or not length.isdigit():
        raise FormatError("WARC Content-Length is not a number", where=length[:40])
    start = len(head) + 4
    end = start + int(length)
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
            if len(parts) != 4 or not (parts[2].isdecimal() and parts[3].isdecimal()):  # noqa: PLR2004
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
    "platform": "Archive-Platform",
    "account": "Archive-Account",
    "stream": "Archive-Stream",
    "kind": "Archive-Kind",
    "captured_at": "WARC-Date",
    "parser": "Archive-Parser",
    "exchange": "Archive-Exchange",
    "page_url": "Archive-Page",
    "group": "Archive-Group",
}


def context_of(lines: list[bytes]) -> dict[str, str]:
    """Return the context columns that header lines give. Raises `FormatError`."""
    columns = {name: header_value(lines, header) for name, header in _COLUMN_HEADERS.items()}
    record = header_value(lines, "WARC-Target-URI").removeprefix("urn:civic-archive:")
    columns["record_id"] = record
    columns["native_id"] = split_record_id(record)[3]
    uuid = header_value(lines, "WARC-Record-ID")
    columns["observation_id"] = uuid.removeprefix("<urn:uuid:").removesuffix(">")
    return {name: value for name, value in columns.items() if value}


def header_value(lines: list[bytes], name: str) -> str:
    """Return the value of the one header line with that name, or "" without one.

    Raises `FormatError` where a line that must be single is there twice.
    """
    wanted = name.lower().encode() + b":"
    found = [line for line in lines if line[: len(wanted)].lower() == wanted]
    if len(found) > 1:
        raise FormatError(f"WARC header {name} is there {len(found)} times")
    return found[0][len(wanted) :].strip().decode("utf-8", "replace") if found else ""


def index(lengths: list[int], nonce: bytes, padding: bytes) -> bytes:
    """Return the ``.idx`` of a WARC: nonce and padding, then number, offset, length a line."""
    lines = [f"{nonce.hex()} {padding.hex()}"]
    offset = 0
    for number, length in enumerate(lengths):
        lines.append(f"{number} {offset} {length}")
        offset += length
    return ("\n".join(lines) + "\n").encode()


def parse_index(data: bytes) -> list[tuple[int, int]]:
    """Return (offset, length) of each member. Raises `FormatError`."""
    lines = data.split(b"\n")
    if len(lines) < 2 or lines[-1]:  # noqa: PLR2004 - nonce line and the end of the last one
        raise FormatError("index file is cut")
    found: list[tuple[int, int]] = []
    end = 0
    for number, line in enumerate(lines[1:-1]):
        parts = line.split(b" ")
        if len(parts) != 3 or not all(part.isdigit() for part in parts):  # noqa: PLR2004
            raise FormatError("index line is not three numbers", where=f"line {number + 2}")
        own, offset, length = map(int, parts)
        if own != number or offset != end or length == 0:
            raise FormatError("index lines do not follow one another", where=f"line {number + 2}")
        found.append((offset, length))
        end = offset + length
    return found


def split_records(data: bytes) -> list[bytes]:
    """Cut an uncompressed WARC file into its records. Raises `FormatError`."""
    records: list[bytes] = []
    at = 0
    while at < len(data):
        head_end = data.find(b"\r\n\r\n", at, at + MAX_HEADER)
        if head_end < 0:
            raise FormatError("WARC header block is missing its end", where=f"offset {at}")
        length = header_value(data[at:head_end].split(_CRLF), "Content-Length")
        if not (length.isascii() and length.isdigit()):
            raise FormatError("WARC Content-Length is not a number", where=f"offset {at}")
        end = head_end + 4 + int(length) + 4
        if data[end - 4 : end] != b"\r\n\r\n":
            raise FormatError("WARC record is not as long as its header says", where=f"offset {at}")
        records.append(data[at:end])
        at = end
    return records
