"""What Facebook's webhooks say of a Page (docs/graph-api/webhooks/reference/page)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.platforms.facebook.listings import node
from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.deliveries import event, gone
from archiver.capture.times import unix_time
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Gone, Item, Site

    Cut = tuple[int, int]
    Found = Item | Gone

__all__ = ["change"]

_GONE = frozenset({"remove", "delete"})
_REACTIONS = frozenset({"reaction", "like"})
_FIELDS = {"ratings": Stream.COMMENTS, "mention": Stream.POSTS, "live_videos": Stream.POSTS}
"""Streams of changes of the Page that tell of no post or comment; others are of its profile."""


def change(site: Site, change: dict[str, Any], cut: Cut, sent: str) -> Iterator[Found]:
    """Yield what one change of the Page tells, which was sent at ``sent``."""
    field, value = change.get("field"), change.get("value")
    if not is_node(field) or not isinstance(value, dict):
        return
    happened = str(value.get("created_time") or sent)
    name = f"{value.get('verb') or 'update'}-{happened}"
    if field != "feed" or not is_node(name):
        about = value.get("post_id") or value.get("open_graph_story_id") or value.get("id")
        subject = f"{about}/event" if is_node(about) else "event"
        if is_node(name):
            stream = _FIELDS.get(str(field), Stream.PROFILE)
            yield event(stream, f"{subject}/{field}-{name}", cut)
        return
    yield from _feed(site, value, cut, name, unix_time(happened).at)


def _feed(site: Site, value: dict[str, Any], cut: Cut, name: str, at: str) -> Iterator[Found]:
    """Yield what happened to a post, a comment or a reaction."""
    post, comment = value.get("post_id"), value.get("comment_id")
    what, verb = value.get("item"), value.get("verb")
    subject = comment if is_node(comment) else post
    if not is_node(subject):
        yield event(Stream.POSTS, f"event/feed-{name}", cut)
    elif what in _REACTIONS:
        yield from _reaction(value, cut, str(subject), name, at)
    elif is_node(comment):
        group = f"comments {post}" if is_node(post) else "comments"
        if verb in _GONE:
            yield gone(Stream.COMMENTS, str(comment), group, cut, at)
        else:
            follow = (node(site, "comments", str(comment), group),)
            yield event(Stream.COMMENTS, f"{comment}/event/{name}", cut, follow)
    elif verb in _GONE:
        yield gone(Stream.POSTS, str(post), "posts", cut, at)
    else:
        follow = (node(site, "posts", str(post), "posts"),)
        yield event(Stream.POSTS, f"{post}/event/{name}", cut, follow)


def _reaction(value: dict[str, Any], cut: Cut, subject: str, name: str, at: str) -> Iterator[Found]:
    person = value.get("from")
    who = person.get("id") if isinstance(person, dict) else value.get("sender_id")
    if value.get("verb") in _GONE and is_node(who):
        yield gone(Stream.REACTIONS, f"{subject}/reaction/{who}", f"reactions {subject}", cut, at)
    else:
        about = f"{subject}/event/{who}-{name}" if is_node(who) else f"{subject}/event/{name}"
        yield event(Stream.REACTIONS, about, cut)
