"""Custody of an archive's own records: from their capture to the page that tells of it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from archiver.edges.keys import LocalKeyStore
from archiver.errors import RefusedError
from archiver.flows.access import records_to_show, seal_looks
from archiver.flows.anchoring import Anchoring, WitnessAt
from archiver.flows.custody_chain import custody_chain
from archiver.flows.custody_page import custody_pdf
from archiver.flows.ledger import read_state
from archiver.flows.provenance import provenance
from archiver.flows.record_leaves import leaves_of_records
from archiver.layout import anchor_key
from archiver.ledger import ranges
from archiver.ledger.anchor import anchors_of
from tests.audit.outside import OneWitness
from tests.flows.conftest import opened
from tests.flows.hall import Hall, comment
from tests.flows.helpers import open_archive
from tests.flows.test_compact import filled, verifier, whole_life
from tests.flows.test_orders import vouched
from tests.ledger.cosigner import cosigners

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ledger.ranges import Ranges
    from archiver.produce.custody import Chain

MESSAGE = "stand-in:city:messages:2"
MADE = "2026-11-30T12:00:00.000000Z"


def leaves_of(archive: Archive, *records: str) -> Ranges:
    """Return all leaves of records."""
    found = leaves_of_records(archive, read_state(archive), records)
    return ranges.from_numbers(leaf for own in found.values() for leaf in own)


def chain(archive: Archive, leaves: Ranges, size: int = 0) -> Chain:
    """Return the chain of the versions at some leaves, as of now or a size."""
    size = size or read_state(archive).size
    return custody_chain(archive, size, leaves, provenance(archive, leaves))


def test_captured_records_say_by_what_and_when(captured: Path) -> None:
    """Connector, parser and clock of each lane; both server's clock and intake are there."""
    archive = opened(captured)
    state = read_state(archive)
    leaves = [pair for one in state.segments() if one.has_records for pair in one.leaves]
    origins = provenance(archive, ranges.union(leaves, []))
    assert len(origins) == ranges.count(leaves)
    served = [one for one in origins if one.platform == "wordpress"]
    assert all(one.clock for one in served)
    assert any(one.apart is not None for one in served)
    assert any(one.replacements for one in served)
    found = chain(archive, ranges.union(leaves, []))
    assert {"captured", "taken in", "settled"} <= found.counts().keys()
    assert any("wordpress/" in one.told and one.account == "city-blog" for one in found.events)


def test_merging_and_the_second_role_are_told(tmp_path: Path) -> None:
    """Who verified a merge stands there by handle; as of an earlier size nobody had."""
    archive = open_archive(filled(tmp_path / "home"), tmp_path / "home", "again")
    size, leaves = read_state(archive).size, [[2, 3], [5, 6]]
    before = chain(archive, leaves)
    key = verifier(archive, tmp_path)
    whole_life(archive, key)
    after = chain(archive, leaves)
    (one,) = [event for event in after.events if event.what == "verified"]
    assert (one.by, one.versions) == (key.handle, 2)
    assert after.counts()["compacted"] == 1
    assert chain(archive, leaves, size) == before


def test_witnesses_and_looks_are_told(hall: Hall) -> None:
    """A cosigned log names its witnesses; looks at the record count, looks at others do not."""
    records_to_show(hall.archive, MESSAGE, "show")
    records_to_show(hall.archive, "stand-in:city:messages:1", "show")
    hall.later(1)
    seal_looks(hall.archive)
    vouched(hall.archive)
    found = chain(hall.archive, leaves_of(hall.archive, MESSAGE))
    (look,) = [one for one in found.events if one.what == "looked at"]
    assert "of 2 looks" in look.told
    assert look.told.endswith("show 1")
    assert found.counts()["cosigned"] == 1
    assert found.outside.startswith("No independent witness")
    public = chain(hall.archive, leaves_of(hall.archive, comment(1)))
    assert "looked at" not in public.counts()


def test_witnesses_are_named_where_their_note_is_whole(hall: Hall) -> None:
    """A pinned witness is named; one whose file is gone, or another, vouches for nothing."""
    vouched(hall.archive)
    keys = tuple(str(one.verifier_key) for one in cosigners("witness.example"))
    seen = WitnessAt("https://w.example", keys, "County")
    archive = replace(
        hall.archive,
        anchoring=Anchoring(operator="City", witnesses=(seen,), outside=OneWitness(b"")),
    )
    leaves = leaves_of(archive, comment(1))
    found = chain(archive, leaves)
    (one, *_) = [event for event in found.events if event.what == "cosigned"]
    assert one.by in found.outside
    assert found.outside.startswith("Independent witnesses")
    for anchor in anchors_of(read_state(archive).controls):
        archive.store.delete(anchor_key(anchor.file))
    assert chain(archive, leaves).outside.startswith("No independent witness")


def test_the_page_says_it_and_is_the_same_each_time(hall: Hall) -> None:
    """The PDF has every event, and no word of a record."""
    found = chain(hall.archive, leaves_of(hall.archive, MESSAGE, comment(1)))
    made = custody_pdf(found, "city.example/log", MADE)
    assert made == custody_pdf(found, "city.example/log", MADE)
    said = " ".join(one.extract_text() for one in PdfReader(io.BytesIO(made)).pages)
    assert "No independent witness" in " ".join(said.split())
    assert said.count("settled") >= found.counts()["settled"]
    assert "culvert" not in said + json.dumps(found.document())


def test_what_can_not_be_read_is_refused(hall: Hall) -> None:
    """Versions whose keys are not here have no origin that could be told."""
    leaves = leaves_of(hall.archive, MESSAGE, comment(1))
    keys = hall.archive.keys
    assert isinstance(keys, LocalKeyStore)
    for one in read_state(hall.archive).segments():
        if ranges.overlap(one.leaves, leaves) and one.sensitivity == "private":
            for suffix in one.objects:
                keys.shred(f"u/{one.unit}/{one.name}.{suffix}")
    hall.archive.home.remove("cache/catalog.json")
    with pytest.raises(RefusedError) as caught:
        provenance(hall.archive, leaves)
    assert caught.value.code == "production-unreadable"
