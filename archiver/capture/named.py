"""Products and kinds of system that social-media policies of cities name, and what is done of each.

The names are those of five public policies (Highland, Lexington, West Allis, West Chicago, West
Milwaukee) and of the platforms that cities use beside them. A name without a connector says why,
and who says so. What an export brings is kept by `archiver import`, not by a connector.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["HOW", "NAMED", "Named", "page"]

HOW = ("connector", "part of a connector", "export-only", "closed", "not built yet", "outside")
"""What may be so of a name; ``closed``: the service has ended, what is left is in exports."""


class Named(NamedTuple):
    """One name. ``how``: one of `HOW`; ``by``: the connectors that do it; ``says``: who says so."""

    name: str
    how: str
    by: tuple[str, ...]
    why: str
    says: str


_META = "https://developers.facebook.com/docs"

NAMED = (
    Named("Facebook", "connector", ("facebook",), "", f"{_META}/pages-api"),
    Named("Twitter (X)", "connector", ("x",), "", "https://docs.x.com/x-api"),
    Named("YouTube", "connector", ("youtube",), "", "https://developers.google.com/youtube/v3"),
    Named("Instagram", "connector", ("instagram",), "", f"{_META}/instagram-platform"),
    Named("Blogger", "connector", ("blogger",), "", "https://developers.google.com/blogger"),
    Named("Tumblr", "connector", ("tumblr",), "",
          "https://github.com/tumblr/docs/blob/master/api.md"),
    Named("Flickr", "connector", ("flickr",),
          "what all see; private photos need requests signed one by one (OAuth 1.0a)",
          "https://www.flickr.com/services/api"),
    Named("Reddit", "connector", ("reddit",), "", "https://www.reddit.com/dev/api"),
    Named("Mastodon", "connector", ("mastodon",), "", "https://docs.joinmastodon.org"),
    Named("Bluesky", "connector", ("bluesky",), "", "https://docs.bsky.app"),
    Named("WordPress", "connector", ("wordpress",), "", "https://developer.wordpress.org/rest-api"),
    Named("blogs, online journals, diaries", "connector", ("wordpress", "blogger", "feed"), "",
          "https://developer.wordpress.org/rest-api"),
    Named("micro-blogging", "connector", ("mastodon", "bluesky", "x"), "",
          "https://docs.joinmastodon.org"),
    Named("wikis", "connector", ("mediawiki",), "", "https://www.mediawiki.org/wiki/API"),
    Named("discussion boards, forums, bulletin and message boards", "connector",
          ("discourse", "reddit"),
          "of other forum software its feed alone (`feed`): Misago, phpBB and NodeBB are not built"
          " yet", "https://docs.discourse.org"),
    Named("chat rooms, instant messaging", "connector", ("matrix",),
          "of IRC, Slack, Discord and Teams exports are imported; XMPP and Zoom chat are not"
          " built yet",
          "https://spec.matrix.org"),
    Named("private message service", "part of a connector",
          ("facebook", "instagram", "x", "mastodon", "matrix", "discourse", "reddit"), "",
          f"{_META}/messenger-platform"),
    Named("web feeds, website link sharing", "connector", ("feed",), "",
          "https://www.rfc-editor.org/rfc/rfc4287"),
    Named("video and photo sharing", "part of a connector", ("youtube", "instagram"), "",
          "https://developers.google.com/youtube/v3"),
    Named("Wikipedia", "part of a connector", ("mediawiki",),
          "pages and their histories; a list of one user's contributions elsewhere is not built"
          " yet", "https://www.mediawiki.org/wiki/API:Usercontribs"),
    Named("LinkedIn", "export-only", (),
          "its download is imported; pages and comments live are given to approved"
          " partners of the Community Management API;"
          " messages of pages, and who follows a page, to nobody",
          "https://learn.microsoft.com/linkedin/marketing/community-management"),
    Named("Nextdoor", "not built yet", (),
          "agencies get some 50 recent posts, neither private messages nor names of who comments",
          "https://developer.nextdoor.com"),
    Named("TikTok", "export-only", (),
          "its download is imported; videos and their counts by its Display API; messages only in"
          " exports: the Data Portability API is for users in the EEA and the United Kingdom",
          "https://developers.tiktok.com/doc/data-portability-api-get-started"),
    Named("Threads", "not built yet", (), "its API speaks Meta's Graph vocabulary",
          f"{_META}/threads"),
    Named("Snapchat", "export-only", (), "its download is imported: all there is of messages",
          "https://help.snapchat.com/hc/articles/7012305371156"),
    Named("Google+", "closed", (),
          "ended on 2 April 2019; what is left is in Takeout archives, which are imported",
          "https://support.google.com/googlecurrents/answer/9217723"),
    Named("Foursquare", "not built yet", (),
          "its Places API gives tips to paying customers, nothing to a venue's owner for records",
          "https://docs.foursquare.com"),
    Named("Yelp", "not built yet", (),
          "its API shows excerpts of three reviews, and its terms limit keeping them to 24 hours",
          "https://docs.developer.yelp.com"),
    Named("Meetup.com", "not built yet", (), "its API is for organisers who pay (Meetup Pro)",
          "https://www.meetup.com/api"),
    Named("Second Life", "export-only", (),
          "chat logs are files on the user's own machine, and are imported",
          "https://community.secondlife.com/knowledgebase"),
    Named("Hootsuite", "export-only", (),
          "posts by way of it are captured where they appear; its own tables are imported",
          "https://developer.hootsuite.com"),
    Named("FriendFeed", "closed", (), "ended on 10 April 2015", "https://friendfeed.com"),
    Named("Streamy", "closed", (), "the service has ended; nobody publishes how to read its data",
          "https://www.streamy.com"),
    Named("Nixie (perhaps Nixle)", "export-only", (),
          "alerts reach subscribers by e-mail, and mail is imported", "https://www.nixle.com"),
    Named("JSOnline.com and WestAllisNow comment pages", "part of a connector", ("website",),
          "pages of others, within a scope, as far as their terms allow",
          "https://www.jsonline.com"),
    Named("news-site comment pages", "part of a connector", ("website",),
          "pages of others, within a scope, as far as their terms allow",
          "https://www.jsonline.com"),
    Named("city website", "connector", ("website", "feed"), "",
          "https://iipc.github.io/warc-specifications"),
    Named("review, location and event sites, virtual worlds", "not built yet", (),
          "see Yelp, Foursquare, Meetup.com and Second Life", "https://docs.developer.yelp.com"),
    Named("Slack", "export-only", (),
          "its export is imported; all conversations live are given to enterprise customers only"
          " (Discovery API)",
          "https://slack.com/help/articles/360002079527"),
    Named("Microsoft Teams", "export-only", (),
          "messages as Graph gives them are imported; live they are a protected API",
          "https://learn.microsoft.com/graph/teams-protected-apis"),
    Named("Zoom (video conference)", "not built yet", (),
          "the chat of a recording is a file of it", "https://developers.zoom.us/docs/api"),
    Named("XMPP", "not built yet", (), "an archive is read by XEP-0313",
          "https://xmpp.org/extensions/xep-0313.html"),
    Named("IRC", "export-only", (), "who is in a channel keeps a log of it: logs are imported",
          "https://www.rfc-editor.org/rfc/rfc2812"),
    Named("city e-mail after a private message", "export-only", (),
          "mbox and EML are imported; a mailbox is not read by IMAP yet",
          "https://www.rfc-editor.org/rfc/rfc9051"),
    Named("aggregating platforms", "outside", (),
          "captured at the networks that they gather from", "https://developer.hootsuite.com"),
    Named("personal profile or website of staff", "outside", (),
          "policies keep it apart; what was city business there is taken in by hand",
          "https://www.archives.gov/records-mgmt/bulletins/2015/2015-02.html"),
)  # fmt: skip
"""All names, those with a connector first."""


def page() -> str:
    """Return the names as a section of the reference page, as Markdown."""
    told = "What policies name, and what is done of it. *not built yet*: nothing captures it."
    lines = [
        f"\n## Names in policies\n\n{told}\n\n",
        "| name | how | connector | what there is to know | says |\n",
        "| --- | --- | --- | --- | --- |\n",
    ]
    for one in NAMED:
        by = ", ".join(f"`{name}`" for name in one.by)
        lines.append(f"| {one.name} | {one.how} | {by} | {one.why} | {one.says} |\n")
    return "".join(lines)
