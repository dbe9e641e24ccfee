"""What Matrix gives, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS", "INCONCLUSIVE"]

_SPEC = "https://spec.matrix.org/v1.15/client-server-api/"
_SERVER = "real server"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "forbidden",
        "Matrix has no posts: what is said in rooms, open ones too, is in stream messages",
        f"{_SPEC}#instant-messaging",
        "cited only",
    ),
    Capability(
        Stream.COMMENTS,
        "forbidden",
        "Matrix has no comments: answers and threads are messages that name another",
        f"{_SPEC}#threading",
        "cited only",
    ),
    Capability(
        Stream.MESSAGES,
        "partial",
        "every event of every room that the account is or was in, as far back as the room"
        " shows it; each edit is a message of its own. Encrypted messages are kept as they"
        " are and cannot be read without the keys. What was redacted before it was captured"
        " is readable only on servers with MSC2815, for moderators. What servers purge or let"
        " expire between two captures is not seen, nor what was said between the last capture and"
        " a ban, nor what people say whom the account ignores. Invitations not accepted show no"
        " messages. What is not shown any more is absent, never deleted",
        f"{_SPEC}#get_matrixclientv3roomsroomidmessages",
        _SERVER,
    ),
    Capability(
        Stream.REACTIONS,
        "obtainable",
        "as messages; a reaction taken back is a redacted event without its sign",
        f"{_SPEC}#event-annotations-and-reactions",
        _SERVER,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "obtainable",
        "members of each room now, and every joining, leaving and ban that the room's history"
        " shows; avatars of members are named, not fetched",
        f"{_SPEC}#room-membership",
        _SERVER,
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "files that messages, rooms and the profile name, from servers with Matrix 1.11;"
        " encrypted files as they are; a file whose message was redacted before it was"
        " captured is not named any more",
        f"{_SPEC}#get_matrixclientv1mediadownloadservernamemediaid",
        _SERVER,
    ),
    Capability(
        Stream.MODERATION,
        "obtainable",
        "redactions, kicks, bans, power levels and every other change of a room's state; whom the"
        " account ignores;"
        " reports to the homeserver's administrators are not shown to accounts",
        f"{_SPEC}#redactions",
        _SERVER,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "name and avatar, the rooms the account is in, invited to or has left, and which are"
        " direct conversations; a room that the account has forgotten is absent, for the"
        " server says no more of it",
        f"{_SPEC}#get_matrixclientv3profileuserid",
        _SERVER,
    ),
    Capability(
        Stream.PAGES,
        "obtainable",
        "each room with its name, topic, rules, encryption and all of its state; earlier"
        " states are in moderation, event by event",
        f"{_SPEC}#get_matrixclientv3roomsroomidstate",
        _SERVER,
    ),
)

DIGESTS = (
    Digest(("native_id",), "the event, whose id is a digest from room version 3 on"),
    Digest(("group",), "the redacted event that was asked for as moderators see it"),
    Digest(("parent_id",), "the event that is answered, edited, reacted to or redacted"),
    Digest(("**", "event_id"), "the event that is named or shown"),
    Digest(("**", "replaced_by"), "the latest edit"),
    Digest(("**", "redacted_by"), "the redaction"),
    Digest(("**", "redacts"), "the event that was redacted"),
    Digest(("**", "replaces_state"), "the event that was in force before"),
    Digest(("**", "hashes", "sha256"), "the encrypted file"),
    Digest(("**", "xyz.amorgan.blurhash"), "the picture, in outline"),
)
"""Fields that are digests of content (`archiver.capture.digests`)."""

INCONCLUSIVE = frozenset({Stream.MESSAGES, Stream.REACTIONS, Stream.SUBSCRIBERS, Stream.MODERATION})
"""Events: "not found" means as well that we may not read one (GET /rooms/{id}/event/{id})."""
