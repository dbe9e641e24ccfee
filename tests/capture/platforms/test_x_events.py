"""X: webhooks, from the challenge to the records that an event leaves."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture import signatures
from archiver.capture.delivery import Delivery, Receives, Rejected, Verified
from archiver.demo.x.hooks import Hooks, Sent
from archiver.demo.x.seed import Square
from tests.capture.platforms.helpers import answer, left_over, row_of
from tests.capture.platforms.x import ANN, CITY, CONNECTOR, POST, REPLY, SITE

if TYPE_CHECKING:
    from archiver.capture.connector import Gone

SECRETS = {"consumer_secret": "secret of the app"}
NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
SCHEME = signatures.X.name
LISTING = CONNECTOR.deliveries(SITE)


def event(kind: str, payload: object, account: str = "1", **includes: list[Any]) -> dict[str, Any]:
    """Return a delivery's document."""
    told = {"event_uuid": "77", "filter": {"user_id": account}, "event_type": kind, "tag": "t",
            "payload": payload}  # fmt: skip
    return {"data": told | ({"includes": includes} if includes else {})}


def read(body: object) -> tuple[list[tuple[Any, dict[str, str]]], tuple[Gone, ...], str]:
    """Return items with rows, what is gone, and the code of a problem; no byte may be lost."""
    response = answer(body)
    page = CONNECTOR.split(SITE, LISTING, response)
    assert left_over(response.body, page) == []
    found = [(item, row_of(CONNECTOR, response.body, item)) for item in page.items]
    return found, page.gone, page.problem.code if page.problem else ""


def signed(body: bytes, secret: str = SECRETS["consumer_secret"]) -> Delivery:
    """Return a delivery as X signs it."""
    digest = b64encode(hmac.new(secret.encode(), body, sha256).digest()).decode()
    return Delivery("POST", "/x", (("X-Twitter-Webhooks-Signature", f"sha256={digest}"),), body)


# ── is it X? ─────────────────────────────────────────────────────────────────────────────


def test_the_connector_receives() -> None:
    """It has what the receiver asks of a platform that sends."""
    assert isinstance(CONNECTOR, Receives)
    assert not LISTING.exhaustive
    assert LISTING.sensitivity == "private"


def test_a_challenge_is_answered() -> None:
    """With the HMAC of its token (docs.x.com/x-api/webhooks/quickstart)."""
    token = "a+b/c=="
    digest = b64encode(hmac.new(b"secret of the app", token.encode(), sha256).digest()).decode()
    delivery = Delivery("GET", "/x?crc_token=a%2Bb%2Fc%3D%3D&nonce=1", (), b"")
    reply = CONNECTOR.handshake(delivery, SECRETS)
    assert reply is not None
    assert (reply.status, reply.content_type) == (200, "application/json")
    assert json.loads(reply.body) == {"response_token": f"sha256={digest}"}


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery("POST", "/x?crc_token=a", (), b""),
        Delivery("GET", "/x", (), b""),
        Delivery("GET", "/x?crc_token=", (), b""),
        Delivery("GET", "/x?crc_token=%7B%0A%7D", (), b""),
        Delivery("GET", f"/x?crc_token={'a' * 1001}", (), b""),
        Delivery("GET", "/x?" + "a&" * 500 + "crc_token=a", (), b""),
    ],
)
def test_what_is_no_challenge_is_not_signed(delivery: Delivery) -> None:
    """Nobody gets a signature for what could be an event."""
    assert CONNECTOR.handshake(delivery, SECRETS) is None
    assert CONNECTOR.handshake(Delivery("GET", "/x?crc_token=a", (), b""), {}) is None


def test_a_signed_delivery_is_believed_and_says_for_whom() -> None:
    """By its filter; one without a filter is for whom the address belongs to."""
    body = json.dumps(event("post.create", POST)).encode()
    assert CONNECTOR.verify_webhook(signed(body), SECRETS, NOW) == Verified(("1",), "", SCHEME)
    body = json.dumps({"data": {"event_uuid": "5", "filter": {}}}).encode()
    assert CONNECTOR.verify_webhook(signed(body), SECRETS, NOW) == Verified((), "", SCHEME)


def test_what_is_not_signed_by_x_is_refused() -> None:
    """Without the header, with another secret, with one byte changed; without the secret."""
    body = json.dumps(event("post.create", POST)).encode()
    good = signed(body)
    forged = [
        (Delivery("POST", "/x", (), body), 401),
        (signed(body, "another secret"), 401),
        (Delivery("POST", "/x", good.headers, body.replace(b"Tea", b"Pea")), 401),
        (Delivery("POST", "/x", (("x-twitter-webhooks-signature", "sha256=é"),), body), 401),
        (Delivery("PUT", "/x", good.headers, body), 400),
    ]
    for delivery, status in forged:
        told = CONNECTOR.verify_webhook(delivery, SECRETS, NOW)
        assert isinstance(told, Rejected)
        assert told.status == status
        assert SECRETS["consumer_secret"] not in told.reason
    assert isinstance(CONNECTOR.verify_webhook(good, {}, NOW), Rejected)


@given(st.text(max_size=60), st.binary(max_size=200), st.text(max_size=60))
def test_deliveries_of_any_kind_are_judged(target: str, body: bytes, header: str) -> None:
    """Nothing that comes from outside raises."""
    delivery = Delivery("GET", target, (("x-twitter-webhooks-signature", header),), body)
    CONNECTOR.handshake(delivery, SECRETS)
    delivery = Delivery("POST", target, (("x-twitter-webhooks-signature", header),), body)
    assert isinstance(CONNECTOR.verify_webhook(delivery, SECRETS, NOW), Rejected)


# ── what an event leaves ─────────────────────────────────────────────────────────────────


def test_a_post_comes_with_its_moment() -> None:
    """It is in the group of the listing that shows it, and names itself as a version."""
    ((item, row),), gone, _ = read(event("post.create", POST, users=[CITY], tweets=[POST]))
    assert (item.stream, item.native_id, item.group) == ("posts", "100", "posts")
    assert (item.at, item.version) == ("2026-03-01T10:00:00.000000Z", "100")
    assert row["author_name"] == "CityOfQ"
    assert gone == ()
    kinds = ("post.mention.create", "post.reply.create", "post.quote.create")
    for kind in kinds:
        ((item, _),), _, _ = read(event(kind, REPLY, users=[ANN]))
        assert (item.stream, item.native_id, item.group) == ("comments", "101", "mentions")


def test_a_repost_by_others_is_a_reaction() -> None:
    """With its time, which the list of those who reposted has not."""
    repost = POST | {"id": "110", "author_id": "22", "edit_history_tweet_ids": ["110"],
                     "referenced_tweets": [{"type": "retweeted", "id": "100"}]}  # fmt: skip
    ((item, row),), _, _ = read(event("post.repost.create", repost, users=[ANN]))
    assert (item.stream, item.native_id, row["parent_id"]) == ("reactions", "repost/110", "100")
    assert (row["state"], row["author_name"], row["created"]) == (
        "repost", "ann_q", POST["created_at"],
    )  # fmt: skip


def test_a_deletion_names_its_post() -> None:
    """Of which stream, only the archive knows."""
    items, gone, _ = read(event("post.delete", {"id": "100", "author_id": "1"},
                                users=[{"data": CITY}]))  # fmt: skip
    assert items == []
    assert [(one.native_id, one.streams, one.group) for one in gone] == [
        ("100", ("posts", "comments"), "posts"),
    ]


@pytest.mark.parametrize(
    ("kind", "source", "target", "stream", "native_id", "group"),
    [
        ("follow", ANN, CITY, "subscribers", "follower/22", "followers"),
        ("follow", CITY, ANN, "subscribers", "following/22", "following"),
        ("block", CITY, ANN, "moderation", "block/22", "blocking"),
        ("mute", CITY, ANN, "moderation", "mute/22", "muting"),
    ],
)
def test_relations_begin_and_end(
    kind: str, source: object, target: object, stream: str, native_id: str, group: str
) -> None:
    """In the records that the listings have, private; wrapped users as bare ones."""
    for wrap in (True, False):
        told = {"source": source, "target": target}
        payload = {name: {"data": one} for name, one in told.items()} if wrap else told
        ((item, row),), gone, _ = read(event(f"{kind}.{kind}", payload))
        assert (item.stream, item.native_id, item.group) == (stream, native_id, group)
        assert (item.sensitivity, gone) == ("private", ())
        assert row["state"] == native_id.partition("/")[0]
        items, (gone_one,), _ = read(event(f"{kind}.un{kind}", payload))
        assert items == []
        assert (gone_one.native_id, gone_one.streams, gone_one.group) == (
            native_id, (stream,), group,
        )  # fmt: skip


def test_relations_of_others_are_left_as_residue() -> None:
    """What is not about the account is not understood, so not dropped."""
    payload = {"source": {"data": ANN}, "target": {"data": ANN | {"id": "23"}}}
    response = answer(event("follow.follow", payload))
    page = CONNECTOR.split(SITE, LISTING, response)
    assert page.items == ()
    assert any(b'"ann_q"' in one for one in left_over(response.body, page))


def test_a_message_is_a_part_of_what_listings_show() -> None:
    """Its delivery has the older form, so it is no edit of the message."""
    message = {
        "type": "message_create", "id": "9", "created_timestamp": "1772359200125",
        "message_create": {"target": {"recipient_id": "1"}, "sender_id": "22",
                           "message_data": {"text": "The drain", "entities": {}}},
    }  # fmt: skip
    payload = {"direct_message_events": [message],
               "users": {"22": {"data": ANN}, "1": {"data": CITY}}}  # fmt: skip
    for kind in ("dm.received", "dm.sent"):
        ((item, row),), _, _ = read(event(kind, payload))
        assert (item.stream, item.native_id, item.sensitivity) == (
            "messages", "9/delivery", "private",
        )  # fmt: skip
        assert (row["text"], row["author_id"], row["author_name"], row["parent_id"]) == (
            "The drain", "22", "ann_q", "9",
        )  # fmt: skip
        assert row["created_at"] == "2026-03-01T10:00:00.125000Z"


def test_an_encrypted_message_is_kept_and_said_to_be() -> None:
    """As ciphertext, with who and when; the run says that nobody reads it."""
    payload = {"id": "e-1", "sender_id": "22", "conversation_id": "1:22",
               "created_at_msec": "1772359200125", "encoded_event": "CwAB"}  # fmt: skip
    ((item, row),), _, problem = read(event("chat.received", payload))
    assert (item.native_id, item.sensitivity, problem) == (
        "chat/e-1/delivery", "private", "withheld",
    )  # fmt: skip
    assert (row["state"], row["flags"], row["parent_id"]) == (
        "chat.received", '["encrypted"]', "chat/e-1",
    )  # fmt: skip
    assert json.loads(row["extra"]) == {"encoded_event": "CwAB"}


def test_a_change_of_the_profile_has_both_sides() -> None:
    """What stood there for a minute is in the archive."""
    ((item, row),), _, _ = read(event("profile.update.bio", {"before": "Old", "after": "New"}))
    assert (item.stream, item.native_id, item.sensitivity) == ("profile", "1/update/77", "public")
    assert (row["text"], row["state"], json.loads(row["extra"])) == (
        "New", "profile.update.bio", {"before": "Old"},
    )  # fmt: skip


def test_a_like_has_its_time() -> None:
    """Which the list of those who like has not."""
    payload = {"id": "ab", "created_at": "2026-02-01T10:00:00.000Z", "liked_tweet_id": "100",
               "timestamp_ms": "1772359200125", "liked_tweet_author_id": "1"}  # fmt: skip
    ((item, row),), _, _ = read(event("like.create", payload, users=[ANN]))
    assert (item.stream, item.native_id, row["parent_id"]) == ("reactions", "like-event/ab", "100")
    assert row["created_at"] == "2026-03-01T10:00:00.125000Z"


@pytest.mark.parametrize("kind", ["spaces.start", "oauth.revoke", "dm.read", "some.thing.new"])
def test_events_of_other_kinds_are_kept_whole(kind: str) -> None:
    """Also those that X thinks of next year."""
    ((item, row),), _, _ = read(event(kind, {"user": {"data": CITY}, "number": 5}))
    assert (item.stream, item.native_id, item.sensitivity) == ("messages", "event/77", "private")
    assert (row["state"], json.loads(row["extra"])["number"]) == (kind, 5)


def test_typing_is_no_record() -> None:
    """Somebody was about to write: it is declared, and nothing more."""
    items, gone, _ = read(event("dm.indicate_typing", {"sender": "22"}))
    assert (items, gone) == ([], ())


@pytest.mark.parametrize(
    "body", [b"[]", b"<x>", b"", b'{"data":{}}', b'{"data":{"event_uuid":"1"}}']
)
def test_what_is_no_event_is_said_to_be_none(body: bytes) -> None:
    """It is residue then, and the run says so."""
    page = CONNECTOR.split(SITE, LISTING, answer(body))
    assert page.problem is not None
    assert page.problem.code == "schema"


def test_every_event_of_a_week_is_understood() -> None:
    """What the stand-in sends is genuine, and no byte of it is left over."""
    network = Square()
    sent: list[Sent] = []
    hooks = Hooks(network, SECRETS["consumer_secret"], "https://x.example", sent.append)
    network.change()
    hooks.stop()
    network.describe("Nobody hears this.")
    kinds = set()
    for delivery in sent:
        verified = CONNECTOR.verify_webhook(Delivery(*delivery), SECRETS, NOW)
        assert verified == Verified((str(network.city.id),), scheme=SCHEME)
        found, gone, problem = read(delivery.body)
        assert found or gone
        assert problem in {"", "withheld"}
        kinds.add(json.loads(delivery.body)["data"]["event_type"])
    assert len(kinds) >= 13
    token = Delivery(*hooks.challenge("a b/+="))
    reply = CONNECTOR.handshake(token, SECRETS)
    assert reply is not None
    assert json.loads(reply.body)["response_token"] == hooks.response_token("a b/+=")
