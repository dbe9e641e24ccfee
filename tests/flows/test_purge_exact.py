"""Whatever an archive has and an order names: exactly that goes, and all else stays as it was."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from archiver.errors import RefusedError
from archiver.flows import accounts
from archiver.flows.compact import compact
from archiver.flows.deciding import draft, seal_drafts
from archiver.flows.holds import apply_holds
from archiver.flows.ledger import read_state
from archiver.flows.orders import begin
from archiver.flows.purge import purge
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.rows import catalog, row_index
from archiver.flows.segments import open_file, read_table
from archiver.flows.verify import verify
from archiver.formats.parquet import rows_of
from archiver.formats.warc_reading import members_of
from archiver.layout import UNITS
from archiver.ledger import ranges
from archiver.ledger.whereabouts import whereabouts
from archiver.record import record_id
from tests.flows.board import URL, Board, Posted, asked, sent
from tests.flows.helpers import Quiet, read_anew
from tests.flows.test_orders import hold, ordered, state_of
from tests.flows.test_purge import verified, with_board
from tests.verifier.test_agreement import verified as by_the_small_verifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.record import Excerpt
    from tests.flows.hall import Hall

QUIET = Quiet()
ACCOUNTS = ("city", "town")
STREAMS = ("posts", "comments")
NUMBERS = st.integers(1, 5)


class Line(NamedTuple):
    """A thing that an answer shows: its stream, number and version."""

    stream: str
    number: int
    version: int

    @property
    def text(self) -> str:
        """The line itself."""
        return f"{self.stream} {self.number} version-{self.version} of {self.number}\n"


class Came(NamedTuple):
    """An intake file: of which account, its answers, whether it was delivered, merged after."""

    account: str
    answers: list[list[Line]]
    delivered: bool
    merged: bool


LINES = st.builds(Line, st.sampled_from(STREAMS), NUMBERS, st.integers(1, 2))
CAME = st.builds(
    Came,
    st.sampled_from(ACCOUNTS),
    st.lists(st.lists(LINES, min_size=1, max_size=4), min_size=1, max_size=3),
    st.booleans(),
    st.booleans(),
)


class Story(NamedTuple):
    """What came to an archive, and what is to be destroyed or held of it, by a seed."""

    came: list[Came]
    anew: bool
    seed: int


STORIES = st.builds(
    Story, st.lists(CAME, min_size=1, max_size=4), st.booleans(), st.integers(0, 1 << 20)
)


class Newer(Board):
    """The board's parser of a later day, which reads more."""

    parser = "stand-in/2"

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the text, and its language."""
        return {**super().parse(excerpts, context), "language": "en"}


def filled(hall: Hall, story: Story) -> None:
    """Have everything come that a story tells of."""
    accounts.add(hall.archive, {"name": "town", "platform": "stand-in", "url": f"{URL}/t"}, {})
    taken = {one: Posted(hall.archive, Board(), one) for one in ACCOUNTS}
    for came in story.came:
        make = sent if came.delivered else asked
        answers = [make("".join(line.text for line in lines)) for lines in came.answers]
        taken[came.account].take(*answers, lane=f"lane{came.account}")
        if came.merged:
            taken[came.account].end()
            compact(hall.archive, QUIET)
            verified(hall)
            compact(hall.archive, QUIET)
    if story.anew:
        for one in ACCOUNTS:
            read_anew(hall.archive, taken[one].handle, Newer())


def stored(archive: Archive) -> dict[int, tuple[bytes, dict[str, str]]]:
    """Return each observation by its leaf, as it is stored: its WARC member, and its row."""
    found: dict[int, tuple[bytes, dict[str, str]]] = {}
    for one in catalog(archive, read_state(archive)):
        _, *members = members_of(open_file(archive, one.segment, "warc.gz"))
        rows = rows_of(read_table(archive, one.segment))
        records = [(member, row) for (member, _), row in zip(members, rows, strict=True)]
        leaves = dict(zip(row_index(one.segment), records, strict=True))
        assert found.keys().isdisjoint(leaves), "a leaf is live twice"
        found |= leaves
    return found


def chosen(hall: Hall, story: Story) -> tuple[list[str], list[str]]:
    """Return the records that are to go, and some that are on hold: none of them both."""
    every = [
        record_id("stand-in", a, s, str(n)) for a in ACCOUNTS for s in STREAMS for n in range(6)
    ]
    live = sorted(leaves_of_records(hall.archive, read_state(hall.archive), every))
    chance = random.Random(story.seed)
    some = chance.sample(live, chance.randint(1, len(live)))
    return some, [one for one in live if one not in some and chance.random() < 0.2]


def carried_out(hall: Hall, name: str) -> bool:
    """Carry an order out; tell whether nothing on hold was in the way."""
    for _ in count():
        try:
            made = purge(hall.archive, name, QUIET)
        except RefusedError as error:
            if "also show records on hold" in error.message:
                return False
            raise
        if not made.waiting:
            members = {"order": name, "covers": state_of(hall, name).covers}
            done = draft(hall.archive, "done", members).signed(hall.keys("purger"))
            seal_drafts(hall.archive, [done])
            return True
        verified(hall)
    raise AssertionError


def told_and_done(hall: Hall, story: Story) -> None:
    """Live a story to its end, and look at what is left."""
    filled(hall, story)
    going, held = chosen(hall, story)
    if held:
        hold(hall, *held)
    name = ordered(hall, *going)
    state = read_state(hall.archive)
    if held:
        apply_holds(hall.archive, hall.keys("holder"))
    beginning = begin(hall.archive, name, state).signed(hall.keys("purger"))
    seal_drafts(hall.archive, [beginning])
    before, leaves = stored(hall.archive), set(ranges.numbers(state_of(hall, name).leaves))
    own = leaves_of_records(hall.archive, read_state(hall.archive), going)
    assert leaves == {leaf for every in own.values() for leaf in every}
    whole = carried_out(hall, name)
    now = stored(hall.archive)
    gone = set(ranges.numbers(state_of(hall, name).going))
    assert gone == (leaves if whole else set())
    control = {*before, *gone} ^ now.keys() ^ gone  # what was sealed since, as documents
    assert all(now[leaf][1]["stream"] == "workflow" for leaf in control)
    assert {leaf: now[leaf] for leaf in before.keys() - gone} == {
        leaf: before[leaf] for leaf in before.keys() - gone
    }
    assert not gone & now.keys()
    everything_reads(hall, name)


def everything_reads(hall: Hall, name: str) -> None:
    """Assert that nothing is left of what went, and that standard tools read what is left."""
    archive, state = hall.archive, read_state(hall.archive)
    assert verify(archive, QUIET, deep=True).findings == []
    there = {one.key for one in archive.store.list(UNITS)}
    assert there.isdisjoint(whereabouts(state, state_of(hall, name).going).keys)
    with TemporaryDirectory() as folder:
        assert by_the_small_verifier(archive, Path(folder, "archive")) == set()
        plain = {key for key in there if key.endswith((".warc.gz", ".parquet"))}
        paths = [Path(folder, key.replace("/", "-")) for key in sorted(plain)]
        for key, path in zip(sorted(plain), paths, strict=True):
            path.write_bytes(archive.store.get(key))
        warcs, tables = ([p for p in paths if p.suffix == end] for end in (".gz", ".parquet"))
        if warcs:
            warcio = Path(sys.executable).with_name("warcio")
            done = subprocess.run([warcio, "check", *warcs], capture_output=True, check=False)
            assert done.returncode == 0, done.stdout
        for path in tables:
            rows = pq.read_table(path).num_rows
            assert duckdb.read_parquet(str(path)).count("*").fetchall() == [(rows,)]


PARTS = 10
"""Into which the many stories are cut: each says for itself how it went."""


def play(first: Hall, monkeypatch: pytest.MonkeyPatch, examples: int, part: int) -> None:
    """Live so many stories, each on a copy of a hall, others in each part."""

    @seed(part)
    @settings(max_examples=examples, database=None)
    @given(STORIES)
    def lived(story: Story) -> None:
        with TemporaryDirectory() as folder:
            told_and_done(with_board(first, Path(folder), monkeypatch), story)

    lived()


def test_exactly_what_was_ordered_goes(first_hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that lives before and all that goes are as they should be, byte for byte."""
    play(first_hall, monkeypatch, 3, PARTS)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_exactly_what_was_ordered_goes_in_many_stories(
    first_hall: Hall, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    """The same for many."""
    play(first_hall, monkeypatch, 10, part)
