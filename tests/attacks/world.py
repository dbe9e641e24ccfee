"""A world: a town's archive, captured twice, read anew by a newer parser, all from one tape."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from archiver.capture.platforms.mastodon import Mastodon
from archiver.edges.duck import DuckEngine
from archiver.edges.home import LocalHome
from archiver.edges.keys import LocalKeyStore
from archiver.edges.memory import MemoryStore
from archiver.edges.spool import Spool
from archiver.flows import accounts, identity
from archiver.flows.accounts import find
from archiver.flows.anchor import anchor
from archiver.flows.archive import Archive
from archiver.flows.capture import capture
from tests.attacks.hearing import peopled
from tests.attacks.tape import taped
from tests.attacks.town import ACCOUNT, ADDRESS, Town, Words, line
from tests.attacks.witness import anchoring
from tests.doubles import FixedClock, SeededRandomness
from tests.flows.helpers import IDENTITY, SIGNER, Quiet, read_anew

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.ports import Randomness, Recorder
    from archiver.ports import Spool as SpoolPort
    from archiver.record import Excerpt

TOKEN = "quill-0123456789abcdef-token"


class Newer(Mastodon):
    """The connector a version later: its parser says how long a text is."""

    parser = "mastodon/99"

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read as before, and a summary."""
        row = super().parse(excerpts, context)
        return row | ({"summary": f"of {len(row['text'])}"} if row.get("text") else {})


@dataclass
class World:
    """An archive with its store and home, and the town that it is of.

    ``seen``: every object that was ever there when somebody looked; ``told``: what compactions
    and verifications printed.
    """

    archive: Archive
    store: MemoryStore
    home: Path
    town: Town
    chance: Randomness
    seen: dict[str, bytes] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)

    def look(self) -> None:
        """Note what is in the bucket, as whoever lists it day by day."""
        self.seen |= self.store._objects

    @property
    def handle(self) -> str:
        """The account's handle in the ledger."""
        return find(self.archive, ACCOUNT).handle


def opened(store: MemoryStore, home: Path, town: Town, chance: Randomness) -> Archive:
    """Return the archive, which asks the town in this process."""
    clock = FixedClock()

    @contextmanager
    def open_spool(account: str) -> Iterator[SpoolPort]:
        with Spool.open(home / "spool", account, clock, chance) as spool:
            yield spool  # type: ignore[misc]  # its files are its own (archiver.wire)

    @contextmanager
    def open_recorder(
        spool: SpoolPort, _: object, headers: tuple[tuple[str, str], ...], *__: object
    ) -> Iterator[Recorder]:
        with line(town, spool, headers, clock) as one:  # type: ignore[arg-type]  # likewise
            yield one

    return Archive(
        identity=IDENTITY,
        store=store,
        home=LocalHome(home),
        keys=LocalKeyStore(home / "keystore", chance),
        signer=SIGNER,
        clock=clock,
        chance=chance,
        engine=DuckEngine,
        open_spool=open_spool,
        open_recorder=open_recorder,
        credential=lambda _: {"token": TOKEN},
        save_credential=lambda *_: None,
    )


def founded(home: Path, words: Words, chance: Randomness) -> World:
    """Return a world in which the account is approved and nothing is captured yet."""
    store, town = MemoryStore(versioned=True), Town(words)
    archive = opened(store, home, town, chance)
    identity.create(store, IDENTITY)
    identity.founding_entry(archive)
    accounts.add(
        archive, {"name": ACCOUNT, "platform": "mastodon", "url": ADDRESS}, {"token": TOKEN}
    )
    accounts.approve(archive, ACCOUNT, "Clerk")
    return World(archive, store, home, town, chance)


def lived(world: World) -> None:
    """Capture, let some time pass, capture again, read it all anew, and have it cosigned."""
    archive = world.archive
    report = capture(archive, ACCOUNT, "backfill", Quiet())
    assert all("not understood" in why for why in report.incomplete.values())  # residue
    world.town.change()
    capture(archive, ACCOUNT, "reconcile", Quiet())
    read_anew(archive, world.handle, Newer())
    anchor(replace(archive, anchoring=anchoring()), rehash=True)


@contextmanager
def world(home: Path, words: Words, seed: str = "") -> Iterator[World]:
    """Yield a world that has lived; everything random in it is drawn from the tape ``seed``."""
    chance = SeededRandomness(seed)
    with taped(chance):
        one = founded(home, words, chance)
        lived(one)
        peopled(one.archive)
        yield one
