"""What a query is made of, and what is refused."""

from __future__ import annotations

import pytest

from archiver.errors import UsageError
from archiver.search.terms import parse_terms, searchable


def test_words_and_phrases() -> None:
    """A query is words and phrases in any kind of double quotes, folded."""
    assert parse_terms('Town “City Hall” "No–One\'s" «a b»') == [
        ("town",),
        ("city", "hall"),
        ("no-one's",),
        ("a", "b"),
    ]


@pytest.mark.parametrize("text", ["", " \t", '""', "\u200b", '" "'])
def test_nothing_asked_is_no_condition(text: str) -> None:
    """What holds no word asks for nothing."""
    assert parse_terms(text) == []


@pytest.mark.parametrize(
    "text", ["a OR b", "AND", "NOT spam", "poth*", "*", "wh?t", "(a b)", "a b)", "f(x)"]
)
def test_operators_are_refused(text: str) -> None:
    """What looks like an operator is no word by accident: it is refused, with a way out."""
    with pytest.raises(UsageError) as refused:
        parse_terms(text)
    assert refused.value.code == "query-operator"
    assert f'"{refused.value.where}"' in refused.value.mend
    assert parse_terms(f'"{text}"')


@pytest.mark.parametrize("text", ["or and not", "ORDER", "a|b", "-x", "a:b", "¿Qué"])
def test_what_only_looks_alike_is_words(text: str) -> None:
    """Lower case, parts of words and other marks are searched as they stand."""
    assert len(parse_terms(text)) == len(text.split())


@pytest.mark.parametrize("text", ["a " * 65, '"' + "a " * 65 + '"', "a" * 2001, '"' * 2001])
def test_an_endless_query_is_refused(text: str) -> None:
    """A query has at most 64 words and 2,000 characters."""
    with pytest.raises(UsageError) as refused:
        parse_terms(text)
    assert refused.value.code == "query-too-long"


def test_the_longest_query_is_taken() -> None:
    """The limits themselves are inside."""
    assert len(parse_terms("a " * 64)) == 64
    assert parse_terms("a" * 2000) == [("a" * 2000,)]


def test_an_open_quotation_mark_is_shown() -> None:
    """The mark that is not closed is pointed at."""
    with pytest.raises(UsageError) as refused:
        parse_terms('one "two')
    assert refused.value.where.splitlines()[1].index("^") == 4


def test_fields_stay_apart() -> None:
    """Absent fields leave nothing, others a separator that no field can hold."""
    assert searchable(["A\nb", None, "", "c"]) == "a b\nc"
