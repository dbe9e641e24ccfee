"""What platforms say is lost, in the ledger and in coverage; and accounts that are retired."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from archiver.demo.faults import expired_token, server_error
from archiver.edges.clock import SystemClock
from archiver.errors import AuthorisationError, RefusedError
from archiver.flows.accounts import find
from archiver.flows.asking import TRIES
from archiver.flows.capture import capture
from archiver.flows.coverage import coverages
from archiver.flows.gaps import gaps_of
from archiver.flows.ledger import read_state
from archiver.flows.retirement import retire
from archiver.flows.segments import open_file
from archiver.flows.verify import verify
from archiver.ledger.state import INTAKE
from tests.chaos.helpers import BLOG
from tests.chaos.town import Stage, staged
from tests.chaos.truth import Quiet
from tests.demo import matrix
from tests.demo.listening import NAME, Village, sky
from tests.edges.store_helpers import memory_folder
from tests.flows.helpers import Quiet as Silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.capture.coverage import StreamCoverage
    from archiver.flows.archive import Archive

HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


def gaps(archive: Archive, name: str) -> list[dict[str, Any]]:
    """Return the gaps of an account in the ledger."""
    return [body for _, body in gaps_of(read_state(archive), find(archive, name).handle)]


def of(archive: Archive, name: str, stream: str) -> StreamCoverage:
    """Return the coverage of a stream until now."""
    (account,) = coverages(archive, [name])
    (found,) = [one for one in account.streams if one.stream == stream]
    return found


def states(found: StreamCoverage) -> list[tuple[str, str]]:
    """Return states and causes of a stream's spans."""
    return [(str(one.state), one.cause) for one in found.spans]


def exchange(archive: Archive, cited: dict[str, Any]) -> bytes:
    """Return the intake that has a cited exchange."""
    number = cited["exchange"]
    (segment,) = [
        one
        for one in read_state(archive).segments()
        if one.stage == INTAKE and one.lane == cited["lane"]
        and any(first <= number < end for first, end in one.exchanges)
    ]  # fmt: skip
    return open_file(archive, segment, "warc.gz")


def sound(archive: Archive) -> None:
    """Assert that the archive verifies: what a run found is admitted by the rules."""
    assert verify(archive, Silent(), deep=False).findings == []


def test_lost_events_are_a_gap_that_cites_the_exchange(folder: Path) -> None:
    """The server has no events before a position; the time since the run before is a gap."""
    village = Village()
    with sky(folder, village) as (ear, service):
        ear.listen(0.5)
        assert gaps(ear.archive, NAME) == []
        village.delete(village.old[1])
        service.firehose.oldest = len(village.log) + 1
        ear.listen(0.5)
        (lost,) = gaps(ear.archive, NAME)
        runs = [body for _, body in read_state(ear.archive).controls if body["t"] == "repeat"]
        began = sorted({one["began"] for one in runs})
        (own,) = {one["began"] for one in runs if one["id"] == lost["id"]}
        assert (lost["cause"], lost["stream"]) == ("events-lost", "posts")
        assert lost["since"] == began[began.index(own) - 1]
        assert lost["until"] > own
        assert b"OutdatedCursor" in gzip.decompress(exchange(ear.archive, lost))
        found = of(ear.archive, NAME, "posts")
        assert ("gap", "events-lost") in states(found)
        assert found.alarms == ()
        village.post(village.city, "New")
        ear.listen(0.5)
        before = gaps(ear.archive, NAME)
        ear.listen(0.5)
        assert gaps(ear.archive, NAME) == before
        ear.sound()


def test_what_is_withheld_is_told_once_a_run(tmp_path: Path) -> None:
    """It is no reading that broke off: the stream is covered but for what is withheld."""
    with matrix.staged(tmp_path) as stage:
        stage.capture("backfill")
        stage.chat.ignore(stage.chat.people[1])
        archive = replace(stage.archive, clock=SystemClock())  # as that of the exchanges
        for _ in range(2):
            capture(archive, matrix.ACCOUNT, "backfill", Quiet())
        told = gaps(archive, matrix.ACCOUNT)
        assert [(one["stream"], one["cause"]) for one in told] == [("messages", "withheld")] * 2
        assert told[0]["since"] < told[1]["since"] < told[0]["until"] < told[1]["until"]
        assert b"ignored_users" in gzip.decompress(exchange(archive, told[1]))
        found = of(archive, matrix.ACCOUNT, "messages")
        assert states(found) == [("gap", "withheld"), ("gap", "not-read-since")]
        assert found.alarms == ()
        sound(stage.archive)


def test_a_run_that_dies_leaves_no_gap_out_and_none_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had heard is in its spool: the next run tells it, and then what it hears itself."""
    with matrix.staged(tmp_path) as stage:
        stage.capture("backfill")
        stage.chat.ignore(stage.chat.people[1])
        archive = replace(stage.archive, clock=SystemClock())
        with monkeypatch.context() as dying:
            dying.setattr("archiver.flows.run.seal_settled", _die)
            with pytest.raises(KeyboardInterrupt):
                capture(archive, matrix.ACCOUNT, "backfill", Quiet())
        assert gaps(archive, matrix.ACCOUNT) == []
        for _ in range(2):
            capture(archive, matrix.ACCOUNT, "backfill", Quiet())
        told = gaps(archive, matrix.ACCOUNT)
        assert [one["cause"] for one in told] == ["withheld"] * 3
        assert len({(one["lane"], one["exchange"]) for one in told}) == len(told)
        assert all(b"ignored_users" in gzip.decompress(exchange(archive, one)) for one in told)
        sound(archive)


def _die(*_: object, **__: object) -> NoReturn:
    raise KeyboardInterrupt


def test_nobody_looked_for_longer_than_promised(tmp_path: Path) -> None:
    """The run that reads at last says so; the next one has nothing more to say."""
    with staged(tmp_path) as stage:
        for days in (0, 40, 1):
            stage.clock.sleep(days * DAY)
            capture(stage.archive, BLOG, "incremental", Quiet())
        told = [one for one in gaps(stage.archive, BLOG) if one["stream"] == "posts"]
        assert [one["cause"] for one in told] == ["overdue"]
        promised = stage.archive.longest_unread
        assert promised == timedelta(days=28)
        assert states(of(stage.archive, BLOG, "posts")) == [
            ("covered", ""),
            ("gap", "overdue"),
            ("covered", ""),
        ]
        sound(stage.archive)


def _broken(stage: Stage) -> None:
    """Let the comments' listing fail until it is given up."""
    for _ in range(TRIES):
        stage.server.fail("/index.php?rest_route=/wp/v2/comments", server_error())


def test_lost_pages_alarm_until_they_are_read(tmp_path: Path) -> None:
    """A listing that breaks off leaves its stream uncovered; the next whole one covers it."""
    with staged(tmp_path) as stage:
        capture(stage.archive, BLOG, "backfill", Quiet())
        stage.clock.sleep(HOUR)
        _broken(stage)
        capture(stage.archive, BLOG, "backfill", Quiet())
        stage.clock.sleep(HOUR)
        found = of(stage.archive, BLOG, "comments")
        assert states(found) == [("gap", "broken-off")]
        assert [one.code for one in found.alarms] == ["coverage-broken"]
        assert of(stage.archive, BLOG, "posts").alarms == ()
        capture(stage.archive, BLOG, "backfill", Quiet())
        found = of(stage.archive, BLOG, "comments")
        assert states(found) == [("covered", "")]
        assert 2 * HOUR <= found.bound < 3 * HOUR
        assert found.alarms == ()
        assert found.control is not None
        assert found.control.reported == found.control.seen > 0


def test_retiring_reads_everything_once_more(tmp_path: Path) -> None:
    """What came since the last run is in the archive; no reason is kept where none is needed."""
    with staged(tmp_path) as stage:
        capture(stage.archive, BLOG, "backfill", Quiet())
        stage.clock.sleep(HOUR)
        stage.city.comment(next(iter(stage.city.posts)), "A last remark.", name="Devon Marsh")
        done = retire(stage.archive, BLOG, "Clerk", Quiet(), anyway="not needed")
        assert (done.account.status, done.account.anyway, done.unexplained) == ("retired", "", ())
        seen = of(stage.archive, BLOG, "comments").control
        assert seen is not None
        assert seen.seen == len(stage.city.comments)
        with pytest.raises(RefusedError, match="is retired"):
            retire(stage.archive, BLOG, "Clerk", Quiet())


def test_what_nothing_explains_stands_in_the_way(tmp_path: Path) -> None:
    """Nobody can read it later; with a reason it is retired, and the reason is kept."""
    with staged(tmp_path) as stage:
        capture(stage.archive, BLOG, "backfill", Quiet())
        stage.clock.sleep(HOUR)
        _broken(stage)
        with pytest.raises(RefusedError, match="comments: no reading came to its end") as refused:
            retire(stage.archive, BLOG, "Clerk", Quiet())
        assert refused.value.code == "account-unexplained"
        assert find(stage.archive, BLOG).status == "approved"
        _broken(stage)
        done = retire(stage.archive, BLOG, "Clerk", Quiet(), anyway="its host is shut down")
        assert done.unexplained
        assert find(stage.archive, BLOG).anyway == "its host is shut down"
        sound(stage.archive)


def test_a_platform_that_is_gone_does_not_keep_an_account(tmp_path: Path) -> None:
    """Nothing answers any more: it is refused, and with a reason done."""
    with staged(tmp_path) as stage:
        capture(stage.archive, BLOG, "backfill", Quiet())
        stage.clock.sleep(HOUR)
        stage.server.fail("/index.php?rest_route=/wp/v2/posts", expired_token())
        with pytest.raises(AuthorisationError):
            capture(stage.archive, BLOG, "backfill", Quiet())
        stage.server.fail("/index.php?rest_route=/wp/v2/posts", expired_token())
        with pytest.raises(RefusedError, match="it can't be read"):
            retire(stage.archive, BLOG, "Clerk", Quiet())
        stage.server.fail("/index.php?rest_route=/wp/v2/posts", expired_token())
        done = retire(stage.archive, BLOG, "Clerk", Quiet(), anyway="the login was taken away")
        assert done.account.anyway == "the login was taken away"
