"""The city's Instagram account as it stands at first, a week on it, and what is true of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.facebook.calls import IDLE
from archiver.demo.facebook.things import moment
from archiver.demo.facebook.views import READABLE
from archiver.demo.instagram.account import Account
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.instagram.account import Medium

__all__ = ["CityAccount", "Truth", "differences", "truth"]

Truth = dict[tuple[str, str], dict[str, str]]
"""Stream and native id -> the columns that tell the thing, and its ``kind``.

``on`` is the post that a comment is on.
"""
_PREFIXES = {"stories": "story/", "live_media": "live/", "tags": "tagged/"}


class CityAccount(Account):
    """A city's account with posts, an album, stories, comments and conversations."""

    def __init__(self) -> None:
        super().__init__()
        self.crowd = [self.join(name.split()[0].lower()) for name in texts.RESIDENTS[:6]]
        ann, ben, cat, *_ = self.crowd
        self.own = [
            self.show("The mill in snow", "A mill beside a frozen river").id,
            self.show("Parade", "People on Main Street", pictures=3).id,
            self.show("New bridge").id,
        ]
        self.show("", edge="stories")
        self.show("Flood briefing", edge="live_media")
        self.show("Thanks @cityofquillwater", edge="tags", author="somebody")
        first = self.remark(self.own[0], ann, "Lovely")
        for number in range(5):
            self.remark(self.own[0], self.crowd[number], f"Yes {number}", answers=first.id)
        self.conceal(self.remark(self.own[0], ben, "Spam spam").id)
        self.remark(self.own[1], cat, "Where was that?")
        self.remark(self.own[0], self.crowd[5], "Restricted", shown=False)
        for number in range(READABLE + 4):
            self.write(ann, f"About the mill {number}", ours=bool(number % 2))
        self.write(ben, "Are you there?", folder="other")

    def change(self) -> dict[str, dict[str, str]]:
        """Let a week happen; return what a complete capture then finds."""
        before = truth(self)
        ann, ben, *_ = self.crowd
        self.recaption(self.own[0], "The mill, in January")
        self.remove(self.own[2])
        self.remark(self.own[1], ann, "On Main Street", answers=self._first(self.own[1]))
        gone = [one for one in self.comments.values() if one.answers][2]
        self.erase(gone.id)
        self.conceal(next(one.id for one in self.comments.values() if one.text == "Lovely"))
        self.show("Leaves", "A street full of leaves", pictures=2)
        self.like(self.own[0])
        self.write(ben, "Hello again")
        self.follow(5)
        self.biography = "Pictures and notices"
        return differences(before, truth(self))

    def _first(self, on: str) -> str:
        return next(one.id for one in self.comments.values() if one.on == on)


def truth(account: Account) -> Truth:
    """Return everything that the account is shown."""
    found: Truth = {}
    for one in account.media.values():
        _medium(found, one)
    for said in account.comments.values():
        if said.shown and account.media[said.on].edge in {"media", "live_media"}:
            found[Stream.COMMENTS, said.id] = {
                "kind": Kind.HIDDEN if said.hidden else Kind.PRESENT, "text": said.text,
                "author_name": said.author.name, "parent_id": said.answers, "on": said.on,
            }  # fmt: skip
    for talk in account.conversations.values():
        if talk.folder == "inbox" or talk.updated >= account.now - IDLE:
            about = {"kind": Kind.PRESENT, "modified": moment(talk.updated)}
            found[Stream.MESSAGES, f"conversation/{talk.id}"] = about
            for message in talk.messages:
                found[Stream.MESSAGES, message.id] = {"kind": Kind.PRESENT}
            for message in talk.messages[-READABLE:]:
                about = {"kind": Kind.PRESENT, "text": message.text}
                found[Stream.MESSAGES, f"{message.id}/content"] = about
    profile = {"kind": Kind.PRESENT, "handle": account.handle, "text": account.biography}
    found[Stream.PROFILE, account.number] = profile
    posts = sum(one.edge == "media" for one in account.media.values())
    counts = {"followers_count": account.followers, "follows_count": 12, "media_count": posts}
    about = {"kind": Kind.PRESENT, "extra": json.dumps(counts, separators=(",", ":"))}
    found[Stream.PROFILE, "count"] = about
    return found


def differences(before: Truth, after: Truth) -> dict[str, dict[str, str]]:
    """Return what changed between two truths: stream -> native id -> kind of observation.

    That it is gone is told of a post, and of a comment while its post is there.
    """
    found: dict[str, dict[str, str]] = {}
    for thing in before.keys() | after.keys():
        (stream, name), old, new = thing, before.get(thing), after.get(thing)
        if new is None:
            on = (Stream.POSTS, before[thing].get("on", ""))
            told = name.isdigit() and (stream == Stream.POSTS or on in after)
            kind = Kind.DELETED if told else ""
        elif old is not None and old["kind"] == new["kind"]:
            kind = Kind.EDITED if old != new else ""
        else:
            kind = Kind(new["kind"])
        if kind:
            found.setdefault(stream, {})[name] = str(kind)
    return found


def _medium(found: Truth, one: Medium) -> None:
    name = f"{_PREFIXES.get(one.edge, '')}{one.id}"
    if one.edge == "live_media":  # has neither caption nor file
        found[Stream.POSTS, name] = {"kind": Kind.PRESENT}
        return
    about = {"kind": Kind.PRESENT, "text": one.caption}
    about |= {"alt_text": one.alt} if one.edge == "media" else {}
    found[Stream.POSTS, name] = about
    found[Stream.MEDIA, f"{name}/file"] = {"kind": Kind.PRESENT, "media_type": "image/png"}
    for child in one.children:
        found[Stream.MEDIA, child.id] = {"kind": Kind.PRESENT, "alt_text": child.alt}
        about = {"kind": Kind.PRESENT, "media_type": "image/png"}
        found[Stream.MEDIA, f"{child.id}/file"] = about
