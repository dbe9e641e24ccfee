"""Programs that `test_keys` starts, to run at the same time as others or to be killed.

Each takes a directory and prints a line for everything it was promised.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path

from archiver.edges.chance import SystemRandomness
from archiver.edges.keys import LocalKeyStore
from archiver.errors import KeyStoreError

FILE_EVENTS = ("open", "os.link", "os.remove", "os.rename", "os.mkdir", "os.rmdir")


def store_in(directory: Path) -> LocalKeyStore:
    """Open the key store below ``directory``."""
    return LocalKeyStore(directory / "keys", SystemRandomness())


def say(*words: str) -> None:
    """Print a line at once."""
    os.write(1, (" ".join(words) + "\n").encode())


def race(directory: Path) -> None:
    """Ask for the keys of twenty objects, once standard input ends."""
    store = store_in(directory)
    say("ready")
    sys.stdin.read()
    for number in range(20):
        say(f"object-{number}", store.new_key(f"object-{number}", "p").hex())


def churn(directory: Path) -> None:
    """Make keys, and shred every third, until killed."""
    store = store_in(directory)
    for number in count():
        name = f"{os.getpid()}-{number}"
        say("made", name, store.new_key(name, f"period-{number % 3}").hex())
        if number % 3 == 0:
            say("shredding", name)
            store.shred(name)
            say("shredded", name)


def story(directory: Path) -> None:
    """Go once through everything that writes."""
    store = store_in(directory)
    for name, period in [("a", "p"), ("b", "p"), ("c", "q"), ("d", "q")]:
        say("made", name, store.new_key(name, period).hex())
    say("shredding", "a")
    store.shred("a")
    say("shredded", "a")
    say("shredding", "c")
    say("shredding", "d")
    store.shred_period("q")
    say("shredded", "c")
    say("shredded", "d")


def story_killed_at(directory: Path, stop: int) -> None:
    """Go through the story and die by SIGKILL just before file operation ``stop``."""
    left = iter(range(stop))

    def on_event(event: str, _details: object) -> None:
        if event in FILE_EVENTS and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(on_event)
    story(directory)


def die_everywhere(directory: Path) -> None:
    """Run the story in ``<directory>/<n>``, killed before its *n*-th file operation, for all n."""
    for stop in count():
        place = directory / str(stop)
        place.mkdir()
        child = os.fork()
        if child == 0:
            log = os.open(place / "said", os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(log, 1)
            try:
                story_killed_at(place, stop)
            except KeyStoreError as error:
                say("error", str(error))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            return


if __name__ == "__main__":
    PROGRAMS = {"race": race, "churn": churn, "die-everywhere": die_everywhere}
    PROGRAMS[sys.argv[1]](Path(sys.argv[2]))
