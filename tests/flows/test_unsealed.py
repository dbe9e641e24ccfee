"""Files of batches that were never sealed: what an order destroyed is gone of them too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.errors import RefusedError
from archiver.flows import submit
from archiver.flows.copying import copied
from archiver.flows.executing import execute
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog
from archiver.flows.unsealed import Unsealed
from archiver.flows.verify import verify
from archiver.layout import UNITS
from tests.attacks.needles import opened
from tests.flows import board
from tests.flows.board import LANE, Board, Posted, asked
from tests.flows.helpers import Quiet
from tests.flows.test_occurrences import posts
from tests.flows.test_orders import begun, ordered
from tests.flows.test_purge import verified, with_board

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.ledger.state import LedgerState
    from tests.flows.hall import Hall

QUIET = Quiet()


@pytest.fixture
def hall(first_hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """A copy of a hall with a verifier and an account on the board."""
    return with_board(first_hall, tmp_path, monkeypatch)


def lost(
    hall: Hall,
    patch: pytest.MonkeyPatch,
    state: LedgerState,
    page: str,
    after: int,
    *,
    settle: bool,
) -> set[str]:
    """Have another home seal an exchange by an older state and never come back; return its files.

    ``after``: the number before it.
    """
    before = {one.key for one in hall.archive.store.list(UNITS)}
    with patch.context() as late:
        late.setattr(submit, "_take_back", lambda archive, journal: journal.remove(archive))
        late.setattr(board, "read_state", lambda _: state)
        if settle:
            late.setattr(board, "seal_intake", lambda *_: None)
        with pytest.raises(RefusedError, match=r"before|was due"):
            Posted(hall.archive, Board(), last={LANE: after}).take(asked(page), settle=settle)
    return {one.key for one in hall.archive.store.list(UNITS)} - before


def stored_alone(hall: Hall, patch: pytest.MonkeyPatch, posted: Posted) -> set[str]:
    """Have the next exchange stored, and nobody hear of it; return its file."""
    before = {one.key for one in hall.archive.store.list(UNITS)}
    with patch.context() as killed:
        killed.setattr(submit, "_hand_in", lambda *_: None)
        posted.take(asked("posts 1 once more\n"), settle=False)
    return {one.key for one in hall.archive.store.list(UNITS)} - before


def has(hall: Hall, word: bytes) -> set[str]:
    """Return the files of units that have a word, as they open."""
    every = opened(hall.archive, hall.store._objects)
    return {key for key, data in every if word in data and key.startswith(UNITS)}


def test_what_can_never_be_sealed_goes_too(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Intake, records, rows and maps of batches that were refused; not what others have left."""
    first = read_state(hall.archive)
    posted = Posted(hall.archive, Board())
    posted.take(asked("posts 1 canary\n"), asked("posts 2 two\n"))
    files = lost(hall, monkeypatch, first, "posts 1 canary\n", 0, settle=False)
    files |= lost(hall, monkeypatch, first, "posts 1 canary\n", 0, settle=True)
    assert {one.partition(".")[2] for one in files} == {
        *("warc.gz", "parquet", "idx", "warc.gz.c256", "map.c256")
    }
    assert {one.partition(" ")[0] for one in has(hall, b"canary")} & files
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    assert execute(hall.archive, name, None, QUIET).state == "under-way"
    verified(hall)
    made = execute(hall.archive, name, hall.of("purger"), QUIET)
    assert made.state == "done"
    assert has(hall, b"canary") == set()
    assert files.isdisjoint(one.key for one in hall.archive.store.list(UNITS))
    assert verify(hall.archive, QUIET, deep=True).findings == []


def test_what_nobody_can_tell_of_keeps_it_from_being_done(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be read here, or may be sealed yet; what is of others is in nobody's way."""
    posted = Posted(hall.archive, Board())
    posted.take(asked("posts 1 one\n"))
    first = read_state(hall.archive)
    posted.take(asked("posts 2 two\n"))
    others = lost(hall, monkeypatch, first, "posts 9 nine\n", 1, settle=True)
    unit = next(iter(first.kinds))
    strange = f"{UNITS}{unit}/01ARZ3NDEKTSV4RRFFQ69G5FAV.warc.gz.c256"
    hall.archive.store.create(strange, b"nobody has the key")
    coming = stored_alone(hall, monkeypatch, posted)
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    made = execute(hall.archive, name, hall.of("purger"), QUIET)
    assert made.state == "under-way"
    assert made.purged.unsealed == Unsealed((), tuple(coming), (strange,))
    for one in (strange, *coming):
        hall.archive.store.erase(one)
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "done"
    stored = {one.key for one in hall.archive.store.list(UNITS)}
    assert others <= stored
    named = {one.where for one in verify(hall.archive, QUIET, deep=False).findings}
    assert named == others


def test_what_others_are_just_merging_is_let_be(hall: Hall) -> None:
    """Files of a merge that is under way, with a version that was captured since: it stays."""
    archive, posted = hall.archive, Posted(hall.archive, Board())
    posted.take(asked("posts 1 one\n"))
    name = ordered(hall, *posts("1"))
    begun(hall, name)
    posted.take(asked("posts 1 newer\nposts 7 seven\n"))
    newest = [one.segment for one in catalog(archive, read_state(archive)) if one.stream == "posts"]
    coming = copied(archive, newest[-1:], "posts", newest[-1].leaves).objects
    for key, data in coming.items():
        archive.store.create(key, data)
    made = execute(archive, name, hall.of("purger"), QUIET)
    assert (made.state, made.purged.unsealed) == ("done", Unsealed())
    assert coming.keys() <= {one.key for one in archive.store.list(UNITS)}
