"""What is stored plain is open to other people's tools, and what is not is closed to all.

warcio, pywb, DuckDB, pandas and a bare Python read the archive of a real site. pywb
lives in an environment of its own, made here.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
from base64 import b64encode
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import httpx
import pandas as pd
import pytest

from tests.real.daemons import free_port
from tests.real.environments import environment
from tests.real.helpers import in_force
from tests.real.story import ACCOUNT, Story

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.real.helpers import Seen
    from tests.real.wordpress import oracle

pytestmark = pytest.mark.real

PYWB = ("pywb==2.10.0", "setuptools<81")  # pywb imports pkg_resources
PHONE = "555-0142"


@pytest.fixture(scope="session")
def tools(pytestconfig: pytest.Config) -> Path:
    """Where environments are kept from run to run."""
    return pytestconfig.cache.mkdir("interop")


def plain(story: Story, suffix: str) -> list[Path]:
    """Return the plain files of a kind."""
    found = sorted((story.office.archive / "u").rglob(f"*.{suffix}"))
    assert found
    return found


def public(story: Story) -> list[Seen]:
    """Return what is stored plain."""
    found = [one for one in story.seen if one.sensitivity == "public"]
    assert found
    return found


def test_warcio_check_passes_every_plain_warc(story: Story) -> None:
    """`warcio check` finds every digest right in every plain WARC."""
    warcio = Path(sys.executable).parent / "warcio"
    done = subprocess.run(
        [warcio, "check", "-v", *plain(story, "warc.gz")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("digest pass") >= len(public(story))
    assert "fail" not in done.stdout


@pytest.fixture(scope="session")
def pywb(
    story: Story, tools: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a pywb collection of all plain WARCs."""
    programs = environment(tools / "pywb", *PYWB)
    folder = tmp_path_factory.mktemp("pywb")
    manager = [programs / "wb-manager"]
    subprocess.run([*manager, "init", "city"], cwd=folder, capture_output=True, check=True)
    subprocess.run(
        [*manager, "add", "city", *plain(story, "warc.gz")],
        cwd=folder, capture_output=True, check=True,
    )  # fmt: skip
    port = free_port()
    with (folder / "log").open("wb") as log, subprocess.Popen(
        [programs / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=folder, stdout=log, stderr=log,
    ) as server:  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}/city"
            wait(address, server)
            with httpx.Client(base_url=address, timeout=60) as client:
                yield client
        finally:
            server.terminate()


def wait(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers. Raises where it ends, or after a minute."""
    for _ in range(600):
        try:
            httpx.get(address)
        except httpx.TransportError:
            assert server.poll() is None, "pywb ended"
            time.sleep(0.1)
        else:
            return
    pytest.fail("pywb does not answer")


def replayed(pywb: httpx.Client, one: Seen, target: str) -> httpx.Response:
    """Return what pywb shows of an observation, unchanged (``id_``)."""
    (date,) = one.headers["WARC-Date"]
    stamp = "".join(c for c in date[:19] if c.isdigit())
    return pywb.get(f"/{stamp}id_/{target.replace('%', '%25')}")


def test_pywb_replays_every_plain_record(story: Story, pywb: httpx.Client) -> None:
    """In pywb every post, page and description is there byte for byte, under its urn."""
    latest: dict[tuple[str, str], Seen] = {}
    for one in public(story):
        if one.block and one.headers["WARC-Type"] == ["resource"]:
            latest[one.headers["WARC-Target-URI"][0], one.headers["WARC-Date"][0][:19]] = one
    assert len(latest) > 50
    for (target, _), one in latest.items():
        answer = replayed(pywb, one, target)
        assert answer.status_code == httpx.codes.OK, target
        assert answer.content == one.block
        assert answer.headers["content-type"] == one.headers["Content-Type"][0]


def test_pywb_replays_every_file_under_its_address(story: Story, pywb: httpx.Client) -> None:
    """In pywb every file is the picture that the site served at its address."""
    files = [one for one in public(story) if one.headers["WARC-Type"] == ["response"]]
    assert files
    disk = story.site.site / "wp-content" / "uploads"
    for one in files:
        url = one.row["url"]
        answer = replayed(pywb, one, url)
        assert answer.headers["content-type"] == "image/png"
        file = disk / url.partition("/uploads/")[2]
        assert not file.exists() or answer.content == file.read_bytes()
        assert answer.content[1:4] == b"PNG"


def test_duckdb_reads_every_plain_parquet(story: Story) -> None:
    """DuckDB reads all rows with their types, and counts what the archive counts."""
    files = [str(path) for path in plain(story, "parquet")]
    sql = duckdb.connect()
    sql.execute("set TimeZone = 'UTC'")
    rows = sql.read_parquet(files, union_by_name=True)
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    times = ("captured_at", "created_at", "modified_at")
    assert {name: types[name] for name in times} == dict.fromkeys(times, "TIMESTAMP WITH TIME ZONE")
    assert set(types.values()) == {"VARCHAR", "TIMESTAMP WITH TIME ZONE"}
    found = sql.execute(
        "select observation_id, text, strftime(created_at, '%Y-%m-%dT%H:%M:%S.%fZ')"
        " from rows where account = ?",
        [ACCOUNT],
    ).fetchall()
    assert sorted(found, key=str) == sorted(
        (
            (one.row["observation_id"], one.row.get("text"), one.row.get("created_at"))
            for one in public(story)
        ),
        key=str,
    )


def test_pandas_reads_every_plain_parquet(story: Story) -> None:
    """All rows open in pandas; times know their zone, everything else is text."""
    found: dict[str, str] = {}
    for path in plain(story, "parquet"):
        rows = pd.read_parquet(path)
        for name, kind in rows.dtypes.items():
            timed = str(name).endswith("_at")
            wanted = {"datetime64[us, UTC]"} if timed else {"str", "object"}
            assert str(kind) in wanted, name
        moments = rows["captured_at"].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        found |= dict(zip(rows["observation_id"], moments, strict=True))
    for one in public(story):
        assert found[one.row["observation_id"]] == one.row["captured_at"]


OFFLINE_PROGRAM = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        raise OSError(f"the network is off: {event} {args}")
sys.addaudithook(refuse)
from archiver.cli.main import main
main(sys.argv[1:])
"""


def test_proof_checks_without_network_archive_or_home(story: Story, tmp_path: Path) -> None:
    """A proof with a phone number withheld needs only itself and the archive's public key."""
    record = next(
        one
        for one in in_force(story.seen, story.sizes["still"]).values()
        if one.row["stream"] == "comments" and PHONE in one.row.get("text", "")
    )
    file = tmp_path / "proof.json"
    story.office.done("prove", record.row["record_id"], "--withhold", PHONE, "--out", str(file))
    assert PHONE not in file.read_text("utf-8")
    key = json.loads((story.office.archive / "archive.json").read_text("utf-8"))["keys"][0]
    program = [sys.executable, "-c", OFFLINE_PROGRAM, "check", str(file), "--json"]
    nowhere = {"PATH": os.defpath, "HOME": str(tmp_path)}
    if os.geteuid() == 0:
        program = ["unshare", "--net", *program]
    done = subprocess.run(
        [*program, "--key", key], capture_output=True, text=True, env=nowhere, cwd=tmp_path,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(done.stdout)["data"]
    assert data["record"] == record.row["record_id"]
    assert data["trusted"] is True
    assert data["withheld_words"] == 1
    shown = data["fields"]["text"].split()
    whole = record.row["text"].split()
    assert [b for a, b in zip(whole, shown, strict=True) if a != b] == ["█████"]
    other = key.replace(key[-6:-1], "AAAAA")
    again = subprocess.run(
        [*program, "--key", other], capture_output=True, text=True, env=nowhere, cwd=tmp_path,
        check=False,
    )  # fmt: skip
    assert again.returncode != 0


def said(things: Iterable[dict[str, Any]]) -> str:
    """Return everything that some things say, as one text."""
    return "\n".join(str(value) for thing in things for value in thing.values())


def _told(thing: oracle.Post | oracle.Comment) -> dict[str, Any]:
    return asdict(thing)


def canaries(story: Story) -> set[str]:
    """Return texts that stand in private things only, in every version there was.

    Numbers of comments and files of posts that were never shown, addresses of people with
    accounts, those from which people commented, and passwords.
    """
    shown: list[dict[str, Any]] = []
    hidden: list[dict[str, Any]] = []
    for truth in story.truths.values():
        for post in map(_told, (*truth.posts.values(), *truth.pages.values())):
            open_to_all = post["status"] == "publish" and not post["password"]
            (shown if open_to_all else hidden).append(post)
        for comment in map(_told, truth.comments.values()):
            # Whatever its state: WordPress never shows where a comment came from.
            hidden.append({name: comment.pop(name) for name in ("author_email", "author_ip")})
            (shown if comment["status"] == "approve" else hidden).append(comment)
        hidden += [asdict(user) for user in truth.users.values()]
        hidden += [asdict(revision) for revision in truth.revisions.values()]
        shown += [asdict(medium) for medium in truth.media.values()]
    everybody, nobody = said(shown), said(hidden)
    pattern = r"\(#\d+\)|File no\. \d+/\d+|[\w.]+@[a-z]+\.example|203\.0\.113\.\d+"
    found = {text for text in re.findall(pattern, nobody) if text not in everybody}
    assert {"(", "F", "2"} <= {text[0] for text in found}
    assert any("@" in text for text in found)
    login = f"{story.site.user}:{story.site.password}".encode()
    return {*found, "for the council only", story.site.password, b64encode(login).decode()}


def readable(path: Path) -> bytes:
    """Return a stored file's bytes, and what a reader without keys can make of them."""
    data = path.read_bytes()
    if path.name.endswith(".warc.gz"):
        return data + gzip.decompress(data)
    if path.name.endswith(".parquet"):
        rows = duckdb.connect().read_parquet(str(path)).fetchall()
        return data + "\n".join(str(value) for row in rows for value in row).encode()
    return data


def test_stored_bytes_tell_nothing_private(story: Story) -> None:
    """No stored file shows a text that was never public, an account's address or a password."""
    private = canaries(story)
    assert len(private) > 100
    sought = re.compile(
        b"|".join(
            re.escape(text.replace("/", slash).encode())
            for text in private
            for slash in ("/", "\\/")  # as JSON writes it
        )
    )
    files = [path for path in story.office.archive.rglob("*") if path.is_file()]
    assert any(path.name.endswith(".c256") for path in files)
    for path in files:
        assert sought.findall(readable(path)) == [], path


def test_canaries_are_in_the_archive_for_those_who_hold_its_keys(story: Story) -> None:
    """The same texts are found once the encrypted files are opened: the search above is real."""
    everything = "\n".join(
        value for one in story.seen for name, value in one.row.items() if name != "volatile"
    ).replace("\\/", "/")
    private = {text for text in canaries(story) if text[0] in "(F2" or "@" in text}
    assert {text for text in private if text not in everything} == set()
