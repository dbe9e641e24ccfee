"""From words to SQL: what is found, what is not, what is refused."""

# ruff: noqa: RUF001 - look-alike characters are what these tests are about

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archiver.edges.duck import DuckEngine
from archiver.errors import UsageError
from archiver.flows.search import empty_rows
from archiver.flows.search_hits import numbers
from archiver.search.fold import DOUBLE_QUOTES
from archiver.search.matching import PART
from archiver.search.query import SEARCHED, Query, compile_query
from archiver.search.tokens import places, words
from archiver.search.vocabulary import Finding
from tests.search.naive import hits_in

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = [
    ("a", "present", 0, "Budget hearing", "The hearing is on Tuesday at 7pm. Call 555-0142."),
    ("b", "present", 1, None, "¿Habrá un intérprete en la reunión? ¡Sí!"),
    ("c", "present", 2, None, "Zażółć gęślą jaźń, ul. Świętokrzyska 5"),
    ("d", "present", 3, None, "我反对这个计划。市政府应该听我们的意见"),
    ("e", "present", 4, None, "الشارع مغلق اليوم"),
    ("f", "present", 5, None, "I don't like the state-of-the-art road_work at O'Hare"),
    ("g", "present", 6, None, "first wording"),
    ("g", "edited", 7, None, "second wording"),
    ("h", "present", 8, None, "soon gone"),
    ("h", "deleted", 9, None, None),
    ("i", "hidden", 10, None, "was spam"),
    ("i", "restored", 11, None, "was spam"),
    ("j", "present", 12, None, "before\x00after"),
    ("k", "present", 13, "lifted", "x\nnext line"),
    ("l", "present", 14, None, "It’s the mayor’s spot – call 555‑0199 or 555–0123"),
    ("m", "present", 15, None, "请拨打555-0177。"),
    ("n", "present", 16, None, "un\u00adbe\u00adliev\u00adable zero\u200bwidth １２３ ﬁre 😀face"),
    ("o", "present", 17, None, "قالَ العُمْدة: المياه"),
    ("p", "present", 18, None, "Straße İstanbul 회의를 การประชุม"),
    ("q", "present", 19, None, "to be OR not to be (that is) the question? 5 * 5"),
    ("r", "present", 20, None, "#budget C++ AT&T $5,000 Acme™ “pot hole” 1\ufe0f\u20e3"),
    ("s", "present", 21, None, "evil\u202egnp footnote² of 5 m²"),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    """A locked-down engine."""
    with DuckEngine() as opened:
        yield opened


def _table(rows: list[tuple[str, str, int, str | None, str | None]], **more: object) -> pa.Table:
    columns: dict[str, list[object]] = {
        name: [more.get(name)] * len(rows) for name in empty_rows().column_names
    }
    for place, (record, kind, leaf, title, text) in enumerate(rows):
        columns["record_id"][place] = f"wordpress:blog:comments:{record}"
        columns["observation_id"][place] = f"uuid-{leaf}"
        columns["account"][place] = "blog"
        columns["stream"][place] = "comments"
        columns["kind"][place] = kind
        columns["leaf"][place] = leaf
        columns["title"][place] = title
        columns["text"][place] = text
        columns["captured_at"][place] = 1_780_000_000_000_000 + leaf * 86_400_000_000
    columns["unread"] = [more.get("unread", -1)] * len(rows)
    columns["searched"] = [True] * len(rows)
    return pa.table(columns, schema=empty_rows().schema)


def _hits(engine: DuckEngine, query: Query, *tables: pa.Table) -> list[dict[str, Any]]:
    asked = compile_query(query)
    finding = Finding(asked.matching.terms)
    known = {
        "rows": pa.concat_tables(tables, promote_options="default"),
        "hit": hits_in(finding, tables),
        "part": numbers(PART, asked.matching.parts),
    }
    return engine.query(known, asked.sql, asked.parameters).to_pylist()


def _found(engine: DuckEngine, query: Query) -> list[str]:
    hits = _hits(engine, query, _table(ROWS))
    return sorted(str(hit["record_id"]).rpartition(":")[2] for hit in hits)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("hearing", "a"),
        ("HEARING tuesday", "a"),
        ("hear", ""),
        ('"hearing is on"', "a"),
        ('"is hearing"', ""),
        ("555-0142", "a"),
        ("0142", "a"),
        ("7pm.", "a"),
        ("'; DROP TABLE rows; --", ""),
        ("(hearing OR reunión) AND (NOT tuesday)", "b"),
        ("call W/1 555", "al"),
        ("555 W/1 call", "al"),
        ("555 PRE/1 call", ""),
        ("hearing NOT W/1 budget", "a"),
        ("hear*", "a"),
        ("h?aring", "a"),
        ("hears~", "a"),
        ("he%ring", "a"),
        ("#budget", "r"),
        ("budget NOT W/5 c", "a"),
        ("state:deleted", "h"),
        ("NOT stream:comments", ""),
        ("account:blog AND 我反对这个计划", "d"),
        ("date:2026-05-29..2026-05-30", "bc"),
        ("after", "j"),
        ("intérprete reunión", "b"),
        (unicodedata.normalize("NFD", "intérprete"), "b"),
        ("ŚWIĘTOKRZYSKA", "c"),
        ("市政府", "d"),
        ("مغلق", "e"),
        ("don't", "f"),
        ("state-of-the-art", "f"),
        ('"state of the art"', "f"),
        ("road_work", "f"),
        ("O'Hare", "f"),
        ("first", "g"),
        ("wording", "g"),
        ("it's MAYOR'S", "l"),
        ("it’s", "l"),
        ("don´t", "f"),
        ("O’Hare", "f"),
        ("555-0199", "l"),
        ("555–0123", "l"),
        ('"555 0199"', "l"),
        ("555-0177", "m"),
        ("请拨打555", "m"),
        ("拨打", "m"),
        ('"市 政府"', "d"),
        ("😀", "n"),
        ("face", "n"),
        ("123", "n"),
        ("１２３", "n"),
        ("fire", "n"),
        ("unbelievable", "n"),
        ("ZeroWidth", "n"),
        ("العمدة", "o"),
        ("العُمْدة", "o"),
        ("strasse", "p"),
        ("istanbul", "p"),
        ("회의", "p"),
        ("ประชุม", "p"),
        ('"OR"', "lq"),
        ('"question?"', "q"),
        ('"(that is)"', "q"),
        ("or", "lq"),
        ("#budget budget", "r"),
        ("C++", "r"),
        ("at&t $5,000", "r"),
        ("acme", "r"),
        ("width", "n"),
        ("gnp", "s"),
        ("evilgnp", "s"),
        ("footnote", "s"),
        ("m2", "s"),
        ("“pot hole”", "r"),
        ("1", "r"),
        ('"x next line"', "k"),
        ('"lifted x"', ""),
        ("lifted x", "k"),
        ("\u200b", "abcdefghijklmnopqrs"),
        ("", "abcdefghijklmnopqrs"),
    ],
)
def test_words(engine: DuckEngine, words: str, expected: str) -> None:
    """Whole words in any version of a record, whatever the script; nothing is a pattern."""
    assert "".join(_found(engine, Query(words))) == expected


def test_states_are_the_latest(engine: DuckEngine) -> None:
    """A record's state is that of its latest observation; an edit is no state."""
    assert _found(engine, Query(state="deleted")) == ["h"]
    assert "i" in _found(engine, Query(state="present"))
    assert "g" in _found(engine, Query(state="present"))
    assert _found(engine, Query("gone", state="present")) == []


def test_rows_for_the_state_alone_are_no_hits(engine: DuckEngine) -> None:
    """A row without searched text changes its record's state, and is never found itself."""
    table = _table([("a", "present", 0, None, "was public"), ("b", "present", 1, None, "other")])
    hidden = _table([("a", "held", 2, None, None), ("c", "held", 3, None, None)])
    bare = hidden.select(["record_id", "kind", "leaf", "captured_at", "unread"])
    bare = bare.append_column("searched", pa.array([False] * len(bare)))
    for state, expected in (("", [("a", "held", False)]), ("present", []), ("held", ["held"])):
        hits = _hits(engine, Query("public", state=state), table, bare)
        shown = [(h["record_id"].rpartition(":")[2], h["state"], h["latest"]) for h in hits]
        assert shown == (expected if expected != ["held"] else [("a", "held", False)])
    assert len(_hits(engine, Query(), table, bare)) == 2


@pytest.mark.parametrize(
    ("unread", "state", "latest"),
    [(-1, "present", True), (6, "present", True), (9, "unknown", None)],
)
def test_what_may_be_unread_is_not_stated(
    engine: DuckEngine, unread: int, state: str, latest: object
) -> None:
    """Unread leaves after a record's last one leave its state unknown; earlier ones do not."""
    rows = _table([("g", "present", 7, None, "wording")], unread=unread)
    (hit,) = _hits(engine, Query("wording"), rows)
    assert (hit["state"], hit["latest"]) == (state, latest)


def test_an_edit_tells_no_state(engine: DuckEngine) -> None:
    """Where only the edit of a record can be read, its state is unknown; its text is latest."""
    rows = _table([("g", "edited", 7, None, "wording")], unread=3)
    (hit,) = _hits(engine, Query("wording"), rows)
    assert (hit["state"], hit["latest"]) == ("unknown", True)


def test_as_of_forgets_what_came_later(engine: DuckEngine) -> None:
    """As of a moment, later observations neither match nor count."""
    sixth = "2026-06-04T20:26:39Z"  # a second before leaf 7
    assert _found(engine, Query("second", as_of=sixth)) == []
    assert _found(engine, Query("first", as_of=sixth)) == ["g"]


def test_days_include_both_ends(engine: DuckEngine) -> None:
    """--from and --to name days in UTC, both included."""
    assert _found(engine, Query(since="2026-05-28", until="2026-05-28")) == ["a"]
    assert _found(engine, Query(since="2026-05-29", until="2026-05-30")) == ["b", "c"]


@pytest.mark.parametrize(
    "query",
    [
        Query('"open'),
        Query(since="2026-02-30"),
        Query(until="yesterday"),
        Query(stream="gossip"),
        Query(state="lost"),
        Query(state="edited"),
        Query(as_of="noon"),
        Query(as_of="0001-01-01T00:00:00+14:00"),
        Query(as_of="9999-12-31T23:59:59-14:00"),
    ],
)
def test_senseless_conditions_are_refused(query: Query) -> None:
    """A condition that makes no sense is a usage error with a hint, not an empty answer."""
    with pytest.raises(UsageError) as refused:
        compile_query(query)
    assert refused.value.mend


@given(st.text(max_size=60))
def test_a_texts_own_words_find_it(text: str) -> None:
    """Whatever was written, all of its words in a row are found in it."""
    assume(not set(text) & {'"', *DOUBLE_QUOTES})
    there = {(place, token) for token, place, _ in places([None, text])}
    own = [spellings[-1] for spellings in words(text)]
    starts = {place for place, token in there if own and token == own[0]}
    found = (all((start + n, one) in there for n, one in enumerate(own)) for start in starts)
    assert not own or any(found)


@pytest.mark.parametrize("field", SEARCHED)
def test_every_searched_field_is_searched(engine: DuckEngine, field: str) -> None:
    """A word is found in each of the fields that are searched, and in no other."""
    columns: dict[str, list[object]] = {name: [None] for name in empty_rows().column_names}
    columns |= {"record_id": ["r"], "kind": ["present"], "leaf": [0], "unread": [-1]}
    columns |= {field: ["Culvert"], "url": ["ditch"], "searched": [True]}
    table = pa.table(columns, schema=empty_rows().schema)
    for word, count in (("culvert", 1), ("ditch", 0)):
        assert len(_hits(engine, Query(word), table)) == count


def test_the_longest_phrase_is_answered(engine: DuckEngine) -> None:
    """As many words as a query may have, in one phrase, are found."""
    phrase = " ".join(f"wörter{n}" for n in range(300))
    rows = _table([("a", "present", 0, None, f"so, {phrase}."), ("b", "present", 1, None, "x")])
    assert len(_hits(engine, Query(f'"{phrase}"'), rows)) == 1
