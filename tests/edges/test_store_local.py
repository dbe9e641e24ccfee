"""The local store against crashes, races, full disks, links and other hostile folders."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import pytest

from archiver.edges import localscratch
from archiver.edges.localfs import LocalStore
from archiver.errors import AlreadyExistsError, ConflictError, MissingObjectError, StoreError
from tests.edges.store_driver import ACTS, CALLS, sealed, whole
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

P = ParamSpec("P")
T = TypeVar("T")
DRIVER = [sys.executable, "-m", "tests.edges.store_driver"]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """A store in a folder that does not exist yet."""
    return LocalStore(tmp_path / "below" / "archive")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one."""
    with memory_folder() as folder:
        yield folder


def drive(repo_root: Path, *command: str | Path) -> str:
    """Run the driver to its end; return what it printed."""
    done = subprocess.run(
        [*DRIVER, *command], cwd=repo_root, check=True, capture_output=True, text=True
    )
    return done.stdout


def parts(store: LocalStore) -> list[str]:
    """Return the unfinished files of a store."""
    return [path.name for path in store.root.glob(".tmp/*.part")]


def test_eight_processes_create(repo_root: Path, store: LocalStore) -> None:
    """Of eight processes that create the same 25 keys, exactly one wins each of them."""
    assert int(drive(repo_root, "create", store.root, "25")) == 25
    for item in store.list("won/"):
        key, winner = item.key.removeprefix("won/").split("-")
        assert store.get(f"u/race/{key}") == sealed(f"{winner}-{key}", 5000)


def test_eight_processes_swap(repo_root: Path, store: LocalStore) -> None:
    """Eight processes that increment a counter 50 times each bring it to 400."""
    assert drive(repo_root, "increment", store.root, "50").split() == ["0"] * 8
    assert store.get("log/head") == b"400"


@pytest.mark.parametrize("act", ACTS)
def test_killed_at_every_call(repo_root: Path, folder: Path, act: str) -> None:
    """Killed before and after each single system call, no act leaves a half object."""
    # The driver checks after each kill that everything visible is whole, that the same act
    # then succeeds, and that sweeping removes what the dead process left.
    assert int(drive(repo_root, "crash", folder, act)) > 20


def test_killed_at_random(repo_root: Path, store: LocalStore) -> None:
    """A writer killed at random leaves whole objects only, and all it acknowledged."""
    chance = random.Random(20261120)
    acknowledged: list[str] = []
    for _ in range(8):
        with subprocess.Popen(
            [*DRIVER, "write", store.root], cwd=repo_root, stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout
            acknowledged.append(writer.stdout.readline().strip())
            time.sleep(chance.uniform(0, 0.06))
            writer.kill()
            acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
        assert whole(store.get("log/head"))
        assert all(whole(store.get(item.key)) for item in store.list(""))
    assert set(acknowledged) <= {item.key for item in store.list("u/")}
    store.sweep()
    assert parts(store) == []


def test_huge_object_in_little_memory(repo_root: Path, store: LocalStore) -> None:
    """100 MB are stored and read with less than 16 MiB more memory."""
    assert int(drive(repo_root, "huge", store.root, str(100_000_000))) < 16 * 1024


def test_sweep_spares_the_living(store: LocalStore) -> None:
    """Only unfinished files whose writers are gone are swept, at any age."""
    assert store.sweep() == 0

    class Source(io.RawIOBase):
        swept = -1

        def read(self, size: int | None = -1) -> bytes:
            if self.swept >= 0:
                return b""
            (store.root / ".tmp" / "dead.part").write_bytes(b"left by a crash")
            (store.root / ".tmp" / "other").write_bytes(b"not ours")
            self.swept = store.sweep()
            return b"data"

    source = Source()
    store.create("u/slow", cast("io.BufferedReader", source))
    assert source.swept == 1
    assert store.get("u/slow") == b"data"
    assert [path.name for path in store.root.glob(".tmp/*")] == ["other"]
    assert [item.key for item in store.list("")] == ["u/slow"]


def test_swept_before_it_was_locked(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer whose file is swept between making and locking it makes another."""
    plain = fcntl.flock
    names: list[str] = []

    def flock(fd: int, how: int) -> None:
        if not names:
            names.extend(parts(store))
            (store.root / ".tmp" / names[0]).unlink()
        plain(fd, how)

    monkeypatch.setattr("archiver.edges.localscratch.fcntl.flock", flock)
    store.create("u/a", b"data")
    assert store.get("u/a") == b"data"
    assert names
    assert parts(store) == []


def test_file_system_without_locks(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be locked, writes are refused with advice, and leak nothing."""
    store.create("u/a", b"data")
    before = open_files()

    def flock(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr("archiver.edges.localscratch.fcntl.flock", flock)
    acts = (
        lambda: store.create("u/b", b"x"),
        lambda: store.swap("u/c", b"x", None),
        lambda: store.delete("u/a"),
    )
    for act in acts:
        with pytest.raises(StoreError, match="not supported") as caught:
            act()
        assert "ext4" in caught.value.mend
    assert open_files() == before
    assert store.get("u/a") == b"data"


def test_sweep_beside_a_finishing_writer(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that its owner removes while we look is not counted as swept."""
    store.create("u/a", b"data")
    for name in ("a.part", "b.part"):
        (store.root / ".tmp" / name).write_bytes(b"")
    plain_open, plain_flock = os.open, fcntl.flock

    def opened(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "a.part":
            (store.root / ".tmp" / path).unlink()
        return plain_open(path, flags, mode, dir_fd=dir_fd)

    def flock(fd: int, how: int) -> None:
        plain_flock(fd, how)
        (store.root / ".tmp" / "b.part").unlink()

    monkeypatch.setattr("archiver.edges.localscratch.os.open", opened)
    monkeypatch.setattr("archiver.edges.localscratch.fcntl.flock", flock)
    assert store.sweep() == 0


def test_lock_file_removed_by_hand(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who waited on a lock file that was removed locks the new one instead."""
    store.swap("log/head", b"one", None)
    plain, lock = fcntl.flock, store.root / ".tmp" / "lock"
    removed: list[int] = []

    def flock(fd: int, how: int) -> None:
        if not removed:
            removed.append(lock.stat().st_ino)
            lock.unlink()
        plain(fd, how)

    monkeypatch.setattr("archiver.edges.localscratch.fcntl.flock", flock)
    store.swap("log/head", b"two", sha256(b"one").hexdigest())
    assert removed
    assert lock.exists()


def lock_is_free(store: LocalStore) -> bool:
    """Tell whether nobody holds the lock of a store's swaps."""
    fd = os.open(store.root / ".tmp" / "lock", os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


def test_swap_and_delete_exclude_each_other(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both hold the lock while they change a name, and give it up before they return."""
    version = store.swap("log/head", b"one", None)
    free: list[bool] = []

    def watched(call: Callable[P, T]) -> Callable[P, T]:
        def run(*args: P.args, **where: P.kwargs) -> T:
            free.append(lock_is_free(store))
            return call(*args, **where)

        return run

    monkeypatch.setattr("archiver.edges.localfs.os.rename", watched(os.rename))
    monkeypatch.setattr("archiver.edges.localfs.os.unlink", watched(os.unlink))
    store.swap("log/head", b"two", version)
    assert lock_is_free(store)
    store.delete("log/head")
    assert lock_is_free(store)
    assert free == [False, False, False]  # the rename, the scratch name, the delete


def test_lock_inherited_by_a_fork(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that was forked inside a swap, and lives on, holds no lock afterwards."""
    plain = fcntl.flock
    inherited: list[int] = []

    def flock(fd: int, how: int) -> None:
        plain(fd, how)
        if not inherited:
            inherited.append(os.dup(fd))  # shares the lock, as a forked child's copy does

    monkeypatch.setattr("archiver.edges.localscratch.fcntl.flock", flock)
    store.swap("log/head", b"one", None)
    monkeypatch.undo()
    assert lock_is_free(store)
    os.close(inherited[0])


def test_create_between_look_and_link(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A swap that must find nothing loses against a create that takes no lock."""
    plain = localscratch.publish

    def publish(part: localscratch.Scratch, folder: int, name: str, *, replace: bool) -> None:
        monkeypatch.undo()
        store.create("log/head", b"quicker")
        plain(part, folder, name, replace=replace)

    monkeypatch.setattr(localscratch, "publish", publish)
    with pytest.raises(ConflictError):
        store.swap("log/head", b"slower", None)
    assert store.get("log/head") == b"quicker"


class Journal:
    """Writes down the calls that matter for a power cut, with the paths they are about."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.lines: list[str] = []
        self.root = root

        def noted(name: str, call: Callable[P, T]) -> Callable[P, T]:
            def run(*args: P.args, **where: P.kwargs) -> T:
                result = call(*args, **where)
                self.lines.append(f"{name} {self._about(args, where)}")
                return result

            return run

        for name in ("fsync", "link", "rename", "mkdir", "unlink"):
            monkeypatch.setattr(f"archiver.edges.localfs.os.{name}", noted(name, getattr(os, name)))

    def _about(self, args: tuple[object, ...], where: Mapping[str, object]) -> str:
        target = str(args[-1]) if where else ""
        fd = where.get("dst_dir_fd", where.get("dir_fd", args[0]))
        path = Path(f"/proc/self/fd/{fd}").readlink() / target
        return "part" if path.suffix == ".part" else str(path.relative_to(self.root.parent))


def test_create_order_survives_a_power_cut(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes are flushed before their name is made, and every new name before returning."""
    store.create("archive.json", b"{}")
    journal = Journal(monkeypatch, store.root)
    store.create("u/a/file", b"data")
    assert journal.lines == [
        "fsync part",
        "mkdir archive/u",
        "fsync archive",
        "mkdir archive/u/a",
        "fsync archive/u",
        "link archive/u/a/file",
        "fsync archive/u/a",
        "unlink part",
    ]


def test_existing_objects_are_flushed_for_whoever_relies_on_them(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading, a refused create and a repeated delete flush what a dead writer may not have."""
    store.swap("log/head", b"one", None)
    fresh = LocalStore(store.root)
    journal = Journal(monkeypatch, store.root)
    fresh.load("log/head")
    assert journal.lines == ["fsync archive/log"]
    with pytest.raises(AlreadyExistsError):
        fresh.create("log/head", b"two")
    assert "fsync archive" in journal.lines  # the folder, perhaps made by a dead process
    assert journal.lines[-2:] == ["fsync archive/log", "unlink part"]
    journal.lines.clear()
    fresh.delete("log/gone")
    assert journal.lines[-1] == "fsync archive/log"


def test_the_archive_folder_is_flushed_though_a_dead_process_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is on disk before anything in it counts; once for each process."""
    root = tmp_path / "city" / "archive"
    root.mkdir(parents=True)  # and killed, before the name was flushed
    fresh = LocalStore(root)
    journal = Journal(monkeypatch, tmp_path)
    fresh.create("archive.json", b"{}")
    flushed = f"fsync {tmp_path.name}/city"
    assert journal.lines.count(flushed) == 1
    assert journal.lines.index(flushed) < len(journal.lines) - 2
    fresh.create("other", b"")
    assert journal.lines.count(flushed) == 1


def test_each_version_is_flushed_once(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading again waits for no disk, until somebody else has replaced the object."""
    version = store.swap("log/head", b"one", None)
    other = LocalStore(store.root)
    journal = Journal(monkeypatch, store.root)
    assert store.load("log/head") == (b"one", version)
    assert journal.lines == []
    second = other.swap("log/head", b"two", version)
    journal.lines.clear()
    assert [store.load("log/head") for _ in range(2)] == [(b"two", second)] * 2
    assert journal.lines == ["fsync archive/log"]


def test_swap_order_survives_a_power_cut(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new bytes are flushed before they take the old ones' place."""
    version = store.swap("log/head", b"one", None)
    journal = Journal(monkeypatch, store.root)
    store.swap("log/head", b"two", version)
    renaming = journal.lines.index("rename archive/log/head")
    assert "fsync part" in journal.lines[:renaming]
    assert journal.lines[renaming + 1] == "fsync archive/log"


ERRNOS = [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EIO, errno.EMFILE]


class Failing:
    """Lets the call number ``turn`` to one function of `os` fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, turn: int, number: int) -> None:
        self.fired = False
        left = [turn]

        def failing(call: Callable[P, T]) -> Callable[P, T]:
            def run(*args: P.args, **where: P.kwargs) -> T:
                left[0] -= 1
                if left[0] == -1:
                    self.fired = True
                    raise OSError(number, os.strerror(number))
                return call(*args, **where)

            return run

        monkeypatch.setattr(f"archiver.edges.localfs.os.{name}", failing(getattr(os, name)))


def open_files() -> int:
    """Return how many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("call", [name for name in CALLS if name != "close"])
def test_every_call_may_fail(
    folder: Path, monkeypatch: pytest.MonkeyPatch, act: str, call: str
) -> None:
    """Any failing call is told plainly, harms nothing, leaks nothing, and can be repeated."""
    for turn in range(20):
        root = folder / str(turn)
        store = LocalStore(root)
        store.create("u/old", sealed("old", 500))
        store.swap("log/head", sealed("old", 500), None)
        before = open_files()
        with monkeypatch.context() as patch:
            number = ERRNOS[turn % len(ERRNOS)]
            failing = Failing(patch, call, turn, number)
            try:
                ACTS[act](LocalStore(root))
            except StoreError as error:
                assert os.strerror(number) in error.message  # noqa: PT017 - it may also succeed
                assert str(root) in error.where  # noqa: PT017 - likewise
                assert len(error.mend) > 20  # noqa: PT017 - likewise
        assert open_files() == before
        assert all(whole(store.get(item.key)) for item in store.list(""))
        with suppress(AlreadyExistsError, ConflictError):
            ACTS[act](store)
        store.sweep()
        assert parts(store) == []
        if not failing.fired:
            return
    pytest.fail("the act makes more calls than were tried")


@pytest.mark.parametrize("call", ["open", "scandir"])
@pytest.mark.parametrize("number", ERRNOS)
def test_reading_may_fail(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    """A listing or reading that fails says what, where and how to mend it."""
    store.create("u/a", b"x")
    acts: list[Callable[[], object]] = [lambda: list(store.list("u/"))]
    if call == "open":
        acts += [lambda: store.get("u/a"), lambda: store.load("u/a"), store.sweep]
    for act in acts:
        with monkeypatch.context() as patch:
            Failing(patch, call, 0, number)
            with pytest.raises(StoreError, match=os.strerror(number)) as caught:
                act()
        assert str(store.root) in caught.value.where
        assert len(caught.value.mend) > 20


def test_unreadable_folder() -> None:
    """A folder without permission is an error, never an empty listing."""
    folder = Path(tempfile.mkdtemp())  # outside of the test's own, which only root enters
    user = os.geteuid()
    try:
        store = LocalStore(folder)
        store.create("u/a/x", b"data")
        store.create("u/b/x", b"data")
        folder.chmod(0o755)
        (folder / "u" / "a").chmod(0)
        if user == 0:
            os.seteuid(65534)
        with pytest.raises(StoreError, match="Permission denied") as caught:
            list(store.list(""))
        assert caught.value.where == str(folder / "u" / "a")
        assert "permission" in caught.value.mend
        with pytest.raises(StoreError, match="Permission denied"):
            store.get("u/a/x")
        assert store.get("u/b/x") == b"data"
    finally:
        os.seteuid(user)
        (folder / "u" / "a").chmod(0o700)
        shutil.rmtree(folder)


@pytest.fixture
def linked(store: LocalStore, tmp_path: Path) -> LocalStore:
    """A store into which somebody put links, a pipe and a socket, some leading outside."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"not of the archive")
    store.create("u/real", b"data")
    store.create("v/real", b"data")
    root = store.root
    (root / "u" / "file").symlink_to(outside / "secret")
    (root / "u" / "inner").symlink_to(root / "v" / "real")
    (root / "u" / "dangling").symlink_to(outside / "nothing")
    (root / "u" / "folder").symlink_to(outside)
    (root / "top").symlink_to(outside)
    os.mkfifo(root / "u" / "pipe")
    os.mknod(root / "u" / "socket", stat.S_IFSOCK | 0o600)
    return store


@pytest.mark.parametrize(
    "key",
    [
        "u/file",
        "u/inner",
        "u/dangling",
        "u/folder",
        "u/folder/secret",
        "top/secret",
        "u/pipe",
        "u/socket",
    ],
)
def test_links_and_pipes_are_not_followed(linked: LocalStore, key: str) -> None:
    """No read or write goes through a link, and a pipe blocks nobody."""
    acts: list[Callable[[], object]] = [
        lambda: linked.get(key),
        lambda: linked.open(key),
        lambda: linked.load(key),
        lambda: linked.swap(key, b"x", None),
    ]
    if key.endswith("secret"):
        acts += [lambda: linked.create(key, b"x"), lambda: linked.delete(key)]
        acts += [lambda: list(linked.list(key))]
    for act in acts:
        with pytest.raises(StoreError, match="neither a plain file nor a folder") as caught:
            act()
        assert caught.value.code == "store-link"
    secret = linked.root.parent.parent / "outside" / "secret"
    assert secret.read_bytes() == b"not of the archive"


def test_links_and_foreign_names_are_listed(linked: LocalStore) -> None:
    """Nothing hides: what is no object of ours still shows in a listing."""
    (linked.root / "u" / os.fsdecode(b"\xff odd")).write_bytes(b"")
    listed = [item.key for item in linked.list("")]
    odd = ["dangling", "file", "folder", "inner", "pipe", "real", "socket", "\udcff odd"]
    assert listed == ["top", *(f"u/{name}" for name in odd), "v/real"]
    linked.delete("u/folder")
    assert (linked.root.parent.parent / "outside" / "secret").exists()
    assert "u/folder" not in [item.key for item in linked.list("u/")]


def test_links_in_place_of_unfinished_files(linked: LocalStore, tmp_path: Path) -> None:
    """A scratch folder that is a link is refused before anything is written."""
    shutil.rmtree(linked.root / ".tmp")
    (linked.root / ".tmp").symlink_to(tmp_path / "outside")
    for act in (lambda: linked.create("u/new", b"x"), lambda: linked.swap("u/h", b"x", None)):
        with pytest.raises(StoreError, match="neither a plain file nor a folder"):
            act()
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["secret"]


def test_archive_reached_through_a_link(store: LocalStore, tmp_path: Path) -> None:
    """The archive folder itself may be named by a link."""
    store.create("a", b"x")
    (tmp_path / "link").symlink_to(store.root)
    assert LocalStore(tmp_path / "link").get("a") == b"x"


def test_archive_that_is_a_file(tmp_path: Path) -> None:
    """A file where the folder should be is told, by reads as by writes."""
    (tmp_path / "file").write_bytes(b"")
    store = LocalStore(tmp_path / "file")
    for act in (lambda: store.get("a"), lambda: store.create("a", b""), lambda: store.load("a")):
        with pytest.raises(StoreError, match="Not a directory"):
            act()


def test_folder_made_by_somebody_else_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that make the archive folder at once do not disturb each other."""
    plain = Path.mkdir

    def mkdir(self: Path) -> None:
        plain(self)
        plain(self)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    store = LocalStore(tmp_path / "a" / "b")
    store.create("k", b"x")
    assert store.get("k") == b"x"


def test_read_only_file_system(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive on a read-only disk can be loaded from: there is nothing to flush."""
    store.swap("log/head", b"one", None)
    plain = os.fstatvfs

    class ReadOnly:
        f_flag = plain(0).f_flag | os.ST_RDONLY

    monkeypatch.setattr("archiver.edges.localdir.os.fstatvfs", lambda _: ReadOnly)
    Failing(monkeypatch, "fsync", 0, errno.EROFS)
    found = store.load("log/head")
    assert found
    assert found.data == b"one"


def test_kernel_takes_less_than_all(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short writes are continued until everything is written."""
    plain = os.write
    monkeypatch.setattr(
        "archiver.edges.localscratch.os.write", lambda fd, data: plain(fd, data[:3])
    )
    store.create("a", b"0123456789")
    assert store.get("a") == b"0123456789"


def test_entry_vanishes_while_listing(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is deleted between reading a folder and asking for its size is left out."""
    store.create("u/a", b"x")
    store.create("u/b/c", b"x")
    plain = os.scandir

    class Vanishing:
        def __init__(self, folder: int) -> None:
            self.entries = plain(folder)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            found = list(self.entries)
            (store.root / "u" / "a").unlink(missing_ok=True)
            (store.root / "u" / "b" / "c").unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                (store.root / "u" / "b").rmdir()
            return iter(found)

        def __exit__(self, *_: object) -> None:
            self.entries.close()

    assert [item.key for item in store.list("u/")] == ["u/a", "u/b/c"]
    monkeypatch.setattr("archiver.edges.localfs.os.scandir", Vanishing)
    assert list(store.list("u/")) == []


def test_folders_stay_after_the_last_delete(store: LocalStore) -> None:
    """Deleting the last object of a folder leaves the folder to concurrent creates."""
    store.create("u/a/x", b"1")
    store.delete("u/a/x")
    assert (store.root / "u" / "a").is_dir()
    with pytest.raises(MissingObjectError):
        store.get("u/a/x")
