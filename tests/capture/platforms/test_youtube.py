"""YouTube: what is asked, what is refused, what it costs, and answers of any kind at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Connector, Login
from archiver.capture.delivery import Receives
from archiver.capture.governing import Metered
from archiver.capture.legal import CONFIDENCE
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.youtube.quota import COSTS, cost_of, until_midnight
from archiver.record import Stream
from tests.capture.platforms.helpers import answer, left_over, row_of
from tests.capture.platforms.youtube import (
    API,
    BY_ID,
    CHANNEL,
    CITY,
    FILM,
    PUBLIC,
    REPLY,
    SITE,
    TUBE,
    at,
    cut,
    listed,
    refused,
    thread,
)

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

CREDENTIAL = {"client_id": "app", "client_secret": "secret-00", "refresh_token": "refresh-00"}


def test_the_connector_is_registered() -> None:
    """Its platform and parser names are those that records carry; it takes deliveries."""
    found: Connector = CONNECTORS["youtube"]
    assert found.parser == "youtube/1"
    assert isinstance(found, Receives)
    assert set(TUBE.secret_fields) < set(TUBE.credential_fields)


def test_every_stream_has_a_cell_with_its_source() -> None:
    """What was not tried is cited, and has an address to look at."""
    cells = TUBE.capabilities
    assert {one.stream for one in cells} == set(Stream) - {Stream.WORKFLOW}
    for one in cells:
        assert one.citation.startswith("https://")
        cited = one.verdict in {"forbidden", "export-only"}
        assert one.proved_by == ("cited only" if cited else "simulator only")


# ── logging in ───────────────────────────────────────────────────────────────────────────


def test_a_refresh_token_gives_an_access_token_for_the_apis_origin() -> None:
    """The form goes to Google's endpoint; the token to the API's host alone."""
    login = TUBE.authorise(SITE, CREDENTIAL)
    assert login.request is not None
    assert login.request.url == "https://oauth2.googleapis.com/token"
    sent = {name: one for name, (one,) in parse_qs(login.request.body.decode()).items()}
    assert sent == {**CREDENTIAL, "grant_type": "refresh_token"}
    assert login.take is not None
    done = login.take(answer({"access_token": "ya29.0123456789abc", "expires_in": 3599}))
    assert done.headers == (("Authorization", "Bearer ya29.0123456789abc"),)
    assert done.origin == "https://www.googleapis.com"
    assert done.secrets == {"access_token": "ya29.0123456789abc"}
    assert done.keep == {}
    assert TUBE.authorise(SITE, {}) == Login(origin="https://www.googleapis.com")


def test_a_new_refresh_token_is_kept() -> None:
    """Where the platform replaces it, the old one may be good for nothing."""
    login = TUBE.authorise(SITE, CREDENTIAL)
    assert login.take is not None
    new = {"access_token": "ya29.0123456789abc", "refresh_token": "1//0123456789abcdef"}
    done = login.take(answer(new))
    assert done.keep == {"refresh_token": "1//0123456789abcdef"}


def test_a_login_that_was_taken_back_is_refused() -> None:
    """In Google's words."""
    login = TUBE.authorise(SITE, CREDENTIAL)
    assert login.take is not None
    body = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    assert login.take(answer(body, 400)).refused.startswith("invalid_grant: Token has been")


def test_a_stand_in_answers_for_itself() -> None:
    """Any other host has API and tokens at its own origin."""
    site = SITE.__class__("t", "http://127.0.0.1:8080/@city", authorised=True)
    request = TUBE.authorise(site, CREDENTIAL).request
    assert request is not None
    assert request.url == "http://127.0.0.1:8080/token"
    assert TUBE.listings(site, "backfill")[0].request.url.startswith(
        "http://127.0.0.1:8080/youtube/v3/channels?"
    )


# ── what is asked ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", ["incremental", "reconcile", "backfill", "snapshot", "sweep"])
def test_first_listings(mode: str) -> None:
    """All that is the login's own; names are unique and tell an incremental run."""
    found = TUBE.listings(SITE, mode)
    assert [one.group for one in found] == [
        "settings", "profile", "count", "broadcasts", "streams", "playlists", "sections",
        "following", "subscribers", "members", "levels",
    ]  # fmt: skip
    for one in found:
        assert one.name == one.group + (" newest" if mode == "incremental" else "")
        assert one.sensitivity == ("public" if one.group == "profile" else "private")
        assert one.exhaustive is (one.group not in {"settings", "profile", "count"})
        assert cost_of(one.request.url) == 1


def test_no_answer_may_hold_the_key_of_a_stream() -> None:
    """Neither its ingestion nor its address for captions is asked for."""
    streams = next(one for one in TUBE.listings(SITE, "backfill") if one.group == "streams")
    assert parse_qs(urlsplit(streams.request.url).query)["part"] == ["id,snippet,status"]


def test_without_a_login_only_the_profile_is_asked_for() -> None:
    """By its handle, or by its id."""
    (profile,) = TUBE.listings(PUBLIC, "backfill")
    assert "forHandle=%40city" in profile.request.url
    (profile,) = TUBE.listings(BY_ID.__class__("t", BY_ID.url, authorised=False), "backfill")
    assert f"id={CHANNEL}" in profile.request.url


@pytest.mark.parametrize("mode", ["incremental", "reconcile"])
def test_settings_name_what_goes_by_the_channels_id(mode: str) -> None:
    """Videos, what their owner is told of them, and comments in each state, in every run."""
    settings = TUBE.listings(SITE, mode)[0]
    (item,) = cut(settings, listed("channel", CITY)).items
    assert (item.native_id, item.sensitivity) == (f"{CHANNEL}/settings", "private")
    found = [one.listing for one in item.follow if one.always and one.listing]
    assert [one.group for one in found] == [
        "videos", "details", "comments published", "comments heldForReview", "comments likelySpam",
    ]  # fmt: skip
    assert all(one.newest_first is (mode == "incremental") for one in found)
    assert "playlistId=UUabc" in found[0].request.url
    assert f"allThreadsRelatedToChannelId={CHANNEL}" in found[2].request.url


def test_the_login_of_another_channel_is_refused() -> None:
    """Nothing is captured in the name of another account."""
    for site in (SITE, BY_ID):
        other = CITY | {"id": "UCother", "snippet": {"customUrl": "@other"}}
        settings = TUBE.listings(site, "backfill")[0]
        page = TUBE.split(site, settings, answer(listed("channel", other)))
        assert page.problem is not None
        assert (page.problem.code, "UCother" in page.problem.message) == ("authorisation", True)
        assert cut(settings, listed("channel", CITY), site=site).items


def test_a_channel_without_its_handle_is_to_be_registered_by_id() -> None:
    """Nothing says whose it is, and the message says how to mend that."""
    settings = TUBE.listings(SITE, "backfill")[0]
    nameless = CITY | {"snippet": {"title": "City"}}
    problem = TUBE.split(SITE, settings, answer(listed("channel", nameless))).problem
    assert problem is not None
    assert (problem.code, "/channel/UC" in problem.message) == ("schema", True)


@pytest.mark.parametrize(
    ("stream", "native_id", "asked"),
    [
        ("posts", "vid1", "videos?part=id,snippet"),
        ("posts", "vid1/details", "videos?part=id,fileDetails"),
        ("posts", "vid1/broadcast", "liveBroadcasts?"),
        ("posts", "vid1/caption/c1", "captions?part=id,snippet&videoId=vid1&id=c1"),
        ("posts", "vid1/thumbnail", ""),
        ("posts", "vid1/event/2026-03-01", ""),
        ("comments", "Ug1", "comments?part=id,snippet&id=Ug1"),
        ("comments", "Ug1/Ug1.r1", "comments?part=id,snippet&id=Ug1.r1"),
        ("comments", "chat/m1", ""),
        ("pages", "playlist/PL1", "playlists?"),
        ("pages", "playlist/PL1/item/i1", "playlistItems?part=id,snippet,"),
        ("profile", "section/s1", "channelSections?"),
        ("profile", "stream/s1", "liveStreams?"),
        ("profile", f"{CHANNEL}/settings", ""),
        ("subscribers", "following/UCx", "subscriptions?"),
        ("subscribers", "subscriber/UCx", ""),
        ("subscribers", "count", ""),
        ("moderation", "moderator/m1", ""),
    ],
)  # fmt: skip
def test_direct_requests(stream: str, native_id: str, asked: str) -> None:
    """What can be asked for by itself, and what no call tells of."""
    request = TUBE.direct(SITE, stream, native_id)
    assert (request.url if request else "").startswith(f"{API}/{asked}" if asked else "")
    assert (request is None) is (asked == "")


def test_nothing_of_that_id_is_missing() -> None:
    """An empty list proves it only where one thing itself was asked for."""
    empty = answer(listed("video"))
    page = TUBE.split(SITE, at("videos?part=snippet&id=v1", "videos"), empty)
    assert page.problem is not None
    assert page.problem.code == "missing"
    batch = at("videos?part=snippet&id=v1", "videos", carried="UUabc ")
    assert cut(batch, listed("video")).problem is None


# ── what is refused ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        ("quotaExceeded", 403, "quota"),
        ("dailyLimitExceeded", 403, "quota"),
        ("rateLimitExceeded", 403, "rate"),
        ("userRateLimitExceeded", 429, "rate"),
        ("forbidden", 403, "scope"),
        ("insufficientPermissions", 403, "scope"),
        ("authError", 401, "authorisation"),
        ("anything", 401, "authorisation"),
        ("accessNotConfigured", 403, "forbidden"),
        ("videoNotFound", 404, "missing"),
        ("playlistNotFound", 404, "missing"),
        ("commentsDisabled", 403, "withheld"),
        ("liveChatEnded", 403, "withheld"),
        ("processingFailure", 400, "transient"),
        ("backendError", 503, "transient"),
        ("invalidPageToken", 400, "schema"),
        ("somethingNew", 403, "forbidden"),
        ("quotaExceeded", 200, "quota"),
    ],
)
def test_errors_are_told_by_their_reason(reason: str, status: int, code: str) -> None:
    """Whatever the status, also inside of a success."""
    page = TUBE.split(SITE, at("videos?part=id"), answer(refused(reason, status), status))
    assert page.problem is not None
    needs = "; the login needs the scope youtube.readonly" if code == "scope" else ""
    assert (page.problem.code, page.problem.message) == (code, f"{status} {reason}{needs}")
    assert page.items == ()


def test_newer_errors_name_their_reason_in_details() -> None:
    """A missing scope is told there, beside an older, vaguer reason."""
    body = refused(
        "insufficientPermissions", details=[{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
    )
    problem = TUBE.split(SITE, at("comments?id=x"), answer(body, 403)).problem
    assert problem is not None
    told = "403 ACCESS_TOKEN_SCOPE_INSUFFICIENT; the login needs the scope youtube.force-ssl"
    assert problem.message == told


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("members?part=snippet", "channelMembershipsNotEnabled"),
        ("liveBroadcasts?part=id&mine=true", "liveStreamingNotEnabled"),
    ],
)
def test_that_the_channel_has_no_such_thing_is_a_proven_zero(path: str, reason: str) -> None:
    """YouTube itself says so, and its words are kept: nothing is incomplete."""
    page = TUBE.split(SITE, at(path, "x"), answer(refused(reason), 403))
    assert (page.problem, page.items, page.next) == (None, (), None)
    assert [one.value for one in page.claims] == [reason]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html>Sign in</html>", "schema"),
        (b"{}", "schema"),
        (b"[]", "schema"),
        (b'{"kind":"youtube#video","items":[]}', "schema"),
        (b'{"kind":"youtube#videoListResponse","items":[{"id":"v1"', "transient"),
        (b'{"kind":"youtube#videoListResponse","items":[{"id":"\xff"}]', "transient"),
    ],
)
def test_what_is_no_list_is_no_content(body: bytes, code: str) -> None:
    """A web page, another document, or a list that does not end."""
    problem = TUBE.split(SITE, at("videos?part=id"), answer(body)).problem
    assert problem is not None
    assert problem.code == code


# ── quota ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 20, 7, 0, tzinfo=UTC), 1.0),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), 24.0),
        (datetime(2026, 7, 1, 6, 30, tzinfo=UTC), 0.5),
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), 23.0),
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 25.0),
    ],
)
def test_quota_comes_back_at_midnight_pacific_time(now: datetime, hours: float) -> None:
    """Also on the days on which clocks there are changed."""
    date = format_datetime(now, usegmt=True)
    response = answer(refused("quotaExceeded"), 403, ("Date", date))
    problem = TUBE.split(SITE, at("videos?part=id"), response).problem
    assert problem is not None
    assert problem.retry_after == hours * 3600
    assert until_midnight("yesterday") == 86_400


def test_costs_are_cited() -> None:
    """Every method that is asked has its price; lists are cheap, captions are not."""
    assert all(one.citation.startswith("https://") for one in COSTS.values())
    assert all(one.confidence in CONFIDENCE for one in COSTS.values())
    assert cost_of(f"{API}/captions?videoId=v") == 50
    assert cost_of(f"{API}/captions/abc") == 200
    assert cost_of(f"{API}/liveChat/messages?liveChatId=c") == 5
    assert cost_of("https://i.ytimg.com/vi/x/m.jpg") == 0
    assert cost_of("https://[") == 0
    assert isinstance(CONNECTORS["youtube"], Metered)
    tracks = f"{API}/captions?videoId=v"
    (charge,) = TUBE.charges(tracks, answer(refused("forbidden"), 403))
    assert (charge.amount, charge.name, TUBE.most(tracks)) == (50, "", 50)
    assert (TUBE.budget.standard, TUBE.budget.zone) == (10_000, "America/Los_Angeles")


# ── answers of any kind ──────────────────────────────────────────────────────────────────


def taken(path: str, response: HttpResponse) -> None:
    """Cut and read an answer; whatever it is, nothing raises and no byte is unaccounted for."""
    page = TUBE.split(SITE, at(path, "videos"), response)
    if page.problem is None:
        left_over(response.body, page)
    for item in page.items:
        row_of(TUBE, response.body, item)


PATHS = (
    "videos?part=snippet", "videos?part=statistics", "commentThreads?x=1", "comments?parentId=p",
    "channels?mine=true", "playlistItems?playlistId=l", "playlists?mine=true",
    "liveChat/messages?liveChatId=c", "liveBroadcasts?mine=true", "subscriptions?mine=true",
    "members?part=snippet", "captions?videoId=v", "odd?x=1",
)  # fmt: skip


@given(st.sampled_from(PATHS), st.binary(max_size=200), st.sampled_from([200, 403, 404, 500]))
def test_any_bytes_are_taken(path: str, body: bytes, status: int) -> None:
    """Also those that are nothing."""
    taken(path, answer(body, status))


def mutated() -> st.SearchStrategy[bytes]:
    """Return good answers in which some bytes were cut out, changed or put in."""
    whole = [
        json.dumps(one).encode()
        for one in (
            listed("video", FILM, nextPageToken="T", pageInfo={"totalResults": 9}),
            listed("commentThread", thread(REPLY, REPLY), thread()),
            listed("channel", CITY),
        )
    ]

    @st.composite
    def made(draw: st.DrawFn) -> bytes:
        body = draw(st.sampled_from(whole))
        for _ in range(draw(st.integers(1, 3))):
            start = draw(st.integers(0, len(body) - 1))
            end = min(start + draw(st.integers(0, 40)), len(body))
            body = body[:start] + draw(st.binary(max_size=6)) + body[end:]
        return body

    return made()


@given(st.sampled_from(PATHS), mutated())
def test_mutated_answers_never_raise_and_lose_no_byte(path: str, body: bytes) -> None:
    """What is not understood is residue or a problem, never nothing."""
    taken(path, answer(body))


@given(st.text(max_size=40), st.sampled_from([one.value for one in Stream]))
def test_any_id_may_be_asked_for(native_id: str, stream: str) -> None:
    """Whatever stands in a record's id, a request comes of it or none."""
    TUBE.direct(SITE, stream, native_id)
