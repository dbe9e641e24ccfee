"""The spool loses nothing that it acknowledged and uses no number twice."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from archiver.edges import spool as module
from archiver.edges.clock import SystemClock
from archiver.edges.spool import Spool, SpoolFile
from archiver.errors import FormatError, IntegrityError, StoreError, UsageError
from archiver.record import Exchange
from tests.doubles import FixedClock, SeededRandomness
from tests.edges.spool_writer import body

EXCHANGE = Exchange(
    "", 0, "http://x.example/", "2026-11-20T09:00:00.000000Z", b"GET / HTTP/1.1\r\n\r\n", b"answer"
)
UNFIT = replace(EXCHANGE, url="http://x.example/\r\nWARC-Type: forged")
"""Can't be written as WARC."""


def opened(directory: Path, seed: str = "test") -> Spool:
    """Open the spool of one account."""
    return Spool.open(directory, "blog", FixedClock(), SeededRandomness(seed))


def numbers(spool: Spool) -> list[int]:
    """Return the numbers of all exchanges that wait."""
    return [exchange.number for file in spool.pending() for exchange in spool.read(file)]


def test_numbers_and_lane_last(tmp_path: Path) -> None:
    """Numbers go on over openings, and the lane is made once."""
    with opened(tmp_path) as first:
        kept = [first.append(EXCHANGE) for _ in range(3)]
    with opened(tmp_path, "other") as second:
        kept.append(second.append(EXCHANGE))
        assert first.lane == second.lane
        files = second.pending()
        assert [(file.first, file.last) for file in files] == [(1, 3), (4, 4)]
        assert [exchange for file in files for exchange in second.read(file)] == kept
        assert second.raw(files[0]) == files[0].path.read_bytes()
    assert [exchange.number for exchange in kept] == [1, 2, 3, 4]
    assert len(first.lane) == 32
    assert kept[0] == replace(EXCHANGE, lane=first.lane, number=1)


def test_order_of_writes_survives_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counter and names are on disk before the first exchange; a clean opening writes nothing."""
    with opened(tmp_path):
        pass
    own, flushed = tmp_path / "blog", list[tuple[str, list[str]]]()

    def fsync(handle: int) -> None:
        about = Path(f"/proc/self/fd/{handle}").readlink()
        flushed.append((about.name, sorted(path.name for path in own.glob("[0-9]*"))))

    monkeypatch.setattr("os.fsync", fsync)
    with opened(tmp_path) as spool:
        assert [name for name, _ in flushed] == [tmp_path.name]
        flushed.clear()
        spool.append(EXCHANGE)
        spool.append(EXCHANGE)
        begun = f"{1:020d}.open"
        assert flushed == [(name, [begun]) for name in ("counter.new", "blog", begun, begun)]
        flushed.clear()
        (file,) = spool.pending()
        assert flushed == [(name, [file.path.name]) for name in ("counter.new", "blog")]


def test_a_power_cut_may_undo_closing_and_discarding(tmp_path: Path) -> None:
    """A closed file under its old name, or a discarded one, comes back; no number goes twice."""
    with opened(tmp_path) as spool:
        spool.append(EXCHANGE)
        (file,) = spool.pending()
        data = spool.raw(file)
        spool.discard(file)
    for name in (file.path.name, f"{file.first:020d}.open"):
        file.path.with_name(name).write_bytes(data)
        with opened(tmp_path) as spool:
            assert spool.pending() == [file]
            assert spool.raw(file) == data
            spool.discard(file)
    with opened(tmp_path) as spool:
        assert spool.append(EXCHANGE).number == 2


def test_a_copy_gets_a_lane_of_its_own_once_it_is_empty(tmp_path: Path) -> None:
    """What came with the copy keeps its numbers; what the copy adds can't take the same ones."""
    with opened(tmp_path / "here") as here:
        kept = [here.append(EXCHANGE) for _ in range(3)]
    shutil.copytree(tmp_path / "here", tmp_path / "copy")
    with opened(tmp_path / "copy", "copy") as copy:
        assert copy.lane == here.lane
        (file,) = copy.pending()
        assert list(copy.read(file)) == kept
        copy.discard(file)
        added = [copy.append(EXCHANGE) for _ in range(2)]
    assert [exchange.number for exchange in added] == [1, 2]
    assert copy.lane != here.lane
    with opened(tmp_path / "copy") as again:
        assert again.lane == copy.lane
        assert numbers(again) == [1, 2]
        assert again.append(EXCHANGE).number == 3
    with opened(tmp_path / "here") as original:
        assert original.lane == here.lane
        assert original.append(EXCHANGE).number == 4


def test_accounts_have_their_own(tmp_path: Path) -> None:
    """Accounts share nothing, and an account's name cannot lead out of the directory."""
    for name in ("blog", "../blog", "a/b", "blog "):
        with Spool.open(tmp_path / "s", name, FixedClock(), SeededRandomness(name)) as spool:
            assert spool.append(EXCHANGE).number == 1
    assert len(list((tmp_path / "s").iterdir())) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["s"]
    for name in ("", ".", ".."):
        with pytest.raises(UsageError):
            Spool.open(tmp_path, name, FixedClock(), SeededRandomness())


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    """What is captured may be private: nobody else may read it."""
    with opened(tmp_path / "s") as spool:
        spool.append(EXCHANGE)
        assert all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "s" / "blog").rglob("*"))
        assert (tmp_path / "s" / "blog").stat().st_mode & 0o077 == 0


def test_discarded_numbers_are_never_used_again(tmp_path: Path) -> None:
    """When all files were sealed and removed, the next number is still higher."""
    with opened(tmp_path) as spool:
        spool.append(EXCHANGE)
        spool.append(EXCHANGE)
        [file] = spool.pending()
        spool.discard(file)
        assert spool.pending() == []
        with pytest.raises(UsageError):
            spool.discard(file)
        with pytest.raises(UsageError):
            spool.discard(SpoolFile(tmp_path / "blog" / "lane", 1, 2))
    with opened(tmp_path) as spool:
        assert spool.append(EXCHANGE).number == 3


def test_files_roll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is large enough is closed, and the next one begun."""
    monkeypatch.setattr(module, "ROLL_SIZE", 5_000)
    with opened(tmp_path) as spool:
        for _ in range(12):
            spool.append(EXCHANGE)
        files = spool.pending()
        assert len(files) > 2
        assert all(after.first == before.last + 1 for before, after in pairwise(files))
        assert numbers(spool) == list(range(1, 13))


def test_certificates_once_per_file(tmp_path: Path) -> None:
    """A certificate is stored once in each file that needs it."""
    der = b"certificate" * 50
    with opened(tmp_path) as spool:
        for _ in range(2):
            spool.append(EXCHANGE, [der])
            spool.append(EXCHANGE, [der, der])
            spool.pending()
        assert [file.path.read_bytes().count(der) for file in spool.pending()] == [1, 1]
        assert numbers(spool) == [1, 2, 3, 4]


def crash(directory: Path, count: int) -> Path:
    """Leave a spool of ``count`` exchanges as a killed process leaves it: its open file."""
    spool = opened(directory)
    for _ in range(count):
        spool.append(EXCHANGE)
    spool._release()
    assert spool._file is not None
    spool._file.close()
    return directory / "blog" / f"{1:020d}.open"


@pytest.mark.parametrize("keep", [0, 1, 30, 400, 700, 1000, -1, -2, -5])
def test_torn_tail_is_cut(tmp_path: Path, keep: int) -> None:
    """A last exchange that is not whole is cut off, its number used for the next."""
    path = crash(tmp_path, 3)
    data = path.read_bytes()
    two = data.rindex(b"WARC/1.1\r\nWARC-Type: request")
    path.write_bytes(data[: two + keep if keep >= 0 else keep])
    with opened(tmp_path) as spool:
        assert numbers(spool) == [1, 2]
        assert spool.append(EXCHANGE).number == 3
        assert numbers(spool) == [1, 2, 3]


def test_torn_tail_of_zeros(tmp_path: Path) -> None:
    """A file system may leave the length of a tail without its bytes."""
    path = crash(tmp_path, 3)
    data = path.read_bytes()
    two = data.rindex(b"WARC/1.1\r\nWARC-Type: request")
    path.write_bytes(data[: two + 900] + bytes(len(data) - two - 900))
    with opened(tmp_path) as spool:
        assert numbers(spool) == [1, 2]


def test_nothing_but_a_torn_tail(tmp_path: Path) -> None:
    """A file with no whole exchange goes, and its number is used."""
    path = crash(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:100])
    with opened(tmp_path) as spool:
        assert spool.pending() == []
        assert not path.exists()
        assert spool.append(EXCHANGE).number == 1


def test_damage_before_the_tail_is_no_torn_tail(tmp_path: Path) -> None:
    """Whole exchanges after the damage were acknowledged: opening refuses to cut them off."""
    path = crash(tmp_path, 3)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"answer", b"ANSWER", 1))
    with pytest.raises(IntegrityError, match="does not have its digest"):
        opened(tmp_path)
    path.write_bytes(data[data.rindex(b"WARC/1.1\r\nWARC-Type: request") :])
    with pytest.raises(IntegrityError, match="not the ones that belong there"):
        opened(tmp_path)


def test_embedded_records_in_a_torn_tail(tmp_path: Path) -> None:
    """A captured body that is itself a WARC does not look like exchanges of ours."""
    foreign = crash(tmp_path / "foreign", 2).read_bytes()
    with Spool.open(tmp_path, "blog", FixedClock(), SeededRandomness("ours")) as spool:
        spool.append(EXCHANGE)
        spool.append(replace(EXCHANGE, response=foreign))
        spool.append(replace(EXCHANGE, response=b"WARC/1.1\r\n" * 50))
        [file] = spool.pending()
    whole = file.path.read_bytes()
    for tail in (whole[: whole.rindex(b"WARC/1.1\r\nWARC-Type: request")], whole):
        file.path.with_name(f"{1:020d}.open").write_bytes(tail[:-1])
        file.path.unlink(missing_ok=True)
        with opened(tmp_path) as spool:
            assert numbers(spool) == ([1] if tail != whole else [1, 2])
            file = spool.pending()[0]


def test_file_removed_by_hand(tmp_path: Path) -> None:
    """When the file being written is gone, numbers are skipped rather than used twice."""
    crash(tmp_path, 3).unlink()
    with opened(tmp_path) as spool:
        assert spool.append(EXCHANGE).number > 3


def test_damaged_files_are_named(tmp_path: Path) -> None:
    """Reading yields what is whole, then says what is missing; small files are checked too."""
    with opened(tmp_path) as spool:
        for _ in range(3):
            spool.append(EXCHANGE)
        [file] = spool.pending()
        data = file.path.read_bytes()
        file.path.write_bytes(data[:-3])
        read = spool.read(file)
        assert [next(read).number, next(read).number] == [1, 2]
        with pytest.raises(IntegrityError, match="does not end where it says"):
            next(read)
        file.path.write_bytes(data[data.index(b"WARC/1.1\r\nWARC-Type: request", 10) :])
        with pytest.raises(IntegrityError, match="exchange 1 is missing"):
            next(spool.read(file))
        file.path.write_bytes(b"")
        with pytest.raises(IntegrityError, match="exchange 1 is missing"):
            list(spool.read(file))
    for name, text in (("counter", "one"), ("counter", "1 2 3"), ("lane", "short")):
        before = (tmp_path / "blog" / name).read_text()
        (tmp_path / "blog" / name).write_text(text)
        with pytest.raises(IntegrityError, match=r"not two numbers|not 32 hexadecimal"):
            opened(tmp_path)
        (tmp_path / "blog" / name).write_text(before)


def test_unwritable(tmp_path: Path) -> None:
    """Where nothing can be written, the error says where and how to mend it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Not a directory"):
        opened(tmp_path / "file")


def test_failed_write_closes_the_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed sync nothing is appended until the spool was recovered."""
    with opened(tmp_path) as spool:
        spool.append(EXCHANGE)
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
            with pytest.raises(StoreError, match="No space left"):
                spool.append(EXCHANGE)
        with pytest.raises(StoreError, match="closed"):
            spool.append(EXCHANGE)
        with opened(tmp_path) as again:
            assert numbers(again) == [1]
            assert again.append(EXCHANGE).number == 2
    with pytest.raises(StoreError, match="closed"):
        spool.append(EXCHANGE)


def test_no_space_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was begun but never written to does not stand in the way."""
    with opened(tmp_path) as spool:
        with monkeypatch.context() as patch:
            patch.setattr(Spool, "_reserve", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
            with pytest.raises(StoreError, match="full"):
                spool.append(EXCHANGE)
        assert spool.pending() == []
        assert spool.append(EXCHANGE).number == 1


def test_facts_that_do_not_fit(tmp_path: Path) -> None:
    """An exchange that can't be written as WARC is refused, and uses no number."""
    with opened(tmp_path) as spool:
        with pytest.raises(FormatError):
            spool.append(UNFIT)
        assert spool.append(EXCHANGE).number == 1


def test_a_number_is_on_disk_with_its_file_after_a_refused_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file begun for an exchange that did not fit, and closed empty, reserves nothing."""
    with opened(tmp_path) as spool:
        spool.append(EXCHANGE)
        spool.pending()
        with pytest.raises(FormatError):
            spool.append(UNFIT)
        spool.pending()
        flushed = list[str]()
        monkeypatch.setattr(
            "os.fsync",
            lambda handle: flushed.append(Path(f"/proc/self/fd/{handle}").readlink().name),
        )
        assert spool.append(EXCHANGE).number == 2
        assert flushed == ["counter.new", "blog", f"{2:020d}.open"]


def test_a_number_is_on_disk_with_its_file_after_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the counter could not be kept as a file was closed, it is as the next one begins."""
    with opened(tmp_path) as spool:
        spool.append(EXCHANGE)
        with monkeypatch.context() as patch:
            patch.setattr(Spool, "_reserve", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
            with pytest.raises(StoreError, match="full"):
                spool.pending()
        flushed = list[str]()
        monkeypatch.setattr(
            "os.fsync",
            lambda handle: flushed.append(Path(f"/proc/self/fd/{handle}").readlink().name),
        )
        assert spool.append(EXCHANGE).number == 2
        assert flushed == ["counter.new", "blog", f"{2:020d}.open"]


def test_a_refused_exchange_leaves_no_hole(tmp_path: Path) -> None:
    """Closed before anything was written, and with nothing left, the spool goes on in line."""
    with opened(tmp_path) as spool:
        spool.append(EXCHANGE)
        (file,) = spool.pending()
        spool.discard(file)
        with pytest.raises(FormatError):
            spool.append(UNFIT)
    with opened(tmp_path) as spool:
        assert spool.append(EXCHANGE).number == 2


def test_threads_share_a_spool(tmp_path: Path) -> None:
    """Many threads get one line of numbers."""
    with opened(tmp_path) as spool, ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda _: spool.append(EXCHANGE).number, range(64)))
        assert sorted(kept) == numbers(spool) == list(range(1, 65))


def test_second_process_waits(tmp_path: Path) -> None:
    """Whoever comes second is told whom he waits for, and goes on where the first ended."""
    told = threading.Event()
    words: list[str] = []

    def waiting(text: str) -> None:
        words.append(text)
        told.set()

    def second() -> int:
        clock, chance = SystemClock(), SeededRandomness()
        with Spool.open(tmp_path, "blog", clock, chance, waiting) as spool:
            return spool.append(EXCHANGE).number

    with ThreadPoolExecutor(1) as pool:
        with opened(tmp_path) as first:
            number = pool.submit(second)
            assert told.wait(30)
            assert not number.done()
            first.append(EXCHANGE)
        assert number.result(30) == 2
    [text] = words
    assert "waiting for process " in text
    assert "blog" in text


@pytest.mark.parametrize("seed", range(6))
def test_kill_at_any_moment(tmp_path: Path, repo_root: Path, seed: int) -> None:
    """After ``kill -9`` every acknowledged exchange is there, whole, once, and in order."""
    chance = random.Random(seed)
    acknowledged: list[int] = []
    gone = 0
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.edges.spool_writer", str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=repo_root,
        )
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randrange(1, 90))]
        time.sleep(chance.random() / 50)
        process.kill()
        lines += process.stdout.read().splitlines()
        process.stdout.close()
        process.wait()
        told = [line.decode().split() for line in lines]
        acknowledged += [int(words[0]) for words in told if len(words) == 1]
        gone = max([gone, *(int(words[1]) for words in told if len(words) == 2)])
    assert acknowledged == sorted(set(acknowledged))
    with opened(tmp_path) as spool:
        found = [exchange for file in spool.pending() for exchange in spool.read(file)]
        kept = [exchange.number for exchange in found]
        assert all(exchange.response == body(exchange.number) for exchange in found)
        assert all(later == earlier + 1 for earlier, later in pairwise(kept))
        assert {n for n in acknowledged if n > gone} <= set(kept)
        assert spool.append(EXCHANGE).number == max([*acknowledged, *kept, gone]) + 1
