"""What whoever runs the archive did: noted at once, sealed together, and missed where it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.errors import UsageError
from archiver.flows import operations as module
from archiver.flows.ledger import read_state
from archiver.flows.operations import noted, operations, seal_notes, unended
from archiver.flows.status import status
from archiver.flows.verify import verify
from tests.doubles import FixedClock
from tests.flows.helpers import Quiet, founded, open_archive

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

PLAIN = {"dag": "due", "type": "scheduled", "state": "success", "cleared": "0"}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty archive."""
    return open_archive(founded(tmp_path / "home"), tmp_path / "home", "again")


def at(archive: Archive, **later: float) -> Archive:
    """Return the archive as it is opened later."""
    return replace(archive, clock=FixedClock(archive.clock.now() + timedelta(**later)))


def test_a_hundred_runs_make_one_document(archive: Archive) -> None:
    """Plain runs are counted, what people did is told, and the ledger grows by one batch."""
    for number in range(100):
        noted(archive, "run", {**PLAIN, "run": f"scheduled__{number}"})
    noted(archive, "run", {**PLAIN, "type": "manual", "by": "mallory", "run": "manual__1"})
    noted(archive, "request", {"method": "PATCH", "path": "variables/x", "status": 200})
    before = read_state(archive).size
    assert seal_notes(archive) == 102
    assert read_state(archive).size - before == 2  # the document, and its seal
    told = operations(archive)
    assert [(one["dag"], one["runs"]) for one in told["runs"]] == [("due", 100)]
    assert {one.get("by", one.get("path")) for one in told["notes"]} == {"mallory", "variables/x"}
    assert told["waiting"] == 0
    assert None not in {one["leaf"] for one in told["notes"] + told["runs"]}
    assert seal_notes(archive) == 0
    assert verify(archive, Quiet(), deep=True).findings == []


@pytest.mark.parametrize("change", [{"cleared": "1"}, {"conf": "as_of"}, {"state": "failed"}])
def test_whatever_is_not_plain_is_told(archive: Archive, change: dict[str, str]) -> None:
    """A run that was cleared, given other conf, or failed stands by itself."""
    noted(archive, "run", {**PLAIN, "run": "r", **change})
    (one,) = operations(archive)["notes"]
    assert {name: one[name] for name in change} == change


def test_a_note_is_bounded_and_has_known_members(archive: Archive) -> None:
    """Nobody can put a body, a value or a control character in, or make it long."""
    noted(archive, "request", {"path": "x\x1b[2J" + "y" * 5000})
    (one,) = operations(archive)["notes"]
    assert len(one["path"]) == 200
    assert "\x1b" not in one["path"]
    for what, members in (("gossip", {}), ("request", {"body": "secret"})):
        with pytest.raises(UsageError):
            noted(archive, what, members)


def test_a_crash_seals_nothing_twice_and_loses_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before or after the seal, the next finds each note in the ledger once."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for place in ("seal_in_lane", "_clear"):
        noted(archive, "request", {"path": place})
        with monkeypatch.context() as patch:
            patch.setattr(module, place, killed)
            with pytest.raises(KeyboardInterrupt):
                seal_notes(archive)
        seal_notes(archive)
    assert [one["path"] for one in operations(archive)["notes"]] == ["seal_in_lane", "_clear"]
    assert archive.home.names("operations/") == []


def test_a_listener_that_is_deaf_is_seen(archive: Archive) -> None:
    """A run that began and of which nobody noted the end is told, until somebody does."""
    noted(archive, "began", {"dag": "operations", "run": "one"})
    assert unended(archive) == []
    later = at(archive, hours=3)
    seal_notes(later)
    assert unended(later) == ["operations: one"]
    assert status(later)["unended"] == ["operations: one"]
    noted(later, "run", {**PLAIN, "dag": "operations", "run": "one"})
    assert unended(later) == []
    assert unended(at(archive, days=9)) == []
