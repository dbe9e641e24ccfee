"""What cutting needs to know of X's objects (pip ``xdk``, `xdk.schemas`), in both dialects."""

from __future__ import annotations

import msgspec

from archiver.capture.heads import Plain, head_of

__all__ = ["Event", "Medium", "Person", "Plain", "Post", "Reference", "Sent", "head_of"]


class Counts(msgspec.Struct):
    """Numbers of a post or a user; what is not given is 0."""

    like_count: int = 0
    quote_count: int = 0
    reply_count: int = 0
    repost_count: int = 0
    retweet_count: int = 0
    followers_count: int = 0
    following_count: int = 0
    post_count: int = 0
    tweet_count: int = 0


class Reference(msgspec.Struct):
    """How a post refers to another: ``retweeted``, ``quoted`` or ``replied_to``."""

    type: str = ""
    id: str = ""


class Attached(msgspec.Struct):
    """What is attached, by key."""

    media_keys: list[str] = msgspec.field(default_factory=list)
    poll_ids: list[str] = msgspec.field(default_factory=list)


class Place(msgspec.Struct):
    """Where a post says that it is."""

    place_id: str = ""


class Scopes(msgspec.Struct):
    """Who may see a post."""

    followers: bool = False


class Post(Plain):
    """A post, or one version of it: each edit makes a new one with an id of its own."""

    author_id: str = ""
    conversation_id: str = ""
    in_reply_to_user_id: str = ""
    edit_history_post_ids: list[str] = msgspec.field(default_factory=list)
    edit_history_tweet_ids: list[str] = msgspec.field(default_factory=list)
    referenced_posts: list[Reference] = msgspec.field(default_factory=list)
    referenced_tweets: list[Reference] = msgspec.field(default_factory=list)
    attachments: Attached = msgspec.field(default_factory=Attached)
    geo: Place = msgspec.field(default_factory=Place)
    scopes: Scopes = msgspec.field(default_factory=Scopes)
    public_metrics: Counts = msgspec.field(default_factory=Counts)
    created_at: str = ""

    @property
    def versions(self) -> list[str]:
        """The ids of all versions, oldest first; its own where it does not say."""
        told = self.edit_history_post_ids or self.edit_history_tweet_ids
        return told if str(self.id) in told else [str(self.id)]

    @property
    def first(self) -> str:
        """The id of the first version: that by which its record is known."""
        return self.versions[0]

    @property
    def references(self) -> list[Reference]:
        """The posts that it refers to."""
        return self.referenced_posts or self.referenced_tweets

    def refers(self, kind: str) -> str:
        """Return the id of the post that it refers to in this way, empty where to none."""
        return next((one.id for one in self.references if one.type == kind), "")


class Person(Plain):
    """A user."""

    username: str = ""
    protected: bool = False
    public_metrics: Counts = msgspec.field(default_factory=Counts)
    connection_status: list[str] | None = None


class Variant(msgspec.Struct):
    """One form in which X has a video."""

    url: str = ""
    content_type: str = ""
    bit_rate: int = 0


class Medium(msgspec.Struct):
    """A picture, film or animation."""

    media_key: str = ""
    url: str = ""
    variants: list[Variant] = msgspec.field(default_factory=list)

    @property
    def best(self) -> str:
        """The address of the file itself: of a film the variant of most bits, never a playlist."""
        films = [one for one in self.variants if one.content_type.startswith("video/")]
        return max(films, key=lambda one: one.bit_rate).url if films else self.url


class Sent(Plain):
    """A direct message, or a joining or leaving of a conversation."""

    sender_id: str = ""
    attachments: Attached = msgspec.field(default_factory=Attached)


class Event(Plain):
    """What the envelope of a webhook says; ``payload`` is cut by its kind."""

    id: str | int = msgspec.field(default="", name="event_uuid")
    event_type: str = ""
    filter: dict[str, object] = msgspec.field(default_factory=dict)
