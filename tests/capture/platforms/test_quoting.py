"""What an item's bytes hold of other things is said, and nothing private in a public item."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.connector import Contained, Site
from archiver.capture.platforms import bluesky, feed, matrix
from archiver.capture.platforms.mastodon.quoting import contained_in
from archiver.record import Request
from tests.capture.platforms import test_bluesky as sky
from tests.capture.platforms import test_matrix as chat
from tests.capture.platforms.helpers import answer
from tests.capture.platforms.mastodon import (
    ANN,
    LETTER,
    MASTODON,
    PICTURE,
    REPLY,
    SITE,
    TOOT,
    at,
    cut,
    notification,
    statuses,
)

if TYPE_CHECKING:
    from archiver.capture.connector import Item

UNKNOWN = Contained()
HELD = {"state": "accepted"}


def _held(*, status: dict[str, Any], **more: object) -> tuple[Contained, ...]:
    return cut(statuses(), [TOOT | {"id": "900", **more, **status}]).items[0].contains


def test_a_boost_holds_what_it_boosts() -> None:
    """One's own as a post, another's as a comment, each with its attachments."""
    assert _held(status={"reblog": TOOT}) == (Contained("posts", "500"),)
    boosted = REPLY | {"media_attachments": [PICTURE]}
    assert _held(status={"reblog": boosted}) == (
        Contained("comments", "501"),
        Contained("media", "77"),
    )
    assert _held(status={"reblog": None}) == ()


def test_a_quote_holds_what_it_quotes() -> None:
    """Where the quoted status is shown; a mere id holds nothing. Quotes of quotes count."""
    inner = REPLY | {"quote": HELD | {"quoted_status": TOOT}}
    assert _held(status={"quote": HELD | {"quoted_status": inner}}) == (
        Contained("comments", "501"),
        Contained("posts", "500"),
    )
    assert _held(status={"quote": HELD | {"quoted_status_id": "501"}}) == ()


def test_a_status_holds_its_attachments() -> None:
    """An attachment is a record of its own, whose bytes stand in the status as well."""
    assert _held(status={"media_attachments": [PICTURE]}) == (Contained("media", "77"),)


def test_a_public_status_names_nothing_private() -> None:
    """What is said to be for all is named; with what is for some, the status itself is private."""
    unsaid = REPLY | {"visibility": None, "media_attachments": [PICTURE]}
    assert _held(status={"quote": HELD | {"quoted_status": unsaid}}) == (UNKNOWN, UNKNOWN)
    for hidden in (REPLY | {"visibility": "private"}, REPLY | {"visibility": "odd"}):
        one = TOOT | {"quote": HELD | {"quoted_status": hidden}}
        (item,) = MASTODON.split(SITE, statuses(), answer([one])).items
        assert (item.sensitivity, item.contains) == ("private", (Contained("comments", "501"),))
    private = _held(status={"visibility": "private", "quote": {"quoted_status": LETTER}})
    assert private == (Contained("messages", "502"),)


def test_likes_notifications_and_conversations_hold_their_status() -> None:
    """A like and a notification hold what they are about, a conversation its last message."""
    page = cut(at("v1/favourites", "favourites", "reactions"), [REPLY])
    assert page.items[0].contains == (Contained("comments", "501"),)
    page = cut(at("v1/notifications", "notifications"), [notification("favourite", TOOT)])
    assert [one.contains for one in page.items] == [(Contained("posts", "500"),)]
    page = cut(at("v1/notifications", "notifications"), [notification("mention", REPLY)])
    assert [one.contains for one in page.items] == [(), ()]  # cut apart: each has its own bytes
    talk = {"id": "3", "unread": False, "accounts": [ANN], "last_status": LETTER}
    page = cut(at("v1/conversations", "conversations", "messages"), [talk])
    assert page.items[0].contains == (Contained("messages", "502"),)


@pytest.mark.parametrize(
    "status", [{"id": "501"}, {"account": ANN}, {"id": "a/b", "account": ANN}, {"account": 1}]
)
def test_what_has_no_id_is_unresolved(status: dict[str, Any]) -> None:
    """A status that can't be named is held all the same; so is what can't be read."""
    assert contained_in(SITE, json.dumps({"reblog": status}).encode(), "private") == (UNKNOWN,)
    assert contained_in(SITE, b'{"reblog":{"id":', "private") == (UNKNOWN,)


def _view(uri: str, did: str, **more: object) -> dict[str, Any]:
    return {"uri": uri, "author": {"did": did, "handle": "x.example"}, "value": {}, **more}


def _sky(name: str, nsid: str, body: object, query: str = "", site: Site = sky.SITE) -> Item:
    page = bluesky.Bluesky().split(site, sky.listing(name, nsid, query), answer(body))
    return page.items[0]


def test_a_shown_quote_of_bluesky_is_held() -> None:
    """The account's own by its address; of another's nobody can tell under which id."""
    own, other = _view(sky.URI, sky.DID), _view(sky.REPLY, sky.ANN)
    for shown, held in ((own, Contained("posts", sky.URI)), (other, UNKNOWN)):
        for embed in ({"record": shown}, {"record": {"record": shown}, "media": {}}):
            quote = sky.post(sky.REPLY, embed=embed)
            item = _sky("quotes x", "app.bsky.feed.getQuotes", {"posts": [quote]})
            assert item.contains == (held,)


def test_a_named_quote_of_bluesky_is_a_link() -> None:
    """A record as its author signed it names others, and blocked ones are named only."""
    value = {"$type": "app.bsky.feed.post", "embed": {"record": {"uri": sky.REPLY, "cid": "c"}}}
    record = {"uri": sky.URI, "cid": "bafy", "value": value}
    listed = _sky("posts", "com.atproto.repo.listRecords", {"records": [record]})
    assert listed.contains == ()
    blocked = {"record": {"uri": sky.REPLY, "blocked": True, "author": {"did": sky.ANN}}}
    quote = sky.post(sky.REPLY, embed=blocked)
    assert _sky("q", "app.bsky.feed.getQuotes", {"posts": [quote]}).contains == ()


def test_views_and_notifications_of_bluesky_hold_records() -> None:
    """A view holds the account's post; a notification the answer, quote or like itself."""
    entry = {"post": sky.post(sky.URI, author={"did": sky.DID, "handle": "c.example"})}
    item = _sky("views", "app.bsky.feed.getAuthorFeed", {"feed": [entry]})
    assert item.contains == (Contained("posts", sky.URI),)
    told = {"uri": sky.REPLY, "reasonSubject": sky.URI, "record": {}, "author": sky.person()}
    for reason, held in (
        ("reply", Contained("comments", sky.REPLY)),
        ("quote", Contained("comments", f"{sky.REPLY}/quote")),
        ("like", Contained("reactions", f"{sky.URI}/like/{sky.ANN}")),
        ("follow", Contained("subscribers", f"follower/{sky.ANN}")),
        ("mention", UNKNOWN),
    ):
        body = {"notifications": [told | {"reason": reason}]}
        item = _sky("notifications", "app.bsky.notification.listNotifications", body)
        assert item.contains == (held,)


def _said(*, listing: object = chat.CLOSED, **more: object) -> tuple[Contained, ...]:
    page = chat.page_of(chat.event(4, **more), listing=listing)  # type: ignore[arg-type]  # of chat's own
    return page.items[0].contains


def _in_room(number: int, stream: str = "messages") -> Contained:
    return Contained(stream, f"{chat.ROOM}/${number}")


def test_an_answer_in_matrix_holds_the_text_it_quotes() -> None:
    """Only where its own text repeats it; in a public event it is not named."""
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$2"}}}
    assert _said(content={"body": "> <@bo> Is it?\n\nYes", **relation}) == (_in_room(2),)
    html = {"body": "Yes", "formatted_body": "<mx-reply>Is it?</mx-reply>Yes"}
    assert _said(content=html | relation) == (_in_room(2),)
    assert _said(content={"body": "Yes", **relation}) == ()
    assert _said(content=html | relation, listing=chat.OPEN) == (UNKNOWN,)


def test_events_of_matrix_hold_edits_redactions_and_what_was_before() -> None:
    """Each of them is an event with an id of its own, beside the one it changed."""
    edit = {"event_id": "$8", "content": {"m.new_content": {"body": "x"}}}
    assert _said(unsigned={"m.relations": {"m.replace": edit}}) == (_in_room(8),)
    thread = {"m.thread": {"latest_event": edit, "count": 2}}
    assert _said(unsigned={"m.relations": thread}) == (_in_room(8),)
    assert chat.page_of(chat.redacted()).items[0].contains == (_in_room(9, "moderation"),)
    before = {"prev_content": {"name": "Hall"}, "replaces_state": "$3"}
    held = _said(unsigned=before, type="m.room.name", state_key="")
    assert held == (_in_room(3, "moderation"),)


def test_rooms_and_members_of_matrix_hold_state_events() -> None:
    """A room holds each part of its state, a membership the event that made it."""
    body = [chat.state("m.room.name", name="Hall"), chat.state("m.room.member", chat.BO, x=1)]
    page = matrix.Matrix().split(chat.SITE, chat.STATE, answer(body))
    held = {item.stream: item.contains for item in page.items}
    assert held["pages"] == (Contained("moderation", f"{chat.ROOM}/$m.room.name"),)
    assert held["subscribers"][0].stream == "subscribers"


def test_an_item_from_another_feed_holds_something_unresolved() -> None:
    """RSS names the channel it was copied from; a feed's own items hold nothing of others."""
    copied = b"<item><guid>b</guid><source url='https://else.example/feed'>Else</source></item>"
    body = b"<rss><channel><item><guid>a</guid></item>%b</channel></rss>" % copied
    site = Site("city", "https://city.example/feed", authorised=False)
    listing = feed.Feed().listings(site, "incremental")[0]
    page = feed.Feed().split(site, listing, answer(body))
    assert {one.native_id: one.contains for one in page.items} == {
        "feed": (), "a": (), "b": (UNKNOWN,)
    }  # fmt: skip
    assert listing.request == Request("https://city.example/feed")
