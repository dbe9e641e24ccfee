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


BATCHES = [b'{"batch":"B1"}\nc2ln\n', b'{"batch":"B2"}\nc2ln\n']


def bundle(old: int, size: int) -> tuple[Bundle, Frontier]:
    """Return the bundle that leads from one size to another, and the tree there."""
    frontier = Frontier.empty().extend([leaf_hash(entry) for entry in ENTRIES[:old]])
    after = frontier.extend([leaf_hash(entry) for entry in ENTRIES[old:size]])
    return Bundle(frontier, BATCHES[: size - old]), after


@pytest.mark.parametrize(("old", "size"), [(0, 1), (0, 12), (5, 12), (11, 12), (12, 12)])
def test_there_and_back(old: int, size: int) -> None:
    """A bundle leads to the head of its size and root, and names itself by its digest."""
    one, after = bundle(old, size)
    data = one.encode()
    head = one.head(after)
    assert Bundle.decode(data, "key") == one
    assert (head.size, head.root) == (size, rfc.mth(ENTRIES[:size]))
    assert head.staging == f"log/staging/{size}-{sha256(data).hexdigest()}"
    assert Head.decode(head.encode()) == head


def test_two_ways_to_one_head_are_two_bundles() -> None:
    """Bundles that lead to the same head from different ones have different keys."""
    first, second = (one.head(after) for one, after in (bundle(3, 12), bundle(5, 12)))
    assert first.root == second.root
    assert first.staging != second.staging


def test_a_bundle_has_one_spelling() -> None:
    """The same bundle written otherwise is none."""
    data = bundle(0, 1)[0].encode()
    for other in (data + b" ", data.replace(b": ", b":"), data.replace(b"B1", b"\\u00421")):
        with pytest.raises(IntegrityError):
            Bundle.decode(other, "key")


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
