"""Input that means harm: to the reader's terminal, to secrets, to whoever checks a proof."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest

from tests.cli.terminal import HOSTILE, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured


def _drives(text: str) -> list[str]:
    """Return what in a text could drive a terminal: controls, formats, direction marks."""
    return [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c != "\n"]


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize(
    "command",
    [["search", "gnp", "--private"], ["show"], ["show", "--history"], ["prove"]],
    ids=" ".join,
)
def test_records_do_not_drive_the_terminal(
    captured: Captured, command: list[str], options: list[str]
) -> None:
    """Whatever a commenter wrote is shown with its control characters escaped."""
    words = command if command[0] == "search" else [*command, captured.hostile]
    ran = run(captured.folder, *words, *options)
    assert ran.code == 0
    assert "owned" in ran.text
    assert _drives(ran.text) == []
    assert _drives(ran.stderr.decode()) == []


def test_escaped_text_is_still_the_same_text(captured: Captured) -> None:
    """A program that reads the JSON gets every character that was written."""
    (hit,) = run(captured.folder, "search", "gnp", "--private", "--json").document["data"]["hits"]
    assert hit["text"] == HOSTILE


def test_arguments_do_not_drive_the_terminal(captured: Captured) -> None:
    """What was typed comes back escaped, in words and in JSON."""
    name = "\x1b[31mx\udcff"
    for options in ([], ["--json"]):
        ran = run(captured.folder, "account", "show", name, *options)
        assert ran.code == 2
        assert _drives(ran.text + ran.stderr.decode()) == []


def test_a_printed_proof_is_whole(captured: Captured, tmp_path: Path) -> None:
    """A proof sent to standard output, controls and all, is the proof and checks."""
    printed = run(captured.folder, "prove", captured.hostile)
    (tmp_path / "proof.json").write_bytes(printed.stdout)
    (tmp_path / "key.txt").write_text(captured.ran["init"].document["data"]["keys"][0] + "\n")
    ran = run(tmp_path, "check", "proof.json", "--key", "key.txt", "--json")
    assert ran.document["data"]["fields"]["text"] == HOSTILE


def test_raw_bytes_are_the_bytes_received(captured: Captured) -> None:
    """--raw sends the excerpt itself, unchanged, when standard output is no terminal."""
    ran = run(captured.folder, "show", captured.hostile, "--raw")
    item = json.loads(ran.stdout)
    assert item["content"]["raw"] == HOSTILE


@pytest.mark.parametrize(
    "where", ["https://clerk:hunter2@city.example", "https://hunter2@city.example/feed"]
)
def test_secrets_in_an_address_are_refused(copy: Path, where: str) -> None:
    """An address with a login in it is refused and not repeated, nor kept anywhere."""
    words = ["account", "add", "new", "--platform", "feed", "--url", where]
    for options in ([], ["--json"]):
        ran = run(copy, *words, *options)
        assert ran.code == 2
        assert b"hunter2" not in ran.stdout + ran.stderr


def test_secrets_on_the_command_line_are_refused(copy: Path) -> None:
    """A credential in the arguments is refused and not repeated."""
    words = ["account", "credential", "city-blog", "--credential", "password=hunter2"]
    for options in ([], ["--json"]):
        ran = run(copy, *words, *options)
        assert ran.code == 2
        assert b"hunter2" not in ran.stdout + ran.stderr


def test_no_command_prints_the_credential(captured: Captured) -> None:
    """The password given at the start is in nothing that any command printed or stored."""
    secret = captured.secret.encode()
    for ran in captured.ran.values():
        assert secret not in ran.stdout + ran.stderr
    stored = [path for path in (captured.folder / "archive").rglob("*") if path.is_file()]
    assert [path for path in stored if secret in path.read_bytes()] == []


GARBAGE = [
    (b"", 3),
    (b"\x00\xff" * 100, 3),
    (b"[]", 3),
    (b"{}", 3),
    (b"[" * 100_000, 3),
    (b'{"schema":"civic-archive/proof/v1"}', 3),
    (b'{"schema":"civic-archive/proof/v1","source":7,"context":[],"fields":null}', 3),
    (b'{"schema":"civic-archive/proof/v1","record":NaN}', 3),
]


@pytest.mark.parametrize(("data", "code"), GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_no_proof(captured: Captured, tmp_path: Path, data: bytes, code: int) -> None:
    """A file that is no proof is named so, whatever is in it."""
    (tmp_path / "proof.json").write_bytes(data)
    key = captured.ran["init"].document["data"]["keys"][0]
    ran = run(tmp_path, "check", "proof.json", "--key", key, "--json")
    assert (ran.code, ran.finding["code"]) == (code, "format")


def test_a_proof_without_end_is_not_read_to_it(captured: Captured) -> None:
    """A device or a huge file is given up after the most that a proof can have."""
    ran = run(captured.folder, "check", "/dev/zero", "--key", "a+00000000+AQ==", "--json")
    assert (ran.code, ran.finding["code"]) == (2, "usage")


def test_a_proof_says_nothing_under_another_key(captured: Captured, tmp_path: Path) -> None:
    """The key of another archive, no key, or a file that is no key: never a proof that holds."""
    run(captured.folder, "prove", captured.edited, "--out", str(tmp_path / "proof.json"))
    run(tmp_path, "init")
    (tmp_path / "binary").write_bytes(os.urandom(64))
    other = json.loads((tmp_path / "archive" / "archive.json").read_text("utf-8"))["keys"][0]
    expected = {other: 1, "binary": 3, "nosuch": 2, "": 2}
    for key, code in expected.items():
        words = ["--key", key] if key else []
        ran = run(tmp_path, "check", "proof.json", *words, "--json")
        assert ran.code == code, key
        assert ran.finding["message"]


def test_a_changed_proof_does_not_hold(captured: Captured, tmp_path: Path) -> None:
    """One letter of what a proof shows, changed, and it holds no more."""
    key = captured.ran["init"].document["data"]["keys"][0]
    file = tmp_path / "proof.json"
    run(captured.folder, "prove", captured.edited, "--field", "text", "--out", str(file))
    proof = file.read_text("utf-8")
    changed = re.sub(r'("text": "[^"]*)pothole', r"\1pot-hole", proof, count=1)
    assert changed != proof
    file.write_text(changed, "utf-8")
    ran = run(tmp_path, "check", str(file), "--key", key, "--json")
    assert ran.code in {1, 3}
    assert ran.finding["code"] in {"integrity", "format"}


@pytest.mark.parametrize(
    "words",
    [
        ("schedule", "list"),
        ("person", "role", "--act", "/dev/zero"),
        ("hold", "release", "--act", "/dev/zero"),
        ("keys", "recipients", "add", "/dev/zero", "--name", "vault"),
    ],
)
def test_files_without_an_end_are_not_read_to_it(
    captured: Captured, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """A pack, an act, a decision, public keys: whatever is given, a plain refusal comes back."""
    config = tmp_path / "archiver.toml"
    packs = 'packs = ["/dev/zero"]' if words[0] == "schedule" else ""
    config.write_text(f"[retention]\n{packs}\n")
    ran = run(captured.folder, *words, "--json", ARCHIVER_CONFIG=str(config))
    assert ran.code == 2
    assert ran.document["findings"][0]["code"] == "usage"


@pytest.mark.parametrize(
    "words",
    [("disposition", "outcome", "a" * 26, "approved"), ("classify", "--series", "city/1")],
)
def test_a_list_of_records_that_is_no_text_is_refused(
    captured: Captured, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """A picture in the place of the list is no defect of ours."""
    (tmp_path / "list.png").write_bytes(b"\x89PNG\r\n\xff")
    ran = run(captured.folder, *words, "--file", str(tmp_path / "list.png"), "--json")
    assert ran.code == 2
    assert ran.document["findings"][0]["message"] == "not a list of records"
