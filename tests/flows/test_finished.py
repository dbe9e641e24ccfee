"""Whether the last capture of an account ended, as the ledger tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.flows.finished import finished_at
from archiver.flows.ledger import read_state
from archiver.flows.settle import RunCounts, seal_settled
from tests.doubles import SeededRandomness
from tests.flows.helpers import (
    ACCOUNT,
    founded,
    observations,
    open_archive,
    seal_one,
    take_in,
)
from tests.ledger.seals import TIME

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

TORN = RunCounts("incremental", TIME, ended=False, counts={}, since={}, again=0)
ENDED = TORN._replace(ended=True)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive that took in three exchanges, of which none is settled."""
    store = founded(tmp_path / "home")
    made = open_archive(store, tmp_path / "home")
    take_in(made, 3)
    return made


def _finished(archive: Archive) -> bool:
    return finished_at(read_state(archive), ACCOUNT) is not None


def test_a_capture_has_ended_where_the_ledger_says_so(archive: Archive) -> None:
    """Neither an archive without captures nor a run that left something undone has ended."""
    assert not _finished(archive)
    seal_one(archive, 1, saw=TORN)
    assert not _finished(archive)
    seal_one(archive, 2, saw=ENDED)
    assert _finished(archive)


def test_a_capture_that_goes_on_has_not_ended(archive: Archive) -> None:
    """Any batch with exchanges after the last end is one of a run that was killed."""
    seal_one(archive, 1, saw=ENDED)
    seal_one(archive, 2)
    assert not _finished(archive)
    seal_one(archive, 3, saw=ENDED)
    assert _finished(archive)


def test_batches_of_documents_and_of_other_accounts_do_not_count(archive: Archive) -> None:
    """An approval, a parser's source or a neighbour's capture leaves a run as ended as it was."""
    seal_one(archive, 1, saw=ENDED)
    document = observations(SeededRandomness("document"), 9)
    seal_settled(archive, read_state(archive), ACCOUNT, document)
    assert _finished(archive)
    take_in(archive, 1, account="neighbour", lane="theirs")
    seal_one(archive, 1, account="neighbour", lane="theirs")
    assert _finished(archive)
    seal_one(archive, 2)
    assert not _finished(archive)
