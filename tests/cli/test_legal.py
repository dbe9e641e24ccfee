"""What law and terms say is shown before an account is approved."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.flows.legal import digest_of, legal_notes
from tests.cli.terminal import run

NEWS = ("account", "add", "news", "--platform", "feed", "--url", "http://127.0.0.1:9/feed")


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """Return the folder of an archive with an account that is requested."""
    run(tmp_path, "init")
    run(tmp_path, *NEWS)
    return tmp_path


def status(folder: Path) -> str:
    """Return where the account stands."""
    return str(run(folder, "account", "show", "news", "--json").document["data"]["status"])


def test_notes_are_shown_and_the_decision_says_so(asked: Path) -> None:
    """For programs they are part of the document, with the digest that is recorded."""
    ran = run(asked, "account", "approve", "news", "--by", "Clerk", "--json")
    data = ran.document["data"]
    assert data["legal"] == legal_notes("feed")
    assert data["notes"] == digest_of("feed")
    shown = run(asked, "account", "show", "news", "--json").document["data"]
    assert (shown["notes"], shown["legal"]) == (digest_of("feed"), legal_notes("feed"))


@pytest.mark.parametrize("options", [(), ("--yes",)])
def test_notes_are_shown_to_people_before_it_is_approved(
    asked: Path, options: tuple[str, ...]
) -> None:
    """Each with where it is from and how sure we are; nobody who pipes is asked."""
    text = run(asked, "account", "approve", "news", "--by", "Clerk", *options).text
    for note in legal_notes("feed"):
        assert note["says"] in text
        assert f"{note['citation']} ({note['confidence']}" in text
    assert text.index("no legal advice") < text.index("is approved by Clerk")


@pytest.mark.parametrize(("said", "then"), [("n\n", "requested"), ("y\n", "approved")])
def test_at_a_terminal_one_is_asked_to_go_on(asked: Path, said: str, then: str) -> None:
    """Saying no leaves the account as it was."""
    ours, theirs = os.openpty()
    program = "from archiver.cli.main import main; main()"
    command = [sys.executable, "-c", program, "account", "approve", "news"]
    environ = {
        **os.environ,
        "ARCHIVER_ARCHIVE": str(asked / "archive"),
        "ARCHIVER_HOME": str(asked / "home"),
    }
    os.write(ours, said.encode())
    done = subprocess.run(
        [*command, "--by", "Clerk"],
        check=False,
        stdin=theirs,
        capture_output=True,
        text=True,
        env=environ,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    os.close(ours)
    os.close(theirs)
    assert "Approve news for capture?" in done.stdout
    assert done.returncode == (0 if then == "approved" else 1)
    assert ("Nothing was changed" in done.stdout) is (then == "requested")
    assert status(asked) == then


def test_the_matrix_of_a_platform_has_its_notes(tmp_path: Path) -> None:
    """Of one in words; for programs always."""
    text = run(tmp_path, "connector", "matrix", "feed").text
    assert all(note["says"] in text for note in legal_notes("feed"))
    data = run(tmp_path, "connector", "matrix", "--json").document["data"]
    assert {note["platform"] for note in data["notes"]} == {
        cell["platform"] for cell in data["cells"]
    }
