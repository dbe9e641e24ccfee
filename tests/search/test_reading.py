"""How a query is read, and what is refused with which way out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import UsageError
from archiver.search.reading import read_query
from archiver.search.syntax import Everything, spelled


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Town “City Hall” «a b»", 'town AND "city hall" AND "a b"'),
        ("(a OR b) AND (c)", "(a OR b) AND c"),
        ("b AND NOT a", "b AND (NOT a)"),
        ("a W/5 b AND c", "(a W/5 b) AND c"),
        ('a not w/5 "b c"', 'a NOT W/5 "b c"'),
        ("apply~ ba%nana pot* ?ot", "apply~ AND ba%nana AND pot* AND ?ot"),
        ("state-of-the-art*", "state-of-the-art*"),
        ("https://example.org/a", '"https example org a"'),
        ("市政府", '"市 政 府"'),
        ("AUTHOR:'Jane Doe'", "author:jane AND doe"),
        ('author:"Jane Doe"', 'author:"jane doe"'),
        ("date:2026-02", "date:2026-02-01..2026-02-28"),
        ('"and"', '"and"'),
        ("or", '"or"'),
        ("ANDERSON android", "anderson AND android"),
        ("NOT NOT a", "a"),
        ("parks & recreation -", "parks AND recreation"),
    ],
)
def test_what_is_typed_is_told(typed: str, told: str) -> None:
    """Each query is told in one spelling, which is read the same way."""
    node = read_query(typed)
    assert spelled(node) == told
    assert read_query(told) == node


@pytest.mark.parametrize("text", ["", " \t", "\u200b"])
def test_nothing_asked_is_no_condition(text: str) -> None:
    """What nobody can see asks for nothing."""
    assert read_query(text) == Everything()


@pytest.mark.parametrize(
    ("typed", "at", "readings"),
    [
        ("a AND b OR c", 2, ["(a AND b) OR c", "a AND (b OR c)"]),
        ("town hall AND b", 5, ["town AND hall AND b", '"town hall" AND b']),
        ("a NOT b", 2, ["a AND NOT b", "a OR NOT b"]),
        ("NOT a AND b", 0, ["(NOT a) AND b", "NOT (a AND b)"]),
        ("a or b", 2, ["a OR b", 'a "or" b']),
        ("to be or not", 6, ['"to be or not"', 'to be "or" "not"']),
        ("a W/5 b OR c", 8, ["(a W/5 b) OR c", "a W/5 (b OR c)"]),
        ("a W/5 b W/3 c", 8, ["(a W/5 b) W/3 c", "(a W/5 b) AND (b W/3 c)"]),
        ("(a AND b) W/9 c", 10, ["(a W/9 c) AND (b W/9 c)",
                                 "((a OR b) W/9 (c)) AND a AND b AND c"]),
        ("open?", 4, ["open", "open*"]),
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_refused(typed: str, at: int, readings: list[str]) -> None:
    """The place is shown, and two queries that are read in one way each, and differ."""
    with pytest.raises(UsageError) as refused:
        read_query(typed)
    assert refused.value.code == "query-ambiguous"
    assert refused.value.where == f"{typed}\n{' ' * at}^"
    assert refused.value.mend.endswith("   or   ".join(readings))
    assert read_query(readings[0]) != read_query(readings[1])


@pytest.mark.parametrize(
    ("typed", "at", "code"),
    [
        ("(a", 2, "query-syntax"),
        ("a)", 1, "query-syntax"),
        ("()", 1, "query-syntax"),
        ("a AND", 5, "query-syntax"),
        ("OR a", 0, "query-syntax"),
        ("a W/0 b", 2, "query-syntax"),
        ("a W/256 b", 2, "query-syntax"),
        ("a W/5 NOT b", 6, "query-syntax"),
        ("a W/5 stream:posts", 6, "query-syntax"),
        ("5 * 5", 2, "query-syntax"),
        ('"!?"', 0, "query-syntax"),
        ("- &", 0, "query-syntax"),
        ("to-do~", 0, "query-syntax"),
        ("b%%%%nana", 0, "query-syntax"),
        ('town "hall', 5, "query-quote"),
        ("auther:jane", 0, "query-field"),
        ("stream:gossip", 0, "query-field"),
        ("date:2026-13", 0, "query-field"),
        ("date:2026-02..2026-01", 0, "query-field"),
        ("author:", 7, "query-field"),
        ("(" * 60 + "a" + ")" * 60, 41, "query-syntax"),
    ],
)
def test_what_makes_no_sense_is_refused(typed: str, at: int, code: str) -> None:
    """The place is shown, and what to do."""
    with pytest.raises(UsageError) as refused:
        read_query(typed)
    assert refused.value.code == code
    assert refused.value.where == f"{typed}\n{' ' * at}^"
    assert refused.value.mend


@pytest.mark.parametrize("text", ["a " * 501, '"' + "a " * 501 + '"', "a" * 4001, '"' * 4001])
def test_an_endless_query_is_refused(text: str) -> None:
    """A query has at most 500 words and 4,000 characters."""
    with pytest.raises(UsageError) as refused:
        read_query(text)
    assert refused.value.code == "query-too-long"


@given(st.text(st.sampled_from('ab "()*?~%:/-#ANDORT W5\u200b市'), max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is typed gives a tree that can be told and read again, or a refusal with a hint."""
    told = _told(text)
    assert _told(told) == told


def _told(text: str) -> str:
    """Return how a query is understood, "" where it is refused."""
    try:
        return spelled(read_query(text))
    except UsageError as refused:
        return "" if refused.mend and refused.code.startswith("query-") else text + "!"
