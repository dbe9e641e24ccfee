"""Holds, series, events and schedules from the command line: signed, sealed, told to schema."""

from __future__ import annotations

import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.demo import texts
from archiver.demo.blog import Blog
from archiver.demo.city import City
from archiver.demo.server import CityServer
from tests.cli.conftest import LOGIN
from tests.cli.terminal import Ran, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured


ENROL = ("person", "enrol", "counsel", "--key", "counsel.key", "--role", "counsel")


@pytest.fixture(scope="module")
def founded(captured: Captured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The captured archive, with a clerk who manages records and a counsel; not to be changed."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(captured.folder, folder, dirs_exist_ok=True)
    for name, role in (("clerk", "records-manager"), ("counsel", "counsel")):
        words = ("person", "enrol", name, "--key", f"{name}.key", "--role", role)
        assert run(folder, *words).code == 0
    return folder


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    return tmp_path


def done(folder: Path, *words: str, sign: str = "counsel") -> Ran:
    """Run a command that decides something, signed; it is done, and its document has its form."""
    keys = [part for name in sign.split() for part in ("--sign", f"{name}.key")]
    ran = run(folder, *words, *keys, "--json")
    assert (ran.code, ran.document["ok"]) == (0, True), ran.document["findings"]
    return ran


def handed_on(folder: Path, command: tuple[str, ...], *words: str) -> Ran:
    """Have counsel begin a decision and the clerk sign it next; return what sealing it said."""
    done(folder, *command, *words, "--out", "next.act")
    assert (folder / "next.act").stat().st_mode & 0o777 == 0o600
    return done(folder, *command, "--act", "next.act", sign="clerk")


def test_a_hold_from_placing_to_release(office: Path, captured: Captured) -> None:
    """Placed by one, told of, released by two; its history shows all of it."""
    place = ("hold", "place", captured.edited, "--kind", "audit", "--matter", "A-7")
    made = done(office, *place, "--no-snapshot").document["data"]
    hold = made["hold"]
    assert (made["records"], made["leaves"], made["in_flight"]) == (1, 2, [])
    done(office, "hold", "notice", hold, "--to", "IT", "--date", "2026-11-20")
    done(office, "hold", "ack", hold, "--from", "IT", "--date", "2026-11-21")
    (applied,) = done(office, "hold", "apply").document["data"]
    assert applied == {"hold": hold, "leaves": 0, "unread": False}
    alone = run(
        office, "hold", "release", hold, "--reason", "over", "--sign", "clerk.key", "--json"
    )
    assert alone.finding["code"] == "act-refused"
    sealed = handed_on(office, ("hold", "release"), hold, "--reason", "over")
    assert len(sealed.document["data"]["act"]["signatures"]) == 2
    again = ("hold", "release", "--act", "next.act", "--out", "third.act", "--sign", "clerk.key")
    assert "reason: over" in run(office, *again).text, "who signs next is shown what for"
    (row,) = run(office, "hold", "list", "--json").document["data"]
    assert row["stands"]
    assert row["released"] == sealed.document["data"]["counts"]
    assert [one["to"] for one in row["notices"]] == [one["by"] for one in row["acknowledged"]]
    assert "A-7" in run(office, "hold", "list").text
    assert run(office, "verify", "--deep").code == 0


def test_the_hold_of_a_request(office: Path) -> None:
    """A law is data; the request stays open until it is answered, and its law is told."""
    place = ("hold", "place", "--query", "culvert", "--future", "--no-snapshot", "--kind", "foia")
    told = run(office, *place, "--sign", "counsel.key", "--json").finding
    assert "us-il or us-wi" in told["mend"]
    request = ("--law", "us-wi", "--received", "2026-11-02", "--matter", "request 31")
    hold = done(office, *place, *request).document["data"]["hold"]
    assert run(office, "hold", "release", hold, "--json").finding["code"] == "usage"
    open_ = run(office, "hold", "release", hold, "--reason", "x", "--json")
    assert open_.finding["code"] == "hold-open"
    event = (hold, "denied", "--date", "2026-11-09", "--evidence", "letter")
    handed_on(office, ("hold", "event"), *event)
    done(office, "hold", "event", hold, "suit-filed", "--date", "2026-11-12", sign="clerk")
    (row,) = run(office, "hold", "list", "--json").document["data"]
    assert [one["event"] for one in row["events"]] == ["denied", "suit-filed"]
    assert "suit-filed, and not over yet (Wis. Stat. 19.35(5))" in row["why"]


def test_a_snapshot_that_fails_is_told(
    office: Path, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform is gone: the hold stands all the same, and says that nothing more was read."""
    monkeypatch.setattr("archiver.flows.asking.TRIES", 1)
    made = done(office, "hold", "place", captured.edited).document["data"]
    assert made["captured"]["city-blog"]
    assert [one["stands"] for one in run(office, "hold", "list", "--json").document["data"]] == [
        True
    ]


class Hamlet(City):
    """A blog of one post with one comment: `only`."""

    def __init__(self) -> None:
        Blog.__init__(self)
        self.news = []
        login, name, role = texts.STAFF[0]
        self.add_user(login, name, role=role)
        post = self.publish("Culvert", "It is blocked.")
        self.only = self.comment(post.id, "Mend it.", name="Ann")


def test_what_goes_while_it_is_held_is_a_finding(tmp_path: Path) -> None:
    """The accounts in scope are read at once; what is hidden later is told, and once."""
    town = Hamlet()
    with CityServer(town) as server:
        assert run(tmp_path, "init", "--clerk", "R. Alvarez", "--key", "clerk.key").code == 0
        assert run(tmp_path, *ENROL).code == 0
        blog = ("blog", "--platform", "wordpress", "--url", server.url, *LOGIN)
        run(tmp_path, "account", "add", *blog, stdin=f"{town.secret}\n", CITY_USER=town.user)
        run(tmp_path, "account", "approve", "blog", "--yes", "--key", "clerk.key")
        assert run(tmp_path, "capture", CITY_USER=town.user).code == 0
        record = f"wordpress:blog:comments:{town.only.id}"
        words = ("hold", "place", record, "--sign", "counsel.key", "--json")
        made = run(tmp_path, *words, CITY_USER=town.user).document["data"]
        assert made["captured"] == {"blog": ""}
        town.trash_comment(town.only.id)
        for finding, code in ((True, 1), (False, 0)):
            ran = run(tmp_path, "capture", "--mode", "backfill", "--json", CITY_USER=town.user)
            told = [one["where"] for one in ran.document["findings"]]
            assert (ran.code, told) == (code, [record] if finding else [])
    (gone,) = run(tmp_path, "status", "--json").document["data"]["held_gone"]
    assert (gone["record"], gone["kind"], gone["holds"]) == (record, "removed", [made["hold"]])
    assert f"On hold, and removed on its platform: {record}" in run(tmp_path, "status").text


def test_what_was_gone_before_is_no_news(office: Path, captured: Captured) -> None:
    """A record that was deleted before it was held is no finding of the status."""
    done(office, "hold", "place", captured.deleted, "--no-snapshot")
    assert run(office, "status", "--json").document["data"]["held_gone"] == []


def test_series_events_and_schedules(office: Path, captured: Captured) -> None:
    """Decided by two, each waits; all of it is in the history, and no word in the log."""
    (office / "ids.txt").write_text(f"{captured.edited}\n\n{captured.deleted}\n")
    words = ("--file", "ids.txt", "--series", "wa-core/GS50-01-12", "--reason", "by content")
    made = handed_on(office, ("classify",), *words).document["data"]
    assert made["counts"] > made["act"]["statement"]["time"]
    longer = ("classify", "--query", "pothole", "--series", "x/long", "--lengthens")
    done(office, *longer, sign="clerk")
    handed_on(office, ("classify",), captured.edited, "--reviewed", "claimed-dates")
    event = ("case-closed", captured.edited, "--date", "2026-11-02", "--evidence", "docket 9")
    handed_on(office, ("event", "record"), *event)
    (office / "pack.yaml").write_text("schedule: x\n")
    pack = ("wa-core", "v4.2", "--file", "pack.yaml")
    done(office, "schedule", "add", *pack, sign="clerk")
    source = f"core={sha256(b'source').hexdigest()}"
    read = ("--read", source, "--read-by", "R. Alvarez", "--read-on", "2026-11-01")
    how = ("--authority", "City Council", "--instrument", "Ord. 12", "--effective", "2026-12-01")
    adopted = handed_on(
        office, ("schedule", "adopt"), *pack, *how, *read, "--confirm", "GS50-01-12"
    )
    option = ("wi-wmrs", "2018", *how[2:], "--expires", "2028-08-27")
    handed_on(office, ("schedule", "opt-in"), *option)
    history = run(office, "schedule", "history", "--json").document["data"]
    acts = ["classify", "classify", "review", "event", "add-schedule", "adopt-schedule", "opt-in"]
    assert [one["act"] for one in history] == acts
    assert [one["counting"] for one in history] == [False, True, False, False, True, False, False]
    entry = history[5]["entry"]
    assert "City Council" in history[5]["what"]
    assert adopted.document["data"]["act"]["statement"]["act"] == "adopt-schedule"
    handed_on(office, ("schedule", "revoke"), str(entry), "--reason", "a slip")
    assert "revoke-schedule" in run(office, "schedule", "history").text
    assert run(office, "verify").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("classify",), "usage"),
        (("disposition", "propose", "x/1"), "series-not-in-force"),
        (("disposition", "propose", "x/1", "--as-of", "2099-01-01"), "usage"),
        (("disposition", "approve", "absent.act"), "usage"),
        (("disposition", "submit", "a" * 26, "--worksheet", "x.md"), "order-unknown"),
        (("disposition", "notice", "a" * 26), "usage"),
        (("disposition", "outcome", "a" * 26), "usage"),
        (("disposition", "list", "--state", "lost"), "usage"),
        (("disposition", "halt", "a" * 26, "--reason", "x"), "order-unknown"),
        (("classify", "a:b:c:d", "--series", "x/1"), "record-unknown"),
        (("classify", "--act", "absent.act"), "usage"),
        (("classify", "--act", "clerk.key"), "format"),
        (("event", "record", "closed"), "usage"),
        (("event", "record", "closed", "x", "--date", "soon"), "usage"),
        (("event", "record", "closed", "x", "--date", "2026-11-02"), "usage"),
        (("hold", "place"), "hold-empty"),
        (("hold", "place", "--law", "us-wi"), "usage"),
        (("hold", "event"), "usage"),
        (("hold", "release"), "usage"),
        (("hold", "notice", "a" * 26, "--to", "IT", "--date", "2026-11-02"), "hold-unknown"),
        (("schedule", "adopt", "x", "1"), "usage"),
        (("schedule", "revoke", "7"), "usage"),
    ],
)
def test_wrong_wishes_are_explained(founded: Path, words: tuple[str, ...], code: str) -> None:
    """Each has a code, and a way to mend it."""
    finding = run(founded, *words, "--sign", "counsel.key", "--json").finding
    assert finding["code"] == code
    assert finding["mend"]
