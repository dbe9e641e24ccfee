"""Record WARCs: plain WARC 1.1 that standard tools read, strict when we read it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import FormatError
from archiver.formats.segment_index import index, parse_index
from archiver.formats.warc import header_lines, member, record_bytes, warcinfo
from archiver.formats.warc_reading import (
    contained_of,
    context_of,
    excerpts_of,
    header_value,
    header_values,
    inflate_member,
    parse_record,
    split_records,
)
from archiver.record import Excerpt, Observation

if TYPE_CHECKING:
    from collections.abc import Sequence

UUID = "6f9619ff-8b86-4d01-b42d-00c04fc964ff"


def observation(
    excerpts: Sequence[Excerpt] = (Excerpt("item", b'{"id": 1}'),), **more: object
) -> Observation:
    """Return an observation with something in every header line."""
    fields: dict[str, object] = {
        "platform": "wordpress", "account": "city-blog", "stream": "comments",
        "native_id": "1:2/ä", "kind": "present", "sensitivity": "public",
        "captured_at": "2026-11-20T10:00:00.000001Z", "excerpts": tuple(excerpts), "row": {},
        "parser": "wordpress/1", "exchange": "lane/1", "content_type": "application/json",
        "page_url": "https://city.test/a?b=c", "group": "comments",
        "context": (("Archive-Status-Line", "HTTP/1.1 200 OK"),),
    }  # fmt: skip
    return Observation(**{**fields, **more})  # type: ignore[arg-type]  # as named above


def _record(seen: Observation) -> bytes:
    roots = (b"\1" * 32, b"\2" * 32, b"\3" * 32)
    return record_bytes(header_lines(seen, UUID), seen.excerpts, b"\0" * 32, roots)


ROLES = st.from_regex(r"[a-z]{1,10}", fullmatch=True)
EXCERPTS = st.lists(st.builds(Excerpt, ROLES, st.binary(max_size=60)), max_size=4)


@given(EXCERPTS)
def test_a_record_comes_back(excerpts: list[Excerpt]) -> None:
    """Lines, block, excerpts and context columns are read back as written."""
    seen = observation(excerpts)
    record = parse_record(inflate_member(member(_record(seen)), 1 << 20))
    assert excerpts_of(record) == tuple(excerpts)
    assert context_of(record.lines)["native_id"] == "1:2/ä"
    assert context_of(record.lines)["record_id"] == seen.record_id
    assert record.lines[: len(header_lines(seen, UUID))] == header_lines(seen, UUID)


@given(st.text(st.characters(), max_size=30))
def test_no_value_starts_another_line(text: str) -> None:
    """A value with line breaks or controls stays one header line, and reads back as it was."""
    lines = header_lines(observation(page_url=text, group=text), UUID)
    assert len(lines) == len(header_lines(observation(), UUID)) - (2 if not text else 0)
    assert all(len(line.decode().splitlines()) == 1 for line in lines)
    assert context_of(lines).get("page_url", "") == context_of(lines).get("group", "") == text


@given(st.text(st.characters(), max_size=30))
def test_texts_of_the_platform_are_undone_by_readers(text: str) -> None:
    """A header that was kept says what the platform sent, also what can't stand on a line."""
    lines = header_lines(observation(context=(("Archive-Response-Header", text),)), UUID)
    assert header_values(lines, "Archive-Response-Header") == [text]


OTHER = "wordpress:city-blog:comments:8"


@pytest.mark.parametrize("held", [(), (OTHER,), ("unresolved",), (OTHER, "unresolved")])
def test_what_a_record_holds_comes_back(held: tuple[str, ...]) -> None:
    """Ids of other records, and last what nobody can name, before the excerpts."""
    lines = header_lines(observation(contains=held), UUID)
    assert contained_of(lines) == list(held)
    assert lines[-1].startswith(b"Archive-Excerpt")


@pytest.mark.parametrize(
    "held",
    [
        ("unresolved", OTHER),
        ("unresolved", "unresolved"),
        (OTHER, OTHER),
        ("wordpress:elsewhere:comments:8",),
        (observation().record_id,),
        ("8",),
        ("",),
    ],
)
def test_what_no_record_holds_is_refused(held: tuple[str, ...]) -> None:
    """The record itself, another account's, one twice, or no record id at all."""
    with pytest.raises(FormatError):
        contained_of(header_lines(observation(contains=held), UUID))


def test_warcio_reads_and_checks_it(tmp_path: Path) -> None:
    """`warcio check` passes, and warcio's iterator gives the block byte for byte."""
    opening = warcinfo(UUID, "2026-11-20T10:00:00Z", b"n" * 32, b"p", "civic-archiver/test")
    records = [opening, _record(observation()), _record(observation((), warc_type="metadata"))]
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(member(record) for record in records))
    warcio = Path(sys.executable).with_name("warcio")
    found = subprocess.run(
        [warcio, "check", "-v", path], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "digest pass" in found.stdout
    with path.open("rb") as stream:
        read = [(r.rec_type, r.content_stream().read()) for r in ArchiveIterator(stream)]
    assert read[1] == ("resource", b'{"id": 1}')
    assert read[2] == ("metadata", b"")


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_mutated_records_never_raise_anything_else(place: int, noise: bytes) -> None:
    """A damaged record is a `FormatError` or reads as something; it never crashes."""
    data = bytearray(_record(observation()))
    at = place % len(data)
    data[at : at + 1] = noise
    try:
        record = parse_record(bytes(data))
        excerpts_of(record)
        context_of(record.lines)
    except FormatError:
        pass


@pytest.mark.parametrize("spoil", ["cut", "more", "two", "bomb", "empty"])
def test_a_member_is_exactly_one_whole_member(spoil: str) -> None:
    """Cut, followed by other bytes, or larger than allowed: refused."""
    whole = member(_record(observation()))
    data = {"cut": whole[:-1], "more": whole + b"x", "two": whole * 2, "empty": b"",
            "bomb": member(bytes(1 << 24))}[spoil]  # fmt: skip
    with pytest.raises(FormatError):
        inflate_member(data, 1 << 16)


@pytest.mark.parametrize(
    ("block", "stored"), [(Random(1).randbytes(1 << 17), True), (b"text " * (1 << 15), False)]
)
def test_pictures_are_stored(block: bytes, stored: bool) -> None:  # noqa: FBT001 - a parameter
    """What does not get smaller is not deflated, and reads back like anything else."""
    record = _record(observation([Excerpt("item", block)]))
    made = member(record)
    assert (made[10] >> 1 & 3 == 0) is stored  # the kind of the first block, RFC 1951 §3.2.3
    assert inflate_member(made) == record
    assert len(made) < len(record) + 64


def test_a_header_that_must_be_single_is() -> None:
    """Two lines of one name are no record to be trusted."""
    with pytest.raises(FormatError):
        header_value([b"Archive-Salt: 1", b"archive-salt: 2"], "Archive-Salt")


def test_a_plain_file_is_cut_into_its_records() -> None:
    """A spool file is split at record borders; a torn one is refused."""
    records = [
        _record(observation()),
        _record(observation((Excerpt("item", b"WARC/1.1\r\n\r\n"),))),
    ]
    assert split_records(b"".join(records)) == records
    with pytest.raises(FormatError):
        split_records(b"".join(records)[:-1])


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=5), st.text("0123456789abcdef"))
def test_the_index_says_number_offset_length_only(lengths: list[int], padding: str) -> None:
    """An index is read back; nothing in it but numbers, after the nonce."""
    data = index(lengths, b"n" * 32, padding.encode())
    found = parse_index(data)
    assert [length for _, length in found] == lengths
    assert [offset for offset, _ in found] == [sum(lengths[:i]) for i in range(len(lengths))]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonce",
        b"nonce\n0 0 1",
        b"n\n0 0 0\n",
        b"n\n1 0 5\n",
        b"n\n0 0 5\n1 6 5\n",
        b"n\n0 x 5\n",
    ],
)
def test_a_bad_index_is_refused(data: bytes) -> None:
    """Numbers that do not follow one another are no index."""
    with pytest.raises(FormatError):
        parse_index(data)
