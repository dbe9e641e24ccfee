"""Whole captures of the stand-in wiki: all of it, nothing twice, exactly what changed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.city import City
from archiver.demo.faults import reset, server_error, too_many_requests, truncated
from archiver.demo.mediawiki.api import FOLDER, MediaWiki
from archiver.demo.mediawiki.founding import CityWiki
from archiver.demo.mediawiki.shapes import moment
from archiver.demo.server import CityServer
from archiver.errors import AuthorisationError
from archiver.flows import accounts
from archiver.flows.capture import CaptureReport, capture
from archiver.formats.http1 import parse_response
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet
from tests.doubles import FixedClock
from tests.real.helpers import Office, Seen, in_force

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive

ACCOUNT = "city-wiki"
API = f"{FOLDER}/api.php"
STREAMS = ("pages", "media", "moderation", "subscribers")


@dataclass(slots=True)
class Stage:
    """The wiki, its service and server, and an archive of it where nobody really waits."""

    wiki: CityWiki
    service: MediaWiki
    server: CityServer
    archive: Archive
    office: Office

    def capture(self, mode: str) -> CaptureReport:
        """Capture the wiki."""
        return capture(self.archive, ACCOUNT, mode, Quiet())

    def during(self, mode: str) -> list[Seen]:
        """Capture the wiki and return what that sealed, but for listings."""
        size = self.office.size()
        self.capture(mode)
        found = self.office.seen(ACCOUNT)
        return [one for one in found if one.leaf >= size and one.kind != "listing"]


@contextmanager
def staged(folder: Path, *, login: bool = True) -> Iterator[Stage]:
    """Yield a stage with the wiki as an approved account."""
    wiki, clock = CityWiki(), FixedClock(datetime.now(UTC))
    service = MediaWiki(wiki)
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = replace(create_archive(settings), clock=clock)
    credential = {"user": service.user, "password": service.password} if login else {}
    with CityServer(City(), service) as server:
        about = {"name": ACCOUNT, "platform": "mediawiki", "url": f"{server.url}{API}"}
        accounts.add(archive, about, credential)
        accounts.approve(archive, ACCOUNT, "Clerk")
        yield Stage(wiki, service, server, archive, Office(folder / "archive", folder / "home"))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage of one's own."""
    with staged(tmp_path) as one:
        yield one


def truth(wiki: CityWiki) -> dict[tuple[str, str], Any]:
    """Return everything on the wiki as a trusted reader knows it: what makes each thing itself."""
    found: dict[tuple[str, str], Any] = {}
    for page in wiki.pages.values():
        found["pages", str(page.id)] = page.title
    for one in wiki.revisions.values():
        kind = "removed" if one.archived else ("hidden" if one.hidden else "present")
        found["pages", f"revision/{one.id}"] = (kind, one.text)
    for entry in wiki.log:
        found["moderation", str(entry.id)] = f"{entry.type}/{entry.action}"
    for person in wiki.people.values():
        found["subscribers", str(person.id)] = (person.name, bool(person.block))
    for upload in wiki.uploads:
        name = f"{upload.name}/{moment(upload.time)}"
        found["media", name] = upload.comment
        if not upload.deleted:
            found["media", f"{name}/file"] = upload.data
    return found


def held(stage: Stage) -> dict[tuple[str, str], Any]:
    """Return what the archive holds, in the same terms."""
    latest = in_force(stage.office.seen(ACCOUNT), stage.office.size())
    return {
        thing: said(one, restored_or(one))
        for thing, one in latest.items()
        if thing[0] in STREAMS and one.kind != "residue"
    }


def restored_or(one: Seen) -> str:
    """Return the state that an observation leaves behind."""
    return dict.fromkeys(("edited", "extended", "restored"), "present").get(one.kind, one.kind)


def said(one: Seen, kind: str) -> Any:  # noqa: ANN401 - whatever makes this kind of thing itself
    """Return what makes a thing itself, as it is sealed."""
    stream, native_id = one.thing
    row = one.row
    if native_id.endswith("/file"):
        return parse_response(one.block).body
    if native_id.startswith("revision/"):
        return kind, row.get("text", "")
    if stream == "moderation":
        return row["state"]
    if stream == "subscribers":
        return row["handle"], row.get("state") == "blocked"
    return row["title"] if stream == "pages" else row.get("text", "")


def test_everything_is_captured_once(stage: Stage) -> None:
    """The first capture has the whole wiki; later ones of any mode store nothing."""
    report = stage.capture("incremental")
    assert report.incomplete == {}
    assert held(stage) == truth(stage.wiki)
    assert all(counts["unexplained"] == 0 for counts in report.streams.values())
    assert all(counts["residue"] == 0 for counts in report.streams.values())
    for mode in ("incremental", "backfill"):
        assert stage.during(mode) == []


def test_a_week_shows_exactly(stage: Stage) -> None:
    """After a week a complete capture shows what changed and nothing else."""
    stage.capture("backfill")
    changes = stage.wiki.change()
    found: dict[str, dict[str, str]] = {}
    for one in stage.during("backfill"):
        if one.row["stream"] != "profile":
            found.setdefault(one.row["stream"], {})[one.row["native_id"]] = one.kind
    assert found == changes
    assert stage.during("backfill") == []


def test_an_incremental_run_sees_what_the_log_tells(stage: Stage) -> None:
    """Deletions, restorations, hidden parts and blocks are seen without reading everything."""
    stage.capture("backfill")
    changes = stage.wiki.change()
    found = {one.thing: one.kind for one in stage.during("incremental")}
    missed = {
        (stream, name): kind
        for stream, things in changes.items()
        for name, kind in things.items()
        if found.get((stream, name)) != kind
    }
    gone = {name for name, kind in changes["pages"].items() if kind == "deleted"}
    assert missed == {("pages", name): "deleted" for name in gone}


def test_what_is_not_public_is_encrypted(stage: Stage) -> None:
    """Deleted, hidden and personal things are private, also after they come back."""
    stage.capture("backfill")
    for one in stage.office.seen(ACCOUNT):
        private = one.kind in ("removed", "hidden") or one.row["stream"] == "subscribers"
        if one.kind != "listing":
            assert (one.sensitivity == "private") == private, one.row


def test_of_a_closed_wiki_everything_is_encrypted(stage: Stage) -> None:
    """Where only members may read, nothing lies in a plain file."""
    stage.wiki.closed = True
    stage.capture("backfill")
    found = [one for one in stage.office.seen(ACCOUNT) if one.kind != "listing"]
    assert len(found) > 100
    assert {one.sensitivity for one in found} == {"private"}


def test_a_stranger_sees_what_the_public_sees(tmp_path: Path) -> None:
    """Without a login there are no deleted texts, and hidden ones stay hidden."""
    with staged(tmp_path, login=False) as stage:
        report = stage.capture("backfill")
        assert report.incomplete == {}
        texts = {one.row.get("text", "") for one in stage.office.seen(ACCOUNT)}
        assert not [text for text in texts if "555-0142" in text]
        kinds = {one.kind for one in stage.office.seen(ACCOUNT)}
        assert "removed" not in kinds
        assert "hidden" in kinds
        assert stage.during("backfill") == []


def test_trouble_loses_nothing(stage: Stage) -> None:
    """Failures that pass cost requests, and nothing else."""
    faults = (too_many_requests(1), server_error(), truncated(300), reset())
    for asked in ("generator=allpages", "list=allrevisions", "list=logevents"):
        for fault in faults:
            stage.server.fail(f"{API}?action=query&{asked}", fault)
    for fault in faults[1:]:
        stage.server.fail(f"{FOLDER}/images/", fault)
    stage.service.busy = 2
    report = stage.capture("backfill")
    assert (stage.server.faults, stage.service.busy) == ([], 0)
    assert report.incomplete == {}
    assert held(stage) == truth(stage.wiki)


def test_a_session_that_runs_out_is_renewed(stage: Stage) -> None:
    """An expired login is an error with status 200; the run logs in again and goes on."""
    stage.capture("backfill")
    stage.wiki.change()
    answers = iter(range(1000))
    plain = stage.service.answer

    def expiring(asked: Any) -> Any:  # noqa: ANN401 - the service's own types
        if next(answers) % 7 == 6:
            stage.service.expire()
        return plain(asked)

    stage.service.answer = expiring  # type: ignore[method-assign]
    report = stage.capture("backfill")
    assert report.incomplete == {}
    assert {k: v for k, v in held(stage).items() if "/file" not in k[1]} == {
        k: v for k, v in truth(stage.wiki).items() if "/file" not in k[1]
    }
    sent = [served.method for served in stage.server.log]
    assert sent.count("POST") > 3


def test_a_wrong_password_is_said(stage: Stage) -> None:
    """The wiki's words come with the error; nothing is captured."""
    stage.service.password = "another0123456789abcdefghijklmn"
    with pytest.raises(AuthorisationError, match="Incorrect username or password"):
        stage.capture("backfill")
    assert stage.office.seen(ACCOUNT) == []
