"""Proofs given out for the destroyed record itself: what was withheld stays withheld.

A proof is a file: nothing that happens in the archive later changes what it tells.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.columns import FIELDS
from archiver.formats import warc
from archiver.ledger.commitment import TOKEN, leaf_hash, leaves
from archiver.ledger.folding import needles_of
from archiver.ledger.withholding import disclose_part, hidden_leaves
from tests.attacks.dictionary import dictionary
from tests.attacks.scene import PLACE, observation
from tests.doubles import SeededRandomness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORDS = dictionary(1000)
UUID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
NUMBERS = [f"555-{number:04}" for number in range(1000)]
TRUE = 142
_OPENED = {"root", "salt", "text", "base64"}
SALT = SeededRandomness("salt").bytes(32)


def given(text: str, names: Sequence[str], withheld: str = "") -> dict[str, Any]:
    """Return the trees of a proof of a comment as they are given out."""
    seen = observation(PLACE, text)
    trees = leaves(SALT, seen.excerpts, warc.header_lines(seen, UUID), FIELDS, seen.row)
    needles = needles_of(withheld) if withheld else frozenset()
    return disclose_part(trees, set(names), hidden_leaves(trees[2], needles), needles)


def shape(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a proof without its hashes, salts and values: counts, places and names alone."""
    if isinstance(value, dict):
        inner = {k: shape(v) for k, v in value.items() if k not in _OPENED}
        return inner | ({"closed": len(value["closed"])} if "closed" in value else {})
    return [shape(one) for one in value] if isinstance(value, list) else value


def _told(proof: dict[str, Any]) -> str:
    return json.dumps(shape(proof))


def hidden(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield every closed hash."""
    for name, one in value.items() if isinstance(value, dict) else enumerate(value):
        if name in ("closed", "root"):
            yield from [one] if isinstance(one, str) else one
        elif isinstance(one, dict | list):
            yield from hidden(one)


def salts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield every sub-salt that a proof gives away."""
    for name, one in value.items() if isinstance(value, dict) else enumerate(value):
        if name == "salt":
            yield one
        elif isinstance(one, dict | list):
            yield from salts(one)


def test_a_closed_text_has_no_shape() -> None:
    """Not asked for, or withheld word by word, all thousand texts make a proof of one shape."""
    assert len({_told(given(text, ["state"])) for text in WORDS}) == 1
    assert len({_told(given(text, ["state", "text"], text)) for text in WORDS}) == 1


def test_an_open_text_tells_how_many_words_it_has() -> None:
    """Where one word is shown, the number of the others is: 5.6 bits of the ten there are."""
    told = {_told(given(f"Sir, {text}", ["state", "text"], text)) for text in WORDS}
    assert len(told) == 47


def test_a_withheld_word_can_not_be_tried_out() -> None:
    """Neither with the sub-salts of its neighbours, which the proof gives away."""
    proof = given(f"Call {NUMBERS[TRUE]} now", ["state", "text"], NUMBERS[TRUE])
    assert NUMBERS[TRUE] not in json.dumps(proof)
    closed, known = set(hidden(proof)), [bytes.fromhex(one) for one in salts(proof)]
    assert len(known) > 5
    assert _tried(known, closed) == []
    own = observation(PLACE, f"Call {NUMBERS[TRUE]} now")
    fields = leaves(SALT, own.excerpts, warc.header_lines(own, UUID), FIELDS, own.row)[2]
    text = next(leaf for leaf in fields if leaf.name == "text")
    assert _tried([text.tokens[1].salt], closed) == [TRUE]  # with its own it would be


def _tried(known: Sequence[bytes], closed: set[str]) -> list[int]:
    return [
        number
        for number, word in enumerate(NUMBERS)
        if any(leaf_hash(TOKEN, "", salt, f"{word} ".encode()).hex() in closed for salt in known)
    ]


def test_proofs_of_one_word_have_one_shape() -> None:
    """Whatever the withheld word is, and however long."""
    words = ["x", "yes", "555-0142", "Donaudampfschifffahrtsgesellschaft"]
    told = {_told(given(f"Call {word} now", ["state", "text"], word)) for word in words}
    assert len(told) == 1
