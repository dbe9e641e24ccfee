"""An archive of the demo city, and real ``archiver`` processes that capture, die and go on."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archiver.settings import Settings
from archiver.wire import open_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archiver.demo.city import City
    from archiver.flows.archive import Archive

COMMAND = (sys.executable, "-c", "from archiver.cli.main import main; main()")
PATIENCE = 120
"""Seconds after which a process counts as hanging."""


class Ended(NamedTuple):
    """How a process ended (negative: the signal that killed it), and what it printed."""

    code: int
    output: str


@dataclass(slots=True)
class Place:
    """An archive (a folder or an S3 address), a home, and the environment of commands."""

    archive: str
    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of a process that works here."""
        here = {"ARCHIVER_ARCHIVE": self.archive, "ARCHIVER_HOME": str(self.home)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, **here, **self.environ}

    def opened(self) -> Archive:
        """Open the archive in this process."""
        return open_archive(
            Settings(self.archive, self.home, self.environ.get("ARCHIVER_S3_ENDPOINT", ""))
        )

    @property
    def inside(self) -> Path:
        """The folder of this archive within the home."""
        (found,) = (path for path in self.home.iterdir() if path.is_dir())
        return found


class Forks:
    """Runs commands as forks of a process that has imported everything (`tests.chaos.zygote`)."""

    def __init__(self) -> None:
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.zygote"],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._out: list[Path] = []

    def start(self, *jobs: tuple[Place, Sequence[str]], limit: int = 0) -> list[int]:
        """Start commands together; return their process ids.

        ``limit``: bytes that no file may grow beyond.
        """
        assert self._zygote.stdin is not None
        self._out = [place.home.parent / f"printed-{n}" for n, (place, _) in enumerate(jobs)]
        document = [
            {"arguments": words, "environ": place.variables, "out": str(out), "limit": limit}
            for (place, words), out in zip(jobs, self._out, strict=True)
        ]
        for out in self._out:
            out.unlink(missing_ok=True)
        self._zygote.stdin.write(json.dumps(document) + "\n")
        self._zygote.stdin.flush()
        return self._numbers()

    def wait(self) -> list[Ended]:
        """Wait for all that were started."""
        codes = self._numbers()
        return [
            Ended(code, out.read_text("utf-8") if out.exists() else "")
            for code, out in zip(codes, self._out, strict=True)
        ]

    def run(self, place: Place, *words: str, limit: int = 0) -> Ended:
        """Run one command to its end."""
        self.start((place, words), limit=limit)
        return self.wait()[0]

    def done(self, place: Place, *words: str) -> str:
        """Run one command that must succeed; return what it printed."""
        ended = self.run(place, *words)
        assert ended.code == 0, ended.output
        return ended.output

    def kill(self, place: Place, moment: Callable[[], bool], *words: str) -> Ended:
        """Run a command and kill it with SIGKILL when ``moment`` has come, if it still runs."""
        (child,) = self.start((place, words))
        with suppress(ProcessLookupError):  # it has ended, and its parent has looked
            watched = os.pidfd_open(child)
            try:
                while not select.select([watched], [], [], 0)[0] and not moment():
                    pass
                signal.pidfd_send_signal(watched, signal.SIGKILL)
            finally:
                os.close(watched)
        return self.wait()[0]

    def _numbers(self) -> list[int]:
        assert self._zygote.stdout is not None
        numbers: list[int] = json.loads(self._zygote.stdout.readline())
        return numbers

    def close(self) -> None:
        """End the process that forks."""
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.close()
        self._zygote.wait(PATIENCE)
        self._zygote.stdout.close()


def changes(folder: Path, depth: int, ending: str, count: int) -> Callable[[], bool]:
    """Return a moment: the ``count``-th change of the files that end so below a folder."""
    seen: list[object] = []

    def now() -> bool:
        time.sleep(0.0005)
        found = sorted(_files(folder, depth, ending))
        if not seen or seen[-1] != found:
            seen.append(found)
        return len(seen) > count

    return now


def _files(folder: Path, depth: int, ending: str) -> Iterator[tuple[str, int]]:
    """Yield name and inode of the files so many folders below one; others may change it."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if depth and entry.is_dir(follow_symlinks=False):
                    yield from _files(Path(entry.path), depth - 1, ending)
                elif not depth and entry.name.endswith(ending):
                    yield entry.name, entry.inode()
    except FileNotFoundError:
        return


def after(seconds: float) -> Callable[[], bool]:
    """Return a moment: so long after now."""
    until = time.monotonic() + seconds

    def now() -> bool:
        time.sleep(0.001)
        return time.monotonic() >= until

    return now


BLOG, NEWS = "city-blog", "city-news"


def found(forks: Forks, place: Place, city: City, url: str) -> None:
    """Make an archive with the city's blog and news as approved accounts."""
    place.environ |= {"CITY_USER": city.user, "CITY_PASSWORD": city.secret}
    login = ("--credential", "user=env:CITY_USER", "--credential", "password=env:CITY_PASSWORD")
    place.home.parent.mkdir(exist_ok=True)
    forks.done(place, "init")
    forks.done(place, "account", "add", BLOG, "--platform", "wordpress", "--url", url, *login)
    forks.done(place, "account", "add", NEWS, "--platform", "feed", "--url", f"{url}/feed")
    forks.done(place, "account", "approve", BLOG, "--by", "Clerk")
    forks.done(place, "account", "approve", NEWS, "--by", "Clerk")


def place_in(folder: Path) -> Place:
    """Return a place below a folder."""
    return Place(str(folder / "archive"), folder / "home")


def second_home(place: Place, home: Path, *, shared: tuple[str, ...] = ()) -> Place:
    """Return the place with a copy of its home; what is ``shared`` is linked, not copied."""
    shutil.copytree(place.home, home, symlinks=True)
    twin = Place(place.archive, home, place.environ)
    for name in shared:
        shutil.rmtree(twin.inside / name)
        (twin.inside / name).symlink_to(place.inside / name)
    return twin
