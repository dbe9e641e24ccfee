"""The feeds of a real WordPress, captured as feeds, against its database."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.helpers import Seen
    from tests.real.story import Story

pytestmark = pytest.mark.real

SHOWN = 10
"""Items a WordPress feed shows unless it is set otherwise."""
TYPESET = str.maketrans("\u201c\u201d\u201e\u2018\u2019\u2013\u2014", '"""\'\'--')
"""WordPress sets quotation marks and dashes when it shows a text (wptexturize)."""


def moment(text: str) -> str:
    """Return a time of the database in the archive's spelling."""
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(text: str) -> str:
    """Return a text without tags, and as if nobody had set its quotation marks."""
    return " ".join(re.sub(r"<[^>]*>", "", text).translate(TYPESET).split())


def captured(story: Story, name: str, address: str) -> list[Seen]:
    """Capture a feed twice, the second time without news; return its items."""
    story.office.add(name, "feed", f"{story.site.url}/?feed={address}")
    report = story.office.capture(name, "incremental")
    assert all(one["unexplained"] == 0 for one in report["streams"].values())
    assert story.office.capture(name, "reconcile")["observations"] == {}
    seen = story.office.seen(name)
    assert sum(one.row["stream"] == "profile" for one in seen) == 1
    assert {one.kind for one in seen} == {"present"}
    return [one for one in seen if one.row["stream"] != "profile"]


@pytest.mark.parametrize("address", ["rss2", "atom"])
def test_feed_of_posts_holds_the_newest_posts(story: Story, address: str) -> None:
    """Ids, titles, authors and times are those of the database's newest public posts."""
    rows = story.site.sql(
        "select guid, post_title title, display_name author, post_date_gmt at"
        " from wp_posts join wp_users u on u.ID = post_author"
        " where post_type = 'post' and post_status = 'publish'"
        " order by post_date_gmt desc, wp_posts.ID desc"
    )[:SHOWN]
    found = {
        one.row["native_id"]: (
            plain(one.row["title"]), one.row["author_name"], one.row["created_at"]
        )
        for one in captured(story, f"feed-{address}", address)
    }  # fmt: skip
    assert found == {
        row["guid"]: (plain(row["title"]), row["author"], moment(row["at"])) for row in rows
    }


@pytest.mark.parametrize("address", ["comments-rss2", "comments-atom"])
def test_feed_of_comments_holds_the_newest_comments(story: Story, address: str) -> None:
    """Ids, authors, times and texts are those of the newest comments that anybody may see."""
    rows = story.site.sql(
        "select comment_ID id, comment_author author, comment_date_gmt at, comment_content text"
        " from wp_comments join wp_posts p on p.ID = comment_post_ID"
        " where comment_approved = '1' and post_status = 'publish' and post_password = ''"
        " order by comment_date_gmt desc, comment_ID desc"
    )[:SHOWN]
    seen = captured(story, f"feed-{address}", address)
    found = {one.row["native_id"].rpartition("#comment-")[2]: one.row for one in seen}
    assert len(found) == len(seen)
    assert {n: (row["author_name"], row["created_at"]) for n, row in found.items()} == {
        row["id"]: (row["author"], moment(row["at"])) for row in rows
    }
    for row in rows:
        # An answer's text begins with whom it answers.
        assert plain(found[row["id"]]["text"]).endswith(plain(row["text"]))
