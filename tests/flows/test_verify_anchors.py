"""Evidence of outsiders beside other damage: each is named once, and nothing old is read again."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha512
from typing import TYPE_CHECKING

import pytest

from archiver.edges.home import LocalHome
from archiver.edges.memory import MemoryStore
from archiver.flows.anchoring import POLICY
from archiver.flows.verify import verify
from archiver.layout import ANCHORS, CHECKPOINT, HEAD, anchor_key
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.rehash import Rehash, sha512_root
from tests.audit.damage import ULID, first, flip, key_of, small
from tests.audit.forge import body, entries_of, put, relog
from tests.audit.outside import cosigned, entry_of, policy
from tests.flows.helpers import IDENTITY, ORIGIN, Quiet, codes
from tests.flows.test_verify_since import Reads
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.flows.archive import Archive

NOTE = anchor_key(ULID)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive all of which the witness has cosigned, as the home's policy demands."""
    made = small(tmp_path / "home")
    made.home.write(POLICY, policy(quorum="w0"))
    note = cosigned(made.store.get(CHECKPOINT))
    put(made, NOTE, note)
    size = open_checkpoint(note, IDENTITY.keys).size
    relog(made, [*entries_of(made), entry_of("cosigned", size, ULID, note)])
    assert codes(made) == []
    return made


def hashed_again(archive: Archive, changed: str = "") -> None:
    """Have a second hash over all files; of ``changed`` it says another."""
    entries = entries_of(archive)
    files = {one.key: archive.store.get(one.key) for one in archive.store.list("u/")}
    files |= {changed: b"other bytes"} if changed else {}
    hashes = {key: sha512(data).hexdigest() for key, data in files.items()}
    data = Rehash(IDENTITY.origin, len(entries), sha512_root(entries), hashes).encode()
    name = ULID[:-1] + "R"
    put(archive, anchor_key(name), data)
    relog(archive, [*entries, entry_of("rehash", len(entries), name, data)])


@pytest.mark.parametrize("more", [-1, 1, 2, 100])
def test_a_cosignature_is_of_its_own_size(archive: Archive, more: int) -> None:
    """An entry that says more entries are under a cosigned note than are makes no quorum."""
    entries, note = entries_of(archive), archive.store.get(NOTE)
    size = open_checkpoint(note, IDENTITY.keys).size
    said = entry_of("cosigned", size + more, ULID, note)
    relog(archive, [*entries[:-1], *([body("gap", leaves=[[1, 2]])] * (more > 1)), said])
    assert ("anchor-false", NOTE) in codes(archive)
    assert verify(archive, Quiet(), deep=False).cosigned < size


def test_a_policy_says_whose_log_it_is(archive: Archive) -> None:
    """A head that the policy's own log key did not sign is named, whoever else signed it."""
    known = f"log {IDENTITY.keys[0]}\n".encode()
    other = f"log {MemorySigner(ORIGIN, 'other').verifier_key}\n".encode()
    for log, found in ((known, []), (other, [("checkpoint-bad", CHECKPOINT)])):
        report = verify(archive, Quiet(), deep=False, policy=log + policy())
        assert [(one.code, one.where) for one in report.findings] == found


def test_a_quorum_that_damage_took_away_is_not_missed(archive: Archive) -> None:
    """The damaged file is named; whether too few cosigned can't be said."""
    flip(archive, NOTE)
    assert codes(archive) == [("anchor-changed", NOTE)]
    archive.store.delete(NOTE)
    assert codes(archive) == [("anchor-missing", NOTE)]


DAMAGE: dict[str, Callable[[Archive], object]] = {
    "log-entries": lambda a: a.store.delete(first(a, "log/tile/entries/")),
    "log-tile": lambda a: a.store.delete(first(a, "log/tile/0/")),
    "checkpoint-missing": lambda a: a.store.delete(CHECKPOINT),
    "checkpoint-bad": lambda a: put(a, CHECKPOINT, b"no checkpoint"),
    "head-missing": lambda a: a.store.delete(HEAD),
}


@pytest.mark.parametrize("code", DAMAGE)
def test_a_damaged_log_is_named_alone(archive: Archive, code: str, tmp_path: Path) -> None:
    """From a home that has seen nothing: no evidence is called unknown, false or missing."""
    other = replace(archive, home=LocalHome(tmp_path / "other"))
    other.home.write(POLICY, f"log {IDENTITY.keys[0]}\n".encode() + policy(quorum="w0"))
    assert codes(other) == []
    fresh = replace(archive, home=LocalHome(tmp_path / "fresh"))
    fresh.home.write(POLICY, f"log {IDENTITY.keys[0]}\n".encode() + policy(quorum="w0"))
    DAMAGE[code](fresh)
    assert {found for found, _ in codes(fresh)} == {code}


def test_a_stamp_over_what_nobody_named(archive: Archive) -> None:
    """A time-stamp is over files of earlier entries; else it is false."""
    data, name = archive.store.get(NOTE), ULID[:-1] + "S"
    put(archive, anchor_key(name), data)
    stranger = [ULID[:-1] + "T"]
    last = len(entries_of(archive))
    stamp = entry_of("timestamp", last, name, data, of=stranger)
    relog(archive, [*entries_of(archive), stamp])
    assert codes(archive) == [("anchor-false", anchor_key(name))]


def test_a_second_hash_names_a_changed_file_once(archive: Archive) -> None:
    """What its first hash has told is not told again; what only the second tells is."""
    hashed_again(archive)
    assert codes(archive) == []
    flip(archive, key := key_of(archive, "parquet"))
    assert codes(archive) == [("object-changed", key)]
    flip(archive, key)
    archive.store.delete(key_of(archive, "idx"))
    assert codes(archive) == [("object-missing", key_of(archive, "idx"))]


def test_a_file_of_which_the_second_hash_says_another(archive: Archive) -> None:
    """As when a first hash can be forged."""
    hashed_again(archive, key_of(archive, "parquet"))
    assert codes(archive) == [("object-changed", key_of(archive, "parquet"))]


def test_an_incremental_run_reads_evidence_and_no_old_file(archive: Archive) -> None:
    """What evidence proves changes with time: it is read; the files of before are not."""
    hashed_again(archive)
    assert isinstance(archive.store, MemoryStore)
    since = open_checkpoint(archive.store.get(CHECKPOINT), IDENTITY.keys)
    archive.store.faults = reads = Reads()
    assert verify(archive, Quiet(), deep=True, since=since).findings == []
    evidence = {one.key for one in archive.store.list(ANCHORS)}
    assert {key for key in reads.keys if key.startswith(("u/", ANCHORS))} == evidence
    flip(archive, NOTE)
    found = verify(archive, Quiet(), deep=True, since=since).findings
    assert [(one.code, one.where) for one in found] == [("anchor-changed", NOTE)]
