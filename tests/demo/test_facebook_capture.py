"""Whole captures of the stand-in Facebook: its content, its changes, its misbehaviour."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.answer import Answer, Asked
from archiver.demo.facebook.views import READABLE
from archiver.errors import AuthorisationError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.coverage import coverages
from archiver.flows.due import now_due
from archiver.flows.ledger import read_state
from archiver.flows.segments import open_file
from archiver.flows.verify import verify
from archiver.ledger.state import INTAKE
from archiver.record import Stream
from tests.chaos.truth import Quiet, rows
from tests.demo.facebook import ACCOUNT, Stage, held, history, news, staged, wrong
from tests.doubles import FixedClock
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.faults import Fault

API = "/v26.0"
JSON = (("Content-Type", "application/json"),)


def in_200(code: int) -> Fault:
    """Answer 200 with an error in the body."""
    body = json.dumps({"error": {"code": code, "message": "Try again", "type": "x"}}).encode()
    return lambda _asked, _good: Answer(200, JSON, body)


PASSING: dict[str, Callable[[], Fault]] = {
    "429": lambda: faults.too_many_requests(3),
    "cut off": lambda: faults.truncated(60),
    "code 2 in a 200": lambda: in_200(2),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


@pytest.fixture
def stage(folder: Path) -> Iterator[Stage]:
    """The Page, served, and an archive with its account."""
    with staged(folder) as made:
        yield made


def test_captures_hold_everything_and_then_exactly_the_changes(stage: Stage) -> None:
    """Every stream equals the Page's; a second capture stores nothing, a third what changed."""
    report = stage.capture("incremental")
    assert report.mode == "backfill"
    assert wrong(stage.page, stage.archive) == []
    assert all(one["residue"] == one["unexplained"] == 0 for one in report.streams.values())
    for mode in ("incremental", "backfill"):
        asked = len(stage.asked())
        assert stage.capture(mode).observations == {}
        assert mode == "backfill" or len(stage.asked()) - asked < 40
    before = history(stage.archive)
    told = stage.page.change()
    stage.capture("backfill")
    assert news(stage, before) == told
    assert wrong(stage.page, stage.archive) == []
    assert stage.capture("backfill").observations == {}
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


def test_an_incremental_capture_sees_what_is_new(stage: Stage) -> None:
    """New posts, comments and messages are there after it, and nothing that did not happen."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = stage.page.change()
    stage.capture("incremental")
    found = news(stage, before)
    fresh = {
        (stream, name)
        for stream, things in told.items()
        for name, kind in things.items()
        if kind in {"present", "held"}
    }
    assert fresh <= {(stream, name) for stream, things in found.items() for name in things}
    for stream, things in found.items():
        for name, kind in things.items():  # one listing alone proves no deletion
            assert told[stream][name].replace("deleted", kind) == kind, name


def test_messages_that_can_not_be_read_are_known_by_id(stage: Stage) -> None:
    """Each is listed, and Facebook's refusal to show it is on record; no id is unknown."""
    stage.capture("backfill")
    talk = next(iter(stage.page.conversations.values()))
    old, new = talk.messages[:-READABLE], talk.messages[-READABLE:]
    found = held(stage.archive)
    for message in talk.messages:
        assert found["messages", message.id]["kind"] == "present"
    for message in new:
        assert found["messages", f"{message.id}/content"]["text"] == message.text
    assert len(old) == 7
    for message in old:
        row = found["messages", f"{message.id}/content"]
        assert (row["kind"], row["state"]) == ("hidden", "refused")
        assert "does not exist" in row["summary"]
    asked = [one for one in stage.asked() if any(f"/{one2.id}?" in one for one2 in old)]
    assert len(asked) == len(old)
    stage.capture("backfill")
    assert len([one for one in stage.asked() if any(f"/{m.id}?" in one for m in old)]) == len(old)


def test_a_message_stays_as_it_was_when_newer_ones_come(stage: Stage) -> None:
    """What was read once is not lost because Facebook shows it no more."""
    stage.capture("backfill")
    person, talk = next((one.person, one) for one in stage.page.conversations.values())
    before = history(stage.archive)
    for number in range(READABLE):
        stage.page.write(person, f"Again {number}")
    stage.capture("backfill")
    told = news(stage, before)["messages"]
    assert set(told.values()) == {"present", "edited"}
    assert [name for name, kind in told.items() if kind == "edited"] == [f"conversation/{talk.id}"]
    assert wrong(stage.page, stage.archive) == []


def test_contents_come_with_the_list_or_one_by_one(stage: Stage) -> None:
    """Whichever way Facebook gives them, the archive is the same."""
    stage.service.inline = False
    stage.capture("backfill")
    assert wrong(stage.page, stage.archive) == []
    stage.service.inline = True
    assert stage.capture("backfill").observations == {}


def test_requests_that_are_idle_for_30_days_vanish_and_stay_on_record(stage: Stage) -> None:
    """That they are not listed proves nothing."""
    stage.capture("backfill")
    before = history(stage.archive)
    stage.page.pass_time(31)
    stage.page.write(stage.page.crowd[0], "Hello again")
    stage.capture("backfill")
    kinds = {kind for things in news(stage, before).values() for kind in things.values()}
    assert kinds == {"present", "edited", "hidden"}  # the story's day is over
    idle = [one for one in stage.page.conversations.values() if one.folder == "other"]
    assert held(stage.archive)["messages", f"conversation/{idle[0].id}"]["kind"] == "present"


def test_posts_beyond_the_cap_of_lists_are_neither_lost_nor_deleted(stage: Stage) -> None:
    """Facebook ranks; what its lists show no more is asked for itself, and is still there."""
    stage.capture("backfill")
    before = history(stage.archive)
    stage.page.cap = 3
    stage.capture("backfill")
    assert news(stage, before) == {}
    gone = next(iter(stage.page.posts))
    stage.page.delete_post(gone)
    stage.capture("backfill")
    assert news(stage, before)["posts"] == {gone: "deleted", f"{gone}/owner": "deleted"}


def test_counts_beyond_what_is_shown_are_explained_in_the_platforms_words(stage: Stage) -> None:
    """Listed and withheld make the number reported, for every list that has one."""
    report = stage.capture("backfill")
    assert report.streams["comments"]["unexplained"] == 0
    page = stage.page
    withheld = {f"comments {one.on}": 0 for one in page.comments.values()}
    for comment in page.comments.values():
        withheld[f"comments {comment.on}"] += not comment.shown
    withheld |= {f"reactions {one.id}": one.counted for one in page.posts.values()}
    found = {row["native_id"]: row for row in rows(stage.archive) if row["kind"] == "listing"}
    explained = 0
    for name, row in found.items():
        if "reported" in row:
            lacking = int(row["reported"]) - len(json.loads(row["listed"]))
            assert lacking == withheld[name.removeprefix("listing/")], name
            explained += lacking
    assert explained == 4
    page.comments = {k: one for k, one in page.comments.items() if one.shown}
    stage.capture("backfill")
    assert sum(one["unexplained"] for one in report.streams.values()) == 0


def test_more_than_the_platform_counts_is_not_explained(stage: Stage) -> None:
    """An upper bound that is below what was shown is an alarm."""
    post = next(iter(stage.page.posts.values()))
    post.counted = -1
    report = stage.capture("backfill")
    assert report.streams["reactions"]["unexplained"] == 1


def test_private_things_and_secrets_are_nowhere_in_plain(stage: Stage, folder: Path) -> None:
    """Letters, comments and the blocked lie encrypted; no token is in any stored byte."""
    stage.capture("backfill")
    words = [b"About the lamp", b"You are all crooks", b"R. Alvarez", b"555-0142"]
    files = [path for path in (folder / "archive").rglob("*") if path.is_file()]
    assert len(files) > 20
    secrets = [one.encode() for one in stage.service.credential.values()]
    for path in files:
        stored = path.read_bytes()
        assert not any(word in stored for word in words), path
        assert not any(secret in stored for secret in secrets), path
    opened = _opened(stage)
    assert opened.count(b"access_token=") >= 5
    assert not any(secret in opened for secret in secrets)
    assert b"rtmp://" not in opened
    assert all(word in opened for word in words[:3])
    read = json.dumps(rows(stage.archive)).encode()
    assert not any(secret in read for secret in secrets)


def _opened(stage: Stage) -> bytes:
    """Return every exchange and every record that is sealed, decrypted."""
    segments = read_state(stage.archive).segments()
    wanted = [one for one in segments if one.stage == INTAKE or one.leaves]
    with_files = [
        one for one in wanted if "warc.gz" in one.objects or "warc.gz.c256" in one.objects
    ]
    return b"".join(gzip.decompress(open_file(stage.archive, one, "warc.gz")) for one in with_files)


@pytest.mark.parametrize("name", PASSING)
def test_failures_that_pass_change_nothing_in_the_end(stage: Stage, name: str) -> None:
    """Lists, threads, single messages and files fail twice each: the same run has everything."""
    first = next(iter(stage.page.posts))
    talk = next(iter(stage.page.conversations))
    for prefix in (
        f"{API}/me", f"{API}/{stage.page.city.id}/published_posts", f"{API}/{first}/comments",
        f"{API}/{talk}/messages", f"{API}/m_", "/cdn/photo/",
    ):  # fmt: skip
        if name != "code 2 in a 200" or prefix != "/cdn/photo/":
            stage.server.fail(prefix, PASSING[name]())
            stage.server.fail(prefix, PASSING[name]())
    stage.capture("incremental")
    assert stage.server.faults == []
    assert wrong(stage.page, stage.archive) == []


def test_limits_are_waited_for_as_the_headers_say(stage: Stage) -> None:
    """A minute each time, until Facebook answers again; then everything is there."""
    stage.service.allow(30)
    stage.capture("backfill")
    assert len(stage.clock.slept) >= 1
    assert stage.clock.waited(*[60.0] * len(stage.clock.slept))
    assert wrong(stage.page, stage.archive) == []


def test_a_token_that_ends_ends_the_run_and_deletes_nothing(stage: Stage) -> None:
    """What was captured stays; once the token is renewed, the next capture goes on."""
    stage.capture("backfill")
    before = history(stage.archive)
    stage.service.refuse(463, "Session is over")
    with pytest.raises(AuthorisationError, match="190/463"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert history(stage.archive) == before
    stage.service.renew()
    accounts.renew_credential(stage.archive, ACCOUNT, stage.service.credential)
    told = stage.page.change()
    stage.capture("backfill")
    assert news(stage, before) == told


def test_a_scope_that_is_lacking_costs_what_needs_it_alone(stage: Stage) -> None:
    """The run says which permission that is; nothing is taken for gone."""
    stage.capture("backfill")
    before = history(stage.archive)
    stage.service.scopes.discard("pages_messaging")
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert {why.partition(":")[0] for why in report.incomplete.values()} == {"scope"}
    assert all("pages_messaging" in why for why in report.incomplete.values())
    assert all(name.startswith("conversations ") for name in report.incomplete)
    assert history(stage.archive) == before
    stage.service.scopes.add("pages_messaging")
    assert stage.capture("backfill").observations == {}


def test_a_version_that_is_retired_stops_the_run_and_says_so(stage: Stage) -> None:
    """Nothing is taken for gone."""
    body = b'{"error":{"code":2635,"message":"You are calling a deprecated version"}}'
    for _ in range(2):
        stage.server.fail(API, lambda _asked, _good: Answer(400, JSON, body))
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert report.incomplete["profile"].startswith("sunset: (2635) You are calling")
    assert held(stage.archive) == {}


def test_the_token_of_another_page_is_refused(stage: Stage) -> None:
    """Nothing is asked for with a login that is not the Page's own."""
    stage.page.name = "SomewhereElse"
    with pytest.raises(AuthorisationError, match="the token is that of SomewhereElse"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert len(stage.asked()) == 1
    assert held(stage.archive) == {}


def test_a_page_of_a_list_that_is_empty_is_not_its_end(stage: Stage) -> None:
    """Privacy took all that was on it."""
    first = next(iter(stage.page.posts))
    for number in range(9):
        stage.page.comment(first, stage.page.crowd[0], f"Secret {number}", shown=False)
    stage.page.comment(first, stage.page.crowd[0], "The newest")
    stage.service.most = 3
    report = stage.capture("backfill")
    assert wrong(stage.page, stage.archive) == []
    assert report.streams["comments"]["unexplained"] == 0


def test_a_restricted_person_is_seen_again_once_that_ends(stage: Stage) -> None:
    """A comment that privacy keeps back is deleted by all that Facebook says, then restored."""
    stage.capture("backfill")
    before = history(stage.archive)
    said = next(one for one in stage.page.comments.values() if one.shown and not one.answers)
    original = stage.service.answer

    def blind(asked: Asked) -> Answer | None:
        return original(asked) if f"/{said.id}?" not in asked.target else Answer(
            400, JSON, b'{"error":{"code":100,"error_subcode":33,"message":"Unsupported get"}}'
        )  # fmt: skip

    said.shown = False
    stage.service.answer = blind  # type: ignore[method-assign]
    stage.capture("backfill")
    assert news(stage, before)["comments"] == {said.id: "deleted"}
    said.shown = True
    stage.service.answer = original  # type: ignore[method-assign]
    stage.capture("backfill")
    assert news(stage, before)["comments"] == {said.id: "deleted restored"}


def test_every_stream_is_there(stage: Stage) -> None:
    """But for those that Facebook has nothing of."""
    stage.capture("backfill")
    assert {stream for stream, _ in held(stage.archive)} == set(Stream) - {
        Stream.PAGES, Stream.SUBSCRIBERS, Stream.WORKFLOW,
    }  # fmt: skip


def test_what_can_not_be_read_any_more_is_printed(stage: Stage) -> None:
    """How many messages, and how often to look so that no more are missed."""
    report = stage.capture("backfill")
    assert report.unread["messages"] == {
        "listed": 31, "lacking": 7, "threads": 1, "seconds": READABLE * 180.0,
    }  # fmt: skip
    person = stage.page.crowd[1]
    for number in range(READABLE + 3):
        stage.page.write(person, f"Hurry {number}")
    assert stage.capture("incremental").unread["messages"]["lacking"] == 10


def test_every_call_proves_that_the_app_has_its_secret(stage: Stage) -> None:
    """Facebook refuses a proof by another secret, and a call without one where it is demanded."""
    stage.capture("backfill")
    calls = [one for one in stage.server.log if one.path.startswith(API)]
    assert all("appsecret_proof=" in one.path for one in calls)
    token = stage.service.token
    bare = Asked("GET", f"{API}/me", stage.server.url, {"authorization": f"Bearer {token}"})
    refused = stage.service.answer(bare)
    assert refused is not None
    assert b"require an appsecret_proof argument" in refused.body
    given = stage.service.credential | {"app_secret": "another-secret-0000"}
    accounts.renew_credential(stage.archive, ACCOUNT, given)
    with pytest.raises(AuthorisationError, match="give the app's secret as app_secret"):
        stage.capture("incremental")


def test_a_busy_conversation_is_due_before_its_messages_are_out_of_reach(stage: Stage) -> None:
    """Half of the time in which as many came as can be read; what was missed is named by id."""
    stage.clock = FixedClock(stage.page.now)  # when these messages came
    stage.archive = replace(stage.archive, clock=stage.clock)
    assert now_due(stage.archive) == []  # nobody has read it yet
    report = stage.capture("backfill")
    bound = READABLE * 180.0
    assert report.due["messages"]["seconds"] == bound
    stage.clock.sleep(bound / 2 - 60)
    assert now_due(stage.archive) == []
    stage.clock.sleep(120)
    assert now_due(stage.archive) == [ACCOUNT]
    stage.capture("incremental")
    assert now_due(stage.archive) == []
    (told,) = coverages(stage.archive)
    messages = told.document()["streams"]["messages"]
    assert messages["must"]["seconds"] == bound
    lacking = [one["id"] for one in messages["lacking"]]
    found = held(stage.archive)
    assert len(lacking) == 7
    assert all(found["messages", f"{one}/content"]["state"] == "refused" for one in lacking)
