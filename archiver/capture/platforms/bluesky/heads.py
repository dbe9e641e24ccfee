"""What cutting needs to know of things in answers, by the published lexicons."""

from __future__ import annotations

import msgspec

from archiver.capture.platforms.bluesky.addresses import at_uri, is_did

__all__ = ["Feed", "Found", "Notification", "Person", "Post", "Record", "Relation", "owner"]


class _Viewer(msgspec.Struct):
    """How the account that is logged in stands to a person; ``muted`` None: not told."""

    muted: bool | None = None
    blocking: str = ""


class Person(msgspec.Struct):
    """A profile view of any size (app.bsky.actor.defs)."""

    did: str = ""
    viewer: _Viewer | None = None

    @property
    def valid(self) -> bool:
        """Whether there is a DID to know the person by."""
        return is_did(self.did)


class _Ref(msgspec.Struct):
    uri: str = ""


class _Reply(msgspec.Struct):
    root: _Ref = msgspec.field(default_factory=_Ref)


class _Written(msgspec.Struct):
    """The record of a post, as far as it says what the post answers."""

    reply: _Reply = msgspec.field(default_factory=_Reply)


class _GateRecord(msgspec.Struct):
    hidden: list[str] = msgspec.field(name="hiddenReplies", default_factory=list)


class _Gate(msgspec.Struct):
    record: _GateRecord = msgspec.field(default_factory=_GateRecord)


class Post(msgspec.Struct):
    """A post as the AppView shows it (app.bsky.feed.defs#postView)."""

    uri: str
    record: _Written = msgspec.field(default_factory=_Written)
    threadgate: _Gate = msgspec.field(default_factory=_Gate)
    replies: int = msgspec.field(name="replyCount", default=0)
    reposts: int = msgspec.field(name="repostCount", default=0)
    likes: int = msgspec.field(name="likeCount", default=0)
    quotes: int = msgspec.field(name="quoteCount", default=0)

    @property
    def root(self) -> str:
        """The post that began the thread, empty where this one did."""
        return self.record.reply.root.uri


class _Reason(msgspec.Struct):
    type: str = msgspec.field(name="$type", default="")
    uri: str = ""
    by: Person = msgspec.field(default_factory=Person)


class Feed(msgspec.Struct):
    """One entry of an author's feed (app.bsky.feed.defs#feedViewPost)."""

    post: Post
    reason: _Reason = msgspec.field(default_factory=_Reason)


class Record(msgspec.Struct):
    """One record of a repository."""

    uri: str
    value: object


class Notification(msgspec.Struct):
    """One notification; ``subject`` is the own post that it is about."""

    uri: str
    reason: str
    record: _Written = msgspec.field(default_factory=_Written)
    subject: str = msgspec.field(name="reasonSubject", default="")


class Relation(msgspec.Struct):
    """How two accounts stand to each other (app.bsky.graph.defs#relationship).

    ``not_found``: the AppView knows no such ``actor`` (#notFoundActor), and so nothing else.
    """

    did: str = ""
    actor: str = ""
    not_found: bool = msgspec.field(name="notFound", default=False)
    following: str = ""
    followed_by: str = msgspec.field(name="followedBy", default="")


class Found(msgspec.Struct):
    """A thing with an address, or with the person who did it."""

    uri: str = ""
    actor: Person = msgspec.field(default_factory=Person)


def owner(uri: str) -> str:
    """Return the DID of the repository that a record's address is in, empty without one."""
    thing = at_uri(uri)
    return thing.did if thing else ""
