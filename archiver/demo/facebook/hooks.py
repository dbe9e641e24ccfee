"""What Facebook's webhooks say: changes, events of conversations, and whole signed bodies."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from archiver.demo.facebook.things import (
        Comment,
        Conversation,
        Live,
        Message,
        Person,
        Post,
        Rating,
    )

__all__ = [
    "delivery",
    "of_comment",
    "of_live",
    "of_message",
    "of_post",
    "of_rating",
    "of_reaction",
    "of_unsent",
    "signature",
]

Change = dict[str, Any]


def of_post(post: Post, verb: str, now: datetime) -> Change:
    """Return the change of a post."""
    value = {
        "from": _person(post.author),
        "item": "photo" if post.photos else "status" if post.edge == "own" else "post",
        "verb": verb,
        "post_id": post.id,
        "created_time": _seconds(now),
    }
    if verb in {"add", "edited"}:
        value |= {"message": post.text, "published": 1}
    return {"field": "feed", "value": value}


def of_comment(comment: Comment, verb: str, now: datetime) -> Change:
    """Return the change of a comment."""
    value = {
        "from": _person(comment.author),
        "item": "comment",
        "verb": verb,
        "comment_id": comment.id,
        "post_id": comment.on,
        "parent_id": comment.answers or comment.on,
        "created_time": _seconds(now),
    }
    if verb != "remove":
        value["message"] = comment.text
    return {"field": "feed", "value": value}


def of_reaction(post: str, person: Person, kind: str, verb: str, now: datetime) -> Change:
    """Return the change of a reaction."""
    value = {
        "from": _person(person),
        "item": "reaction",
        "reaction_type": kind.lower(),
        "verb": verb,
        "post_id": post,
        "parent_id": post,
        "created_time": _seconds(now),
    }
    return {"field": "feed", "value": value}


def of_rating(rating: Rating, now: datetime) -> Change:
    """Return the change that a recommendation makes."""
    value = {
        "item": "rating",
        "verb": "add",
        "reviewer_id": rating.author.id,
        "reviewer_name": rating.author.name,
        "recommendation_type": "POSITIVE" if rating.positive else "NEGATIVE",
        "review_text": rating.text,
        "open_graph_story_id": rating.id,
        "created_time": _seconds(now),
    }
    return {"field": "ratings", "value": value}


def of_live(live: Live, now: datetime) -> Change:
    """Return the change that a live video makes; it has no time of its own."""
    del now
    return {"field": "live_videos", "value": {"id": live.id, "status": live.status.lower()}}


def of_message(message: Message, talk: Conversation, city: Person) -> Change:
    """Return the event of a message; of the Page's own it is an echo."""
    said: dict[str, Any] = {"mid": message.id, "text": message.text}
    ours = message.author == city
    if ours:
        said |= {"is_echo": True, "app_id": 2_601}
    pair = [city.id, talk.person.id]
    sender, recipient = pair if ours else reversed(pair)
    return {
        "sender": {"id": sender},
        "recipient": {"id": recipient},
        "timestamp": _seconds(message.created) * 1000,
        "message": said,
    }


def of_unsent(message: Message, talk: Conversation, city: Person, now: datetime) -> Change:
    """Return the event of a message that was taken back."""
    event = of_message(message, talk, city)
    said = {"mid": message.id, "is_deleted": True}
    return event | {"timestamp": _seconds(now) * 1000, "message": said}


def delivery(whose: str, changes: Sequence[Change], sent: int, *, kind: str = "page") -> bytes:
    """Return the body of a delivery that tells of one account's changes, in their order.

    ``kind``: what the account is, a ``page`` or ``instagram``.
    """
    events = [one for one in changes if "sender" in one]
    plain = [one for one in changes if "sender" not in one]
    entries: list[dict[str, Any]] = []
    if plain:
        entries.append({"id": whose, "time": sent, "changes": plain})
    if events:
        entries.append({"id": whose, "time": sent * 1000, "messaging": events})
    return json.dumps({"object": kind, "entry": entries}, separators=(",", ":")).encode()


def signature(secret: str, body: bytes) -> str:
    """Return the value of ``X-Hub-Signature-256``."""
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()


def _person(person: Person) -> dict[str, str]:
    return {"id": person.id, "name": person.name}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
