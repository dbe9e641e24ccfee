"""A clock set forward is found out: by the next day, by a witness, by a time-stamp."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.flows.evidence import Cosigned, Evidence
from archiver.flows.sequence import sequence
from archiver.flows.verify import verify
from archiver.flows.verify_times import Seen, ahead, days, outside
from archiver.formats.parquet import canonical_time
from archiver.layout import CHECKPOINT, DAILY, late_checkpoint_key
from archiver.ledger.anchor import COSIGNED, Anchor
from archiver.ledger.batch import Batch
from archiver.ledger.renewal import Dated
from archiver.ledger.state import LedgerState
from archiver.ledger.timestamp import Stamp
from tests.audit.forge import signed
from tests.audit.outside import cosigned
from tests.doubles import START, FixedClock
from tests.flows.helpers import ACCOUNT, Quiet, founded, leave, named, open_archive
from tests.ledger.cosigner import cosigners
from tests.ledger.seals import TIME

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def on(archive: Archive, day: float, number: int) -> None:
    """Seal an entry by a machine whose clock is so many days on."""
    clock = FixedClock(START + timedelta(days=day))
    told = {"account": ACCOUNT, "counts": {}, "began": TIME, "ended": True}
    body = {"t": "repeat", "time": canonical_time(clock.now()), **told}
    leave(archive, Batch(named(f"B{number}"), (), (body,)))
    sequence(replace(archive, clock=clock))


def test_the_next_day_tells(tmp_path: Path) -> None:
    """Four days ahead, for one entry: the checkpoint of the next day is over it, and is named."""
    archive = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    on(archive, 4, 1)
    assert verify(archive, Quiet(), deep=False).findings == []  # that it was so is not unlikely yet
    on(archive, 1, 2)
    (finding,) = verify(archive, Quiet(), deep=False).findings
    day = (START + timedelta(days=1)).date().isoformat()
    assert (finding.code, finding.where) == ("time-ahead", "entry 1")
    assert f"log/checkpoints/{day}" in finding.expected


def test_no_day_is_too_late(tmp_path: Path) -> None:
    """What is sealed day by day, also after days without anything, is no finding."""
    archive = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    for number, day in enumerate((0, 0.5, 1, 2, 40)):
        on(archive, day, number)
    assert verify(archive, Quiet(), deep=False).findings == []


def waited(archive: Archive, number: int, *days: float, until: float) -> None:
    """Seal, on the day ``until``, entries of other days."""
    body = {"t": "repeat", "account": ACCOUNT, "counts": {}, "began": TIME, "ended": True}
    times = [canonical_time(START + timedelta(days=day)) for day in days]
    leave(archive, Batch(named(f"B{number}"), (), tuple({**body, "time": one} for one in times)))
    sequence(replace(archive, clock=FixedClock(START + timedelta(days=until))))


def test_what_waited_for_days(tmp_path: Path) -> None:
    """Who signs a batch that lay for days keeps their checkpoints; one that goes is missed."""
    archive = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    on(archive, 5, 1)
    waited(archive, 2, 0.1, 2, 2.1, 4.9, 5, until=5)
    on(archive, 9, 3)
    waited(archive, 4, 7, until=9)
    wanted = [(START + timedelta(days=day)).date().isoformat() for day in (0, 2, 5, 7, 9)]
    late = ["", ".late", "", ".late", ""]
    kept = [f"{DAILY}{day}{end}" for day, end in zip(wanted, late, strict=True)]
    assert [one.key for one in archive.store.list(DAILY)] == kept
    assert verify(archive, Quiet(), deep=False).findings == []
    archive.store.delete(kept[1])
    (finding,) = verify(archive, Quiet(), deep=False).findings
    assert (finding.code, finding.where) == ("checkpoint-daily", DAILY + wanted[1])


def test_a_clock_set_back(tmp_path: Path) -> None:
    """A new entry may say an old time: what is kept for that day says that it came late."""
    archive = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    on(archive, 5, 1)
    waited(archive, 2, 3, until=5)
    assert verify(archive, Quiet(), deep=False).findings == []
    day = (START + timedelta(days=3)).date().isoformat()
    assert archive.store.get(late_checkpoint_key(day)) == archive.store.get(CHECKPOINT)


def state_of(*hours: float) -> LedgerState:
    """Return a ledger whose entries come so many hours after noon."""
    times = [canonical_time(NOON + timedelta(hours=one)) for one in hours]
    return LedgerState(controls=[(at, {"time": one}) for at, one in enumerate(times)])


def found(state: LedgerState, *seen: Seen) -> list[str]:
    """Return where findings are."""
    return [one.where for one in ahead(state, seen)]


def test_an_entry_is_held_against_what_covers_it() -> None:
    """Only what has it below counts, the earliest of that, and an hour is nothing."""
    state = state_of(0, 3, 0, 9, 0.9)
    assert found(state) == []
    assert found(state, Seen(1, NOON, "a")) == []
    assert found(state, Seen(2, NOON, "a")) == ["entry 1"]
    assert found(state, Seen(2, NOON + timedelta(hours=2), "a")) == []
    assert found(state, Seen(5, NOON, "a")) == ["entry 1"]
    early, late = Seen(3, NOON, "a"), Seen(5, NOON + timedelta(hours=5), "b")
    assert found(state, early, late) == ["entry 1", "entry 3"]


@pytest.mark.parametrize("time", [datetime.max.replace(tzinfo=UTC), NOON])
def test_no_time_raises(time: datetime) -> None:
    """Also at the end of all time."""
    state = LedgerState(controls=[(0, {"time": "9998-12-31T23:59:59.999999Z"})])
    assert found(state, Seen(1, time, "a")) == ([] if time.year > NOON.year else ["entry 0"])
    (one,) = days({"log/checkpoints/9999-12-31": 1})
    assert found(state, one) == []


def test_what_outsiders_say(tmp_path: Path) -> None:
    """A pinned witness's cosignature says when, and a time-stamp over its note."""
    archive = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    note = cosigned(signed(archive, 1, b"r" * 32))
    evidence = Evidence([], [], {}, [])
    evidence.cosigned.append(Cosigned(Anchor(1, COSIGNED, 1, "f", ""), note, frozenset()))
    stamp = Stamp(NOON, NOON + timedelta(days=1), frozenset())
    evidence.stamps.append(Dated("s", ("f", "elsewhere"), stamp))
    keys = [one.verifier_key for one in cosigners("witness.example")]
    told = list(outside(evidence, keys))
    assert [one.where for one in told] == [*["log/anchors/f"] * len(keys), "log/anchors/s"]
    assert told[-1] == Seen(1, NOON, "log/anchors/s")
    assert list(outside(evidence, [])) == told[-1:]
