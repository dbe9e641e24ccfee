"""Scenario 22: approved destruction, replicated to three locations, one of which fails.

By commands alone: a shared WARC and Parquet, an index, a cache, a versioned bucket and two folders.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from tests.attacks.needles import opened
from tests.cli.scenarios import AGE
from tests.cli.town import Town, blog, peopled
from tests.edges.store_helpers import ACCESS_KEY, SECRET, moto_endpoint, s3_client
from tests.flows.test_orders import vouched
from tests.house.source import ROOT
from tests.produce import reading_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

BUCKET = "county-vault"
FOLDER = """
[[replica]]
name = "{name}"
archive = "{folder}/{name}"
place = "{place}"
"""
CLOUD = """
[[replica]]
name = "cloud"
archive = "s3://{bucket}/civic"
place = "another state"
s3_endpoint = "{endpoint}"
s3_region = "us-east-1"
"""
LAW = """
schema: civic-archive/exemptions/1
jurisdiction: US-XX
title: A law
exemptions: [{code: 1(a), citation: 1, title: T, confidence: primary, effective: 2026-01-01}]
"""


def canary(number: int) -> str:
    """Return a word that nobody says by chance."""
    return "canary" + sha256(b"%d" % number).hexdigest()[:14]


@dataclass
class Scene:
    """A town with three copies, and the words of what goes and of what stays."""

    town: Town
    client: S3Client
    endpoint: str
    going: list[str]
    staying: list[str]

    def replicas(self, *folders: str) -> None:
        """Have the settings name the bucket, and some folders, as copies."""
        self.town.settle("city/y1")
        path, folder = self.town.folder / "archiver.toml", self.town.folder
        text = CLOUD.format(bucket=BUCKET, endpoint=self.endpoint)
        text += "".join(FOLDER.format(name=x, folder=folder, place=f"the {x}") for x in folders)
        path.write_text(path.read_text() + text)

    def stored(self) -> Iterator[dict[str, bytes]]:
        """Yield every object of each location by key, of the bucket in every version."""
        for name in ("archive", "vault", "attic"):
            root = self.town.folder / name
            yield {
                path.relative_to(root).as_posix(): path.read_bytes()
                for path in root.rglob("*")
                if path.is_file()
            }
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
        for one in (one for page in pages for one in page.get("Versions", ())):
            key, version = one["Key"], one["VersionId"]
            body = self.client.get_object(Bucket=BUCKET, Key=key, VersionId=version)["Body"].read()
            yield {key.removeprefix("civic/"): body}

    def said(self, words: list[str]) -> list[str]:
        """Return which words any file of any location has, or of the home with its caches."""
        every = list(self._bytes())
        return [one for one in words if any(one.encode() in data for data in every)]

    def _bytes(self) -> Iterator[bytes]:
        with self.town.opened() as archive:
            for objects in self.stored():
                yield from (data for _, data in opened(archive, objects))
        for path in (self.town.folder / "home").rglob("*"):
            if path.is_file():
                yield path.read_bytes()


def captured(town: Town, count: int) -> tuple[list[str], list[str]]:
    """Have posts captured, every second of which is due: they share files with those that stay."""
    words = [canary(number) for number in range(count)]
    with blog(town, "blog") as hamlet:
        for number, word in enumerate(words):
            day = datetime(2026 if number % 2 else 2021, 3, 1, 15, tzinfo=UTC)
            day += timedelta(minutes=number)
            hamlet.publish(f"Notice {word}", f"About {word}.", date=day)
        capture = ("capture", "blog", "--mode", "backfill")
        assert town.ask(*capture, CITY_USER=hamlet.user).code == 0
    return words[::2], words[1::2]


def approved(town: Town) -> str:
    """Have all that is due ordered: proposed by one, approved by two, waited for, seen outside."""
    town.adopt("city", "1", town.schedule({"y1": AGE.format(1)}))
    town.act("classify", "--stream", "posts", "--reviewed", "claimed-dates")
    town.later(5)
    approve = ("disposition", "approve")
    propose = ("disposition", "propose", "city/y1", "--reason", "due", "--out", "one.act")
    town.act(*propose, sign="clerk")
    town.act(*approve, "one.act", "--out", "two.act", sign="anna")
    order = town.act(*approve, "two.act", sign="bert")["act"]["statement"]["order"]
    town.later(5)
    with town.opened() as archive:
        vouched(archive)
    return str(order)


def carried_on(town: Town, order: str) -> dict[str, Any]:
    """Carry an order out as far as it goes; return the whole document."""
    return town.ask("disposition", "execute", order, "--sign", "purger.key", "--json").document


def checked(town: Town) -> None:
    """Have the archive and each copy verified, and the archive by the outsider's two programs."""
    assert town.ask("verify", "--deep", "--json").document["findings"] == []
    assert town.ask("replicate", "--verify", "--json").document["findings"] == []
    program = [sys.executable, "-I", str(ROOT / "verifier" / "verify.py")]
    ran = subprocess.run(
        [*program, str(town.folder / "archive")], capture_output=True, check=False, text=True
    )
    assert ran.returncode == 0, ran.stdout
    assert "by orders that had authority" in ran.stdout


def played(town: Town, count: int) -> None:
    """Play the scenario with so many posts, half of which go."""
    town.settle("city/y1")
    words = captured(town, count)
    assert town.ask("person", "enrol", "vera", "--key", "vera.key").code == 0
    town.act("person", "role", "vera", "verifier")
    order = approved(town)
    with moto_endpoint() as endpoint, s3_client(endpoint) as client:
        scene = Scene(town, client, endpoint, *words)
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        scene.replicas("vault", "attic")
        copies = town.told("replicate")["copies"]
        assert [one["whole"] for one in copies] == [True] * 3
        assert town.told("search", scene.going[0])["hits"]
        assert scene.said(scene.going) == scene.going
        fails(scene, order)
        document = carried_on(town, order)
        assert (document["findings"], document["data"]["state"]) == ([], "done")
        clear(scene, order)


def fails(scene: Scene, order: str) -> None:
    """Carry it out while one location is away: it is not done, nor once the settings forget it."""
    town, attic, away = scene.town, scene.town.folder / "attic", scene.town.folder / "away"
    attic.rename(away)
    attic.write_bytes(b"no folder")
    first = carried_on(town, order)["data"]
    assert (first["state"], first["waiting"] > 0) == ("under-way", True)
    assert town.ask("compact", "--verify", "--key", "vera.key").code == 0
    for _ in range(2):
        document = carried_on(town, order)
        assert (document["data"]["state"], document["data"]["saved"]) == ("under-way", 0)
        assert [one["where"] for one in document["findings"]] == ["attic"]
    (row,) = town.told("disposition", "list")
    assert (row["state"], [one["name"] for one in row["waits"]]) == ("under-way", ["attic"])
    scene.replicas("vault")
    retired(town)
    document = carried_on(town, order)
    assert document["data"]["state"] == "under-way"
    assert [one["code"] for one in document["findings"]] == ["copy-not-asked"]
    scene.replicas("vault", "attic")
    attic.unlink()
    away.rename(attic)


def retired(town: Town) -> None:
    """Have two say that the location is lost: that counts in three days, unless it is back."""
    words = ("--became", "lost", "--reason", "nobody answers", "--date", str(town.today))
    town.act("copy", "retire", "attic", *words, "--out", "next.act", sign="clerk")
    town.act("copy", "retire", "--act", "next.act", sign="counsel")
    states = {one["name"]: one["state"] for one in town.told("copy", "list")}
    assert states == dict.fromkeys(("archive", "vault", "cloud"), "kept") | {"attic": "retiring"}


def clear(scene: Scene, order: str) -> None:
    """Nothing has a word of what went; what stayed is found and verifies everywhere."""
    town = scene.town
    assert scene.said(scene.going) == []
    assert scene.said(scene.staying) == scene.staying
    assert not town.told("search", scene.going[0])["hits"]
    assert town.told("search", scene.staying[0])["hits"]
    checked(town)
    said = outputs(scene, order)
    assert [one for one in scene.going if one in said] == []
    assert [one for one in scene.staying if one in said], "what stays is shown"


def outputs(scene: Scene, order: str) -> str:
    """Return all that commands print, and write, once everything is done (`OUTPUTS` of attacks)."""
    town, said = scene.town, list[str]()
    (stays,) = {one["record_id"] for one in town.told("search", scene.staying[0])["hits"]}
    kept = ("--key", "clerk.key")
    case = ("--kind", "foia", "--law", "us-wi", "--received", str(town.today))
    placed = town.ask("hold", "place", stays, *case, "--sign", "counsel.key", "--json")
    hold = placed.document["data"]["hold"]
    day, how = ("--date", str(town.today)), ("--how", "by letter", "--sign", "counsel.key")
    proof = ("--evidence", "a letter", "--sign", "counsel.key", "--sign", "clerk.key")
    reports = ("holdings", "overdue", "held", "destroyed")
    mine = ("--sign", "counsel.key")
    opened = town.ask("matter", "open", "--name", "request 7", "--private", *mine, "--json")
    matter = opened.document["data"]["act"]["statement"]["matter"]
    (town.folder / "own.law").write_text(LAW)
    mark = ("--exemption", "1(a)", "--basis", "a name", "--exemptions", "own.law")
    for words in (
        *(("disposition", "list"), ("disposition", "certificate", order, "--out", "gone")),
        ("hold", "notice", hold, "--to", "clerk", *day, *how),
        ("hold", "ack", hold, "--from", "clerk", *day, *how),
        ("hold", "event", hold, "denied", *day, *proof),
        *(("hold", "apply", "--sign", "counsel.key", *kept), ("hold", "list"), ("copy", "list")),
        *(("retention", "due", *kept), ("retention", "plan"), ("retention", "explain", stays)),
        *(("schedule", "list"), ("schedule", "show", "us-policy"), ("schedule", "history")),
        *(("report", name, "--csv", f"{name}.csv") for name in reports),
        *(("replicate",), ("reparse",), ("webhook", "list"), ("operations", "--seal")),
        ("restore", "vault", "--into", "again"),
        ("tag", stays, "--matter", matter, "--as", "responsive", "--with-thread", *mine),
        ("bates", "reserve", matter, "--prefix", "CITY", "--count", "9", *mine),
        *(("bates", "list"), ("matter", "list"), ("matter", "show", matter, "--review")),
        ("matter", "close", matter, "--reason", "answered", *mine),
        ("redact", "suggest", stays, "--all"),
        ("redact", "mark", stays, "--field", "title", *mark, "--sign", "counsel.key"),
        ("redact", "review"),
        ("transfer", "make", stays, "--to", "the archive", "--out", "bag"),
        ("produce", "--account", "blog", "--profile", "data", "--out", "pull", *mark[-2:]),
        ("diff", "pull", "pull"),
    ):
        ran = town.ask(*words, "--json")
        assert ran.code in {0, 1}, (words, ran.text)
        said += [ran.text, json.dumps(ran.document)]
    handed = [text for _, text in reading_back.said(town.folder / "pull")]
    assert handed, "the volume was made"
    said += handed
    made = [path for place in ("bag", "gone") for path in (town.folder / place).rglob("*")]
    for path in (*made, *town.folder.glob("*.csv")):
        data = path.read_bytes() if path.is_file() else b""
        said.append((gzip.decompress(data) if path.suffix == ".gz" else data).decode("latin-1"))
    return "".join(said)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town of people, who may write to the bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return peopled(Town(tmp_path))


def test_scenario_22(town: Town) -> None:
    """Of twenty posts ten go, everywhere, once the third location is back."""
    played(town, 20)


@pytest.mark.soak
def test_scenario_22_of_a_thousand(town: Town) -> None:
    """A thousand records go of two thousand."""
    played(town, 2000)
