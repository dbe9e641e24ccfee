"""The local key store: one key an object, bound, durable, shredded for good, never shown."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.edges.chance import SystemRandomness
from archiver.edges.keys import LocalKeyStore, Shredded
from archiver.errors import KeyStoreError, UsageError
from archiver.formats import keyfile
from tests.doubles import SeededRandomness

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return where a key store will be made."""
    return tmp_path / "home" / "keys"


def open_store(home: Path) -> LocalKeyStore:
    """Open the store with chance that repeats: each opening draws the same bytes."""
    return LocalKeyStore(home, SeededRandomness())


def start(program: str, directory: Path) -> subprocess.Popen[str]:
    """Start a program of `tests.edges.key_workers`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.edges.key_workers", program, str(directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def rest_of(worker: subprocess.Popen[str]) -> str:
    """Return what a worker still says until it ends.

    Not by `communicate`: with two pipes it passes over lines that `readline` has buffered.
    """
    with worker:
        assert worker.stdout is not None
        return worker.stdout.read()


def files_of(home: Path) -> list[Path]:
    """Return all files below the store but the lock."""
    return sorted(path for path in home.rglob("*") if path.is_file() and path.name != "lock")


def wrap_of(home: Path, object_id: str, period: str) -> Path:
    """Return where the wrap of an object lies."""
    return home / "periods" / keyfile.period_name(period) / keyfile.object_name(object_id)


def test_key_is_random_kept_and_the_same_again(home: Path) -> None:
    """A new key is 32 bytes, of its own, and what any later opening returns."""
    store = LocalKeyStore(home, SystemRandomness())
    first, other = store.new_key("one", "p"), store.new_key("two", "p")
    assert len(first) == len(other) == 32
    assert first != other
    again = LocalKeyStore(home, SystemRandomness())
    assert again.new_key("one", "p") == again.key("one") == first
    assert again.key("two") == other


def test_names_and_modes_tell_nothing(home: Path) -> None:
    """Files are 0600, directories 0700, and no name repeats an object id or a period."""
    open_store(home).new_key("u/7/secret-meeting", "unscheduled/2026-11")
    paths = [home, *home.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}
    assert not any("secret" in str(path) or "2026" in path.name for path in paths)


def test_modes_hold_under_a_lax_umask(home: Path) -> None:
    """A process that hides nothing by default still makes private files."""
    before = os.umask(0)
    try:
        test_names_and_modes_tell_nothing(home)
    finally:
        os.umask(before)


def test_no_file_holds_a_file_key_in_the_clear(home: Path) -> None:
    """The bytes of a file key are in no file of the store."""
    key = open_store(home).new_key("one", "p")
    assert not any(key in path.read_bytes() for path in files_of(home))


def test_lists(home: Path) -> None:
    """Periods and objects are listed, sorted; an empty store lists nothing."""
    store = open_store(home)
    assert store.periods() == store.object_ids() == ()
    for name, period in [("b", "q"), ("a", "q"), ("c", "p")]:
        store.new_key(name, period)
    assert store.periods() == ("p", "q")
    assert store.object_ids() == ("a", "b", "c")


def test_second_period_is_refused(home: Path) -> None:
    """An object keeps its first period: another one would give it two due dates."""
    store = open_store(home)
    key = store.new_key("one", "p")
    with pytest.raises(KeyStoreError, match="due in another period"):
        store.new_key("one", "q")
    assert store.key("one") == key
    assert store.periods() == ("p",)


def test_missing_key_says_what_to_do(home: Path) -> None:
    """An object without a key gives an error that names it and the way out."""
    with pytest.raises(KeyStoreError, match="backup") as caught:
        open_store(home).key("one")
    assert caught.value.where == "one"


@pytest.mark.parametrize("name", ["", "\udc80", "x" * 65_536])
def test_impossible_names_are_refused(home: Path, name: str) -> None:
    """Empty, unencodable and overlong names are refused, and nothing is written."""
    store = open_store(home)
    with pytest.raises(UsageError):
        store.new_key(name, "p")
    with pytest.raises(UsageError):
        store.new_key("one", name)
    assert files_of(home) == []


def test_shred_takes_one_key(home: Path) -> None:
    """A shredded object has no key, its neighbour has, and shredding again is no error."""
    store = open_store(home)
    store.new_key("one", "p")
    other = store.new_key("two", "p")
    assert store.shred("one") == Shredded(objects=("one",))
    assert store.shred("one") == Shredded()
    with pytest.raises(KeyStoreError):
        store.key("one")
    assert store.key("two") == other
    assert store.object_ids() == ("two",)


def test_key_after_shredding_is_a_new_one(home: Path) -> None:
    """An object id used again after shredding gets another key."""
    store = LocalKeyStore(home, SystemRandomness())
    old = store.new_key("one", "p")
    store.shred("one")
    assert store.new_key("one", "p") != old


def test_shredding_overwrites_before_it_unlinks(home: Path) -> None:
    """A second name of a shredded wrap, as a hard-linked copy has it, shows zeros."""
    store = open_store(home)
    store.new_key("one", "p")
    path = wrap_of(home, "one", "p")
    size = path.stat().st_size
    copy = home.parent / "copy"
    copy.hardlink_to(path)
    store.shred("one")
    assert copy.read_bytes() == bytes(size)


def test_shred_period_takes_its_keys_and_no_others(home: Path) -> None:
    """All keys of a period go with it, at once; other periods keep theirs."""
    store = open_store(home)
    for name in ("one", "two"):
        store.new_key(name, "p")
    other = store.new_key("three", "q")
    period_key = home / "periods" / keyfile.period_name("p") / "key"
    copy = home.parent / "copy"
    copy.hardlink_to(period_key)
    done = store.shred_period("p")
    assert sorted(done.objects) == ["one", "two"]
    assert done.periods == ("p",)
    assert store.shred_period("p") == Shredded()
    assert store.object_ids() == ("three",)
    assert store.key("three") == other
    assert set(copy.read_bytes()) == {0}
    with pytest.raises(KeyStoreError):
        store.key("one")


def test_shredding_finds_an_object_under_every_period(home: Path) -> None:
    """A wrap that a restored backup put under a second period goes too."""
    store = open_store(home)
    store.new_key("one", "p")
    kept = wrap_of(home, "one", "p").read_bytes()
    store.shred("one")
    store.new_key("one", "q")
    wrap_of(home, "one", "p").write_bytes(kept)
    wrap_of(home, "one", "p").chmod(0o600)
    store.shred("one")
    with pytest.raises(KeyStoreError):
        store.key("one")


@pytest.mark.parametrize("name", ["wrap", "period key"])
def test_every_bit_flip_is_found(home: Path, name: str) -> None:
    """Each single changed bit of either file makes the key an error, never another key."""
    store = open_store(home)
    store.new_key("one", "p")
    path = wrap_of(home, "one", "p")
    path = path if name == "wrap" else path.with_name("key")
    data = path.read_bytes()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(KeyStoreError) as caught:
            store.key("one")
        assert caught.value.where
        assert caught.value.mend


def test_truncated_files_are_found(home: Path) -> None:
    """Either file cut to any length, or longer by a byte, is an error."""
    store = open_store(home)
    store.new_key("one", "p")
    wrap = wrap_of(home, "one", "p")
    for path in (wrap, wrap.with_name("key")):
        data = path.read_bytes()
        for changed in [*(data[:length] for length in range(len(data))), data + b"\0"]:
            path.write_bytes(changed)
            with pytest.raises(KeyStoreError):
                store.key("one")
        path.write_bytes(data)
    assert len(store.key("one")) == 32


def test_wrap_of_another_object_or_period_is_refused(home: Path) -> None:
    """A wrap moved under the name of another object or into another period does not open."""
    store = LocalKeyStore(home, SystemRandomness())
    for name, period in [("one", "p"), ("two", "p"), ("three", "q")]:
        store.new_key(name, period)
    wrap_of(home, "two", "p").replace(wrap_of(home, "one", "p"))
    with pytest.raises(KeyStoreError):
        store.key("one")
    wrap_of(home, "three", "q").replace(wrap_of(home, "three", "p"))
    with pytest.raises(KeyStoreError):
        store.key("three")


def test_damaged_period_key_wraps_nothing_more(home: Path) -> None:
    """A damaged period key gives an error, not wraps that the right key cannot open."""
    store = open_store(home)
    store.new_key("one", "p")
    path = wrap_of(home, "one", "p").with_name("key")
    path.write_bytes(path.read_bytes()[:-40] + bytes(40))
    before = files_of(home)
    with pytest.raises(KeyStoreError):
        store.new_key("two", "p")
    assert files_of(home) == before
    with pytest.raises(KeyStoreError):
        store.periods()


def test_lost_period_key_is_not_replaced(home: Path) -> None:
    """Where wraps lack their period key, no new one is made; shredding the period mends it."""
    store = open_store(home)
    store.new_key("one", "p")
    wrap_of(home, "one", "p").with_name("key").unlink()
    acts: list[Callable[[], bytes]] = [lambda: store.key("one"), lambda: store.new_key("two", "p")]
    for act in acts:
        with pytest.raises(KeyStoreError, match="is gone"):
            act()
    assert store.object_ids() == store.periods() == ()
    assert store.shred_period("p") == Shredded(objects=("one",))
    assert len(store.new_key("two", "p")) == 32


def test_shredding_a_period_names_damaged_wraps_by_file(home: Path) -> None:
    """A wrap that no longer says whose it is goes with its period, and is named by its file."""
    store = open_store(home)
    store.new_key("one", "p")
    path = wrap_of(home, "one", "p")
    path.write_bytes(b"noise")
    assert store.shred_period("p").objects == (path.name,)


@pytest.mark.parametrize("which", ["wrap", "period key", "directory"])
def test_what_others_may_read_is_refused(home: Path, which: str) -> None:
    """A key that group or world could read is not used, and the error says chmod."""
    store = open_store(home)
    store.new_key("one", "p")
    wrap = wrap_of(home, "one", "p")
    path = {"wrap": wrap, "period key": wrap.with_name("key"), "directory": home}[which]
    path.chmod(path.stat().st_mode | 0o040)
    with pytest.raises(KeyStoreError, match="chmod"):
        open_store(home).key("one")


def test_what_is_no_file_is_refused(home: Path) -> None:
    """A pipe in the place of a key is an error, and nobody waits for it."""
    store = open_store(home)
    store.new_key("one", "p")
    path = wrap_of(home, "one", "p")
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyStoreError, match="not a regular file"):
        store.key("one")


def test_unusable_directory_says_so(tmp_path: Path) -> None:
    """A store where a file stands, or that was removed, gives a plain error."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KeyStoreError, match="cannot be used"):
        open_store(tmp_path / "file")
    store = open_store(tmp_path / "keys")
    store.new_key("one", "p")
    (tmp_path / "keys").rename(tmp_path / "elsewhere")
    acts: list[Callable[[], bytes]] = [lambda: store.key("one"), lambda: store.new_key("two", "p")]
    for act in acts:
        with pytest.raises(KeyStoreError, match="cannot be used"):
            act()


def test_nothing_shows_a_key(home: Path) -> None:
    """Neither the store nor its errors show key bytes in any usual spelling."""
    store = open_store(home)
    key = store.new_key("one", "p")
    path = wrap_of(home, "one", "p")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(KeyStoreError) as caught:
        store.key("one")
    shown = repr(store) + str(caught.value) + repr(caught.value) + repr(caught.value.__cause__)
    assert key.hex() not in shown
    assert repr(key)[2:-1] not in shown


def test_four_processes_get_one_key(tmp_path: Path) -> None:
    """Four processes that ask for the keys of the same objects at once get the same keys."""
    workers = [start("race", tmp_path) for _ in range(4)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.close()
    said = [rest_of(worker) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0, 0]
    assert len(set(said)) == 1
    assert len(set(said[0].split())) == 40
    assert len(files_of(tmp_path / "keys")) == 21


def check_promises(store: LocalKeyStore, said: str) -> None:
    """Assert that all that was said before a kill is still so."""
    lines = [line.split() for line in said.splitlines() if line]
    shredding = {words[1] for words in lines if words[0] == "shredding"}
    for words in lines:
        if words[0] == "made" and words[1] not in shredding:
            assert store.key(words[1]).hex() == words[2]
        if words[0] == "shredded":
            with pytest.raises(KeyStoreError):
                store.key(words[1])


def test_killed_before_every_file_operation(tmp_path: Path) -> None:
    """Whichever file operation a kill comes before, promises hold and the store goes on."""
    with start("die-everywhere", tmp_path) as worker:
        worker.communicate()
    places = sorted(tmp_path.iterdir(), key=lambda path: int(path.name))
    assert worker.returncode == 0
    assert len(places) > 60
    for place in places:
        said = (place / "said").read_text() if (place / "said").exists() else ""
        assert "error" not in said
        store = LocalKeyStore(place / "keys", SystemRandomness())
        check_promises(store, said)
        store.shred_period("q")
        assert len(store.new_key("a", "p")) == len(store.new_key("c", "q")) == 32
        assert list((place / "keys" / "tmp").iterdir()) == []
        assert set(store.object_ids()) <= {"a", "b", "c"}
    assert "shredded d" in said


def test_kill_9_of_two_writers_leaves_a_usable_store(tmp_path: Path) -> None:
    """Two writers killed at random moments, again and again: every promise is kept."""
    chance = random.Random(9)
    for _ in range(4):
        workers = [start("churn", tmp_path) for _ in range(2)]
        said = ["", ""]
        for number, worker in enumerate(workers):
            assert worker.stdout is not None
            said[number] = "".join(worker.stdout.readline() for _ in range(chance.randrange(1, 40)))
        for number, worker in enumerate(workers):
            worker.kill()
            said[number] += rest_of(worker)
        store = LocalKeyStore(tmp_path / "keys", SystemRandomness())
        check_promises(store, "".join(said))
        assert list((tmp_path / "keys" / "tmp").iterdir()) == []
        assert len(store.new_key("after", "period-0")) == 32
