"""The connector's requests and the stand-in's answers, held against Google's discovery document.

Nothing here asks YouTube: what is tried is that both sides of our tests speak the published
API, and that nothing of what the API may say is lost on its way into a row.
"""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from archiver.capture.connector import Item, Listing, Site
from archiver.capture.platforms.youtube import YouTube
from archiver.capture.platforms.youtube.scopes import READ, scope_of
from archiver.capture.reading import clean_row
from archiver.demo.answer import Answer, Asked
from archiver.flows.capture import capture
from archiver.record import Request
from tests.capture.platforms.helpers import answer, left_over, row_of
from tests.chaos.truth import Quiet
from tests.demo.youtube import ACCOUNT, Stage, staged
from tests.edges.store_helpers import memory_folder
from tests.real.environments import pinned
from tests.real.youtube.discovery import PINNED, Contract, document_in

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

TUBE = YouTube()
SITE = Site("tube", "https://www.youtube.com/@city", authorised=True)
API = "https://www.googleapis.com/youtube/v3"
LISTS = {
    "captions?videoId=v": ("CaptionListResponse", "captions v", "posts"),
    "channelSections?mine=true": ("ChannelSectionListResponse", "sections", "profile"),
    "channels?part=id,statistics&mine=true": ("ChannelListResponse", "count", "subscribers"),
    "commentThreads?x=1": ("CommentThreadListResponse", "comments published", "comments"),
    "comments?parentId=p": ("CommentListResponse", "replies p", "comments"),
    "liveBroadcasts?mine=true": ("LiveBroadcastListResponse", "broadcasts", "posts"),
    "liveChat/messages?liveChatId=c": ("LiveChatMessageListResponse", "chat c", "comments"),
    "liveChat/moderators?liveChatId=c":
        ("LiveChatModeratorListResponse", "moderators c", "moderation"),
    "liveStreams?mine=true": ("LiveStreamListResponse", "streams", "profile"),
    "members?part=snippet": ("MemberListResponse", "members", "subscribers"),
    "membershipsLevels?part=snippet": ("MembershipsLevelListResponse", "levels", "profile"),
    "playlistItems?playlistId=l": ("PlaylistItemListResponse", "playlist l", "pages"),
    "playlists?mine=true": ("PlaylistListResponse", "playlists", "pages"),
    "subscriptions?mine=true": ("SubscriptionListResponse", "following", "subscribers"),
    "subscriptions?mySubscribers=true": ("SubscriptionListResponse", "subscribers", "subscribers"),
    "videos?part=snippet": ("VideoListResponse", "videos", "posts"),
    "videos?part=statistics": ("VideoListResponse", "details", "posts"),
}  # fmt: skip
"""What is asked -> the schema of its answer, and the listing's group and stream."""
UNSCHEMATIC = ("captions/",)
"""Paths whose answers have no schema: a file."""


@pytest.fixture(scope="module")
def contract(pytestconfig: pytest.Config) -> Contract:
    """The published document, installed once."""
    return Contract(document_in(pinned(pytestconfig.cache.mkdir("youtube"), PINNED)))


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The town, served, and an archive with its channel."""
    with memory_folder() as folder, staged(folder) as made:
        yield made


def heard(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Asked, Answer]]:
    """Have every request and answer of the stand-in noted from now on."""
    found: list[tuple[Asked, Answer]] = []
    real = stage.service.answer

    def noted(asked: Asked) -> Answer | None:
        given = real(asked)
        if given is not None and asked.path.startswith("/youtube/"):
            found.append((asked, given))
        return given

    monkeypatch.setattr(stage.service, "answer", noted)
    return found


def live(stage: Stage) -> None:
    """Let a broadcast be on: something is said, taken back, and somebody put out."""
    studio, viewers = stage.studio, stage.studio.viewers  # type: ignore[attr-defined]
    video = studio.go_live("Council meeting", "Live")
    studio.moderators[viewers[3]] = video.chat
    first = studio.say(viewers[0], video.id, "Hello")
    studio.say(viewers[1], video.id, "Rude")
    studio.silence(first.id)
    studio.ban(viewers[1], video.id)


def test_every_request_and_answer_is_as_published(
    stage: Stage, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two captures and a week between: methods, parameters, values, members and their types."""
    found = heard(stage, monkeypatch)
    live(stage)
    stage.capture("backfill")
    stage.studio.change()  # type: ignore[attr-defined]
    stage.capture("reconcile")
    methods = set()
    for asked, given in found:
        path = urlsplit(asked.target).path.removeprefix("/youtube/v3/")
        if path.startswith(UNSCHEMATIC):
            continue
        assert contract.request(asked.target) == []
        methods.add(path)
        if given.status == 200:
            assert contract.answer(asked.target, json.loads(given.body)) == []
    assert methods == {urlsplit(one).path for one in LISTS}


def test_the_contract_refuses_what_is_not_published(contract: Contract) -> None:
    """The check itself finds wrong members, types, values and parameters."""
    good = {"kind": "youtube#videoListResponse", "items": [{"id": "v", "snippet": {"title": "t"}}]}
    target = "/youtube/v3/videos?part=id&id=v"
    assert contract.answer(target, good) == []
    for bad in ({"title": 1}, {"colour": "red"}, {"publishedAt": "yesterday"},
                {"liveBroadcastContent": "never"}):  # fmt: skip
        items = [{"id": "v", "snippet": bad}]
        assert contract.answer(target, {**good, "items": items})
    assert contract.request(target) == []
    for wrong in ("videos?id=v", "videos?part=id&colour=red", "video?part=id",
                  "commentThreads?part=id&moderationStatus=odd", "playlists?part=id&maxResults=51",
                  "playlists?part=id&mine=yes"):  # fmt: skip
        assert contract.request(f"/youtube/v3/{wrong}")


@pytest.mark.parametrize("method", sorted({urlsplit(one).path for one in LISTS}))
def test_scopes_are_those_that_methods_need(method: str, contract: Contract) -> None:
    """And reading alone will do where we say no more."""
    scopes = contract.methods[method].scopes
    assert scope_of(method) in scopes
    assert (READ in scopes) is (scope_of(method) == READ)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("target", LISTS)
def test_nothing_of_a_generated_answer_is_lost(target: str, seed: int, contract: Contract) -> None:
    """Every text and number of every documented member is in a row, or in the envelope's values."""
    schema, group, stream = LISTS[target]
    method = urlsplit(target).path
    chance = Random(f"{target} {seed}")
    made = contract.made(schema, chance)
    assert contract.value(schema, made) == []
    kind = contract.schemas[schema]["properties"]["kind"].get("default", "")
    made["kind"] = kind or f"youtube#{schema[0].lower()}{schema[1:]}"
    made.pop("nextPageToken", None)
    if method == "liveChat/messages":
        for one in (*made["items"], made["activePollItem"]):
            one["snippet"]["type"] = "textMessageEvent"
    listing = Listing(group, stream, Request(f"{API}/{target}"), "private", group)
    response = answer(made)
    page = TUBE.split(SITE, listing, response)
    assert page.problem is None
    assert page.items
    assert left_over(response.body, page) == []
    told = [one.value for one in page.claims]
    for item in page.items:
        told += _told(item, response.body)
    whole = "\n".join(told)
    lost = [leaf for leaf in _leaves(made) if leaf not in whole]
    assert lost == []


def _told(item: Item, body: bytes) -> list[str]:
    row = row_of(TUBE, body, item)
    assert clean_row(item.stream, row) == {name: value for name, value in row.items() if value}
    return [item.native_id, *row.values()]


def _leaves(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield every text and number in a value, and every name that is made up."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from [name] if name.startswith("text") and name[4:].isdecimal() else []
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif not isinstance(value, bool):
        yield str(value)


def test_errors_are_as_the_api_documents_them(stage: Stage, contract: Contract) -> None:
    """Code, words and a reason in a list, whatever is refused."""
    assert contract.methods
    service = stage.service
    service.left = 0
    capture(stage.archive, ACCOUNT, "backfill", Quiet())
    refused = service.answer(Asked("GET", "/youtube/v3/videos?part=id&id=v", "http://x"))
    assert refused is not None
    told = json.loads(refused.body)["error"]
    assert (told["code"], refused.status) == (403, 403)
    assert set(told["errors"][0]) == {"message", "domain", "reason"}
