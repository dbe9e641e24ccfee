"""Very many tiny segments, and the few large ones made of them, answer and verify alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from archiver.flows.compact import compact
from archiver.flows.ledger import read_state
from archiver.flows.prove import prove
from archiver.flows.search import Query, search
from archiver.flows.segments import Placement, build
from archiver.flows.show import show
from archiver.flows.submit import submit
from archiver.flows.verify import verify
from archiver.flows.verify_compacted import verify_compacted
from archiver.ids import new_ulid, new_uuid
from archiver.ledger.batch import Batch
from archiver.record import Excerpt, Observation
from tests.flows.helpers import ACCOUNT, Quiet, founded, open_archive
from tests.flows.test_compact import verifier
from tests.ledger.seals import TIME

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

MANY = int(os.environ.get("MANY_SEGMENTS", "100000"))
AT_ONCE = 100
"""Segments in one seal: as many as fit into an entry."""
WORDS = ("culvert", "bridge", "library", "budget", "siren")


def said(number: int) -> Observation:
    """Return an observation: of ten records each has one edit, far from it in the ledger."""
    record, text = number % (MANY * 9 // 10), f"{WORDS[number % 5]} number {number}"
    return Observation(
        platform="stand-in",
        account="city",
        stream="posts",
        native_id=str(record),
        kind="present" if record == number else "edited",
        sensitivity="public",
        captured_at=TIME,
        excerpts=(Excerpt("item", text.encode()),),
        row={"text": text},
        parser="stand-in/1",
    )


def filled(home: Path, count: int) -> Archive:
    """Return an archive with so many segments of one record each."""
    archive = open_archive(founded(home), home)
    place = Placement("u1", "unscheduled", "2026-11", "public")
    for batch, first in enumerate(range(0, count, AT_ONCE), 1):
        numbers = range(first, min(first + AT_ONCE, count))
        made = [
            build(archive, place, "posts", [(new_uuid(archive.chance), said(number))], at)
            for at, number in enumerate(numbers)
        ]
        seal = {
            "t": "seal",
            "stage": "settle",
            "account": ACCOUNT,
            "batch": batch,
            "segments": [one.segment for one in made],
            "time": TIME,
        }
        commitments = tuple(one.commitments[0] for one in made)
        objects = {key: data for one in made for key, data in one.objects.items()}
        name = new_ulid(archive.clock, archive.chance)
        submit(archive, ACCOUNT, Batch(name, commitments, (seal,)), objects)
    return archive


def answers(archive: Archive, records: list[str]) -> list[Any]:
    """Return what searches find, and what is shown and proven of some records."""
    found: list[Any] = [search(archive, Query(word)).hits for word in WORDS]
    found += [show(archive, one) for one in records]
    for one in records:
        proof = prove(archive, one)
        found.append({name: proof[name] for name in ("record", "source", "context", "fields")})
    return found


def alike(folder: Path, count: int, most: int) -> None:
    """Make so many segments into at most ``most``, and compare."""
    archive = filled(folder / "home", count)
    records = [f"stand-in:city:posts:{n}" for n in (0, 3, count // 2)]
    before, key = answers(archive, records), verifier(archive, folder)
    assert sum(map(len, before[:5])) > 0
    assert verify(archive, Quiet(), deep=False).findings == []
    made = compact(archive, Quiet())
    assert made.merged == count
    assert answers(archive, records) == before
    signed = verify_compacted(archive, key, Quiet())
    assert (signed.records, signed.findings) == (count, [])
    assert compact(archive, Quiet()).removed == 3 * count
    while compact(archive, Quiet()).made:  # what was made of a thousand each, and is tiny yet
        verify_compacted(archive, key, Quiet())
    live = [one for one in read_state(archive).segments() if one.account == ACCOUNT]
    assert len(live) <= most
    assert answers(archive, records) == before
    for deep in (False, True):
        assert verify(archive, Quiet(), deep=deep).findings == []


def test_some_hundred_tiny_segments_become_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches, histories and proofs are the same before and after, and all of it verifies."""
    monkeypatch.setitem(globals(), "MANY", 250)
    alike(tmp_path, 250, 1)


@pytest.mark.soak
def test_a_hundred_thousand_tiny_segments_become_a_few(tmp_path: Path) -> None:
    """The same at size (``MANY_SEGMENTS``): nothing takes time by the square of them."""
    alike(tmp_path, MANY, 10)
