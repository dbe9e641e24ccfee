"""Logging in by steps, again when a login runs out, and going on from a cursor."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Follow, Item, Listing, Login, Page, Problem, Site, Span
from archiver.capture.platforms import CONNECTORS
from archiver.demo.answer import Answer, Asked
from archiver.demo.city import City
from archiver.demo.faults import reset, server_error
from archiver.demo.server import CityServer
from archiver.errors import AuthorisationError, RateLimitedError, TransientError
from archiver.flows import accounts, connectors
from archiver.flows.accounts import find
from archiver.flows.asking import TRIES
from archiver.flows.capture import CaptureReport, capture
from archiver.flows.finished import finished_at
from archiver.flows.ledger import read_state
from archiver.flows.segments import read_table
from archiver.flows.window import capture_window
from archiver.formats.excerpts_json import json_items
from archiver.formats.parquet import canonical_time, rows_of
from archiver.record import Kind, Request, Sensitivity, Stream
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.capture.town import TownConnector
from tests.doubles import FixedClock
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt

PASSWORD = "a long gate password"
ASKED_TOO_MUCH = {
    412: Problem("quota", "dailyLimitExceeded", 7200.0),
    413: Problem("budget", "spend cap reached"),
    414: Problem("sunset", "v1 is retired"),
    415: Problem("scope", "messages.read is missing"),
}
JSON = (("Content-Type", "application/json"),)


class Gate:
    """A platform whose tokens are good for a few requests. ``given`` has all of them."""

    def __init__(self, uses: int = 100) -> None:
        self.uses = uses
        self.given: list[str] = []
        self.left = 0
        self.asked: list[str] = []
        self.echo = False
        self.closed = self.banned = ""
        self.locked: tuple[str, ...] = ()
        self.refusing: dict[str, int] = {}
        self.token = ""

    def answer(self, asked: Asked) -> Answer | None:
        """Let in whoever knows the password; show things to whoever is in."""
        if asked.path == "/gate/login":
            return self._login(json.loads(asked.body), asked)
        if not asked.path.startswith("/gate/"):
            return None
        if asked.headers.get("authorization") != f"Bearer {self.given[-1]}" or self.left == 0:
            return Answer(401, JSON, b'{"error":"token expired"}')
        self.left -= 1
        self.asked.append(asked.target)
        refusing = {self.banned: 403, self.closed: 500, **dict.fromkeys(self.locked, 401)}
        refusing |= self.refusing
        if asked.path in refusing:
            return Answer(refusing[asked.path], JSON, b"{}")
        shown = f"hello {self.given[0]}" if self.echo else "hello"
        return Answer(200, JSON, _things(asked, shown))

    def _login(self, body: Mapping[str, str], asked: Asked) -> Answer:
        assert "authorization" not in asked.headers
        if body["password"] != PASSWORD:
            said = {"error": f"no such password: {body['password']}"}
            return Answer(403, JSON, json.dumps(said).encode())
        self.given.append(self.token or f"token-{len(self.given)}-sentinel")
        self.left = self.uses
        return Answer(200, JSON, json.dumps({"token": self.given[-1]}).encode())


def _things(asked: Asked, shown: str) -> bytes:
    """Return five rooms, or the messages of one, of which a cursor skips the first."""
    if asked.path == "/gate/rooms":
        return json.dumps([{"id": f"r{n}"} for n in range(5)]).encode()
    room = asked.path.rpartition("/")[2]
    first = 1 if "since" in asked.query else 0
    return json.dumps([{"id": f"{room}-{n}", "text": shown} for n in range(first, 3)]).encode()


class GateConnector(TownConnector):
    """Logs in by one step; rooms name the listings of their messages, and ``files``."""

    files: tuple[str, ...] = ()
    """Addresses, each of a file of every room: ``{site}`` and ``{room}`` stand in them."""

    platform = "gate"
    parser = "gate/1"
    credential_fields: tuple[str, ...] = ("password",)
    secret_fields: tuple[str, ...] = ("password",)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Ask for a token."""
        body = json.dumps({"password": credential["password"]}).encode()
        return Login(request=Request(f"{site.url}/gate/login", "POST", (), body), take=_token)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Enumerate the rooms."""
        assert mode
        request = Request(f"{site.url}/gate/rooms")
        return (Listing("rooms", "pages", request, Sensitivity.PUBLIC, "rooms"),)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut rooms or messages."""
        if response.status == 401:
            return Page(problem=Problem("authorisation", response.status_line))
        if response.status == 403:
            return Page(problem=Problem("forbidden", response.status_line))
        if response.status >= 500:
            return Page(problem=Problem("transient", response.status_line))
        if response.status in ASKED_TOO_MUCH:
            return Page(problem=ASKED_TOO_MUCH[response.status])
        cuts = json_items(response.body)
        items = [self._one(site, listing, response.body, cut) for cut in cuts]
        return Page(tuple(items), cursor="" if listing.name == "rooms" else f"{listing.name} end")

    def _one(self, site: Site, listing: Listing, body: bytes, cut: tuple[int, int]) -> Item:
        name = json.loads(body[slice(*cut)])["id"]
        return Item(
            listing.stream, name, Kind.PRESENT, Sensitivity.PUBLIC, (Span("item", *cut),),
            "application/json", follow=self._room(site, name) if listing.name == "rooms" else (),
        )  # fmt: skip

    def _room(self, site: Site, name: str) -> tuple[Follow, ...]:
        since = "?since" if name in site.cursors else ""
        messages = Listing(
            name, Stream.POSTS, Request(f"{site.url}/gate/room/{name}{since}"),
            Sensitivity.PUBLIC, name, exhaustive=False,
        )  # fmt: skip
        files = [
            Follow(
                "file", Stream.MEDIA, f"{name}/{number}", Sensitivity.PUBLIC,
                Request(address.format(site=site.url, room=name)),
            )
            for number, address in enumerate(self.files)
        ]  # fmt: skip
        return (Follow("listing", Stream.POSTS, listing=messages, always=True), *files)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Take the text."""
        assert context
        found = json.loads(excerpts[0].data)
        return {"text": found["text"]} if "text" in found else {}


def _token(response: HttpResponse) -> Login:
    """Take the token, or say that there is none."""
    if response.status == 403:
        return Login(refused=json.loads(response.body)["error"])
    token = json.loads(response.body)["token"]
    return Login((("Authorization", f"Bearer {token}"),), secrets={"token": token})


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """Return a new archive that knows the gate platform."""
    monkeypatch.setattr(connectors, "CONNECTORS", {**CONNECTORS, "gate": GateConnector()})
    made = create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
    return replace(made, clock=FixedClock(datetime.now(UTC)))


@pytest.fixture
def gate() -> Gate:
    """Return the platform."""
    return Gate()


@pytest.fixture
def server(gate: Gate) -> Iterator[CityServer]:
    """Serve it."""
    with CityServer(City(), gate) as served:
        yield served


def registered(archive: Archive, server: CityServer, password: str = PASSWORD) -> None:
    """Register and approve the account."""
    request = {"name": "gate", "platform": "gate", "url": server.url}
    accounts.add(archive, request, {"password": password})
    accounts.approve(archive, "gate", "Clerk")


def captured(archive: Archive) -> CaptureReport:
    """Capture the account."""
    return capture(archive, "gate", "incremental", Quiet())


def test_a_login_by_steps_opens_the_platform(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """The token that the step brought goes with every request; each thing is captured once."""
    registered(archive, server)
    report = captured(archive)
    assert len(gate.given) == 1
    assert report.observations == {"present": 5 + 15, "listing": 1}
    assert report.requests == 6


def test_a_token_that_runs_out_is_renewed(archive: Archive, gate: Gate, server: CityServer) -> None:
    """The request that met the end of the login is asked again after a new one."""
    gate.uses = 2
    registered(archive, server)
    assert captured(archive).observations == {"present": 20, "listing": 1}
    assert len(gate.given) == 3


@pytest.mark.parametrize("uses", [1, 2, 3, 100])
def test_a_token_that_runs_out_before_a_file_is_renewed(
    archive: Archive, gate: Gate, server: CityServer, monkeypatch: pytest.MonkeyPatch, uses: int
) -> None:
    """A file that met the end of the login is asked for again, and comes in the same run."""
    monkeypatch.setattr(GateConnector, "files", ("{site}/gate/file/{room}",))
    gate.uses = uses
    registered(archive, server)
    report = captured(archive)
    assert report.incomplete == {}
    assert report.observations == {"present": 25, "listing": 1}
    assert len(gate.given) == -(-11 // uses)


def test_files_refused_for_their_own_sake_cost_one_login(
    archive: Archive, gate: Gate, server: CityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new login shows that the old one held; what is refused is told, the rest captured."""
    monkeypatch.setattr(GateConnector, "files", ("{site}/gate/file/{room}",))
    gate.locked = tuple(f"/gate/file/r{number}" for number in (1, 2, 4))
    registered(archive, server)
    report = captured(archive)
    assert report.incomplete == {
        f"media r{number}/0": "lacking: authorisation: HTTP/1.1 401 Unauthorized"
        for number in (1, 2, 4)
    }
    assert report.observations == {"present": 22, "listing": 1}
    assert len(gate.given) == 2


def test_a_file_elsewhere_says_nothing_of_our_login(
    archive: Archive, gate: Gate, server: CityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that gets no login of ours and asks for one keeps its files; nobody logs in anew."""
    elsewhere = f"http://localhost:{server.url.rpartition(':')[2]}/gate/file/{{room}}"
    monkeypatch.setattr(GateConnector, "files", (elsewhere,))
    registered(archive, server)
    report = captured(archive)
    assert set(report.incomplete.values()) == {"lacking: forbidden: HTTP/1.1 401 Unauthorized"}
    assert len(report.incomplete) == 5
    assert report.observations == {"present": 20, "listing": 1}
    assert len(gate.given) == 1


def test_no_token_and_no_password_is_stored(
    archive: Archive, gate: Gate, server: CityServer, tmp_path: Path
) -> None:
    """Neither archive nor home hold what let us in, but for the credential's own file."""
    gate.uses = 2
    registered(archive, server)
    captured(archive)
    secrets = [PASSWORD.encode(), *(token.encode() for token in gate.given)]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    leaking = {str(path) for path in files for one in secrets if one in path.read_bytes()}
    assert all("credentials" in path for path in leaking)


def test_a_refused_login_stops_the_run(archive: Archive, gate: Gate, server: CityServer) -> None:
    """The platform's own words say why; nothing was asked."""
    registered(archive, server, password="not the password")
    with pytest.raises(AuthorisationError, match="no such password") as refused:
        captured(archive)
    assert "not the password" not in str(refused.value)
    assert gate.asked == []


@pytest.mark.parametrize("token", ["7", "ab", "xyz", "five5"])
def test_a_token_too_short_to_be_kept_out_stops_the_run(
    archive: Archive, gate: Gate, server: CityServer, token: str
) -> None:
    """It would be found in innocent text: nothing is asked with it, and it is not shown."""
    gate.token = token
    registered(archive, server)
    with pytest.raises(AuthorisationError, match="fewer than 6 characters") as refused:
        captured(archive)
    assert token not in refused.value.message.split()
    assert gate.asked == []
    gate.token = ""
    assert captured(archive).observations == {"present": 20, "listing": 1}


def test_a_login_that_never_holds_stops_the_run(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """A token refused as soon as it is given is not asked for without end."""
    gate.uses = 0
    registered(archive, server)
    with pytest.raises(AuthorisationError, match="401"):
        captured(archive)
    assert 1 < len(gate.given) < 10


def test_a_platform_that_lets_nobody_in_now_is_waited_for(
    archive: Archive, server: CityServer
) -> None:
    """Server errors during a login are tried again, and in the end said as passing."""
    registered(archive, server)
    for _ in range(3):
        server.fail("/gate/login", server_error())
    assert captured(archive).observations["present"] == 20
    for _ in range(5):
        server.fail("/gate/login", server_error())
    with pytest.raises(TransientError, match="lets nobody in"):
        captured(archive)
    assert server.faults == []
    assert captured(archive).observations == {}


def test_a_login_cut_off_is_tried_again(archive: Archive, gate: Gate, server: CityServer) -> None:
    """A connection that breaks during the login is no refusal; one that always breaks is told."""
    registered(archive, server)
    for _ in range(TRIES - 1):
        server.fail("/gate/login", reset())
    assert captured(archive).observations["present"] == 20
    gate.asked.clear()
    for _ in range(TRIES):
        server.fail("/gate/login", reset())
    with pytest.raises(TransientError, match="while logging in"):
        captured(archive)
    assert gate.asked == []


def test_rooms_are_read_in_every_run_from_where_it_left_off(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """An unchanged room is asked for its messages again, after the cursor of the run before."""
    registered(archive, server)
    captured(archive)
    gate.asked.clear()
    assert captured(archive).observations == {}
    assert gate.asked == ["/gate/rooms", *(f"/gate/room/r{n}?since" for n in range(5))]
    for name in archive.home.names("cache/cursors/"):
        archive.home.remove(name)
    gate.asked.clear()
    assert captured(archive).observations == {}
    assert gate.asked[1:] == [f"/gate/room/r{n}" for n in range(5)]


def test_a_token_of_before_is_never_stored_either(
    archive: Archive, gate: Gate, server: CityServer, tmp_path: Path
) -> None:
    """A platform that shows the first token after the second was given shows it to nobody."""
    gate.uses, gate.echo = 3, True
    registered(archive, server)
    captured(archive)
    assert len(gate.given) > 1
    stored = b"".join(path.read_bytes() for path in (tmp_path / "archive").rglob("*.parquet"))
    segments = [one for one in read_state(archive).segments() if one.leaves]
    rows = [row for one in segments for row in rows_of(read_table(archive, one))]
    assert any("replaced" in row.get("text", "") or "***" in row.get("text", "") for row in rows)
    assert not any(token in str(rows) or token.encode() in stored for token in gate.given)


def test_damaged_cursors_are_as_good_as_none(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """A cache that nobody can read costs time, and nothing else."""
    registered(archive, server)
    captured(archive)
    (name,) = archive.home.names("cache/cursors/")
    for damaged in (b"\0\0\0", b'{"r0": ', b"[1]"):
        archive.home.write(name, damaged)
        gate.asked.clear()
        assert captured(archive).observations == {}
        assert gate.asked[1:] == [f"/gate/room/r{n}" for n in range(5)]


def test_a_listing_that_breaks_off_moves_no_cursor(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """What its items would have led to was not seen: the next run begins where this one did."""
    registered(archive, server)
    gate.closed = "/gate/room/r3"
    assert captured(archive).incomplete
    assert archive.home.names("cache/cursors/") == []
    gate.closed = ""
    assert captured(archive).observations["present"] == 3


def test_what_may_not_be_seen_holds_no_cursor_back(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """Nothing that was seen is read again because of a room that we are kept out of."""
    registered(archive, server)
    gate.banned = "/gate/room/r3"
    assert captured(archive).incomplete == {"r3": "forbidden: HTTP/1.1 403 Forbidden"}
    gate.asked.clear()
    captured(archive)
    others = [f"/gate/room/r{number}?since" for number in (0, 1, 2, 4)]
    assert gate.asked == ["/gate/rooms", *others[:3], "/gate/room/r3", others[3]]


def test_a_quota_that_is_used_up_ends_what_is_asked(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """What came is kept; nothing more is asked of that server; each listing says why it ended."""
    registered(archive, server)
    gate.refusing = {"/gate/room/r2": 412}
    report = captured(archive)
    assert gate.asked == ["/gate/rooms", *(f"/gate/room/r{number}" for number in range(3))]
    assert report.requests == len(gate.asked)
    assert report.incomplete == dict.fromkeys(("r2", "r3", "r4"), "quota: dailyLimitExceeded")
    assert report.observations == {"present": 5 + 2 * 3, "listing": 1}
    until = archive.clock.now() + timedelta(seconds=7200)
    assert report.resume_after == canonical_time(until)
    assert archive.home.names("cache/cursors/") == []
    gate.refusing = {}
    asked = len(gate.asked)
    early = captured(archive)
    assert len(gate.asked) == asked, "a window that is known to be closed was asked"
    assert early.resume_after == report.resume_after
    assert set(early.incomplete.values()) == {
        f"quota: the platform has said that it answers nothing until {report.resume_after}"
    }
    archive.clock.sleep(7200)
    assert captured(archive).observations["present"] == 3 * 3


def test_a_scheduler_is_told_when_the_quota_begins_anew(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """It need not try before; that a budget is used up ends as what may pass."""
    registered(archive, server)
    gate.refusing = {"/gate/room/r2": 412}
    with pytest.raises(RateLimitedError, match="r2: quota") as told:
        capture_window(archive, "gate", "incremental", "", Quiet())
    assert told.value.retry_after == 7200
    archive.clock.sleep(7200)
    gate.refusing = {"/gate/room/r2": 413}
    with pytest.raises(TransientError, match="r2: budget"):
        capture_window(archive, "gate", "incremental", "", Quiet())


@pytest.mark.parametrize("status", [412, 413, 414])
def test_what_is_elsewhere_still_comes_when_a_server_gives_no_more(
    archive: Archive,
    gate: Gate,
    server: CityServer,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    """Files on another host cost nothing of the quota."""
    elsewhere = f"http://localhost:{server.url.rpartition(':')[2]}/gate/file/{{room}}"
    monkeypatch.setattr(GateConnector, "files", (elsewhere,))
    registered(archive, server)
    gate.refusing = {"/gate/room/r0": status}
    report = captured(archive)
    problem = ASKED_TOO_MUCH[status]
    told = dict.fromkeys((f"r{n}" for n in range(5)), f"{problem.code}: {problem.message}")
    files = {f"media r{n}/0": "lacking: forbidden: HTTP/1.1 401 Unauthorized" for n in range(5)}
    assert report.incomplete == told | files
    assert bool(report.resume_after) is (status == 412)


def test_a_permission_that_is_lacking_stops_one_listing(
    archive: Archive, gate: Gate, server: CityServer
) -> None:
    """It says which; the others are read, and nothing is asked twice."""
    registered(archive, server)
    gate.refusing = {"/gate/room/r2": 415}
    report = captured(archive)
    assert report.incomplete == {"r2": "scope: messages.read is missing"}
    assert "grant what is named here" in report.mend("r2")
    assert report.requests == 6
    assert report.observations == {"present": 5 + 4 * 3, "listing": 1}
    assert report.again == {}


def test_the_last_batch_says_what_the_run_saw(
    archive: Archive, server: CityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where batches are sealed after every answer."""
    monkeypatch.setattr("archiver.flows.run.SEGMENT_BYTES", 0)
    registered(archive, server)
    captured(archive)
    assert finished_at(read_state(archive), find(archive, "gate").handle)
