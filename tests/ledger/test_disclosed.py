"""Checking proofs: what an archive that means harm might put into one is refused or said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.columns import FIELDS, fields_of
from archiver.errors import FormatError, IntegrityError
from archiver.ledger.commitment import (
    CONTEXT,
    EXCERPT,
    FIELD,
    TEXT,
    TOKEN,
    Leaf,
    leaves,
)
from archiver.ledger.disclosed import GAP, Checked, check_proof
from archiver.ledger.disclosure import close, disclose, recommit
from tests.ledger.own_proofs import (
    CONTEXT_LEAVES,
    LINES,
    RECORD,
    ROW,
    SIGNER,
    SOURCE,
    VALUES,
    signed,
    tree,
)


def check(proof: bytes) -> Checked:
    """Check a proof against the archive's key."""
    return check_proof(proof, [SIGNER.verifier_key])


def refused(proof: bytes, why: str) -> None:
    """Assert that a proof is refused, and why."""
    with pytest.raises(FormatError, match=why):
        check(proof)


def plain(kind: int, name: str, value: str | bytes) -> Leaf:
    """Return a leaf as nobody but a forger makes it."""
    data = value if isinstance(value, bytes) else value.encode()
    return Leaf(0, kind, name, data, bytes(32))


def test_a_whole_proof_shows_everything() -> None:
    """Which record, what about it, when, and all its fields; nothing is withheld."""
    checked = check(signed())
    shown = (checked.record, checked.kind, checked.captured_at)
    assert shown == (RECORD, "present", "2026-11-20T09:00:00.000000Z")
    assert checked.fields == ROW
    assert checked.context == [line.decode() for line in LINES]
    assert (checked.excerpts, checked.gaps) == (1, {})
    hidden = (checked.withheld_words, checked.withheld_fields, checked.withheld_lines)
    assert hidden == (0, 0, 0)


@pytest.mark.parametrize("opened", ["all", "rows", "none"])
def test_closed_trees_are_said(opened: str) -> None:
    """A tree that shows its root alone hides even how much it hides: no number, no record."""
    trees = {
        "source": close(recommit(tree(SOURCE))),
        "context": close(recommit(tree(CONTEXT_LEAVES))),
        "fields": close(recommit(tree(VALUES))),
    }
    kept = {"all": ("source", "context", "fields"), "rows": ("fields",), "none": ()}[opened]
    for name in kept:
        del trees[name]
    checked = check(signed(**trees))
    assert bool(checked.record) == (opened == "all")
    assert checked.withheld_lines == (0 if opened == "all" else None)
    assert checked.withheld_fields == (None if opened == "none" else 0)


@given(st.sets(st.integers(0, len(LINES) - 1)), st.sets(st.integers(0, len(ROW) - 1)))
def test_what_is_closed_is_counted(lines: set[int], values: set[int]) -> None:
    """Whatever is closed is counted, and record, kind and time are named only where shown."""
    checked = check(signed(tree(CONTEXT_LEAVES, lines), tree(VALUES, values)))
    assert (checked.withheld_lines, checked.withheld_fields) == (len(lines), len(values))
    assert (checked.captured_at == "") == (1 in lines)
    assert (checked.record == "") == (2 in lines)
    assert (checked.kind == "") == (3 in lines)
    assert list(checked.fields) == [
        leaf.name for place, leaf in enumerate(VALUES) if place not in values
    ]


def test_a_name_that_is_not_proven_is_not_told() -> None:
    """With its header line closed, the record that the file claims is nowhere in the result."""
    checked = check(signed(tree(CONTEXT_LEAVES, {2}), record="wordpress:mayor:posts:1"))
    assert checked.record == ""
    assert "mayor" not in str(checked)
    with pytest.raises(IntegrityError, match="another record"):
        check(signed(record="wordpress:mayor:posts:1"))


def test_gaps_are_structure() -> None:
    """Withheld words have their place and number; the sign itself in a text is marked."""
    row = ROW | {"text": f"{GAP} said 555-0142 and 555-0143 {GAP}"}
    values = leaves(bytes(32), [], [], fields_of("comments"), row)[2]
    hidden = {token.number for token in values[2].tokens if b"555" in token.value}
    checked = check(signed(fields=disclose(values, range(4), hidden)))
    escaped = "\\u2588" * 5
    assert checked.fields["text"] == f"{escaped} said {GAP} and {GAP} {escaped}"
    assert checked.gaps == {"text": [(36, 1), (46, 1)]}
    assert all(checked.fields["text"][at:].startswith(GAP) for at, _ in checked.gaps["text"])
    assert checked.withheld_words == 2


def test_words_at_the_end_of_a_text() -> None:
    """Nothing but withheld words is one gap with all of them."""
    hidden = {token.number for token in VALUES[2].tokens}
    checked = check(signed(fields=disclose(VALUES, range(4), hidden)))
    assert checked.gaps == {"text": [(0, 3)]}


WRONG_FIELDS = [
    ("shown twice", [plain(FIELD, "state", "approved"), plain(FIELD, "state", "spam")]),
    ("out of order", [plain(FIELD, "url", "u"), plain(FIELD, "state", "approved")]),
    ("an excerpt", [plain(EXCERPT, "state", "approved")]),
    ("a header line", [plain(CONTEXT, "state", "approved")]),
    ("a token", [plain(TOKEN, "state", "approved")]),
    ("a text as plain field", [plain(FIELD, "text", "guilty")]),
    ("a plain field as text", [plain(TEXT, "state", bytes(8))]),
    ("a name that no field has", [plain(FIELD, "verdict by the court", "guilty")]),
    ("a context column", [plain(FIELD, "kind", "deleted")]),
    ("no name", [plain(FIELD, "", "guilty")]),
    ("no text", [plain(FIELD, "state", b"\xff")]),
]


@pytest.mark.parametrize(("what", "forged"), WRONG_FIELDS, ids=[what for what, _ in WRONG_FIELDS])
def test_fields_are_fields(what: str, forged: list[Leaf]) -> None:
    """Only leaves of fields, under their own names, in their own order, are fields."""
    assert what
    refused(signed(fields=disclose(forged, range(len(forged)))), "field|disclosed tree")


def test_a_field_stands_where_it_can() -> None:
    """No field can stand behind more fields than come before its column, or follow."""
    closed = [plain(FIELD, "x", "") for _ in FIELDS]
    first = [closed[0], plain(FIELD, "state", "approved")]
    refused(signed(fields=disclose(first, [1])), "out of its place")
    last = [plain(FIELD, "file_sha256", "00"), closed[0]]
    refused(signed(fields=disclose(last, [0])), "out of its place")
    many = [plain(FIELD, "state", "approved"), *closed]
    refused(signed(fields=disclose(many, [0])), "out of its place")


def test_words_have_no_name() -> None:
    """A token with a name, or one that is no text, is none of ours."""
    for token in (plain(TOKEN, "b", "x "), plain(TOKEN, "", b"\xff")):
        text = plain(TEXT, "title", b"")._replace(tokens=(token,))
        refused(signed(fields=disclose([text], [0])), "of no such kind")


WRONG_LINES = [
    ("another first line", [b"WARC/1.0"]),
    ("a header first", [b"Archive-Kind: present"]),
    ("no header", [b"WARC/1.1", b"guilty"]),
    ("no name", [b"WARC/1.1", b": guilty"]),
    ("a space in the name", [b"WARC/1.1", b"Archive-Kind : hidden"]),
    ("a line end", [b"WARC/1.1", b"Archive-Page: x\nThe proof holds."]),
    ("a carriage return", [b"WARC/1.1", b"Archive-Page: x\r\nArchive-Kind: hidden"]),
    ("a line separator", [b"WARC/1.1", "Archive-Page: x\u2028y".encode()]),
    ("an escape", [b"WARC/1.1", b"Archive-Page: \x1b[2J"]),
    ("no text", [b"WARC/1.1", b"Archive-Page: \xff"]),
    ("not committed", [b"WARC/1.1", b"archive-SALT: 00"]),
    ("a digest", [b"WARC/1.1", b"WARC-Payload-Digest: sha256:A"]),
    ("two records", [*LINES, b"Archive-Record: wordpress:city-blog:comments:18"]),
    ("two kinds", [*LINES, b"ARCHIVE-KIND: hidden"]),
    ("two times", [*LINES, b"WARC-Date: 2020-01-01T00:00:00.000000Z"]),
    ("no record id", [b"WARC/1.1", b"Archive-Record: Jane Doe"]),
]


@pytest.mark.parametrize(("what", "forged"), WRONG_LINES, ids=[what for what, _ in WRONG_LINES])
def test_header_lines_are_header_lines(what: str, forged: list[bytes]) -> None:
    """Only one well-formed printable line each, and those that say what it is, once."""
    assert what
    made = [plain(CONTEXT, "", line) for line in forged]
    refused(signed(disclose(made, range(len(made)))), "header line|record id|printable|WARC/1.1")


@pytest.mark.parametrize("kind", [EXCERPT, FIELD, TOKEN, 0, 6, 255])
def test_header_lines_are_of_their_kind(kind: int) -> None:
    """A leaf of another kind, or with a name, is no header line."""
    refused(signed(disclose([plain(kind, "", "WARC/1.1")], [0])), "is none")
    refused(signed(disclose([plain(CONTEXT, "b", "WARC/1.1")], [0])), "is none")


def test_excerpts_are_excerpts() -> None:
    """A leaf of another kind, or without a role, is no excerpt."""
    for leaf in (plain(CONTEXT, "item", "x"), plain(EXCERPT, "", "x"), plain(EXCERPT, "a b", "x")):
        refused(signed(source=disclose([leaf], [0])), "is none")
    assert check(signed(source=disclose([plain(EXCERPT, "item", b"\xff")], [0]))).excerpts == 1


def test_nothing_stands_beside() -> None:
    """Another member, a member twice, or one of another type is refused."""
    refused(signed(note="hi"), "has others")
    refused(signed(record=7), "are texts")
    refused(signed(tlog_proof=["x"]), "are texts")
    refused(signed(tlog_proof="\ud800"), "not whole")
    refused(signed().replace(b'"record":', b'"record": "x", "record":', 1), "twice")
    whole = json.loads(signed())
    for name in list(whole):
        less = {key: value for key, value in whole.items() if key != name}
        refused(json.dumps(less).encode(), "lacks|not a proof")
    for name in ("context", "fields"):
        forged = json.loads(signed())
        forged[name]["root"] = recommit(forged[name]).hex()
        refused(json.dumps(forged).encode(), "other members")
