"""Productions from the command line: a volume, what is refused, and what is asked back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.terminal import run
from tests.cli.test_decisions import done
from tests.cli.test_matters import founded, office  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from pathlib import Path

SCOPE = ("--account", "city-blog", "--stream", "posts")


def opened(office: Path) -> str:  # noqa: F811 - not the fixture
    """Open a matter about all posts of the blog; return its handle."""
    words = ("matter", "open", "--name", "Request 31", *SCOPE)
    return str(done(office, *words).document["data"]["act"]["statement"]["matter"])


def told(office: Path, *words: str) -> str:  # noqa: F811 - not the fixture
    """Return all that a command prints."""
    ran = run(office, *words)
    return ran.text + ran.stderr.decode()


def test_numbers_are_reserved_before(office: Path) -> None:  # noqa: F811 - a fixture
    """As the profile has them; else the log is told of no volume, and nothing is handed over."""
    name = opened(office)
    make = ("produce", "--matter", name, "--profile", "data", "--sign", "clerk.key")
    assert "bates-unreserved" in told(office, *make, "--out", "none")
    reserve = ("bates", "reserve", name, "--prefix", "DATA", "--count", "40")
    done(office, *reserve, "--width", "8")
    assert "bates-width" in told(office, *make, "--out", "none")
    assert not (office / "none").exists()


def test_a_volume_is_told_and_asked_back(office: Path) -> None:  # noqa: F811 - a fixture
    """Its number is the next of the matter; what was asked back has a number of its own."""
    name = opened(office)
    done(office, "bates", "reserve", name, "--prefix", "DATA", "--count", "90", "--width", "9")
    make = ("produce", "--matter", name, "--profile", "data")
    ran = run(office, *make, "--out", "first", "--sign", "clerk.key", "--json")
    assert ran.code == 0, ran.text
    made = ran.document["data"]
    assert (made["volume"], made["elsewhere"], made["conservation"]["faults"]) == (1, [], [])
    assert "produced" in told(office, *make, "--out", "draft")
    at = ("--at", str(made["size"]))
    again = run(office, *make, "--out", "again", *at, "--json").document["data"]
    assert again["written"] == made["written"]
    same = run(office, "diff", "first", "again", "--json").document["data"]
    assert (same["changes"], same["before"]["first"]) == ([], made["written"]["first"])
    assert "no bag is there" in told(office, "diff", "first", "archive")
    record = run(office, "search", *SCOPE, "--json").document["data"]["hits"][0]
    back = ("export", "claw-back", record["record_id"], "--matter", name, "--volume", "1")
    assert "and why?" in told(office, *back, "--sign", "clerk.key")
    asked = done(office, *back, "--why", "it names a child").document["data"]
    assert (asked["number"], asked["of"], asked["records"]) == (2, 1, 1)
    assert "Volume 2 (claw-back of 1): it names a child" in told(office, "matter", "show", name)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "what is handed over?"),
        (("pothole", "--matter", "m" * 26), 2, "what is handed over?"),
        (("pothole",), 2, "where to?"),
        (("pothole", "--out", "x", "--sign", "clerk.key"), 2, "only a matter has volumes"),
        (("pothole", "--out", "x", "--supplemental"), 2, "only a matter has volumes"),
        (("pothole", "--out", "x", "--final"), 2, "for which court?"),
        (("pothole", "--out", "x", "--certificate", "narnia"), 2, "certificate-text-unknown"),
        (("pothole", "--out", "x", "--certificate", "us-federal"), 2, "certificate-declarant"),
        (("pothole", "--out", "x", "--profile", "nothing"), 2, "no such profile"),
        (("pothole", "--out", "x", "--at", "999999"), 2, "size-unknown"),
        (("pothole", "--out", "x", "--at", "-1"), 2, "size-unknown"),
        (("pothole AND", "--out", "x"), 2, "query"),
        (("nobody-says-this", "--out", "x"), 2, "nothing-to-produce"),
        (("--account", "no-city", "--out", "x"), 2, "account-unknown"),
        (("--matter", "m" * 26, "--out", "x"), 2, "matter-unknown"),
        (("pothole", "--out", "clerk.key/x"), 2, "nothing can be written there"),
        (("pothole", "--out", "archive"), 2, "file-exists"),
    ],
)
def test_what_makes_no_sense_is_refused(
    office: Path,  # noqa: F811 - a fixture
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    """With what, where and how to mend it; nothing is left."""
    ran = run(office, "produce", *words)
    text = ran.text + ran.stderr.decode()
    assert (ran.code, said in text) == (code, True), text
    assert not (office / "x").exists()
