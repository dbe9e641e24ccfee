"""Reads a community by PRAW, as any program does that knows Reddit; prints what it saw, as JSON.

Runs in an environment of its own: ``python client.py ADDRESS CLIENT SECRET REFRESH COMMUNITY``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import praw  # type: ignore[import-not-found, unused-ignore]  # in an environment of its own


def main() -> None:
    """Print ids and texts by what they are."""
    url, client, secret, refresh, name = sys.argv[1:]
    reddit = praw.Reddit(
        client_id=client, client_secret=secret, refresh_token=refresh, user_agent="contract/1",
        reddit_url=url, oauth_url=url, check_for_updates=False,
    )  # fmt: skip
    place = reddit.subreddit(name)
    mail = list(place.modmail.conversations(state="all"))
    said: dict[str, Any] = {
        "me": reddit.user.me().name,
        "community": [place.display_name, place.id],
        "posts": {one.id: one.selftext for one in place.new(limit=None)},
        "comments": {one.id: one.body for one in place.comments(limit=None)},
        "removed": [one.id for one in place.mod.spam(limit=None)],
        "log": [one.action for one in place.mod.log(limit=None)],
        "banned": [one.name for one in place.banned(limit=None)],
        "moderators": [one.name for one in place.moderator()],
        "inbox": [one.body for one in reddit.inbox.all(limit=None)],
        "modmail": {
            one.id: [each.body_markdown for each in place.modmail(one.id).messages] for one in mail
        },
        "info": [one.id for one in reddit.info(fullnames=["t1_zzz"])],
    }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
