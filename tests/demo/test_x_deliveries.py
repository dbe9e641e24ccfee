"""What the stand-in X sends and what its listings show, settled together, without a network."""

from __future__ import annotations

import json
from base64 import b64encode
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from archiver.capture.connector import Site
from archiver.capture.delivery import Delivery, Verified
from archiver.capture.known import LIVE, Known
from archiver.capture.platforms.x import X
from archiver.capture.purposes import ask_page
from archiver.capture.reading import Answer, Ask, read
from archiver.capture.session import Session
from archiver.capture.settling import Settler
from archiver.demo.answer import Asked
from archiver.demo.x.api import XApi
from archiver.demo.x.hooks import Hooks, Sent
from archiver.demo.x.seed import Square
from archiver.demo.x.tokens import CONSUMER_SECRET
from archiver.demo.x.truth import truth
from archiver.formats.parquet import canonical_time
from archiver.record import Exchange

if TYPE_CHECKING:
    from archiver.record import Observation

BASE = "http://x.test"
SITE = Site("city-x", f"{BASE}/Quillwater", authorised=True)
SECRETS = {"consumer_secret": CONSUMER_SECRET}
ONLY_TOLD = ("/delivery", "repost/", "like-event/", "/update/")
"""Ids of what only events tell."""


class Desk:
    """The stand-in, what it sends, and what is known of it."""

    def __init__(self) -> None:
        self.network = Square()
        self.sent: list[Sent] = []
        Hooks(self.network, CONSUMER_SECRET, BASE, self.sent.append)
        self.seen: list[Observation] = []
        self._api = XApi(self.network, most=40)
        self._connector = X()
        self._known = Known({}, bytes(32))
        self._number = 0
        tokens = self._api.tokens
        proof = b64encode(f"{tokens.client}:{tokens.secret}".encode()).decode()
        fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        headers = {"authorization": f"Basic {proof}"}
        body = urlencode(fields).encode()
        answer = tokens.answer(Asked("POST", "/2/oauth2/token", BASE, headers, body))
        self._headers = {"authorization": f"Bearer {json.loads(answer.body)['access_token']}"}

    def deliver(self, *sent: Sent) -> None:
        """Settle what was sent, in this order, as genuine."""
        listing = self._connector.deliveries(SITE)
        settler = self._settler()
        for one in sent:
            told = self._connector.verify_webhook(Delivery(*one), SECRETS, self.network.now)
            assert isinstance(told, Verified)
            self._settle(settler, ask_page(listing, listing.request, "1", 1), 200, one.body)
        self.seen += [one for _, one in settler.drain().observations]

    def capture(self, mode: str = "backfill") -> None:
        """Settle what listings show."""
        settler = self._settler()
        session = Session(self._connector, SITE, settler, mode)
        asking = session.run()
        try:
            ask = next(asking)
            while True:
                target = ask.request.url.removeprefix(BASE)
                given = self._api.answer(Asked("GET", target, BASE, self._headers))
                assert given is not None
                ask = asking.send(self._settle(settler, ask, given.status, given.body))
        except StopIteration:
            pass
        assert session.incomplete == {}
        self.seen += [one for _, one in settler.drain().observations]

    def there(self) -> set[tuple[str, str]]:
        """Return what is known to be there, but for what only events tell."""
        found = {thing for thing, one in self._known.items() if one.state in LIVE}
        return {one for one in found if not any(told in one[1] for told in ONLY_TOLD)}

    def kinds(self, stream: str, native_id: object) -> list[str]:
        """Return how a thing was observed, in order."""
        own = [one for one in self.seen if (one.stream, one.native_id) == (stream, str(native_id))]
        return [str(one.kind) for one in own]

    def _settler(self) -> Settler:
        def uuid() -> str:
            self._number += 1
            return f"00000000-0000-4000-8000-{self._number:012}"

        return Settler(self._connector, SITE, self._known, uuid)

    def _settle(self, settler: Settler, ask: Ask, status: int, body: bytes) -> Answer:
        self._number += 1
        kind = "image/png" if urlsplit(ask.request.url).path.endswith(".png") else "video/mp4"
        kind = "application/json" if body[:1] == b"{" else kind
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        exchange = Exchange(
            "lane", self._number, ask.request.url, canonical_time(self.network.now), b"",
            head.encode() + body, purpose=ask.purpose,
        )  # fmt: skip
        reading = read(self._connector, SITE, exchange)
        assert reading.residue == ()
        return Answer(reading, settler.take(exchange, reading))


def wanted(network: Square) -> set[tuple[str, str]]:
    """Return everything that X shows the city."""
    return {(str(stream), name) for stream, things in truth(network).items() for name in things}


@pytest.fixture
def desk() -> Desk:
    """A desk on which the months before were captured."""
    made = Desk()
    made.capture()
    return made


def test_listings_find_nothing_new_in_what_was_delivered(desk: Desk) -> None:
    """Posts, comments, relations are one record each, however they came."""
    before = len(desk.seen)
    told = desk.network.change()
    desk.deliver(*desk.sent)
    delivered = len(desk.seen)
    desk.capture()
    assert desk.there() >= wanted(desk.network)
    later = {(one.stream, one.native_id): str(one.kind) for one in desk.seen[delivered:]}
    for one in desk.seen[before:delivered]:
        if (one.stream, one.native_id) in later and one.stream in {"posts", "comments"}:
            # What an event says is gone is absent, until X says so itself.
            assert (one.kind, later[one.stream, one.native_id]) == ("absent", "deleted")
    for stream in ("posts", "comments"):
        for name, kind in told[stream].items():
            if "/" not in name:
                assert desk.kinds(stream, name)[-1] == kind


@pytest.mark.parametrize("seed", range(4))
def test_late_doubled_and_shuffled_deliveries_end_in_the_same(desk: Desk, seed: int) -> None:
    """Whatever order they come in: listings then show what there is, and it stays so."""
    chance = Random(seed)
    desk.network.change()
    sent = [*desk.sent, *chance.sample(desk.sent, len(desk.sent) // 2)]
    chance.shuffle(sent)
    desk.deliver(*sent[: len(sent) // 2])
    desk.capture()
    desk.deliver(*sent[len(sent) // 2 :])
    desk.capture()
    desk.capture()
    assert desk.there() >= wanted(desk.network)
    count = len(desk.seen)
    desk.capture()
    assert {str(one.kind) for one in desk.seen[count:]} <= {"listing"}


def test_what_came_and_went_between_two_captures_is_there(desk: Desk) -> None:
    """A post, its edit and its deletion within minutes: each state is in the archive."""
    network, city = desk.network, desk.network.city.id
    post = network.post(city, "Boil your water!")
    network.edit(post.id, "Boil your water on Elm Street!")
    network.delete(post.id)
    network.describe("Hacked!")
    network.describe("News from city hall")
    network.relate("follow", network.residents[13], city)
    network.unrelate("follow", network.residents[13], city)
    desk.deliver(*desk.sent)
    assert desk.kinds("posts", post.id) == ["present", "edited"]
    texts = [one.row.get("text") for one in desk.seen if one.native_id == str(post.id)]
    assert texts == ["Boil your water!", "Boil your water on Elm Street!"]
    assert desk.kinds("posts", post.last.id) == ["absent"]  # the event names the last version
    assert desk.kinds("subscribers", f"follower/{network.residents[13]}") == ["present", "absent"]
    changes = [one.row["text"] for one in desk.seen if "/update/" in one.native_id]
    assert changes == ["Hacked!", "News from city hall"]
    desk.capture()
    assert desk.kinds("posts", post.id) == ["present", "edited", "deleted"]


def test_messages_are_kept_in_both_forms(desk: Desk) -> None:
    """As it was delivered, and as the listing shows it: neither is an edit of the other."""
    letter = desk.network.letter(desk.network.residents[2], desk.network.city.id, "And my drain?")
    desk.deliver(*desk.sent)
    desk.capture()
    assert desk.kinds("messages", letter.id) == ["present"]
    assert desk.kinds("messages", f"{letter.id}/delivery") == ["present"]
