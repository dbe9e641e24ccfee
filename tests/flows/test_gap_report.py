"""The gap report of an archive: as of a size of its log, whatever came later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.errors import IntegrityError, UsageError
from archiver.flows import connectors
from archiver.flows import ledger_at as module
from archiver.flows.gap_report import Scope, gaps_over
from archiver.flows.ledger import read_state
from archiver.flows.ledger_at import ledger_at, ledger_time
from archiver.ledger.tree import Frontier
from tests.flows.conftest import opened
from tests.flows.test_purge import with_board

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flows.hall import Hall

BLOG = Scope("city-blog")


def test_it_tells_of_every_stream_of_the_account(captured: Path) -> None:
    """Before the first capture nothing was seen; what the connector can't have says so."""
    archive = opened(captured)
    report = gaps_over(archive, read_state(archive).size, [BLOG])
    causes = {(row.stream, row.cause) for row in report.rows}
    assert ("posts", "before-first-reading") not in causes  # asked from the first capture on
    assert {one.stream for one in report.streams} > {"posts", "comments", "pages"}
    early = Scope("city-blog", ("posts",), "2020-01-01T00:00:00.000000Z")
    rows = gaps_over(archive, report.size, [early]).rows
    assert ("posts", "before-first-reading") in {(row.stream, row.cause) for row in rows}
    assert {row.stream for row in rows} == {"posts"}


def test_as_of_a_size_it_stays_the_same(hall: Hall) -> None:
    """Later entries and later days change nothing of a report as of a size."""
    older = ledger_at(hall.archive, hall.size)
    size = hall.size
    hall.captured(3, "other")
    hall.later(30)
    again = ledger_at(hall.archive, size)
    assert hall.size > size
    assert (again.size, again.frontier, again.controls) == (size, older.frontier, older.controls)
    assert ledger_time(again) == ledger_time(older) < ledger_time(read_state(hall.archive))
    assert list(again.segments()) == list(older.segments())


def test_what_is_asked_of_nobody_is_refused(hall: Hall) -> None:
    """An account that there is not, and a size that the log has not."""
    with pytest.raises(UsageError, match="no such account"):
        gaps_over(hall.archive, hall.size, [BLOG])
    for size in (0, hall.size + 1):
        with pytest.raises(UsageError, match="no such size"):
            ledger_at(hall.archive, size)


def test_without_its_connector_nobody_can_tell(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account whose connector is not here any more has a row that says so."""
    made = with_board(hall, tmp_path / "board", monkeypatch)
    assert gaps_over(made.archive, made.size, [Scope("city")]).streams
    monkeypatch.setattr(connectors, "CONNECTORS", {})
    (row,) = gaps_over(made.archive, made.size, [Scope("city", ("posts",))]).rows
    assert (row.stream, row.state, row.cause) == ("posts", "unexplained", "connector-missing")


def test_another_beginning_is_refused(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A beginning that does not lead to the signed head is none."""

    class Forged(Frontier):
        """A frontier of other leaves."""

        @classmethod
        def at(cls, size: int, read: object) -> Frontier:
            """Return one of leaves that are all the same."""
            del read
            return Frontier.empty().extend([bytes(32)] * size)

    monkeypatch.setattr(module, "Frontier", Forged)
    with pytest.raises(IntegrityError):
        ledger_at(hall.archive, hall.size - 1)


def test_the_time_asked_for_ends_with_the_ledger(captured: Path) -> None:
    """Nobody has seen what comes after the last entry, so the report ends there."""
    archive = opened(captured)
    state = read_state(archive)
    now = archive.clock.now() + timedelta(days=1)
    scope = Scope("city-blog", (), "", now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    streams = gaps_over(archive, state.size, [scope]).streams
    assert {one.until for one in streams} == {ledger_time(state)}
