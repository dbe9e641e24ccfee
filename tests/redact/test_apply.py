"""Marks applied to one observation: what closes, under which codes, and what is refused."""

from __future__ import annotations

import pytest

from archiver.columns import FIELDS
from archiver.errors import RefusedError
from archiver.ledger.commitment import leaves
from archiver.ledger.disclosure import opened_leaves, segments_of
from archiver.redact import apply as module
from archiver.redact.apply import pieces, redacted
from archiver.redact.mark import Mark, Region
from archiver.redact.withheld import withheld

PLACE = ("stand-in:city:posts:17", "o1")


def mark(start: int = 0, end: int = 0, field: str = "text", code: str = "c") -> Mark:
    """Return a mark on a stretch of a field of the first version."""
    return Mark("h", PLACE[0], code, "b", "d", "t", "o1", field, start, end)


def shown(row: dict[str, str], *marks: Mark) -> tuple[dict[str, object], dict[str, object]]:
    """Return what is shown of a row, and what is closed."""
    values = leaves(bytes(32), [], [], FIELDS, row)
    made = redacted(values, PLACE, withheld(marks, {"o1": row}), ())
    opened = opened_leaves(made.shown["fields"])
    fields, closed = pieces(made, values[2], {one["name"]: segments_of(one) for one in opened})
    return dict(fields), dict(closed)


@pytest.mark.parametrize("sign", ["!!!", "\N{SLIGHTLY SMILING FACE}", "*"])
def test_what_has_no_letter_closes_at_its_place(sign: str) -> None:
    """There and nowhere else: there is nothing to look for."""
    row = {"text": f"He is {sign} again {sign}", "title": sign}
    fields, closed = shown(row, mark(6, 6 + len(sign)))
    assert fields == {"text": ("He is ", (1, ("c",)), f"again {sign}"), "title": (sign,)}
    assert closed == {}


def test_a_place_in_a_plain_field_closes_all_of_it() -> None:
    """Only texts are proven word by word."""
    fields, closed = shown({"url": "https://x/a?b=c", "title": "T"}, mark(10, 11, "url"))
    assert (fields, closed) == ({"title": ("T",)}, {"url": ("c",)})


def test_what_a_gap_brings_together_closes_as_a_whole() -> None:
    """Words on both sides of a withheld one may say what is withheld: none is shown."""
    row = {"text": "Call 555 Jane 0142", "summary": "Jane: 555-0142", "state": "s"}
    fields, closed = shown(row, mark(9, 13), mark(6, 14, "summary", "d"))
    assert fields == {"state": ("s",)}
    assert closed == {"text": ("c",), "summary": ("c", "d")}


def test_a_text_of_which_nothing_is_left_has_no_length() -> None:
    """The number of its words would tell which text it may be."""
    fields, closed = shown({"text": "Jane Doe", "state": "s"}, mark(0, 8))
    assert (fields, closed) == ({"state": ("s",)}, {"text": ("c",)})


def test_a_field_of_nothing_is_shown() -> None:
    """Empty is not withheld."""
    fields, closed = shown({"text": "", "title": "Jane here"}, mark(0, 4, "title"))
    assert fields == {"text": (), "title": ((1, ("c",)), "here")}
    assert closed == {}


def test_too_many_words_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No reader takes such a proof; with the long field withheld there are few."""
    monkeypatch.setattr(module, "MOST_WORDS", 3)
    row = {"text": "one two three four five", "title": "Jane was here"}
    with pytest.raises(RefusedError) as caught:
        shown(row, mark(0, 4, "title"))
    assert caught.value.code == "withhold-impossible"
    fields, _ = shown(row, mark(0, 4, "title"), mark(field="text"))
    assert fields == {"title": ((1, ("c",)), "was here")}


def test_codes_are_told_apart() -> None:
    """Of regions, fields, places and the whole record, sorted."""
    region = Mark("h", PLACE[0], "r", "b", "d", "t", region=Region((1, 2, 3, 4)))
    whole = Mark("h", PLACE[0], "w", "b", "d", "t")
    found = withheld([whole, region, mark(code="f"), mark(0, 1, code="p")], {"o1": {"text": "x"}})
    assert found.codes == ("f", "p", "r", "w")
    assert (set(found.whole), set(found.regions)) == ({"w"}, {"r"})
    assert {name: set(codes) for name, codes in found.fields.items()} == {"text": {"f"}}
