"""Writing record WARCs: one observation, one WARC 1.1 record, one gzip member.

The writer is our own because a leaf commits to header lines byte by byte and in order;
warcio re-serialises them. What it writes is plain WARC 1.1 (`warcio check` passes).
`archiver.formats.warc_reading` reads it. Byte-level rules: ``docs/formats/record-warc.md``.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from isal import isal_zlib

from archiver.errors import FormatError
from archiver.header_text import escaped, labelled_digest
from archiver.limits import LARGEST_HEADER, LARGEST_LINE

if TYPE_CHECKING:
    from archiver.record import Excerpt, Observation

__all__ = [
    "handed_over",
    "header_lines",
    "member",
    "opening_member",
    "record_bytes",
    "warcinfo",
]

_CRLF = b"\r\n"
_GZIP = 31
_LEVEL = 1
_LONG, _SAMPLE = 1 << 16, 1 << 14
"""Bytes: in a record of the former, so many from its middle say whether it gets smaller."""
_TAIL = 600
"""Bytes that salt, roots, digest and line ends take at most."""


def header_lines(observation: Observation, uuid: str) -> list[bytes]:
    """Return the header lines of an observation's record that its context root covers.

    Args:
        observation: what to write.
        uuid: the record's own random UUID, textual form.
    """
    record, length, excerpts = observation.record_id, 0, []
    for excerpt in observation.excerpts:
        excerpts.append(f"Archive-Excerpt: {excerpt.role} {length} {len(excerpt.data)}")
        length += len(excerpt.data)
    own = _encoded([
        "WARC/1.1",
        f"WARC-Type: {observation.warc_type}",
        f"WARC-Record-ID: <urn:uuid:{uuid}>",
        f"WARC-Date: {observation.captured_at}",
        f"WARC-Target-URI: {escaped(_target(observation, record))}",
        f"Content-Type: {escaped(observation.content_type)}",
        f"Content-Length: {length}",
        f"Archive-Record: {record}",
        f"Archive-Page: {escaped(observation.page_url)}",
        *excerpts,
    ])  # fmt: skip
    origin = (
        ("Archive-Platform", observation.platform),
        ("Archive-Account", observation.account),
        ("Archive-Stream", observation.stream),
        ("Archive-Kind", observation.kind),
        ("Archive-Parser", observation.parser),
        *((("Archive-Group", observation.group),) if observation.group else ()),
        *((("Archive-Exchange", observation.exchange),) if observation.exchange else ()),
    )
    page = own[8:9] if observation.page_url else ()
    contains = (f"Archive-Contains: {one}".encode() for one in observation.contains)
    return [
        *own[:8],
        *_shared(origin),
        *page,
        *_shared(observation.context),
        *contains,
        *own[9:],
    ]


@lru_cache(maxsize=256)
def _shared(headers: tuple[tuple[str, str], ...]) -> tuple[bytes, ...]:
    """Return headers as lines, made once for all items of an exchange."""
    return tuple(_line(f"{name}: {escaped(value)}") for name, value in headers)


def _target(observation: Observation, record: str) -> str:
    """Return the target: what was asked for where a whole response is kept (WARC 1.1 §5.5).

    Tools read the HTTP message in a ``response`` only under an http address.
    """
    if observation.warc_type == "response":
        return observation.page_url
    return f"urn:civic-archive:{record}"


def _encoded(lines: list[str]) -> list[bytes]:
    """Return header lines as bytes; as nearly all are short, all in one step."""
    whole = "\n".join(lines)
    if len(whole) * 4 <= LARGEST_LINE:  # UTF-8 takes at most 4 bytes
        return whole.encode().split(b"\n")
    return [_line(text) for text in lines]


def _line(text: str) -> bytes:
    """Return one header line, whose value is escaped."""
    line = text.encode()
    if len(line) > LARGEST_LINE:
        raise FormatError("header line too long", where=text[:80], mend="report this as a defect")
    return line


def record_bytes(
    lines: list[bytes],
    excerpts: tuple[Excerpt, ...],
    salt: bytes,
    roots: tuple[bytes, bytes, bytes],
) -> bytes:
    """Return the whole uncompressed WARC record of an observation.

    ``roots`` are its committed source, context and fields roots. Raises `FormatError` for a
    header that no reader would take.
    """
    source, context, fields = roots
    if sum(map(len, lines)) + 2 * len(lines) + _TAIL > LARGEST_HEADER:
        raise FormatError("record header too long", mend="report this as a defect")
    block = b"".join(excerpt.data for excerpt in excerpts)
    return _CRLF.join(
        [
            *lines,
            b"Archive-Salt: " + salt.hex().encode(),
            b"Archive-Source-Root: " + source.hex().encode(),
            b"Archive-Context-Root: " + context.hex().encode(),
            b"Archive-Fields-Root: " + fields.hex().encode(),
            b"WARC-Block-Digest: " + labelled_digest(block),
            b"",
            block,
            b"",
            b"",
        ]
    )


def member(record: bytes) -> bytes:
    """Return one gzip member (RFC 1952) that holds one WARC record.

    Pictures and the like are stored, not deflated (RFC 1951 §3.2.4): it would save nothing, and
    inflating them would take whoever verifies longer than the hashing.
    """
    if len(record) >= _LONG:
        sample = record[len(record) // 2 :][:_SAMPLE]
        if len(isal_zlib.compress(sample, _LEVEL)) > _SAMPLE * 0.98:
            return zlib.compress(record, 0, _GZIP)
    compressed: bytes = isal_zlib.compress(record, _LEVEL, _GZIP)
    return compressed


def opening_member(warcinfo: bytes) -> bytes:
    """Return the first member of a file: stored, not deflated.

    So a file is longer by as many bytes as its padding has, each length as likely.
    """
    return zlib.compress(warcinfo, 0, _GZIP)


def warcinfo(uuid: str, date: str, nonce: bytes, padding: bytes, software: str) -> bytes:
    """Return the first record of every WARC file of ours: format, nonce and padding.

    The nonce makes the file's digest hide its content; the padding, ASCII digits, its length.
    """
    own = f"archive-nonce: {nonce.hex()}\r\narchive-padding: {padding.decode()}\r\n"
    return handed_over(uuid, date, software, own)


def handed_over(uuid: str, date: str, software: str, own: str = "") -> bytes:
    """Return the first record of a WARC that is handed over: it has nothing to hide.

    ``own``: further lines of it.
    """
    block = (
        f"software: {software}\r\n"
        "format: WARC File Format 1.1\r\n"
        "conformsTo: http://iipc.github.io/warc-specifications/"
        "specifications/warc-format/warc-1.1/\r\n"
        f"{own}"
    ).encode()
    lines = [
        b"WARC/1.1",
        b"WARC-Type: warcinfo",
        f"WARC-Record-ID: <urn:uuid:{uuid}>".encode(),
        f"WARC-Date: {date}".encode(),
        b"Content-Type: application/warc-fields",
        f"Content-Length: {len(block)}".encode(),
        b"WARC-Block-Digest: " + labelled_digest(block),
    ]
    return _CRLF.join([*lines, b"", block, b"", b""])
