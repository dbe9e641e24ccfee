"""Processes that use a `LocalStore` and are killed, run by `tests.edges.test_store_local`.

Run as ``python -m tests.edges.store_driver COMMAND ROOT …``. It has a single thread, so
it may fork, which starts eight processes in the time of one.
"""

from __future__ import annotations

import fcntl
import io
import itertools
import os
import signal
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from archiver.edges.localfs import LocalStore
from archiver.errors import AlreadyExistsError, ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

CALLS = ["close", "fsync", "link", "mkdir", "open", "rename", "unlink", "write"]


def sealed(name: str, size: int) -> bytes:
    """Return ``size`` bytes and more that prove by themselves that they are whole."""
    body = name.encode() * (size // len(name) + 1)
    return sha256(body).digest() + body


def whole(data: bytes) -> bool:
    """Tell whether ``data`` came out of `sealed` in one piece."""
    return sha256(data[32:]).digest() == data[:32]


def forked(count: int, work: Callable[[int], int]) -> list[int]:
    """Run ``work(number)`` in that many processes at once; return their exit codes."""
    pids = []
    for number in range(count):
        pid = os.fork()
        if not pid:
            code = 99
            with suppress(Exception):
                code = work(number)
            os._exit(code)
        pids.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def create_race(root: Path, keys: int) -> None:
    """Eight processes create the same keys; print how many of them won each."""

    def work(number: int) -> int:
        wins = 0
        for key in range(keys):
            with suppress(AlreadyExistsError):
                LocalStore(root).create(f"u/race/{key}", sealed(f"{number}-{key}", 5000))
                LocalStore(root).create(f"won/{key}-{number}", b"")
                wins += 1
        return wins

    print(sum(forked(8, work)))  # noqa: T201 - read by the test


def increment_race(root: Path, swaps: int) -> None:
    """Eight processes increment one counter that many times each; print exit codes."""
    LocalStore(root).swap("log/head", b"0", None)

    def work(_: int) -> int:
        store, done = LocalStore(root), 0
        while done < swaps:
            found = store.load("log/head")
            with suppress(ConflictError):
                if found:
                    store.swap("log/head", b"%d" % (int(found.data) + 1), found.version)
                    done += 1
        return 0

    print(*forked(8, work))  # noqa: T201 - read by the test


def write_for_ever(root: Path) -> None:
    """Create, swap and delete without end; print each key once it is acknowledged."""
    store = LocalStore(root)
    found = store.load("log/head")
    version = found.version if found else None
    for number in itertools.count():
        key = f"u/{os.getpid()}/{number % 7}/{number}"
        stream = io.BytesIO(sealed(key, 3_000_000 if number % 5 == 0 else 900))
        store.create(key, stream)
        version = store.swap("log/head", sealed(key, 2000), version)
        print(key, flush=True)  # noqa: T201 - the acknowledgement


P = ParamSpec("P")
T = TypeVar("T")


def _kill_at(point: int) -> None:
    """Patch the calls that touch the disk: the process dies at number ``point``.

    Even points are the instant before a call, odd ones that after it.
    """
    counter = itertools.count()

    def pass_or_die() -> None:
        if next(counter) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def patched(call: Callable[P, T]) -> Callable[P, T]:
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            pass_or_die()
            result = call(*args, **kwargs)
            pass_or_die()
            return result

        return run

    for name in CALLS:
        setattr(os, name, patched(getattr(os, name)))
    cast("Any", fcntl).flock = patched(fcntl.flock)


ACTS: dict[str, Callable[[LocalStore], object]] = {
    "create": lambda store: store.create("u/new/a/file", sealed("new", 3000)),
    "swap-new": lambda store: store.swap("log/new", sealed("new", 500), None),
    "swap": lambda store: store.swap(
        "log/head", sealed("new", 500), sha256(sealed("old", 500)).hexdigest()
    ),
    "delete": lambda store: store.delete("u/old"),
}


def _after_crash(root: Path, act: str) -> None:
    """Check what a crash left, then that doing the same again ends well."""
    store = LocalStore(root)
    for item in store.list(""):
        assert whole(store.get(item.key)), item.key
    assert whole(store.get("log/head"))
    with suppress(AlreadyExistsError, ConflictError):
        ACTS[act](LocalStore(root))
    key = {"create": "u/new/a/file", "swap-new": "log/new", "swap": "log/head"}.get(act)
    assert key is None or store.get(key) == sealed("new", 3000 if act == "create" else 500)
    assert store.load("u/old") is None if act == "delete" else whole(store.get("u/old"))
    store.sweep()
    assert sorted(path.name for path in (root / ".tmp").iterdir()) in ([], ["lock"])


def crash_points(root: Path, act: str) -> None:
    """Kill ``act`` at every call to the system, before and after; print how many there are."""
    for point in itertools.count():
        place = root / f"{act}-{point}"
        store = LocalStore(place)
        store.create("u/old", sealed("old", 500))
        store.swap("log/head", sealed("old", 500), None)

        def work(_: int, place: Path = place, point: int = point) -> int:
            _kill_at(point)
            ACTS[act](LocalStore(place))
            return 7

        (code,) = forked(1, work)
        _after_crash(place, act)
        if code == 7:
            print(point)  # noqa: T201 - read by the test
            return
        assert code == -signal.SIGKILL, code


class _Zeros(io.RawIOBase):
    """A source of ``size`` zero bytes that are made as they are read."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def read(self, size: int | None = -1) -> bytes:
        """Return the next zeros."""
        count = min(self.left, size if size and size > 0 else self.left)
        self.left -= count
        return bytes(count)


def _peak() -> int:
    """Return the peak of resident memory of this process, in KiB (Linux proc(5))."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def huge(root: Path, size: int) -> None:
    """Store an object of that many bytes and read it by the piece; print growth in KiB."""
    store, before = LocalStore(root), _peak()
    store.create("u/huge", cast("BinaryIO", _Zeros(size)))
    with store.open("u/huge") as file:
        total = sum(len(chunk) for chunk in iter(lambda: file.read(1 << 20), b""))
    assert total == size
    print(_peak() - before)  # noqa: T201 - read by the test


def main(command: str, root: str, *rest: str) -> None:
    """Run one command."""
    path = Path(root)
    if command == "write":
        write_for_ever(path)
    elif command == "crash":
        crash_points(path, *rest)
    else:
        numbered = {"create": create_race, "increment": increment_race, "huge": huge}
        numbered[command](path, int(rest[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
