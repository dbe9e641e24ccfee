"""YouTube's deliveries: which are believed, what a hub is answered, what they are cut into."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Contained, Problem
from archiver.capture.delivery import Delivery, Rejected, Subscribes, Subscription, Verified
from archiver.capture.known import Known
from archiver.capture.purposes import ask_page
from archiver.capture.reading import clean_row, read
from archiver.capture.settling import Settler
from archiver.capture.websub import callback
from archiver.demo.youtube.hub import Hub
from archiver.demo.youtube.studio import Studio
from archiver.record import Exchange
from tests.capture.platforms.helpers import answer, left_over, row_of
from tests.capture.platforms.youtube import API, BY_ID, CHANNEL, FILM, SITE, TUBE, at, listed

if TYPE_CHECKING:
    from archiver.capture.connector import Page
    from archiver.demo.answer import Asked

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NUMBERS = count(1)
FEEDS = "https://www.youtube.com/xml/feeds/videos.xml"
SECRET = "hub-secret-0123456789"


def sent(asked: Asked) -> Delivery:
    """Return a hub's request as a receiver has it."""
    return Delivery(asked.method, asked.target, tuple(asked.headers.items()), asked.body)


class Scene:
    """A channel, its hub, and what the receiver knows of both."""

    def __init__(self, method: str = "sha1", secret: str = SECRET) -> None:
        self.studio = Studio()
        self.topic = f"{FEEDS}?channel_id={self.studio.city.id}"
        self.hub = Hub(self.studio, callback("/hooks/1", self.topic, SECRET), secret, method)
        self.secrets = {"hub_secret": SECRET}

    def asks(self, mode: str = "subscribe", topic: str = "") -> Delivery:
        """Return the request by which the hub verifies an intent."""
        return sent(self.hub.asks(mode, topic))

    def take(self) -> list[Delivery]:
        """Return what the hub pushes."""
        return [sent(one) for one in self.hub.take()]

    def judged(self, delivery: Delivery) -> Verified | Rejected:
        """Return what the connector thinks of a delivery."""
        return TUBE.verify_webhook(delivery, self.secrets, NOW)


def cut(body: bytes) -> Page:
    """Cut a delivery that must be accounted for byte by byte."""
    page = TUBE.split(SITE, TUBE.deliveries(SITE), answer(body))
    assert page.problem is None
    assert left_over(body, page) == []
    return page


# ── subscribing ──────────────────────────────────────────────────────────────────────────


def test_a_channel_is_subscribed_to_by_its_id() -> None:
    """At Google's hub; a handle names no topic, and the message says how to mend that."""
    assert isinstance(TUBE, Subscribes)
    found = TUBE.subscription(BY_ID, answer(b""))
    assert found == Subscription(
        "https://pubsubhubbub.appspot.com/subscribe", f"{FEEDS}?channel_id={CHANNEL}"
    )
    problem = TUBE.subscription(SITE, answer(b""))
    assert isinstance(problem, Problem)
    assert "/channel/UC" in problem.message
    assert TUBE.deliveries(BY_ID).request.url == found.topic


def test_what_we_asked_for_is_confirmed_and_nothing_else() -> None:
    """The callback proves that the topic is ours."""
    scene = Scene()
    reply = TUBE.handshake(scene.asks(), scene.secrets)
    assert reply is not None
    assert (reply.status, reply.body) == (200, b"10943857203")
    foreign = scene.topic.replace(scene.studio.city.id, "UCother")
    assert TUBE.handshake(scene.asks(topic=foreign), scene.secrets) is None
    assert TUBE.handshake(scene.asks(), {"hub_secret": "another-secret-000"}) is None
    assert TUBE.handshake(scene.asks(), {}) is None
    assert TUBE.handshake(Delivery("GET", "/h", (), b""), scene.secrets) is None


# ── signatures ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_delivery_is_believed(method: str) -> None:
    """By each of the methods; it names the channel that it is for, but of what is gone."""
    scene = Scene(method)
    scene.studio.upload("Hearing", "")
    (delivery,) = scene.take()
    assert scene.judged(delivery) == Verified((scene.studio.city.id,), scheme="websub")
    scene.studio.delete(next(iter(scene.studio.videos)))
    assert scene.judged(scene.take()[0]) == Verified(scheme="websub")


def test_what_is_not_signed_as_agreed_is_refused() -> None:
    """Another body, another secret, no signature, an odd one: in words without the secret."""
    scene = Scene()
    scene.studio.upload("Hearing", "")
    (good,) = scene.take()
    signature = good.header("x-hub-signature")
    weak = ("X-Hub-Signature", f"md5={signature[5:]}")
    stranger = Scene(secret="another-secret-000")
    stranger.studio.upload("Hearing", "")
    for delivery in (
        Delivery("POST", good.target, good.headers, good.body + b" "),
        Delivery("POST", good.target, (), good.body),
        Delivery("POST", good.target, (weak,), good.body),
        Delivery("POST", good.target, (("X-Hub-Signature", "sha1=é"),), good.body),
        *stranger.take(),
    ):
        judged = scene.judged(delivery)
        assert isinstance(judged, Rejected)
        assert judged.status == 401
        assert SECRET not in judged.reason
    assert isinstance(TUBE.verify_webhook(good, {}, NOW), Rejected)


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=60))
def test_any_delivery_is_judged(body: bytes, signature: str, target: str) -> None:
    """Whatever comes, nothing raises."""
    scene = Scene()
    for method in ("GET", "POST"):
        delivery = Delivery(method, target, (("X-Hub-Signature", signature),), body)
        assert isinstance(scene.judged(delivery), Rejected)
        TUBE.handshake(delivery, scene.secrets)


# ── what they say ────────────────────────────────────────────────────────────────────────


def test_an_event_is_a_record_that_leads_to_the_video() -> None:
    """Its own words in its own record, which holds something of the video's."""
    scene = Scene()
    video = scene.studio.upload("Tea & talk", "About")
    (delivery,) = scene.take()
    (item,) = cut(delivery.body).items
    when = "2026-02-03T15:14:00Z"
    assert item.native_id == f"{video.id}/event/{when}"
    assert item.contains == (Contained("posts", video.id),)
    (follow,) = item.follow
    assert follow.listing is not None
    assert follow.listing.group == "videos"
    assert not follow.listing.exhaustive
    assert follow.listing.request.url.startswith(f"{API}/videos?part=id,snippet")
    row = row_of(TUBE, delivery.body, item)
    assert clean_row("posts", row) == row
    assert (row["title"], row["parent_id"], row["state"]) == ("Tea & talk", video.id, "pushed")
    assert (row["author_id"], row["author_name"]) == (
        scene.studio.city.id, "City of Quillwater",
    )  # fmt: skip
    assert row["modified_at"] == "2026-02-03T15:14:00.000000Z"
    assert row["url"] == f"https://www.youtube.com/watch?v={video.id}"
    assert "Tea &amp; talk" in row["markup"]


def test_a_tombstone_says_that_the_video_is_gone() -> None:
    """Since when, by YouTube's clock."""
    scene = Scene()
    video = scene.studio.upload("Hearing", "")
    scene.studio.delete(video.id)
    page = cut(scene.take()[1].body)
    (gone,) = page.gone
    assert (gone.native_id, gone.streams, gone.group) == (video.id, ("posts",), "videos")
    assert gone.at == "2026-02-03T15:21:00.000000Z"
    assert page.items == ()


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"{}", b"\x00\x00<feed>"])
def test_what_is_no_feed_is_no_event(body: bytes) -> None:
    """It is a problem, and kept as it came."""
    problem = TUBE.split(SITE, TUBE.deliveries(SITE), answer(body)).problem
    assert problem is not None
    assert problem.code == "schema"


def test_an_entry_that_names_no_video_is_left_over() -> None:
    """So are its bytes kept, and reported."""
    body = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>?</title></entry></feed>'
    page = TUBE.split(SITE, TUBE.deliveries(SITE), answer(body))
    assert page.items == ()
    (left,) = left_over(body, page)
    assert left.startswith(b"<entry><title>?</title></entry>")


@given(st.data())
def test_mutated_deliveries_never_raise_and_lose_no_byte(data: st.DataObject) -> None:
    """Whatever became of them on the way."""
    scene = Scene()
    video = scene.studio.upload("Hearing", "")
    scene.studio.delete(video.id)
    body = data.draw(st.sampled_from([one.body for one in scene.take()]))
    start = data.draw(st.integers(0, len(body) - 1))
    end = min(start + data.draw(st.integers(0, 60)), len(body))
    body = body[:start] + data.draw(st.binary(max_size=9)) + body[end:]
    page = TUBE.split(SITE, TUBE.deliveries(SITE), answer(body))
    if page.problem is None:
        left_over(body, page)
    for item in page.items:
        row_of(TUBE, body, item)


# ── how they settle ──────────────────────────────────────────────────────────────────────


def settled(scene: Scene, deliveries: list[Delivery], known: Known) -> list[tuple[str, str]]:
    """Settle deliveries as a receiver spools them; return what was observed, in order."""
    listing = TUBE.deliveries(SITE)
    settler = Settler(TUBE, SITE, known, lambda: f"uuid-{next(NUMBERS)}")
    for delivery in deliveries:
        assert isinstance(scene.judged(delivery), Verified)
        raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\n"
        raw += b"Content-Length: %d\r\n\r\n%b" % (len(delivery.body), delivery.body)
        purpose = ask_page(listing, listing.request, "1", 1).purpose
        exchange = Exchange(
            "lane", next(NUMBERS), listing.request.url, "2026-11-20T10:00:00.000000Z", b"", raw,
            purpose=dict(purpose),
        )  # fmt: skip
        settler.take(exchange, read(TUBE, SITE, exchange))
    return [(one.native_id, str(one.kind)) for _, one in settler.drain().observations]


def test_duplicates_and_disorder_make_no_second_observation() -> None:
    """Late, twice or out of order: each event is a record once; a deletion is told of once."""
    scene, known = Scene(), Known({}, b"k" * 32)
    video = scene.studio.upload("First", "")
    scene.studio.edit(video.id, "Second")
    scene.studio.delete(video.id)
    new, edited, gone = scene.take()
    told = settled(scene, [edited, new, edited, gone, gone, new], known)
    times = ["2026-02-03T15:21:00Z", "2026-02-03T15:14:00Z"]
    assert told == [(f"{video.id}/event/{one}", "present") for one in times] + [
        (video.id, "absent")
    ]
    assert settled(scene, [new, edited, gone], known) == []


def test_a_deletion_from_before_the_video_was_seen_is_past() -> None:
    """A late tombstone undoes nothing: YouTube is asked, and says what is so."""
    scene, known = Scene(), Known({}, b"k" * 32)
    video = scene.studio.upload("First", "")
    scene.studio.delete(video.id)
    tombstone = scene.take()[1]
    shown = answer(listed("video", FILM | {"id": video.id}))
    listing = at(f"videos?part=snippet&id={video.id}", "videos")
    settler = Settler(TUBE, SITE, known, lambda: f"uuid-{next(NUMBERS)}")
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(shown.body) + shown.body
    purpose = ask_page(listing, listing.request, "1", 1).purpose
    seen = Exchange("lane", 1, listing.request.url, "2026-11-20T09:00:00.000000Z", b"", raw,
                    purpose=dict(purpose))  # fmt: skip
    settler.take(seen, read(TUBE, SITE, seen))
    assert [one.native_id for _, one in settler.drain().observations] == [video.id]
    assert settled(scene, [tombstone], known) == []
