"""The store in memory: faults happen where, and as, a test asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

WRITES: dict[str, Callable[[MemoryStore], object]] = {
    "create": lambda store: store.create("new", b"new"),
    "swap": lambda store: store.swap("new", b"new", None),
    "delete": lambda store: store.delete("old"),
}
READS: dict[str, Callable[[MemoryStore], object]] = {
    "get": lambda store: store.get("old"),
    "open": lambda store: store.open("old"),
    "load": lambda store: store.load("old"),
    "list": lambda store: store.list("old"),
}


class Once:
    """Wants one fault at the first call of one operation."""

    def __init__(self, op: str, fault: Fault) -> None:
        self.op = op
        self.fault: Fault | None = fault
        self.asked: list[tuple[str, str]] = []

    def __call__(self, op: str, key: str) -> Fault | None:
        """Return the fault, once."""
        self.asked.append((op, key))
        if op != self.op:
            return None
        fault, self.fault = self.fault, None
        return fault


def filled() -> MemoryStore:
    """Return a store with one object."""
    store = MemoryStore()
    store.create("old", b"old")
    return store


@pytest.mark.parametrize("op", WRITES)
@pytest.mark.parametrize(
    ("fault", "raised", "applied"),
    [
        (Fault.LOST, StoreError, False),
        (Fault.APPLIED_THEN_ERROR, StoreError, True),
        (Fault.KILL_BEFORE, Killed, False),
        (Fault.KILL_AFTER, Killed, True),
    ],
)
def test_faults_of_writes(
    op: str, fault: Fault, raised: type[BaseException], *, applied: bool
) -> None:
    """A write is applied or not, and its caller learns or dies, as the fault says."""
    store = filled()
    store.faults = Once(op, fault)
    with pytest.raises(raised, match=op):
        WRITES[op](store)
    keys = [item.key for item in store.list("")]
    assert keys == ({"delete": []}.get(op, ["new", "old"]) if applied else ["old"])


@pytest.mark.parametrize("op", READS)
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.KILL_BEFORE])
def test_faults_of_reads(op: str, fault: Fault) -> None:
    """A read fails once, then goes through; the hook is asked once for each operation."""
    store = filled()
    faults = Once(op, fault)
    store.faults = faults
    with pytest.raises(Killed if fault is Fault.KILL_BEFORE else StoreError):
        READS[op](store)
    READS[op](store)
    assert faults.asked == [(op, "old")] * 2


def test_lost_answers_carry_the_code_of_uncertainty() -> None:
    """A lost answer looks to its caller like that of a bucket."""
    store = filled()
    store.faults = Once("create", Fault.LOST)
    with pytest.raises(StoreError) as caught:
        store.create("new", b"x")
    assert caught.value.code == "store-uncertain"


def test_no_handler_of_errors_survives_a_kill() -> None:
    """Killed is no `Exception`, so that code under test cannot catch it by mistake."""
    assert not issubclass(Killed, Exception)


def stale(store: MemoryStore, prefix: str = "") -> list[tuple[str, int]]:
    """Return a listing that is one change behind."""
    store.faults = Once("list", Fault.STALE_LIST)
    return [(item.key, item.size) for item in store.list(prefix)]


def test_stale_listing() -> None:
    """A stale listing misses the latest change, whichever it was, and only that."""
    store = MemoryStore()
    assert stale(store) == []
    store.create("a", b"1")
    store.create("b", b"22")
    assert stale(store) == [("a", 1)]
    version = store.swap("c", b"1", None)
    store.swap("c", b"333", version)
    assert stale(store) == [("a", 1), ("b", 2), ("c", 1)]
    store.delete("a")
    assert stale(store) == [("a", 1), ("b", 2), ("c", 3)]
    assert stale(store, "b") == [("b", 2)]
    assert [item.key for item in store.list("")] == ["b", "c"]


def test_preflight_exposes_stale_listings() -> None:
    """A store that lists what was true a moment ago fails the checks about listings."""
    store = MemoryStore(lambda op, _: Fault.STALE_LIST if op == "list" else None)
    failed = {check.name for check in store.preflight() if not check.held}
    assert failed == {"list-after-write", "delete"}


def test_preflight_tells_that_it_could_not_clean_up() -> None:
    """Scratch objects that could not be removed are told, not hidden."""
    store = MemoryStore(lambda op, _: Fault.LOST if op == "delete" else None)
    failed = {check.name: check.detail for check in store.preflight() if not check.held}
    assert set(failed) == {"delete", "clean-up"}
    assert "lost" in failed["clean-up"]
