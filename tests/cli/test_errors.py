"""Wrong input: each mistake has a code, an exit status, and words that help to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from archiver.capture.session import MODES
from archiver.cli.capture import Mode
from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

RECORD = "wordpress:city-blog:comments:1"
ADD = "account add new --platform wordpress --url https://city.example"
STRANGER = "example.gov/archive+023f98d2+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"

WRONG = [
    ("nosuch", 2, "usage"),
    ("account nosuch", 2, "usage"),
    ("account --json", 2, "usage"),
    ("status --nosuch", 2, "usage"),
    ("show", 2, "usage"),
    ("account approve city-blog", 2, "usage"),
    ("status --archive nowhere", 2, "archive-missing"),
    ("status --archive s3://", 2, "usage"),
    ("init", 2, "archive-exists"),
    ("init --archive new --home new/home", 2, "home-inside"),
    ("init --archive new --home elsewhere --origin two+words", 2, "usage"),
    ("account show nosuch", 2, "account-unknown"),
    ("account approve nosuch --by Clerk", 2, "account-unknown"),
    ("account approve city-blog --by Clerk", 1, "account-status"),
    ("account approve city-blog --by=", 2, "usage"),
    ("account add Not_A_Name --platform feed --url https://city.example", 2, "usage"),
    ("account add city-blog --platform feed --url https://city.example", 1, "account-exists"),
    ("account add new --platform nosuch --url https://city.example", 2, "usage"),
    ("account add new --platform feed --url ftp://city.example", 2, "account-address"),
    ("account add new --platform feed --url https://", 2, "account-address"),
    ("account add new --platform feed --url https://[::1", 2, "account-address"),
    (
        "account add new --platform feed --url https://clerk:letmein@city.example",
        2,
        "account-address",
    ),
    (f"{ADD} --credential user=clerk", 2, "usage"),
    (f"{ADD} --credential user", 2, "usage"),
    (f"{ADD} --credential user=env:NOT_SET_ANYWHERE", 2, "usage"),
    (f"{ADD} --credential user=-", 2, "usage"),
    (f"{ADD} --credential shoe-size=env:PATH", 2, "usage"),
    ("account credential city-blog", 2, "usage"),
    ("capture nosuch", 2, "account-unknown"),
    ("capture city-blog --mode nosuch", 2, "usage"),
    ("connector matrix nosuch", 2, "usage"),
    ('search "open', 2, "query-quote"),
    ("search x --stream nosuch", 2, "usage"),
    ("search x --state nosuch", 2, "usage"),
    ("search x --account nosuch", 2, "account-unknown"),
    ("search x --from 2026-02-30", 2, "usage"),
    ("search x --to yesterday", 2, "usage"),
    ("search x --as-of 2026-11-20T13:00:00", 2, "usage"),
    ("show nosuch", 2, "record-unknown"),
    (f"show {RECORD} --as-of 2001-01-01", 2, "usage"),
    (f"show {RECORD} --as-of then", 2, "usage"),
    ("prove wordpress:city-blog:comments:0", 2, "record-unknown"),
    (f"prove {RECORD} --field nosuch", 2, "usage"),
    (f"prove {RECORD} --withhold nosuch", 2, "withhold-nothing"),
    (f"prove {RECORD} --observation nosuch", 2, "usage"),
    (f"prove {RECORD} --out no/such/folder/proof.json", 2, "usage"),
    ("check nosuch.json", 2, "usage"),
    (f"check . --key {STRANGER}", 2, "usage"),
    ("verify --archive nowhere", 2, "archive-missing"),
]


@pytest.mark.parametrize(("command", "code", "finding"), WRONG, ids=[each[0] for each in WRONG])
def test_each_mistake_is_named(captured: Captured, command: str, code: int, finding: str) -> None:
    """Exit status and code are as promised, and the words say how to mend it."""
    ran = run(captured.folder, *command.split(" "), "--json")
    assert ran.code == code
    found = ran.finding
    assert found["code"] == finding
    assert found["mend"]


@pytest.mark.parametrize("command", ["account show nosuch", "search x --to now", "capture nosuch"])
def test_people_read_the_same_words(captured: Captured, command: str) -> None:
    """Without --json the same goes to standard error, and nothing to standard output."""
    asked = run(captured.folder, *command.split(), "--json").finding
    ran = run(captured.folder, *command.split())
    assert ran.stdout == b""
    shown = ran.stderr.decode()
    assert f"error [{asked['code']}]: {asked['message']}" in shown
    assert f"to mend: {asked['mend']}" in shown


def test_a_command_line_without_a_command_shows_help(captured: Captured) -> None:
    """`archiver` alone, or a group alone, is wrong usage and prints what there is."""
    for words in ([], ["account"], ["connector"]):
        ran = run(captured.folder, *words)
        assert ran.code == 2
        assert ran.stderr.startswith(b"Usage: archiver")
        assert b"list" in ran.stderr or b"verify" in ran.stderr


def test_no_archive_named(captured: Captured) -> None:
    """Without a word on which archive, that is what is asked for."""
    ran = run(captured.folder, "status", "--json", ARCHIVER_ARCHIVE="")
    assert (ran.code, ran.finding["code"]) == (2, "archive-unset")


def test_a_file_in_the_archives_place(captured: Captured, tmp_path: Path) -> None:
    """An archive that is a file can't be used, and the file is left as it is."""
    file = tmp_path / "file"
    file.write_text("mine")
    for command in ("status", "init"):
        ran = run(captured.folder, command, "--archive", str(file), "--json")
        assert ran.code in {2, 3}
        assert ran.finding["where"]
    assert file.read_text() == "mine"


def test_a_file_in_the_homes_place(captured: Captured, tmp_path: Path) -> None:
    """A home that is a file can't be used."""
    file = tmp_path / "file"
    file.write_text("mine")
    ran = run(captured.folder, "status", "--home", str(file), "--json")
    assert ran.code == 3
    assert str(file) in ran.finding["where"]


def test_settings_that_are_not_there(captured: Captured, tmp_path: Path) -> None:
    """A settings file that was named and is not there is not passed over."""
    nowhere = str(tmp_path / "nowhere.toml")
    ran = run(captured.folder, "status", "--json", ARCHIVER_CONFIG=nowhere)
    assert (ran.code, ran.finding["where"]) == (2, nowhere)


def test_a_query_as_long_as_a_book(captured: Captured) -> None:
    """A query has an end: hundreds of words, or one endless word, are refused at once."""
    for text in ("ab " * 30_000, "a" * 20_000):
        ran = run(captured.folder, "search", text, "--json")
        assert (ran.code, ran.finding["code"]) == (2, "query-too-long")


def test_an_unknown_option_is_not_echoed_as_a_command(captured: Captured) -> None:
    """What precedes the command can't name a schema that does not exist."""
    ran = run(captured.folder, "--archive", "x", "status", "--json")
    assert ran.document["schema"] == "civic-archive/cli/archiver/1"


def test_one_account_of_several_fails(copy: Path) -> None:
    """A capture of all accounts goes on after one that fails, and names it."""
    dead = "http://127.0.0.1:9/feed"  # the discard port: nobody answers
    for name in ("dead-one", "dead-two"):
        run(copy, "account", "add", name, "--platform", "feed", "--url", dead)
        run(copy, "account", "retire", name, "--by", "Clerk")
    ran = run(copy, "capture", "dead-one", "dead-two", "--json")
    assert ran.code == 1
    found = ran.document
    assert found["data"] == []
    assert [one["where"] for one in found["findings"]] == ["dead-one", "dead-two"]
    assert {one["code"] for one in found["findings"]} == {"account-not-approved"}


def test_modes_are_those_of_the_session() -> None:
    """The command line names them once more, so as not to load the engine for a help text."""
    assert get_args(Mode) == MODES


def test_a_sign_stands_under_its_place(captured: Captured) -> None:
    """What is wrong with a query is pointed at, also beside the word that says where."""
    told = run(captured.folder, "search", "a OR b AND c").stderr.decode().splitlines()
    assert told[1].index(" OR") + 1 == told[2].index("^")
