"""The archive on a real S3 server, Ceph's gateway: what moto is trusted to tell of S3 holds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.edges.s3 import S3Store
from tests.edges.store_helpers import REAL_SERVER, s3_client
from tests.edges.test_s3probe import LOCKS

if TYPE_CHECKING:
    from archiver.ports import Check
    from tests.real.ceph.server import Ceph

pytestmark = [pytest.mark.real, pytest.mark.more]

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("tests", "chosen", "marked"),
    [
        pytest.param("tests/edges/test_stores.py", "s3", "not soak", id="the contract of a store"),
        pytest.param("tests/edges/test_s3keys.py", "", "not soak", id="a key store"),
        pytest.param("tests/chaos/test_s3.py", "", "not soak", id="captures that are killed"),
        pytest.param("tests/chaos/test_s3.py", "eight", "soak", id="eight processes at once"),
    ],
)
def test_what_holds_on_a_double_holds_on_ceph(
    ceph: Ceph, tests: str, chosen: str, marked: str
) -> None:
    """The very tests that speak to moto pass when they speak to a real server."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", tests, "-k", chosen, "-m", marked, "-q"],
        cwd=_ROOT,
        env={**os.environ, REAL_SERVER: ceph.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout


def examined(ceph: Ceph, bucket: str, *, locking: bool, default_days: int = 0) -> dict[str, Check]:
    """Return what the doctor tells of a new bucket, in which nothing else changes."""
    with s3_client(ceph.url) as client:
        client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=locking)
        if default_days:
            rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": default_days}}
            client.put_object_lock_configuration(
                Bucket=bucket,
                ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},  # type: ignore[typeddict-item]  # of the very form
            )
        client.put_object(Bucket=bucket, Key="city/log/head", Body=b"in use")
        checks = {check.name: check for check in S3Store(bucket, "city/", client).preflight()}
        found = client.list_object_versions(Bucket=bucket)
        left = [*found["Versions"], *found.get("DeleteMarkers", [])]
        others = [one["Key"] for one in left if "/.probe/" not in one["Key"]]
        assert others == ["city/log/head"]
        assert checks["versions-removed"].held is (len(left) == 1)
        return checks


def test_a_plain_bucket_is_fit_for_an_archive(ceph: Ceph) -> None:
    """All that is needed holds; what Ceph does otherwise than AWS is told; no lock is claimed."""
    checks = examined(ceph, "plain", locking=False)
    assert [name for name, check in checks.items() if check.needed and not check.held] == []
    assert checks["md5-checked"].held
    assert checks["versions-removed"].held
    assert "only without quotes" in checks["etag-spelling"].detail
    assert not checks["sha256-checked"].held
    assert not any(checks[name].offered for name in (*LOCKS, "immutability"))


def test_locks_of_ceph_hold_and_conditions_beside_them_do_not(ceph: Ceph) -> None:
    """Ceph 16 enforces every lock, and drops all conditions where it keeps versions: told."""
    checks = examined(ceph, "locked", locking=True)
    assert [name for name in LOCKS if not checks[name].held] == []
    assert checks["versions-kept"].held
    assert checks["versions-removed"].held
    failed = {name for name, check in checks.items() if check.needed and not check.held}
    assert failed == {"create-once", "create-race", "swap-current", "swap-stale", "swap-race"}
    assert "the bucket locks nothing by itself" in checks["immutability"].detail


def test_immutability_is_claimed_where_every_version_is_locked(ceph: Ceph) -> None:
    """A default lock of COMPLIANCE in a store that keeps its locks; scratch versions stay."""
    checks = examined(ceph, "default", locking=True, default_days=1)
    assert checks["immutability"].held
    assert not checks["versions-removed"].held


def test_locks_of_an_archive_hold_and_lapse_on_ceph(ceph: Ceph) -> None:
    """What we lock the store itself keeps, for who may pass other locks too; then it may go."""
    with s3_client(ceph.url) as client:
        client.create_bucket(Bucket="rolling", ObjectLockEnabledForBucket=True)
        store = S3Store("rolling", "city/", client, locks="compliance")
        store.create("u/file", b"minutes")
        until = datetime.now(UTC) + timedelta(seconds=20)
        first = store.lock("u/file", until, held=None)
        later = store.lock("u/file", until + timedelta(days=8, seconds=1), held=None)
        assert first is not None
        assert later is not None
        assert later > first
        store.create("u/brief", b"gone soon")
        end = store.lock("u/brief", datetime.now(UTC) + timedelta(seconds=15), held=None)
        assert end is not None
        version = client.head_object(Bucket="rolling", Key="city/u/brief")["VersionId"]
        for bypass in (True, False):
            with pytest.raises(client.exceptions.ClientError):
                client.delete_object(
                    Bucket="rolling",
                    Key="city/u/brief",
                    VersionId=version,
                    BypassGovernanceRetention=bypass,
                )
        assert store.erase("u/file")
        time.sleep(max(0, (end - datetime.now(UTC)).total_seconds()) + 2)
        assert store.erase("u/brief") == ()
        assert store.erase("u/file")
