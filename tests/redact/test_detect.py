"""Detectors: what they find of labelled texts, and that they suggest no more than places."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.redact.detect import KINDS, MEDIUM, detect, suggest
from tests.redact.measure import NAMES, measured, table, texts, together

if TYPE_CHECKING:
    from collections.abc import Callable

LABELS = {
    name: sorted({kind for _, places in texts(name) for *_, kind in places}) for name in NAMES
}


def test_the_corpus_is_large() -> None:
    """Three hundred texts, thirteen kinds, and a hundred with nothing to withhold."""
    found = texts("corpus")
    assert len(found) > 300
    assert set(LABELS["corpus"]) == set(KINDS) - {"ip-address"}
    assert sum(not places for _, places in found) > 100


@pytest.mark.parametrize("kind", LABELS["corpus"])
def test_each_kind_is_found(kind: str) -> None:
    """At least nineteen of twenty labels, and nine of ten suggestions are right."""
    counts, told = measured("corpus")
    print(table(counts), *told, sep="\n")  # noqa: T201 - shown with -s
    assert counts[kind].recall >= 0.95
    assert counts[kind].precision >= 0.9


@pytest.mark.parametrize("name", ["hard", "unseen"])
def test_forms_that_nobody_had_in_mind(name: str) -> None:
    """Of texts written later four of five are found: a person has to read all the same."""
    every = together(measured(name)[0])
    assert every.recall >= 0.8
    assert every.precision >= 0.85


def test_the_city_s_own_numbers_are_not_suggested() -> None:
    """In whatever spelling, and whole domains; without being told, they are."""
    text = "City Hall: (630) 555-0300 or clerk@city.example"
    assert [one.kind for one in detect(text)] == ["phone", "email"]
    assert detect(text, ["630.555.0300", "@city.example"]) == []


def test_columns_and_json() -> None:
    """Personal columns as a whole; of JSON the column, where an e-mail or such is in it."""
    row = {
        "text": "my ssn: 219099999",
        "author_email": "x",
        "author_ip": "10.1.1.1",
        "url": "https://city.example/630-555-0142",
        "extra": json.dumps({"a": [{"mail": "jane@example.com"}], "id": 6305550142}),
        "volatile": "{",
    }
    found = {(one.field, one.kind, one.start, one.end) for one in suggest(row)}
    assert found == {
        ("text", "ssn", 8, 17),
        ("author_email", "email", 0, 0),
        ("author_ip", "ip-address", 0, 0),
        ("extra", "email", 0, 0),
    }


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    """Places are in the text, sorted, and none overlaps another."""
    found = detect(text)
    ends = [0, *(one.end for one in found)]
    assert all(
        end <= one.start < one.end <= len(text) for end, one in zip(ends, found, strict=False)
    )


def test_why_says_nothing_of_the_text() -> None:
    """What is told of a suggestion is the same whatever was found."""
    first, second = (detect(f"Call {number}")[0] for number in ("630-555-0142", "630-555-0199"))
    assert first.why == second.why
    assert first.confidence >= MEDIUM


def test_nothing_is_asked_of_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket is opened while all texts are read."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError

    wanted: Callable[..., NoReturn] = refuse
    monkeypatch.setattr(socket, "socket", wanted)
    monkeypatch.setattr(socket, "getaddrinfo", wanted)
    assert sum(len(detect(text)) for text, _ in texts("corpus")) > 200
