"""An order on a copy that real Object Lock keeps: nobody is early, nobody is told more than is so.

The archive lives ninety days ago, so that the locks it sets, 90 days ahead as always, end by the
store's clock a moment from now. Nothing of what locks and destroys is changed for it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Any, cast

import pytest

from archiver.edges.s3 import S3Store
from archiver.flows.deciding import seal_drafts
from archiver.flows.executing import execute
from archiver.flows.extraordinary import removal
from archiver.flows.ledger import read_state
from archiver.flows.locks import DAYS, roll
from archiver.flows.replicate import Copy, replicate
from archiver.flows.verify import verify
from archiver.flows.verify_compacted import verify_compacted
from archiver.flows.verify_inventory import keys_of
from archiver.formats.parquet import canonical_time
from archiver.ledger.seal import INTAKE
from archiver.ledger.whereabouts import whereabouts
from tests.attacks.needles import Dead, found, opened
from tests.doubles import FixedClock
from tests.edges.store_helpers import s3_client
from tests.flows import helpers
from tests.flows.board import LANE, Board, Posted, asked
from tests.flows.hall import Hall
from tests.flows.helpers import Quiet
from tests.flows.test_occurrences import posts
from tests.flows.test_orders import state_of, vouched
from tests.flows.test_purge import with_board
from tests.flows.test_replicate import copied

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from archiver.flows.archive import Archive
    from archiver.flows.executing import Executed
    from tests.real.ceph.server import Ceph

pytestmark = [pytest.mark.real, pytest.mark.more]

BUCKET, PREFIX = f"vault-{token_hex(6)}", "city/"
LOCKED = timedelta(seconds=45)
"""How long what goes is locked from when the locks are rolled: longer than all that is refused."""


@dataclass
class Vault:
    """A hall whose archive has one copy, in a bucket of Ceph under COMPLIANCE locks."""

    hall: Hall
    client: S3Client
    store: S3Store

    def rolled(self) -> datetime:
        """Move all locks on; return the first end of those that roll."""
        here, there = roll(self.hall.archive, Quiet())
        there.demand()
        assert (here.objects, here.whole) == (0, True)
        assert there.end is not None
        return there.end

    def until_from(self, end: datetime) -> None:
        """Set the archive's clock so that a lock of `DAYS` from now ends then."""
        clock = self.hall.archive.clock
        clock.sleep((end - timedelta(days=DAYS) - clock.now()).total_seconds())

    def end_of(self, key: str) -> datetime:
        """Return the end of an object's lock, by the store."""
        told = self.client.head_object(Bucket=BUCKET, Key=PREFIX + key)
        assert told["ObjectLockMode"] == "COMPLIANCE"
        return told["ObjectLockRetainUntilDate"]

    def versions(self, kind: str = "Versions") -> list[tuple[str, str]]:
        """Return key and version of all that the bucket has, or of all ``DeleteMarkers``."""
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
        every = [one for page in pages for one in cast("dict[str, Any]", page).get(kind, ())]
        return [(one["Key"].removeprefix(PREFIX), one["VersionId"]) for one in every]

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of every version in the bucket, and all that they open to."""
        for key, version in self.versions():
            told = self.client.get_object(Bucket=BUCKET, Key=PREFIX + key, VersionId=version)
            yield from opened(self.hall.archive, {key: told["Body"].read()})

    def executed(self, name: str) -> Executed:
        """Do of an order what can be done now, as somebody who purges."""
        return execute(self.hall.archive, name, self.hall.of("purger"), Quiet())


@pytest.fixture
def vault(ceph: Ceph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """Four posts, a copy of them, and people with roles; months before the store's today."""
    long_ago = datetime.now(UTC) - timedelta(days=DAYS + 30)
    monkeypatch.setattr(helpers, "FixedClock", partial(FixedClock, long_ago))
    identity = replace(helpers.IDENTITY, created=canonical_time(long_ago))
    monkeypatch.setattr(helpers, "IDENTITY", identity)
    hall = with_board(Hall.made(tmp_path / "first"), tmp_path / "city", monkeypatch)
    Posted(hall.archive, Board()).take(
        asked("posts 1 canary-one\nposts 2 two\n"),
        asked("posts 1 canary-one\n"),
        asked("posts 3 three\n"),
    )
    with s3_client(ceph.url) as client:
        client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        store = S3Store(BUCKET, PREFIX, client, locks="compliance")
        copy = Copy("vault", "", copied(hall.archive, store, tmp_path).archive)  # type: ignore[arg-type]  # any store
        hall.archive = replace(hall.archive, copies=lambda: [copy])
        yield Vault(hall, client, store)


def removed_by_court(hall: Hall) -> str:
    """Return an order on the first post that may begin: it goes by no schedule."""
    told = {"authority": "Court", "reason": "", "copy_sha256": ""}
    made = removal(hall.archive, posts("1"), "court-order", told, hall.of("clerk"), Quiet())
    seal_drafts(hall.archive, [made.signed(hall.keys("counsel", "anna", "bert"))])
    hall.later(4)
    vouched(hall.archive)
    return str(made.act.statement["order"])


def canary() -> Dead:
    """Return the word of the first post, in all spellings."""
    dead = Dead()
    dead.word("canary-one")
    return dead


def refused_by_the_store(vault: Vault, keys: set[str]) -> None:
    """Assert that nobody, with whatever right, removes a version of some files yet."""
    versions = [one for one in vault.versions() if one[0] in keys]
    assert {key for key, _ in versions} == keys
    for key, version in versions:
        for bypass in (True, False):
            with pytest.raises(vault.client.exceptions.ClientError, match="AccessDenied"):
                vault.client.delete_object(
                    Bucket=BUCKET,
                    Key=PREFIX + key,
                    VersionId=version,
                    BypassGovernanceRetention=bypass,
                )
    assert all(vault.store.erase(key) for key in keys)
    assert {key for key, _ in vault.versions()} >= keys


def files_of(archive: Archive, going: set[str]) -> set[str]:
    """Return the keys of all files of the board's exchanges, and of what goes."""
    live = read_state(archive).segments()
    own = [one for one in live if one.lane == LANE or keys_of([one]) & going]
    assert any(one.stage == INTAKE for one in own)
    return keys_of(own)


def told_as_locked(vault: Vault, name: str) -> None:
    """Carry an order on as far as it goes; assert that nobody says of the copy that it is gone."""
    hall = vault.hall
    assert vault.executed(name).purged.split == 3
    assert verify_compacted(hall.archive, hall.of("vera"), Quiet()).findings == []
    early = vault.executed(name)
    assert early.purged.erased is not None
    here, there = early.purged.erased.copies
    assert (here.locked, there.name, early.state, early.saved) == (0, "vault", "under-way", 0)
    assert there.locked > 0
    assert list(state_of(hall, name).gone) == [here.handle]


def test_an_order_waits_for_the_locks_of_a_copy(vault: Vault) -> None:
    """Refused by the store, told as locked and not done; once the locks are over all of it goes."""
    hall = vault.hall
    archive = hall.archive
    name = removed_by_court(hall)
    assert all(one.whole for one in replicate(archive, archive.copies(), Quiet()))
    going = set(whereabouts(read_state(archive), state_of(hall, name).leaves).keys)
    vault.until_from(datetime.now(UTC) + LOCKED)
    end = vault.rolled()
    assert end <= datetime.now(UTC) + LOCKED
    refused_by_the_store(vault, files_of(archive, going))
    assert found(canary(), vault.everything())
    told_as_locked(vault, name)
    assert datetime.now(UTC) < end, "too slow to tell"
    assert {key for key, _ in vault.versions()} >= going

    vault.until_from(datetime.now(UTC) + timedelta(days=8))
    assert vault.rolled() > end + timedelta(days=7)
    assert all(vault.end_of(key) <= end for key in going), "no lock of what goes is moved on"
    time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds()) + 2)
    assert vault.executed(name).state == "done"
    assert found(canary(), vault.everything()) == {}
    left = [*vault.versions(), *vault.versions("DeleteMarkers")]
    assert going.isdisjoint(key for key, _ in left)
    for one in (archive, archive.copies()[0].archive):
        assert verify(one, Quiet(), deep=True).findings == []
