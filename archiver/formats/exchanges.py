"""An exchange as WARC 1.1 records: a ``request`` and a ``response``, byte for byte.

Facts of the exchange stand in extension headers of the response record; certificates
are ``resource`` records of their own, once per file, named by their SHA-256. Record ids
are UUIDs of version 5 over lane, number and type, so that the same exchange always
makes the same bytes. Byte-level rules: ``docs/formats/intake.md``. Source: ISO 28500:2017.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid5

from archiver.errors import FormatError
from archiver.formats.http1_framing import frame_request, frame_response
from archiver.header_text import is_plain, labelled_digest
from archiver.record import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from archiver.formats.http1_framing import Framed

__all__ = ["CERTIFICATE", "ExchangeReader", "certificate_parts", "exchange_parts"]

CERTIFICATE = "urn:civic-archive:certificate:"
"""The address of a certificate, before its digest."""
_CRLF = b"\r\n"
_NAMESPACE = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_LONGEST_HEADER = 1 << 20
_DIGITS = 18  # of a length in bytes
_STEP = 1 << 22
_PLAIN_HEAD = re.compile(rb"(?:[\t\x20-\x7e]*[\x21-\x7e][\t\x20-\x7e]*\r\n)+\r\n")
_LINE = re.compile(r"([A-Za-z0-9-]+): (.*)")

_Lines = list[tuple[str, str]]


def exchange_parts(exchange: Exchange) -> list[bytes]:
    """Return the two WARC records of an exchange, in parts to be written one after another.

    Raises:
        FormatError: the exchange has no lane, or a fact that does not fit on one line.
    """
    if not exchange.lane or exchange.number < 1:
        raise FormatError("an exchange needs a lane and a number", mend="append it to a spool")
    framed = frame_response(exchange.response, _method(exchange))
    return [
        *_record("request", exchange, exchange.request, frame_request(exchange.request), []),
        *_record("response", exchange, exchange.response, framed, _facts(exchange)),
    ]


def certificate_parts(der: bytes, captured_at: str) -> list[bytes]:
    """Return the WARC record of one X.509 certificate (DER)."""
    digest = sha256(der).hexdigest()
    lines = [
        ("WARC-Type", "resource"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid5(_NAMESPACE, digest + captured_at)}>"),
        ("WARC-Date", captured_at),
        ("WARC-Target-URI", CERTIFICATE + digest),
        ("Content-Type", "application/pkix-cert"),
        ("Content-Length", str(len(der))),
        ("WARC-Block-Digest", labelled_digest(der).decode()),
    ]
    return [_header(lines), der, _CRLF * 2]


def _facts(exchange: Exchange) -> _Lines:
    """Return the header lines that only the response record has."""
    purpose = json.dumps(dict(exchange.purpose), separators=(",", ":"))
    lines = [
        ("WARC-Truncated", exchange.truncated),
        ("Archive-Clock", exchange.clock_source),
        ("Archive-TLS", exchange.tls),
    ]
    return [
        *((name, value) for name, value in lines if value),
        *(("Archive-Certificate", digest) for digest in exchange.certificates),
        ("Archive-Purpose", purpose),
        *(("Archive-Replacement", text) for text in exchange.replacements),
    ]


def _record(
    kind: str, exchange: Exchange, block: bytes, framed: Framed, facts: _Lines
) -> list[bytes]:
    other = "response" if kind == "request" else "request"
    lines = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", _record_id(exchange, kind)),
        ("WARC-Concurrent-To", _record_id(exchange, other)),
        ("WARC-Date", exchange.captured_at),
        ("WARC-Target-URI", exchange.url),
        ("Content-Type", f"application/http;msgtype={kind}"),
        ("Content-Length", str(len(block))),
        ("WARC-Block-Digest", labelled_digest(block).decode()),
    ]
    if exchange.ip_address:
        lines.insert(5, ("WARC-IP-Address", exchange.ip_address))
    # Readers disagree about where the payload of an unusual head starts: no digest then.
    if framed.body_start >= 0 and _PLAIN_HEAD.fullmatch(block, 0, framed.body_start):
        payload = memoryview(block)[framed.body_start :]
        lines.append(("WARC-Payload-Digest", labelled_digest(payload).decode()))
    lines += [("Archive-Lane", exchange.lane), ("Archive-Exchange", str(exchange.number))]
    return [_header(lines + facts), block, _CRLF * 2]


def _record_id(exchange: Exchange, kind: str) -> str:
    return f"<urn:uuid:{uuid5(_NAMESPACE, f'{exchange.id}/{kind}')}>"


def _header(lines: _Lines) -> bytes:
    for name, value in lines:
        if not is_plain(value) or value != value.strip() or not value:
            raise FormatError(
                f"the value of {name} does not fit on a WARC header line",
                where=repr(value[:80]),
                mend="use text without control characters and without space around it",
            )
    text = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return b"WARC/1.1\r\n" + text.encode() + _CRLF


def _method(exchange: Exchange) -> str:
    return exchange.request.partition(b" ")[0].decode("latin-1")


class _Record(NamedTuple):
    """One record read back; ``values`` has the lines that may come once."""

    lines: _Lines
    values: Mapping[str, str]
    block: bytes


class _Damaged(Exception):  # noqa: N818 - never leaves this module
    """The bytes do not go on with a whole record."""


class ExchangeReader:
    """Reads exchanges back, each one checked against its digests, up to the first damage.

    Args:
        stream: a spool file, positioned at a record.

    After iterating, ``end`` is the offset after the last whole exchange, ``damage`` says
    why reading stopped before the end of the stream ("" where it did not), and
    ``certificates`` holds what was read of them, digest -> DER.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.end = stream.tell()
        self.damage = ""
        self.certificates: dict[str, bytes] = {}

    def __iter__(self) -> Iterator[Exchange]:
        """Yield every whole exchange in order."""
        try:
            while (request := self._next()) is not None:
                exchange = _exchange(request, self._next())
                self.end = self._stream.tell()
                yield exchange
        except _Damaged as damage:
            self.damage = f"{damage} (after byte {self.end})"

    def _next(self) -> _Record | None:
        """Return the next record of an exchange; certificates are kept on the way."""
        while (record := _read_record(self._stream)) is not None:
            uri = record.values.get("WARC-Target-URI", "")
            if record.values.get("WARC-Type") != "resource" or not uri.startswith(CERTIFICATE):
                return record
            self.certificates[uri.removeprefix(CERTIFICATE)] = record.block
        return None


def _read_record(stream: BinaryIO) -> _Record | None:
    """Read one record, or None at the end of the stream. Raises `_Damaged`."""
    first = stream.readline(_LONGEST_HEADER)
    if not first:
        return None
    if first != b"WARC/1.1\r\n":
        raise _Damaged("no WARC 1.1 record where one should begin")
    lines = _read_lines(stream)
    values = dict(reversed(lines))
    length = values.get("Content-Length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= _DIGITS):
        raise _Damaged("a record without a length")
    block = _read_block(stream, int(length))
    if stream.read(4) != _CRLF * 2:
        raise _Damaged("a record does not end where it says")
    if values.get("WARC-Block-Digest") != labelled_digest(block).decode():
        raise _Damaged("a block does not have its digest")
    return _Record(lines, values, block)


def _read_lines(stream: BinaryIO) -> _Lines:
    lines: _Lines = []
    room = _LONGEST_HEADER
    while (line := stream.readline(room)) != _CRLF:
        room -= len(line)
        match = _LINE.fullmatch(line.decode("utf-8", "replace").removesuffix("\r\n"))
        if not match or not is_plain(match[2]) or not line.endswith(_CRLF):
            raise _Damaged("a record header is cut or malformed")
        lines.append((match[1], match[2]))
    return lines


def _read_block(stream: BinaryIO, length: int) -> bytes:
    """Read so many bytes, step by step: a torn header may name terabytes."""
    parts = []
    left = length
    while left and (part := stream.read(min(_STEP, left))):
        parts.append(part)
        left -= len(part)
    if left:
        raise _Damaged("a block is cut")
    return b"".join(parts)


def _exchange(request: _Record, response: _Record | None) -> Exchange:
    """Join the two records. Raises `_Damaged`."""
    if response is None:
        raise _Damaged("a request without its response")
    ours, theirs = request.values, response.values
    same = ("Archive-Lane", "Archive-Exchange", "WARC-Target-URI", "WARC-Date")
    if (ours.get("WARC-Type"), theirs.get("WARC-Type")) != ("request", "response") or any(
        not ours.get(name) or ours[name] != theirs.get(name) for name in same
    ):
        raise _Damaged("two records that are not request and response of one exchange")
    try:
        purpose = {str(k): str(v) for k, v in json.loads(theirs["Archive-Purpose"]).items()}
        number = int(theirs["Archive-Exchange"])
    except (AttributeError, KeyError, RecursionError, ValueError) as error:
        raise _Damaged("an exchange without number or purpose") from error
    return Exchange(
        lane=theirs["Archive-Lane"],
        number=number,
        url=theirs["WARC-Target-URI"],
        captured_at=theirs["WARC-Date"],
        request=request.block,
        response=response.block,
        truncated=theirs.get("WARC-Truncated", ""),
        ip_address=theirs.get("WARC-IP-Address", ""),
        tls=theirs.get("Archive-TLS", ""),
        replacements=_all(response, "Archive-Replacement"),
        purpose=purpose,
        certificates=_all(response, "Archive-Certificate"),
        clock_source=theirs.get("Archive-Clock", ""),
    )


def _all(record: _Record, name: str) -> tuple[str, ...]:
    return tuple(value for key, value in record.lines if key == name)
