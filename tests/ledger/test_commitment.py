"""Commitments: two implementations agree, no byte can change, nothing can be guessed."""

from __future__ import annotations

import json
import re
from hashlib import sha256, shake_256
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from archiver.columns import FIELDS, TEXT_FIELDS, fields_of
from archiver.errors import FormatError
from archiver.formats import warc
from archiver.ledger.commitment import (
    UNCOMMITTED_HEADERS,
    Commitment,
    commit,
    committed_lines,
    committed_root,
    hash_of,
    leaf_hash,
    leaves,
    observation_commitment,
    tokens,
)
from archiver.ledger.tree import root
from archiver.record import Excerpt, Observation, Stream
from tests.ledger import plain_commitment as plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SALT = bytes(range(32))
UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

characters = st.characters(exclude_categories=["Cs"])
texts = st.text(st.one_of(characters, st.sampled_from(" \t\n\x0b\x0c\r\xa0aé€😀")), max_size=300)
roles = st.sampled_from(["item", "author", "declaration", "namespaces"])
excerpts = st.lists(st.builds(Excerpt, roles, st.binary(max_size=80)), max_size=4)
names = [column.name for column in fields_of(Stream.COMMENTS)]
rows = st.dictionaries(st.sampled_from(names), texts)
salts = st.binary(min_size=32, max_size=32)
header_values = st.text(characters, max_size=60)
contexts = st.lists(st.tuples(st.just("Archive-Evidence"), header_values), max_size=4)


def observation(
    parts: Sequence[Excerpt], row: Mapping[str, str], context: Sequence[tuple[str, str]] = ()
) -> Observation:
    """Return a comment."""
    return Observation(
        platform="wordpress",
        account="city-blog",
        stream="comments",
        native_id="17",
        kind="present",
        sensitivity="public",
        captured_at="2026-11-20T09:00:00.000000Z",
        excerpts=tuple(parts),
        row=row,
        parser="wordpress/1",
        context=tuple(context),
    )


def sealed(salt: bytes, one: Observation) -> tuple[bytes, Commitment]:
    """Return an observation's WARC record and commitment."""
    lines = warc.header_lines(one, UUID)
    made = commit(salt, one.excerpts, lines, fields_of(one.stream), one.row)
    return warc.record_bytes(lines, one.excerpts, salt, made[:3]), made


def row_in_order(row: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the fields of a row as they are committed."""
    return [(column.name, row[column.name]) for column in FIELDS if column.name in row]


@given(salts, excerpts, rows, contexts)
def test_recomputed_from_the_record_alone(
    salt: bytes,
    parts: list[Excerpt],
    row: dict[str, str],
    context: list[tuple[str, str]],
) -> None:
    """A function that shares no code with the package finds the same C, with and without row."""
    record, made = sealed(salt, observation(parts, row, context))
    as_json = json.loads(json.dumps(row_in_order(row)))
    assert plain.commitment(record) == made.value
    assert plain.commitment(record, as_json) == made.value


@given(salts, excerpts, st.lists(st.binary(max_size=50), max_size=6), rows)
def test_fast_path_equals_leaves(
    salt: bytes, parts: list[Excerpt], lines: list[bytes], row: dict[str, str]
) -> None:
    """`commit` is `leaves`, hashed, under `committed_root`."""
    columns = fields_of(Stream.COMMENTS)
    made = commit(salt, parts, lines, columns, row)
    opened = leaves(salt, parts, lines, columns, row)
    roots = [committed_root([hash_of(leaf) for leaf in group]) for group in opened]
    assert list(made[:3]) == roots
    assert made.value == observation_commitment(roots[0], roots[1], roots[2])


@given(salts, excerpts, st.lists(st.binary(max_size=50), max_size=6), rows)
def test_numbering_and_sub_salts(
    salt: bytes, parts: list[Excerpt], lines: list[bytes], row: dict[str, str]
) -> None:
    """Leaves count on over excerpts, lines, fields, tokens before their text; salts follow."""
    source, context, fields = leaves(salt, parts, lines, fields_of(Stream.COMMENTS), row)
    flat = [*source, *context]
    for field in fields:
        flat += [*field.tokens, field]
    stream = shake_256(b"civic-archive/salt/v1\n" + salt).digest(32 * len(flat))
    assert [leaf.number for leaf in flat] == list(range(len(flat)))
    assert b"".join(leaf.salt for leaf in flat) == stream
    assert [leaf.kind for leaf in source] == [1] * len(parts)
    assert [leaf.kind for leaf in context] == [2] * len(lines)
    assert [leaf.kind for leaf in fields] == [4 if f.name in TEXT_FIELDS else 3 for f in fields]
    assert [leaf.name for leaf in fields] == [name for name, _ in row_in_order(row)]
    assert {word.kind for field in fields for word in field.tokens} <= {5}


def test_a_leaf_s_bytes() -> None:
    """``SHA-256(0x00 ‖ kind ‖ len ‖ name ‖ salt ‖ len ‖ value)``, lengths big-endian."""
    expected = bytes.fromhex("00 03 0005") + b"state" + SALT + bytes(7) + b"\x04open"
    assert leaf_hash(3, "state", SALT, b"open") == sha256(expected).digest()


def test_a_committed_root_s_bytes() -> None:
    """The count stands before the RFC 6962 root; no leaves have the root of nothing."""
    hashes = [bytes([n]) * 32 for n in range(5)]
    for count in range(6):
        expected = sha256(b"\x02" + count.to_bytes(8, "big") + root(hashes[:count])).digest()
        assert committed_root(hashes[:count]) == expected


@given(texts)
@example("x" * 200)
@example("😀" * 40)
@example("a" + "😀" * 40)
@example("ab" + "😀" * 40)
@example("abc" + "😀" * 40)
@example("é" * 33)
@example("€" * 22)
@example("x" * 64 + " " + "y")
@example("x" * 63 + " \t\r\n" * 40 + "y")
@example(" " * 130)
@example("\xa0\u2003\u3000 \u2028x")
@example("e\u0301" * 40 + "\U0010ffff")
def test_tokens(text: str) -> None:
    """Tokens are the text again, at most 64 bytes, cut at code points, as the plain cut says."""
    value = text.encode()
    found = tokens(value)
    assert b"".join(found) == value
    assert all(0 < len(token) <= 64 for token in found)
    assert "".join(token.decode() for token in found) == text
    assert found == plain.words(text)


@given(texts)
def test_a_word_is_a_token(text: str) -> None:
    """Words between ASCII white space are tokens of their own, with the space after them."""
    short = " ".join(word[:10] for word in text.split(" "))
    words = [run for run in re.split(rb"(?<=[ \t-\r])(?=[^ \t-\r])", short.encode()) if run]
    assume(all(len(word) <= 64 for word in words))
    assert tokens(short.encode()) == words


@given(salts, excerpts, rows, st.data())
def test_any_changed_byte_changes_c(
    salt: bytes, parts: list[Excerpt], row: dict[str, str], data: st.DataObject
) -> None:
    """One flipped bit of excerpt, header line, field or salt leads to another C."""
    one = observation(parts, row)
    lines = warc.header_lines(one, UUID)
    columns = fields_of(one.stream)
    value = commit(salt, parts, lines, columns, row).value

    def flipped(old: bytes) -> bytes:
        bit = data.draw(st.integers(0, 8 * len(old) - 1))
        return old[: bit // 8] + bytes([old[bit // 8] ^ 1 << bit % 8]) + old[bit // 8 + 1 :]

    assert commit(flipped(salt), parts, lines, columns, row).value != value
    at = data.draw(st.integers(0, len(lines) - 1))
    changed = [*lines[:at], flipped(lines[at]), *lines[at + 1 :]]
    assert commit(salt, parts, changed, columns, row).value != value
    for place, part in enumerate(parts):
        if part.data:
            other = [*parts]
            other[place] = Excerpt(part.role, flipped(part.data))
            assert commit(salt, other, lines, columns, row).value != value
    for name, text in row.items():
        other_row = {**row, name: text + data.draw(st.sampled_from([" ", "a", "\x00", "é"]))}
        assert commit(salt, parts, lines, columns, other_row).value != value


@given(salts, excerpts, rows)
def test_nothing_can_move(salt: bytes, parts: list[Excerpt], row: dict[str, str]) -> None:
    """Excerpts, lines and fields can't be left out, doubled, swapped or renamed."""
    columns = fields_of(Stream.COMMENTS)
    lines = [b"a: 1", b"b: 2"]
    value = commit(salt, parts, lines, columns, row).value
    others = [
        commit(salt, [*parts, Excerpt("item", b"")], lines, columns, row),
        commit(salt, parts, lines[::-1], columns, row),
        commit(salt, parts, lines[:1], columns, row),
        commit(salt, parts, [*lines, lines[1]], columns, row),
    ]
    others += [
        commit(salt, parts, lines, columns, {k: v for k, v in row.items() if k != name})
        for name in row
    ]
    others += [
        commit(
            salt, [*parts[:at], Excerpt("other", part.data), *parts[at + 1 :]], lines, columns, row
        )
        for at, part in enumerate(parts)
    ]
    assert value not in {other.value for other in others}


def test_equal_content_differs_under_another_salt() -> None:
    """Nobody can tell from the ledger that two records say the same."""
    one = observation([Excerpt("item", b"same")], {"text": "same"})
    first, second = sealed(SALT, one)[1], sealed(SALT[::-1], one)[1]
    assert not set(first) & set(second)


def test_uncommitted_lines() -> None:
    """Exactly salt, roots and digests stand outside the context root, in any case of letters."""
    record, _ = sealed(SALT, observation([Excerpt("item", b"x")], {"text": "x"}))
    lines = record.partition(b"\r\n\r\n")[0].split(b"\r\n")
    left_out = [line for line in lines if line not in committed_lines(lines)]
    assert {line.partition(b":")[0].decode().lower() for line in left_out} == (
        UNCOMMITTED_HEADERS - {"warc-payload-digest"}
    )
    assert committed_lines([b"ARCHIVE-SALT: 1", b"Archive-Salty: 2"]) == [b"Archive-Salty: 2"]


def test_text_fields_are_those_of_the_document() -> None:
    """The fields that are committed token by token are the ones the plain function lists."""
    assert plain.TEXTS == TEXT_FIELDS


def test_what_has_no_length_is_refused() -> None:
    """A header line or a role that its length prefix can't hold is refused."""
    columns = fields_of(Stream.COMMENTS)
    commit(SALT, [Excerpt("r" * 65_535, b"")], [b"x" * 65_535], columns, {})
    with pytest.raises(FormatError):
        commit(SALT, [], [b"x" * 65_536], columns, {})
    with pytest.raises(FormatError):
        commit(SALT, [Excerpt("r" * 65_536, b"")], [], columns, {})


def test_long_fields() -> None:
    """Fields and texts may be longer than 65,535 bytes."""
    long = "word " * 20_000
    one = observation([], {"text": long, "extra": long})
    record, made = sealed(SALT, one)
    assert plain.commitment(record, row_in_order(one.row)) == made.value


def test_the_document_s_example(repo_root: Path) -> None:
    """Every line of the worked example of the document is what both functions compute."""
    page = (repo_root / "docs/formats/commitment.md").read_text("utf-8")
    block = page.partition("## Example")[2]
    shown = dict(re.findall(r"^    ([a-zA-Z][a-zA-Z ]*?)  +(\S.*)$", block, re.MULTILINE))
    text = json.loads(shown["text"])
    row = {"state": shown["state"], "text": text}
    parts = (Excerpt("item", shown["item"].encode()),)
    salt = bytes.fromhex(shown["salt"])
    lines = [line.encode() for line in re.findall(r"^    \| (.*)$", block, re.MULTILINE)]
    made = commit(salt, parts, lines, fields_of("comments"), row)
    record = warc.record_bytes(lines, parts, salt, made[:3])
    source, context, fields = leaves(salt, parts, lines, fields_of("comments"), row)
    assert shown["tokens"] == " ".join(json.dumps(t.decode()) for t in tokens(text.encode()))
    assert shown["leaf of the excerpt"] == hash_of(source[0]).hex()
    assert shown["leaf of the first line"] == hash_of(context[0]).hex()
    assert shown["leaf of state"] == hash_of(fields[0]).hex()
    assert shown["leaf of text"] == hash_of(fields[1]).hex()
    assert shown["number of text"] == str(fields[1].number)
    assert shown["source root"] == made.source.hex()
    assert shown["context root"] == made.context.hex()
    assert shown["fields root"] == made.fields.hex()
    assert shown["C"] == made.value.hex()
    assert shown["C"] == plain.commitment(record, row_in_order(row)).hex()


VECTORS = [
    ([], {}, "empty"),
    ([Excerpt("item", b'{"id":17}')], {"state": "approved", "text": "Call 555-0142 now"}, "plain"),
    ([Excerpt("item", b"\x00\xff"), Excerpt("author", b"")], {"text": "", "extra": "{}"}, "edge"),
    (
        [Excerpt("item", b"x")],
        {"text": "😀" * 40 + " e\u0301\n\n", "author_name": " A "},
        "unicode",
    ),
]
KNOWN = {
    "empty": "fdeb97f0481b09e917c2b9d04ffc78465e6170011e4b1c19083cb88c27c48fd1",
    "plain": "6bb24235f06a0dc5f4b7f55a3ec12e531a9c242b870578c0f9c966a03a31c8f2",
    "edge": "41f345c93269a8007de4350b606c69cdda3d88970396a4cf1591d27f472c9443",
    "unicode": "73b28076195dd0543efbe872e16e36b5cc1303e8970a9ea8e62829f52157c223",
}


@pytest.mark.parametrize(("parts", "row", "name"), VECTORS, ids=[v[2] for v in VECTORS])
def test_known_answers(parts: list[Excerpt], row: dict[str, str], name: str) -> None:
    """Fixed records have the commitments that the plain function once gave them."""
    lines = [b"WARC/1.1", b"Content-Length: %d" % sum(len(part.data) for part in parts)]
    at = 0
    for part in parts:
        lines.append(b"Archive-Excerpt: %b %d %d" % (part.role.encode(), at, len(part.data)))
        at += len(part.data)
    made = commit(SALT, parts, lines, fields_of("comments"), row)
    record = warc.record_bytes(lines, tuple(parts), SALT, made[:3])
    assert made.value.hex() == KNOWN[name]
    assert plain.commitment(record, row_in_order(row)).hex() == KNOWN[name]
