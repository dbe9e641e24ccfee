"""The same run on S3: the same rows as in a folder, and kills change nothing there either."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from tests.chaos.crowd import crowded
from tests.chaos.helpers import BLOG, Place, found, place_in
from tests.chaos.test_kill import KILLED, moments
from tests.chaos.truth import assert_whole, rows, stir
from tests.edges.store_helpers import ACCESS_KEY, BUCKET, SECRET, moto_endpoint, s3_client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive
    from tests.chaos.helpers import Forks

OWN = ("observation_id", "captured_at", "exchange", "listed")
"""What two archives of one city have each of their own: ids, clock, and names made of them."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 server with an empty bucket."""
    with moto_endpoint() as address, s3_client(address) as client:
        client.create_bucket(Bucket=BUCKET)
        yield address


@pytest.fixture
def bucket(endpoint: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place in the bucket; its credentials come from the environment."""
    environ = {
        "ARCHIVER_S3_ENDPOINT": endpoint,
        "ARCHIVER_S3_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return Place(f"s3://{BUCKET}/{folder.name}", folder / "s3" / "home", environ)


def comparable(archive: Archive) -> list[dict[str, str]]:
    """Return all rows of the platform without what is each archive's own."""
    return [
        {name: value for name, value in row.items() if name not in OWN}
        for row in rows(archive)
        if row["stream"] != "workflow"
    ]


def document(forks: Forks, place: Place, *words: str) -> dict[str, Any]:
    """Run a command that must succeed; return what its JSON says."""
    data: dict[str, Any] = json.loads(forks.done(place, *words, "--json"))["data"]
    return data


def test_a_bucket_and_a_folder_hold_the_same_rows(
    forks: Forks, bucket: Place, folder: Path
) -> None:
    """init, account, capture, change, reconcile, verify, search, prove, check: all the same."""
    local, city = place_in(folder), City()
    answers = []
    with CityServer(city) as server:
        for place in (bucket, local):
            found(forks, place, city, server.url)
            document(forks, place, "capture")
        city.change()
        city.change_news()
        for place in (bucket, local):
            document(forks, place, "capture", "--mode", "backfill")
            assert document(forks, place, "verify", "--deep")["unreadable"] == 0
            answers.append(document(forks, place, "search", "culvert", "--private"))
            proof = place.home / "proof.json"
            document(forks, place, "prove", f"wordpress:{BLOG}:comments:6", "--out", str(proof))
            key = place.opened().identity.keys[0]
            checked = document(forks, place, "check", str(proof), "--key", key)
            assert checked["fields"]
            assert_whole(place, city)
    assert comparable(bucket.opened()) == comparable(local.opened())
    assert len(answers[0]["hits"]) == len(answers[1]["hits"]) > 0


def kills(forks: Forks, place: Place, seed: int, count: int) -> None:
    """Kill so many captures into a bucket while the city changes."""
    chance, city = Random(seed), City()
    struck = 0
    with CityServer(city) as server:
        found(forks, place, city, server.url)
        kinds = {name: make for name, make in moments(place).items() if name in
                 {"clock", "spooled", "journal", "known"}}  # fmt: skip
        while struck < count:
            moment = kinds[chance.choice(sorted(kinds))](chance)
            mode = chance.choice(["incremental", "backfill"])
            ended = forks.kill(place, moment, "capture", "--mode", mode)
            assert ended.code in {0, KILLED}, ended.output
            struck += ended.code == KILLED
            stir(city, chance)
        for _ in range(2):
            forks.done(place, "capture", "--mode", "backfill")
        assert_whole(place, city, killed=True)


def test_kills_lose_and_double_nothing_in_a_bucket(forks: Forks, bucket: Place) -> None:
    """Five kills while fetching, settling and sealing."""
    kills(forks, bucket, 5, 5)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [50, 51])
def test_many_kills_lose_and_double_nothing_in_a_bucket(
    forks: Forks, bucket: Place, seed: int
) -> None:
    """Forty kills in two series."""
    kills(forks, bucket, seed, 20)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [880, 881])
def test_eight_processes_are_killed_in_a_bucket(forks: Forks, bucket: Place, seed: int) -> None:
    """Eighty kills of eight processes in two series: one history, nothing lost or doubled."""
    assert crowded(forks, bucket, seed, 40) > 0
