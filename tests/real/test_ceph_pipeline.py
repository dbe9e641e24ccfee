"""All of it on a real S3 service: captured, held, destroyed, verified and handed over.

By commands alone, over TLS. The archive is in one bucket of Ceph and its copy in another one, with
versions and COMPLIANCE locks. The town lives months ago, so that locks which are set 90 days ahead,
as always, end by the store's clock a moment from now.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest

from archiver.flows.locks import DAYS
from archiver.settings import load
from tests.attacks.needles import opened
from tests.cli.test_scenario_copies import approved, captured, carried_on
from tests.cli.town import Town, peopled
from tests.edges.store_helpers import ACCESS_KEY, SECRET, s3_client
from tests.flows.test_orders import vouched
from tests.produce import reading_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from archiver.settings import Settings
    from tests.cli.terminal import Ran
    from tests.real.ceph.server import Ceph

pytestmark = [pytest.mark.real, pytest.mark.more]

LOCKED = timedelta(seconds=60)
"""How long what goes is locked from when the locks are rolled: longer than all that is refused."""
COPY = """
[[replica]]
name = "vault"
archive = "s3://{bucket}/civic"
place = "another state"
s3_endpoint = "{endpoint}"
s3_region = "us-east-1"
locks = "compliance"
"""


@dataclass
class CloudTown(Town):
    """A town whose archive is in a bucket; ``cloud``: the environment that says so."""

    cloud: dict[str, str] = field(default_factory=dict)

    def ask(self, *words: str, **environ: str) -> Ran:
        """Run a command by the town's clock, on the archive in the bucket."""
        return super().ask(*words, **self.cloud, **environ)

    @property
    def settings(self) -> Settings:
        """As the commands read them."""
        own = {"ARCHIVER_HOME": str(self.folder / "home")}
        return load({**self.cloud, **own}, self.folder)


@dataclass
class Scene:
    """A town with a copy, the buckets of both, and the words of what goes and of what stays."""

    town: CloudTown
    client: S3Client
    buckets: dict[str, str]
    going: list[str]
    staying: list[str]

    def versions(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield every version of every object of a bucket, as the service lists them."""
        pages = self.client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self.buckets[name]):
            yield from (dict(one) for one in page.get("Versions", ()))

    def said(self, words: list[str]) -> list[str]:
        """Return which words any version in any bucket has, or any file of the home."""
        every = list(self._bytes())
        return [one for one in words if any(one.encode() in data for data in every)]

    def _bytes(self) -> Iterator[bytes]:
        with self.town.opened() as archive:
            for name, bucket in self.buckets.items():
                for one in self.versions(name):
                    told = self.client.get_object(
                        Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"]
                    )
                    key = one["Key"].removeprefix("civic/")
                    yield from (data for _, data in opened(archive, {key: told["Body"].read()}))
        yield from (
            path.read_bytes() for path in (self.town.folder / "home").rglob("*") if path.is_file()
        )


@pytest.fixture
def scene(ceph: Ceph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Twenty posts of a blog, half of which are due, in a bucket and in the copy of it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(ceph.certificate))
    buckets = {name: f"{name}-{token_hex(6)}" for name in ("archive", "vault")}
    cloud = {
        "ARCHIVER_ARCHIVE": f"s3://{buckets['archive']}/civic",
        "ARCHIVER_S3_ENDPOINT": ceph.secure_url,
        "ARCHIVER_S3_REGION": "us-east-1",
    }
    long_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS + 60)
    with s3_client(ceph.secure_url) as client:
        client.create_bucket(Bucket=buckets["archive"])
        client.create_bucket(Bucket=buckets["vault"], ObjectLockEnabledForBucket=True)
        town = CloudTown(tmp_path, long_ago, cloud=cloud)
        peopled(town)
        town.settle("city/y1")
        path = tmp_path / "archiver.toml"
        copy = COPY.format(bucket=buckets["vault"], endpoint=ceph.secure_url)
        path.write_text(path.read_text() + copy)
        going, staying = captured(town, 20)
        assert town.ask("person", "enrol", "vera", "--key", "vera.key").code == 0
        town.act("person", "role", "vera", "verifier")
        yield Scene(town, client, buckets, going, staying)


def held_back(town: Town, order: str, word: str) -> None:
    """Have a record of an order held: nobody carries the order out until two let it go."""
    (record,) = {one["record_id"] for one in town.told("search", word)["hits"]}
    place = ("hold", "place", record, "--kind", "audit", "--matter", "A-7", "--no-snapshot")
    hold = town.act(*place, sign="counsel")["hold"]
    refused = carried_on(town, order)
    assert not refused["ok"]
    assert town.told("search", word)["hits"]
    town.act("hold", "release", hold, "--reason", "it is over")
    town.later(4)
    with town.opened() as archive:
        vouched(archive)


def locked_first(scene: Scene, order: str) -> None:
    """Roll the locks; the order is carried on as far as they allow, and no further."""
    town = scene.town
    town.now = datetime.now(UTC) + LOCKED - timedelta(days=DAYS)
    (here, there) = town.told("lock")
    assert (here["objects"], there["objects"] > 0, there["failed"]) == (0, True, 0)
    end = datetime.fromisoformat(there["end"])
    early = carried_on(town, order)["data"]
    assert early["state"] == "under-way"
    assert town.ask("compact", "--verify", "--key", "vera.key").code == 0
    early = carried_on(town, order)["data"]
    assert (early["state"], early["saved"]) == ("under-way", 0)
    (row,) = town.told("disposition", "list")
    assert [one["name"] for one in row["waits"]] == ["vault"]
    assert datetime.now(UTC) < end, "too slow to tell"
    assert scene.said(scene.going) == scene.going, "the copy has them while it is locked"
    time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds()) + 2)


def handed_over(scene: Scene) -> None:
    """Have what stayed produced: the volume proves itself, with no word of what went."""
    town = scene.town
    town.told("produce", "--account", "blog", "--profile", "data", "--out", "pull")
    volume = town.folder / "pull"
    said = "".join(text for _, text in reading_back.said(volume))
    assert [one for one in scene.going if one in said] == []
    assert [one for one in scene.staying if one not in said] == []
    check = next(volume.rglob("check.py"))
    ran = subprocess.run(
        [sys.executable, str(check)], cwd=volume, capture_output=True, check=False, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_all_of_it_on_a_real_service(scene: Scene) -> None:
    """A hold keeps, a lock keeps, then ten posts of twenty are gone from every version."""
    town = scene.town
    order = approved(town)
    assert [one["whole"] for one in town.told("replicate")["copies"]] == [True]
    assert scene.said(scene.going) == scene.going
    held_back(town, order, scene.going[0])
    locked_first(scene, order)
    assert carried_on(town, order)["data"]["state"] == "done"
    assert scene.said(scene.going) == []
    assert scene.said(scene.staying) == scene.staying
    assert town.ask("verify", "--deep", "--json").document["findings"] == []
    assert town.ask("replicate", "--verify", "--deep", "--json").document["findings"] == []
    handed_over(scene)
