"""Attacks on redacted versions: words that were planted everywhere, and what a proof gives away.

A canary is planted in each field, in a spelling that a platform might use; one place of one version
is marked. Whatever goes out is then read as an attacker would: decoded, joined, turned round.
"""

from __future__ import annotations

import base64
import html
import json
import re
from itertools import permutations
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.columns import COLUMNS, FIELDS, TEXT_FIELDS
from archiver.errors import RefusedError
from archiver.ledger.commitment import TOKEN, committed_lines, leaf_hash, leaves
from archiver.ledger.disclosure import opened_leaves, segments_of
from archiver.ledger.folding import folded
from archiver.record import Excerpt
from archiver.redact.apply import REPEATING, pieces, redacted
from archiver.redact.mark import Mark
from archiver.redact.withheld import withheld
from tests.doubles import SeededRandomness
from tests.redact.spelt import spellings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.ledger.withholding import Trees
    from archiver.redact.apply import Redacted

SALT = SeededRandomness("redaction").bytes(32)
RECORD = "stand-in:park-district:posts:4711"
PLANTED = {name: column for name, column in COLUMNS.items() if column.home == "field"}
CANARIES = [
    "Zaneta Quillfeather",
    "630-555-0142",
    "Żaneta-Marie O'Quill",
    "zq.1985@example.com",
    "Li",
]


def trees(row: dict[str, str], lines: tuple[bytes, ...] = ()) -> Trees:
    """Return the leaves of an observation with a row, its bytes as received, and header lines."""
    told = [b"WARC/1.1", f"Archive-Record: {RECORD}".encode(), b"Archive-Kind: present", *lines]
    told += [b"WARC-Date: 2026-11-20T09:00:00Z", b"Content-Length: 512"]
    item = Excerpt("item", json.dumps(row).encode())
    return leaves(SALT, [item], committed_lines(told), FIELDS, row)


def marked(text: str, find: str) -> Mark:
    """Return a mark on a text of the first version."""
    at = text.index(find)
    return Mark("h", RECORD, "7(1)(b)", "private", "d", "t", "o1", "text", at, at + len(find))


def shown(made: Redacted) -> Iterator[str]:
    """Yield everything that is opened, texts with their gaps left out."""
    for tree in made.shown.values():
        for one in opened_leaves(tree):
            yield "".join(part for part in segments_of(one) if isinstance(part, str))


def read(text: str) -> Iterator[str]:
    """Yield a text as an attacker reads it: with codings taken off, again and again."""
    for _ in range(4):
        yield text
        yield re.sub(r"<[^>]*>", "", text)
        text = unquote(html.unescape(text))
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)


def says(made: Redacted, canary: str) -> bool:
    """Tell whether anything that is opened says a canary, its words in any order."""
    words = [folded(word) for word in canary.split()]
    turned = {"".join(one) for one in permutations(words)}
    return any(
        one in folded(text) for opened in shown(made) for text in read(opened) for one in turned
    )


@pytest.mark.parametrize("canary", CANARIES[:4])
@pytest.mark.parametrize("field", [name for name in PLANTED if name != "text"])
def test_a_canary_is_found_in_every_field(field: str, canary: str) -> None:
    """In each spelling; by itself, and inside of other words."""
    text = f"Ask {canary} about it."
    for spelt in sorted(spellings(canary)):
        planted = json.dumps({"a": [f"x {spelt} y"]}) if PLANTED[field].type == "json" else spelt
        row = {"text": text, field: planted}
        whole = trees(row)
        marks = withheld([marked(text, canary)], {"o1": row})
        made = redacted(whole, (RECORD, "o1"), marks, ())
        assert not says(made, canary), spelt


@pytest.mark.parametrize("canary", CANARIES)
def test_a_later_version_does_not_say_it(canary: str) -> None:
    """What was marked before an edit is closed after it, in another spelling and order."""
    text = f"Ask {canary} about it, he knows."
    turned = " ".join(reversed(canary.split()))
    after = {"text": f"EDIT: {turned.upper()}, as I said, {canary}!", "title": canary}
    marks = withheld([marked(text, canary)], {"o1": {"text": text}, "o2": after})
    made = redacted(trees(after), (RECORD, "o2"), marks, ())
    words = {word for text in shown(made) for word in re.findall(r"\w+", text.casefold())}
    assert not says(made, canary) or canary == "Li"
    assert not words & {word.casefold() for word in re.findall(r"\w+", canary)} - {"s"}


def test_header_lines_do_not_say_it() -> None:
    """Addresses in particular; lines that give lengths are closed in any case."""
    text = "Ask Zaneta Quillfeather."
    lines = (b"Archive-Page: https://x/zaneta%20quillfeather", b"Archive-Server: plain")
    marks = withheld([marked(text, "Zaneta Quillfeather")], {"o1": {"text": text}})
    made = redacted(trees({"text": text}, lines), (RECORD, "o1"), marks, ())
    told = list(shown(made))
    assert "Archive-Server: plain" in told
    assert not any("quillfeather" in one or one.startswith("Content-Length") for one in told)


def test_files_in_json_close() -> None:
    """What a data address holds nobody reads."""
    text = "Call 630-555-0142."
    hidden = base64.b64encode(b"630-555-0142").decode()
    row = {"text": text, "attachments": json.dumps([f"data:text/plain;base64,{hidden}"])}
    marks = withheld([marked(text, "630-555-0142")], {"o1": row})
    made = redacted(trees(row), (RECORD, "o1"), marks, ())
    assert not any(hidden in one for one in shown(made))


def test_an_account_s_name_is_no_secret() -> None:
    """A resident called Park can be withheld at a park district; an id that says it can't."""
    text = "I am Jo Park, of Elm."
    marks = withheld([marked(text, "Park")], {"o1": {"text": text}})
    made = redacted(trees({"text": text}), (RECORD, "o1"), marks, ())
    assert "Park" not in "".join(shown(made))
    with pytest.raises(RefusedError):
        redacted(trees({"text": text}), ("stand-in:city:posts:jo-park", "o1"), marks, ())


def test_a_closed_number_can_not_be_tried_out() -> None:
    """Ten thousand numbers against every closed hash, with every salt that the proof gives away."""
    text = "Call 630-555-0142 now, or the desk at 630-555-0300."
    whole = trees({"text": text})
    marks = withheld([marked(text, "630-555-0142")], {"o1": {"text": text}})
    proof = redacted(whole, (RECORD, "o1"), marks, ()).shown
    salts = [
        bytes.fromhex(one) for one in re.findall(r'"salt": "([0-9a-f]{64})"', json.dumps(proof))
    ]
    hashes = set(re.findall(r'"([0-9a-f]{64})"', json.dumps(proof))) - {one.hex() for one in salts}
    assert SALT.hex() not in json.dumps(proof)
    assert len(salts) > 8
    true = next(one for one in whole[2][0].tokens if b"0142" in one.value)
    assert true.salt not in salts
    tried = [f"630-555-{number:04} ".encode() for number in range(10_000)]
    assert (
        leaf_hash(TOKEN, "", true.salt, tried[142]).hex() in hashes
    )  # with its own salt it would be
    for salt in salts:
        assert not any(leaf_hash(TOKEN, "", salt, one).hex() in hashes for one in tried[2::7])


characters = st.characters(exclude_categories=["Cs"])


@settings(max_examples=60)
@given(
    st.text(st.characters(categories=["L", "Nd"]), min_size=4, max_size=12),
    st.dictionaries(st.sampled_from(sorted(PLANTED)), st.text(characters, max_size=30), max_size=5),
    st.data(),
)
def test_no_row_says_it(canary: str, row: dict[str, str], data: st.DataObject) -> None:
    """Whatever stands around, whatever the spelling, whatever the other fields are."""
    row["text"] = f"{data.draw(st.text(characters, max_size=20))} {canary} and so on"
    for name in list(row):
        if name != "text" and data.draw(st.booleans()):
            row[name] += data.draw(st.sampled_from(sorted(spellings(canary))))
    at = row["text"].index(canary)
    mark = Mark("h", RECORD, "c", "b", "d", "t", "o1", "text", at, at + len(canary))
    try:
        made = redacted(trees(row), (RECORD, "o1"), withheld([mark], {"o1": row}), ())
    except RefusedError:  # its digits are those of the id
        assert folded(canary) in folded(RECORD)
        return
    assert not says(made, canary) or not folded(canary)
    parts = {one["name"]: segments_of(one) for one in opened_leaves(made.shown["fields"])}
    fields, closed = pieces(made, trees(row)[2], parts)
    assert fields.keys() | closed.keys() == row.keys()
    assert set(closed.values()) <= {("c",)}
    assert not fields.keys() & REPEATING
    whole = {name for name, found in fields.items() if found == (row[name],)}
    assert all(name in TEXT_FIELDS for name in fields.keys() - whole if row[name])
