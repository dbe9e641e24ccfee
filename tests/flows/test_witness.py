"""A witness over its real folder: what it cosigns, keeps, and says, also in a race."""

from __future__ import annotations

import multiprocessing
import threading
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.errors import KeyStoreError
from archiver.flows.witness import Witness, add_checkpoint, latest_checkpoint
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, split_note
from archiver.ledger.cosignature import cosignatures
from archiver.ledger.witness import AddCheckpoint
from archiver.wire import create_witness, open_witness
from tests.ledger.test_witness import FORK, LOG, ORIGIN, asked, head

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.ledger.witness import Reply
    from archiver.outsiders import WitnessStore


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A witness that knows one log and has seen nothing."""
    create_witness(tmp_path / "witness", "witness.example/w1", [LOG.verifier_key])
    return open_witness(tmp_path / "witness")


def keys(witness: Witness) -> list[str]:
    """Return its public keys."""
    return [one.verifier_key for one in witness.signers]


def shown(witness: Witness) -> Reply:
    """Return what the witness shows of the log."""
    return latest_checkpoint(witness, sha256(ORIGIN.encode()).hexdigest())


def test_it_cosigns_with_both_keys_and_shows_what(witness: Witness) -> None:
    """An answer has a line of each key; what is shown has those and the log's signature."""
    assert shown(witness).status == 404
    for old, new in ((0, 5), (5, 5), (5, 12)):
        answer = add_checkpoint(witness, asked(old, new).encode())
        assert answer.status == 200
        note = asked(old, new).note + answer.body
        assert [one.key for one in cosignatures(note, keys(witness))] == keys(witness)
        kept = shown(witness)
        assert kept.body == note
        assert open_checkpoint(kept.body, [LOG.verifier_key]) == head(new)


def test_it_keeps_no_signatures_of_others(witness: Witness) -> None:
    """However often a note comes back with more lines, what is kept does not grow."""
    note = asked(0, 5).note
    for old in (0, 5, 5):
        answer = add_checkpoint(witness, AddCheckpoint(old, (), note).encode())
        note += answer.body
    assert len(split_note(shown(witness).body)[1]) == 3


def test_it_refuses_and_stays(witness: Witness) -> None:
    """What is refused changes nothing that the witness knows."""
    add_checkpoint(witness, asked(0, 12).encode())
    before = shown(witness)
    for request, status in (
        (asked(0, 5), 409),
        (asked(5, 20), 409),
        (asked(12, 20, FORK), 422),
        (asked(12, 12, FORK), 409),
        (asked(0, 20, FORK), 409),
    ):
        assert add_checkpoint(witness, request.encode()).status == status
        assert shown(witness) == before
    assert add_checkpoint(witness, b"nonsense").status == 400
    assert latest_checkpoint(witness, "0" * 64).status == 404


def test_a_restart_forgets_nothing(witness: Witness, tmp_path: Path) -> None:
    """What was cosigned is on disk before the answer is given."""
    add_checkpoint(witness, asked(0, 12).encode())
    again = open_witness(tmp_path / "witness")
    assert keys(again) == keys(witness)
    assert add_checkpoint(again, asked(0, 5).encode()).body == b"12\n"


def test_it_is_on_disk_before_the_answer(witness: Witness) -> None:
    """A witness that can't keep a checkpoint gives no signature."""
    with pytest.raises(KeyStoreError):
        add_checkpoint(replace(witness, store=Full(witness.store)), asked(0, 5).encode())
    assert shown(witness).status == 404


class Full:
    """A witness's store whose disk is full."""

    def __init__(self, store: WitnessStore) -> None:
        self.exclusive, self.latest = store.exclusive, store.latest

    def keep(self, origin: str, note: bytes) -> None:
        """Fail as a full disk does."""
        raise KeyStoreError(f"no space for {len(note)} bytes", where=origin)


def _race(folder: Path, seed: int) -> list[tuple[int, int]]:
    """Ask a witness for checkpoints again and again; return (size, status) of each."""
    witness = open_witness(folder)
    found, old = [], 0
    for step in range(12):
        new = (seed * 7 + step * 3) % 20 + 1
        answer = add_checkpoint(witness, asked(old if old <= new else 0, new).encode())
        found.append((new, answer.status))
        latest = shown(witness)
        old = Checkpoint.parse(split_note(latest.body)[0]).size
    return found


def _race_in_process(folder: Path, seed: int, results: multiprocessing.Queue[object]) -> None:
    results.put(_race(folder, seed))


def test_threads_and_processes_never_roll_back(witness: Witness, tmp_path: Path) -> None:
    """With four at once, in two processes and two threads, the size only ever grows."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    folder = tmp_path / "witness"
    others = [
        context.Process(target=_race_in_process, args=(folder, seed, results)) for seed in (1, 2)
    ]
    sizes: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            latest = shown(witness)
            if latest.status == 200:
                sizes.append(Checkpoint.parse(split_note(latest.body)[0]).size)

    threads = [threading.Thread(target=_race, args=(folder, seed)) for seed in (3, 4)]
    watcher = threading.Thread(target=watch)
    watcher.start()
    for process, thread in zip(others, threads, strict=True):
        process.start()
        thread.start()
    statuses = {status for _ in others for _, status in results.get(timeout=60)}
    for process, thread in zip(others, threads, strict=True):
        process.join()
        thread.join()
    ended.set()
    watcher.join()
    assert sizes == sorted(sizes)
    assert statuses <= {200, 409, 422}
    assert Checkpoint.parse(split_note(shown(witness).body)[0]).root == head(sizes[-1]).root
