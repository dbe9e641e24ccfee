"""The stand-in for X against what X publishes: the models of its API (pip ``xdk``).

Every answer that captures of the stand-in meet is held against the model of its endpoint,
strictly, and no member may be one that no model knows. Webhooks come in X's older dialect:
what has other names there is renamed before it is judged.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.x.hooks import Hooks
from archiver.demo.x.seed import Square
from archiver.demo.x.tokens import CONSUMER_SECRET
from tests.demo.x import staged
from tests.edges.store_helpers import memory_folder
from tests.real.environments import pinned

if TYPE_CHECKING:
    from archiver.demo.x.gathering import Json
    from archiver.demo.x.hooks import Sent

pytestmark = pytest.mark.real

SCRIPT = Path(__file__).parent / "x" / "models.py"
PINNED = Path(__file__).parent / "x" / "requirements.txt"
MODELS = {
    r"users/me": "GetUsersMeResponse",
    r"users/\d+": "GetUsersByIdResponse",
    r"users/by/username/\w+": "GetUsersByUsernameResponse",
    r"users/\d+/tweets": "GetUsersPostsResponse",
    r"users/\d+/mentions": "GetUsersMentionsResponse",
    r"users/\d+/liked_tweets": "GetUsersLikedPostsResponse",
    r"users/\d+/followers": "GetUsersFollowersResponse",
    r"users/\d+/following": "GetUsersFollowingResponse",
    r"users/\d+/blocking": "GetUsersBlockingResponse",
    r"users/\d+/muting": "GetUsersMutingResponse",
    r"users/\d+/owned_lists": "GetUsersOwnedListsResponse",
    r"tweets/\d+": "GetPostsByIdResponse",
    r"tweets/\d+/liking_users": "GetPostsLikingUsersResponse",
    r"tweets/\d+/retweeted_by": "GetPostsRepostedByResponse",
    r"tweets/\d+/quote_tweets": "GetPostsQuotedPostsResponse",
    r"tweets/search/all": "SearchPostsAllResponse",
    r"lists/\d+": "GetListsByIdResponse",
    r"dm_events": "GetDirectMessagesEventsResponse",
    r"chat/conversations": "GetChatConversationsResponse",
    r"chat/conversations/[^/]+/events": "GetChatConversationEventsResponse",
}
"""Path of an endpoint -> the model of its answer."""
NEWER = {
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
    "tweets": "posts",
}
ENVELOPE = {"event_uuid", "filter", "event_type", "tag", "payload", "includes"}
"""Members of an event (docs.x.com/x-api/activity/event-payloads)."""
PAYLOADS = {
    "post.delete": {"id", "author_id"},
    "like.create": {
        "id", "created_at", "timestamp_ms", "liked_tweet_author_id", "liked_tweet_id",
    },
    "follow.follow": {"source", "target"},
    "follow.unfollow": {"source", "target"},
    "block.block": {"source", "target"},
    "block.unblock": {"source", "target"},
    "mute.mute": {"source", "target"},
    "mute.unmute": {"source", "target"},
    "profile.update.bio": {"before", "after"},
    "dm.received": {"direct_message_events", "users"},
    "dm.sent": {"direct_message_events", "users"},
    "chat.received": {
        "conversation_token", "id", "created_at_msec", "sender_id", "conversation_id",
        "conversation_key_version", "encoded_event", "conversation_key_change_event",
        "message_event_signature",
    },
}  # fmt: skip
"""Members of payloads that are no post, as the same page shows them."""


def judged(pytestconfig: pytest.Config, documents: list[tuple[str, Any]]) -> dict[str, list[str]]:
    """Return what in documents does not fit their models, or is unknown to them."""
    programs = pinned(pytestconfig.cache.mkdir("xdk"), PINNED)
    done = subprocess.run(
        [programs / "python", SCRIPT],
        input=json.dumps(documents).encode(),
        capture_output=True,
        check=True,
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def model_of(path: str) -> str:
    """Return the model of the answer at a path."""
    wanted = path.removeprefix("/2/").replace("%3A", ":")
    return next(name for form, name in MODELS.items() if re.fullmatch(form, wanted))


def newer(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a document of a webhook in the dialect of the published models."""
    if isinstance(value, list):
        return [newer(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: one for name, one in value.items() if not name.endswith("_str")}
    return {NEWER.get(name, name): newer(one) for name, one in kept.items()}


def test_every_answer_fits_the_published_models(pytestconfig: pytest.Config) -> None:
    """All endpoints, pages, edits, partial errors, what is gone, whom one may not see."""
    with memory_folder() as folder, staged(folder) as stage:
        network, people = stage.network, stage.network.residents
        stage.capture("backfill")
        network.change()
        hidden = next(one for one in network.posts.values() if one.author == people[7])
        network.people[people[7]].protected = True
        network.people[people[9]].suspended = True
        network.post(network.city.id, "See:", quotes=hidden.id)
        stage.run("backfill")
        network.unrelate("block", network.city.id, people[14])
        stage.run("backfill")
        documents = [(model_of(path), body) for path, body in stage.api.log]
    assert {name for name, _ in documents} >= set(MODELS.values()) - {"GetUsersByUsernameResponse"}
    assert any("errors" in body for _, body in documents)
    assert judged(pytestconfig, documents) == {"wrong": [], "unknown": []}


def test_what_does_not_fit_is_found(pytestconfig: pytest.Config) -> None:
    """A number in place of a text, a member that is missing, one that nobody has published."""
    post = {"id": 5, "text": "Tea", "public_metrics": {"like_count": 1}, "colour": "red"}
    found = judged(pytestconfig, [("Post", post), ("Post", {"id": "5", "colour": "red"})])
    assert len(found["wrong"]) == 1 + 5  # the id, and five of six numbers
    assert found["unknown"] == ["Post.colour"]


def test_events_are_what_the_documentation_shows(pytestconfig: pytest.Config) -> None:
    """The envelope, the payloads, and posts and users in the models once names are today's."""
    network = Square()
    sent: list[Json] = []

    def take(delivery: Sent) -> None:
        sent.append(json.loads(delivery.body)["data"])

    Hooks(network, CONSUMER_SECRET, "https://x.example", take)
    network.change()
    network.unrelate("block", network.city.id, network.residents[14])
    network.relate("mute", network.city.id, network.residents[2])
    network.letter(network.city.id, network.residents[2], "As agreed.")
    documents = []
    for event in sent:
        assert event.keys() <= ENVELOPE
        kind, payload = event["event_type"], event["payload"]
        assert payload.keys() == PAYLOADS.get(kind, payload.keys())
        if kind not in PAYLOADS:
            documents.append(("Post", newer(payload)))
            assert "referenced_posts" not in payload
            assert payload["public_metrics"]["retweet_count_str"] == "0"
        documents += [("Expansions", newer(event["includes"]))] if "includes" in event else []
        for one in ("source", "target"):
            documents += [("User", newer(payload[one]["data"]))] if one in payload else []
    assert {one["event_type"] for one in sent} >= PAYLOADS.keys() - {"mute.unmute"}
    assert judged(pytestconfig, documents) == {"wrong": [], "unknown": []}
