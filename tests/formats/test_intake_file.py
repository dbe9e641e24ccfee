"""Intake files split in two: every exchange in one part, as it was stored, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import FormatError
from archiver.formats import warc, warc_reading
from archiver.formats.exchanges import certificate_parts, exchange_parts
from archiver.formats.intake_file import IntakeFile, split_exchanges
from tests.formats.test_exchanges import EXCHANGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archiver.record import Exchange

TIME = "2026-11-20T09:00:00.000000Z"
CHAINS = [f"certificate {n}".encode() for n in range(3)]


def opening(number: int) -> bytes:
    """Return the first record of a file."""
    return warc.warcinfo(str(UUID(int=number)), TIME, bytes([number]) * 32, b"07", "test")


OPENINGS = opening(1), opening(2)


def digest(chain: int) -> str:
    """Return the name of a certificate."""
    return sha256(CHAINS[chain]).hexdigest()


def exchange(number: int, body: bytes, chains: list[int]) -> Exchange:
    """Return an exchange that names certificates."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    names = tuple(map(digest, chains))
    return replace(EXCHANGE, number=number, response=head + body, certificates=names)


def intake(exchanges: list[Exchange], chains: Sequence[bytes] = CHAINS) -> bytes:
    """Return a plain intake file: each certificate before the first exchange that names it."""
    records, there = list[bytes](), set[str]()
    for one in exchanges:
        for chain in chains:
            name = sha256(chain).hexdigest()
            if name in one.certificates and name not in there:
                there.add(name)
                records.append(b"".join(certificate_parts(chain, TIME)))
        records += warc_reading.split_records(b"".join(exchange_parts(one)))
    return warc.opening_member(opening(0)) + b"".join(map(warc.member, records))


FILES = st.lists(
    st.tuples(st.binary(max_size=40), st.lists(st.integers(0, 2), max_size=2, unique=True)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(FILES, st.data())
def test_any_part_goes(drawn: list[tuple[bytes, list[int]]], data: st.DataObject) -> None:
    """Both parts are what a file of their exchanges alone would be, but for its first record."""
    exchanges = [exchange(n, *one) for n, one in enumerate(drawn, start=3)]
    going = data.draw(st.sets(st.sampled_from([one.number for one in exchanges])))
    whole = intake(exchanges)
    parts = split_exchanges(whole, going, OPENINGS)
    order = list(dict.fromkeys(chain for _, some in drawn for chain in sorted(some)))
    chains = [CHAINS[n] for n in order]
    for part, goes, first in zip(parts, (False, True), OPENINGS, strict=True):
        wanted = [one for one in exchanges if (one.number in going) is goes]
        begins = len(warc.opening_member(first))
        assert part[begins:] == intake(wanted, chains)[len(warc.opening_member(opening(0))) :]
        file = IntakeFile(part)
        assert [one.exchange() for one in file] == wanted
        assert file.opening == first
        read = [one.rec_type for one in ArchiveIterator(BytesIO(part), check_digests="raise")]
        assert read.count("request") == len(wanted)
        assert read.count("resource") == len({name for one in wanted for name in one.certificates})


def test_the_standard_tool_finds_both_parts_sound(tmp_path: Path) -> None:
    """`warcio check` reads them, and their digests hold."""
    exchanges = [exchange(n, b"body %d" % n, [n % 3]) for n in range(1, 6)]
    for number, part in enumerate(split_exchanges(intake(exchanges), {2, 5}, OPENINGS)):
        file = tmp_path / f"{number}.warc.gz"
        file.write_bytes(part)
        tool = [sys.executable, "-m", "warcio.cli", "check", str(file)]
        assert subprocess.run(tool, check=False, capture_output=True).returncode == 0


def member(record: bytes, old: bytes = b"", new: bytes = b"") -> bytes:
    """Return a record as a member, with something in it changed."""
    assert old in record
    return warc.member(record.replace(old, new, 1))


def test_what_is_no_intake_is_refused() -> None:
    """Halves of exchanges, records of none, certificates twice, numbers that are not there."""
    one, two = exchange(1, b"a", [0]), exchange(2, b"b", [])
    whole = intake([one, two])
    records = [record for _, record in warc_reading.members_of(whole)]
    first, chain, asked, told, other = records[:5]
    for bad in (
        [first, chain, asked],
        [first, chain, told],
        [first, chain, chain, asked, told],
        [first, first, asked, told],
        [first, asked, other],
    ):
        data = b"".join(map(warc.member, bad))
        with pytest.raises(FormatError):
            split_exchanges(data, {1}, OPENINGS)
    mixed = b"".join(map(warc.member, (first, asked))) + member(
        told, b"Exchange: 1", b"Exchange: 2"
    )
    with pytest.raises(FormatError, match="without its response"):
        list(IntakeFile(mixed))
    with pytest.raises(FormatError, match="not in this file"):
        split_exchanges(whole, {1, 3}, OPENINGS)
    torn = b"".join(map(warc.member, (first, asked))) + member(told, b"\r\n\r\na", b"\r\n\r\nb")
    (found,) = IntakeFile(torn)
    with pytest.raises(FormatError, match="not an exchange"):
        found.exchange()
