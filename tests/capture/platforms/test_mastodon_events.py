"""Mastodon's user stream: what is kept, what it shows, and that no byte is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Listing, Site
from archiver.capture.platforms.mastodon import Mastodon
from archiver.formats.http1 import parse_response
from archiver.record import Request
from tests.capture.platforms.helpers import answer, left_over, row_of

if TYPE_CHECKING:
    from archiver.capture.connector import Page

TOOTS = Mastodon()
HOST = "https://social.example"
SITE = Site("toots", f"{HOST}/@City", authorised=True)
STREAM = Listing(
    "events", "messages", Request(f"{HOST}/api/v1/streaming/user"), "private", "events"
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def status(number: int, acct: str = "city", **more: object) -> dict[str, object]:
    """Return a status."""
    who = {"id": "1", "acct": acct, "username": acct}
    about = {"id": str(number), "account": who, "visibility": "public", "mentions": []}
    return {**about, "content": "<p>Hello</p>", **more}


def event(kind: str, data: object) -> bytes:
    """Return an event as the server sends it."""
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return f"event: {kind}\ndata: {text}\n\n".encode()


def heard(*pieces: bytes) -> tuple[bytes, Page]:
    """Return a window's body, and how it is cut."""
    body = b"".join(pieces)
    return body, TOOTS.split(SITE, STREAM, parse_response(HEAD + body))


def led(streaming: object, site: Site = SITE) -> Page:
    """Read a server's description of itself."""
    (listing,) = TOOTS.streams(site)
    return TOOTS.split(site, listing, answer({"configuration": {"urls": {"streaming": streaming}}}))


def test_the_stream_is_found_by_the_server_s_description() -> None:
    """On the account's own host; without a login there is none."""
    (listing,) = TOOTS.streams(SITE)
    assert listing.request.url == f"{HOST}/api/v2/instance"
    assert not listing.exhaustive
    page = led("wss://social.example")
    assert page.next is not None
    assert page.next.url == f"{HOST}/api/v1/streaming/user"
    assert page.next.listen
    assert not page.next.websocket
    assert TOOTS.streams(Site("toots", SITE.url, authorised=False)) == ()


@pytest.mark.parametrize(
    ("streaming", "code"),
    [("wss://streaming.other.example", "forbidden"), ("wss://[", "schema"), (None, "schema")],
)
def test_no_token_goes_to_another_host(streaming: object, code: str) -> None:
    """Where streams are elsewhere, or nowhere, the run says so."""
    page = led(streaming)
    assert page.next is None
    assert page.problem is not None
    assert page.problem.code == code


def test_an_old_server_is_no_schema_that_we_know() -> None:
    """Without a description there is nothing to listen to; a refusal stays one."""
    (listing,) = TOOTS.streams(SITE)
    old = TOOTS.split(SITE, listing, answer({"uri": "social.example"}))
    assert old.problem is not None
    assert old.problem.code == "schema"
    refused = TOOTS.split(SITE, listing, answer({"error": "The access token is invalid"}, 401))
    assert refused.problem is not None
    assert refused.problem.code == "authorisation"


def test_what_happens_to_the_account_is_shown() -> None:
    """Statuses, edits, notices, conversations, each in the group of its listing."""
    note = {"id": "30", "type": "mention", "account": {"id": "2", "acct": "ann"}}
    named = status(8, "ann", mentions=[{"acct": "City"}])
    talk = {"id": "40", "unread": True, "accounts": [], "last_status": {"id": "9"}}
    body, page = heard(
        b":)\n",
        event("update", status(7)),
        b":thump\n",
        event("status.update", status(7, content="<p>Bye</p>")),
        event("update", named),
        event("notification", {**note, "status": status(8, "ann")}),
        event("conversation", talk),
        event("announcement", {"id": "50", "content": "<p>Maintenance</p>"}),
    )
    assert left_over(body, page) == []
    assert page.problem is None
    assert [(one.stream, one.native_id, one.group) for one in page.items] == [
        ("posts", "7", "statuses"),
        ("posts", "7", "statuses"),
        ("comments", "8", "notifications"),
        ("messages", "notification/30", "notifications"),
        ("comments", "8", "notifications"),
        ("messages", "conversation/40", "conversations"),
        ("messages", "announcement/50", "announcements"),
    ]
    assert [row_of(TOOTS, body, one)["text"] for one in page.items[:2]] == ["Hello", "Bye"]
    assert {one.sensitivity for one in page.items[3:4] + page.items[5:]} == {"private"}
    follow = page.items[5].follow
    assert [one.listing.name for one in follow if one.listing] == ["messages 40"]


def test_direct_messages_are_private() -> None:
    """Whoever wrote them."""
    _, page = heard(event("update", status(7, visibility="direct")))
    assert [(one.stream, one.sensitivity) for one in page.items] == [("messages", "private")]


def test_deletions_name_an_id_and_nothing_else() -> None:
    """It may be a post, a comment or a message; the word itself is what is kept."""
    body, page = heard(event("delete", "7"), event("announcement.delete", "50"))
    assert [(one.native_id, one.streams) for one in page.gone] == [
        ("7", ("messages", "posts", "comments")),
        ("announcement/50", ("messages",)),
    ]
    (span,) = page.gone[0].spans
    assert body[span.start : span.end] == b"7"
    assert left_over(body, page) == []


@pytest.mark.parametrize("kind", ["filters_changed", "notifications_merged"])
def test_events_about_nothing_are_envelope(kind: str) -> None:
    """They say that something is to be read anew, which the next listing does."""
    body, page = heard(f"event: {kind}\n\n".encode(), event(kind, "1"), b":thump\n")
    assert (page.items, page.gone, left_over(body, page)) == ((), (), [])


@pytest.mark.parametrize(
    "piece",
    [
        event("update", "[]"),
        event("update", {"account": {}}),
        event("encrypted_message", {"id": "1"}),
        event("delete", "a/b"),
        b"event: update\ndata: {\ndata: }\n\n",
        b'event: update\ndata: {"id":"9",',
    ],
)
def test_what_is_not_understood_is_residue(piece: bytes) -> None:
    """Also half an event, after which the heartbeats of the next one are no frame."""
    body, page = heard(event("delete", "7"), piece)
    assert left_over(body, page) == [piece]
    assert page.items == ()


def test_heartbeats_are_frame() -> None:
    """Whole ones and the beginning of one, after the last event."""
    body, page = heard(b":)\n", event("delete", "7"), b":thump\n:thump\n:thu")
    assert left_over(body, page) == []
    quiet, nothing = heard(b":)\n:thump\n")
    assert left_over(quiet, nothing) == []


def test_statuses_of_others_are_not_stored() -> None:
    """What people write whom the account follows, unless it names the account."""
    following = led("wss://social.example").next
    assert following is not None
    assert following.choose is not None
    theirs = event("update", status(1, "ann", content="<p>@city@elsewhere.example</p>"))
    edited = event("status.update", status(1, "ann", mentions=[{"acct": "city@elsewhere.example"}]))
    kept = [
        event("update", status(2)),
        event("status.update", status(3, "CITY")),
        event("update", status(4, "ann", mentions=[{"acct": "City"}])),
        event("update", "{"),
        event("delete", "1"),
        event("notification", {"id": "1", "status": status(1, "ann")}),
        event("unknown", status(1, "ann")),
    ]
    assert following.choose([theirs, edited, *kept]) == [b"", b"", *kept]


@given(st.binary(max_size=60))
def test_no_bytes_raise_and_none_vanish(data: bytes) -> None:
    """Each byte of a window is an item, envelope or residue, whatever came."""
    for pieces in (
        (data,),
        (b"event: update\ndata: ", data, b"\n\n"),
        (event("delete", "7"), data),
    ):
        body, page = heard(*pieces)
        left_over(body, page)
    choose = led("wss://social.example").next
    assert choose is not None
    assert choose.choose is not None
    choose.choose([data, b"event: update\ndata: " + data + b"\n\n"])
