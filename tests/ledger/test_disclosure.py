"""Disclosures: any part opens, the rest stays closed, and nothing can be changed or added."""

from __future__ import annotations

import base64
import copy
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.columns import fields_of
from archiver.errors import FormatError
from archiver.ledger.commitment import committed_root, hash_of, leaves
from archiver.ledger.disclosure import close, disclose, opened_leaves, recommit, text_of
from archiver.record import Excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.ledger.commitment import Leaf

SALT = bytes(range(32))
GAP = "[...]"
ROW = {
    "state": "approved",
    "url": "https://city.example/?p=17",
    "title": "",
    "text": "Call Marta at 555-0142 before noon, or mail marta@city.example today.",
    "author_name": "Wilkowska",
    "extra": '{"k":1}',
}


def fields(row: dict[str, str] | None = None) -> list[Leaf]:
    """Return the field leaves of a comment."""
    return leaves(SALT, [], [], fields_of("comments"), ROW if row is None else row)[2]


def root_of(group: Sequence[Leaf]) -> bytes:
    """Return the committed root over leaves."""
    return committed_root([hash_of(leaf) for leaf in group])


FIELDS = fields()
ROOT = root_of(FIELDS)
TEXT_PLACE = next(place for place, leaf in enumerate(FIELDS) if leaf.name == "text")
WITHHELD = {token.number for token in FIELDS[TEXT_PLACE].tokens if b"555" in token.value}


@given(st.integers(0, 40), st.data())
def test_any_part_leads_to_the_root(count: int, data: st.DataObject) -> None:
    """Whichever excerpts of however many are opened, the reader comes to the committed root."""
    group = leaves(SALT, [Excerpt("item", bytes([n])) for n in range(count)], [], (), {})[0]
    opened = data.draw(st.sets(st.integers(0, max(count - 1, 0)))) if count else set()
    tree = json.loads(json.dumps(disclose(group, opened)))
    assert recommit(tree) == root_of(group)
    assert [one["place"] for one in opened_leaves(tree)] == sorted(opened)
    assert len(tree["closed"]) <= max(count - len(opened), 0)


@given(st.dictionaries(st.sampled_from([c.name for c in fields_of("comments")]), st.text(
    st.characters(exclude_categories=["Cs"]), max_size=60)), st.data())  # fmt: skip
def test_any_fields_and_tokens(row: dict[str, str], data: st.DataObject) -> None:
    """Whichever fields are opened, and whichever of their tokens withheld, the root is the same."""
    group = fields(row)
    places = st.sets(st.integers(0, len(group) - 1)) if group else st.just(set[int]())
    opened = data.draw(places)
    numbers = [token.number for leaf in group for token in leaf.tokens]
    withheld = data.draw(st.sets(st.sampled_from(numbers)) if numbers else st.just(set[int]()))
    tree = disclose(group, opened, withheld)
    assert recommit(json.loads(json.dumps(tree))) == root_of(group)
    if not withheld:
        shown = {one["name"]: text_of(one, GAP) for one in opened_leaves(tree)}
        assert shown == {group[place].name: row[group[place].name] for place in opened}


def test_closed_says_its_root_only() -> None:
    """A closed tree is its root, and opens nothing."""
    tree = close(ROOT)
    assert tree == {"root": ROOT.hex()}
    assert recommit(tree) == ROOT
    assert opened_leaves(tree) == []


def test_text_with_a_gap() -> None:
    """One mark stands for each run of withheld tokens, every other word for itself."""
    tree = disclose(FIELDS, [TEXT_PLACE], WITHHELD)
    assert text_of(tree["opened"][0], GAP) == (
        "Call Marta at [...] before noon, or mail marta@city.example today."
    )
    every = {token.number for token in FIELDS[TEXT_PLACE].tokens}
    assert text_of(disclose(FIELDS, [TEXT_PLACE], every)["opened"][0], GAP) == "[...] "


def test_bytes_that_are_no_text() -> None:
    """An excerpt that is not UTF-8 is carried as base64."""
    group = leaves(SALT, [Excerpt("item", b"\xff\x00")], [], (), {})[0]
    tree = disclose(group, [0])
    assert tree["opened"][0]["base64"] == "/wA="
    assert recommit(tree) == root_of(group)
    assert text_of(tree["opened"][0], GAP) == "\ufffd\x00"


@given(st.sets(st.integers(0, len(FIELDS) - 1)), st.data())
def test_nothing_of_what_is_withheld_leaks(opened: set[int], data: st.DataObject) -> None:
    """Bytes and salts of withheld tokens and closed fields occur nowhere, in no spelling."""
    words = FIELDS[TEXT_PLACE].tokens
    long = [word for word in words if len(word.value) >= 6]
    withheld = data.draw(st.sets(st.sampled_from([word.number for word in long])))
    written = json.dumps(disclose(FIELDS, opened, withheld)).lower()
    shown = TEXT_PLACE in opened
    hidden = [word for word in long if not shown or word.number in withheld]
    hidden += [leaf for place, leaf in enumerate(FIELDS) if place not in opened and leaf.kind == 3]
    salted = [*hidden, *(leaf for place, leaf in enumerate(FIELDS) if place not in opened)]
    for spelled in (
        bytes.hex,
        lambda b: base64.b64encode(b).decode(),
        lambda b: base64.b32encode(b).decode(),
    ):
        assert not any(spelled(leaf.salt).lower().rstrip("=") in written for leaf in salted)
        assert not any(spelled(leaf.value).lower().rstrip("=") in written for leaf in hidden)
    assert not any(leaf.value.decode().lower() in written for leaf in hidden)
    assert SALT.hex() not in written


def places_of(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    """Yield the path to every value of a JSON document."""
    if path:
        yield path
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in items:
        yield from places_of(value, (*path, key))


def mutations(tree: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every way to drop, flip, double, move or rename one value of a disclosure."""
    for path in list(places_of(tree)):

        def change(path: tuple[Any, ...] = path) -> tuple[dict[str, Any], Any, Any]:
            twin = copy.deepcopy(tree)
            parent: Any = twin
            for key in path[:-1]:
                parent = parent[key]
            return twin, parent, path[-1]

        twin, parent, key = change()
        del parent[key]
        yield f"drop {path}", twin
        for other in flips(parent_value := change()[1][key]):
            twin, parent, key = change()
            parent[key] = other
            yield f"flip {path} {other!r}"[:90], twin
        twin, parent, key = change()
        if isinstance(parent, list):
            parent.insert(key, copy.deepcopy(parent[key]))
            yield f"double {path}", twin
            twin, parent, key = change()
            parent.append(parent.pop(key))
            if parent[-1] != parent_value or twin != tree:
                yield f"move {path}", twin
        else:
            parent[f"{key}x"] = parent[key]
            yield f"add {path}", twin
            twin, parent, key = change()
            parent[f"{key}x"] = parent.pop(key)
            yield f"rename {path}", twin


def flips(value: object) -> list[object]:
    """Return other values in the place of one."""
    others: list[object] = [None, [], {}, "", -1, True, 1.5, "zz"]
    if isinstance(value, int):
        others += [value + 1, value - 1, float(value), str(value), 1 << 70]
    if isinstance(value, str):
        others += [
            value + "0",
            value[:-1],
            value.upper(),
            value.lower(),
            f"{value} ",
            value[::-1],
            value.encode().hex(),
        ]
    return [one for one in others if type(one) is not type(value) or one != value]


def test_every_mutation_is_refused() -> None:
    """No change anywhere in a disclosure leads to the committed root."""
    tree = disclose(FIELDS, [0, TEXT_PLACE, len(FIELDS) - 1], WITHHELD)
    assert recommit(tree) == ROOT
    count = 0
    for what, mutated in mutations(tree):
        count += 1
        if mutated == tree and json.dumps(mutated) == json.dumps(tree):
            continue  # what was moved is as it was
        try:
            found = recommit(mutated)
        except FormatError:
            continue
        assert found != ROOT, what
    assert count > 1000


def test_nothing_may_stand_beside_what_is_checked() -> None:
    """A closed tree that claims opened leaves is refused: they would be shown as proven."""
    forged = disclose(FIELDS, [0])["opened"]
    forged[0]["text"] = "forged"
    for tree in (
        {"root": ROOT.hex(), "opened": forged},
        {"root": ROOT.hex(), "count": 1, "opened": forged, "closed": []},
        disclose(FIELDS, [0]) | {"root": ROOT.hex()},
    ):
        with pytest.raises(FormatError):
            recommit(tree)


@pytest.mark.parametrize(
    "value",
    [
        {"text": "a", "base64": "YQ=="},
        {"base64": "YQ=="},
        {"base64": "/x=="},
        {"base64": "/w="},
        {},
    ],
)
def test_a_value_has_one_spelling(value: dict[str, str]) -> None:
    """Text is text, other bytes are canonical base64, never both, never none."""
    group = leaves(SALT, [Excerpt("item", b"a")], [], (), {})[0]
    tree = disclose(group, [0])
    del tree["opened"][0]["text"]
    tree["opened"][0] |= value
    with pytest.raises(FormatError):
        recommit(tree)


def test_a_kind_is_committed() -> None:
    """A plain field can't be passed off as a text, or a text as a plain field."""
    tree = disclose(FIELDS, [0])
    for kind in (1, 2, 4, 5, 255, 256, 3.0, True):
        other = copy.deepcopy(tree)
        other["opened"][0]["kind"] = kind
        with suppress(FormatError):
            assert recommit(other) != ROOT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("00" * 32),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "root",
                    "count",
                    "opened",
                    "closed",
                    "place",
                    "kind",
                    "name",
                    "salt",
                    "text",
                    "tokens",
                    "base64",
                ]
            ),
            inner,
            max_size=7,
        )
    ),
    max_leaves=20,
)
openings = st.fixed_dictionaries(
    {
        "place": json_values,
        "kind": st.sampled_from([3, 4, 5, 300, -1, 1e99]),
        "name": json_values,
        "salt": st.just("00" * 32),
    },
    optional={"text": json_values, "base64": json_values, "tokens": json_values},
)
near_trees = st.fixed_dictionaries(
    {
        "count": st.integers(-1, 4) | json_values,
        "opened": st.lists(openings, max_size=3) | json_values,
        "closed": st.lists(st.just("00" * 32), max_size=3) | json_values,
    }
)


@given(json_values | near_trees)
def test_garbage_is_a_format_error(tree: Any) -> None:  # noqa: ANN401 - any JSON
    """Whatever JSON comes, the answer is a root or a `FormatError`."""
    with suppress(FormatError):
        assert len(recommit(tree)) == 32


def test_depth_and_size_are_bounded() -> None:
    """Texts in texts in texts, and counts beyond all sense, are refused."""
    tree: dict[str, Any] = {"count": 0, "opened": [], "closed": []}
    for _ in range(5000):
        opening = {"place": 0, "kind": 4, "name": "t", "salt": "00" * 32, "tokens": tree}
        tree = {"count": 1, "opened": [opening], "closed": []}
    with pytest.raises(FormatError):
        recommit(tree)
    with pytest.raises(FormatError):
        recommit({"count": 1 << 25, "opened": [], "closed": ["00" * 32]})


def test_long_texts_open() -> None:
    """A text of many words opens, whole and with every second word withheld."""
    group = fields({"text": "word " * 5000})
    numbers = {token.number for token in group[0].tokens[::2]}
    for withheld in (set[int](), numbers):
        tree = disclose(group, [0], withheld)
        assert recommit(tree) == root_of(group)
