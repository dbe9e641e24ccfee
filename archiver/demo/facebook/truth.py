"""What a capture of the Page should hold, told from the content alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.demo.facebook.calls import IDLE
from archiver.demo.facebook.things import moment
from archiver.demo.facebook.views import ALBUM, READABLE
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.facebook.page import Page
    from archiver.demo.facebook.things import Conversation, Post

__all__ = ["Truth", "differences", "truth"]

Truth = dict[str, dict[str, dict[str, str]]]
"""Stream -> native id -> the columns that tell the thing, and its ``kind``."""

_SILENT = frozenset({Stream.MESSAGES, Stream.REACTIONS, Stream.MODERATION})
"""No address says of these for sure that they are no more."""


def truth(page: Page) -> Truth:
    """Return everything that the Page is shown: what is in its lists, hidden things as well."""
    found: Truth = {stream: {} for stream in Stream if stream != Stream.WORKFLOW}
    shown = _listed(page)
    for post in shown:
        _post(page, found, post)
    places = {one.id for one in shown if one.edge != "tagged" and not one.due}
    places |= page.photos.keys() | page.videos.keys() | page.lives.keys()
    for comment in page.comments.values():
        if comment.shown and comment.on in places:
            found[Stream.COMMENTS][comment.id] = {
                "kind": Kind.HIDDEN if comment.hidden else Kind.PRESENT,
                "text": comment.text,
                "author_id": comment.author.id,
                "parent_id": comment.answers if comment.answers in page.comments else "",
                "created": moment(comment.created),
                "on": comment.on,
            }
            if comment.picture:
                found[Stream.MEDIA][f"{comment.id}/attachment"] = _FILE
    for rating in page.ratings.values():
        about = {"text": rating.text, "author_id": rating.author.id}
        found[Stream.COMMENTS][f"rating/{rating.id}"] = _PRESENT | about
    _media(page, found)
    for talk in page.conversations.values():
        _talk(page, found, talk)
    for person in page.blocked.values():
        about = {"author_id": person.id, "author_name": person.name, "state": "block"}
        found[Stream.MODERATION][f"block/{person.id}"] = _PRESENT | about
    _profile(page, found)
    return {stream: things for stream, things in found.items() if things}


def differences(before: Truth, after: Truth) -> dict[str, dict[str, str]]:
    """Return what changed between two truths: stream -> native id -> kind of observation.

    Comments and reactions of a post that is gone can no longer be asked for.
    """
    found: dict[str, dict[str, str]] = {}
    for stream in before.keys() | after.keys():
        old, new = before.get(stream, {}), after.get(stream, {})
        kinds = {name: new[name]["kind"] for name in new.keys() - old.keys()}
        for name in new.keys() & old.keys():
            if new[name] != old[name]:
                kinds[name] = _changed(old[name]["kind"], new[name]["kind"])
        for name in old.keys() - new.keys():
            if _can_be_told(before, after, stream, name):
                kinds[name] = Kind.ABSENT if stream in _SILENT else Kind.DELETED
        kinds = {name: kind for name, kind in kinds.items() if not _unread(new.get(name))}
        if kinds:
            found[stream] = {name: str(kind) for name, kind in kinds.items()}
    return found


_PRESENT = {"kind": str(Kind.PRESENT)}
_FILE = {"kind": str(Kind.PRESENT), "media_type": "image/png"}


def _changed(old: str, new: str) -> str:
    if old == new:
        return Kind.EDITED
    return Kind.RESTORED if new == Kind.PRESENT and old == Kind.HIDDEN else new


def _unread(columns: dict[str, str] | None) -> bool:
    return columns is not None and "unread" in columns


def _can_be_told(before: Truth, after: Truth, stream: str, name: str) -> bool:
    """Say whether the platform can be asked for what it lists no more."""
    if stream == Stream.REACTIONS:
        return name.partition("/")[0] in after[Stream.POSTS]
    if stream == Stream.COMMENTS:
        post = before[stream][name].get("on", "")
        return not post or post in after[Stream.POSTS]
    content = stream == Stream.MESSAGES and name.endswith("/content")
    return not content and not name.endswith(("/attachment", "/picture"))


def _listed(page: Page) -> list[Post]:
    """Return the posts that any list shows: no more than the newest where there is a cap."""
    found: dict[str, Post] = {}
    for edges in (("own",), ("own", "visitor"), ("visitor",), ("tagged",)):
        ones = [one for one in page.posts.values() if one.edge in edges and not one.due]
        ones.sort(key=lambda one: one.created, reverse=True)
        found |= {one.id: one for one in (ones[: page.cap] if page.cap else ones)}
    return [*found.values(), *(one for one in page.posts.values() if one.due)]


def _post(page: Page, found: Truth, post: Post) -> None:
    kind = Kind.HELD if post.due else Kind.HIDDEN if post.hidden else Kind.PRESENT
    found[Stream.POSTS][post.id] = {
        "kind": kind,
        "text": post.text,
        "author_id": post.author.id,
        "created": moment(post.created),
    }
    if post.staff:
        found[Stream.POSTS][f"{post.id}/owner"] = _PRESENT | {"extra": post.staff}
    if post.photos and post.edge in {"visitor", "tagged"}:
        found[Stream.MEDIA][f"{post.id}/picture"] = _FILE
    if post.edge == "tagged" or post.due:
        return
    for shared in post.shares:
        about = {"text": shared.text, "author_id": shared.author.id}
        found[Stream.POSTS][shared.id] = _PRESENT | about
    for who, state in post.reactions.items():
        about = {"state": state, "author_name": page.people[who].name, "parent_id": post.id}
        found[Stream.REACTIONS][f"{post.id}/reaction/{who}"] = _PRESENT | about


def _media(page: Page, found: Truth) -> None:
    media = found[Stream.MEDIA]
    for photo in page.photos.values():
        if photo.own:
            media[photo.id] = _PRESENT | {"alt_text": photo.alt, "caption": photo.caption}
            media[f"{photo.id}/file"] = _FILE
    for video in page.videos.values():
        kind = str(Kind.PRESENT if video.published else Kind.HELD)
        media[f"video/{video.id}"] = {"kind": kind, "title": video.title, "text": video.text}
        media[f"video/{video.id}/file"] = _PRESENT | {"media_type": "video/mp4"}
    media[f"album/{ALBUM}"] = _PRESENT | {"title": "Uploads"}
    for live in page.lives.values():
        found[Stream.POSTS][f"live/{live.id}"] = _PRESENT | {"title": live.title}
    for story in page.stories.values():
        kind = str(Kind.HIDDEN if story.archived else Kind.PRESENT)
        found[Stream.POSTS][f"story/{story.id}"] = {"kind": kind}
        media[f"story/{story.id}/file"] = _FILE


def _talk(page: Page, found: Truth, talk: Conversation) -> None:
    """Add a conversation: all of its messages by id, the newest with what they say."""
    if talk.folder != "inbox" and talk.updated < page.now - IDLE:
        return
    messages = found[Stream.MESSAGES]
    messages[f"conversation/{talk.id}"] = _PRESENT | {"modified": moment(talk.updated)}
    readable = {one.id for one in talk.messages[-READABLE:]}
    for message in talk.messages:
        messages[message.id] = _PRESENT | {"created": moment(message.created)}
        about = _PRESENT | {"text": message.text, "author_id": message.author.id}
        if message.id not in readable:
            about["unread"] = "older than what is shown"
        messages[f"{message.id}/content"] = about
        if message.picture and message.id in readable:
            found[Stream.MEDIA][f"{message.id}/attachment/7{message.picture}"] = _FILE


def _profile(page: Page, found: Truth) -> None:
    profile = found[Stream.PROFILE]
    profile[page.city.id] = _PRESENT | {"handle": page.name, "name": page.title, "text": page.about}
    profile[f"details/{page.city.id}"] = _PRESENT | {"extra": "clerk@quillwater.example"}
    for name, value in page.settings.items():
        profile[f"setting/{name}"] = _PRESENT | {"name": name, "extra": json.dumps(value)}
    for who, name in page.roles.items():
        profile[f"role/{who}"] = _PRESENT | {"name": name}
    about = {"extra": f'"followers_count":{page.followers}'}
    profile["count"] = _PRESENT | about
