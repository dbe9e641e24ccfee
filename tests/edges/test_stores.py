"""The contract of `archiver.ports.Store`, kept alike by all three stores.

S3 is spoken to moto, a double: see `tests.edges.store_helpers`.
"""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.edges.localfs import LocalStore
from archiver.edges.memory import MemoryStore
from archiver.edges.storeprobe import PROBE
from archiver.errors import (
    AlreadyExistsError,
    ConflictError,
    MissingObjectError,
    StoreError,
)
from tests.edges.store_helpers import (
    BUCKET,
    NarrowStream,
    memory_folder,
    moto_endpoint,
    s3_client,
    s3_store,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from mypy_boto3_s3 import S3Client

    from archiver.edges.s3 import S3Store

    AnyStore = LocalStore | MemoryStore | S3Store


@pytest.fixture(scope="module")
def client() -> Iterator[S3Client]:
    """A client of a moto server with an empty bucket."""
    with moto_endpoint() as endpoint, s3_client(endpoint) as client:
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture(params=["local", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AnyStore:
    """An empty store of each kind."""
    if request.param == "s3":
        return s3_store(request.getfixturevalue("client"))
    return LocalStore(tmp_path / "archive") if request.param == "local" else MemoryStore()


@pytest.mark.parametrize("data", [b"", b"\x00", bytes(range(256)) * 3000])
def test_create_keeps_bytes(store: AnyStore, data: bytes) -> None:
    """What was created is read back byte for byte, by get and by open."""
    store.create("u/ab/file.warc.gz", data)
    assert store.get("u/ab/file.warc.gz") == data
    with store.open("u/ab/file.warc.gz") as file:
        assert file.read() == data


def test_create_streams_a_file(store: AnyStore) -> None:
    """A source that cannot seek is read in chunks of at most 1 MiB, to its end."""
    data = bytes(range(256)) * 14_000
    store.create("u/stream", cast("BinaryIO", NarrowStream(data)))
    assert store.get("u/stream") == data


def test_open_is_seekable(store: AnyStore) -> None:
    """An open object can be read from any place, from both ends."""
    data = bytes(range(256)) * 40_000  # more than two blocks of a remote reader
    store.create("u/seek", data)
    with store.open("u/seek") as file:
        assert file.seek(-5, io.SEEK_END) == len(data) - 5
        assert file.read() == data[-5:]
        assert file.read(1) == b""
        file.seek(1000)
        assert file.read(7) == data[1000:1007]
        file.seek(2, io.SEEK_CUR)
        assert file.read(3) == data[1009:1012]


@pytest.mark.parametrize("second", [b"second", b"first"])
def test_create_never_overwrites(store: AnyStore, second: bytes) -> None:
    """A second create is refused, also with equal bytes, and changes nothing."""
    store.create("k", b"first")
    for data in (second, io.BytesIO(second)):
        with pytest.raises(AlreadyExistsError, match=r"never overwritten|already"):
            store.create("k", data)
    assert store.get("k") == b"first"


def test_missing_objects(store: AnyStore) -> None:
    """What is not there is missing, in an empty store as beside other objects."""
    for _ in range(2):
        with pytest.raises(MissingObjectError, match="nothing"):
            store.get("u/nothing")
        with pytest.raises(MissingObjectError, match="nothing"):
            store.open("u/nothing")
        assert store.load("u/nothing") is None
        store.create(f"u/{_}", b"beside")
    with pytest.raises(MissingObjectError):
        store.get("u/0/below")
    with pytest.raises(MissingObjectError):
        store.get("u")


def test_erase_leaves_nothing(store: AnyStore) -> None:
    """The object goes; erasing what is not there is no error."""
    store.create("u/a.idx", b"1")
    store.create("u/a.idx.c256", b"2")
    assert not store.erase("u/a.idx")
    assert not store.erase("u/a.idx")
    assert [one.key for one in store.list("")] == ["u/a.idx.c256"]
    assert list(store.versions()) == []


def test_swap_replaces_the_expected_version(store: AnyStore) -> None:
    """A chain of swaps goes through, and load tells each version."""
    version = None
    for data in (b"one", b"two", b"", b"one"):
        version = store.swap("log/head", data, version)
        assert store.load("log/head") == (data, version)
    assert store.get("log/head") == b"one"


def test_swap_refuses_another_version(store: AnyStore) -> None:
    """A stale version, a missing object and a taken key are conflicts that change nothing."""
    with pytest.raises(ConflictError):
        store.swap("log/head", b"x", "0" * 32)
    assert store.load("log/head") is None
    first = store.swap("log/head", b"one", None)
    store.swap("log/head", b"two", first)
    for expected in (first, None, "0" * 32):
        with pytest.raises(ConflictError, match="version"):
            store.swap("log/head", b"three", expected)
    assert store.get("log/head") == b"two"


def test_swap_and_create_share_keys(store: AnyStore) -> None:
    """A created object cannot be swapped in anew, nor a swapped one created."""
    store.create("a", b"created")
    store.swap("b", b"swapped", None)
    with pytest.raises(ConflictError):
        store.swap("a", b"x", None)
    with pytest.raises(AlreadyExistsError):
        store.create("b", b"x")
    assert (store.get("a"), store.get("b")) == (b"created", b"swapped")


KEYS = ["x-b", "x.b", "x/a", "x/b", "x/b.p/1", "x/b0", "x0", "x~", "X", "y/!/~", "y/B", "y/a"]


def test_list_is_in_byte_order(store: AnyStore) -> None:
    """Keys come in the order of their bytes, folders or not, with their sizes."""
    for size, key in enumerate(KEYS):
        store.create(key, b"." * size)
    assert [item.key for item in store.list("")] == sorted(KEYS, key=str.encode)
    assert {item.key: item.size for item in store.list("")} == {k: n for n, k in enumerate(KEYS)}


@pytest.mark.parametrize("prefix", ["", "x", "x/", "x/b", "x/b.p/", "y/!/~", "z", "x/b/", "x-/"])
def test_list_by_prefix(store: AnyStore, prefix: str) -> None:
    """A prefix may end anywhere in a key; only keys that start with it are listed."""
    for key in KEYS:
        store.create(key, b"")
    expected = [key for key in sorted(KEYS) if key.startswith(prefix)]
    assert [item.key for item in store.list(prefix)] == expected


def test_list_while_deleting(store: AnyStore) -> None:
    """A listing that has begun goes on while objects vanish, and names none twice."""
    keys = [f"u/{folder}/{name}" for folder in "abc" for name in range(4)]
    for key in keys:
        store.create(key, b"x")
    listed = []
    for item in store.list("u/"):
        listed.append(item.key)
        for key in keys[1::2]:
            store.delete(key)
    assert set(keys[::2]) <= set(listed) <= set(keys)
    assert len(listed) == len(set(listed))
    assert [item.key for item in store.list("u/")] == keys[::2]


def test_list_while_writing(store: AnyStore) -> None:
    """A listing sees every object that was there before it, whatever is being written."""
    before = [f"u/a{number:02}" for number in range(10)]
    for key in before:
        store.create(key, b"x")

    def write() -> None:
        for number in range(20):
            store.create(f"u/b{number:02}", b"y" * 1000)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while True:
            done = writing.done()
            items = list(store.list("u/"))
            assert [item.key for item in items][:10] == before
            assert {item.size for item in items[10:]} <= {1000}
            if done:
                break
        writing.result()
    assert len(items) == 30


def test_delete_twice(store: AnyStore) -> None:
    """A deleted object is gone, can be deleted again, and its key is free again."""
    store.create("u/a", b"1")
    for _ in range(2):
        store.delete("u/a")
        assert list(store.list("")) == []
        assert store.load("u/a") is None
    store.create("u/a", b"2")
    assert store.get("u/a") == b"2"
    store.delete("never/was")


HOSTILE = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../x",
    "u/../../x",
    "u/..",
    ".",
    "u/./x",
    "u//x",
    "u/",
    "u\\..\\x",
    "u/\x00",
    "u/a\nb",
    "u/\x7f",
    "u/\x85",
    "u/é",
    "u/\udcff",
    "u/a b",
    ".tmp/x",
    ".tmp",
    "u/" + "a" * 256,
    "a/" * 600 + "a",
]


@pytest.mark.parametrize("key", HOSTILE, ids=ascii)
def test_hostile_keys(store: AnyStore, key: str) -> None:
    """A key that could lead elsewhere or mean two things is refused by every operation."""
    acts: list[Callable[[], object]] = [
        lambda: store.get(key),
        lambda: store.open(key),
        lambda: store.create(key, b"x"),
        lambda: store.load(key),
        lambda: store.swap(key, b"x", None),
        lambda: store.delete(key),
    ]
    for act in acts:
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.code == "store-key"
        assert str(caught.value).isprintable()
    assert list(store.list("")) == []


@pytest.mark.parametrize("prefix", ["/", "../", "u//", "u/../x", "u/\x00", ".tmp/", "a/../"])
def test_hostile_prefixes(store: AnyStore, prefix: str) -> None:
    """A prefix that no key can start with is refused at once, not when first used."""
    with pytest.raises(StoreError, match="refused a key"):
        store.list(prefix)


def test_a_source_that_fails(store: AnyStore) -> None:
    """When the source of a create breaks off, nothing is stored."""

    class Broken(io.RawIOBase):
        calls = 0

        def read(self, size: int | None = -1) -> bytes:
            self.calls += 1
            if self.calls > 2:
                raise EOFError("the source is gone")
            return b"x" * 1000

    with pytest.raises(EOFError):
        store.create("u/broken", cast("BinaryIO", Broken()))
    assert list(store.list("")) == []
    store.create("u/broken", b"whole")


def test_preflight_holds(store: AnyStore) -> None:
    """Every guarantee holds when tried, and the trial leaves nothing behind."""
    store.create("archive.json", b"{}")
    checks = store.preflight()
    assert [check for check in checks if check.needed and not check.held] == []
    assert all(check.detail for check in checks)
    assert {check.name for check in checks} >= {
        "read-after-write",
        "create-once",
        "create-race",
        "swap-current",
        "swap-stale",
        "swap-race",
        "list-after-write",
        "delete",
        "clean-up",
    }
    assert [item.key for item in store.list("")] == ["archive.json"]
    assert list(store.list(PROBE)) == []


def test_preflight_removes_what_a_killed_one_left(store: AnyStore) -> None:
    """Scratch objects of an hour ago go; those of a doctor at work, and other keys, stay."""
    old, new = f"{int(time.time()) - 3700:08x}", f"{int(time.time()) - 60:08x}"
    token = "0123456789abcdef" * 2
    for key in (f"{old}-{token}-delete", f"{new}-{token}-delete", f"{old}-notes"):
        store.create(PROBE + key, b"x")
    store.preflight()
    left = [item.key for item in store.list("")]
    assert left == sorted([f"{PROBE}{new}-{token}-delete", f"{PROBE}{old}-notes"])


def test_threads_race_to_create(store: AnyStore) -> None:
    """Of eight threads that create one key, one wins and its bytes stay."""

    def race(number: int) -> bool:
        with suppress(AlreadyExistsError):
            store.create("u/race", b"%d" % number * 50_000)
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        wins = list(pool.map(race, range(8)))
    assert sum(wins) == 1
    assert store.get("u/race") == b"%d" % wins.index(True) * 50_000


def test_threads_race_to_swap(store: AnyStore) -> None:
    """No increment of four threads is lost, and none is counted twice."""
    store.swap("log/head", b"0", None)

    def increment(_: int) -> None:
        while True:
            found = store.load("log/head")
            assert found is not None
            with suppress(ConflictError):
                store.swap("log/head", b"%d" % (int(found.data) + 1), found.version)
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(increment, range(20)))
    assert store.get("log/head") == b"20"


def test_describe_names_the_place(store: AnyStore) -> None:
    """A store says where it is, in one line without the credentials."""
    text = store.describe()
    assert text
    assert text.isprintable()
    assert "sentinel" not in text.lower()


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_no_key_is_object_and_folder(kind: str, tmp_path: Path) -> None:
    """Where a folder could not hold it, memory refuses it too: no surprise later."""
    store: AnyStore = LocalStore(tmp_path) if kind == "local" else MemoryStore()
    store.create("a/b", b"x")
    for key in ("a", "a/b/c", "a/b/c/d"):
        with pytest.raises(StoreError, match="object and the folder") as caught:
            store.create(key, b"y")
        assert caught.value.code == "store-key"
        with pytest.raises(StoreError, match="object and the folder"):
            store.swap(key, b"y", None)
        store.delete(key)
    assert [item.key for item in store.list("")] == ["a/b"]


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["create", "swap", "swap-new", "delete", "get", "load", "list"]),
        st.sampled_from(["a", "a-b/1", "a.b", "a.b.p/1", "b/c/d"]),
        st.binary(max_size=3),
    ),
    max_size=30,
)


def _outcome(store: AnyStore, op: str, key: str, data: bytes, versions: dict[str, str]) -> object:
    """Do one operation; return what a caller can see of it."""
    try:
        if op == "create":
            store.create(key, data)
        elif op.startswith("swap"):
            expected = versions.get(key) if op == "swap" else None
            versions[key] = store.swap(key, data, expected)
        elif op == "delete":
            store.delete(key)
        elif op == "list":
            return list(store.list(key))
        else:
            return store.get(key) if op == "get" else store.load(key)
    except StoreError as error:
        return error.code
    return None


@settings(max_examples=80)
@given(operations=OPERATIONS)
def test_memory_behaves_like_a_folder(operations: list[tuple[str, str, bytes]]) -> None:
    """Any sequence of operations has the same outcome in memory as in a folder."""
    seen_disk: dict[str, str] = {}
    seen_memory: dict[str, str] = {}
    with memory_folder() as folder:
        disk, memory = LocalStore(folder), MemoryStore()
        for op, key, data in operations:
            expected = _outcome(disk, op, key, data, seen_disk)
            assert _outcome(memory, op, key, data, seen_memory) == expected
        assert list(disk.list("")) == list(memory.list(""))
