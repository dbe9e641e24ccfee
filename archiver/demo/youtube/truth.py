"""What a capture of the city's channel should hold, told from the content alone."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.demo.youtube.shapes import moment
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.youtube.channel import Channel
    from archiver.demo.youtube.things import Comment

__all__ = ["Truth", "differences", "truth"]

Truth = dict[str, dict[str, dict[str, str]]]
"""Stream -> native id -> the columns that tell the thing, and ``kind``, its state.

Names that begin with ``extra`` say what stands in that column among other things.
"""

_STATES = {"published": Kind.PRESENT, "heldForReview": Kind.HELD, "likelySpam": Kind.HIDDEN}
_SHOWN = 2
"""Replies that a thread shows of those in one state; published ones have a list of their own."""


def truth(studio: Channel) -> Truth:
    """Return everything that the city is shown of its channel, but for events of a chat."""
    found: Truth = {stream: {} for stream in Stream if stream != Stream.WORKFLOW}
    city = studio.city
    profile = {"name": city.name, "handle": f"@{city.handle}", "text": city.about}
    found[Stream.PROFILE] = {city.id: profile, f"{city.id}/settings": profile}
    found[Stream.PROFILE][f"stream/{studio.stream}"] = {"title": "Council chamber"}
    found[Stream.PROFILE]["level/level-1"] = {"name": "Friend"}
    for number, title in studio.sections.items():
        found[Stream.PROFILE][f"section/{number}"] = {"title": title}
    for comment in studio.comments.values():
        if not comment.parent:
            _thread(studio, found, comment)
    _posts(studio, found)
    _pages(studio, found)
    _people(studio, found)
    return {
        stream: {name: {"kind": Kind.PRESENT, **columns} for name, columns in things.items()}
        for stream, things in found.items()
        if things
    }


def differences(before: Truth, after: Truth) -> dict[str, dict[str, str]]:
    """Return what changed between two truths: stream -> native id -> kind of observation."""
    found: dict[str, dict[str, str]] = {}
    for stream in before.keys() | after.keys():
        old, new = before.get(stream, {}), after.get(stream, {})
        kinds = {name: new[name]["kind"] for name in new.keys() - old.keys()}
        kinds |= {name: _changed(old[name], new[name]) for name in new.keys() & old.keys()}
        kinds |= {name: _gone(stream, name) for name in old.keys() - new.keys()}
        told = {name: str(kind) for name, kind in kinds.items() if kind}
        if told:
            found[stream] = told
    return found


def _changed(old: dict[str, str], new: dict[str, str]) -> str:
    if old["kind"] != new["kind"]:
        return Kind.RESTORED if (old["kind"], new["kind"]) == _CLEARED else new["kind"]
    return Kind.EDITED if old != new else ""


_CLEARED = (Kind.HIDDEN, Kind.PRESENT)


def _gone(stream: str, name: str) -> Kind:
    """Return what is said of a thing that is gone: comments and people are absent, no more."""
    silent = stream == Stream.COMMENTS or name.startswith(("subscriber/", "member/", "level/"))
    return Kind.ABSENT if silent else Kind.DELETED


def _posts(studio: Channel, found: Truth) -> None:
    posts = found[Stream.POSTS]
    captioned = {one.video for one in studio.captions.values()}
    for one in studio.videos.values():
        planned = f'"status.publishAt":"{moment(one.publish_at)}"' if one.publish_at else ""
        posts[one.id] = {
            "title": one.title, "text": one.about, "state": one.privacy,
            "created": moment(one.at), "extra": planned,
            "extra caption": _captions(one.id in captioned),
        }  # fmt: skip
        posts[f"{one.id}/details"] = {"extra": f'"fileDetails.fileName":"{one.id} final.mp4"'}
        posts[f"{one.id}/thumbnail"] = {"file_sha256": sha256(one.picture).hexdigest()}
        if one.chat:
            posts[f"{one.id}/broadcast"] = {"state": one.life, "title": one.title}
    for track in studio.captions.values():
        name = f"{track.video}/caption/{track.id}"
        posts[name] = {"language": track.language, "modified": moment(track.changed)}
        posts[f"{name}/file"] = {"file_sha256": sha256(track.text.encode()).hexdigest()}


def _captions(has: bool) -> str:  # noqa: FBT001 - as the API says it
    return f'"contentDetails.caption":"{str(has).lower()}"'


def _thread(studio: Channel, found: Truth, first: Comment) -> None:
    """Add a comment with the replies to it that are shown with it."""
    shown = {status: studio.replies(first.id, status) for status in _STATES}
    for status in ("heldForReview", "likelySpam"):
        listed = first.status in (status, "published")
        shown[status] = shown[status][:_SHOWN] if listed else []
    if first.status not in _STATES:
        return
    for one in (first, *(reply for some in shown.values() for reply in some)):
        name = f"{one.parent}/{one.id}" if one.parent else one.id
        found[Stream.COMMENTS][name] = {
            "kind": _STATES[one.status],
            "text": one.text,
            "author_id": one.author,
            "parent_id": one.parent or one.video,
            "thread_id": one.video,
            "created": moment(one.at),
            "modified": moment(one.changed),
        }


def _pages(studio: Channel, found: Truth) -> None:
    for one in studio.playlists.values():
        name = f"playlist/{one.id}"
        found[Stream.PAGES][name] = {"title": one.title, "text": one.about, "state": one.privacy}
        for place in one.places:
            about = {"text": place.note, "parent_id": one.id, "created": moment(place.at)}
            found[Stream.PAGES][f"{name}/item/{place.id}"] = about


def _people(studio: Channel, found: Truth) -> None:
    people = found[Stream.SUBSCRIBERS]
    people["count"] = {"extra": f'"statistics.subscriberCount":"{len(studio.subscribers)}"'}
    for who, (_, since) in studio.subscribers.items():
        if studio.people[who].open:
            about = {"name": studio.people[who].name, "created": moment(since)}
            people[f"subscriber/{who}"] = {**about, "state": "subscriber"}
    for whom, (_, since) in studio.following.items():
        about = {"name": studio.people[whom].name, "created": moment(since)}
        people[f"following/{whom}"] = {**about, "state": "following"}
    for who in studio.members:
        people[f"member/{who}"] = {"name": studio.people[who].name, "state": "member"}
