"""Head and staged bundle: there and back, and nothing else is one."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import IntegrityError
from archiver.ledger.head import Bundle, Head
from archiver.ledger.tree import Frontier, leaf_hash
from tests.ledger import rfc6962_reference as rfc

ENTRIES = rfc.entries(12)


def bundle(old: int, size: int) -> Bundle:
    """Return the bundle that leads from one size to another."""
    frontier = Frontier.empty().extend([leaf_hash(entry) for entry in ENTRIES[:old]])
    return Bundle(frontier, ENTRIES[old:size], {"B1": old})


@pytest.mark.parametrize(("old", "size"), [(0, 1), (0, 12), (5, 12), (11, 12), (12, 12)])
def test_there_and_back(old: int, size: int) -> None:
    """A bundle leads to the head of its size and root, and names itself by its digest."""
    one = bundle(old, size)
    data = one.encode()
    head = one.head()
    assert Bundle.decode(data, "key") == one
    assert (head.size, head.root) == (size, rfc.mth(ENTRIES[:size]))
    assert head.staging == f"log/staging/{size}-{sha256(data).hexdigest()}"
    assert Head.decode(head.encode()) == head


def test_two_ways_to_one_head_are_two_bundles() -> None:
    """Bundles that lead to the same head from different ones have different keys."""
    assert bundle(3, 12).head().root == bundle(5, 12).head().root
    assert bundle(3, 12).head().staging != bundle(5, 12).head().staging


GOOD = Head(1, bytes(32), "log/staging/1-x").encode()


@pytest.mark.parametrize(
    "bad",
    [b"", b"[]", b"{}", b"null", GOOD + b" ", GOOD.replace(b"1", b"1e400"), b"[" * 100_000],
)
def test_what_is_neither(bad: bytes) -> None:
    """Other bytes are refused, whatever they are."""
    with pytest.raises(IntegrityError):
        Head.decode(bad)
    with pytest.raises(IntegrityError):
        Bundle.decode(bad, "key")


@given(st.binary(max_size=40))
def test_garbage(data: bytes) -> None:
    """Random bytes are refused."""
    with pytest.raises(IntegrityError):
        Head.decode(data)
    with pytest.raises(IntegrityError):
        Bundle.decode(data, "key")
