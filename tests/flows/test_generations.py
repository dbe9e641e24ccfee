"""Newer generations: made, verified, read as the same observation, and refused where false."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.platforms.wordpress import WordPress
from archiver.flows import connectors, generation
from archiver.flows.accounts import find, registry
from archiver.flows.known import known_of
from archiver.flows.ledger import read_state
from archiver.flows.prove import prove
from archiver.flows.search import Query, search
from archiver.flows.show import show
from archiver.flows.submit import submit
from archiver.flows.verify import verify
from archiver.flows.verify_generations import check_entries
from archiver.ledger import entry, ranges
from archiver.ledger.state import LedgerState, Segment
from archiver.record import Excerpt, Kind
from tests.audit import forge
from tests.flows.conftest import Silent, opened
from tests.flows.helpers import ACCOUNT, founded, open_archive, read_anew, seal_one, take_in
from tests.ledger.seals import TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.segments import Prepared
    from archiver.ledger.batch import Batch


class Newer(WordPress):
    """The connector a version later: its parser also knows how long a title is."""

    parser = "wordpress/2"

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read as before, and say the length of a title as its summary."""
        row = super().parse(excerpts, context)
        return row | ({"summary": f"titled {len(row['title'])}"} if "title" in row else {})


@pytest.fixture
def archive(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """The captured archive, read with the newer version of its connector."""
    _use(monkeypatch, "wordpress/2")
    return opened(copy)


def _use(monkeypatch: pytest.MonkeyPatch, parser: str) -> None:
    """Have rows derived by the newer connector, as of some version."""
    newer = Newer()
    newer.parser = parser
    monkeypatch.setattr(connectors, "CONNECTORS", {"wordpress": newer})


def _handle(archive: Archive) -> str:
    return find(archive, "city-blog").handle


def _generate(archive: Archive, parser: str = "wordpress/2") -> int:
    newer = Newer()
    newer.parser = parser
    return read_anew(archive, _handle(archive), newer)


def _found(archive: Archive) -> list[tuple[Any, ...]]:
    hits = search(archive, Query(""), private=True).hits
    names = ("record_id", "state", "latest", "observations", "captured_at", "title")
    return [tuple(hit[name] for name in names) for hit in hits]


def _known(archive: Archive) -> dict[Any, Any]:
    found = known_of(archive, read_state(archive), _handle(archive))
    return {thing: (one.state, one.observation) for thing, one in found.items()}


def test_a_generation_is_sealed_and_verifies(archive: Archive) -> None:
    """Every record has its own salt and leaf, named by an entry; a second run makes none."""
    assert _generate(archive) > 50
    assert verify(archive, Silent(), deep=True).findings == []
    assert _generate(archive) == 0


@pytest.mark.parametrize(("limit", "value", "most"), [("MOST_IN_BATCH", 7, 7), ("ROLL_SIZE", 0, 1)])
def test_batches_are_bounded(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, most: int
) -> None:
    """In number and in bytes: a large segment is read anew in several, which verify."""
    monkeypatch.setattr(generation, limit, value)
    made = _generate(archive)
    bodies = [body for _, body in read_state(archive).controls if body["t"] == "generation"]
    sizes = [ranges.count(body["leaves"]) for body in bodies]
    assert (sum(sizes), max(sizes)) == (made, most)
    assert verify(archive, Silent(), deep=True).findings == []


def test_the_largest_batch_fits_its_entry() -> None:
    """Also where its leaves are scattered in a log of a trillion entries."""
    count, far = generation.MOST_IN_BATCH, 10**12
    of = ranges.from_numbers(range(far, far + 2 * count, 2))
    assert len(of) == count
    told = {"leaves": [[2 * far, 2 * far + count]], "of": of, "account": 64 * "a", "time": TIME}
    assert entry.control({"t": "generation", "id": 26 * "0", **told})


def test_readers_see_the_same_observations(archive: Archive) -> None:
    """States, counts and times stay; what the newer parser says is found and shown."""
    before, accounts, known = _found(archive), registry(archive), _known(archive)
    made = _generate(archive)
    assert (_found(archive), registry(archive), _known(archive)) == (before, accounts, known)
    renewed = known_of(archive, read_state(archive), _handle(archive)).items()
    assert sum(one.parser == "wordpress/2" for _, one in renewed) > 0
    hits = search(archive, Query("titled"), private=True).hits
    assert 0 < len(hits) <= made
    story = show(archive, hits[0]["record_id"])
    newest = [one for one in story if "generation_of" in one["context"]]
    assert newest[-1]["fields"]["summary"].startswith("titled ")
    assert newest[-1]["context"]["generation_of"] in {one["observation"] for one in story}
    assert prove(archive, hits[0]["record_id"], fields=["summary"])


def test_what_was_deleted_stays_deleted(archive: Archive) -> None:
    """A newer reading of an older state does not bring a thing back."""
    gone = {one for one in _found(archive) if one[1] == Kind.DELETED}
    assert gone
    _generate(archive)
    assert {one for one in _found(archive) if one[1] == Kind.DELETED} == gone


def _of_another(made: Prepared) -> Prepared:
    other = "00000000-0000-4000-8000-000000000000"
    line = f"WARC-Refers-To: <urn:uuid:{other}>".encode()
    lines = [line if one.startswith(b"WARC-Refers-To") else one for one in made.lines]
    return made._replace(lines=lines, context={**made.context, "generation_of": other})


def _of_other_kind(made: Prepared) -> Prepared:
    line = b"Archive-Kind: deleted"
    lines = [line if one.startswith(b"Archive-Kind") else one for one in made.lines]
    return made._replace(lines=lines, context={**made.context, "kind": "deleted"}, row={})


def _of_other_bytes(made: Prepared) -> Prepared:
    data = made.excerpts[0].data.replace(b"e", b"a", 1)
    return made._replace(excerpts=(Excerpt("item", data), *made.excerpts[1:]))


@pytest.mark.parametrize("spoil", [_of_another, _of_other_kind, _of_other_bytes])
def test_a_false_generation_is_named(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Prepared], Prepared]
) -> None:
    """One that names another observation, changes its state, or has other bytes."""
    true = generation.newer_generation
    monkeypatch.setattr(generation, "newer_generation", lambda *given: spoil(true(*given)))
    _generate(archive)
    codes = {one.code for one in verify(archive, Silent(), deep=True).findings}
    assert "generation-differs" in codes


def test_one_without_its_entry_is_named(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer generation that no entry tells of is found, and so is an entry of a stranger's."""
    for parser, change in (("wordpress/3", {}), ("wordpress/4", {"account": "other"})):

        def false(
            where: Archive,
            account: str,
            batch: Batch,
            objects: Mapping[str, bytes],
            change: Mapping[str, str] = change,
        ) -> None:
            seal, told = batch.controls
            controls = (seal, {**told, **change}) if change else (seal,)
            submit(where, account, replace(batch, controls=controls), objects)

        monkeypatch.setattr("archiver.flows.generation.submit", false)
        _use(monkeypatch, parser)
        assert _generate(archive, parser) > 0
        found = verify(archive, Silent(), deep=True).findings
        assert {one.code for one in found} == {"generation-differs"}


def test_an_observation_of_its_own_is_no_generation(tmp_path: Path) -> None:
    """An entry ties no record to another's fate by calling it a newer generation of that."""
    made = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    take_in(made, 2)
    for number in (1, 2):
        seal_one(made, number)
    every = forge.entries_of(made)
    first, _, second, _ = [at for at, one in enumerate(every) if one[:1] == b"\x01"]
    told = {"leaves": [[second, second + 1]], "of": [[first, first + 1]]}
    forge.relog(made, [*every, forge.body("generation", account=ACCOUNT, **told)])
    (finding,) = verify(made, Silent(), deep=True).findings
    assert (finding.code, finding.found) == ("generation-differs", "an observation of its own")


def test_many_generations_cost_as_many() -> None:
    """Ten times as many segments and entries take about ten times as many steps."""

    def steps(count: int) -> int:
        segments = [
            Segment(at, "a", "settle", "u", str(at), "", "", "", {}, [[3 * at, 3 * at + 2]])
            for at in range(2 * count)
        ]
        state = LedgerState()
        for at in range(count):
            of, leaves = [[[3 * n, 3 * n + 2]] for n in (at, count + at)]
            body = {"t": "generation", "account": "a", "leaves": leaves, "of": of}
            state.controls.append((10**6 + at, body))
        taken = 0

        def line(*_: object) -> object:
            nonlocal taken
            taken += 1
            return line

        before = sys.gettrace()
        sys.settrace(line)  # type: ignore[arg-type]  # counts, and goes on
        try:
            assert list(check_entries(state, segments)) == []
        finally:
            sys.settrace(before)
        return taken

    assert steps(1000) < 20 * steps(100)  # by the square 100 times
