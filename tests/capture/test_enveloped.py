"""Items, heads and errors of JSON APIs alike."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.enveloped import Head, envelope_of, is_id, problem_of
from archiver.formats.excerpts import complement, is_frame
from tests.capture.platforms.helpers import answer

BODY = json.dumps({"data": {"after": "t3_a", "children": [{"id": 1}, {"id": 2}], "odd": 7}})


def test_items_and_values_are_found_by_dotted_names() -> None:
    """What nothing names is left over."""
    body = BODY.encode()
    found = envelope_of(body, ("data.children",), ("data.after",))
    assert [body[slice(*cut)] for cut in found.at("data.children")] == [b'{"id": 1}', b'{"id": 2}']
    assert found.values == {"data.after": "t3_a"}
    taken = [(one.start, one.end) for one in found.claims] + found.at("data.children")
    gaps = [body[slice(*gap)] for gap in complement(len(body), taken)]
    assert [gap for gap in gaps if not is_frame(gap, "json")] == [b'], "odd": 7}}']


def test_an_answer_may_be_the_list_itself_or_lack_it() -> None:
    """A list that is null is claimed, another value is not."""
    assert envelope_of(b" [1, 2]", ("",)).at("") == [(2, 3), (5, 6)]
    null = envelope_of(b'{"items":null}', ("items",))
    assert (null.at("items"), [one.value for one in null.claims]) == ([], ["null"])
    assert envelope_of(b'{"other":[]}', ("items",)).claims == ()


@given(body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_body_breaks_it(body: bytes) -> None:
    """Whatever comes is cut within its bounds, or not at all."""
    found = envelope_of(body, ("", "items", "a.b"), ("a.c",))
    places = [(one.start, one.end) for one in found.claims]
    places += [cut for cuts in found.items.values() for cut in cuts]
    assert all(0 <= start <= end <= len(body) for start, end in places)
    head = Head(body)
    assert isinstance(head.text("a", "b") + str(head.number("a")), str)


def test_a_head_reads_what_is_of_its_kind() -> None:
    """Texts of numbers, numbers of texts; nothing of what has members."""
    head = Head(b'{"id":"12","n":7,"yes":true,"in":{"deep":"x"},"list":[1],"none":null,"low":-1}')
    assert (head.text("id"), head.number("id"), head.text("n")) == ("12", 12, "7")
    assert (head.flag("yes"), head.flag("n"), head.text("yes")) == (True, False, "")
    assert (head.text("in", "deep"), head.text("in"), head.text("id", "deep")) == ("x", "", "")
    assert (head.text("list"), head.text("none"), head.number("low")) == ("", "", 0)


@pytest.mark.parametrize("bad", ["", "a/b", "a\nb", "x" * 201])
def test_an_id_stands_between_slashes(bad: str) -> None:
    """Neither empty, nor long, nor with what would end it."""
    assert is_id("a.b-1")
    assert not is_id(bad)


@pytest.mark.parametrize(
    ("body", "status", "told", "code"),
    [
        ({}, 404, "gone", "missing"),
        ({}, 200, "gone", "missing"),
        ({}, 404, "", "schema"),
        ({}, 403, "unheard of", "forbidden"),
        ({}, 503, "", "transient"),
        (b"<html>", 200, "", "schema"),
        (b'{"a":', 200, "", "transient"),
    ],
)
def test_trouble_is_told_by_word_then_by_status(
    body: object, status: int, told: str, code: str
) -> None:
    """Only a platform's own word says that there is none."""
    problem = problem_of(answer(body, status), told, {"gone": "missing"})
    assert problem is not None
    assert problem.code == code
    assert problem_of(answer({}), "", {}) is None
