"""The key store in an S3 bucket: moto here, a real server where there is one (`tests.real`)."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.edges.bucketkeys import BucketKeyStore
from archiver.edges.chance import SystemRandomness
from archiver.edges.home import LocalHome
from archiver.edges.keks import HomeKeks
from archiver.edges.s3 import S3Store
from archiver.errors import KeyStoreError, UsageError
from archiver.flows import doctor, keys, people
from archiver.flows.drill import drill
from archiver.flows.shredding import shred_due
from archiver.flows.verify import verify
from archiver.settings import Settings
from archiver.wire import (
    create_archive,
    create_person_key,
    create_recipient_keys,
    open_archive,
    recipient_keys,
)
from archiver.wire.keystore import key_store
from tests.edges.store_helpers import ACCESS_KEY, SECRET, moto_endpoint, no_pause, s3_client
from tests.flows.conftest import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

PERIOD = "unscheduled/2026-11/messages"
RUN = secrets.token_hex(4)
PLAIN, VERSIONED, LOCKED = (f"keys-{kind}-{RUN}" for kind in ("plain", "versioned", "locked"))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 server with a bucket that forgets and two that do not."""
    with moto_endpoint() as address, s3_client(address) as client:
        for name in (PLAIN, VERSIONED, LOCKED):
            client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=name == LOCKED)
        client.put_bucket_versioning(
            Bucket=VERSIONED, VersioningConfiguration={"Status": "Enabled"}
        )
        yield address


@pytest.fixture
def client(endpoint: str) -> Iterator[S3Client]:
    """A client."""
    with s3_client(endpoint) as client:
        yield client


def bucket_of(client: S3Client, name: str) -> S3Store:
    """Return a store under a prefix of its own."""
    return S3Store(name, f"{secrets.token_hex(8)}/", client, pause=no_pause)


def keys_in(bucket: S3Store, folder: Path) -> BucketKeyStore:
    """Return the key store of a home in ``folder``."""
    chance = SystemRandomness()
    return BucketKeyStore(bucket, chance, HomeKeks(folder / "keks", chance))


def everything(client: S3Client, bucket: S3Store, name: str) -> list[str]:
    """Return the ids of all versions and markers below a store's prefix."""
    found = client.list_object_versions(Bucket=name, Prefix=bucket.prefix)
    listed = (*found.get("Versions", []), *found.get("DeleteMarkers", []))
    return [one["VersionId"] for one in listed]


def test_keys_are_made_rotated_and_shredded(client: S3Client, tmp_path: Path) -> None:
    """Two homes share a bucket: keys of one open in the other, and what is shredded is gone."""
    bucket = bucket_of(client, PLAIN)
    store, other = keys_in(bucket, tmp_path), keys_in(bucket, tmp_path)
    made = {name: store.new_key(name, PERIOD) for name in ("one", "two")}
    assert {name: other.key(name) for name in made} == made
    assert other.rotate(PERIOD) == 2
    assert {name: store.key(name) for name in made} == made
    assert store.shred("one").survives == ()
    with pytest.raises(KeyStoreError):
        other.key("one")
    assert other.shred_due("unscheduled/2026-11").survives == ()
    assert everything(client, bucket, PLAIN) == []


def test_writers_and_rotations_at_once(client: S3Client, tmp_path: Path) -> None:
    """Two writers of the same objects and two rotations: one key an object, all readable."""
    bucket = bucket_of(client, PLAIN)
    names = [f"object-{number}" for number in range(6)]
    keys_in(bucket, tmp_path).new_key("first", PERIOD)
    given: list[dict[str, bytes]] = []

    def write() -> None:
        store = keys_in(bucket, tmp_path)
        given.append({name: store.new_key(name, PERIOD) for name in names})

    acts = [write, write, *(lambda: keys_in(bucket, tmp_path).rotate(PERIOD),) * 2]
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given[0] == given[1]
    store = keys_in(bucket, tmp_path)
    assert {name: store.key(name) for name in names} == given[0]


@pytest.mark.parametrize("name", [VERSIONED, LOCKED], ids=["versions", "locks"])
def test_a_bucket_that_does_not_forget_takes_no_key(
    client: S3Client, tmp_path: Path, name: str
) -> None:
    """It is refused before a key goes in, and the trial leaves nothing."""
    bucket = bucket_of(client, name)
    with pytest.raises(KeyStoreError) as caught:
        keys_in(bucket, tmp_path).new_key("one", PERIOD)
    assert caught.value.code == "keystore-versions"
    assert everything(client, bucket, name) == []


def test_every_version_is_erased(client: S3Client) -> None:
    """Older versions, the marker that hides them, and no other key that begins alike."""
    bucket = bucket_of(client, VERSIONED)
    for data in (b"1", b"2", b"3"):
        client.put_object(Bucket=VERSIONED, Key=f"{bucket.prefix}a/key", Body=data)
        client.put_object(Bucket=VERSIONED, Key=f"{bucket.prefix}a/keys", Body=data)
    bucket.delete("a/key")
    assert bucket.keeps_versions()
    assert bucket.erase("a/key") == ()
    assert len(everything(client, bucket, VERSIONED)) == 3
    assert bucket.erase("a/key") == ()


def test_what_is_locked_is_named(client: S3Client) -> None:
    """A version under Object Lock survives an erasing, and stands in its answer."""
    bucket = bucket_of(client, LOCKED)
    client.put_object(
        Bucket=LOCKED,
        Key=f"{bucket.prefix}a/key",
        Body=b"locked",
        ContentMD5="TO8vMKx9M0GdAMHZOgkAlQ==",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=datetime.now(UTC) + timedelta(minutes=1),
    )
    (left,) = bucket.erase("a/key")
    assert "a/key: version " in left
    assert "AccessDenied" in left


@pytest.fixture
def office(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an archive in a folder, whose keys lie in a bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Settings(
        str(tmp_path / "archive"),
        tmp_path / "home",
        s3_endpoint=endpoint,
        s3_region="us-east-1",
        keystore=f"s3://{PLAIN}/{secrets.token_hex(4)}",
    )


def test_a_whole_archive_with_its_keys_in_a_bucket(office: Settings, tmp_path: Path) -> None:
    """People, recipients, rotation, a drill by a recipient alone, doctor and deep verification."""
    archive = create_archive(office)
    clerk = create_person_key(tmp_path / "clerk.key")
    people.enrol(archive, clerk, "R. Alvarez", "", ["records-manager"])
    dues = sorted({period.rpartition("/")[0] for period in archive.keys.periods()})
    public = create_recipient_keys(tmp_path / "state", dues)
    keys.add_recipient(archive, public, "state", [clerk])
    assert keys.rotate(archive, [], Silent())["keys"] > 2
    handle, private = recipient_keys(tmp_path / "state")
    made = drill(open_archive(office), handle, private, Silent())
    assert (made.files > 2, made.lost) == (True, [])
    checks = {check.name: check for check in doctor.examine(open_archive(office))}
    assert [name for name, one in checks.items() if one.needed and not one.held] == []
    assert checks["key store: forgets"].held
    assert checks["key store: swap-race"].held
    assert open_archive(office).keys.periods() == archive.keys.periods()
    assert verify(open_archive(office), Silent(), deep=True).findings == []
    assert not (tmp_path / "home" / archive.identity.id / "keystore").exists()
    left = shred_due(archive, dues[0])
    assert (len(left.shredded) > 2, left.recipients) == (True, (handle,))
    assert (left.wraps, left.kept, left.formerly, left.periods) == ((), (), (), ())


@pytest.mark.parametrize(
    ("archive", "keystore"),
    [
        ("s3://city/a", "s3://city/a"),
        ("s3://city/a", "s3://city/a/keys"),
        ("s3://city/a/b", "s3://city/a/"),
        ("s3://city", "s3://city/keys"),
        ("{folder}/archive", "{folder}/archive/keys"),
        ("{folder}/archive", "{folder}"),
    ],
)
def test_keys_are_never_kept_among_content(
    office: Settings, tmp_path: Path, archive: str, keystore: str
) -> None:
    """A key store within the archive, or the archive within it, is refused."""
    there = replace(
        office,
        archive=archive.replace("{folder}", str(tmp_path)),
        keystore=keystore.replace("{folder}", str(tmp_path)),
    )
    home = LocalHome(tmp_path / "home" / "x")
    with pytest.raises(UsageError) as caught:
        key_store(there, home.root, home, None)
    assert caught.value.code == "keystore-inside"
    apart = replace(there, keystore="s3://city-keys/a" if "s3" in keystore else f"{tmp_path}/k")
    key_store(apart, home.root, home, None)
