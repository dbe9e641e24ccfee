"""Entries about compaction that only the holder of the archive's key can have written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.flows.compact import compact
from archiver.flows.ledger import read_state
from archiver.flows.people import new_statement, sign
from archiver.flows.verified import settlement
from archiver.ledger.ranges import from_numbers
from archiver.registry.acts import Act
from archiver.registry.verifying import seal_hash
from tests.audit.forge import body, entries_of, relog
from tests.flows.helpers import Quiet, codes, open_archive
from tests.flows.test_compact import files, filled, verifier

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive


@pytest.fixture
def merged(tmp_path: Path) -> Archive:
    """An archive whose small segments were merged, and nobody has verified that."""
    archive = open_archive(filled(tmp_path / "home"), tmp_path / "home", "again")
    compact(archive, Quiet())
    return archive


def added(archive: Archive, entry: bytes) -> str:
    """Write one entry more into the log; return where it is."""
    every = entries_of(archive)
    relog(archive, [*every, entry])
    return f"entry {len(every)}"


@pytest.mark.parametrize("seals", [[[0, 1]], [[0, 2**53 - 1]], "all"], ids=str)
def test_what_is_only_said_to_be_gone(merged: Archive, seals: object) -> None:
    """Files whose successor nobody verified stay, are needed, and the entry is named."""
    kept = files(merged)
    if seals == "all":
        seals = from_numbers(sorted({seal for _, seal in read_state(merged).retired()}))
    where = added(merged, body("done-part", work="compact", seals=seals))
    assert set(codes(merged)) == {("act-without-authority", where)}
    assert compact(merged, Quiet()).removed == 0
    assert files(merged) == kept
    gone = min(kept)
    merged.store.delete(gone)
    assert ("object-missing", gone) in codes(merged)


@pytest.mark.parametrize("signed", ["nobody", "another archive", "another seal", "twice"])
def test_a_verification_that_does_not_count(merged: Archive, tmp_path: Path, signed: str) -> None:
    """It releases nothing, and is named."""
    role = verifier(merged, tmp_path)
    state = read_state(merged)
    bodies = {index: one for index, one in state.controls if one.get("stage") == "compact"}
    (first, one), *_ = sorted(bodies.items())
    act = new_statement(
        merged,
        "verified",
        seal=str(first),
        entry=seal_hash(one if signed != "another seal" else {**one, "account": "other"}),
    )
    if signed == "another archive":
        act = Act({**act.statement, "archive": "another"})
    document = (sign(act, [role]) if signed != "nobody" else act).document()
    entry = body("verified", **document)
    if signed == "twice":
        added(merged, entry)
        entry = body("verified", **document, again=1)
    where = added(merged, entry)
    found = [place for code, place in codes(merged) if code == "act-without-authority"]
    assert found == [where]
    released = {seal for _, seal in settlement(merged, read_state(merged)).released}
    assert released == ({first} if signed == "twice" else set())
