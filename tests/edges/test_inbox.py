"""The inbox: what is acknowledged is on disk, once, numbered, and found by whoever settles."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from archiver.edges import inbox as module
from archiver.edges.inbox import Inbox, InboxFiles
from archiver.edges.spool_files import BATCH
from archiver.errors import IntegrityError, StoreError, UsageError
from archiver.receiving import Letter
from archiver.record import Exchange
from tests.doubles import FixedClock, SeededRandomness
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from pathlib import Path


class Bell:
    """A doorbell that remembers who was rung for."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def ring(self, account: str) -> None:
        """Remember it."""
        self.rung.append(account)


def letter(account: str, body: bytes) -> Letter:
    """Return a delivery."""
    request = b"POST /hooks/x HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    purpose = {"role": "delivery"}
    at = "2026-11-29T12:00:00.000000Z"
    return Letter(account, Exchange("", 0, "http://x.example/", at, request, b"", purpose=purpose))


def opened(folder: Path, bell: Bell | None = None, every: float = 0.0) -> Inbox:
    """Open the inboxes of a home, as a receiver does."""
    return Inbox(folder, FixedClock(), SeededRandomness("inbox"), bell or Bell(), every)


def die(inbox: Inbox) -> None:
    """Close what the kernel closes of a process that is killed; nothing is tidied up."""
    os.close(inbox._lock)
    for lane in inbox._lanes.values():
        if lane.spool._file is not None:
            lane.spool._file.close()
        os.close(lane.spool._lock)


def waiting(folder: Path, account: str) -> list[tuple[int, bytes]]:
    """Return number and body of all that a settling process finds of an account."""
    files = InboxFiles(folder, account, SeededRandomness("reader"))
    return [
        (one.number, one.request.partition(b"\r\n\r\n")[2])
        for file in files.pending()
        for one in files.read(file)
    ]


def test_a_batch_has_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many letters, and they are numbered in their order."""
    inbox = opened(tmp_path)
    inbox.keep([letter("one", b"first")])
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", synced.append)
    assert inbox.keep([letter("one", b"%d" % n) for n in range(200)]) == [True] * 200
    assert len(synced) == 1
    inbox.close()
    assert waiting(tmp_path, "one") == [(1, b"first"), *((n + 2, b"%d" % n) for n in range(200))]


def test_what_is_durable_is_not_kept_again(tmp_path: Path) -> None:
    """In one batch, in the next one, after a restart, and after it was settled and let go of."""
    inbox = opened(tmp_path)
    assert inbox.keep([letter("one", b"a"), letter("two", b"a"), letter("one", b"a")]) == [
        True, True, False,
    ]  # fmt: skip
    assert inbox.keep([letter("one", b"a"), letter("one", b"b")]) == [False, True]
    inbox.close()
    again = opened(tmp_path)
    assert again.keep([letter("one", b"b"), letter("one", b"c")]) == [False, True]
    again.close()
    files = InboxFiles(tmp_path, "one", SeededRandomness("reader"))
    for file in files.pending():
        files.discard(file)
    last = opened(tmp_path)
    assert last.keep([letter("one", one) for one in (b"a", b"b", b"c", b"d")]) == [
        False, False, False, True,
    ]  # fmt: skip
    last.close()
    assert waiting(tmp_path, "one") == [(4, b"d")]
    assert waiting(tmp_path, "two") == [(1, b"a")]
    seen = (tmp_path / "one" / "seen").read_bytes()
    assert len(seen) == 32 + 4 * 16  # keyed: without the key nothing can be tried out


def test_only_so_many_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest; the file of them stays small."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", 10)
    inbox = opened(tmp_path)
    for first in range(0, 100, 5):
        inbox.keep([letter("one", b"%d" % n) for n in range(first, first + 5)])
        inbox._lanes["one"].due = 0.0
        inbox.tend()
    assert (tmp_path / "one" / "seen").stat().st_size <= 32 + 16 * 25
    inbox.close()
    again = opened(tmp_path)
    assert again.keep([letter("one", b"99"), letter("one", b"5")]) == [False, True]
    again.close()


def test_files_are_closed_when_they_are_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon after a quiet time, rarely in a storm; each closing rings."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    bell = Bell()
    inbox = opened(tmp_path, bell, every=15.0)
    inbox.keep([letter("one", b"a")])
    assert 0.9 < inbox.tend() <= 1.0
    assert (waiting(tmp_path, "one"), bell.rung) == ([], [])
    now[0] += 1.0
    inbox.tend()
    assert (waiting(tmp_path, "one"), bell.rung) == ([(1, b"a")], ["one"])
    inbox.keep([letter("one", b"b")])
    now[0] += 14.9
    inbox.tend()
    assert bell.rung == ["one"]
    now[0] += 0.2
    inbox.tend()
    assert bell.rung == ["one", "one"]
    inbox.keep([letter("one", b"c")])
    monkeypatch.setattr(module, "ROLL_SIZE", 1)
    inbox.keep([letter("one", b"d")])  # it has grown large enough
    assert bell.rung == ["one"] * 3
    inbox.close()


def test_one_receiver_in_a_home(tmp_path: Path) -> None:
    """A second one says so, and the first goes on."""
    inbox = opened(tmp_path)
    with pytest.raises(UsageError, match="another receiver"):
        opened(tmp_path)
    assert inbox.keep([letter("one", b"a")]) == [True]
    inbox.close()
    opened(tmp_path).close()


def test_a_full_disk_is_told_to_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is acknowledged; when there is room again, all goes on, and no number is lost."""
    inbox = opened(tmp_path)
    inbox.keep([letter("one", b"a")])

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        for _ in range(2):
            done = inbox.keep([letter("one", b"b"), letter("one", b"c"), letter("two", b"d")])
            assert [type(one) for one in done] == [StoreError] * 3
    assert inbox.keep([letter("one", b"b"), letter("one", b"c"), letter("two", b"d")]) == [True] * 3
    inbox.close()
    assert [body for _, body in waiting(tmp_path, "one")] == [b"a", b"b", b"c"]
    numbers = [number for number, _ in waiting(tmp_path, "one")]
    assert numbers == [1, 2, 3]


def test_a_killed_receiver_leaves_everything(tmp_path: Path) -> None:
    """What it was writing is closed by whoever settles; its digests are known to the next."""
    home = tmp_path / "home"
    inbox = opened(home)
    inbox.keep([letter("one", b"a"), letter("one", b"b")])
    killed = tmp_path / "killed"
    shutil.copytree(home, killed)  # as the disk was, while it was still open
    inbox.close()
    place = (home / "one" / "place").read_text()
    assert place
    stat = (killed / "one").stat()
    (killed / "one" / "place").write_text(f"{stat.st_dev}:{stat.st_ino}")
    assert waiting(killed, "one") == [(1, b"a"), (2, b"b")]
    again = opened(killed)
    assert again.keep([letter("one", b"b"), letter("one", b"c")]) == [False, True]
    again.close()
    assert waiting(killed, "one") == [(1, b"a"), (2, b"b"), (3, b"c")]


def torn(folder: Path, before: int, batch: int, hole: int) -> Path:
    """Leave a file whose last batch a power cut tore: a hole in it, whole exchanges after."""
    inbox = opened(folder)
    inbox.keep([letter("one", b"before %d" % n) for n in range(before)])
    lane = inbox._lanes["one"]
    lane.spool.append_all([letter("one", b"batch %d" % n).exchange for n in range(batch)])
    (path,) = (folder / "one").glob("*.open")
    data = path.read_bytes()
    die(inbox)
    at = data.index(b"batch %d" % hole)
    path.write_bytes(data[: at - 40] + bytes(60) + data[at + 20 :])
    return path


def test_a_power_cut_may_tear_a_batch_anywhere(tmp_path: Path) -> None:
    """Nobody was told of any of it: what is before stays, the rest is cut off."""
    torn(tmp_path, 3, 5, hole=1)
    assert [body for _, body in waiting(tmp_path, "one")] == [
        b"before 0", b"before 1", b"before 2", b"batch 0",
    ]  # fmt: skip
    inbox = opened(tmp_path)
    assert inbox.keep([letter("one", b"batch 1")]) == [True]
    inbox.close()
    assert waiting(tmp_path, "one")[-1] == (5, b"batch 1")


def test_damage_in_what_was_acknowledged_is_named(tmp_path: Path) -> None:
    """A hole with a whole batch behind it is no power cut."""
    path = torn(tmp_path, 3, 5, hole=4)
    data = path.read_bytes()
    at = data.index(b"before 1")
    path.write_bytes(data[: at - 40] + bytes(60) + data[at + 20 :])
    with pytest.raises(IntegrityError, match="damaged"):
        waiting(tmp_path, "one")


class Inboxes(RuleBasedStateMachine):
    """Receiving, dying, settling in any order: each body that was acknowledged comes out once."""

    def __init__(self) -> None:
        super().__init__()
        self._context = memory_folder()
        self.folder = self._context.__enter__()
        self.inbox: Inbox | None = None
        self.acked: set[bytes] = set()
        self.settled: list[tuple[int, bytes]] = []

    def teardown(self) -> None:
        """Remove the folder."""
        self._stop()
        self._context.__exit__(None, None, None)

    def _stop(self) -> None:
        if self.inbox is not None:
            self.inbox.close()
            self.inbox = None

    @rule(bodies=st.lists(st.integers(0, 30), min_size=1, max_size=6))
    def receive(self, bodies: list[int]) -> None:
        """Take deliveries, some of them sent again."""
        if self.inbox is None:
            self.inbox = opened(self.folder)
        sent = [b"%d" % one for one in bodies]
        done = self.inbox.keep([letter("one", one) for one in sent])
        for body, new in zip(sent, done, strict=True):
            assert new is (body not in self.acked)
            self.acked.add(body)

    @rule()
    def roll(self) -> None:
        """Close what is open."""
        if self.inbox is not None:
            for lane in self.inbox._lanes.values():
                lane.due = 0.0
            self.inbox.tend()

    @rule()
    def stop(self) -> None:
        """End in order."""
        self._stop()

    @rule()
    def kill(self) -> None:
        """Die: the kernel closes what was open, and nothing is tidied up."""
        if self.inbox is not None:
            die(self.inbox)
            self.inbox = None

    @rule()
    def settle(self) -> None:
        """Take what is closed, and let go of it."""
        files = InboxFiles(self.folder, "one", SeededRandomness("reader"))
        for file in files.pending():
            found = [
                (one.number, one.request.partition(b"\r\n\r\n")[2]) for one in files.read(file)
            ]
            self.settled += found
            files.discard(file)

    @invariant()
    def nothing_is_doubled(self) -> None:
        """No body twice, no number twice, numbers without a hole."""
        bodies = [body for _, body in self.settled]
        assert len(set(bodies)) == len(bodies)
        assert [number for number, _ in self.settled] == list(range(1, len(bodies) + 1))
        assert set(bodies) <= self.acked

    @rule()
    def all_is_there(self) -> None:
        """Once everything is settled, it is all that was acknowledged."""
        self.stop()
        self.settle()
        assert {body for _, body in self.settled} == self.acked


TestInboxes = Inboxes.TestCase
TestInboxes.settings = settings(max_examples=25, stateful_step_count=20)


def test_batches_are_named_in_the_purpose(tmp_path: Path) -> None:
    """So that a torn one can be told from damage."""
    inbox = opened(tmp_path)
    inbox.keep([letter("one", b"a")])
    inbox.keep([letter("one", b"b"), letter("one", b"c")])
    inbox.close()
    files = InboxFiles(tmp_path, "one", SeededRandomness("reader"))
    (file,) = files.pending()
    found = list(files.read(file))
    assert [one.purpose[BATCH] for one in found] == ["1", "2", "2"]
    plain = replace(found[0], purpose={"role": "delivery"})
    assert plain.request == letter("one", b"a").exchange.request
