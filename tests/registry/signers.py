"""People with keys in memory, and a ledger of what they did, as tests of roles need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any

from archiver.flows.people import verifies
from archiver.registry.acts import Act, message
from archiver.registry.people import Registry, fold
from tests.ledger.note_signer import MemorySigner

ARCHIVE = "archive1"
DAYS = "2026-11-{:02}T09:00:00.000000Z"


@cache
def handle(name: str) -> str:
    """Return a handle made of a name."""
    digest = sha256(name.encode()).hexdigest()
    return "".join("abcdefghijklmnopqrstuvwxyz234567"[int(c, 16)] for c in digest[:26])


def signer(name: str, seed: str = "") -> MemorySigner:
    """Return the key of a person; with ``seed`` another one of the same name."""
    return MemorySigner(handle(name), seed) if seed else MemorySigner(handle(name))


@dataclass
class Office:
    """A ledger of acts: each method seals one, on a day of November."""

    controls: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    day: int = 1
    _count: int = 0

    def act(self, signers: str, name: str, **members: str) -> Act:
        """Return an act that people (names with spaces between) signed."""
        self._count += 1
        common = {"act": name, "archive": ARCHIVE, "statement": handle(f"statement {self._count}")}
        made = Act({**common, "time": DAYS.format(self.day), **members})
        for one in signers.split():
            key = signer(one)
            made = made.signed(key.verifier_key, key.sign(message(made.statement)))
        return made

    def seal(self, act: Act, day: int = 0) -> str:
        """Put an act into the ledger; return why it does not count, or ""."""
        index = len(self.controls) * 2 + 1
        time = DAYS.format(day or self.day)
        self.controls.append((index, {"t": "role", **act.document(), "time": time}))
        refused = [one for one in self.people().refused if one.entry == index]
        return refused[0].why if refused else ""

    def enrol(self, name: str) -> str:
        """Enrol a person."""
        key = signer(name)
        members = {"person": handle(name), "key": key.verifier_key, "reading": key.public.hex()}
        return self.seal(self.act(name, "enrol", subject="ab" * 32, **members))

    def grant(self, name: str, role: str, signers: str) -> str:
        """Give a role to a person."""
        return self.seal(self.act(signers, "grant", person=handle(name), role=role))

    def revoke(self, name: str, role: str, signers: str) -> str:
        """Take a role from a person."""
        return self.seal(self.act(signers, "revoke", person=handle(name), role=role))

    def people(self) -> Registry:
        """Return the people as folded."""
        return fold(Registry(ARCHIVE), self.controls, verifies)

    def may(self, name: str, role: str, day: int = 0) -> bool:
        """Tell whether a role counts on a day, at the ledger's end."""
        registry = self.people()
        when = registry.moments[-1].replace(day=day or self.day)
        key = signer(name).verifier_key
        return bool(registry.who([key], [role], len(self.controls) * 2 + 1, when))


def founded() -> Office:
    """Return an office of a clerk and a counsel, who govern, and a third who does not."""
    office = Office()
    for name, role in (("clerk", "records-manager"), ("counsel", "counsel")):
        assert office.enrol(name) == office.grant(name, role, name) == ""
    assert office.enrol("officer") == ""
    return office
