"""Purges raced: by another purger, holds, merges, captures; and the store's own locks."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest

from archiver.edges.keys import LocalKeyStore
from archiver.errors import MissingObjectError, RefusedError, UsageError
from archiver.flows import compact as compaction
from archiver.flows import orders
from archiver.flows.accounts import find
from archiver.flows.compact import seal_controls
from archiver.flows.custody import custody_of
from archiver.flows.deciding import seal_drafts
from archiver.flows.executing import execute
from archiver.flows.extraordinary import removal
from archiver.flows.generation import generate
from archiver.flows.holds import Scope, place
from archiver.flows.ledger import read_state
from archiver.flows.outside_acts import outcome, submit
from archiver.flows.purge import purge
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.rereading import Looked, readings
from archiver.flows.rows import catalog
from archiver.flows.segments import read_table
from archiver.flows.superseded import SUPERSEDED
from archiver.flows.verify import verify
from archiver.flows.verify_compacted import verify_compacted
from archiver.layout import UNITS
from archiver.ledger import ranges
from archiver.ledger.seal import DESTROY, INTAKE
from archiver.ledger.whereabouts import whereabouts
from tests.doubles import SeededRandomness
from tests.flows.board import LANE, Board, Posted, asked
from tests.flows.helpers import Quiet, open_archive
from tests.flows.test_occurrences import posts
from tests.flows.test_orders import CASE, begun, hold, ordered, state_of, vouched
from tests.flows.test_purge import with_board
from tests.flows.test_purge_exact import Newer
from tests.flows.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from archiver.flows.archive import Archive
    from tests.flows.hall import Hall

QUIET = Quiet()
AT_MOST = 12
"""Runs within which an order has to come to its end, whoever else runs."""


@pytest.fixture
def hall(first_hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """An order on one of four posts has begun; its neighbour was seen with it and alone."""
    made = with_board(first_hall, tmp_path, monkeypatch)
    posted = Posted(made.archive, Board())
    posted.take(
        asked("posts 1 canary-one\nposts 2 two\n"),
        asked("posts 1 canary-one\n"),
        asked("posts 3 three\n"),
    )
    posted.take(asked("posts 4 four\n"), asked("posts 2 two\n"))
    return made


def started(hall: Hall) -> str:
    """Have an order begun, on the first post."""
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    return name


def elsewhere(hall: Hall, name: str) -> Archive:
    """Return the archive as another home has it open, with the same keys and clock."""
    shutil.copytree(hall.folder / "home", hall.folder / name)
    keys = LocalKeyStore(hall.folder / "home" / "keystore", SeededRandomness(f"keys {name}"))
    made = open_archive(hall.store, hall.folder / name, name)
    return replace(made, keys=keys, clock=hall.archive.clock)


def carried(hall: Hall, archive: Archive, name: str) -> None:
    """Carry an order out in a home, with a verifier, as far as it goes."""
    for _ in range(AT_MOST):
        with told_so():
            made = purge(archive, name, QUIET)
            if made.waiting:
                assert verify_compacted(archive, hall.of("vera"), QUIET).findings == []
            ended = made.erased and not made.waiting + made.overtaken + made.split
            if ended or not custody_of(archive, read_state(archive)).orders[name].running:
                return
    raise AssertionError


@contextmanager
def told_so() -> Iterator[None]:
    """Let a process be told that another was quicker."""
    try:
        yield
    except MissingObjectError as error:
        if error.code != SUPERSEDED:
            raise


def texts(archive: Archive) -> set[str]:
    """Return the texts of all posts that are live."""
    return {
        str(text)
        for one in catalog(archive, read_state(archive))
        if one.stream == "posts"
        for text in read_table(archive, one.segment, ("text",))["text"].to_pylist()
    }


def look(hall: Hall, name: str, gone: set[str]) -> None:
    """Assert that of four posts these alone are gone, in every file, and nothing else is."""
    order, state = state_of(hall, name), read_state(hall.archive)
    assert {one.split()[1] for one in texts(hall.archive)} == set("1234") - gone
    assert verify(hall.archive, QUIET, deep=True).findings == []
    stored = {one.key for one in hall.store.list(UNITS)} | {o.key for o in hall.store.versions()}
    assert stored.isdisjoint(whereabouts(state, order.going).keys)


class At:
    """The `Faults` of a store: at the operation of a number something else happens first."""

    def __init__(self, number: int, act: Callable[[], object]) -> None:
        self.left, self._act, self.seen = number, act, 0

    def __call__(self, op: str, key: str) -> None:
        """Count an operation."""
        del op, key
        self.seen += 1
        if self.seen == self.left:
            self.left, own = 0, self.seen
            self._act()
            self.seen = own


def nothing() -> None:
    """Let nothing else happen."""


def meanwhile(hall: Hall, number: int, act: Callable[[], object], run: Callable[[], object]) -> int:
    """Run with an act before the operation of a number; return how many operations there were."""
    hall.store.faults = at = At(number, act)
    try:
        run()
    finally:
        hall.store.faults = At(0, nothing)
    return at.seen


@pytest.mark.parametrize("seeds", [range(1), pytest.param(range(1, 40), marks=pytest.mark.soak)])
def test_two_purgers_at_once(hall: Hall, tmp_path: Path, seeds: range) -> None:
    """Two homes, operation by operation: both come to the end, of one and the same purge."""
    name = started(hall)
    for seed in seeds:
        twin = hall.copy(tmp_path / f"{seed}")
        homes = twin.archive, elsewhere(twin, "second")
        twin.store.faults = turns = Turns(seed)
        turns.run([partial(carried, twin, one, name) for one in homes])
        twin.store.faults = At(0, nothing)
        assert state_of(twin, name).saved == []
        look(twin, name, {"1"})


def held_at(hall: Hall, name: str, native: str, number: int) -> int:
    """Hold a post in another home before an operation of a purge; look at what is saved."""
    other, entry = elsewhere(hall, "holder"), list[int]()

    def hold() -> None:
        scope = Scope(records=tuple(posts(native)))
        with suppress(UsageError):  # there is no such record any more
            place(other, scope, CASE, hall.keys("holder"), QUIET, snapshot=False)
            entry.append(read_state(other).size - 1)

    def run() -> None:
        with suppress(RefusedError):  # what shows it waits for the release
            carried(hall, hall.archive, name)

    seen = meanwhile(hall, number, hold, run)
    if entry:
        judge(hall, native, entry[0])
    gone = whereabouts(read_state(hall.archive), state_of(hall, name).leaves).live == []
    look(hall, name, {"1"} if gone else set())
    return seen


def judge(hall: Hall, native: str, entry: int) -> None:
    """Assert that nothing went after a hold that has a post, or shows it."""
    archive, state = hall.archive, read_state(hall.archive)
    (hold,) = custody_of(archive, state).holds.values()
    found = leaves_of_records(archive, state, posts(native))
    live = ranges.from_numbers(leaf for every in found.values() for leaf in every)
    assert not ranges.minus(live, hold.leaves)
    shown = {"1": [[1, 3]], "2": [[1, 2], [5, 6]]}[native]
    for one, seal in state.ended():
        late = seal > entry
        assert not (late and ranges.overlap(one.leaves, hold.leaves)), "a record on hold went"
        assert not (late and ranges.overlap(one.exchanges, shown)), "an exchange that shows it went"


@pytest.mark.parametrize("native", ["1", "2"])
def test_a_hold_between_two_operations(hall: Hall, tmp_path: Path, native: str) -> None:
    """Whatever is not taken out in the log before it stays: records, and what shows them."""
    every_so_many(hall, tmp_path, native, 90, 50)


@pytest.mark.soak
@pytest.mark.parametrize("native", ["1", "2"])
def test_a_hold_between_any_two_operations(hall: Hall, tmp_path: Path, native: str) -> None:
    """The same before each operation of all."""
    every_so_many(hall, tmp_path, native, 1, 1)


def every_so_many(hall: Hall, folder: Path, native: str, step: int, first: int) -> None:
    """Hold before every so many operations of a purge."""
    name = started(hall)
    for number in count(first, step):
        if held_at(hall.copy(folder / f"{number}"), name, native, number) < number:
            assert number > first + step
            return


def left_in_intake(hall: Hall) -> list[int]:
    """Return the numbers of all exchanges that intake has."""
    live = (one for one in read_state(hall.archive).segments() if one.lane == LANE)
    return sorted(n for o in live if o.stage == INTAKE for n in ranges.numbers(o.exchanges))


def taken_out_after(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something happen before the first seal that takes anything out."""
    left = [act]

    def sealing(archive: Archive, bodies: list[Mapping[str, Any]]) -> None:
        if left and any(one.get("stage") == DESTROY for one in bodies):
            left.pop()()
        seal_controls(archive, bodies)

    monkeypatch.setattr("archiver.flows.purge.seal_controls", sealing)


def test_a_hold_on_a_neighbour_saves_what_shows_it(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Placed after it was looked for what else an exchange shows: the seal comes too late."""
    name = started(hall)
    purge(hall.archive, name, QUIET)
    assert verify_compacted(hall.archive, hall.of("vera"), QUIET).findings == []
    taken_out_after(monkeypatch, partial(hold, hall, *posts("2")))
    made = purge(hall.archive, name, QUIET)
    assert (made.halted, made.overtaken) == ("", 1), "the one with exchanges, which have no leaves"
    assert state_of(hall, name).running
    with pytest.raises(RefusedError, match="exchanges also show records on hold"):
        purge(hall.archive, name, QUIET)
    assert verify(hall.archive, QUIET, deep=True).findings == []


def test_what_was_seen_again_meanwhile_goes_before_the_end(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exchange taken in while records went shows them; the order is not done until it went."""
    told = {"authority": "Court", "reason": "", "copy_sha256": ""}
    made = removal(hall.archive, posts("1"), "court-order", told, hall.of("clerk"), Quiet())
    seal_drafts(hall.archive, [made.signed(hall.keys("counsel", "anna", "bert"))])
    name = str(made.act.statement["order"])
    hall.later(4)
    vouched(hall.archive)
    execute(hall.archive, name, hall.of("purger"), QUIET)
    assert verify_compacted(hall.archive, hall.of("vera"), QUIET).findings == []
    posted = Posted(hall.archive, Board(), last={LANE: 5})
    seen = partial(posted.take, asked("posts 1 canary-one\n"), asked("posts 3 three\n"))
    taken_out_after(monkeypatch, seen)
    left = execute(hall.archive, name, hall.of("purger"), QUIET)
    assert (left.saved, left.purged.split, left.state) == (0, 1, "under-way")
    assert verify_compacted(hall.archive, hall.of("vera"), QUIET).findings == []
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "done"
    assert left_in_intake(hall) == [3, 4, 5, 7]
    look(hall, name, {"1"})


def test_a_version_captured_after_the_beginning_stays_and_is_told(hall: Hall) -> None:
    """It is not of the order: its row stays, and what the order has goes."""
    name = started(hall)
    Posted(hall.archive, Board(), last={LANE: 5}).take(asked("posts 1 edited\n"))
    assert purge(hall.archive, name, QUIET).newer == 1
    carried(hall, hall.archive, name)
    assert purge(hall.archive, name, QUIET).newer == 1
    assert "posts 1 edited" in texts(hall.archive)
    assert "posts 1 canary-one" not in texts(hall.archive)
    look(hall, name, set())


def test_a_merge_that_was_planned_before(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another home has merged what is to be split: it waits for a verifier, and is split then."""
    Posted(hall.archive, Board()).end()
    other = elsewhere(hall, "second")
    planned = compaction.planned(other, read_state(other))
    name = started(hall)
    assert compaction.planned(other, read_state(other)) != planned, "nothing of the order"
    monkeypatch.setattr(compaction, "planned", lambda *_: planned)
    assert compaction.compact(other, QUIET).made
    carried(hall, hall.archive, name)
    look(hall, name, {"1"})
    assert compaction.compact(other, QUIET).overtaken == len(planned[0])


def test_nothing_of_it_is_read_anew(hall: Hall) -> None:
    """What a newer parser has read before the beginning is not admitted after it."""
    archive, state, account = hall.archive, read_state(hall.archive), find(hall.archive, "city")
    read = list(readings(archive, state, account.handle, Newer(), Looked(), QUIET))
    name = started(hall)
    with pytest.raises(RefusedError, match="under way"):
        generate(archive, read_state(archive), account.handle, read)
    carried(hall, hall.archive, name)
    look(hall, name, {"1"})


def test_what_an_authority_left_out_keeps_its_exchanges(hall: Hall) -> None:
    """Of two records one may go: what shows the other alone, and its map, stays."""
    rules = [{"answer": "as-amended", "goes": "named", "copy": True}]
    outside = {"kind": "notice", "to": "Society", "days": 1, "citation": "9", "outcomes": rules}
    told_of = {"outside": outside}
    one = orders.order(hall.archive, posts("1", "4"), told_of, hall.of("clerk"), hall.now)
    seal_drafts(hall.archive, [one.signed(hall.keys("anna", "bert"))])
    name = str(one.act.statement["order"])
    hall.later(4)
    day = hall.now.date()
    sent = submit(hall.archive, name, "notice", day, "letter 7").signed(hall.keys("clerk"))
    seal_drafts(hall.archive, [sent])
    told = outcome(hall.archive, name, "as-amended", day, "ab" * 32, posts("1"))
    seal_drafts(hall.archive, [told.signed(hall.keys("clerk", "counsel"))])
    hall.later(4)
    vouched(hall.archive)
    begun(hall, name)
    carried(hall, hall.archive, name)
    look(hall, name, {"1"})
    assert left_in_intake(hall) == [3, 4, 5]


def test_a_store_that_locks_is_waited_for(hall: Hall) -> None:
    """What a lock or a legal hold keeps stays, is told, and goes once that is over."""
    name = started(hall)
    files = set(whereabouts(read_state(hall.archive), state_of(hall, name).leaves).keys)
    hall.store.locked |= files
    first = purge(hall.archive, name, QUIET)
    assert (first.split, first.waiting) == (3, 3), "record, intake, map"
    assert verify_compacted(hall.archive, hall.of("vera"), QUIET).findings == []
    kept = purge(hall.archive, name, QUIET)
    assert (kept.locked, kept.destroyed, kept.erased) == (1, 0, None)
    hall.store.locked.clear()
    state = read_state(hall.archive)
    parts = {
        key for key in whereabouts(state, state_of(hall, name).leaves).keys if key not in files
    }
    hall.store.locked |= parts
    late = purge(hall.archive, name, QUIET)
    assert late.erased is not None
    assert not late.erased.whole
    assert state_of(hall, name).gone == {}, "nobody says yet that it is gone"
    hall.store.locked.clear()
    carried(hall, hall.archive, name)
    assert len(state_of(hall, name).gone) == 1
    look(hall, name, {"1"})
