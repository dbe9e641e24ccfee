"""Every name of a policy has its row."""

from __future__ import annotations

from archiver.capture.named import HOW, NAMED, page
from archiver.capture.platforms import CONNECTORS

POLICIES = (
    "Facebook", "Twitter", "Google+", "YouTube", "LinkedIn", "Flickr", "Instagram", "Snapchat",
    "TikTok", "Tumblr", "Blogger", "Foursquare", "Yelp", "Meetup.com", "Wikipedia", "Second Life",
    "Hootsuite", "FriendFeed", "Streamy", "Nixie", "JSOnline.com", "WestAllisNow",
    "blogs, online journals, diaries", "micro-blogging", "wikis", "discussion boards", "forums",
    "bulletin and message boards", "chat rooms", "instant messaging", "private message service",
    "video and photo sharing", "video conference", "web feeds", "website link sharing",
    "city website", "aggregating platforms", "virtual worlds", "review, location and event sites",
    "news-site comment pages", "city e-mail", "personal profile or website of staff", "Nextdoor",
)  # fmt: skip
"""Products and kinds that the five policies name, and Nextdoor, which two of the cities use."""


def test_no_name_is_missing() -> None:
    """Each product and kind stands in a row of its own, or beside others of its kind."""
    names = "\n".join(one.name for one in NAMED)
    assert [name for name in POLICIES if name not in names] == []
    assert all(f"| {one.name} |" in page() for one in NAMED)


def test_every_row_says_how_and_who_says_so() -> None:
    """With a connector that there is, or a reason why there is none."""
    assert len({one.name for one in NAMED}) == len(NAMED)
    for one in NAMED:
        assert one.how in HOW, one
        assert set(one.by) <= set(CONNECTORS), one
        assert bool(one.by) is (one.how in HOW[:2]), one
        assert one.by or one.why, one
        assert one.says.startswith("https://"), one


def test_every_connector_is_somewhere() -> None:
    """What can be captured is a name's, so that nobody looks for it in vain."""
    assert set(CONNECTORS) == {name for one in NAMED for name in one.by}
