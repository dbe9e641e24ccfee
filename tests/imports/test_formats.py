"""Each format, by synthetic files built to the layout that its source publishes.

None of these came from a platform: what they prove is said so in the matrix.
"""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from archiver.capture.importers import CLOSED, IMPORTERS
from archiver.capture.platforms import CONNECTORS
from archiver.demo.bluesky.encoding import cbor, record_cid
from archiver.record import Kind, Sensitivity, Stream
from tests.imports.reads import reads

MOJIBAKE = '"caf\\u00c3\\u00a9 on Ferry Street"'


def test_every_importer_says_what_it_gives() -> None:
    """Names, parsers and cells are whole; a platform has a connector or is closed."""
    for name, one in IMPORTERS.items():
        assert one.parser == f"{name}/1"
        assert one.title
        assert one.cells
        assert all(cell.citation and cell.limit for cell in one.cells)
        assert all(Stream(cell.stream) for cell in one.cells)
        assert set(one.platforms) <= CONNECTORS.keys() | CLOSED.keys()
    assert all(one.capabilities for one in CLOSED.values())


def test_facebook() -> None:
    """Texts that were coded twice are mended, and the excerpt stays as it came."""
    posts = (
        f'[{{"timestamp": 1697212893, "data": [{{"post": {MOJIBAKE}}}], "title": "City"}},\n'
        ' {"timestamp": 1697212893, "data": []}]'
    )
    name = "your_facebook_activity/posts/your_posts__check_ins__photos_and_videos_1.json"
    found = reads("facebook-download", name, posts.encode(), platform="facebook")
    row = found.rows["posts", "export:1697212893"]
    assert row["text"] == "café on Ferry Street"
    assert row["created_at"] == "2023-10-13T16:01:33.000000Z"
    assert ("posts", "export:1697212893~2") in found.rows
    assert found.residue == b""
    comments = {
        "comments_v2": [
            {"timestamp": 7, "data": [{"comment": {"comment": "Thanks", "author": "City"}}]}
        ]
    }
    name = "comments_and_reactions/comments.json"
    found = reads("facebook-download", name, json.dumps(comments).encode(), platform="facebook")
    row = found.rows["comments", "export:7"]
    assert (row["text"], row["author_name"]) == ("Thanks", "City")


@pytest.mark.parametrize("platform", ["facebook", "instagram"])
def test_messages_of_meta(platform: str) -> None:
    """A thread is read message by message; who takes part in it is not understood, and kept."""
    thread = (
        '{"participants": [{"name": "Ana"}], "messages": [{"sender_name": "Ana", '
        f'"timestamp_ms": 1697212893123, "content": {MOJIBAKE}}}], "title": "Ana", '
        '"thread_path": "inbox/ana_12"}'
    )
    name = "your_activity/messages/inbox/ana_12/message_1.json"
    found = reads(f"{platform}-download", name, thread.encode(), platform=platform)
    row = found.rows["messages", "export:ana_12:1697212893123"]
    assert row["text"] == "café on Ferry Street"
    assert row["author_name"] == "Ana"
    assert row["thread_id"] == "inbox/ana_12"
    assert row["created_at"] == "2023-10-13T16:01:33.123000Z"
    assert b'"participants"' in found.residue
    assert b"Ferry" not in found.residue


def test_instagram() -> None:
    """Posts by the time of their picture, stories, comments, followers."""
    form, platform = "instagram-download", "instagram"
    post = [{"media": [{"uri": "media/posts/1.jpg", "creation_timestamp": 9, "title": "Ferry"}]}]
    name = "your_instagram_activity/content/posts_1.json"
    found = reads(form, name, json.dumps(post).encode(), platform=platform)
    assert found.rows["posts", "export:9"]["attachments"].startswith("[")
    story = {"ig_stories": [{"uri": "media/s.mp4", "creation_timestamp": 5, "title": "x"}]}
    found = reads(form, "content/stories.json", json.dumps(story).encode(), platform=platform)
    assert found.rows["posts", "export:5"]["created_at"] == "1970-01-01T00:00:05.000000Z"
    told = {"Comment": {"value": "Nice"}, "Media Owner": {"value": "ana"}, "Time": {"timestamp": 3}}
    comment = [{"media_list_data": [], "string_map_data": told}]
    name = "comments/post_comments_1.json"
    found = reads(form, name, json.dumps(comment).encode(), platform=platform)
    assert found.rows["comments", "export:3"]["text"] == "Nice"
    person = [{"title": "", "string_list_data": [{"href": "https://x/ana", "value": "ana"}]}]
    name = "connections/followers_and_following/followers_1.json"
    found = reads(form, name, json.dumps(person).encode(), platform=platform)
    assert list(found.rows) == [("subscribers", "follower/ana")]


def test_slack() -> None:
    """Messages by channel and time, people, channels."""
    day = [
        {"type": "message", "user": "U1", "text": "Is the ferry open?", "ts": "1355517523.000005"},
        {
            "type": "message",
            "user": "U2",
            "text": "Yes",
            "ts": "1355517524.000005",
            "thread_ts": "1355517523.000005",
        },
    ]
    body = json.dumps(day, indent=4).encode()
    found = reads("slack-export", "general/2012-12-14.json", body, platform="slack")
    row = found.rows["messages", "general:1355517524.000005"]
    assert (row["text"], row["author_id"], row["thread_id"]) == ("Yes", "U2", "1355517523.000005")
    assert row["created_at"] == "2012-12-14T20:38:44.000000Z"
    assert found.residue == b""
    users = [{"id": "U1", "name": "ana", "real_name": "Ana"}]
    found = reads("slack-export", "users.json", json.dumps(users).encode(), platform="slack")
    assert found.rows["subscribers", "U1"]["name"] == "Ana"


def test_discord() -> None:
    """Messages by their ids, with their channel; guild and counts are not understood, and kept."""
    export = {
        "guild": {"id": "1", "name": "City"},
        "channel": {"id": "22", "name": "council"},
        "exportedAt": "2024-05-01T10:00:00.0000000+00:00",
        "messages": [
            {
                "id": "333",
                "type": "Default",
                "timestamp": "2024-04-30T10:00:00.123+00:00",
                "content": "Is it open?",
                "author": {"id": "9", "name": "ana"},
                "attachments": [],
            }
        ],
        "messageCount": 1,
    }
    body = json.dumps(export).encode()
    found = reads("discord-chat-exporter", "City - council [22].json", body, platform="discord")
    row = found.rows["messages", "333"]
    assert (row["text"], row["author_name"], row["thread_id"]) == ("Is it open?", "ana", "22")
    assert b'"guild"' in found.residue
    assert b"333" not in found.residue
    made = IMPORTERS["discord-chat-exporter"].made("x.json", body)
    assert made == "2024-05-01T10:00:00.000000Z"


def test_teams() -> None:
    """Messages of Graph by chat and id; HTML is kept, and read."""
    value = [
        {
            "id": "161",
            "chatId": "19:a@thread.v2",
            "createdDateTime": "2023-01-02T03:04:05Z",
            "from": {"user": {"id": "u1", "displayName": "Ana"}},
            "body": {"contentType": "html", "content": "<p>Is it <b>open</b>?</p>"},
        }
    ]
    body = json.dumps({"value": value}).encode()
    found = reads("teams-export", "messages.json", body, platform="teams")
    row = found.rows["messages", "19:a@thread.v2:161"]
    assert (row["text"], row["author_name"]) == ("Is it open?", "Ana")
    assert row["markup"] == "<p>Is it <b>open</b>?</p>"


def test_tiktok() -> None:
    """Whichever of its versions wrote it; threads by their names."""
    data = {
        "Comment": {
            "Comments": {"CommentsList": [{"date": "2023-01-01 10:00:00", "comment": "Nice"}]}
        },
        "Post": {"Posts": {"VideoList": [{"Date": "2023-01-02 10:00:00", "Link": "https://t/1"}]}},
        "Direct Messages": {
            "Chat History": {
                "ChatHistory": {
                    "Chat History with ana:": [
                        {"Date": "2023-01-03 10:00:00", "From": "ana", "Content": "Is it open?"}
                    ]
                }
            }
        },
        "Activity": {
            "Follower List": {"FansList": [{"Date": "2023-01-04 10:00:00", "UserName": "bo"}]}
        },
        "Ads": {"x": 1},
    }
    body = json.dumps(data).encode()
    found = reads("tiktok-export", "user_data_tiktok.json", body, platform="tiktok")
    assert found.rows["comments", "comment:2023-01-01 10:00:00"]["text"] == "Nice"
    assert found.rows["posts", "video:2023-01-02 10:00:00"]["url"] == "https://t/1"
    message = found.rows["messages", "message:Chat History with ana::2023-01-03 10:00:00"]
    assert message["thread_id"] == "Chat History with ana:"
    assert "created_at" not in message  # no zone is told, so it is no instant
    assert ("subscribers", "follower/bo") in found.rows
    assert b'"Ads"' in found.residue


def test_snapchat() -> None:
    """Chats by the person, with UTC as it says."""
    data = {
        "ana": [
            {
                "From": "ana",
                "Media Type": "TEXT",
                "Created": "2023-01-01 10:00:00 UTC",
                "Content": "Is it open?",
                "IsSender": False,
            }
        ]
    }
    body = json.dumps(data).encode()
    found = reads("snapchat-export", "json/chat_history.json", body, platform="snapchat")
    (row,) = found.rows.values()
    assert row["created_at"] == "2023-01-01T10:00:00.000000Z"
    assert (row["thread_id"], row["text"]) == ("ana", "Is it open?")
    assert found.residue == b""


def test_mastodon() -> None:
    """Statuses under the numbers of the interface, as private as they were."""
    public = "https://www.w3.org/ns/activitystreams#Public"
    base = "https://social.example/users/city/statuses"

    def activity(number: str, to: str, kind: str = "Create") -> dict[str, object]:
        note = {
            "id": f"{base}/{number}",
            "type": "Note",
            "content": f"<p>Nr. {number}</p>",
            "published": "2023-01-01T00:00:00Z",
            "url": f"https://social.example/@c/{number}",
        }
        return {
            "id": f"{base}/{number}/activity",
            "type": kind,
            "to": [to],
            "cc": [],
            "published": "2023-01-01T00:00:00Z",
            "object": note if kind == "Create" else "u",
        }

    items = [
        activity("1", public), activity("2", "https://social.example/users/city/followers"),
        activity("3", "https://social.example/users/ana"), activity("4", public, "Announce"),
    ]  # fmt: skip
    outbox = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": 4,
        "orderedItems": items,
    }
    body = json.dumps(outbox).encode()
    found = reads("mastodon-archive", "outbox.json", body, platform="mastodon")
    assert found.rows["posts", "1"]["text"] == "Nr. 1"
    told = {key: item.sensitivity for key, item in found.items.items()}
    assert told == {
        ("posts", "1"): Sensitivity.PUBLIC, ("posts", "4"): Sensitivity.PUBLIC,
        ("posts", "2"): Sensitivity.PRIVATE, ("messages", "3"): Sensitivity.PRIVATE,
    }  # fmt: skip
    assert found.rows["posts", "4"]["parent_id"] == "u"


def test_google_plus() -> None:
    """A post of a closed platform, under the id that its address had."""
    post = {
        "url": "https://plus.google.com/+City/posts/aBcD",
        "content": "Ferry <b>open</b>",
        "creationTime": "2018-10-01 10:00:00-0700",
        "author": {"displayName": "City"},
    }
    body = json.dumps(post, indent=2).encode()
    name = "Takeout/Google+ Stream/Posts/20181001 - Ferry.json"
    found = reads("google-plus-takeout", name, body, platform="google-plus")
    row = found.rows["posts", "aBcD"]
    assert (row["text"], row["created_at"]) == ("Ferry open", "2018-10-01T17:00:00.000000Z")
    assert row["author_name"] == "City"


BLOG = b"""<?xml version='1.0' encoding='utf-8'?>
<feed xmlns='http://www.w3.org/2005/Atom' xmlns:blogger='http://schemas.google.com/blogger/2018'>
<id>tag:blogger.com,1999:blog-5</id><title>City blog</title>
<entry><id>tag:blogger.com,1999:blog-5.post-66</id><blogger:type>POST</blogger:type>
<blogger:status>LIVE</blogger:status><author><name>City</name></author><title>Ferry</title>
<content type='html'>&lt;p&gt;Open&lt;/p&gt;</content>
<published>2019-01-01T00:00:00Z</published><updated>2019-01-02T00:00:00Z</updated></entry>
<entry><id>tag:blogger.com,1999:blog-5.post-77</id><blogger:type>COMMENT</blogger:type>
<blogger:status>SPAM</blogger:status><content type='html'>Buy</content>
<blogger:inReplyTo>tag:blogger.com,1999:blog-5.post-66</blogger:inReplyTo></entry>
</feed>
"""


def test_blogger() -> None:
    """Posts and comments by their numbers and states."""
    name = "Takeout/Blogger/Blogs/City/feed.atom"
    found = reads("blogger-takeout", name, BLOG, platform="blogger")
    row = found.rows["posts", "66"]
    assert (row["text"], row["title"], row["author_name"]) == ("Open", "Ferry", "City")
    assert row["modified_at"] == "2019-01-02T00:00:00.000000Z"
    comment = found.items["comments", "77"]
    assert (comment.kind, comment.sensitivity) == (Kind.HIDDEN, Sensitivity.PRIVATE)
    assert found.rows["comments", "77"]["thread_id"] == "66"


WXR = b"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>City</title><wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_id>3</wp:author_id><wp:author_login><![CDATA[clerk]]></wp:author_login>
<wp:author_email><![CDATA[clerk@example.gov]]></wp:author_email></wp:author>
<item><title><![CDATA[Ferry]]></title><link>https://blog.example.gov/ferry</link>
<content:encoded><![CDATA[<p>An <item> of news &amp; more</p>]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>42</wp:post_id>
<wp:post_date_gmt><![CDATA[2023-01-01 10:00:00]]></wp:post_date_gmt>
<wp:status><![CDATA[publish]]></wp:status><wp:post_type><![CDATA[post]]></wp:post_type>
<wp:post_password><![CDATA[]]></wp:post_password>
<wp:comment><wp:comment_id>7</wp:comment_id><wp:comment_author><![CDATA[Ana]]></wp:comment_author>
<wp:comment_author_IP><![CDATA[192.0.2.1]]></wp:comment_author_IP>
<wp:comment_content><![CDATA[Is it open?]]></wp:comment_content>
<wp:comment_approved><![CDATA[0]]></wp:comment_approved></wp:comment>
</item>
<item><title>menu</title><wp:post_id>50</wp:post_id><wp:post_type>nav_menu_item</wp:post_type></item>
</channel></rss>
"""


def test_wordpress() -> None:
    """A post without its comments, which are records of their own; what is neither is kept."""
    found = reads("wordpress-wxr", "city.xml", WXR, platform="wordpress")
    post = found.rows["posts", "42"]
    assert post["text"] == "An  of news & more"
    assert post["created_at"] == "2023-01-01T10:00:00.000000Z"
    assert "Ana" not in str(post)
    comment = found.rows["comments", "7"]
    assert (comment["text"], comment["thread_id"]) == ("Is it open?", "42")
    assert comment["author_ip"] == "192.0.2.1"
    assert found.items["comments", "7"].kind == Kind.HELD
    assert found.items["comments", "7"].sensitivity == Sensitivity.PRIVATE
    assert found.items["posts", "42"].sensitivity == Sensitivity.PUBLIC
    assert found.rows["subscribers", "3"]["email"] == "clerk@example.gov"
    assert b"nav_menu_item" in found.residue


WIKI = b"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11">
<siteinfo><sitename>City</sitename></siteinfo>
<page><title>Ferry</title><ns>0</ns><id>5</id>
<revision><id>10</id><timestamp>2023-01-01T00:00:00Z</timestamp>
<contributor><username>Clerk</username><id>2</id></contributor><comment>new</comment>
<model>wikitext</model><format>text/x-wiki</format>
<text bytes="4" xml:space="preserve">Open &lt;page&gt;</text><sha1>abc</sha1></revision>
<revision><id>11</id><parentid>10</parentid><timestamp>2023-01-02T00:00:00Z</timestamp>
<contributor><ip>192.0.2.1</ip></contributor><text deleted="deleted" /></revision>
</page></mediawiki>
"""


def test_mediawiki() -> None:
    """Pages and revisions under the ids of the interface; what is hidden is private."""
    found = reads("mediawiki-xml", "dump.xml", WIKI, platform="mediawiki")
    first = found.rows["pages", "revision/10"]
    assert first["text"] == "Open <page>"
    assert (first["title"], first["author_name"], first["thread_id"]) == ("Ferry", "Clerk", "5")
    second = found.rows["pages", "revision/11"]
    assert (second["parent_id"], second["author_name"]) == ("revision/10", "192.0.2.1")
    assert found.items["pages", "revision/11"].sensitivity == Sensitivity.PRIVATE
    assert found.rows["pages", "5"]["title"] == "Ferry"
    assert b"<siteinfo>" in found.residue


MBOX = b"""From ana@example.org Fri Oct 13 18:01:33 2023
Message-ID: <1@example.org>
Date: Fri, 13 Oct 2023 18:01:33 +0000
From: Ana <ana@example.org>
To: clerk@example.gov
Subject: =?utf-8?q?Ferry_caf=C3=A9?=

Is it open?

From now on it is.
>From here too.

From bo@example.org Sat Oct 14 18:01:33 2023
In-Reply-To: <1@example.org>
References: <1@example.org>
Date: Sat, 14 Oct 2023 18:01:33 +0000
From: bo@example.org

Yes
"""


def test_mail() -> None:
    """Messages of a mailbox; a line that begins with From is no new one."""
    found = reads("mail", "council.mbox", MBOX, platform="mail")
    first = found.rows["messages", "1@example.org"]
    assert first["title"] == "Ferry café"
    assert first["text"].startswith("Is it open?\n\nFrom now on it is.")
    assert first["author_email"] == "ana@example.org"
    second = found.rows["messages", "date:Sat, 14 Oct 2023 18:01:33 +0000"]
    assert (second["parent_id"], second["thread_id"]) == ("1@example.org", "1@example.org")
    assert found.residue == b""


def test_linkedin() -> None:
    """A table with notes above its header, quoted cells with line feeds in them."""
    body = (
        b'Notes:\r\n"When exporting, some fields are lacking"\r\n\r\n'
        b"First Name,Last Name,URL,Email Address,Company,Connected On\r\n"
        b'Ana,"Lee, PhD",https://www.linkedin.com/in/ana,,"City\nHall",13 Oct 2023\r\n'
    )
    found = reads("linkedin-export", "Connections.csv", body, platform="linkedin")
    (key,) = found.rows
    assert key == ("subscribers", "connection:https://www.linkedin.com/in/ana")
    row = found.rows[key]
    assert json.loads(row["extra"])["Last Name"] == "Lee, PhD"
    assert json.loads(row["extra"])["Company"] == "City\nHall"
    assert row["created"] == "13 Oct 2023"
    assert b"some fields are lacking" in found.residue


def test_a_table_with_a_mapping() -> None:
    """Whatever a table is, a mapping says which column is what; the row needs neither later."""
    mapping = json.dumps(
        {
            "stream": "posts",
            "id": ["Nr"],
            "public": True,
            "columns": {"Meldung": "text", "Datum": "created"},
        }
    )
    body = b"\xef\xbb\xbfNr;Meldung;Datum;Ort\n1;F\xc3\xa4hre offen;2023-01-01T10:00:00Z;Pier\n"
    found = reads("table", "export.csv", body, platform="mail", mapping=mapping)
    row = found.rows["posts", "1"]
    assert row["text"] == "Fähre offen"
    assert row["created_at"] == "2023-01-01T10:00:00.000000Z"
    assert json.loads(row["extra"]) == {"Nr": "1", "Ort": "Pier"}
    assert found.items["posts", "1"].sensitivity == Sensitivity.PUBLIC
    assert found.residue == b""


def test_json_lines() -> None:
    """Lines with a mapping; what it does not name is kept as it was spelt."""
    mapping = json.dumps({"stream": "comments", "id": ["nr"], "columns": {"body": "text"}})
    body = b'{"nr": 1, "body": "Is it open?", "x": {"y": 1.50}}\nno JSON\n{"nr": 2}\n'
    found = reads("json-lines", "a.jsonl", body, platform="mail", mapping=mapping)
    assert found.rows["comments", "1"]["text"] == "Is it open?"
    assert found.rows["comments", "1"]["extra"] == '{"nr":1,"x":{"y": 1.50}}'
    assert ("comments", "2") in found.rows
    assert found.residue == b"\nno JSON\n"


def _block(value: object) -> tuple[bytes, dict[str, str]]:
    """Return a block with its identifier before it, and a link to it."""
    data = cbor(value)
    return b"\x01\x71\x12\x20" + sha256(data).digest() + data, {"$link": record_cid(value)}


def test_bluesky() -> None:
    """Records by address out of a tree of two levels, as they stand; the tree is the rest."""
    post = {"$type": "app.bsky.feed.post", "text": "Open", "createdAt": "2023-01-01T00:00:00Z"}
    like = {
        "$type": "app.bsky.feed.like",
        "createdAt": "2023-01-02T00:00:00Z",
        "subject": {"uri": "at://did:plc:x/app.bsky.feed.post/1", "cid": record_cid(post)},
    }
    first, post_link = _block(post)
    second, like_link = _block(like)
    below, below_link = _block(
        {"l": None, "e": [{"p": 0, "k": b"app.bsky.feed.like/3a", "v": like_link, "t": None}]}
    )
    root, root_link = _block(
        {"l": below_link, "e": [{"p": 0, "k": b"app.bsky.feed.post/3b", "v": post_link, "t": None}]}
    )
    commit = {"did": "did:plc:city", "version": 3, "data": root_link, "rev": "3b", "prev": None}
    top, top_link = _block(commit)
    head = cbor({"version": 1, "roots": [top_link]})
    body = b"".join(
        bytes((len(one) & 127 | 128, len(one) >> 7)) + one
        for one in (head, top, root, below, first, second)
    )
    found = reads("bluesky-car", "repo.car", body, platform="bluesky")
    uri = "at://did:plc:city/app.bsky.feed.post/3b"
    assert found.rows["posts", uri]["text"] == "Open"
    assert ("reactions", "at://did:plc:city/app.bsky.feed.like/3a") in found.rows
    (span,) = found.items["posts", uri].spans
    assert body[span.start : span.end] == cbor(post)
    assert b"app.bsky.feed.post/3b" in found.residue


def test_youtube_takeout() -> None:
    """Comments and videos under the ids of the interface."""
    body = (
        b"Comment ID,Channel ID,Comment Create Timestamp,Video ID,Comment Text\n"
        b'Ugx1,UC1,2023-01-01T10:00:00+00:00,v1,"{""text"":""Nice""}"\n'
    )
    name = "Takeout/YouTube and YouTube Music/comments/comments.csv"
    found = reads("youtube-takeout", name, body, platform="youtube")
    row = found.rows["comments", "Ugx1"]
    assert (row["thread_id"], row["created_at"]) == ("v1", "2023-01-01T10:00:00.000000Z")


def test_hootsuite() -> None:
    """What was posted through an aggregator, with the network it went to."""
    body = b"Date,Social Network,Profile,Message\n2023-01-01T10:00:00Z,TWITTER,City,Open\n"
    found = reads("hootsuite-csv", "hootsuite.csv", body, platform="x")
    (row,) = found.rows.values()
    assert (row["text"], row["state"], row["author_name"]) == ("Open", "TWITTER", "City")


def test_chat_logs() -> None:
    """IRC and Second Life, a line each; a second line of one message stays with it."""
    irc = b"[2023-10-14 09:00:00] <ana> Is it open?\n[2023-10-14 09:00:00] * bo waves\n"
    found = reads("chat-log", "#council.log", irc, platform="irc")
    texts = [(row["author_name"], row["text"]) for row in found.rows.values()]
    assert texts == [("ana", "Is it open?"), ("bo", "waves")]
    life = (
        b"[2023/10/14 09:00]  Ana Resident: Is it open?\nAnd when?\n[2023/10/14 09:01]  Bo: Yes\n"
    )
    found = reads("chat-log", "chat.txt", life, platform="second-life")
    rows = list(found.rows.values())
    assert rows[0]["text"] == "Is it open?\nAnd when?"
    assert (rows[1]["author_name"], rows[1]["thread_id"]) == ("Bo", "chat.txt")
    assert "created_at" not in rows[0]
    assert found.residue == b""
