"""The commands of anchors and witnesses, as a person types them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from tests.cli.terminal import run
from tests.outsiders import OpensslAuthority, witness_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Captured

SETTINGS = """
[anchors]
operator = "City of Springfield"
quorum = 1

[[anchors.witness]]
url = "{url}"
keys = ["{ed25519}", "{mldsa}"]
operator = "Sangamon County"

[[anchors.authority]]
url = "{authority}"
certificates = "authority.pem"
"""


@pytest.fixture
def anchored(copy: Path, captured: Captured) -> Iterator[Path]:
    """A copy of the captured archive, with a witness and an authority in archiver.toml."""
    key = captured.ran["init"].document["data"]["keys"][0]
    with ExitStack() as stack:
        witness = stack.enter_context(witness_at(copy / "witness", [key]))
        program = OpensslAuthority(copy / "authority")
        authority = stack.enter_context(program.at())
        (copy / "authority.pem").write_bytes(authority.certificates)
        (copy / "archiver.toml").write_text(
            SETTINGS.format(
                url=witness.url,
                ed25519=witness.keys[0],
                mldsa=witness.keys[1],
                authority=authority.url,
            )
        )
        yield copy


def test_anchor_and_verify(anchored: Path) -> None:
    """One command anchors; verification counts it, and says that nobody independent did it."""
    assert [one["code"] for one in run(anchored, "verify", "--json").document["findings"]] == [
        "anchor-quorum"
    ]
    ran = run(anchored, "anchor", "--json")
    assert ran.code == 0
    data = ran.document["data"]
    assert (data["cosignatures"], data["timestamps"], data["quorum"]) == (2, 1, True)
    checked = run(anchored, "verify", "--json").document
    assert checked["ok"]
    assert checked["data"]["cosigned"] == data["size"]
    assert checked["data"]["timestamps"] == checked["data"]["witnesses"] == 1
    assert checked["data"]["independent"] == data["independent"] == 0
    assert "No independent witness" in run(anchored, "verify").text
    assert "No independent witness" in run(anchored, "anchor").text
    checks = run(anchored, "doctor", "--json").document["data"]["checks"]
    (witness,) = [one for one in checks if "witness" in one["name"]]
    assert not witness["held"]
    assert "no independent witness (1 configured" in witness["detail"]


def test_verify_with_a_policy_file(anchored: Path) -> None:
    """A policy names its own keys; a file that is none is wrong usage or format."""
    run(anchored, "anchor")
    settings = (anchored / "archiver.toml").read_text()
    key = next(word for word in settings.split('"') if word.startswith("witness.example"))
    (anchored / "policy").write_text(f"witness county {key}\nquorum county\n")
    (anchored / "archiver.toml").unlink()
    assert run(anchored, "verify", "--policy", "policy", "--json").document["ok"]
    (anchored / "policy").write_text("quorum nobody\n")
    assert run(anchored, "verify", "--policy", "policy", "--json").finding["code"] == "format"
    ran = run(anchored, "verify", "--policy", "no-such-file", "--json")
    assert (ran.code, ran.finding["code"]) == (2, "usage")


def test_a_proof_carries_its_witnesses(anchored: Path, captured: Captured) -> None:
    """A proof made after anchoring is checked offline against a policy, and is none without."""
    key = captured.ran["init"].document["data"]["keys"][0]
    settings = (anchored / "archiver.toml").read_text()
    own = next(word for word in settings.split('"') if word.startswith("witness.example"))
    (anchored / "policy").write_text(f"witness county {own}\nquorum county\n")
    check = ("check", "proof.json", "--key", key)
    for name in ("before.json", "proof.json"):
        run(anchored, "prove", captured.edited, "--out", name)
        run(anchored, "anchor")
    early = run(anchored, "check", "before.json", "--key", key, "--policy", "policy", "--json")
    assert (early.code, early.finding["code"]) == (1, "proof-unwitnessed")
    found = run(anchored, *check, "--policy", "policy", "--json").document["data"]["witnesses"]
    assert [one["name"] for one in found] == ["witness.example/w1"]
    assert (
        "cosigned by witness.example/w1 at 20" in run(anchored, *check, "--policy", "policy").text
    )
    assert "No independent witness" in run(anchored, *check).text


def test_anchor_without_settings(copy: Path) -> None:
    """Where nobody is configured it says where to name them."""
    ran = run(copy, "anchor", "--json")
    assert (ran.code, ran.finding["code"]) == (2, "anchors-unset")


def test_nobody_answers(anchored: Path) -> None:
    """Whom one asked in vain is a finding each, and so is the missed quorum."""
    settings = (anchored / "archiver.toml").read_text()
    dead = [line for line in settings.splitlines() if line.startswith("url")]
    for line in dead:
        settings = settings.replace(line, 'url = "http://127.0.0.1:9/"')
    (anchored / "archiver.toml").write_text(settings)
    ran = run(anchored, "anchor", "--json")
    assert ran.code == 1
    codes = [one["code"] for one in ran.document["findings"]]
    assert codes == ["capture-transient", "capture-transient", "anchor-quorum"]


def test_a_capture_anchors_and_never_fails_of_it(anchored: Path) -> None:
    """A capture anchors at its end; where nobody answers, it is still a good capture."""
    feed = ("account", "add", "again", "--platform", "feed", "--url")
    with CityServer(City()) as server:
        run(anchored, *feed, f"{server.url}/feed/")
        run(anchored, "account", "approve", "again", "--by", "Clerk")
        ran = run(anchored, "capture", "again", "--json")
        assert (ran.code, ran.document["findings"]) == (0, [])
        assert run(anchored, "verify", "--json").document["ok"]
        settings = (anchored / "archiver.toml").read_text()
        url = settings.split('url = "')[1].split('"')[0]
        (anchored / "archiver.toml").write_text(settings.replace(url, "http://127.0.0.1:9/"))
        ran = run(anchored, "capture", "again", "--mode", "backfill", "--json")
        assert ran.code == 0
        assert ran.document["ok"]
        assert {one["code"] for one in ran.document["findings"]} <= {
            "capture-transient",
            "anchor-quorum",
        }


@pytest.mark.parametrize(
    "text",
    [
        "anchors = 1",
        "[anchors]\nquorum = 1",
        "[anchors]\nquorum = '1'",
        "[anchors]\nrenew_days = -1",
        "[anchors]\noperator = 1",
        "[anchors]\nwitnesses = []",
        "[anchors]\nwitness = 1",
        "[[anchors.witness]]\nurl = 'ftp://w.example/'\nkeys = ['k']",
        "[[anchors.witness]]\nurl = 'https://me:secret@w.example/'\nkeys = ['k']",
        "[[anchors.witness]]\nurl = 'https://w.example/'",
        "[[anchors.witness]]\nurl = 'https://[::1'\nkeys = ['k']",
        "[[anchors.witness]]\nurl = 'https://w.example/'\nkeys = []",
        "[[anchors.witness]]\nurl = 'https://w.example/'\nkeys = ['k']\nkey = 'k'",
        "[[anchors.authority]]\nurl = 'https://a.example/'\ncertificates = 'no-such-file.pem'",
    ],
)
def test_settings_that_are_wrong(copy: Path, text: str) -> None:
    """What is wrong in the settings is named, and no password in it is repeated."""
    (copy / "archiver.toml").write_text(text)
    ran = run(copy, "status", "--json")
    assert (ran.code, ran.finding["code"]) == (2, "usage")
    assert "secret" not in str(ran.document)
    assert ran.finding["mend"]


def test_a_witness_of_its_own(tmp_path: Path, captured: Captured) -> None:
    """`witness init` prints the keys that the archive pins; `serve` runs until told to end."""
    key = captured.ran["init"].document["data"]["keys"][0]
    made = run(tmp_path, "witness", "init", "--name", "w.example", "--log", key, "--json").document
    assert [one.split("+")[0] for one in made["data"]["keys"]] == ["w.example"] * 2
    again = run(tmp_path, "witness", "init", "--name", "w.example", "--log", key, "--json")
    assert (again.code, again.finding["code"]) == (2, "usage")
    bad = ("witness", "init", "--dir", "other", "--name", "w.example", "--log", "no+key", "--json")
    assert run(tmp_path, *bad).finding["code"] == "format"
    assert not (tmp_path / "other").exists()
    code = "from archiver.cli.main import main; main()"
    command = [sys.executable, "-c", code, "witness", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200"},
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            url = server.stdout.readline().decode().split()[-1]
            answer = httpx.post(f"{url}add-checkpoint", content=b"x", trust_env=False)
            assert answer.status_code == 400
        finally:
            server.terminate()
            server.communicate()
    assert server.returncode == 0


def test_a_port_that_is_taken(tmp_path: Path, captured: Captured) -> None:
    """A witness that can't listen says so."""
    key = captured.ran["init"].document["data"]["keys"][0]
    with witness_at(tmp_path / "witness", [key]) as running:
        port = running.url.rstrip("/").rpartition(":")[2]
        ran = run(tmp_path, "witness", "serve", "--port", port, "--json")
        assert (ran.code, ran.finding["code"]) == (2, "usage")
