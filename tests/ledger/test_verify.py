"""One sealed record against its ledger leaf: every change is found, none raises."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.columns import fields_of
from archiver.ledger.commitment import Commitment, commit
from archiver.ledger.tree import leaf_hash
from archiver.ledger.verify import check_record
from archiver.record import Excerpt

SALT = bytes(range(32))
COLUMNS = fields_of("comments")
ROW = {"state": "approved", "text": "Call 555-0142 now"}
EXCERPTS = (Excerpt("item", b"one"), Excerpt("author", b"two"))
TOLD = [b"WARC/1.1", b"WARC-Type: resource", b"Content-Length: 6"]
MADE = commit(SALT, EXCERPTS, TOLD, COLUMNS, ROW)
NAMES = ("Salt", "Source-Root", "Context-Root", "Fields-Root")


def stated(made: Commitment, block: bytes = b"onetwo") -> list[bytes]:
    """Return the header lines that give salt, roots and digest."""
    values = zip(NAMES, (SALT, *made[:3]), strict=True)
    digest = b32encode(sha256(block).digest()).decode()
    return [
        *(f"Archive-{name}: {value.hex()}".encode() for name, value in values),
        f"WARC-Block-Digest: sha256:{digest}".encode(),
    ]


STATED = stated(MADE)
LINES = [*TOLD, *STATED]


def codes(
    lines: list[bytes] = LINES,
    excerpts: tuple[Excerpt, ...] = EXCERPTS,
    row: dict[str, str] | None = None,
    leaf: bytes = MADE.value,
) -> list[str]:
    """Return the codes of what is found."""
    fields = (COLUMNS, ROW if row is None else row)
    return [
        finding.code
        for finding in check_record("here", lines, excerpts, fields, leaf_hash(b"\x01" + leaf))
    ]


def test_a_whole_record() -> None:
    """Nothing is found in a record as it was sealed."""
    assert codes() == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            codes(excerpts=(Excerpt("item", b"One"), EXCERPTS[1])),
            ["record-digest", "record-source"],
        ),
        (
            codes(excerpts=EXCERPTS[:1]),
            ["record-digest", "record-source", "record-context", "record-fields"],
        ),
        (codes(row={**ROW, "text": "Call"}), ["record-fields"]),
        (codes(row={**ROW, "state": "hold"}), ["record-fields"]),
        (codes(row={}), ["record-fields"]),
        (codes([LINES[0], b"WARC-Type: response", *LINES[2:]]), ["record-context"]),
        (codes(leaf=bytes(32)), ["record-leaf"]),
        (codes(leaf=b""), ["record-leaf"]),
    ],
)
def test_each_part_is_named(found: list[str], expected: list[str]) -> None:
    """A finding says which part is not what was committed."""
    assert found == expected


@pytest.mark.parametrize(
    "line",
    [
        b"Archive-Page: \xff\xfe",
        b"Archive-Page: \xc3",
        "Archive-Page: a\u2028b".encode(),
        "Archive-Page: a\u0085b".encode(),
        b"Archive-Page: a\tb",
    ],
)
def test_a_line_that_no_proof_could_show(line: bytes) -> None:
    """What is no UTF-8, or would end a line in some reader, is no header, whoever sealed it."""
    told = [*TOLD, line, b"\xa9: x"] if line.endswith(b"\xc3") else [*TOLD, line]
    made = commit(SALT, EXCERPTS, told, COLUMNS, ROW)
    assert codes([*told, *stated(made)], leaf=made.value) == ["record-header"]


@pytest.mark.parametrize("name", range(4))
def test_salt_and_roots_have_one_spelling(name: int) -> None:
    """No leaf covers these lines, so nothing may be said in how they are written."""
    head, _, value = STATED[name].partition(b" ")
    for other in (value.upper(), b" " + value, value + b" ", value[:2] + b" " + value[2:]):
        changed = [*STATED[:name], head + b" " + other, *STATED[name + 1 :]]
        assert codes([*TOLD, *changed]) == ["record-header"]


def test_no_digest_of_content_is_told() -> None:
    """A finding goes into logs: what it says of a block that differs confirms no guess."""
    fields = (COLUMNS, ROW)
    found = list(check_record("here", LINES, (Excerpt("item", b"other"),), fields, None))
    digest = b32encode(sha256(b"other").digest()).decode()
    assert "record-digest" in [one.code for one in found]
    assert digest not in str(found)


def test_a_root_that_is_replaced() -> None:
    """A record made to agree with itself still disagrees with the ledger."""
    made = commit(SALT, (), TOLD, COLUMNS, ROW)
    assert codes([*TOLD, *stated(made, b"")], excerpts=()) == ["record-leaf"]
    assert codes([*TOLD, *stated(made, b"")], excerpts=(), leaf=made.value) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, b"", b"zz" * 32, b"00" * 31, b"00" * 33, b"\xff"])
def test_salt_and_roots_must_be_there(name: str, value: bytes | None) -> None:
    """Without its salt and three roots, each once and of 32 bytes, a record is not one."""
    prefix = f"Archive-{name}: ".encode()
    at = next(number for number, line in enumerate(LINES) if line.startswith(prefix))
    lines = [*LINES[:at], *([] if value is None else [prefix + value]), *LINES[at + 1 :]]
    assert codes(lines) == ["record-header"]
    assert codes([*LINES, prefix + b"00" * 32]) == ["record-header"]


@pytest.mark.parametrize(
    "lines",
    [
        [*TOLD, *STATED[::-1]],
        [*TOLD, STATED[1], STATED[0], *STATED[2:]],
        [*LINES, b"WARC-Type: resource"],
        [*LINES, LINES[-1]],
        [*TOLD, b"WARC-Payload-Digest: sha256:AAAA", *STATED],
        [*TOLD, b"archive-salt: " + b"00" * 32, *STATED],
        [*TOLD, b"Archive-Salt : " + b"00" * 32, *STATED],
        [*TOLD, b"X: y\nArchive-Kind: deleted", *STATED],
        [*LINES[:-1], LINES[-1] + b"\nArchive-Kind: deleted"],
        [*LINES[:-1], LINES[-1] + b"\r"],
        [*TOLD, b"X: \x1b[2J", *STATED],
        [*TOLD, b" folded", *STATED],
    ],
)
def test_one_record_tells_one_story(lines: list[bytes]) -> None:
    """The lines that no leaf covers are five, at the end, in order; no line hides another."""
    assert codes(lines) == ["record-header"]


@pytest.mark.parametrize("digest", [b"sha256:AAAA", b"", b"sha1:" + b"A" * 32])
def test_the_digest_is_that_of_the_block(digest: bytes) -> None:
    """A digest is computed again, though no leaf covers it."""
    assert codes([*LINES[:-1], b"WARC-Block-Digest: " + digest]) == ["record-digest"]


def test_what_is_too_long_is_a_finding() -> None:
    """A header line that could not have been sealed is a finding as well."""
    assert codes([*LINES, b"x" * 70_000]) == ["record-header"]
    long = Excerpt("r" * 70_000, b"onetwo")
    assert codes(excerpts=(long,)) == ["record-header"]


@given(st.lists(st.binary(max_size=40), max_size=8), st.binary(max_size=33))
def test_garbage_never_raises(lines: list[bytes], leaf: bytes) -> None:
    """Whatever the header lines are, the answer is findings."""
    assert codes(lines, leaf=leaf) == ["record-header"]
    found = codes([*lines, *STATED], leaf=leaf)
    assert found[-1:] in (["record-leaf"], ["record-header"])
