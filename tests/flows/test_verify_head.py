"""Verification while a sequencer is at work, or was stopped: what is whole is not named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault, Killed
from archiver.flows.ledger import read_state
from archiver.flows.sequence import sequence
from archiver.layout import CHECKPOINT, HEAD, PENDING
from archiver.ledger.checkpoint import Checkpoint, sign_note
from archiver.ledger.head import Bundle, Head
from archiver.ledger.tree import Frontier, leaf_hash
from tests.audit.forge import put
from tests.flows.helpers import ORIGIN, SIGNER, codes, founded, leave, open_archive, signed, small
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.edges.memory import MemoryStore


class KilledAt:
    """Faults that kill after one operation of many."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, op: str, key: str) -> Fault | None:
        """Count down."""
        del op, key
        self.left -= 1
        return Fault.KILL_AFTER if self.left == 0 else None


def stopped(home: Path, at: int, *, days: bool) -> tuple[MemoryStore, bool]:
    """Return a store in which a sequencer was stopped, and whether it was."""
    store = founded(home)
    leave(open_archive(store, home), small(1))
    if days:  # else the day has a checkpoint already
        for found in list(store.list("log/checkpoints/")):
            store.delete(found.key)
    store.faults = KilledAt(at)
    try:
        sequence(open_archive(store, home, "next"))
    except Killed:
        return store, True
    finally:
        store.faults = lambda *_: None
    return store, False


@pytest.mark.parametrize("days", [False, True])
def test_nothing_is_named_wherever_one_stopped(tmp_path: Path, days: bool) -> None:  # noqa: FBT001 - which of two
    """After each of its operations: an auditor finds nothing, and the next sequencer goes on."""
    for at in range(1, 60):
        home = tmp_path / str(at)
        store, killed = stopped(home, at, days=days)
        found = codes(open_archive(store, home, "auditor"))
        assert {one for one in found if one[0] != "checkpoint-daily"} == set(), at
        sequence(open_archive(store, home, "last"))
        assert codes(open_archive(store, home, "auditor")) == []
        if not killed:
            break
    assert at > 20


def test_a_false_head_is_named(tmp_path: Path) -> None:
    """A head that goes on by what the archive did not sign, or not from the signed log."""
    store = founded(tmp_path / "home")
    archive = open_archive(store, tmp_path / "home")
    tree = read_state(archive).frontier
    added = [leaf_hash(one) for one in small(1).entries(1)]
    stranger = signed(small(1).encode(), MemorySigner(ORIGIN, "stranger"))
    other = Frontier.empty().extend([b"x" * 32])
    for bundle, after in (
        (Bundle(tree, [stranger]), tree.extend(added)),
        (Bundle(other, [signed(small(1).encode())]), other.extend(added)),
        (Bundle(tree, [signed(small(1).encode())]), other.extend(added)),
    ):
        head = bundle.head(after)
        put(archive, HEAD, head.encode())
        store.create(head.staging, bundle.encode())
        assert ("head-differs", HEAD) in codes(archive)
        store.delete(head.staging)


def test_a_changed_part_ahead_is_named(tmp_path: Path) -> None:
    """What a stopped sequencer had written already must be what its head leads to."""
    for at in range(1, 60):
        store, _ = stopped(tmp_path / str(at), at, days=False)
        parts = [one.key for one in store.list("log/tile/") if one.key.endswith(".p/2")]
        pending = [one.key for one in store.list(PENDING)]
        if len(parts) == 2 and pending:
            break
    archive = open_archive(store, tmp_path / str(at), "auditor")
    assert codes(archive) == []
    for key in parts:
        data = store.get(key)
        put(archive, key, data[:-1] + bytes([data[-1] ^ 1]))
        assert [where for _, where in codes(archive)] == [key]
        put(archive, key, data)


@pytest.mark.parametrize("size", [10**9, 10**15, 2**63 - 1])
def test_a_log_of_impossible_size_ends_nothing(tmp_path: Path, size: int) -> None:
    """By a signed checkpoint or, where that is gone, by a head that nobody signed."""
    home = tmp_path / "home"
    store = founded(home)
    true, head = store.get(CHECKPOINT), store.get(HEAD)
    auditor = open_archive(store, tmp_path / "auditor", "auditor")
    giant = Checkpoint(ORIGIN, size, b"r" * 32)
    put(auditor, CHECKPOINT, sign_note(giant.body(), SIGNER))
    assert ("checkpoint-bad", CHECKPOINT) in codes(auditor)
    store.delete(CHECKPOINT)
    put(auditor, HEAD, Head(size, b"r" * 32, Head.decode(head).staging).encode())
    assert ("checkpoint-missing", CHECKPOINT) in codes(auditor)
    put(auditor, CHECKPOINT, true)
    put(auditor, HEAD, head)
    assert codes(auditor) == []
