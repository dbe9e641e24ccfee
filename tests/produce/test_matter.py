"""A matter as documents tell it: what has not its form counts for nothing, and is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.produce.matter import NON_RESPONSIVE, RESPONSIVE, TAGS, Matter, told_matter
from archiver.produce.matters import Matters
from archiver.produce.reserved import reserved_in
from archiver.produce.scope import Scope
from tests.produce.test_matters import LEAVES, OPEN, act, fold
from tests.registry.signers import handle

SCOPE = Scope("culvert", ("city",), ("comments",), "2026-01-01", "", private=True, language="1")
WORDS = {"name": "Case 7", "kind": "audit", "custodian": "Clerk", "scope": SCOPE.document()}
TAG: dict[str, Any] = {"tag": "exempt", "exemption": "7(1)(b)", "note": "", "back": False,
                       "records": ["a", "b"]}  # fmt: skip


def told(*said: tuple[str, dict[str, Any]], words: dict[str, Any] | None = None) -> Matter:
    """Return the matter that acts and their documents make."""
    acts = [
        act(101 + n, name, **_members(name, document)) for n, (name, document) in enumerate(said)
    ]
    matters = fold(OPEN, *acts)
    assert matters.refused == []
    documents = {
        one.statement["subject"]: document for one, (_, document) in zip(acts, said, strict=True)
    }
    documents[OPEN.statement["subject"]] = WORDS if words is None else words
    return told_matter(matters, handle("m"), documents, 500)


def _members(name: str, document: dict[str, Any]) -> dict[str, Any]:
    if name == "bates":
        return {one: str(document[one]) for one in ("series", "first", "last")}
    return {"leaves": LEAVES} | ({"volume": document["volume"]} if name == "export" else {})


def test_what_its_document_says() -> None:
    """Name, kind, custodian and scope, as they were typed."""
    found = told()
    assert (found.name, found.kind, found.custodian, found.scope) == (
        "Case 7",
        "audit",
        "Clerk",
        SCOPE,
    )
    assert Scope.of(SCOPE.document()) == SCOPE
    assert found.opened == "2026-12-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    "words",
    [{}, {**WORDS, "kind": "party"}, {**WORDS, "scope": {}}, {**WORDS, "scope": {"query": 7}}],
)
def test_a_matter_without_words_is_none(words: dict[str, Any]) -> None:
    """It can't be told what is in it."""
    with pytest.raises(FormatError):
        told(words=words)


TAGGINGS = st.lists(
    st.tuples(st.sampled_from(TAGS), st.booleans(), st.sets(st.sampled_from("ab"), min_size=1)),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(TAGGINGS)
def test_the_latest_word_on_a_tag_holds(taggings: list[tuple[str, bool, set[str]]]) -> None:
    """Each tag by itself, but that responsive and non-responsive are one question."""
    acts = [
        ("tag", {**TAG, "tag": tag, "back": back, "records": sorted(records)})
        for tag, back, records in taggings
    ]
    found = told(*acts)
    for record in "ab":
        state: dict[str, str] = {}
        for tag, back, records in taggings:
            question = "r" if tag in (RESPONSIVE, NON_RESPONSIVE) else tag
            if record in records and not back:
                state[question] = tag
            elif record in records and state.get(question) == tag:
                del state[question]
        own = {one.tag for one in found.tags.get(record, ())}
        assert own == set(state.values())
        assert {one for one in TAGS if record in found.tagged(one)} == own


def test_exemptions_are_told_by_code() -> None:
    """A later one takes the place of the one before it."""
    later = {**TAG, "exemption": "7(1)(c)", "records": ["b"]}
    found = told(("tag", TAG), ("tag", later))
    assert found.exemptions() == {"7(1)(b)": frozenset("a"), "7(1)(c)": frozenset("b")}
    assert [one.entry for one in found.tags["b"]] == [102]


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "hot"},
        {"tag": None},
        {"back": "no"},
        {"records": "a"},
        {"records": [1]},
        {"note": 7},
    ],
)
def test_a_tagging_of_no_form_is_named(change: dict[str, Any]) -> None:
    """And changes nothing."""
    found = told(("tag", TAG), ("tag", {**TAG, "tag": RESPONSIVE, **change}))
    assert found.unread == (102,)
    assert set(found.tags) == {"a", "b"}
    assert {one.tag for own in found.tags.values() for one in own} == {"exempt"}


VOLUME: dict[str, Any] = {"volume": "1", "name": "V1", "profile": "foia", "manifest": "ab",
                          "bates": {"prefix": "CITY", "first": 1, "last": 20}}  # fmt: skip
PAGES: dict[str, Any] = {
    "series": handle("s"),
    "first": "1",
    "last": "50",
    "prefix": "CITY",
    "width": 6,
}


def test_unused_numbers_come_after_the_last_volume() -> None:
    """Of its prefix; a volume without pages uses none."""
    other = {**PAGES, "series": handle("t"), "prefix": "MAP", "last": "9"}
    bare = {**VOLUME, "volume": "2", "bates": {}}
    found = told(("bates", PAGES), ("bates", other), ("export", VOLUME), ("export", bare))
    assert [(one.first, one.last) for one in found.unused("CITY")] == [(21, 50)]
    assert [(one.first, one.last) for one in found.unused("MAP")] == [(1, 9)]
    assert (found.next_volume, found.unread) == (3, ())
    whole = {**VOLUME, "bates": {"prefix": "CITY", "first": 1, "last": 50}}
    assert told(("bates", PAGES), ("export", whole)).unused("CITY") == ()


@pytest.mark.parametrize(
    "change",
    [{"bates": 7}, {"bates": {"prefix": "CITY"}}, {"manifest": 7},
     {"bates": {"prefix": "CITY", "first": "1", "last": 2}}],
)  # fmt: skip
def test_a_volume_of_no_form_says_nothing(change: dict[str, Any]) -> None:
    """It has its number and its set all the same: the log has those."""
    found = told(("export", {**VOLUME, **change}))
    assert found.unread == (101,)
    assert [(one.number, said) for one, said in found.volumes] == [(1, {})]
    assert found.next_volume == 2


@pytest.mark.parametrize(
    "change",
    [
        {"prefix": "city"},
        {"width": 99},
        {"first": "2"},
        {"series": "x"},
        {"width": "6"},
        {"prefix": None},
    ],
)
def test_numbers_of_no_form_are_void(change: dict[str, Any]) -> None:
    """They stay taken in the log; no volume can have them."""
    one = act(101, "bates", series=PAGES["series"], first="1", last="50")
    matters = fold(OPEN, one)
    unread: list[int] = []
    assert reserved_in(matters, {one.statement["subject"]: {**PAGES, **change}}, unread) == []
    assert unread == [101]
    assert isinstance(matters, Matters)


def test_a_prefix_has_the_series_and_width_of_its_first() -> None:
    """What another home took of it at the same moment is void, and so is another width."""
    twin = {**PAGES, "series": handle("t")}
    wide = {**PAGES, "first": "51", "last": "60", "width": 8}
    more = {**PAGES, "first": "61", "last": "70"}
    found = told(("bates", PAGES), ("bates", twin), ("bates", wide), ("bates", more))
    assert [(one.first, one.last) for one in found.reserved] == [(1, 50), (61, 70)]
    assert found.unread == (102, 103)


def test_numbers_have_the_digits_of_their_width() -> None:
    """A row that ends beyond them is void."""
    assert told(("bates", {**PAGES, "width": 4, "last": "10000"})).reserved == ()
    assert len(told(("bates", {**PAGES, "width": 4, "last": "9999"})).reserved) == 1


def test_approved_is_a_question_of_the_whole_set() -> None:
    """One leaf more or less is another set."""
    found = replace(told(), approvals=tuple(fold(
        OPEN, act(101, "export-approve", leaves=LEAVES, requester="")
    ).matters[handle("m")].approvals))  # fmt: skip
    assert found.approved(LEAVES)
    assert not found.approved([[1, 4]])
    assert not found.approved([])
