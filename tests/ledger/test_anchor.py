"""Entries of outside evidence, and the second hash."""

from __future__ import annotations

from hashlib import sha512
from typing import Any

import pytest

from archiver.errors import FormatError
from archiver.ledger import entry
from archiver.ledger.admission import check_form
from archiver.ledger.anchor import MOST_STAMPED, anchors_of, check_anchor, only_anchors_since
from archiver.ledger.batch import Batch
from archiver.ledger.rehash import Rehash, sha512_root

NAME = "01KACDG6Z0C1VJ5RCH1VE0S1KZ"
OTHER = "01KACDG6Z0C1VJ5RCH1VE0S1KY"
GOOD: dict[str, Any] = {
    "t": "anchor",
    "time": "2026-11-20T09:00:00.000000Z",
    "kind": "cosigned",
    "size": 3,
    "file": NAME,
    "sha256": "00" * 32,
}
STAMP = {**GOOD, "kind": "timestamp", "of": [OTHER]}


@pytest.mark.parametrize("body", [GOOD, STAMP, {**GOOD, "kind": "rehash"}])
def test_what_is_admitted(body: dict[str, Any]) -> None:
    """Each kind is admitted, and comes back from the log."""
    check_form(Batch(NAME, (), (body,)), 1)
    whole = {**body, "id": NAME}
    assert entry.parse(entry.control(whole)) == ("anchor", whole)
    (found,) = anchors_of([(7, whole)])
    assert (found.index, found.kind, found.file) == (7, body["kind"], NAME)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "opinion"},
        {"kind": ["cosigned"]},
        {"size": 0},
        {"size": True},
        {"size": "3"},
        {"file": "../../etc"},
        {"file": NAME.lower()},
        {"sha256": "00"},
        {"sha256": None},
        {"of": [OTHER]},
        {"kind": "timestamp"},
        {"kind": "timestamp", "of": []},
        {"kind": "timestamp", "of": OTHER},
        {"kind": "timestamp", "of": [NAME]},
        {"kind": "timestamp", "of": [OTHER, OTHER]},
        {"kind": "timestamp", "of": [1]},
        {"kind": "timestamp", "of": [OTHER] * (MOST_STAMPED + 1)},
    ],
)
def test_what_is_refused(change: dict[str, Any]) -> None:
    """A member of another form is refused by sequencer and readers."""
    with pytest.raises(FormatError):
        check_anchor({**GOOD, **change})
    with pytest.raises(FormatError):
        entry.control({**GOOD, **change, "id": NAME})


def test_no_place_for_free_text() -> None:
    """A member that no anchor has is not admitted."""
    with pytest.raises(FormatError):
        check_form(Batch(NAME, (), ({**GOOD, "note": "of whom"},)), 1)


def test_the_longest_list_fits_an_entry() -> None:
    """A time-stamp over as many files as allowed is an entry."""
    names = [f"{number:026}" for number in range(MOST_STAMPED)]
    assert entry.control({**STAMP, "of": names, "id": NAME})


def test_only_anchors_since() -> None:
    """A head is covered while nothing but anchors came after the cosigned one."""
    controls = [(0, {"t": "role"}), (3, {"t": "anchor"}), (4, {"t": "anchor"})]
    assert only_anchors_since(controls, 3, 5)
    assert only_anchors_since(controls, 5, 5)
    assert not only_anchors_since(controls, 2, 5)
    assert not only_anchors_since(controls, 3, 6)


def test_the_second_hash_is_a_merkle_tree() -> None:
    """Its shape is that of RFC 6962, its hash SHA-512."""
    entries = [bytes([n]) for n in range(5)]
    leaf = [sha512(b"\0" + one).digest() for one in entries]

    def node(left: bytes, right: bytes) -> bytes:
        return sha512(b"\1" + left + right).digest()

    four = node(node(leaf[0], leaf[1]), node(leaf[2], leaf[3]))
    assert sha512_root(entries) == node(four, leaf[4]).hex()
    assert sha512_root(entries[:1]) == leaf[0].hex()
    assert sha512_root([]) == sha512().hexdigest()


def test_every_changed_byte_of_a_second_hash() -> None:
    """It has one spelling; any other byte is refused or says something else."""
    good = Rehash(
        "archive.example/log", 5, "ab" * 64, {"u/a/b.idx": "cd" * 64, "u/a/b.warc.gz": "ef" * 64}
    )
    data = good.encode()
    assert Rehash.decode(data) == good
    for place in range(len(data)):
        spoilt = bytearray(data)
        spoilt[place] ^= 1
        try:
            assert Rehash.decode(bytes(spoilt)) != good
        except FormatError:
            continue
