"""Anchoring with real witnesses over HTTP and real `openssl ts` authorities."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.edges.clock import SystemClock
from archiver.edges.http_outside import HttpOutside
from archiver.edges.memory import Fault, Killed
from archiver.errors import IntegrityError, RefusedError, TransientError, UsageError
from archiver.flows.anchor import anchor
from archiver.flows.anchoring import POLICY, Anchoring, AuthorityAt, WitnessAt, independent
from archiver.flows.doctor import examine
from archiver.flows.ledger import read_state
from archiver.flows.verify import verify
from archiver.layout import ANCHORS, CHECKPOINT, anchor_key
from archiver.ledger.anchor import anchors_of
from archiver.ledger.checkpoint import open_checkpoint, parse_verifier_key, verifier_key
from tests.doubles import FixedClock
from tests.flows.helpers import (
    IDENTITY,
    Quiet,
    copy_of,
    founded,
    open_archive,
    seal_one,
    take_in,
)
from tests.outsiders import OpensslAuthority, keys_of, witness_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.edges.memory import MemoryStore
    from archiver.flows.archive import Archive

KEYS = list(IDENTITY.keys)
OTHER_LOG = verifier_key("other.example/log", parse_verifier_key(KEYS[0]).public)


@dataclass(slots=True)
class Scene:
    """An archive of a few records, two witnesses, two authorities."""

    folder: Path
    store: MemoryStore
    witnesses: list[WitnessAt]
    authorities: list[AuthorityAt]
    programs: list[OpensslAuthority]
    clock: FixedClock

    def archive(self, **changes: object) -> Archive:
        """Return the archive as its own home has it open; the settings may differ."""
        own = open_archive(self.store, self.folder / "home", seed=str(len(self.store._objects)))
        anchoring = Anchoring(
            operator="City",
            quorum=2,
            witnesses=tuple(self.witnesses),
            authorities=tuple(self.authorities),
            outside=HttpOutside(SystemClock()),
        )
        anchoring = replace(anchoring, **changes)  # type: ignore[arg-type]  # as asked
        return replace(own, anchoring=anchoring, clock=self.clock)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Everybody at work; the clock stands at the real time, as authorities have no other."""
    store = founded(tmp_path / "home")
    programs = [OpensslAuthority(tmp_path / "a1", days=30), OpensslAuthority(tmp_path / "a2")]
    with ExitStack() as stack:
        witnesses = [
            stack.enter_context(
                witness_at(tmp_path / f"w{n}", KEYS, f"witness.example/w{n}", "County")
            )
            for n in (1, 2)
        ]
        authorities = [stack.enter_context(programs[0].at())]
        clock = FixedClock(datetime.now(UTC), timedelta(microseconds=1))
        made = Scene(tmp_path, store, witnesses, authorities, programs, clock)
        archive = made.archive()
        take_in(archive, 3)
        seal_one(archive, 1)
        yield made


def codes(archive: Archive, policy: bytes | None = None) -> list[tuple[str, str]]:
    """Return code and place of every finding, but for the exchanges kept for later."""
    found = verify(archive, Quiet(), deep=False, policy=policy).findings
    return [(one.code, one.where) for one in found if one.code != "exchange-unsettled"]


def kinds(archive: Archive) -> list[str]:
    """Return the kinds of all anchors, in order."""
    return [one.kind for one in anchors_of(read_state(archive).controls)]


def test_a_head_is_anchored_once(scene: Scene) -> None:
    """One run has the head cosigned and stamped; the next has nothing to do, or to ask."""
    archive = scene.archive()
    size = read_state(archive).size
    report = anchor(archive)
    assert (report.size, report.cosignatures, report.timestamps) == (size, 4, 1)
    assert report.quorum
    assert kinds(archive) == ["cosigned", "timestamp"]
    assert read_state(archive).size == size + 2
    again = anchor(scene.archive())
    assert (again.cosignatures, again.timestamps, again.asked) == (0, 0, [])
    assert read_state(archive).size == size + 2
    assert codes(scene.archive()) == []
    checked = verify(scene.archive(), Quiet(), deep=True)
    assert (checked.cosigned, checked.timestamps, checked.witnesses) == (size, 1, 2)


def test_growth_is_anchored_again(scene: Scene) -> None:
    """After more records the next run proves to each witness that the log only grew."""
    for number in (2, 3):
        anchor(scene.archive())
        seal_one(scene.archive(), number)
    assert codes(scene.archive()) == [("anchor-quorum", ANCHORS)]
    report = anchor(scene.archive())
    assert (report.cosignatures, report.timestamps) == (4, 1)
    assert codes(scene.archive()) == []


def test_one_witness_is_silent(scene: Scene) -> None:
    """What others gave is kept; the quorum is missed, said, and made up for later."""
    dead = replace(scene.witnesses[1], url="http://127.0.0.1:9/")
    here = scene.archive(witnesses=(scene.witnesses[0], dead))
    report = anchor(here)
    assert (report.cosignatures, report.timestamps, report.quorum) == (2, 1, False)
    assert [one.error.code for one in report.asked if one.error] == ["capture-transient"]
    assert ("anchor-quorum", ANCHORS) in codes(here)
    again = anchor(here)
    assert (again.cosignatures, again.timestamps) == (0, 0)
    late = anchor(scene.archive())
    assert (late.cosignatures, late.quorum) == (4, True)
    assert codes(scene.archive()) == []


def test_what_was_given_is_enough_or_not(scene: Scene) -> None:
    """Silence matters where it cost the quorum or every time-stamp; a refusal does in any case."""
    dead = replace(scene.witnesses[1], url="http://127.0.0.1:9/")
    mute = replace(scene.authorities[0], url="http://127.0.0.1:9/")
    witnesses = (scene.witnesses[0], dead)
    with pytest.raises(TransientError):
        anchor(scene.archive(witnesses=witnesses)).demand()
    seal_one(scene.archive(), 2)
    authorities = (mute, *scene.authorities)
    report = anchor(scene.archive(witnesses=witnesses, authorities=authorities, quorum=1))
    assert [bool(one.error) for one in report.asked] == [False, True, True, False]
    report.demand()
    seal_one(scene.archive(), 3)
    with pytest.raises(TransientError):
        anchor(scene.archive(witnesses=witnesses, authorities=(mute,), quorum=1)).demand()
    with witness_at(scene.folder / "w9", [OTHER_LOG], "witness.example/w9") as stranger:
        report = anchor(scene.archive(witnesses=(stranger, *scene.witnesses)))
    assert report.quorum
    with pytest.raises(RefusedError, match="404"):
        report.demand()


def test_a_clock_that_was_set_wrong(scene: Scene) -> None:
    """A cosignature whose time is far from ours counts, and the difference is said."""
    scene.clock.sleep(-300 * 86_400)
    here = scene.archive(authorities=())
    report = anchor(here)
    assert (report.cosignatures, report.quorum) == (4, True)
    assert [one.error and one.error.code for one in report.asked] == ["anchor-clock"] * 2
    with pytest.raises(IntegrityError, match="its clock says"):
        report.demand()
    assert anchor(here).asked == []


def test_everybody_is_silent(scene: Scene) -> None:
    """Where nobody gives anything, the log does not grow."""
    scene.programs[0].broken = True
    before = read_state(scene.archive()).size
    report = anchor(scene.archive(witnesses=(), quorum=0))
    assert [(one.service, bool(one.error)) for one in report.asked] == [("authority", True)]
    assert read_state(scene.archive()).size == before


def test_a_witness_with_another_key(scene: Scene) -> None:
    """A cosignature by a key that is not pinned counts for nothing."""
    (first, second) = scene.witnesses
    here = scene.archive(witnesses=(replace(first, keys=second.keys),), quorum=1)
    report = anchor(here)
    assert (report.cosignatures, report.quorum) == (0, False)
    assert codes(here) == [("anchor-quorum", ANCHORS)]


def test_nobody_is_configured(scene: Scene) -> None:
    """Without anybody to ask it says so."""
    with pytest.raises(UsageError):
        anchor(scene.archive(witnesses=(), authorities=()))


@pytest.mark.parametrize("spoil", ["gone", "flipped", "other"])
def test_every_spoilt_file_is_named(scene: Scene, spoil: str) -> None:
    """A file of evidence that is missing, changed or another one is named."""
    archive = scene.archive()
    anchor(archive)
    seal_one(archive, 2)
    anchor(scene.archive())
    found = anchors_of(read_state(archive).controls)
    files = {one.file: scene.store.get(anchor_key(one.file)) for one in found}
    for one in found:
        key = anchor_key(one.file)
        data = files[one.file]
        scene.store.delete(key)
        if spoil == "flipped":
            scene.store.create(key, data[:-1] + bytes([data[-1] ^ 1]))
        if spoil == "other":
            scene.store.create(key, next(x for x in files.values() if x != data))
        expected = "anchor-missing" if spoil == "gone" else "anchor-changed"
        assert codes(scene.archive()) == [(expected, key)]
        scene.store.delete(key)
        scene.store.create(key, data)
    assert codes(scene.archive()) == []


def test_an_unknown_file_among_the_evidence(scene: Scene) -> None:
    """A file that no entry names does not belong there."""
    anchor(scene.archive())
    key = anchor_key("01KACDG6Z0C1VJ5RCH1VE0S1KZ")
    scene.store.create(key, b"x")
    assert codes(scene.archive()) == [("object-unknown", key)]


def test_a_time_stamp_is_renewed_before_it_ends(scene: Scene) -> None:
    """Renewed by another authority in time, old evidence stands after its own certificate."""
    anchor(scene.archive())
    with scene.programs[1].at() as second:
        here = scene.archive(authorities=(replace(scene.authorities[0], url=""), second))
        assert anchor(here, renew=True).renewed == 2  # 30 days left, margin 90
        assert anchor(here, renew=True).renewed == 0
        scene.clock.sleep(40 * 86_400)
        assert codes(here) == []


def test_a_time_stamp_that_was_not_renewed(scene: Scene) -> None:
    """After its certificate's end a time-stamp proves nothing, and verification says so."""
    anchor(scene.archive())
    scene.clock.sleep(40 * 86_400)
    stamp = anchors_of(read_state(scene.archive()).controls)[-1]
    assert codes(scene.archive()) == [("anchor-expired", anchor_key(stamp.file))]
    assert anchor(scene.archive(), renew=True).renewed == 0


def test_a_second_hash_binds_without_sha_256(scene: Scene) -> None:
    """After --rehash every entry and file is under SHA-512 and a time-stamp, with all before."""
    anchor(scene.archive())
    report = anchor(scene.archive(), rehash=True)
    assert report.renewed == 2
    assert kinds(scene.archive()) == ["cosigned", "timestamp", "rehash", "timestamp"]
    last = anchors_of(read_state(scene.archive()).controls)[-1]
    assert len(last.of) == 3
    assert codes(scene.archive()) == []


def test_the_homes_policy_counts_before_the_settings(scene: Scene) -> None:
    """A policy file says which keys must have cosigned, whoever is asked."""
    anchor(scene.archive())
    key = scene.witnesses[0].keys[1]
    good = f"log {KEYS[0]}\nwitness one {key}\nquorum one\n"
    here = scene.archive()
    here.home.write(POLICY, good.encode())
    assert codes(here) == []
    other = keys_of(scene.folder / "w9", "witness.example/w9", KEYS)[0]
    stranger = f"witness nine {other}\nquorum nine\n"
    assert codes(here, stranger.encode()) == [("anchor-quorum", ANCHORS)]


def test_the_log_of_a_policy(scene: Scene) -> None:
    """A policy that names another log's key does not trust this one."""
    policy = f"log {OTHER_LOG}\nquorum none\n"
    assert codes(scene.archive(), policy.encode()) == [("checkpoint-bad", CHECKPOINT)]


@pytest.mark.parametrize("kill", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_a_crash_at_every_write(scene: Scene, kill: Fault) -> None:
    """Killed at any write to the store, the next run finishes, and nothing is left behind."""
    scene.witnesses = scene.witnesses[:1]
    store, folder, number = scene.store, scene.folder, 0
    only = {"authorities": (), "quorum": 1}
    while number >= 0:
        scene.folder = folder / f"crash{number}"
        scene.store = copy_of(store, folder / "home", scene.folder / "home")
        scene.store.faults = KillAt(number, kill)
        try:
            anchor(scene.archive(**only))
        except Killed:
            anchor(scene.archive(**only))
            number += 1
        else:
            assert number > 10
            number = -1
        assert codes(scene.archive(**only)) == []
        assert kinds(scene.archive(**only)) == ["cosigned"]


class KillAt:
    """Kills whoever comes to the write of that number, once."""

    def __init__(self, number: int, kill: Fault) -> None:
        self._left, self._kill = number, kill

    def __call__(self, op: str, key: str) -> Fault | None:
        """Count writes."""
        del key
        if op not in {"create", "swap", "delete"}:
            return None
        self._left -= 1
        return self._kill if self._left == -1 else None


class Elsewhere(HttpOutside):
    """As if witnesses were on other hosts: which this machine's addresses are not."""

    def shares_host(self, url: str, others: object) -> bool:
        """Nobody does."""
        del url, others
        return False


def witness_check(archive: Archive) -> tuple[bool, str]:
    """Return what `doctor` says of witnesses."""
    (found,) = [one for one in examine(archive) if "witness" in one.name]
    return found.held, found.detail


def test_doctor_believes_no_witness_that_has_not_cosigned(scene: Scene) -> None:
    """On one host, by one operator, or silent: no independent witness, whatever is configured."""
    assert "2 configured, none of another" in witness_check(scene.archive())[1]
    apart = {"outside": Elsewhere(SystemClock())}
    held, detail = witness_check(scene.archive(**apart))
    assert (held, "none shows that it has cosigned" in detail) == (False, True)
    anchor(scene.archive())
    assert witness_check(scene.archive(**apart)) == (
        True,
        ", ".join(f"County at {one.url}" for one in scene.witnesses),
    )
    assert not witness_check(scene.archive(**apart, operator="county"))[0]
    assert not witness_check(scene.archive())[0]
    dead = tuple(replace(one, url="http://127.0.0.1:9/") for one in scene.witnesses)
    assert not witness_check(scene.archive(**apart, witnesses=dead))[0]


def test_whose_witness_is_independent(scene: Scene) -> None:
    """A witness counts as independent with another named operator on another host."""
    here = scene.archive().anchoring
    assert independent(here) == []  # all on this machine
    apart = replace(here, outside=Elsewhere(SystemClock()))
    assert len(independent(apart)) == 2
    assert independent(replace(apart, operator="")) == []
    assert independent(replace(apart, operator=" county ")) == []
    two = tuple(replace(one, operator="Two  Rivers COUNTY") for one in here.witnesses)
    assert independent(replace(apart, operator="Two Rivers County", witnesses=two)) == []
    unnamed = tuple(replace(one, operator="") for one in here.witnesses)
    assert independent(replace(apart, witnesses=unnamed)) == []
    assert independent(replace(apart, outside=None)) == []


def test_cosigned_notes_are_checkpoints_to_everybody(scene: Scene) -> None:
    """Who knows nothing of witnesses reads a cosigned note as the checkpoint it is."""
    anchor(scene.archive())
    first = anchors_of(read_state(scene.archive()).controls)[0]
    note = scene.store.get(anchor_key(first.file))
    assert open_checkpoint(note, KEYS).size == first.size
