"""What Bluesky's own databases hold, in the archive's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.real.bluesky.mirror import Mirror
    from tests.real.bluesky.server import BlueskyNetwork

__all__ = ["notifications", "repository", "talk"]

Things = set[tuple[str, str]]

QUERIES = (
    ("comments", "select uri as id from bsky.post where \"replyRoot\" like :'own'"),
    ("comments", "select uri || '/quote' as id from bsky.quote where subject like :'own'"),
    (
        "reactions",
        "select subject || '/like/' || creator as id from bsky.like where subject like :'own'",
    ),
    (
        "reactions",
        "select subject || '/repost/' || creator as id from bsky.repost where subject like :'own'",
    ),
    (
        "subscribers",
        "select 'follower/' || creator as id from bsky.follow where \"subjectDid\" = :'did'",
    ),
    (
        "subscribers",
        "select 'following/' || \"subjectDid\" as id from bsky.follow where creator = :'did'",
    ),
    (
        "moderation",
        "select 'block/' || \"subjectDid\" as id from bsky.actor_block where creator = :'did'",
    ),
    (
        "moderation",
        "select 'mute/' || \"subjectDid\" as id from bsky.mute where \"mutedByDid\" = :'did'",
    ),
)
"""Stream, and the native ids of what is in it."""
NOTIFIED = """
select reason, "recordUri" as uri, author from bsky.notification where did = :'did'
"""


def repository(server: BlueskyNetwork, did: str) -> set[tuple[str, str]]:
    """Return address and CID of each record, by the PDS's own file of the repository."""
    return set(server.repository(did))


def talk(server: BlueskyNetwork, did: str) -> Things:
    """Return what others said and did, by the AppView's own tables."""
    return {
        (stream, row["id"])
        for stream, query in QUERIES
        for row in server.sql(query, did=did, own=f"at://{did}/%")
    }


def notifications(server: BlueskyNetwork, mirror: Mirror) -> set[str]:
    """Return the notifications that the AppView has and shows, as the archive names them.

    Those of muted and blocked people and of hidden answers are not shown. The AppView
    forgets to make some where it reads an answer before the post that it answers.
    """
    me = mirror.city
    gates = mirror.of("app.bsky.feed.threadgate", me)
    hidden = {uri for gate in gates for uri in gate.value["hiddenReplies"]}
    shut = {one.value["subject"] for one in mirror.of("app.bsky.graph.block", me)}
    shut |= set(mirror.accounts[me].mutes)
    return {
        f"notification/{row['reason']}/{row['uri']}"
        for row in server.sql(NOTIFIED, did=me)
        if row["author"] not in shut and row["uri"] not in hidden
    }
