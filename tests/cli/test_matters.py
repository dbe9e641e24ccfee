"""Matters from the command line: opened, tagged, approved, numbered, shown, closed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.terminal import run
from tests.cli.test_decisions import done, handed_on

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

PEOPLE = (("anna", "approver"), ("clerk", "records-manager"), ("counsel", "counsel"))
WORDS = ("--name", "Request 31", "--kind", "foia", "--query", "pothole", "--private")


@pytest.fixture(scope="module")
def founded(captured: Captured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The captured archive, with an approver, a clerk and a counsel; not to be changed."""
    folder = tmp_path_factory.mktemp("matters")
    shutil.copytree(captured.folder, folder, dirs_exist_ok=True)
    for name, role in PEOPLE:
        words = ("person", "enrol", name, "--key", f"{name}.key", "--role", role)
        assert run(folder, *words).code == 0
    return folder


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    return tmp_path


def opened(office: Path, *words: str) -> str:
    """Open a matter; return its handle."""
    made = done(office, "matter", "open", *WORDS, *words).document["data"]
    return str(made["act"]["statement"]["matter"])


def test_a_matter_from_opening_to_closing(office: Path, captured: Captured) -> None:
    """Each act is signed and sealed at once; what came of it is shown, and verifies."""
    name = opened(office, "--account", "city-blog", "--stream", "comments", "--from", "2026-01-01")
    record = captured.edited
    (office / "ids.txt").write_text(f"{captured.deleted}\n")
    done(office, "tag", record, "--matter", name, "--as", "exempt", "--exemption", "7(1)(b)")
    done(office, "tag", "--file", "ids.txt", "--matter", name, "--as", "responsive", sign="clerk")
    noted = ("tag", record, "--matter", name, "--note", "see the photo")
    assert "1 records." in run(office, *noted, "--sign", "clerk.key").text
    back = ("tag", "--file", "ids.txt", "--matter", name, "--as", "responsive", "--take-back")
    done(office, *back)
    done(office, *back[:-1])
    shown = run(office, "matter", "show", name, "--json").document["data"]
    assert shown["scope"]["query"] == "pothole"
    assert shown["scope"]["accounts"] == ["city-blog"]
    assert [(one["record"], one["tag"], one["exemption"]) for one in shown["tags"]] == sorted(
        [(record, "exempt", "7(1)(b)"), (captured.deleted, "responsive", "")]
    )
    assert [one["text"] for one in shown["notes"]] == ["see the photo"]
    assert shown["unread"] == []
    text = run(office, "matter", "show", name).text
    assert "exempt 7(1)(b)" in text
    assert "asks: pothole" in text
    handed_on(office, ("matter", "close"), name, "--reason", "answered")
    (listed,) = run(office, "matter", "list", "--json").document["data"]
    assert (listed["open"], listed["taggings"], listed["numbers"]) == (False, 5, 0)
    assert "Request 31" in run(office, "matter", "list").text
    late = run(office, *noted, "--sign", "clerk.key", "--json").finding
    assert late["code"] == "matter-closed"
    assert run(office, "verify", "--deep").code == 0


def test_numbers_are_reserved_and_listed(office: Path) -> None:
    """They are taken at once, and told as they are stamped."""
    name = opened(office)
    numbers = ("bates", "reserve", name, "--prefix", "CITY", "--count", "500", "--width", "6")
    made = done(office, *numbers).document["data"]
    assert (made["first_number"], made["last_number"]) == ("CITY000001", "CITY000500")
    (row,) = run(office, "bates", "list", "--json").document["data"]
    assert row == made
    assert "CITY000500" in run(office, "bates", "list").text
    (shown,) = run(office, "matter", "show", name, "--json").document["data"]["numbers"]
    assert shown == {"prefix": "CITY", "width": 6, "first": 1, "last": 500}


def _private(office: Path) -> str:
    """Return a record of a private stream."""
    public = run(office, "search", "--json").document["data"]["hits"]
    every = run(office, "search", "--private", "--json").document["data"]["hits"]
    (one, *_) = {hit["record_id"] for hit in every} - {hit["record_id"] for hit in public}
    return str(one)


def test_an_export_of_private_records_takes_two(office: Path) -> None:
    """Who asks signs first; an approver signs next, and sees which records it is about."""
    name, record = opened(office), _private(office)
    asked = ("export", "approve", record, "--matter", name, "--why", "counsel asks")
    assert run(office, *asked, "--json").finding["code"] == "usage"
    alone = run(office, *asked, "--sign", "clerk.key", "--json").finding
    assert alone["code"] == "act-refused"
    done(office, *asked, "--out", "next.act", sign="clerk")
    again = ("export", "approve", "--act", "next.act")
    assert run(office, *again, "--sign", "counsel.key", "--json").finding["code"] == "act-refused"
    seen = run(office, *again, "--sign", "anna.key").text
    assert record in seen
    assert "why: counsel asks" in seen
    shown = run(office, "matter", "show", name, "--json").document["data"]
    (approval,) = shown["approvals"]
    assert approval["leaves"] != []
    whole = ("export", "approve", "--all", "--matter", name, "--out", "all.act")
    done(office, "tag", record, "--matter", name, "--as", "responsive")
    assert "private records." in run(office, *whole, "--sign", "clerk.key").text
    assert run(office, "verify").code == 0


def test_what_belongs_together_is_tagged_together(office: Path, captured: Captured) -> None:
    """A post with its thread; duplicates that are tagged otherwise are named."""
    name = opened(office)
    hits = run(office, "search", "--stream", "posts", "--json").document["data"]["hits"]
    counts = {}
    for post in [hit["record_id"] for hit in hits][:6]:
        for how in ("--with-family", "--with-thread", "--with-duplicates"):
            words = ("tag", post, "--matter", name, "--as", "responsive", how, "--out", "x.act")
            told = run(office, *words, "--sign", "clerk.key").text
            counts[post, how] = int(told.split(" records.")[0].split()[-1])
    assert min(counts.values()) >= 1
    assert max(counts[post, "--with-thread"] for post, _ in counts) > 1
    shown = run(office, "matter", "show", name, "--review", "--json").document["data"]
    assert shown["review"] == {"duplicates": [], "outdated": []}
    assert captured.edited


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("matter", "open", "--name", "x", "--query", "a AND b OR c"), "query-ambiguous"),
        (("matter", "open"), "usage"),
        (("matter", "open", "--name", "x", "--account", "nobody"), "account-unknown"),
        (("matter", "close"), "usage"),
        (("matter", "close", "a" * 26), "matter-unknown"),
        (("matter", "show", "a" * 26), "matter-unknown"),
        (("tag", "a:b:c:d", "--matter", "a" * 26, "--as", "exempt"), "matter-unknown"),
        (("tag", "a:b:c:d", "--as", "exempt"), "usage"),
        (("export", "approve"), "usage"),
        (("export", "approve", "a:b:c:d", "--matter", "a" * 26), "matter-unknown"),
        (("bates", "reserve", "a" * 26, "--prefix", "city", "--count", "5"), "usage"),
        (("bates", "reserve", "a" * 26, "--prefix", "CITY", "--count", "5"), "matter-unknown"),
    ],
)
def test_wrong_wishes_are_explained(founded: Path, words: tuple[str, ...], code: str) -> None:
    """Each has a code, and a way to mend it."""
    sign = () if words[:2] == ("matter", "show") else ("--sign", "counsel.key")
    finding = run(founded, *words, *sign, "--json").finding
    assert finding["code"] == code
    assert finding["mend"]
