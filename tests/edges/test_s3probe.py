"""What the doctor tells of a bucket: a store that lies about its locks is found out.

moto takes locks and lets them be shortened and downgraded, and takes wrong digests: just
the store to be found out. That a truthful one passes is tested on Ceph (`tests.real`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from moto.s3 import models

from archiver.edges import s3locks
from archiver.edges.s3 import S3Store
from archiver.errors import MissingObjectError, StoreError
from tests.edges.store_helpers import BUCKET, Meddler, hook, moto_endpoint, s3_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

    from archiver.ports import Check

LOCKED = "city-archive-locked"
LOCKS = [
    "lock-kept",
    "lock-no-delete",
    "lock-no-shorten",
    "lock-no-downgrade",
    "lock-extends",
    "legal-hold",
    "lock-lapses",
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 server with two buckets, one with Object Lock."""
    with moto_endpoint() as address, s3_client(address) as client:
        client.create_bucket(Bucket=BUCKET)
        client.create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
        yield address


class Clock:
    """The clock that moto judges locks by, in this process. Nobody really waits for a lock."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the time without its zone, as moto has it."""
        return datetime.now(UTC).replace(tzinfo=None) + self.ahead

    def pause(self, seconds: float) -> None:
        """Let a thousand times as long pass at once."""
        self.ahead += timedelta(seconds=1000 * seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Locks of ten minutes, so that no slow machine lets one lapse, and a clock to skip them."""
    made = Clock()
    monkeypatch.setattr(models, "utcnow", made.now)
    monkeypatch.setattr(s3locks, "SECONDS", 600)
    return made


@pytest.fixture
def client(endpoint: str) -> Iterator[S3Client]:
    """A client that does not try again by itself."""
    with s3_client(endpoint, attempts=1) as client:
        yield client


def versions(client: S3Client, bucket: str) -> list[Any]:
    """Return all versions and delete markers in a bucket."""
    found = client.list_object_versions(Bucket=bucket)
    return [*found.get("Versions", []), *found.get("DeleteMarkers", [])]


def test_erasing_takes_every_version_unless_it_is_locked(client: S3Client, clock: Clock) -> None:
    """Older versions and markers go as well; under a lock the object stays as it is."""
    store = S3Store(LOCKED, "city/erased/", client)
    for data in (b"one", b"two"):
        store.swap("u/a.idx", data, getattr(store.load("u/a.idx"), "version", None))
    store.create("u/a.idx.c256", b"another, whose key begins alike")
    store.delete("u/a.idx")
    assert not store.erase("u/a.idx")
    assert [one.key for one in store.versions()] == []
    assert [one.key for one in store.list("")] == ["u/a.idx.c256"]
    until = datetime.now(UTC) + timedelta(days=1)
    client.put_object_retention(
        Bucket=LOCKED,
        Key="city/erased/u/a.idx.c256",
        Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
    )
    assert store.erase("u/a.idx.c256")
    assert store.get("u/a.idx.c256") == b"another, whose key begins alike"
    assert list(store.versions()) == []
    clock.ahead = timedelta(days=2)
    assert not store.erase("u/a.idx.c256")
    assert not store.erase("u/a.idx.c256")
    assert list(store.list("")) == []


def end_of(client: S3Client, key: str) -> datetime:
    """Return the end of the lock on an object."""
    return client.head_object(Bucket=LOCKED, Key=key)["ObjectLockRetainUntilDate"]


def test_locks_are_set_extended_and_never_shortened(client: S3Client) -> None:
    """A lock that has most of its time left is not asked for again; a weaker one is replaced."""
    now = datetime.now(UTC).replace(microsecond=0)
    store = S3Store(LOCKED, "rolling/", client, locks="compliance")
    store.create("u/file", b"minutes")
    for days, end in ((90, 90), (91, 90), (80, 90), (98, 98)):
        found = store.lock("u/file", now + timedelta(days=days), held=None)
        assert found == end_of(client, "rolling/u/file") == now + timedelta(days=end)
    assert store.erase("u/file")
    weaker = S3Store(LOCKED, "weak/", client, locks="governance")
    weaker.create("u/file", b"minutes")
    weaker.lock("u/file", now + timedelta(days=90), held=None)
    S3Store(LOCKED, "weak/", client, locks="compliance").lock(
        "u/file", now + timedelta(days=90), held=False
    )
    assert client.head_object(Bucket=LOCKED, Key="weak/u/file")["ObjectLockMode"] == "COMPLIANCE"


def test_a_hold_is_set_and_released(client: S3Client) -> None:
    """Beside a lock that stays as it is; what is held and what not is asked of the store."""
    until = datetime.now(UTC) + timedelta(days=90)
    store = S3Store(LOCKED, "held/", client, locks="governance")
    store.create("u/file", b"minutes")
    for held in (False, True, True, None, False):
        before = client.head_object(Bucket=LOCKED, Key="held/u/file")
        store.lock("u/file", until, held=held)
        found = client.head_object(Bucket=LOCKED, Key="held/u/file")
        was = before.get("ObjectLockLegalHoldStatus") == "ON"
        assert (found.get("ObjectLockLegalHoldStatus") == "ON") is (was if held is None else held)


def test_a_store_that_can_not_lock_says_so(client: S3Client) -> None:
    """Without Object Lock, without the object, or where a lock is taken and not shown."""
    until = datetime.now(UTC) + timedelta(days=90)
    plain = S3Store(BUCKET, "plain/", client, locks="governance")
    plain.create("u/file", b"minutes")
    with pytest.raises(StoreError):
        plain.lock("u/file", until, held=None)
    store = S3Store(LOCKED, "none/", client, locks="governance")
    with pytest.raises(MissingObjectError):
        store.lock("u/file", until, held=None)
    assert S3Store(LOCKED, "none/", client).lock("u/file", until, held=None) is None


def examined(client: S3Client, bucket: str, clock: Clock) -> dict[str, Check]:
    """Return what the doctor tells of a bucket, which is in use and stays as it was."""
    store = S3Store(bucket, "city/", client, pause=clock.pause)
    if store.load("log/head") is None:
        store.swap("log/head", b"first", None)
        client.put_object(Bucket=bucket, Key="beside/.probe/another", Body=b"x")
    before = versions(client, bucket)
    checks = {check.name: check for check in store.preflight()}
    assert versions(client, bucket) == before
    return checks


def test_a_store_that_lies_about_its_locks_is_found_out(client: S3Client, clock: Clock) -> None:
    """Moto keeps a lock against deletion, but lets it be shortened and downgraded."""
    checks = examined(client, LOCKED, clock)
    lies = [name for name in LOCKS if not checks[name].held]
    assert lies == ["lock-no-shorten", "lock-no-downgrade"]
    assert all(checks[name].needed and checks[name].offered for name in lies)
    assert "a lock was shortened" in checks["lock-no-shorten"].detail
    immutable = checks["immutability"]
    assert not immutable.held
    assert "not claimed: this store does not keep lock-no-shorten" in immutable.detail
    assert checks["versions-kept"].held


def test_a_store_that_takes_wrong_digests_is_found_out(client: S3Client, clock: Clock) -> None:
    """Moto compares no digest, so what changed on its way is found by reading it back."""
    checks = examined(client, BUCKET, clock)
    assert not checks["md5-checked"].held
    assert not checks["sha256-checked"].held
    assert checks["damage-found"].held


def test_a_bucket_without_locks_promises_none(client: S3Client, clock: Clock) -> None:
    """What is not offered is no failure, and immutability is not claimed."""
    checks = examined(client, BUCKET, clock)
    for name in (*LOCKS, "versions-kept", "immutability"):
        assert (checks[name].held, checks[name].offered, checks[name].needed) == (False,) * 3
    assert "immutability is not claimed" in checks["immutability"].detail


def test_a_store_that_drops_locks_silently_is_found_out(client: S3Client, clock: Clock) -> None:
    """A store that takes lock headers and forgets them, as simple ones do."""

    def drop(request: AWSPreparedRequest, **_: object) -> None:
        for name in [name for name in request.headers if "object-lock" in name.lower()]:
            del request.headers[name]

    hook(client, "before-send.s3.PutObject", drop)
    checks = examined(client, LOCKED, clock)
    assert "does not show it" in checks["lock-kept"].detail
    assert "a locked version was deleted" in checks["lock-no-delete"].detail
    assert all(checks[name].needed for name in ("lock-kept", "lock-no-delete"))
    assert "lock-kept" in checks["immutability"].detail


def test_a_role_that_may_delete_nothing_proves_no_lock(client: S3Client, clock: Clock) -> None:
    """A refusal for want of a permission is not taken for a lock's."""
    store = S3Store(LOCKED, "role/", client, pause=clock.pause)
    Meddler(client, "DeleteObject", *[(403, "AccessDenied")] * 999)
    checks = {check.name: check for check in store.preflight()}
    assert checks["lock-no-delete"].held
    assert "explain earlier refusals" in checks["lock-lapses"].detail
    assert "lock-lapses" in checks["immutability"].detail
    assert "AccessDenied" in checks["versions-removed"].detail


def test_a_store_too_slow_for_its_locks_proves_nothing(client: S3Client, clock: Clock) -> None:
    """Where a lock may have lapsed before the answer came, the row says so."""

    def late(parsed: dict[str, Any], **_: object) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = "Fri, 01 Jan 2100 00:00:00 GMT"

    hook(client, "after-call.s3.HeadObject", late)
    checks = examined(client, LOCKED, clock)
    assert not checks["lock-no-delete"].held
    assert "too slowly" in checks["lock-no-delete"].detail


def test_damage_that_nobody_notices_is_a_failure(client: S3Client, clock: Clock) -> None:
    """A store that answers with the digest it was told, whatever it keeps."""

    def flatter(parsed: dict[str, Any], **_: object) -> None:
        parsed["ETag"] = '"6e3adf11e370ecdf4eb872c6f157c4a9"'

    hook(client, "after-call.s3.PutObject", flatter)
    store = S3Store(BUCKET, "flattered/", client, pause=clock.pause)
    checks = {check.name: check for check in store.preflight()}
    assert not checks["damage-found"].held
    assert checks["damage-found"].needed
    assert "keep no archive here" in checks["damage-found"].detail
