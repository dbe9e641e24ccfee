"""What a server of the AT Protocol gives, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS"]

_SPEC = "https://atproto.com/specs"
_LEXICONS = "https://docs.bsky.app/docs/api"
_SERVER = "real server"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "obtainable",
        "every record of the account's repository, replies among them; of an edited post only"
        " the text at the time of a capture is left anywhere, and edits of older posts show"
        " when everything is read again (reconcile); listening sees each text, and what is"
        " posted and deleted, as far back as the server tells its events; without it what comes"
        " and goes between two captures is not seen; a post that the server takes down looks"
        " deleted",
        f"{_SPEC}/repository, {_LEXICONS}/com-atproto-repo-list-records and"
        f" {_LEXICONS}/com-atproto-sync-subscribe-repos",
        _SERVER,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "replies and quotes as the network's AppView shows them to the account, and what it"
        " answers; replies of blocked people are known by address only, those that a rule for"
        " answers refuses are not shown at all, nor those beyond what the AppView gives of a"
        " thread, which are counted; posts of a closed account look deleted; answers to a deleted"
        " post stay as last seen; pictures in them are"
        " on other servers and are named only; needs a login; no stream can be asked for answers"
        " to the account alone (subscribeRepos has no filter, Jetstream one by author), so that"
        " while somebody listens notifications are asked for every 20 seconds, and what came and"
        " went between two looks is not seen",
        f"{_LEXICONS}/app-bsky-feed-get-post-thread and {_LEXICONS}/app-bsky-feed-get-quotes",
        _SERVER,
    ),
    Capability(
        Stream.REACTIONS,
        "partial",
        "the account's likes and reposts from its repository; those of others are listed"
        " without an address of their own, so one taken back is absent, never proven deleted",
        f"{_LEXICONS}/app-bsky-feed-get-likes and {_LEXICONS}/app-bsky-feed-get-reposted-by",
        _SERVER,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "obtainable",
        "followers and those followed, as the AppView lists them; when somebody began or"
        " ceased to follow between two captures is not told; needs a login",
        f"{_LEXICONS}/app-bsky-graph-get-followers",
        _SERVER,
    ),
    Capability(
        Stream.MESSAGES,
        "partial",
        "notifications; conversations (chat.bsky) are a service of Bluesky's own that no open"
        " server offers, and are not asked for",
        f"{_LEXICONS}/app-bsky-notification-list-notifications and"
        f" {_LEXICONS}/chat-bsky-convo-list-convos",
        _SERVER,
    ),
    Capability(
        Stream.MEDIA,
        "obtainable",
        "pictures, recordings and other files of the account's own records, byte for byte, and"
        " the whole signed repository (CAR) whenever everything is read again and it changed",
        f"{_SPEC}/blob and {_SPEC}/repository",
        _SERVER,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "blocks, mutes, lists, rules for answers and hidden replies; labels and counts of each"
        " post as shown; muted words, threads and bookmarks are not asked for; who"
        " acted and when is in the records alone",
        f"{_LEXICONS}/app-bsky-graph-get-mutes and {_SPEC}/label",
        _SERVER,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "profile record and its view, handle, DID document; renames show as edits of both",
        f"{_LEXICONS}/app-bsky-actor-get-profile and {_SPEC}/did",
        _SERVER,
    ),
    Capability(
        Stream.PAGES,
        "obtainable",
        "feeds and starter packs of the account, and the records of other applications in its"
        " repository, as long as it has one of a kind",
        f"{_LEXICONS}/com-atproto-repo-describe-repo",
        _SERVER,
    ),
)

DIGESTS = (
    Digest(("**", "cid"), "the record, or the one that is answered, quoted, liked or shown"),
    Digest(("**", "$link"), "the file that is named"),
    Digest(("**", "fullsize"), "the picture, in its address"),
    Digest(("**", "thumb"), "likewise"),
    Digest(("**", "avatar"), "likewise"),
    Digest(("**", "banner"), "likewise"),
    Digest(("**", "playlist"), "the recording, in its address"),
    Digest(("**", "thumbnail"), "likewise"),
    Digest(("extra", "attachments"), "the files and records that are named"),
    Digest(("native_id",), "the file, whose name it is"),
    Digest(("url",), "the file, in its address"),
    Digest(("page_url",), "likewise"),
)
"""Fields that are digests of content (`archiver.capture.digests`)."""
