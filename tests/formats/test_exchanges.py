"""An exchange written as WARC is read back equal, by us and by the standard tool."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import FormatError
from archiver.formats.exchanges import ExchangeReader, certificate_parts, exchange_parts
from archiver.record import Exchange

if TYPE_CHECKING:
    from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\n"
EXCHANGE = Exchange(
    lane="0123456789abcdef0123456789abcdef",
    number=7,
    url="https://blog.example/wp-json/wp/v2/posts?page=2",
    captured_at="2026-11-20T09:00:00.123456Z",
    request=b"GET /wp-json/wp/v2/posts?page=2 HTTP/1.1\r\nHost: blog.example\r\n\r\n",
    response=OK + b"Content-Length: 2\r\n\r\n[]",
    ip_address="192.0.2.1",
    tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
    replacements=("request-header authorization basic-password 1",),
    purpose={"listing": "posts", "mode": "backfill"},
    certificates=("ab" * 32, "cd" * 32),
    clock_source="system clock",
)

LINE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
EXCHANGES = st.builds(
    Exchange,
    lane=LINE,
    number=st.integers(1, 10**15),
    url=LINE,
    captured_at=LINE,
    request=st.binary(max_size=200),
    response=st.one_of(st.binary(max_size=200), st.binary(max_size=99).map(OK.__add__)),
    truncated=st.sampled_from(["", "length", "time", "disconnect", "unspecified"]),
    ip_address=st.one_of(st.just(""), LINE),
    tls=st.one_of(st.just(""), LINE),
    replacements=st.lists(LINE, max_size=3).map(tuple),
    purpose=st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=4),
    certificates=st.lists(LINE, max_size=3).map(tuple),
    clock_source=st.one_of(st.just(""), LINE),
)


def written(*exchanges: Exchange) -> bytes:
    """Return a spool file of those exchanges."""
    return b"".join(part for exchange in exchanges for part in exchange_parts(exchange))


@given(st.lists(EXCHANGES, max_size=4))
def test_reads_back_equal(exchanges: list[Exchange]) -> None:
    """Whatever was exchanged, all of it comes back, byte for byte."""
    data = written(*exchanges)
    reader = ExchangeReader(io.BytesIO(data))
    assert list(reader) == exchanges
    assert (reader.end, reader.damage) == (len(data), "")


@given(EXCHANGES, EXCHANGES, st.integers(0, 5_000))
def test_any_torn_tail_is_seen(first: Exchange, second: Exchange, keep: int) -> None:
    """However a file is cut, every whole exchange before the cut is read, and the cut is told."""
    head, tail = written(first), written(second)
    data = head + tail[: keep % len(tail)]
    reader = ExchangeReader(io.BytesIO(data))
    assert list(reader) == [first]
    assert reader.end == len(head)
    assert bool(reader.damage) == (len(data) > len(head))


@given(EXCHANGES, st.data())
def test_any_flipped_block_bit_is_seen(exchange: Exchange, data: st.DataObject) -> None:
    """A changed byte of a request or a response is never read back as if it were right."""
    raw = bytearray(written(exchange))
    at = raw.index(b"\r\n\r\n") + 4
    if exchange.request:
        raw[at + data.draw(st.integers(0, len(exchange.request) - 1))] ^= 1
        reader = ExchangeReader(io.BytesIO(bytes(raw)))
        assert list(reader) == []
        assert "digest" in reader.damage


@given(st.binary(max_size=400), st.integers(0, 900))
def test_no_bytes_make_reading_raise(junk: bytes, at: int) -> None:
    """Damaged files are read as far as they go."""
    data = written(EXCHANGE)
    at %= len(data)
    reader = ExchangeReader(io.BytesIO(data[:at] + junk + data[at:]))
    assert all(isinstance(exchange, Exchange) for exchange in reader)


def test_records_are_those_of_the_standard() -> None:
    """Ids, concurrency, truncation, digests and our own lines stand where they should."""
    lines = written(replace(EXCHANGE, truncated="time")).decode().split("\r\n")
    ids = [line.partition(": ")[2] for line in lines if line.startswith("WARC-Record-ID")]
    to = [line.partition(": ")[2] for line in lines if line.startswith("WARC-Concurrent-To")]
    assert ids == to[::-1]
    assert len({*ids}) == 2
    for expected in (
        "WARC-Type: request",
        "WARC-Type: response",
        "WARC-Date: 2026-11-20T09:00:00.123456Z",
        "WARC-IP-Address: 192.0.2.1",
        "Content-Type: application/http;msgtype=response",
        "WARC-Truncated: time",
        "Archive-Lane: 0123456789abcdef0123456789abcdef",
        "Archive-Exchange: 7",
        'Archive-Purpose: {"listing":"posts","mode":"backfill"}',
        "Archive-Replacement: request-header authorization basic-password 1",
        "Archive-TLS: TLSv1.3 TLS_AES_256_GCM_SHA384",
        "Archive-Clock: system clock",
    ):
        assert expected in lines
    assert sum(line.startswith("WARC-Block-Digest: sha256:") for line in lines) == 2
    assert sum(line.startswith("WARC-Payload-Digest: sha256:") for line in lines) == 2
    assert sum(line.startswith("Archive-Certificate: ") for line in lines) == 2


def odd_exchanges() -> list[Exchange]:
    """Return exchanges whose responses readers of WARC find hard."""
    chunk = b"Transfer-Encoding: chunked\r\n"
    coded = b"Content-Encoding: gzip\r\n"
    responses = [
        OK + b"Content-Length: 2\r\n\r\nok",
        b"",
        OK + chunk + b"\r\n2\r\nok\r\n0\r\n\r\n",
        OK + chunk + b"\r\nzz\r\nok",
        OK + coded + b"\r\n" + gzip.compress(b"plain" * 999),
        OK + coded + b"\r\n" + gzip.compress(bytes(range(256)) * 99)[:-99],
        OK + coded + chunk + b"\r\nstored decoded",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"\r\nthen",
        OK + b"X-Cut: ye",
        OK + b"X-Odd: \xff\x85\r\n\x85\r\n\r\nbody",
        b"\r\n\r\n" + OK + b"\r\n",
        b"\x00\xff" * 40,
        OK + b"\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n",
    ]
    return [
        replace(EXCHANGE, number=number, response=response)
        for number, response in enumerate(responses, 1)
    ]


def test_warcio_agrees(tmp_path: Path) -> None:
    """`warcio check` finds nothing wrong, and warcio reads the same blocks."""
    exchanges = odd_exchanges()
    path = tmp_path / "spool.warc"
    certificate = b"".join(certificate_parts(b"not really DER", EXCHANGE.captured_at))
    path.write_bytes(certificate + written(*exchanges))
    checked = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "warcio.cli", "check", "-v", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "fail" not in checked.stdout
    assert checked.stdout.count("digest pass") >= 2 * len(exchanges)
    with path.open("rb") as stream:
        blocks = [
            record.raw_stream.read() for record in ArchiveIterator(stream, no_record_parse=True)
        ]
    assert blocks[1::2] == [exchange.request for exchange in exchanges]
    assert blocks[2::2] == [exchange.response for exchange in exchanges]
    with path.open("rb") as stream:
        reader = ExchangeReader(stream)
        assert list(reader) == exchanges
    assert [*reader.certificates.values()] == [b"not really DER"]


@given(EXCHANGES)
@settings(max_examples=50)
def test_warcio_reads_any_exchange(exchange: Exchange) -> None:
    """Two records are found by warcio, with our blocks, whatever is in them."""
    records = ArchiveIterator(io.BytesIO(written(exchange)), no_record_parse=True)
    found = [(record.rec_type, record.raw_stream.read()) for record in records]
    assert found == [("request", exchange.request), ("response", exchange.response)]


@pytest.mark.parametrize(
    "change",
    [
        {"lane": ""},
        {"number": 0},
        {"url": "http://x/\r\nWARC-Type: forged"},
        {"url": ""},
        {"url": " http://x/"},
        {"captured_at": "now\x00"},
        {"replacements": ("two\nlines",)},
        {"replacements": ("",)},
        {"tls": "TLS\x85"},
    ],
)
def test_facts_that_would_forge_a_header_are_refused(change: dict[str, object]) -> None:
    """Nothing from outside can begin another header line."""
    with pytest.raises(FormatError):
        exchange_parts(replace(EXCHANGE, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "damage"),
    [
        (b"Archive-Exchange: 7", b"Archive-Exchange: 8", "not request and response of one"),
        (b"WARC-Type: request", b"WARC-Type: revisit", "not request and response of one"),
        (b"Archive-Purpose: {", b"Archive-Purpose: [", "without number or purpose"),
        (b"Archive-Purpose: {", b"Archive-Purpose: " + b"[" * 200_000, "without number"),
        (b"Archive-Purpose: {", b"Archive-Purpos", "cut or malformed"),
        (b"Archive-Purpose: {", b"Archive-Porpoise: {", "without number or purpose"),
        (b"Content-Length: 64", b"Content-Length: 65", "does not end where it says"),
        (b"Content-Length: 64", b"Content-Length: x4", "without a length"),
        (b"Content-Length: 64", b"Content-Length: 9" + b"0" * 15, "a block is cut"),
        (b"WARC/1.1", b"WARC/1.0", "no WARC 1.1 record"),
        (b"WARC-Date: 2", b"WARC-Date: \x00", "cut or malformed"),
        (b"WARC-Date: ", b"WARC-Date:", "cut or malformed"),
    ],
)
def test_what_damage_is_called(old: bytes, new: bytes, damage: str) -> None:
    """Each kind of damage has its words, and where the last whole exchange ends."""
    whole = written(EXCHANGE)
    reader = ExchangeReader(io.BytesIO(whole + whole.replace(old, new, 1)))
    assert list(reader) == [EXCHANGE]
    assert damage in reader.damage
    assert f"after byte {len(whole)}" in reader.damage


def test_request_without_response() -> None:
    """A file that ends between request and response is torn."""
    data = written(EXCHANGE)
    reader = ExchangeReader(io.BytesIO(data[: data.rindex(b"WARC/1.1")]))
    assert list(reader) == []
    assert "without its response" in reader.damage
