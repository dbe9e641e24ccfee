"""Facebook's webhooks: handshake, signature, and what a delivery is cut into."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from archiver.capture.connector import Gone, Item, Page, Site
from archiver.capture.delivery import Delivery, Rejected, Verified
from archiver.capture.known import Known
from archiver.capture.reading import read
from archiver.capture.settling import Settler
from archiver.record import Exchange
from tests.capture.platforms.facebook import ANN, FACEBOOK, SITE, cut
from tests.capture.platforms.helpers import answer, row_of

SECRETS = {"app_secret": "app-secret-0123", "verify_token": "verify-token-0123"}
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WHEN = 1_763_629_200
ADDED: dict[str, Any] = {
    "from": ANN, "item": "comment", "verb": "add", "comment_id": "1_55", "post_id": "104_1",
    "parent_id": "104_1", "created_time": WHEN, "message": "Call me: 555-0142",
}  # fmt: skip
REMOVED = {name: one for name, one in ADDED.items() if name != "message"} | {
    "verb": "remove", "created_time": WHEN + 30,
}  # fmt: skip
LETTER = {
    "sender": {"id": "7001"}, "recipient": {"id": "104"}, "timestamp": WHEN * 1000,
    "message": {"mid": "m_1", "text": "Is the pool open?"},
}  # fmt: skip


def body(*values: dict[str, Any], page: str = "104", field: str = "feed") -> dict[str, Any]:
    """Return a delivery of changes of one Page."""
    changes = [{"field": field, "value": value} for value in values]
    return {"object": "page", "entry": [{"id": page, "time": WHEN, "changes": changes}]}


def letters(*events: object, name: str = "messaging") -> dict[str, Any]:
    """Return a delivery of events of conversations."""
    return {"object": "page", "entry": [{"id": "104", "time": WHEN * 1000, name: list(events)}]}


def told(value: object, site: Site = SITE) -> Page:
    """Cut a delivery that is accounted for byte by byte."""
    return cut(FACEBOOK.deliveries(site), value, site)


def sent(value: object, signature: str | None = None, method: str = "POST") -> Delivery:
    """Return a delivery as it comes in, signed unless told otherwise."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    ours = hmac.new(SECRETS["app_secret"].encode(), raw, "sha256").hexdigest()
    header = f"sha256={ours}" if signature is None else signature
    headers = (("x-hub-signature-256", header),) if header else ()
    return Delivery(method, "/hooks/x", headers, raw)


# ── Handshake and signature ──────────────────────────────────────────────────────────────


def asked(query: str, method: str = "GET") -> Delivery:
    """Return a request with a query and no body."""
    return Delivery(method, f"/hooks/x?{query}", (), b"")


def test_a_subscription_with_our_token_is_confirmed() -> None:
    """With the challenge as it came, as plain text."""
    reply = FACEBOOK.handshake(
        asked("hub.mode=subscribe&hub.verify_token=verify-token-0123&hub.challenge=115820"), SECRETS
    )
    assert reply == (200, "text/plain", b"115820")


@pytest.mark.parametrize(
    "query",
    ["hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1", "hub.mode=subscribe",
     "hub.mode=subscribe&hub.verify_token=verify-token-0123",
     "hub.mode=subscribe&hub.verify_token=verify-token-0123&hub.challenge=%0D%0Ax",
     "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
     "hub.mode=subscribe&hub.verify_token=%FF%C3&hub.challenge=1",
     f"hub.mode=subscribe&hub.verify_token=verify-token-0123&hub.challenge={'1' * 501}"],
)  # fmt: skip
def test_another_subscription_is_refused(query: str) -> None:
    """And nothing of it is echoed."""
    reply = FACEBOOK.handshake(asked(query), SECRETS)
    assert reply is not None
    assert (reply.status, reply.body) == (403, b"not ours\n")
    none = FACEBOOK.handshake(asked("hub.mode=subscribe&hub.verify_token=&hub.challenge=1"), {})
    assert none is not None
    assert none.status == 403


@pytest.mark.parametrize("delivery", [asked(""), asked("hub.mode=subscribe", "POST"), asked("a=b")])
def test_what_is_no_handshake(delivery: Delivery) -> None:
    """Is judged as a delivery."""
    assert FACEBOOK.handshake(delivery, SECRETS) is None


def test_a_signed_delivery_is_believed() -> None:
    """It says whose it is and when it was made up."""
    two = body(ADDED) | {"entry": [*body(ADDED)["entry"], *body(REMOVED, page="105")["entry"]]}
    assert FACEBOOK.verify_webhook(sent(two), SECRETS, NOW) == Verified(
        ("104", "105"), "2025-11-20T09:00:00.000000Z", "x-hub-signature-256"
    )


@pytest.mark.parametrize(
    ("delivery", "status"),
    [
        (sent(body(ADDED), ""), 401), (sent(body(ADDED), "sha256=" + "0" * 64), 401),
        (sent(body(ADDED), "sha1=" + "0" * 40), 401), (sent(body(ADDED), "é"), 401),
        (sent(b"no json"), 400), (sent({"object": "user", "entry": [{}]}), 400),
        (sent({"object": "page", "entry": []}), 400), (sent({"object": "page", "entry": 7}), 400),
        (sent(b"\xff\xfe" * 9), 400), (sent(body(ADDED), method="PUT"), 405),
    ],
)  # fmt: skip
def test_what_is_not_believed(delivery: Delivery, status: int) -> None:
    """Unsigned, signed by somebody else, or about something else; without any secret in words."""
    verdict = FACEBOOK.verify_webhook(delivery, SECRETS, NOW)
    assert isinstance(verdict, Rejected)
    assert verdict.status == status
    assert not any(one in verdict.reason for one in SECRETS.values())
    keyless = FACEBOOK.verify_webhook(sent(body(ADDED)), {}, NOW)
    assert isinstance(keyless, Rejected)
    assert keyless.status == 403


def test_one_changed_byte_is_one_too_many() -> None:
    """The signature is over the body as it came."""
    good = sent(body(ADDED))
    for place in range(0, len(good.body), 7):
        changed = bytearray(good.body)
        changed[place] ^= 1
        forged = Delivery("POST", "/", good.headers, bytes(changed))
        assert isinstance(FACEBOOK.verify_webhook(forged, SECRETS, NOW), Rejected)


# ── What is told ─────────────────────────────────────────────────────────────────────────


def test_a_comment_is_an_event_and_leads_to_itself() -> None:
    """The event is a part of it, with what was said; the comment is asked for."""
    value = body(ADDED)
    (item,) = told(value).items
    assert (item.stream, item.native_id) == ("comments", f"1_55/event/add-{WHEN}")
    assert (item.sensitivity, item.group) == ("private", "events")
    row = row_of(FACEBOOK, answer(value).body, item)
    assert (row["text"], row["author_id"]) == ("Call me: 555-0142", "7001")
    assert (row["state"], row["parent_id"], row["thread_id"]) == ("add", "1_55", "104_1")
    assert row["created_at"] == "2025-11-20T09:00:00.000000Z"
    (follow,) = item.follow
    assert follow.listing is not None
    assert (follow.always, follow.listing.group) == (True, "comments 104_1")
    assert follow.listing.request.url.startswith("https://graph.facebook.com/v26.0/1_55?fields=")


@pytest.mark.parametrize(
    ("value", "gone"),
    [
        (REMOVED, Gone("1_55", ("comments",), (), "", "comments 104_1")),
        ({"item": "status", "verb": "remove", "post_id": "104_1", "created_time": WHEN + 30},
         Gone("104_1", ("posts",), (), "", "posts")),
        ({"item": "reaction", "verb": "remove", "post_id": "104_1", "from": ANN,
          "created_time": WHEN + 30},
         Gone("104_1/reaction/7001", ("reactions",), (), "", "reactions 104_1")),
    ],
)  # fmt: skip
def test_what_is_gone(value: dict[str, Any], gone: Gone) -> None:
    """Of the very thing, at the moment when it went."""
    page = told(body(value))
    assert page.items == ()
    (found,) = page.gone
    assert (found.native_id, found.streams, found.group) == (
        gone.native_id, gone.streams, gone.group,
    )  # fmt: skip
    assert found.at == "2025-11-20T09:00:30.000000Z"


@pytest.mark.parametrize(
    ("value", "field", "stream", "name"),
    [
        ({"item": "status", "verb": "edited", "post_id": "104_1", "created_time": 5}, "feed",
         "posts", "104_1/event/edited-5"),
        ({"item": "comment", "verb": "hide", "comment_id": "1_5", "created_time": 5}, "feed",
         "comments", "1_5/event/hide-5"),
        ({"item": "reaction", "verb": "add", "post_id": "104_1", "from": ANN, "created_time": 5},
         "feed", "reactions", "104_1/event/7001-add-5"),
        ({"item": "like", "verb": "add", "comment_id": "1_5", "sender_id": "8", "created_time": 5},
         "feed", "reactions", "1_5/event/8-add-5"),
        ({"verb": "follow", "created_time": 5}, "feed", "posts", "event/feed-follow-5"),
        ({"open_graph_story_id": "33", "verb": "add", "review_text": "x", "created_time": 5},
         "ratings", "comments", "33/event/ratings-add-5"),
        ({"id": "6", "status": "live"}, "live_videos", "posts",
         f"6/event/live_videos-update-{WHEN}"),
        ({"post_id": "9_9", "verb": "add", "created_time": 5}, "mention", "posts",
         "9_9/event/mention-add-5"),
        ({"verb": "block", "created_time": 5}, "website", "profile", "event/website-block-5"),
    ],
)  # fmt: skip
def test_other_changes(value: dict[str, Any], field: str, stream: str, name: str) -> None:
    """Each a record of its own, in the stream of what it is about."""
    (item,) = told(body(value, field=field)).items
    assert (item.stream, item.native_id) == (stream, name)


def test_a_message_is_kept_before_it_is_asked_for() -> None:
    """Its content may be unreadable soon: the event has it."""
    value = letters(LETTER)
    (item,) = told(value).items
    assert item.native_id == f"m_1/event/{WHEN * 1000}-message"
    row = row_of(FACEBOOK, answer(value).body, item)
    assert (row["text"], row["author_id"]) == ("Is the pool open?", "7001")
    assert row["created_precision"] == "fraction"
    assert item.follow[0].listing is not None
    assert item.follow[0].listing.name == "content m_1"
    standby = told(letters(LETTER, name="standby")).items
    assert [one.native_id for one in standby] == [item.native_id]
    files = {"attachments": [{"type": "image", "payload": {"url": "https://x.fbcdn.net/1"}}]}
    (item,) = told(letters({**LETTER, "message": {"mid": "m_1", **files}})).items
    assert [one.native_id for one in item.follow if one.role == "file"] == [
        "m_1/event/attachment/0"
    ]


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ({"reaction": {"mid": "m_1", "action": "react", "emoji": "x"}}, "m_1/event/5-reaction"),
        ({"message_edit": {"mid": "m_1", "text": "x"}}, "m_1/event/5-message_edit"),
        ({"postback": {"mid": "m_2", "title": "Start"}}, "m_2/event/5-postback"),
        ({"read": {"watermark": 4}}, "event/7001-5-read"),
        ({"delivery": {"mids": ["m_1"], "watermark": 4}}, "event/7001-5-delivery"),
        ({"optin": {"ref": "x"}}, "event/7001-5-optin"),
    ],
)  # fmt: skip
def test_other_events_of_conversations(event: dict[str, Any], name: str) -> None:
    """With or without a message that they are about."""
    (item,) = told(letters({"sender": {"id": "7001"}, "timestamp": 5, **event})).items
    assert (item.stream, item.native_id) == ("messages", name)


def test_an_unsent_message_is_gone() -> None:
    """What it said stays on record."""
    event = LETTER | {"message": {"mid": "m_1", "is_deleted": True}}
    (gone,) = told(letters(event)).gone
    assert (gone.native_id, gone.streams) == ("m_1", ("messages",))


# ── Whose it is ──────────────────────────────────────────────────────────────────────────


def test_what_is_told_of_other_pages_is_claimed_and_no_item() -> None:
    """One address may serve several Pages of a city."""
    other = body(ADDED | {"comment_id": "2_9"}, page="105")["entry"]
    both = {"object": "page", "entry": [*body(ADDED)["entry"], *other]}
    site = Site("page", SITE.url, authorised=True, cursors={"profile": "104"})
    page = told(both, site)
    assert [one.native_id for one in page.items] == [f"1_55/event/add-{WHEN}"]
    assert [one.value for one in page.claims if one.name == "entry of another account"] == ["105"]
    numbered = Site("page", "https://www.facebook.com/profile.php?id=10500", authorised=True)
    assert told(body(ADDED, page="104"), numbered).items == ()


def test_a_mixed_delivery_waits_until_the_page_is_known() -> None:
    """Nothing is taken for ours that may be another's, and nothing is lost."""
    both = {"object": "page", "entry": [*body(ADDED)["entry"], *body(ADDED, page="105")["entry"]]}
    page = FACEBOOK.split(SITE, FACEBOOK.deliveries(SITE), answer(both))
    assert (page.items, page.gone, page.problem) == ((), (), None)
    assert [one.name for one in page.claims] == ["object", "entry"]


def test_what_is_not_understood_is_left_over() -> None:
    """Of the rest everything is taken."""
    odd = [{"field": "feed", "value": "x"}, {"field": "feed"}, 7, {"value": {}}]
    entry = {"id": "104", "time": WHEN, "changes": [*odd, {"field": "feed", "value": ADDED}],
             "messaging": [{"timestamp": 5}, {"message": {"mid": "m_9"}}, LETTER]}  # fmt: skip
    response = answer({"object": "page", "entry": [entry]})
    page = FACEBOOK.split(SITE, FACEBOOK.deliveries(SITE), response)
    assert [one.native_id for one in page.items] == [
        f"1_55/event/add-{WHEN}", f"m_1/event/{WHEN * 1000}-message",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [{}, [], {"object": "page"}, {"object": "user", "entry": [{}]}])
def test_what_is_no_delivery(value: object) -> None:
    """A body that was never verified, say."""
    page = FACEBOOK.split(SITE, FACEBOOK.deliveries(SITE), answer(value))
    assert page.problem is not None
    assert page.problem.code == "schema"


# ── In the archive ───────────────────────────────────────────────────────────────────────


def settled(*bodies: object) -> list[tuple[str, str, str]]:
    """Settle deliveries one after the other: native id, kind, text of each observation."""
    numbers = count(1)
    settler = Settler(FACEBOOK, SITE, Known({}, bytes(32)), lambda: f"uuid-{next(numbers)}")
    listing = FACEBOOK.deliveries(SITE)
    purpose = {
        "role": "listing", "listing": listing.name, "stream": listing.stream, "pass": "1",
        "group": listing.group, "sensitivity": "private", "exhaustive": "no", "page": "1",
    }  # fmt: skip
    for number, value in enumerate(bodies, 1):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        raw = json.dumps(value).encode()
        moment = f"2026-11-20T09:00:{number:02d}.000000Z"
        exchange = Exchange(
            "lane", number, listing.request.url, moment, b"", head % len(raw) + raw, purpose=purpose
        )
        settler.take(exchange, read(FACEBOOK, SITE, exchange))
    seen = settler.drain().observations
    return [(one.native_id, one.kind, one.row.get("text", "")) for _, one in seen]


def test_a_comment_deleted_after_30_seconds_is_there_in_both_states() -> None:
    """What it said, and that it is gone; a second copy of either tells nothing new."""
    both = [(f"1_55/event/add-{WHEN}", "present", "Call me: 555-0142"), ("1_55", "absent", "")]
    assert settled(body(ADDED), body(REMOVED)) == both
    assert settled(body(ADDED), body(ADDED), body(REMOVED), body(REMOVED), body(ADDED)) == both
    assert settled(body(ADDED, REMOVED)) == both
    assert sorted(settled(body(REMOVED), body(ADDED))) == sorted(both)
    assert isinstance(told(body(ADDED)).items[0], Item)
