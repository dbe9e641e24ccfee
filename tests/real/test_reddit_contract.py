"""What stands in for Reddit, read by PRAW, the client that others wrote for the real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archiver.demo.city import City
from archiver.demo.reddit.api import life
from archiver.demo.server import CityServer
from tests.real.environments import environment
from tests.real.packages import run

pytestmark = pytest.mark.real

CLIENT = Path(__file__).with_name("reddit") / "client.py"


def test_praw_reads_the_stand_in_whole(pytestconfig: pytest.Config) -> None:
    """Login, pages of listings, moderators' lists, modmail: each thing as it is there."""
    programs = environment(pytestconfig.cache.mkdir("praw"), "praw==8.0.3", "prawcore==4.0.0")
    reddit = life()
    community = reddit.community
    reddit.change()
    with CityServer(City(), reddit) as server:
        login = reddit.credential
        said = json.loads(
            run(
                programs / "python", CLIENT, server.url, login["client_id"],
                login["client_secret"], login["refresh_token"], community.name, seconds=60,
            )
        )  # fmt: skip
    posts = {one.id: one.text for one in community.posts.values() if not one.removed}
    comments = {
        one.id: "[deleted]" if one.deleted else one.text
        for one in community.comments.values()
        if not one.removed
    }
    everything = (*community.posts.values(), *community.comments.values())
    assert (said["me"], said["community"]) == (community.clerk, [community.name, "quill"])
    assert said["posts"] == posts
    assert said["comments"] == comments
    assert sorted(said["removed"]) == sorted(one.id for one in everything if one.removed)
    assert said["log"] == [action for _, action, _, _ in reversed(community.log)]
    assert said["banned"] == list(reversed(community.banned))
    assert said["moderators"] == [community.clerk]
    assert sorted(said["inbox"]) == sorted(one.text for one in community.letters)
    mails = {one.id: [text for _, _, text, _ in one.said] for one in community.mails.values()}
    assert said["modmail"] == mails
    assert said["info"] == []
