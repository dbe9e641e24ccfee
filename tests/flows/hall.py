"""An archive in memory with a few records, and people who may hold, approve and destroy."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from archiver.edges.personkey import PersonKeyFile
from archiver.flows import people
from archiver.flows.ledger import read_state
from archiver.ids import new_handle
from archiver.registry.people import moment
from tests.doubles import SeededRandomness
from tests.flows.helpers import Worker, copy_of, founded, open_archive

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from archiver.edges.memory import MemoryStore
    from archiver.flows.archive import Archive

ROLES = {
    "clerk": "records-manager",
    "counsel": "counsel",
    "holder": "hold",
    "anna": "approver",
    "bert": "approver",
    "purger": "purge",
}
GOVERN = ("clerk", "counsel")


class Hall:
    """An archive and its people. ``of(name)``: a person's key; ``later``: let days pass."""

    def __init__(self, folder: Path, store: MemoryStore, chance: str = "hall") -> None:
        self.folder, self.store = folder, store
        self.archive: Archive = open_archive(store, folder / "home", chance)
        self._chance = SeededRandomness(chance)
        self._keys: dict[str, PersonKeyFile] = {}

    @classmethod
    def made(cls, folder: Path, *, versioned: bool = False) -> Hall:
        """Return a new archive of three exchanges, whose people have roles that count."""
        hall = cls(folder, founded(folder / "home", versioned=versioned))
        hall.captured(3)
        for name, role in ROLES.items():
            first = [role] if name in GOVERN else []
            people.enrol(hall.archive, hall.of(name), name, "", first)
        for name, role in ROLES.items():
            if name not in GOVERN:
                act = people.change(hall.archive, name, role)
                people.seal_act(hall.archive, people.sign(act, hall.keys(*GOVERN)))
        hall.later(4)
        return hall

    def copy(self, folder: Path) -> Hall:
        """Return a copy to do with as one likes."""
        twin = Hall(folder, copy_of(self.store, self.folder / "home", folder / "home"), folder.name)
        twin._keys = dict(self._keys)
        twin.later(4)
        return twin

    def of(self, name: str) -> PersonKeyFile:
        """Return a person's key, made the first time."""
        if name not in self._keys:
            path = self.folder / f"{name}.key"
            self._keys[name] = PersonKeyFile.create(path, new_handle(self._chance))
        return self._keys[name]

    def keys(self, *names: str) -> list[PersonKeyFile]:
        """Return the keys of people."""
        return [self.of(name) for name in names]

    def captured(self, count: int, account: str = "acct") -> None:
        """Have some exchanges captured: a public comment and a private message in each.

        By another account's name they show the same records once more.
        """
        Worker(self.archive, count, account, f"lane{account}").run()

    def later(self, days: float) -> None:
        """Let days pass."""
        self.archive.clock.sleep(timedelta(days=days).total_seconds())

    @property
    def now(self) -> datetime:
        """The time by the archive's clock."""
        return self.archive.clock.now()

    @property
    def size(self) -> int:
        """How many entries the ledger has."""
        return read_state(self.archive).size


def comment(number: int) -> str:
    """Return the id of a public record."""
    return f"stand-in:city:comments:{number}"


def day(text: str) -> datetime:
    """Return the beginning of a day."""
    return moment(f"{text}T00:00:00.000000Z")
