"""Orders carried out: what goes is gone everywhere, all else stays and verifies, holds win."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from itertools import cycle
from typing import TYPE_CHECKING, NoReturn

import pytest

from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.errors import RefusedError, StoreError
from archiver.flows import accounts, connectors, people
from archiver.flows.compact import compact
from archiver.flows.deciding import draft, seal_drafts
from archiver.flows.erasing import erase_files
from archiver.flows.executing import carry_on, execute
from archiver.flows.extraordinary import removal
from archiver.flows.ledger import read_state
from archiver.flows.orders import halt
from archiver.flows.purge import purge
from archiver.flows.replicate import Copy, replicate
from archiver.flows.rows import catalog
from archiver.flows.segments import read_table
from archiver.flows.verify import verify
from archiver.flows.verify_compacted import verify_compacted
from archiver.layout import UNITS
from archiver.ledger import ranges
from archiver.ledger.deciding import copy_handle
from archiver.ledger.whereabouts import whereabouts
from tests.flows.board import URL, Board, Posted, asked
from tests.flows.hall import GOVERN, Hall
from tests.flows.helpers import Quiet
from tests.flows.test_occurrences import posts
from tests.flows.test_orders import begun, hold, ordered, state_of, vouched

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

QUIET = Quiet()


def with_board(first: Hall, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """Return a copy of a hall, with a verifier, and an account on the board."""
    monkeypatch.setattr(connectors, "CONNECTORS", {"stand-in": Board()})
    made = first.copy(folder)
    people.enrol(made.archive, made.of("vera"), "vera", "", [])
    act = people.change(made.archive, "vera", "verifier")
    people.seal_act(made.archive, people.sign(act, made.keys(*GOVERN)))
    accounts.add(made.archive, {"name": "city", "platform": "stand-in", "url": URL}, {})
    made.later(4)
    return made


@pytest.fixture
def hall(first_hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """Such a copy."""
    return with_board(first_hall, tmp_path, monkeypatch)


@pytest.fixture
def posted(hall: Hall) -> Posted:
    """Five posts in two intake files; the first is seen twice."""
    made = Posted(hall.archive, Board())
    made.take(
        asked("posts 1 canary-one\nposts 2 two\n"),
        asked("posts 1 canary-one\n"),
        asked("posts 5 five\n"),
    )
    made.take(asked("posts 3 three\n"), asked("posts 4 four\n"))
    return made


def verified(hall: Hall) -> None:
    """Have the second role sign whatever it finds right."""
    made = verify_compacted(hall.archive, hall.of("vera"), QUIET)
    assert made.findings == []
    assert made.unreadable == 0


def carried_out(hall: Hall, name: str) -> None:
    """Carry an order out to its end but for saying that it is done."""
    first = purge(hall.archive, name, QUIET)
    if first.waiting:
        verified(hall)
        first = purge(hall.archive, name, QUIET)
    assert first.waiting == first.locked == 0
    assert first.halted == ""
    assert first.erased is not None
    assert first.erased.whole
    assert verify(hall.archive, QUIET, deep=True).findings == []


def texts(hall: Hall) -> list[str]:
    """Return the texts of all posts that live segments have."""
    return sorted(
        str(text)
        for one in catalog(hall.archive, read_state(hall.archive))
        if one.stream == "posts"
        for text in read_table(hall.archive, one.segment, ("text",))["text"].to_pylist()
    )


@pytest.mark.usefixtures("posted")
def test_some_of_a_segment_goes_and_the_rest_stays(hall: Hall) -> None:
    """Split, verified, taken out, erased: the rest verifies deep, and no file has what went."""
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    before = whereabouts(read_state(hall.archive), state_of(hall, name).leaves).keys
    first = purge(hall.archive, name, QUIET)
    assert (first.split, first.destroyed, first.erased) == (3, 0, None), "record, intake, map"
    assert first.waiting == 3
    assert verify(hall.archive, QUIET, deep=True).findings == []
    carried_out(hall, name)
    order = state_of(hall, name)
    assert order.running
    assert order.saved == []
    members = {"order": name, "covers": order.covers}
    seal_drafts(hall.archive, [draft(hall.archive, "done", members).signed(hall.keys("purger"))])
    assert state_of(hall, name).done is not None
    assert verify(hall.archive, QUIET, deep=True).findings == []
    stored = {one.key for one in hall.archive.store.list(UNITS)}
    assert stored.isdisjoint(before)
    assert not any("canary" in one for one in texts(hall))
    assert len(texts(hall)) == 4


def test_a_whole_segment_goes_without_a_verifier(hall: Hall, posted: Posted) -> None:
    """Nothing is split where all of a segment goes: nobody has anything to verify."""
    posted.take(asked("posts 7 seven\n"))
    name = ordered(hall, *posts("7"))
    begun(hall, name)
    made = purge(hall.archive, name, QUIET)
    assert (made.split, made.waiting, made.destroyed) == (0, 0, 3), "record, intake, map"
    assert made.erased is not None
    assert made.erased.whole
    assert verify(hall.archive, QUIET, deep=True).findings == []
    again = purge(hall.archive, name, QUIET)
    assert (again.split, again.destroyed) == (0, 0)


@pytest.mark.usefixtures("posted")
def test_nothing_is_done_before_the_beginning(hall: Hall) -> None:
    """An order that waits, or none, destroys nothing."""
    name = ordered(hall, *posts("1"))
    before = {one.key for one in hall.archive.store.list("")}
    with pytest.raises(RefusedError, match="has not begun"):
        purge(hall.archive, name, QUIET)
    assert {one.key for one in hall.archive.store.list("")} == before


@pytest.mark.usefixtures("posted")
def test_what_was_halted_before_it_began_says_so(hall: Hall) -> None:
    """Nobody is told to sign a beginning that can't count any more."""
    name = ordered(hall, *posts("1"))
    seal_drafts(hall.archive, [halt(hall.archive, name, "over").signed(hall.keys("counsel"))])
    with pytest.raises(RefusedError, match="halted before it began"):
        execute(hall.archive, name, hall.of("purger"), QUIET)


@pytest.mark.usefixtures("posted")
def test_a_hold_between_the_steps_saves_all_that_is_left(hall: Hall) -> None:
    """After the split and before anything is taken out: nothing is lost, and all is found again."""
    name = ordered(hall, *posts("1", "3"))
    begun(hall, name)
    purge(hall.archive, name, QUIET)
    verified(hall)
    hold(hall, *posts("3"))
    made = purge(hall.archive, name, QUIET)
    assert (made.destroyed, made.erased) == (0, None)
    order = state_of(hall, name)
    assert (order.why, order.saved) == ("a hold", order.leaves)
    compact(hall.archive, QUIET)
    assert verify(hall.archive, QUIET, deep=True).findings == []
    assert len(texts(hall)) == 5


def test_a_hold_while_segments_go(
    hall: Hall, posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken out before it is gone, and said to be though the order was halted."""
    for number in ("7", "8"):
        posted.take(asked(f"posts {number} number-{number}\n"))
    name = ordered(hall, *posts("7", "8"))
    begun(hall, name)
    taken: list[int] = []

    def erase(archive: Archive, segments: list[Segment]) -> None:
        erase_files(archive, segments)
        taken.extend(leaf for one in segments for leaf in ranges.numbers(one.leaves))
        if taken:
            hold(hall, *posts("8"))

    monkeypatch.setattr("archiver.flows.purge.AT_ONCE", 1)
    monkeypatch.setattr("archiver.flows.purge.erase_files", erase)
    made = purge(hall.archive, name, QUIET)
    order = state_of(hall, name)
    assert "not under way" in made.halted
    assert list(ranges.numbers(order.going)) == taken
    assert len(taken) == 1
    assert order.why == "a hold"
    assert made.erased is not None
    assert made.erased.whole
    assert verify(hall.archive, QUIET, deep=True).findings == []
    assert [one for one in texts(hall) if "number-" in one] == ["posts 8 number-8"]
    assert purge(hall.archive, name, QUIET).destroyed == 0
    members = {"order": name, "covers": order.covers}
    done = draft(hall.archive, "done", members).signed(hall.keys("purger"))
    with pytest.raises(RefusedError, match="no such order under way"):
        seal_drafts(hall.archive, [done])


def test_a_copy_loses_it_too_also_one_that_was_away(hall: Hall, posted: Posted) -> None:
    """A copy that is away keeps the order from being done; it loses it when it is back."""
    posted.take(asked("posts 7 canary-seven\n"))
    vault = MemoryStore()
    twin = replace(hall.archive, store=vault)
    away: list[Copy] = []

    def copies() -> list[Copy]:
        return [*away, Copy("vault", "memory", twin)]

    here = replace(hall.archive, copies=copies)
    replicate(here, copies(), QUIET)
    name = ordered(hall, *posts("7"))
    begun(hall, name)
    away.append(Copy("attic", "memory", replace(hall.archive, store=Gone())))
    made = purge(here, name, QUIET)
    assert made.erased is not None
    assert list(made.erased.failed) == ["attic"]
    assert not made.erased.whole
    away.clear()
    made = purge(here, name, QUIET)
    assert made.erased is not None
    assert made.erased.whole
    order = state_of(hall, name)
    names = {copy_handle(hall.archive.identity.id, one) for one in ("archive", "vault")}
    assert {one: order.gone[one] for one in order.gone} == dict.fromkeys(names, order.leaves)
    keys = whereabouts(read_state(hall.archive), order.leaves).keys
    assert {one.key for one in vault.list(UNITS)}.isdisjoint(keys)


class Gone(MemoryStore):
    """A store that nobody reaches."""

    def load(self, key: str) -> NoReturn:
        """Fail."""
        raise StoreError("away", where=key)


@pytest.mark.usefixtures("posted")
def test_an_extraordinary_order_is_carried_out(hall: Hall) -> None:
    """By no schedule, from its beginning to its end, with a verifier between."""
    told = {"authority": "Court", "reason": "", "copy_sha256": ""}
    made = removal(hall.archive, posts("1"), "court-order", told, hall.of("clerk"), Quiet())
    seal_drafts(hall.archive, [made.signed(hall.keys("counsel", "anna", "bert"))])
    name = str(made.act.statement["order"])
    hall.later(4)
    vouched(hall.archive)
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "under-way"
    verified(hall)
    assert carry_on(hall.archive, QUIET).keys() == {name}
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "done"
    assert carry_on(hall.archive, QUIET) == {}
    assert len(texts(hall)) == 4
    assert verify(hall.archive, QUIET, deep=True).findings == []


class At:
    """One fault, at the store operation of a number; counts all."""

    def __init__(self, number: int, fault: Fault) -> None:
        self.left, self.fault, self.seen = number, fault, 0

    def __call__(self, op: str, key: str) -> Fault | None:
        """Return the fault when its turn has come."""
        del op, key
        self.seen += 1
        return self.fault if self.seen == self.left else None


def whole_life(hall: Hall, name: str) -> None:
    """Carry an order out, from wherever it stands, as a new process of the home."""
    carried_out(hall, name)
    order = state_of(hall, name)
    if order.done is None:
        members = {"order": name, "covers": order.covers}
        done = draft(hall.archive, "done", members).signed(hall.keys("purger"))
        with suppress(RefusedError):  # a process that was killed had said so: that came first
            seal_drafts(hall.archive, [done])
    assert state_of(hall, name).done is not None


def struck(hall: Hall, folder: Path, name: str, number: int, fault: Fault) -> bool:
    """Carry an order out with one fault, go on after it; tell whether the fault came."""
    twin = hall.copy(folder)
    twin.store.faults = at = At(number, fault)
    with suppress(Killed, StoreError):
        whole_life(twin, name)
    twin.store.faults = At(0, fault)
    whole_life(twin.copy(folder / "next"), name)
    return at.seen >= number


def _every(hall: Hall, folder: Path, step: int, first: int) -> int:
    """Strike every so many operations of an order's life; return how many it has."""
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    number = first
    for fault in cycle((Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.APPLIED_THEN_ERROR)):
        place = folder / f"{number}"
        place.mkdir()
        if not struck(hall, place, name, number, fault):
            return number
        number += step
    raise AssertionError


@pytest.mark.usefixtures("posted")
def test_killed_anywhere_it_goes_on(hall: Hall, tmp_path: Path) -> None:
    """Killed, or its connection lost, at a store operation: the next run ends it, all verifies."""
    assert _every(hall, tmp_path, 61, 7) > 200


class Shots:
    """Faults that are none: it keeps every state of store and home in which a process may die.

    Between two operations of the store the home may be written: so there is one state after
    the first of them, and another before the second. What only reads makes no new one.
    """

    def __init__(self, hall: Hall, folder: Path) -> None:
        self._hall, self._folder = hall, folder
        self._home = self._digest = ""
        self.found: dict[tuple[str, frozenset[tuple[str, bytes]]], str] = {}
        self.changing: list[int] = []
        self._seen = 0

    def __call__(self, op: str, key: str) -> None:
        """Look before each operation."""
        del key
        self._seen += 1
        if op not in {"get", "open", "load", "list"}:
            self.changing.append(self._seen)
        home = self._hall.folder / "home"
        files = sorted(one for one in home.rglob("*") if one.is_file())
        told = sha256(b"".join(b"%a %b" % (str(o), o.read_bytes()) for o in files)).hexdigest()
        if told != self._digest:
            if self._home:
                self._keep()
            self._home, self._digest = f"home {self._seen}", told
            shutil.copytree(home, self._folder / self._home / "home")
        self._keep()

    def _keep(self) -> None:
        objects = frozenset(self._hall.store._objects.items())
        self.found.setdefault((self._digest, objects), self._home)

    def continued(self, number: int) -> Hall:
        """Return the archive as the next process finds it after one of the states."""
        (_, objects), home = list(self.found.items())[number]
        place = self._folder / f"from {number}"
        shutil.copytree(self._folder / home / "home", place / "home")
        store = MemoryStore()
        store._objects, store._keys = dict(objects), sorted(key for key, _ in objects)
        twin = Hall(place, store, "copy")
        twin._keys = dict(self._hall._keys)
        twin.later(4)
        return twin


def shot(hall: Hall, folder: Path) -> tuple[str, Shots]:
    """Carry an order out, and keep every state on the way; return both."""
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    twin = hall.copy(folder / "whole")
    twin.store.faults = shots = Shots(twin, folder)
    whole_life(twin, name)
    twin.store.faults = At(0, Fault.LOST)
    return name, shots


PARTS = 10
"""Into which the long tests are cut: each says for itself how it went."""


@pytest.mark.soak
@pytest.mark.usefixtures("posted")
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_operation(hall: Hall, tmp_path: Path, part: int) -> None:
    """From every state in which a process may have died the next one comes to the end."""
    name, shots = shot(hall, tmp_path)
    assert len(shots.found) > len(shots.changing) > PARTS
    for number in range(part, len(shots.found), PARTS):
        whole_life(shots.continued(number), name)


@pytest.mark.soak
@pytest.mark.usefixtures("posted")
@pytest.mark.parametrize("part", range(PARTS))
def test_every_answer_that_is_lost(hall: Hall, tmp_path: Path, part: int) -> None:
    """Where it was done and nobody was told so, the next process comes to the end as well."""
    name, shots = shot(hall, tmp_path)
    for number in shots.changing[part::PARTS]:
        place = tmp_path / f"{number}"
        place.mkdir()
        assert struck(hall, place, name, number, Fault.APPLIED_THEN_ERROR)
