"""Attackers who hold the bucket and the signing key, against one honest outside witness.

Each makes an archive that is whole in itself: head, checkpoint, tiles and entries agree, and
are signed by the archive's own key. A new auditor, who has seen nothing before, verifies it.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.clock import SystemClock
from archiver.edges.http_outside import HttpOutside
from archiver.errors import IntegrityError
from archiver.flows.anchor import anchor
from archiver.flows.anchoring import Anchoring, WitnessAt
from archiver.flows.ask_witness import ask_witness
from archiver.flows.ledger import read_state
from archiver.flows.sequence import STAGED, sequence
from archiver.flows.signing import SIGNED
from archiver.flows.verify import VerifyReport, verify
from archiver.layout import CHECKPOINT
from archiver.ledger.checkpoint import open_checkpoint
from tests.audit.forge import entries_of, relog, written
from tests.edges.servers import Server, response
from tests.flows.helpers import (
    IDENTITY,
    Quiet,
    copy_of,
    founded,
    leave,
    open_archive,
    seal_one,
    small,
    take_in,
)
from tests.outsiders import witness_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.edges.memory import MemoryStore
    from archiver.flows.archive import Archive

KEYS = list(IDENTITY.keys)
EARLIER = "T00:00:00.000000Z"


@dataclass(slots=True)
class Place:
    """A bucket and a home, as of some moment."""

    store: MemoryStore
    home: Path

    def copy(self, to: Path) -> Place:
        """Return a copy of both: what an attacker keeps for later."""
        return Place(copy_of(self.store, self.home, to), to)


@dataclass(slots=True)
class World:
    """One honest witness, and the archive at three moments: before, honest, and as attacked."""

    folder: Path
    witness: WitnessAt
    before: Place
    honest: Place

    def archive(self, place: Place, *, asks: bool = True) -> Archive:
        """Return a place's archive as its home has it open; ``asks``: with its witness."""
        own = open_archive(place.store, place.home, seed=f"{place.home}{len(place.store._objects)}")
        outside = HttpOutside(SystemClock())
        anchoring = Anchoring("City", 1, (self.witness,), outside=outside)
        return replace(own, anchoring=anchoring) if asks else own

    def audit(self, place: Place) -> VerifyReport:
        """Verify a bucket from a home that has seen nothing."""
        home = self.folder / "auditor"
        shutil.rmtree(home, ignore_errors=True)
        return verify(self.archive(Place(place.store, home)), Quiet(), deep=True)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The witness has cosigned the honest archive, three records long."""
    store = founded(tmp_path / "home")
    place = Place(store, tmp_path / "home")
    with ExitStack() as stack:
        witness = stack.enter_context(witness_at(tmp_path / "w", KEYS, operator="County"))
        made = World(tmp_path, witness, place, place)
        archive = made.archive(place)
        take_in(archive, 3)
        seal_one(archive, 1)
        anchor(made.archive(place))
        made.before = place.copy(tmp_path / "before")
        for number in (2, 3):
            seal_one(made.archive(place), number)
        anchor(made.archive(place))
        yield made


def codes(report: VerifyReport) -> set[str]:
    """Return the codes of all findings."""
    return {one.code for one in report.findings}


def alone(world: World, place: Place) -> Place:
    """Grow the archive of an attacker who has the key: another end of the same beginning."""
    archive = world.archive(place, asks=False)
    seal_one(archive, 3)
    seal_one(archive, 2)
    for number in range(4):
        leave(archive, small(number))
        archive = world.archive(place, asks=False)
        sequence(archive)
    return place


def rolled_back(world: World) -> Place:
    """Set bucket and home back to what they were."""
    return world.before.copy(world.folder / "rolled-back")


def forked(world: World) -> Place:
    """Set back, and write another, longer history with the same key."""
    return alone(world, world.before.copy(world.folder / "forked"))


def back_dated(world: World) -> Place:
    """Rewrite history from the start: a whole new archive of the same key and name."""
    home = world.folder / "back-dated"
    store = founded(home)
    place = Place(store, home)
    archive = world.archive(place, asks=False)
    take_in(archive, 3)
    for number in (3, 2, 1):
        seal_one(world.archive(place, asks=False), number)
    return alone(world, place)


def end_back_dated(world: World) -> Place:
    """Give the last entry an earlier time, and go on from there."""
    place = world.before.copy(world.folder / "end-back-dated")
    archive = world.archive(place, asks=False)
    *older, last = entries_of(archive)
    earlier = written(last, lambda told: told.update(time=told["time"][:10] + EARLIER))
    assert earlier != last
    relog(archive, [*older, earlier])
    for name in (SIGNED, STAGED):
        archive.home.remove(name)
    return alone(world, place)


def shorter_fork(world: World) -> Place:
    """Set back, and write another history that is not longer yet."""
    place = world.before.copy(world.folder / "shorter")
    seal_one(world.archive(place, asks=False), 3)
    return place


def stripped(world: World) -> Place:
    """Set back to before even the first anchor was there: nothing tells of witnesses."""
    home = world.folder / "stripped"
    place = Place(founded(home), home)
    take_in(world.archive(place, asks=False), 3)
    return place


ATTACKS = [rolled_back, forked, back_dated, end_back_dated, shorter_fork, stripped]


@pytest.mark.parametrize("attack", ATTACKS, ids=[one.__name__ for one in ATTACKS])
def test_an_auditor_with_one_witness_finds_it(
    world: World, attack: Callable[[World], Place]
) -> None:
    """Whole in itself and signed, the attacked archive is not what the witness knows."""
    place = attack(world)
    signed = open_checkpoint(place.store.get(CHECKPOINT), KEYS)
    alone_report = verify(
        world.archive(Place(place.store, world.folder / "nobody"), asks=False), Quiet(), deep=False
    )
    assert codes(alone_report) <= {"exchange-unsettled"}, "an attack that needs no witness"
    report = world.audit(place)
    assert "anchor-history" in codes(report)
    assert report.root == signed.root.hex()
    assert codes(world.audit(world.honest)) == set()


@pytest.mark.parametrize("attack", ATTACKS, ids=[one.__name__ for one in ATTACKS])
def test_the_signer_of_a_new_home_refuses_to_go_on(
    world: World, attack: Callable[[World], Place]
) -> None:
    """A home that lost its memory signs nothing on top of what its witness does not know."""
    place = attack(world)
    note = place.store.get(CHECKPOINT)
    archive = world.archive(Place(place.store, world.folder / "fresh"))
    leave(archive, small(9))
    with pytest.raises(IntegrityError) as refused:
        sequence(archive)
    assert refused.value.code in {"ledger-fork", "ledger-rolled-back"}
    assert place.store.get(CHECKPOINT) == note


@pytest.mark.parametrize("attack", ATTACKS, ids=[one.__name__ for one in ATTACKS])
def test_the_witness_does_not_cosign_it(world: World, attack: Callable[[World], Place]) -> None:
    """Whoever tries to have the attacked archive cosigned is refused, and is told so."""
    place = attack(world)
    archive = world.archive(Place(place.store, world.folder / "forgetful"))
    note = place.store.get(CHECKPOINT)
    with pytest.raises(IntegrityError) as refused:
        ask_witness(archive, HttpOutside(SystemClock()), world.witness, note)
    assert refused.value.code in {"ledger-fork", "ledger-rolled-back"}
    with pytest.raises(IntegrityError):
        anchor(archive)
    assert place.store.get(CHECKPOINT) == note


def test_a_split_view(world: World) -> None:
    """Of two histories shown to two people, the one the witness did not see has no quorum."""
    shown_to_others = alone(world, world.before.copy(world.folder / "split"))
    policy = "".join(f"witness w{n} {key}\n" for n, key in enumerate(world.witness.keys))
    policy += "group one any w0 w1\nquorum one\n"

    def offline(place: Place) -> set[str]:
        home = Place(place.store, world.folder / place.home.name / "reader")
        archive = world.archive(home, asks=False)
        return codes(verify(archive, Quiet(), deep=False, policy=policy.encode()))

    assert offline(world.honest) == set()
    assert "anchor-quorum" in offline(shown_to_others)


def test_evidence_from_another_history_does_not_fit(world: World) -> None:
    """The honest anchors, moved into a forged archive, are false there."""
    place = world.before.copy(world.folder / "moved")
    archive = world.archive(place, asks=False)
    honest = {
        key: data
        for key, data in world.honest.store._objects.items()
        if key.startswith("log/anchors/")
    }
    for key, data in honest.items():
        if place.store.load(key) is None:
            place.store.create(key, data)
    found = codes(verify(archive, Quiet(), deep=False))
    assert "object-unknown" in found


def test_a_witness_that_lies_stops_no_capture(world: World, tmp_path: Path) -> None:
    """An answer that does not prove itself is passed over: sealing goes on."""
    with witness_at(tmp_path / "liar", KEYS, "liar.example") as liar:
        pinned_wrongly = replace(world.witness, url=liar.url)
        archive = world.archive(world.honest)
        anchoring = replace(archive.anchoring, witnesses=(pinned_wrongly,))
        before = read_state(archive).size
        lied_to = replace(archive, anchoring=anchoring)
        leave(lied_to, small(5))
        sequence(lied_to)
        assert read_state(lied_to).size == before + 1


@pytest.mark.parametrize("answer", ["409 Conflict", "422 Unprocessable Content"])
def test_what_a_witness_claims_and_does_not_show(world: World, answer: str) -> None:
    """Who says that the log was rolled back or forked, and shows no checkpoint, may be lying."""
    claim = lambda *_: response(b"999999\n", status=answer)  # noqa: E731 - as its type wants
    with Server(claim) as server:
        archive = world.archive(world.honest)
        liar = replace(world.witness, url=f"{server.url}/")
        outside = HttpOutside(SystemClock())
        with pytest.raises(IntegrityError, match="shows nothing that proves it") as caught:
            ask_witness(archive, outside, liar, archive.store.get(CHECKPOINT))
    assert caught.value.code in {"ledger-fork", "ledger-rolled-back"}
    assert "it may be lying" in caught.value.mend


def test_what_a_witness_claims_and_shows(world: World) -> None:
    """An honest one shows what it cosigned: then nobody doubts it."""
    for place in (rolled_back(world), forked(world)):
        archive = world.archive(place)
        with pytest.raises(IntegrityError, match="signed checkpoint that proves it") as caught:
            ask_witness(
                archive, HttpOutside(SystemClock()), world.witness, archive.store.get(CHECKPOINT)
            )
        assert "lying" not in caught.value.mend
