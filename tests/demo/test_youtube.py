"""Tests of the stand-in YouTube: its verbs, its pages, its quota, what it shows to whom."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from archiver.demo.answer import Answer, Asked
from archiver.demo.youtube.api import YouTube
from archiver.demo.youtube.seed import Town
from archiver.demo.youtube.studio import Studio
from archiver.demo.youtube.truth import differences, truth
from archiver.errors import UsageError
from archiver.record import Stream

BASE = "https://tube.example"


def token(api: YouTube) -> str:
    """Return a new access token."""
    body = urlencode({**api.credential.fields(), "grant_type": "refresh_token"}).encode()
    answer = api.answer(Asked("POST", "/token", BASE, body=body))
    assert answer is not None
    return str(json.loads(answer.body).get("access_token", ""))


def ask(api: YouTube, target: str, login: str | None = None) -> Answer:
    """Ask a method, logged in."""
    sent = token(api) if login is None else login
    headers = {"authorization": f"Bearer {sent}"} if sent else {}
    answer = api.answer(Asked("GET", f"/youtube/v3/{target}", BASE, headers))
    assert answer is not None
    return answer


def read(api: YouTube, target: str) -> list[dict[str, Any]]:
    """Return the items of a list that is answered."""
    answer = ask(api, target)
    assert answer.status == 200, answer.body
    items: list[dict[str, Any]] = json.loads(answer.body)["items"]
    return items


def reason(answer: Answer) -> tuple[int, str]:
    """Return the status and the reason of a refusal."""
    return answer.status, json.loads(answer.body)["error"]["errors"][0]["reason"]


def test_town_is_always_the_same() -> None:
    """Two towns are equal, before and after the week."""
    one, other = Town(), Town()
    assert truth(one) == truth(other)
    assert one.change() == other.change()
    assert truth(one) == truth(other)


def test_week_changes_things_in_every_way() -> None:
    """There are additions, edits, deletions, absences, things held, hidden and shown again."""
    town = Town()
    before = truth(town)
    told = town.change()
    assert told == differences(before, truth(town))
    assert set(told) == {
        Stream.POSTS, Stream.COMMENTS, Stream.SUBSCRIBERS, Stream.PAGES, Stream.PROFILE,
    }  # fmt: skip
    kinds = {kind for things in told.values() for kind in things.values()}
    assert kinds >= {"present", "edited", "deleted", "absent", "held", "hidden", "restored"}


def test_pages_hold_everything_once() -> None:
    """Following tokens gives each upload once, newest first; others than given are refused."""
    town = Town()
    api, found, following = YouTube(town, most=7), [], ""
    target = f"playlistItems?part=contentDetails&maxResults=50&playlistId=UU{town.city.id[2:]}"
    while True:
        told = json.loads(ask(api, f"{target}{following}").body)
        assert told["pageInfo"]["totalResults"] == len(town.videos)
        found += [one["contentDetails"]["videoId"] for one in told["items"]]
        if "nextPageToken" not in told:
            break
        following = f"&pageToken={told['nextPageToken']}"
    assert found == [one.id for one in town.uploads()]
    assert reason(ask(api, f"{target}&pageToken=odd")) == (400, "invalidPageToken")


def test_comments_are_listed_by_their_state() -> None:
    """Rejected ones never; a published thread also for a reply that is held."""
    studio = Studio()
    api, ann = YouTube(studio), studio.join("ann", "Ann")
    video = studio.upload("Hearing", "")
    first = studio.comment(ann.id, video.id, "Hi")
    held = studio.reply(ann.id, first.id, "Buy", status="heldForReview")
    hidden = studio.comment(ann.id, video.id, "Rude", status="rejected")
    target = f"commentThreads?part=snippet,replies&allThreadsRelatedToChannelId={studio.city.id}"
    (published,) = read(api, f"{target}&moderationStatus=published")
    assert (published["id"], "replies" in published) == (first.id, False)
    (thread,) = read(api, f"{target}&moderationStatus=heldForReview")
    assert [one["id"] for one in thread["replies"]["comments"]] == [held.id]
    assert read(api, f"{target}&moderationStatus=likelySpam") == []
    assert reason(ask(api, f"{target}&moderationStatus=rejected"))[0] == 400
    assert read(api, f"comments?part=snippet&id={hidden.id}") == []
    (alone,) = read(api, f"comments?part=snippet&id={held.id}")
    assert "moderationStatus" not in alone["snippet"]
    assert read(api, f"comments?part=snippet&parentId={first.id}") == []


def test_subscribers_who_hide_it_are_counted_and_not_listed() -> None:
    """As those of a real channel are."""
    studio = Studio()
    api, ann, ben = YouTube(studio), studio.join("ann", "Ann"), studio.join("ben", "Ben")
    studio.subscribe(ann.id)
    studio.subscribe(ben.id)
    studio.show(ben.id, shows=False)
    target = "subscriptions?part=subscriberSnippet&mySubscribers=true"
    assert [one["subscriberSnippet"]["channelId"] for one in read(api, target)] == [ann.id]
    (channel,) = read(api, "channels?part=statistics&mine=true")
    assert channel["statistics"]["subscriberCount"] == "2"


def test_a_chat_is_told_while_it_is_open() -> None:
    """A message that was taken away leaves a stone; an ended chat gives nothing."""
    studio = Studio()
    api, ann = YouTube(studio), studio.join("ann", "Ann")
    video = studio.go_live("Council", "")
    said = studio.say(ann.id, video.id, "Hello")
    studio.silence(said.id)
    target = f"liveChat/messages?part=snippet&liveChatId={video.chat}"
    kinds = [one["snippet"]["type"] for one in read(api, target)]
    assert kinds == ["tombstone", "messageDeletedEvent"]
    following = f"{target}&pageToken=t2"
    assert reason(ask(api, following)) == (403, "rateLimitExceeded")
    assert read(api, following) == []
    studio.end_live(video.id)
    assert reason(ask(api, target)) == (403, "liveChatEnded")
    odd = ask(api, "liveChat/messages?part=id&liveChatId=odd")
    assert reason(odd) == (404, "liveChatNotFound")


def test_quota_is_spent_and_then_refused() -> None:
    """Lists of captions cost fifty units; refused requests cost as well."""
    api = YouTube(Town())
    login = token(api)
    api.left = 52
    video = next(iter(api.studio.captions.values())).video
    assert ask(api, f"captions?part=id&videoId={video}", login).status == 200
    assert reason(ask(api, "videos?part=id", login)) == (400, "missingRequiredParameter")
    assert ask(api, "channels?part=id&mine=true", login).status == 200
    assert reason(ask(api, "channels?part=id&mine=true", login)) == (403, "quotaExceeded")


def test_logins_end_and_lack_scopes() -> None:
    """Each in the API's words."""
    api = YouTube(Town())
    login = token(api)
    target = "channels?part=id&mine=true"
    assert reason(ask(api, target, "")) == (403, "forbidden")
    api.expire()
    assert reason(ask(api, target, login)) == (401, "authError")
    api.scopes = {"readonly"}
    assert ask(api, target).status == 200
    assert reason(ask(api, "comments?part=id&id=x")) == (403, "insufficientPermissions")
    api.scopes.add("memberships")
    api.paying = False
    assert reason(ask(api, "members?part=snippet")) == (403, "channelMembershipsNotEnabled")
    api.revoke()
    assert token(api) == ""


@pytest.mark.parametrize(
    ("target", "status"),
    [("videos?id=x", 400), ("videos?part=odd&id=x", 400), ("odd?part=id", 404),
     ("playlistItems?part=id&playlistId=odd", 404), ("captions?part=id&videoId=odd", 404),
     ("captions/odd", 404), ("comments?part=id&parentId=odd", 404), ("playlists?part=id", 400),
     ("commentThreads?part=id&allThreadsRelatedToChannelId=odd", 404),
     ("subscriptions?part=id", 400)],
)  # fmt: skip
def test_what_is_not_there_is_refused(target: str, status: int) -> None:
    """With a status and a reason."""
    found, why = reason(ask(YouTube(Town()), target))
    assert (found, bool(why)) == (status, True)


def test_other_addresses_are_not_its_own() -> None:
    """What is neither API, nor login, nor picture is left to others."""
    api = YouTube(Town())
    assert api.answer(Asked("GET", "/feed", BASE)) is None
    lost = api.answer(Asked("GET", "/vi/odd/high.png", BASE))
    assert lost is not None
    assert lost.status == 404


def test_verbs_refuse_what_is_not_there() -> None:
    """A verb on something unknown raises `UsageError`."""
    studio = Studio()
    video = studio.go_live("Council", "")
    studio.end_live(video.id)
    for act in (
        lambda: studio.edit("odd", "x"),
        lambda: studio.delete("odd"),
        lambda: studio.erase("odd"),
        lambda: studio.unsubscribe("odd"),
        lambda: studio.discard("odd"),
        lambda: studio.say(studio.city.id, video.id, "too late"),
    ):
        with pytest.raises(UsageError):
            act()
