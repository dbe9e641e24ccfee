"""The exemption log: a row for each thing withheld, with reasons, and nothing of it."""

from __future__ import annotations

import json

import pytest

from archiver.errors import IntegrityError
from archiver.produce.document import Gap
from archiver.produce.exemption_log import COLUMNS, Redaction, exemption_log
from tests.produce.redactions import (
    CASE,
    FACE,
    PRIVATE,
    RECORD,
    WHOLE,
    document,
    file,
    mark,
    version,
)

NUMBERS = {RECORD: "CITY00000001"}


def test_each_gap_has_a_row_with_its_reason() -> None:
    """Two gaps and a closed field are three rows, with citation, facts, decider and remainder."""
    log = exemption_log([document()], [mark(field="text")], [PRIVATE, CASE], NUMBERS)
    assert [(row.number, row.field, row.words) for row in log.rows] == [
        (1, "text", "1"),
        (2, "text", "1"),
        (3, "author_email", "all of the field"),
    ]
    assert log.rows[0] == Redaction(
        1, "CITY00000001", RECORD, "comments", "obs-1", "text", "1", "7(1)(b)",
        "5 ILCS 140/7(1)(b)", "because of m1", "anna", "2026-11-21", "yes",
    )  # fmt: skip
    assert log.unused == ()


def test_the_mark_of_the_place_goes_before_others_of_its_code() -> None:
    """A field that was marked by itself has the reason of that mark alone."""
    marks = [mark("m1", field="text"), mark("m2", field="author_email")]
    rows = exemption_log([document()], marks, [PRIVATE], NUMBERS).rows
    assert [row.basis for row in rows] == ["because of m1", "because of m1", "because of m2"]


def test_what_is_withheld_without_a_mark_is_refused() -> None:
    """A gap under a code that no mark has, and a mark without facts, make no log."""
    for marks in ([], [mark(code="7(1)(d)")], [mark(basis=" ")], [mark(code="9(9)")]):
        with pytest.raises(IntegrityError) as caught:
            exemption_log([document()], marks, [PRIVATE, CASE], NUMBERS)
        assert caught.value.code == "redaction-unexplained"
        assert RECORD not in str(caught.value)


def test_a_gap_under_no_exemption_is_refused() -> None:
    """What is withheld falls under something, or it is not to be withheld."""
    bare = document(versions=(version({"text": ("call ", Gap(1, ()))}),))
    with pytest.raises(IntegrityError, match="under no exemption"):
        exemption_log([bare], [mark()], [PRIVATE], NUMBERS)


def test_a_record_withheld_as_a_whole_has_one_row() -> None:
    """A record that is not among the documents stands there, with nothing released."""
    whole = mark("m9", "7(1)(d)", record=WHOLE)
    log = exemption_log([document()], [mark(), whole], [PRIVATE, CASE], NUMBERS, hidden=[WHOLE])
    (*_, last) = log.rows
    assert (last.record, last.words, last.remainder) == ("", "all of the record", "no")
    assert (last.stream, last.exemptions, last.basis) == ("messages", "7(1)(d)", "because of m9")


def test_files_and_regions_have_rows() -> None:
    """A file that stays, and each masked region, are rows of their own; its name is not told."""
    natives = (file(withheld=("7(1)(d)",)), file(masked=True))
    marks = [mark(), mark("m2", "7(1)(d)"), mark("m3", region=FACE)]
    log = exemption_log([document(natives=natives)], marks, [PRIVATE, CASE], NUMBERS)
    told = [(row.field, row.words, row.basis) for row in log.rows[3:]]
    assert told == [
        ("file 1", "all of the file", "because of m2"),
        ("file 2", "a part of the file", "because of m3"),
    ]
    assert "x.jpg" not in json.dumps(log.document())


def test_nothing_left_is_said_and_idle_marks_are_named() -> None:
    """A record of which all is closed has no remainder; a mark that hides nothing is named."""
    closed = document(versions=(version({}, {"text": ("7(1)(b)",)}),))
    log = exemption_log([closed], [mark(), mark("m2", "7(1)(d)")], [PRIVATE, CASE], NUMBERS)
    assert [row.remainder for row in log.rows] == ["no"]
    assert log.unused == ("m2",)


def test_it_is_indexed_by_exemption_and_type_of_record() -> None:
    """The index counts redactions and records for each exemption and stream; the table is text."""
    whole = mark("m9", "7(1)(d)", record=WHOLE)
    log = exemption_log([document()], [mark(), whole], [PRIVATE, CASE], NUMBERS)
    counted = [
        (one["code"], one["stream"], one["redactions"], one["records"]) for one in log.index()
    ]
    assert counted == [("7(1)(b)", "comments", 3, 1), ("7(1)(d)", "messages", 1, 1)]
    assert log.table()[0] == COLUMNS
    assert all(isinstance(cell, str) for row in log.table() for cell in row)
