"""What a capture of the city's account should hold, told from the content alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.demo.x.gathering import moment
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.x.network import Network
    from archiver.demo.x.things import Post

__all__ = ["Truth", "differences", "has_answers", "truth"]

Truth = dict[str, dict[str, dict[str, str]]]
"""Stream -> native id -> the columns that tell the thing."""

_SILENT = re.compile(r"\d+/(?:liking_users|retweeted_by)/\d+")
_TOLD = re.compile(r"\d+|(?:block|mute|list)/\d+")
"""What X says of, asked for itself, that it is no more."""
_PARTS = re.compile(r"\d+/(?:edit|metrics)/\d+")
"""Parts that X has no address for: they stay as they were."""


def truth(here: Network) -> Truth:
    """Return everything that the city is shown of its account, limits of X's aside."""
    found: Truth = {stream: {} for stream in Stream if stream != Stream.WORKFLOW}
    for post in here.posts.values():
        if is_seen(here, post):
            _post(here, found, post)
        if here.city.id in post.likes and here.is_shown(post):
            about = {"state": "like", "parent_id": str(post.id), "author_id": str(post.author)}
            found[Stream.REACTIONS][f"like/{post.id}"] = about
    for letter in here.letters.values():
        found[Stream.MESSAGES][str(letter.id)] = {
            "text": letter.text, "author_id": str(letter.sender), "thread_id": letter.talk,
            "created": moment(letter.at), "state": letter.kind,
        }  # fmt: skip
        for key in letter.media:
            _medium(here, found, key)
    _chats(here, found)
    _relations(here, found)
    city = {"handle": here.city.name, "name": here.city.shown, "text": here.city.about}
    found[Stream.PROFILE][str(here.city.id)] = city
    for roll in here.rolls.values():
        found[Stream.PROFILE][f"list/{roll.id}"] = {"name": roll.name, "text": roll.about}
    return {stream: things for stream, things in found.items() if things}


def is_seen(here: Network, post: Post) -> bool:
    """Say whether X names a post to the city in some listing.

    Its own, what names it or answers its posts, conversations under its posts, quotes of
    them, and what it answers.
    """
    city, posts = here.city.id, here.posts
    if post.author == city:
        return True
    if not here.is_shown(post) or post.reposts:
        return False
    root, quoted = posts.get(post.talk), posts.get(post.quotes)
    under = root is not None and root.author == city and has_answers(here, root)
    quotes = quoted is not None and quoted.author == city
    answered = any(one.answers == post.id and one.author == city for one in posts.values())
    return city in here.mentioned(post) or under or quotes or answered


def has_answers(here: Network, post: Post) -> bool:
    """Say whether X counts an answer to a post itself: only then its conversation is asked for."""
    return any(one.answers == post.id and here.is_shown(one) for one in here.posts.values())


def differences(before: Truth, after: Truth) -> dict[str, dict[str, str]]:
    """Return what changed between two truths: stream -> native id -> kind of observation.

    What hangs on a post that is gone can no longer be asked for, nor its earlier versions.
    """
    found: dict[str, dict[str, str]] = {}
    posts = after.get(Stream.POSTS, {})
    for stream in before.keys() | after.keys():
        old, new = before.get(stream, {}), after.get(stream, {})
        kinds = {name: str(Kind.PRESENT) for name in new.keys() - old.keys()}
        kinds |= {
            name: str(Kind.EDITED) for name in new.keys() & old.keys() if new[name] != old[name]
        }
        for name in old.keys() - new.keys():
            hangs = _SILENT.fullmatch(name) and name.partition("/")[0] not in posts
            if not hangs and not _PARTS.fullmatch(name):
                kinds[name] = _gone(stream, name)
        if kinds:
            found[stream] = kinds
    return found


def _gone(stream: str, name: str) -> str:
    told = stream not in {Stream.MEDIA, Stream.SUBSCRIBERS} and _TOLD.fullmatch(name)
    return str(Kind.DELETED if told else Kind.ABSENT)


def _post(here: Network, found: Truth, post: Post) -> None:
    own = post.author == here.city.id
    stream = Stream.POSTS if own else Stream.COMMENTS
    source = here.posts[post.reposts] if post.reposts else post
    if not here.is_shown(source):
        source = post
    shown = source.versions[here.place_at(source, post.last.at)]
    states = {"reply": post.answers, "quote": post.quotes, "repost": post.reposts}
    found[stream][str(post.id)] = {
        "text": shown.text,
        "state": next((name for name, number in states.items() if number), ""),
        "author_id": str(source.author),
        "thread_id": str(post.talk),
        "created": moment(post.last.at),
    }
    for place, version in enumerate(post.versions[:-1], 1):
        about = {"text": version.text, "created": moment(version.at)}
        found[stream][f"{post.id}/edit/{place}"] = about
    for key in post.media:
        _medium(here, found, key)
    if own and not post.reposts:
        _hanging(here, found, post)


def _hanging(here: Network, found: Truth, post: Post) -> None:
    """Add who likes and reposts a post of the city's, and the numbers that only it sees."""
    if (here.now - post.last.at).days < 30:  # noqa: PLR2004 - as long as X shows them
        for version in post.versions:
            about = {"parent_id": str(post.id)}
            found[Stream.POSTS][f"{post.id}/metrics/{version.id}"] = about
    shown = [one for one in here.posts.values() if here.is_shown(one)]
    reposts = [one.author for one in shown if one.reposts == post.id]
    some = (("liking_users", "like", post.likes), ("retweeted_by", "repost", reposts))
    for route, state, people in some:
        for who in people:
            if not here.people[who].suspended:
                about = {"state": state, "parent_id": str(post.id)}
                about["author_name"] = here.people[who].name
                found[Stream.REACTIONS][f"{post.id}/{route}/{who}"] = about


def _medium(here: Network, found: Truth, key: str) -> None:
    medium = here.media[key]
    kind = "image/png" if medium.kind == "photo" else "video/mp4"
    found[Stream.MEDIA][key] = {"alt_text": medium.description}
    found[Stream.MEDIA][f"{key}/file"] = {"media_type": kind}


def _chats(here: Network, found: Truth) -> None:
    for chat in here.chats.values():
        if here.city.id not in chat.people:
            continue
        found[Stream.MESSAGES][f"conversation/{chat.id}"] = {"state": "conversation"}
        for event, sender, _, _ in chat.events:
            about = {"state": "encrypted", "author_id": str(sender), "thread_id": chat.id}
            found[Stream.MESSAGES][f"chat/{event}"] = about


def _relations(here: Network, found: Truth) -> None:
    """Add people by what they are to the city."""
    city = here.city.id
    for name, one in (("follower", {"whom": city}), ("following", {"who": city})):
        for _, person in here.related("follow", **one):
            about = {"handle": person.name, "name": person.shown, "text": person.about}
            found[Stream.SUBSCRIBERS][f"{name}/{person.id}"] = about
    for kind in ("block", "mute"):
        for _, person in here.related(kind, who=city):
            about = {"state": kind, "author_name": person.name}
            found[Stream.MODERATION][f"{kind}/{person.id}"] = about
